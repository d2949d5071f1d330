"""Who reads what is written about customers on pages that everybody in the house opens.

Doors by which words of collection come onto a customer's page:
    what the customer writes on a channel, a file sent, an answer by e-mail, an e-mail of the shop,
    a promise and what became of it, a reason for not paying, an agreement asked for, made or taken
    back, a private link, a letter's fate, a new number heard from the network, a to-do that quotes
    the customer, a to-do of the work list, money without a debt; on a contract: an extension asked
    for with its reason.
Doors by which they are read:
    messages (search, read, count, groups), to-dos (same), the lists of both on the record, a
    search for customers by the words said about them, the next to-do as a field of the page, the
    calendar of promises, what a to-do leaves when it is done, files
    (the original and the copy that is shown), Odoo's notifications to followers.
    Records with words of their own: messages, answers and conversations, promises, reasons for not
    paying, the words that consent was given with; each by search, count, groups, read and through
    the customer's own lists of them.
Doors by which they are changed:
    write and unlink of messages, Odoo's own editing of messages, writing and deleting of files.
"""

import ast
from datetime import timedelta
from pathlib import Path

from markupsafe import Markup

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user

import odoo.addons.optica_cobranca as addon
from odoo.addons.optica_cobranca.models.desk.mail_message import MARKED

from tests.inbox.test_inbox import InboxCommon

ADDON = Path(addon.__file__).parent
WORDS = "perdi o emprego"
# Pages with rights of their own, or without customers: what is noted there is theirs.
OWN_PAGES = {
    "models/agreement/crediario_agreement_apply.py",
    "models/agreement/crediario_agreement_customer.py",
    "models/claims/dunning_dispute.py",
    "models/claims/dunning_promise_evaluation.py",
    "models/crediario/account_move_kept_terms.py",
    "models/crediario/crediario_plan.py",
    "models/ladder/dunning_notice_decide.py",
    "models/optics/optica_service_order.py",
    "models/optics/optica_service_order_message.py",
    "models/pix/pix_charge.py",
    "models/pix/pix_payment_settle.py",
    "models/receiving/crediario_extension.py",
    "models/receiving/crediario_receipt.py",
    "models/recovery/dunning_bureau_steps.py",
    "models/recovery/dunning_export.py",
    "models/recovery/dunning_letter.py",
    "models/recovery/dunning_notice_steps.py",
    "wizards/optics/optica_service_step.py",
    # Managers' to-dos on gateways and accounts; the rule itself.
    "models/shop/res_company.py",
    "models/shop/collection_words.py",
}
# How fields are called in which customers speak, or somebody writes down what they said.
NAMES_OF_WORDS = {
    "body",
    "description",
    "last_text",
    "note",
    "payer_message",
    "proof",
    "raw",
    "reason",
    "resolution",
    "text",
}
# What is written there is about the shop, its goods and its calendar.
WITHOUT_CUSTOMERS = {
    "contact.blocked.date",
    "contact.gateway.template",
    "contact.template",
    "crediario.closed.day",
    "crediario.plan",
    "crediario.terms",
    "dunning.dispute.reason",
    "dunning.level",
    "dunning.policy",
    "optica.service.order",
}
TELLING = {
    "message_post",
    "message_notify",
    "activity_schedule",
    "_message_log",
    "_message_log_batch",
    "message_post_with_source",
}


class TestCollectionWords(InboxCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        here = {"company_id": cls.company.id, "company_ids": [Command.set(cls.company.ids)]}
        cls.plain = new_test_user(
            cls.env, "words.plain", "base.group_user,base.group_partner_manager", **here
        )
        cls.bookkeeper = new_test_user(
            cls.env, "words.books", "account.group_account_manager", **here
        )
        cls.seller = new_test_user(cls.env, "words.seller", "optica_cobranca.group_seller", **here)
        cls.other_seller = new_test_user(
            cls.env, "words.other", "optica_cobranca.group_seller", **here
        )
        cls.collector = new_test_user(
            cls.env, "words.collector", "optica_cobranca.group_collector", **here
        )
        cls.abroad = new_test_user(cls.env, "words.abroad", "optica_cobranca.group_collector")
        cls.abroad.write(
            {
                "company_ids": [Command.link(cls.env["res.company"].create({"name": "O"}).id)],
            }
        )
        cls.abroad.company_id = cls.abroad.company_ids - cls.company
        cls.abroad.company_ids = cls.abroad.company_id

    def setUp(self):
        super().setUp()
        self.late = self.make_late("Rita", user_id=self.seller.id, email="rita@example.com")
        self.before = self.late.message_ids
        self.write_in(f"Não posso, {WORDS}")

    def words_of(self, user, partner=None):
        """Messages that a user reads on the customer's page and that are about collection."""
        partner = partner or self.late
        self.env.invalidate_all()
        return partner.with_user(user).message_ids - self.before.with_user(user)

    def test_words_are_shown_to_the_roles_alone(self):
        self.assertIn(WORDS, self.words_of(self.collector).mapped("body")[0])
        self.assertIn(WORDS, self.words_of(self.seller).mapped("body")[0])
        for user in (self.plain, self.bookkeeper, self.other_seller, self.abroad):
            with self.subTest(user=user.login):
                self.assertFalse(self.words_of(user))

    def test_every_way_of_reading_messages(self):
        message = self.words_of(self.collector).sudo()
        self.assertEqual(len(message), 1)
        mine = [("id", "in", message.ids)]
        for user in (self.plain, self.bookkeeper, self.other_seller):
            with self.subTest(user=user.login):
                messages = self.env["mail.message"].with_user(user)
                self.env.invalidate_all()
                with self.assertRaises(AccessError):
                    messages.browse(message.id).read(["body"])
                with self.assertRaises(AccessError):
                    messages.browse(message.id).export_data(["body"])
                self.assertEqual(messages.search_count(mine), 0)
                self.assertEqual(messages.search_read(mine, ["body"]), [])
                self.assertEqual(messages._read_group(mine, ["body"], ["__count"]), [])
                fetched = messages._message_fetch(None, thread=self.late.with_user(user))
                self.assertNotIn(message.id, fetched["messages"].ids)
                self.assertEqual(
                    messages._message_fetch(
                        None, thread=self.late.with_user(user), search_term="emprego"
                    )["count"],
                    0,
                )

    def test_no_search_for_customers_by_what_was_said(self):
        asked = [("message_ids.body", "ilike", WORDS)]
        for user, found in (
            (self.plain, 0),
            (self.bookkeeper, 0),
            (self.other_seller, 0),
            (self.seller, 1),
            (self.collector, 1),
        ):
            with self.subTest(user=user.login):
                self.assertEqual(self.env["res.partner"].with_user(user).search_count(asked), found)

    def test_a_conversation_that_is_assigned_shows_its_words(self):
        self.threads.action_assign(self.other_seller.id)
        self.assertTrue(self.words_of(self.other_seller))

    def test_words_stay_as_they_were_said(self):
        message = self.words_of(self.collector).sudo()
        for user in (self.plain, self.seller, self.collector, self.user):
            with self.subTest(user=user.login):
                own = message.with_user(user)
                with self.assertRaises(AccessError):
                    own.write({"body": "Pago amanhã"})
                with self.assertRaises(AccessError):
                    own.unlink()
                with self.assertRaises(UserError):
                    self.late.with_user(user)._message_update_content(own.sudo(), body="Pago")
        self.assertIn(WORDS, message.body)

    def test_todos_quote_customers_to_the_roles_alone(self):
        self.late._ask_collection(self.company, summary="Ask", note=WORDS, user_id=self.seller.id)
        activity = self.late.activity_ids
        for user, seen in ((self.collector, 1), (self.seller, 1), (self.plain, 0)):
            with self.subTest(user=user.login):
                self.env.invalidate_all()
                todos = self.env["mail.activity"].with_user(user)
                self.assertEqual(todos.search_count([("id", "=", activity.id)]), seen)
                self.assertEqual(len(self.late.with_user(user).activity_ids), seen)
                self.env.invalidate_all()
                [row] = self.late.with_user(user).read(["activity_summary"])
                self.assertEqual(row["activity_summary"], "Ask" if seen else False)
                people = self.env["res.partner"].with_user(user)
                self.assertEqual(people.search_count([("activity_ids.note", "ilike", WORDS)]), seen)
                if not seen:
                    with self.assertRaises(AccessError):
                        todos.browse(activity.id).read(["note"])
                    with self.assertRaises(AccessError):
                        todos.browse(activity.id).write({"note": "x"})
                    with self.assertRaises(AccessError):
                        todos.browse(activity.id).action_feedback("done")
        read = self.words_of(self.plain)
        activity.with_user(self.seller).action_feedback(f"She said: {WORDS}")
        self.assertIn(WORDS, self.words_of(self.collector)[0].body)
        self.assertEqual(self.words_of(self.plain), read)

    def test_answers_by_email_and_what_followers_hear(self):
        follower = self.plain.partner_id
        self.late.message_subscribe(follower.ids)
        answer = self.late.message_post(
            body=Markup("<p>%s</p>") % WORDS,
            message_type="email",
            author_id=self.late.id,
            email_from=self.late.email,
            subtype_xmlid="mail.mt_comment",
        )
        self.assertFalse(answer.notification_ids)
        self.assertNotIn(answer, self.words_of(self.plain).sudo())
        self.assertIn(answer, self.words_of(self.seller).sudo())

    def test_answers_from_an_address_that_nobody_knows(self):
        """What is answered to words of collection is one of them, whoever answers."""
        asked = self.late._tell_collection(self.company, WORDS)
        answer = self.late.message_post(
            body=WORDS,
            message_type="email",
            author_id=False,
            email_from="unknown@example.com",
            parent_id=asked.id,
            optica_sender_unproven=True,
        )
        self.assertNotIn(answer, self.words_of(self.plain).sudo())
        self.assertIn(answer, self.words_of(self.collector).sudo())

    def test_answers_on_the_page_of_a_notice(self):
        notice = self.make_notice(self.late)
        answer = notice.message_post(
            body=WORDS, message_type="email", author_id=self.late.id, email_from=self.late.email
        )
        self.assertEqual(answer.optica_customer_id, self.late)
        for user, seen in ((self.seller, True), (self.other_seller, False)):
            with self.subTest(user=user.login):
                self.env.invalidate_all()
                self.assertEqual(answer in notice.with_user(user).message_ids.sudo(), seen)

    def test_emails_of_the_shop(self):
        mail = self.env["mail.mail"].create(
            self.env["contact.message"]._mail_values(self.verdict_of_email())
        )
        self.assertNotIn(mail.mail_message_id, self.words_of(self.plain).sudo())
        self.assertIn(mail.mail_message_id, self.words_of(self.collector).sudo())

    def verdict_of_email(self):
        """What the dispatcher hands over for one e-mail."""
        message = self.queue(self.late)

        class Verdict:
            pass

        verdict, outgoing = Verdict(), Verdict()
        outgoing.subject, outgoing.text, outgoing.to = "Parcela", f"<p>{WORDS}</p>", "r@example.com"
        verdict.message, verdict.outgoing, verdict.gateway = message, outgoing, self.gateway
        return verdict

    # ------------------------------------------- records with rights of their own

    def said(self, partner):
        """{model: what is written of this customer that only who is in charge reads}."""
        day = fields.Date.today() + timedelta(days=2)
        registered = self.env["dunning.promise"].with_user(self.collector)
        promise = registered._register_promise(
            partner.with_user(self.collector), self.company.with_user(self.collector), day
        )
        reason = self.env["dunning.dispute.reason"].search([("is_health", "=", False)], limit=1)
        dispute = (
            self.env["dunning.dispute"]
            .with_user(self.collector)
            ._register_dispute(
                partner.with_user(self.collector),
                self.company.with_user(self.collector),
                reason,
                description=WORDS,
            )
        )
        answer = self.env["contact.message"].create(
            {
                "company_id": self.company.id,
                "partner_id": partner.id,
                "purpose": "service",
                "channel": "whatsapp",
                "state": "sent",
                "body": WORDS,
            }
        )
        consent = self.env["contact.consent"]._record_wishes(
            partner, {("offers", "whatsapp"): False}, "reply", proof=WORDS
        )
        return {
            "dunning.promise": promise,
            "dunning.dispute": dispute,
            "contact.message": self.queue(partner) | answer,
            "contact.consent": consent,
            "contact.thread": self.env["contact.thread"].search([("partner_id", "=", partner.id)]),
        }

    def read_by(self, user, records):
        """Whether a user reads these records, which every door must answer alike."""
        self.env.invalidate_all()
        model = self.env[records._name].with_user(user)
        mine = [("id", "in", records.ids)]
        found = len(model.search(mine))
        self.assertEqual(model.search_count(mine), found)
        self.assertEqual(len(model.search_read(mine, ["id"])), found)
        [(count,)] = model._read_group(mine, [], ["__count"])
        self.assertEqual(count, found)
        if found:
            model.browse(records.ids).read(["partner_id"])
        else:
            with self.assertRaises(AccessError):
                model.browse(records.ids).read(["partner_id"])
        self.assertIn(found, (0, len(records)))
        return bool(found)

    def test_words_on_records_are_read_by_who_is_in_charge(self):
        said = self.said(self.late)
        for name, records in said.items():
            for user, expected in (
                (self.seller, True),
                (self.collector, True),
                (self.other_seller, False),
                (self.abroad, "company_id" not in records._fields),
            ):
                with self.subTest(model=name, user=user.login):
                    self.assertEqual(self.read_by(user, records), expected)
            for user in (self.plain, self.bookkeeper):
                with self.subTest(model=name, user=user.login), self.assertRaises(AccessError):
                    records.with_user(user).read(["partner_id"])

    def test_words_of_a_customer_are_not_found_by_way_of_the_customer(self):
        self.said(self.late)
        for path in (
            "dunning_promise_ids.amount",
            "dunning_dispute_ids.description",
            "contact_message_ids.body",
            "contact_thread_ids.last_text",
        ):
            asked = [("id", "=", self.late.id), (path, "!=", False)]
            for user, found in ((self.other_seller, 0), (self.seller, 1), (self.collector, 1)):
                with self.subTest(path=path, user=user.login):
                    people = self.env["res.partner"].with_user(user)
                    self.assertEqual(people.search_count(asked), found)
        self.env.invalidate_all()
        seen = self.late.with_user(self.other_seller)
        self.assertFalse(seen.dunning_promise_ids | seen.dunning_promise_ids)
        self.assertFalse(seen.dunning_dispute_ids)
        self.assertEqual((seen.promise_count, seen.promise_summary), (0, ""))
        self.assertEqual(self.late.with_user(self.seller).promise_count, 1)

    def test_a_conversation_that_is_assigned_brings_the_records_along(self):
        said = self.said(self.late)
        self.threads.action_assign(self.other_seller.id)
        for name, records in said.items():
            with self.subTest(model=name):
                self.assertTrue(self.read_by(self.other_seller, records))

    def test_sellers_see_what_they_sent_and_what_is_no_collection(self):
        service = self.make_template("Ready", "Ready. {{shop_identity}}", purpose="service")
        ready, own = self.queue(self.late, service), self.queue(self.late)
        own.author_id = self.other_seller
        self.assertTrue(self.read_by(self.other_seller, ready | own))

    def test_templates_tell_promises_to_who_is_in_charge(self):
        """A template filled in for a customer names what was promised and what is owed."""
        self.said(self.late)
        template = self.env["contact.template"].create(
            {
                "name": "Promised",
                "purpose": "collection",
                "whatsapp_body": "Combinamos {{promise_amount}}. {{shop_identity}}",
            }
        )
        about = {"active_model": "res.partner", "active_ids": self.late.ids}
        for user, sees in ((self.other_seller, False), (self.seller, True), (self.collector, True)):
            with self.subTest(user=user.login):
                sending = self.env["contact.send"].with_user(user).with_context(**about)
                sending = sending.create({"template_id": template.id})
                self.assertEqual("Combinamos" in (sending.whatsapp_preview or ""), sees)
                preview = self.env["contact.template.preview"].with_user(user)
                preview = preview.create({"template_id": template.id, "partner_id": self.late.id})
                self.assertEqual("Combinamos" in (preview.whatsapp_preview or ""), sees)
                self.assertTrue(preview.fate)
                if sees:
                    self.assertTrue(sending.action_send())
                else:
                    with self.assertRaises(AccessError):
                        sending.action_send()

    def test_the_calendar_tells_sellers_no_promises(self):
        promise = self.said(self.late)["dunning.promise"]
        asked = [("kind", "=", "promise_due"), ("partner_id", "=", self.late.id)]
        first, last = promise.date - timedelta(days=3), promise.date + timedelta(days=3)
        for user, found in ((self.other_seller, 0), (self.seller, 0), (self.collector, 1)):
            with self.subTest(user=user.login):
                calendar = self.env["optica.occurrence"].with_user(user)
                self.assertEqual(calendar.search_count(asked), found)
                shown = calendar.load_calendar(asked, str(first), str(last), "month", ["kind"])
                self.assertEqual(len(shown["records"]), found)

    def test_every_model_with_words_shows_them_to_who_is_in_charge(self):
        """A model that all sellers read keeps words of customers from them, or the whole row."""
        models = set(self.env.registry) - WITHOUT_CUSTOMERS
        ruled = self.env["ir.rule"].search(
            [("groups", "in", self.env.ref("optica_cobranca.group_seller").id)]
        )
        by_rule = set(ruled.model_id.mapped("model")) | {"mail.message", "mail.activity"}
        shown = set()
        for name in models - by_rule:
            model = self.env[name].with_user(self.seller)
            if model._transient or model._abstract or not model.has_access("read"):
                continue
            shown |= {
                f"{name}.{field.name}"
                for field in model._fields.values()
                if field._module == "optica_cobranca"
                and field.store
                and field.name in NAMES_OF_WORDS
                and model._has_field_access(field, "read")
            }
        self.assertEqual(shown, set())
        for name, field in (
            ("dunning.notice", "reason"),
            ("pix.refund", "reason"),
            ("crediario.extension", "reason"),
            ("crediario.agreement", "note"),
            ("dunning.hold", "reason"),
            ("pix.payment", "payer_message"),
        ):
            model = self.env[name]
            for user, sees in ((self.seller, False), (self.plain, False), (self.collector, True)):
                with self.subTest(field=f"{name}.{field}", user=user.login):
                    access = model.with_user(user)._has_field_access(model._fields[field], "read")
                    self.assertEqual(access, sees)

    # ------------------------------------------------- told before there was a mark

    def test_what_was_told_before_is_marked_once(self):
        """As an older version left it: nothing is marked."""
        todo = self.late._ask_collection(self.company, summary="Ask", note=WORDS)
        stranger = self.make_customer("Nobody's debtor")
        plain = stranger.message_post(body="From another program")
        comment = self.late.with_user(self.plain).message_post(
            body="Prefers blue", message_type="comment"
        )
        told = self.words_of(self.collector).sudo() - comment
        written = self.late.message_post(body=WORDS, message_type="comment", author_id=self.late.id)
        self.assertTrue(told)
        for records in (told, todo):
            records.write({"optica_customer_id": False, "optica_company_id": False})
        self.assertLessEqual(told, self.words_of(self.plain).sudo())
        self.env["ir.config_parameter"].set_param(MARKED, False)
        self.env["mail.message"]._mark_words_of_before()
        self.assertEqual((told | written).optica_customer_id, self.late)
        self.assertEqual((told | written).optica_company_id, self.company)
        self.assertEqual(todo.optica_customer_id, self.late)
        self.assertFalse((plain | comment).optica_customer_id)
        self.assertEqual(self.words_of(self.plain).sudo(), comment)
        told.write({"optica_customer_id": False})
        self.env["mail.message"]._mark_words_of_before()
        self.assertFalse(told.optica_customer_id, "once in a database")

    def test_plain_words_on_the_page_are_everybodys(self):
        note = self.late.with_user(self.plain).message_post(body="Prefers blue frames")
        for user in (self.plain, self.bookkeeper, self.seller, self.collector):
            self.assertIn(note.id, self.words_of(user).ids)

    def test_all_doors_of_the_addon_are_known(self):
        """Who tells something on a page does it by the rule, or on a page with its own rights."""
        found = set()
        for path in sorted(ADDON.rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Attribute) and node.attr in TELLING:
                    found.add(path.relative_to(ADDON).as_posix())
        self.assertEqual(found, OWN_PAGES)

    def test_limits_of_the_company_are_read_by_roles_alone(self):
        ours = {
            name
            for name, field in self.env["res.company"]._fields.items()
            if "optica_cobranca" in (field._modules or ()) and field.store
        }
        read_by_all = {name for name in ours if not self.env["res.company"]._fields[name].groups}
        self.assertLessEqual(
            {
                "waive_limit_percent",
                "agreement_max_installments",
                "agreement_min_down_percent",
                "self_service_max_debt",
                "self_service_broken_promises",
                "bureau_adapter",
                "bureau_min_days_late",
                "bureau_waiting_days",
                "agency_min_days_late",
                "rating_a_points",
                "promise_tolerance_days",
            },
            ours - read_by_all,
        )
        self.assertEqual(
            {
                name
                for name in read_by_all
                if any(
                    part in name
                    for part in ("limit", "percent", "bureau", "agency", "min_", "max_", "rating")
                )
            },
            set(),
        )
        portal = new_test_user(self.env, "words.portal", "base.group_portal")
        for user in (self.plain, portal):
            for name in ("waive_limit_percent", "bureau_waiting_days", "self_service_max_debt"):
                with self.subTest(user=user.login, field=name), self.assertRaises(AccessError):
                    self.company.with_user(user).read([name])
        self.assertTrue(self.company.with_user(self.seller).read(["waive_limit_percent"]))
