"""What customers said, sent and agreed to stands as it was said, and whatever is changed is found.

Originals: inbound events, their files, photos of disputes, acceptances, consents, contacts by
persons, promises, disputes. Doors by which they would be changed: ``write`` and ``unlink`` of the
original (by each role and by the system), its list of files (taking one out, putting another's
in), the file itself (name, content, owner, visibility, deletion), the copies in the chatter (see
``test_collection_words``), values of the context, and the database itself, which is what the chain
is for: a changed original, a changed link, one taken out, one put in.
Doors by which reminders are stopped for good: form, list, import and default of the customer's
exclusion and ladder, of orders and of contracts.
"""

from datetime import date

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, new_test_user

from odoo.addons.optica_cobranca.domain.shop.evidence_chain import Break
from odoo.addons.optica_cobranca.models.shop import optica_evidence

from tests.inbox.test_inbox import InboxCommon
from tests.messaging.common import NOON

PHOTO = b"\xff\xd8\xff\xe0 broken hinge"


class EvidenceCommon(InboxCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        here = {"company_id": cls.company.id, "company_ids": [Command.set(cls.company.ids)]}
        cls.roles = {
            role: new_test_user(cls.env, f"proof.{role}", f"optica_cobranca.group_{role}", **here)
            for role in ("seller", "collector", "manager")
        }
        cls.everybody = (*cls.roles.values(), cls.env.ref("base.user_admin"))

    def setUp(self):
        super().setUp()
        # What the template's database brought along is in the chain already.
        self.seal()
        self.rita = self.make_late("Rita", user_id=self.roles["seller"].id)

    @property
    def evidence(self):
        return self.env["optica.evidence"].sudo()

    def seal(self):
        while self.evidence._seal(self.company):
            pass

    def verify(self):
        self.env.flush_all()
        return self.evidence._verify(self.company)

    def broken(self):
        found = self.verify()["broken"]
        return found and (found["model"], found["res_id"], found["kind"])

    def dispute(self, description="The hinge broke"):
        with freeze_time(NOON):
            return self.env["dunning.dispute"]._register_dispute(
                self.rita,
                self.company,
                self.env.ref("optica_cobranca.dispute_reason_defect"),
                description=description,
            )

    def upload(self, user, name="photo.jpg", content=PHOTO, **values):
        """A file as the field of files puts it up."""
        values = {"res_model": "dunning.dispute", "res_id": 0, **values}
        files = self.env["ir.attachment"].with_user(user)
        return files.create({"name": name, "raw": content, **values})

    def tamper(self, query, *values):
        """As somebody with the database's password would."""
        self.env.flush_all()
        self.env.cr.execute(query, values)
        self.env.invalidate_all()


class TestOriginals(EvidenceCommon):
    def test_words_of_a_dispute_are_not_rewritten(self):
        dispute = self.dispute()
        for user in self.everybody:
            for values in ({"description": "Nothing"}, {"origin": "portal"}, {"amount": 1.0}):
                with (
                    self.subTest(user=user.login, **values),
                    self.assertRaises(UserError),
                ):
                    dispute.with_user(user).write(values)
            with self.subTest(user=user.login), self.assertRaises(UserError):
                dispute.with_user(user).unlink()
        self.assertEqual(dispute.description, "The hinge broke")

    def test_files_of_a_dispute_are_added_and_stay(self):
        dispute, collector = self.dispute(), self.roles["collector"]
        mine = dispute.with_user(collector)
        mine.attachment_ids = [Command.link(self.upload(collector).id)]
        mine.attachment_ids = [
            Command.set([*dispute.attachment_ids.ids, self.upload(collector, "second.jpg").id])
        ]
        self.assertEqual(dispute.attachment_ids.mapped("name"), ["photo.jpg", "second.jpg"])
        first = dispute.attachment_ids.sorted("id")[0]
        for commands in (
            [Command.unlink(first.id)],
            [Command.delete(first.id)],
            [Command.clear()],
            [Command.set([])],
            [Command.update(first.id, {"name": "x"})],
        ):
            with self.subTest(commands=commands), self.assertRaisesRegex(UserError, "stay"):
                mine.write({"attachment_ids": commands})
        self.assertEqual(len(dispute.attachment_ids), 2)

    def test_a_kept_file_is_not_changed_moved_or_deleted(self):
        dispute, collector = self.dispute(), self.roles["collector"]
        dispute.with_user(collector).attachment_ids = [Command.link(self.upload(collector).id)]
        file = dispute.attachment_ids
        for who in (file.with_user(collector), file.with_user(self.everybody[-1]), file.sudo()):
            for values in (
                {"name": "other.jpg"},
                {"raw": b""},
                {"datas": b"AAAA"},
                {"db_datas": b"AAAA"},
                {"res_id": 0},
                {"res_model": "res.partner", "res_id": self.rita.id},
                {"public": True},
                {"type": "url", "url": "https://example.com"},
                {"mimetype": "text/html"},
            ):
                with self.subTest(who=who.env, values=values), self.assertRaises(UserError):
                    who.write(values)
            with self.subTest(who=who.env), self.assertRaises(UserError):
                who.unlink()
        file.sudo().write({"raw": PHOTO, "mimetype": file.mimetype})
        self.assertEqual((file.raw, file.res_id), (PHOTO, dispute.id))

    def test_anothers_file_is_copied_and_stays_where_it_belongs(self):
        dispute, collector = self.dispute(), self.roles["collector"]
        theirs = self.env["ir.attachment"].create(
            {"name": "id.jpg", "raw": b"id", "res_model": "res.partner", "res_id": self.rita.id}
        )
        dispute.with_user(collector).attachment_ids = [Command.link(theirs.id)]
        self.assertEqual((theirs.res_model, theirs.res_id), ("res.partner", self.rita.id))
        own = dispute.attachment_ids
        self.assertNotEqual(own, theirs)
        self.assertEqual((own.raw, own.res_model, own.res_id), (b"id", dispute._name, dispute.id))
        hidden = self.env["ir.attachment"].create(
            {"name": "h", "raw": b"h", "res_model": "contact.gateway", "res_id": self.gateway.id}
        )
        hidden.res_model = "res.company.ldap.of.tests"
        with self.assertRaises(AccessError):
            dispute.with_user(collector).attachment_ids = [Command.link(hidden.id)]

    def test_proof_of_payment_stays(self):
        """The original lies with what was said; the customer's page shows a copy."""
        event = self.write_in("Paguei")
        event.media = {"id": "1", "mime_type": "image/jpeg", "filename": None, "url": None}

        class Found:
            mime_type, content = "image/jpeg", PHOTO

        event._keep_file(Found)
        original = event.attachment_id
        shown = self.rita.message_ids.attachment_ids
        self.assertEqual((shown.raw, original.raw), (PHOTO, PHOTO))
        self.assertNotEqual(shown, original)
        for user in self.everybody:
            for file in (original, shown):
                with (
                    self.subTest(user=user.login, file=file.id),
                    self.assertRaises(UserError),
                ):
                    file.with_user(user).unlink()
                with (
                    self.subTest(user=user.login, file=file.id),
                    self.assertRaises(UserError),
                ):
                    file.with_user(user).write({"raw": b""})
        with self.assertRaises(UserError):
            original.sudo().unlink()

    def test_consent_by_hand_is_the_clerks_now_and_their_own(self):
        customer = new_test_user(self.env, "proof.portal", "base.group_portal")
        for user in self.everybody:
            with freeze_time(NOON):
                consents = self.env["contact.consent"].with_user(user)
                consent = consents.with_context(default_source="contract").create(
                    {
                        "partner_id": self.rita.id,
                        "decision": "opt_in",
                        "source": "portal",
                        "date": "2020-01-01 00:00:00",
                        "user_id": customer.id,
                    }
                )
            self.assertEqual(
                (consent.source, str(consent.date), consent.user_id), ("clerk", NOON, user)
            )
            with self.assertRaises(UserError):
                consent.write({"source": "portal"})

    def test_evidence_itself_has_one_writer(self):
        self.write_in("Bom dia")
        row = self.evidence.search([], limit=1)
        for rows in (row, *(row.with_user(user) for user in self.everybody)):
            for attempt in (
                lambda rows: rows.write({"digest": "x"}),
                lambda rows: rows.unlink(),
                lambda rows: rows.create({"res_model": "x", "res_id": 1}),
            ):
                with self.assertRaises(UserError):
                    attempt(rows)
        for role in ("seller", "collector"):
            with self.assertRaises(AccessError):
                row.with_user(self.roles[role]).read(["digest"])
        with self.assertRaises(AccessError):
            row.with_user(self.roles["manager"]).read(["salt"])


class TestChain(EvidenceCommon):
    def originals(self):
        """One of each kind, by name of the model."""
        event = self.write_in("Paguei ontem")
        dispute = self.dispute()
        collector = self.roles["collector"]
        dispute.with_user(collector).attachment_ids = [Command.link(self.upload(collector).id)]
        with freeze_time(NOON):
            promise = self.env["dunning.promise"]._register_promise(
                self.rita, self.company, date(2026, 2, 20)
            )
            consent = self.env["contact.consent"].create(
                {"partner_id": self.rita.id, "decision": "opt_out", "proof": "By telephone"}
            )
            call = self.env["dunning.call"].create(
                {
                    "company_id": self.company.id,
                    "partner_id": self.rita.id,
                    "user_id": collector.id,
                    "started_at": NOON,
                    "ended_at": NOON,
                    "result": "refuses",
                    "note": "Has no work",
                }
            )
        return event, dispute, dispute.attachment_ids, promise, consent, call

    def test_every_original_is_chained_and_nothing_is_broken(self):
        before = self.verify()
        self.assertIsNone(before["broken"])
        originals = self.originals()
        for original in originals:
            of_original = [("res_model", "=", original._name), ("res_id", "=", original.id)]
            with self.subTest(model=original._name):
                self.assertTrue(self.evidence.search_count(of_original))
        self.assertGreaterEqual(self.verify()["waiting"], len(originals))
        self.seal()
        after = self.verify()
        self.assertIsNone(after["broken"])
        self.assertEqual((after["waiting"], after["unrecorded"]), (0, []))
        self.assertEqual(
            after["count"], before["count"] + self.evidence.search_count([]) - before["count"]
        )

    def test_every_kind_of_evidence_is_known(self):
        self.assertEqual(
            [model._name for model in self.evidence._kept_models()],
            [
                "contact.consent",
                "contact.event",
                "crediario.acceptance",
                "dunning.call",
                "dunning.dispute",
                "dunning.promise",
                "ir.attachment",
            ],
        )

    def test_an_original_changed_in_the_database_is_named(self):
        event, dispute, _file, promise, consent, call = self.originals()
        self.seal()
        for original, column, value in (
            (event, "text", "Não pago"),
            (dispute, "description", "Nothing"),
            (promise, "amount", 1),
            (consent, "decision", "opt_in"),
            (call, "note", None),
        ):
            with self.subTest(model=original._name), self.env.cr.savepoint(flush=False) as point:
                table = original._table
                query = f"UPDATE {table} SET {column} = %s WHERE id = %s"
                self.tamper(query, value, original.id)
                self.assertEqual(self.broken(), (original._name, original.id, Break.CONTENT))
                point.rollback()
            self.env.invalidate_all()
            self.assertIsNone(self.broken())

    def test_an_original_deleted_from_the_database_is_named(self):
        _event, _dispute, file, _promise, consent, _call = self.originals()
        self.tamper("DELETE FROM contact_consent WHERE id = %s", consent.id)
        self.assertEqual(self.broken(), ("contact.consent", consent.id, Break.MISSING))
        self.tamper("DELETE FROM ir_attachment WHERE id = %s", file.id)
        self.assertEqual(self.broken()[2], Break.MISSING)

    def test_links_changed_and_taken_out_are_named(self):
        self.originals()
        self.seal()
        rows = self.evidence.search([("company_id", "=", self.company.id)], order="number desc")
        second, before = rows[1], rows[2]
        with self.env.cr.savepoint(flush=False) as point:
            self.tamper("UPDATE optica_evidence SET digest = 'x' WHERE id = %s", second.id)
            self.assertEqual(self.verify()["broken"]["number"], second.number)
            self.assertEqual(self.broken()[2], Break.HASH)
            point.rollback()
        self.env.invalidate_all()
        self.tamper("DELETE FROM optica_evidence WHERE id = %s", before.id)
        self.assertEqual(self.broken(), (second.res_model, second.res_id, Break.NUMBER))

    def test_an_original_put_in_past_the_program_is_told(self):
        consent = self.originals()[4]
        self.tamper(
            "DELETE FROM optica_evidence WHERE res_model = 'contact.consent' AND res_id = %s",
            consent.id,
        )
        self.assertEqual(self.verify()["unrecorded"], [("contact.consent", consent.ids)])

    def test_what_is_completed_lawfully_breaks_nothing(self):
        _event, dispute, _file, _promise, _consent, call = self.originals()
        self.seal()
        with freeze_time(NOON):
            dispute._close("resolved", "New hinge")
            call.with_user(self.roles["collector"]).note = "Has no work. Calls on Friday."
        self.assertIsNone(self.broken())
        self.seal()
        self.assertIsNone(self.broken())

    def test_sealing_in_batches_makes_one_chain(self):
        self.patch(optica_evidence, "BATCH", 2)
        self.originals()
        self.seal()
        self.assertEqual(self.verify()["waiting"], 0)
        self.assertIsNone(self.broken())
        numbers = self.evidence.search(
            [("company_id", "=", self.company.id)], order="number"
        ).mapped("number")
        self.assertEqual(numbers, list(range(1, len(numbers) + 1)))

    def test_each_company_has_its_own_chain(self):
        other = self.env["res.company"].create({"name": "Other"})
        consents = self.env["contact.consent"].with_company(other)
        consents.create({"partner_id": self.make_customer("Z").id, "decision": "opt_in"})
        while self.evidence._seal(other):
            pass
        report = self.evidence._verify(other)
        self.assertEqual((report["count"], report["broken"]), (1, None))

    def test_the_button_says_what_was_found(self):
        consent = self.originals()[4]
        rows = self.env["optica.evidence"].with_user(self.roles["manager"])
        told = rows.action_verify()["params"]
        self.assertEqual(told["type"], "success")
        self.assertIn("none changed and none missing", told["message"])
        self.tamper("UPDATE contact_consent SET decision = 'opt_in' WHERE id = %s", consent.id)
        told = rows.action_verify()["params"]
        self.assertEqual(told["type"], "danger")
        self.assertIn(f"contact.consent {consent.id}", told["message"])
        with self.assertRaises(AccessError):
            self.env["optica.evidence"].with_user(self.roles["collector"]).action_verify()


class TestLadderChoice(EvidenceCommon):
    def setUp(self):
        super().setUp()
        self.policy = self.env["dunning.policy"].create({"name": "Soft"})

    def told(self, record, words):
        """The one message of the record with these words."""
        found = record.message_ids.filtered(lambda message: words in message.body)
        self.assertEqual(len(found), 1, record.message_ids.mapped("body"))
        return found

    def test_a_seller_stops_no_reminders(self):
        seller = self.roles["seller"]
        rita = self.rita.with_user(seller)
        for values in ({"dunning_excluded": True}, {"dunning_policy_id": self.policy.id}):
            for reason in ({}, {"dunning_choice_reason": "A friend"}):
                with self.subTest(**values), self.assertRaises(AccessError):
                    rita.write({**values, **reason})
            with self.subTest(**values), self.assertRaises(AccessError):
                rita.create({"name": "New", **values})
            defaults = {f"default_{name}": value for name, value in values.items()}
            with self.subTest(**values):
                new = rita.with_context(**defaults).create({"name": "New"})
                self.assertFalse(new.dunning_excluded or new.dunning_policy_id)
        self.assertFalse(self.rita.dunning_excluded or self.rita.dunning_policy_id)
        rita.write({"name": "Rita B.", "dunning_excluded": False})

    def test_a_collector_says_why_and_the_history_tells(self):
        rita = self.rita.with_user(self.roles["collector"])
        for values in (
            {"dunning_excluded": True},
            {"dunning_excluded": True, "dunning_choice_reason": " "},
            {"dunning_policy_id": self.policy.id},
        ):
            with self.subTest(**values), self.assertRaisesRegex(UserError, "why"):
                rita.write(values)
        rita.write({"dunning_excluded": True, "dunning_choice_reason": "Widow of the owner"})
        told = self.told(self.rita, "never reminded. Reason: Widow of the owner")
        self.assertEqual(told.author_id, self.roles["collector"].partner_id)
        self.assertFalse(
            self.env["mail.message"]
            .with_user(new_test_user(self.env, "proof.plain", "base.group_user"))
            .search_count([("id", "=", told.id)])
        )
        with self.assertRaisesRegex(UserError, "why"):
            rita.dunning_excluded = False
        rita.write({"dunning_excluded": False, "dunning_choice_reason": "Sold the shop"})
        self.told(self.rita, "reminded again. Reason: Sold the shop")

    def test_of_a_contract_too(self):
        contract = self.make_invoice("100.00", 1, "2026-03-02", partner=self.rita)
        with self.assertRaises(AccessError):
            contract.with_user(self.roles["collector"]).write(
                {"dunning_policy_id": self.policy.id, "dunning_choice_reason": "Agreed"}
            )
        mine = contract.with_user(self.roles["manager"])
        with self.assertRaisesRegex(UserError, "why"):
            mine.dunning_policy_id = self.policy
        mine.write({"dunning_policy_id": self.policy.id, "dunning_choice_reason": "Agreed"})
        self.told(contract, "Soft was chosen. Reason: Agreed")

    def test_a_duplicate_of_a_customer_is_a_customer_like_others(self):
        self.rita.sudo().write({"dunning_excluded": True, "dunning_policy_id": self.policy.id})
        copied = self.rita.with_user(self.roles["seller"]).copy()
        self.assertFalse(copied.dunning_excluded or copied.dunning_policy_id)

    def test_on_the_form(self):
        with Form(self.rita.with_user(self.roles["collector"])) as form:
            form.dunning_excluded = True
            form.dunning_choice_reason = "Deceased"
        self.assertTrue(self.rita.dunning_excluded)
        self.told(self.rita, "Deceased")
