"""Templates as Meta has them: brought over, watched, and what may leave because of them."""

from freezegun import freeze_time

from odoo.exceptions import UserError, ValidationError

from odoo.addons.optica_cobranca.clients.meta.whatsapp_cloud import parse_webhook

from tests.fakes.cloud_api_account import a_template
from tests.fakes.cloud_api_behaviour import accept, refuse
from tests.fakes.cloud_api_webhooks import ACCOUNT_ID, envelope
from tests.messaging.common import NOON, OutboxCommon

# 2026-02-11 15:00 UTC.
NOON_EPOCH = 1_770_822_000
TEXT = "Olá, {{customer_first_name}}: {{amount_today}}. {{shop_identity}}."
THREE = "Olá, {{1}}! Hoje: {{2}}. Quem escreve: {{3}}. Obrigado."


class MetaTemplatesCommon(OutboxCommon):
    def setUp(self):
        super().setUp()
        self.gateway.business_account_id = ACCOUNT_ID
        self.text = self.make_template(
            "Aviso", TEXT, whatsapp_template_name="aviso", whatsapp_language="pt_BR"
        )

    def sync(self, *templates):
        self.server.templates = list(templates)
        done, sentence = self.gateway._sync_templates()
        self.assertTrue(done, sentence)
        return self.gateway.template_ids

    def news(self, field, at=None, **value):
        """:param at: minutes after 2026-02-11 15:00 UTC at which Meta told it"""
        names = {"message_template_name": "aviso", "message_template_language": "pt_BR"}
        time = None if at is None else NOON_EPOCH + at * 60
        payload = envelope({**names, **value}, field=field, time=time)
        self.env["contact.event"]._take_in(self.gateway, parse_webhook(payload))
        self.env.invalidate_all()

    def activities(self):
        return self.gateway.activity_ids.mapped("summary")


class TestSynchronisation(MetaTemplatesCommon):
    def test_list_is_brought_over(self):
        document = {"type": "HEADER", "format": "DOCUMENT"}
        self.sync(
            a_template("aviso", document, body=THREE),
            a_template("promo", status="REJECTED", category="MARKETING", rejected_reason="X"),
        )
        aviso, promo = self.gateway.template_ids
        self.assertEqual((aviso.name, aviso.language, aviso.status), ("aviso", "pt_BR", "approved"))
        self.assertEqual((aviso.category, aviso.header), ("utility", "document"))
        self.assertEqual((aviso.parameter_count, aviso.body), (3, THREE))
        self.assertEqual((promo.status, promo.category), ("rejected", "marketing"))
        self.assertEqual(promo.rejected_reason, "X")
        self.assertEqual(self.gateway.template_count, 2)
        self.assertTrue(self.gateway.templates_synced_at)

    def test_again_changes_and_takes_away(self):
        self.sync(a_template("aviso"), a_template("antigo"))
        before = self.gateway.template_ids
        old, notice = before.sorted("name")
        self.sync(a_template("aviso", status="PAUSED"))
        self.env.invalidate_all()
        self.assertEqual(self.gateway.template_ids, notice)
        self.assertEqual(notice.status, "paused")
        self.assertEqual((old.active, old.status), (False, "deleted"))
        self.sync(a_template("aviso"), a_template("antigo"))
        self.env.invalidate_all()
        self.assertEqual(self.gateway.template_ids, before)
        self.assertEqual(before.mapped("status"), ["approved", "approved"])

    def test_half_a_list_changes_nothing(self):
        self.sync(a_template("aviso"), a_template("outro"))
        self.server.page_size = 1
        self.server.enqueue(accept(), refuse(190, 401))
        done, sentence = self.gateway._sync_templates()
        self.assertFalse(done)
        self.assertIn("access token", sentence)
        self.assertEqual(len(self.gateway.template_ids), 2)

    def test_button_says_what_came_of_it(self):
        self.server.templates = [a_template("aviso"), a_template("novo", status="PENDING")]
        answer = self.gateway.action_sync_templates()["params"]
        self.assertEqual(answer["type"], "success")
        self.assertEqual(answer["message"], "Templates: 2, approved: 1.")
        self.gateway.business_account_id = False
        answer = self.gateway.action_sync_templates()["params"]
        self.assertEqual(answer["type"], "danger")
        self.assertIn("WhatsApp Business Account ID", answer["message"])

    def test_only_managers_synchronise(self):
        seller = self.env["res.users"].create(
            {
                "name": "Seller",
                "login": "seller of the templates",
                "group_ids": self.env.ref("optica_cobranca.group_seller").ids,
            }
        )
        with self.assertRaises(UserError):
            self.gateway.with_user(seller).action_sync_templates()
        self.assertEqual(self.server.requests, [])

    def test_nightly_check_of_all_accounts(self):
        """One that fails does not keep the next from being asked."""
        self.server.templates = [a_template("aviso")]
        second = self.make_gateway(name="Second", business_account_id=ACCOUNT_ID)
        self.server.enqueue(refuse(190, 401))
        self.run_job("contact.gateway", "_cron_check_accounts")
        self.assertFalse(self.gateway.checked_at)
        self.assertEqual((second.quality_rating, second.template_count), ("green", 1))
        self.assertEqual(second.messaging_limit_text, "2000 new people a day")


class TestCategory(MetaTemplatesCommon):
    def test_dearer_by_synchronisation(self):
        self.sync(a_template("aviso"))
        self.sync(a_template("aviso", category="MARKETING"))
        self.assertEqual(set(self.activities()), {"Dearer template: aviso (pt_BR)"})

    def test_dearer_by_webhook_and_announced(self):
        self.sync(a_template("aviso"))
        self.news("template_category_update", new_category="UTILITY", correct_category="MARKETING")
        self.assertEqual(self.gateway.template_ids.category, "utility")
        self.assertIn("will treat", self.gateway.activity_ids[0].note)
        self.news("template_category_update", new_category="MARKETING")
        self.assertEqual(self.gateway.template_ids.category, "marketing")

    def test_cheaper_is_no_alarm(self):
        self.sync(a_template("aviso", category="MARKETING"))
        self.sync(a_template("aviso"))
        self.assertFalse(self.activities())

    def test_status_and_quality_by_webhook(self):
        self.sync(a_template("aviso"))
        self.news("message_template_quality_update", new_quality_score="RED")
        self.news("message_template_status_update", event="PAUSED", reason="LOW_QUALITY")
        template = self.gateway.template_ids
        self.assertEqual((template.quality, template.status), ("red", "paused"))
        self.assertEqual(set(self.activities()), {"Template stopped: aviso (pt_BR)"})
        self.assertIn("PAUSED", self.gateway.last_news)

    def test_old_news_change_nothing(self):
        """They come in any order; what counts is when Meta told them."""
        with freeze_time(NOON):
            self.sync(a_template("aviso"))
        template = self.gateway.template_ids
        status, category = "message_template_status_update", "template_category_update"
        quality = "message_template_quality_update"
        self.news(status, -1, event="REJECTED", reason="SCAM")
        self.news(category, -1, new_category="MARKETING")
        self.news(quality, -1, new_quality_score="RED")
        self.assertEqual((template.status, template.category), ("approved", "utility"))
        self.assertNotEqual(template.quality, "red")
        self.assertFalse(self.activities())
        self.news(status, 5, event="PAUSED")
        self.news(status, 4, event="APPROVED")
        self.news(quality, 3, new_quality_score="YELLOW")
        self.news(quality, 2, new_quality_score="GREEN")
        self.assertEqual((template.status, template.quality), ("paused", "yellow"))
        self.news(category, 2, new_category="UTILITY")
        self.news(category, 1, new_category="UTILITY", correct_category="MARKETING")
        self.assertEqual(set(self.activities()), {"Template stopped: aviso (pt_BR)"})
        with freeze_time("2026-02-11 16:00:00"):
            self.sync(a_template("aviso"))
        self.news(status, 59, event="PAUSED")
        self.assertEqual(template.status, "approved")

    def test_states_of_their_own(self):
        for word, status, told in (
            ("FLAGGED", "flagged", "Template flagged: aviso (pt_BR)"),
            ("LIMIT_EXCEEDED", "limit_exceeded", "Template stopped: aviso (pt_BR)"),
        ):
            with self.subTest(word):
                self.gateway.activity_ids.unlink()
                self.sync(a_template("aviso"))
                self.news("message_template_status_update", event=word)
                self.assertEqual(self.gateway.template_ids.status, status)
                self.assertEqual(set(self.activities()), {told})

    def test_news_of_another_account(self):
        """One address serves several accounts: the news name theirs."""
        other = self.make_gateway(name="Other", business_account_id="777", phone_number_id="7")
        self.server.templates = [a_template("aviso")]
        other._sync_templates()
        self.sync(a_template("aviso"))
        self.news("message_template_status_update", event="PAUSED")
        self.assertEqual(self.gateway.template_ids.status, "paused")
        self.assertEqual(other.template_ids.status, "approved")


class TestGate(MetaTemplatesCommon):
    def send_by(self, *templates):
        self.sync(*templates)
        return self.send_one(template=self.text)

    def test_approved_leaves(self):
        message = self.send_by(a_template("aviso", body=THREE))
        self.assertEqual(message.state, "sent")

    def test_flagged_leaves_as_long_as_meta_lets_it(self):
        message = self.send_by(a_template("aviso", body=THREE, status="FLAGGED"))
        self.assertEqual(message.state, "sent")

    def test_not_approved_does_not(self):
        for status in (
            "PENDING",
            "REJECTED",
            "PAUSED",
            "DISABLED",
            "LIMIT_EXCEEDED",
            "SOMETHING_NEW",
        ):
            with self.subTest(status=status):
                partner = self.make_late("P", phone=f"+5511960{hash(status) % 10**6:06d}")
                self.sync(a_template("aviso", body=THREE, status=status))
                message = self.send_one(partner, self.text)
                self.assertEqual((message.state, message.reason), ("cancelled", "template"))
        self.assertEqual(self.server.messages(), [])

    def test_unknown_to_meta_or_in_another_language(self):
        message = self.send_by(a_template("aviso", body=THREE, language="en_US"))
        self.assertEqual((message.state, message.reason), ("cancelled", "template"))

    def test_changed_at_meta_after_it_was_saved(self):
        message = self.send_by(a_template("aviso", body="Olá, {{1}}. Tudo bem?"))
        self.assertEqual((message.state, message.reason), ("cancelled", "template"))

    def test_list_never_brought_over_is_trusted(self):
        self.assertEqual(self.send_one(template=self.text).state, "sent")

    def test_next_channel_takes_over(self):
        self.text.write({"channel_order": "whatsapp,sms", "sms_body": TEXT})
        self.make_gateway(name="SMS", channel="sms", provider="sandbox")
        self.sync(a_template("aviso", body=THREE, status="PAUSED"))
        message = self.send_one(self.make_late(phone="+55 11 96000-4321"), self.text)
        self.assertEqual((message.state, message.channel), ("delivered", "sms"))

    def test_named_parameters_header_and_button(self):
        header = {"type": "HEADER", "format": "TEXT", "text": "Aviso de {{loja}}"}
        base = "https://loja.example/"
        url = {"type": "URL", "text": "Ver", "url": base + "{{1}}"}
        buttons = {"type": "BUTTONS", "buttons": [{"type": "QUICK_REPLY", "text": "Sair"}, url]}
        self.sync(
            a_template(
                "aviso",
                header,
                buttons,
                body="Olá, {{nome}}! Hoje: {{valor}}. De: {{quem}}. Obrigado.",
                parameter_format="NAMED",
            )
        )
        self.text.write(
            {"whatsapp_header_parameter": "shop_name", "whatsapp_button_parameter": "portal_link"}
        )
        message = self.send_one(template=self.text)
        self.assertEqual(message.state, "sent")
        header, body, button = self.server.messages()[-1].body["template"]["components"]
        self.assertEqual(
            header["parameters"],
            [{"type": "text", "text": "Otica Teste", "parameter_name": "loja"}],
        )
        self.assertEqual(
            [parameter["parameter_name"] for parameter in body["parameters"]],
            ["nome", "valor", "quem"],
        )
        self.assertEqual((button["index"], button["sub_type"]), ("1", "url"))
        self.assertEqual(button["parameters"][0]["text"], "my/crediario")


class TestTemplateForm(MetaTemplatesCommon):
    def test_chosen_from_the_list(self):
        self.sync(a_template("cobranca_amigavel", body=THREE, language="en_US"))
        self.text.whatsapp_template_id = self.gateway.template_ids
        self.assertEqual(self.text.whatsapp_template_name, "cobranca_amigavel")
        self.assertEqual(self.text.whatsapp_language, "en_US")
        self.assertEqual(self.text.whatsapp_status, "approved")

    def test_differences_are_refused_at_save(self):
        self.sync(a_template("aviso", body="Olá, {{1}}. Tudo bem?"))
        with self.assertRaisesRegex(ValidationError, "1 variables in its text, and 3"):
            self.text.whatsapp_parameters = "customer_first_name, amount_today, shop_identity"

    def test_each_difference_has_a_sentence(self):
        document = {"type": "HEADER", "format": "DOCUMENT"}
        cases = (
            (a_template("aviso", document, body=THREE), {}, "document: choose one"),
            (a_template("aviso", body=THREE), {"document_source": "slip"}, "no header for"),
            (
                a_template("aviso", body=THREE),
                {"whatsapp_header_parameter": "shop_name"},
                "no variable",
            ),
            (
                a_template("aviso", body=THREE),
                {"whatsapp_button_parameter": "portal_link"},
                "No button",
            ),
        )
        for remote, values, words in cases:
            with self.subTest(words=words), self.cr.savepoint() as point:
                self.sync(remote)
                with self.assertRaisesRegex(ValidationError, words):
                    self.text.write(
                        {
                            "whatsapp_body": TEXT + " ",
                            "sequence": 3,
                            **values,
                            "whatsapp_language": "pt_BR",
                        }
                    )
                point.rollback()

    def test_placeholders_that_do_not_exist(self):
        with self.assertRaisesRegex(ValidationError, "shoe_size"):
            self.text.whatsapp_header_parameter = "shoe_size"

    def test_other_company_is_not_looked_at(self):
        self.sync(a_template("aviso", body=THREE))
        other = self.env["res.company"].create({"name": "Other"})
        theirs = self.make_template(
            "Theirs",
            TEXT,
            company_id=other.id,
            whatsapp_template_name="aviso",
            whatsapp_language="pt_BR",
        )
        self.assertFalse(theirs.whatsapp_template_id)
