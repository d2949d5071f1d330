"""The texts that come with the program: complete, lawful, short enough, silent about health."""

import re

from odoo.tools import html2plaintext

from odoo.addons.optica_cobranca.domain.messaging import message_text
from odoo.addons.optica_cobranca.domain.messaging.message_text import placeholders, sms_ascii
from odoo.addons.optica_cobranca.domain.shop.plain_text import words

from tests.messaging.common import OutboxCommon

PURPOSES = {
    "collection": "before_due_5 before_due_1 due_today late_1 late_5 late_10 late_15 late_25 "
    "late_30 agreement_proposal promise_reminder promise_broken bureau_notice voice_call",
    "service": "thanks_for_payment payment_page contract_welcome order_ready delivery_late "
    "order_unfetched apology slip_on_request agreement_offer",
    "relationship": "birthday birthday_dependant birthday_belated birthday_dependant_belated "
    "satisfaction_survey",
    "marketing": "prescription_expiring prescription_expired",
}
# What would tell of somebody's eyes, health or sight.
OF_HEALTH = set(
    words(
        "receita grau dioptria miopia astigmatismo presbiopia catarata exame médico oftalmologista "
        "doença saúde visão olho olhos lente lentes"
    ).split()
)


class TestShippedTemplates(OutboxCommon):
    def each(self):
        for purpose, codes in PURPOSES.items():
            for code in codes.split():
                with self.subTest(code=code):
                    yield purpose, self.env.ref(f"optica_cobranca.template_{code}")

    def test_purposes(self):
        for purpose, template in self.each():
            self.assertEqual(template.purpose, purpose)
            self.assertEqual(
                template.code, template.get_external_id()[template.id].split("_", 2)[2]
            )

    def test_sms_are_plain_and_one_part(self):
        for _purpose, template in self.each():
            if template.sms_body:
                self.assertEqual(template.sms_parts, 1)
                self.assertLessEqual(template.sms_length, 160)
                self.assertEqual(template.sms_body, sms_ascii(template.sms_body))

    def test_nothing_about_health(self):
        for _purpose, template in self.each():
            texts = [template.whatsapp_body, template.sms_body, template.email_subject,
                     html2plaintext(template.email_body or ""), template.voice_body]  # fmt: skip
            told = words(" ".join(text or "" for text in texts)).split()
            if template.code.startswith("birthday"):
                # A wish, not a fact.
                told = [word for word in told if word != "saude"]
            self.assertFalse(OF_HEALTH & set(told))

    def test_whatsapp_texts_are_what_meta_takes(self):
        for _purpose, template in self.each():
            body = template.whatsapp_body
            if not body:
                continue
            self.assertLess(len(body), 1024)
            self.assertFalse(body.startswith("{{") or body.endswith("}}"), "Meta refuses it")
            self.assertNotRegex(body, r"}}\s*{{", "two variables side by side")
            self.assertEqual(template._parameter_names(), placeholders(body))

    def test_names_at_meta_are_unique(self):
        names = [template.whatsapp_template_name for _purpose, template in self.each()]
        names = [name for name in names if name]
        self.assertEqual(len(names), len(set(names)))
        self.assertTrue(all(re.fullmatch(r"[a-z0-9_]+", name) for name in names))

    def test_texts_tell_no_false_variables_of_email(self):
        """What is said by e-mail can be filled in whenever WhatsApp or SMS can."""
        values = self.env["contact.placeholder.values"]._samples()
        for _purpose, template in self.each():
            if template._text_for("email"):
                self.assertNotIn("{{", template._render_for("email", values))
                self.assertTrue(template._render_subject(values))

    def test_none_is_left_out_here(self):
        shipped = self.env["ir.model.data"].search(
            [("module", "=", "optica_cobranca"), ("model", "=", "contact.template")]
        )
        codes = {code for codes in PURPOSES.values() for code in codes.split()}
        self.assertEqual({name.removeprefix("template_") for name in shipped.mapped("name")}, codes)

    def texts(self, template):
        """All that a customer reads or hears, with its placeholders."""
        names = ("whatsapp_body", "sms_body", "email_subject", "voice_body")
        texts = [template[name] for name in names] + [html2plaintext(template.email_body or "")]
        return [text for text in texts if text]

    def test_nobody_is_two_sexes_and_no_number_is_one_or_many(self):
        for _purpose, template in self.each():
            for text in self.texts(template):
                self.assertNotRegex(text, r"\w\((s|a|as|es|os)\)")

    def test_the_hour_is_greeted_when_it_leaves(self):
        """Only a placeholder knows at what time a text is read."""
        hours = re.compile(r"bom dia|boa tarde|boa noite|[óo]timo dia|boa semana", re.IGNORECASE)
        for _purpose, template in self.each():
            for text in self.texts(template):
                self.assertNotRegex(text, hours)

    def test_no_total_of_today_holds_what_is_not_due(self):
        """The total of all that is listed may hold coming installments: it is no text's "today"."""
        for _purpose, template in self.each():
            for text in self.texts(template):
                self.assertNotIn("{{amount_today}}", text)

    def test_no_installment_reads_as_a_date(self):
        samples = self.env["contact.placeholder.values"]._samples()
        for _purpose, template in self.each():
            for text in self.texts(template):
                said = message_text.render(text, samples)
                self.assertNotRegex(said, r"\d+/\d+,? de R\$")

    def test_every_channel_has_its_text(self):
        for _purpose, template in self.each():
            if template.code == "voice_call":
                continue
            self.assertEqual(template._channels(), ["whatsapp", "sms", "email"])
            for channel in template._channels():
                self.assertTrue(template._text_for(channel), channel)
            self.assertTrue(template.email_subject)

    def test_sms_have_room_for_the_real_link(self):
        """A shop's own address is longer than the sample's, its numbers are larger."""
        url = "https://www.oticaboavista.com.br"
        self.env["ir.config_parameter"].sudo().set_param("web.base.url", url)
        samples = {
            **self.env["contact.placeholder.values"]._samples(),
            "overdue_installments": "12 parcelas",
            "overdue_total": "R$ 1.108,29",
            "receipt_amount": "R$ 1.108,29",
            "promise_amount": "R$ 1.108,29",
        }
        self.assertIn(f"{url}/", samples["pay_link"])
        self.assertEqual(len(samples["pay_link"]), len(url) + len("/oc/") + 22)
        for _purpose, template in self.each():
            if template.sms_body:
                said = sms_ascii(message_text.render(template.sms_body, samples))
                self.assertLessEqual(len(said), 160, said)
                self.assertEqual(message_text.sms_parts(said), 1)
                self.assertEqual(template.sms_parts, 1, "as the form measures it")

    def test_what_is_no_notice_says_how_to_stop(self):
        for purpose, template in self.each():
            if purpose in ("marketing", "relationship"):
                self.assertIn("SAIR", template.whatsapp_body)
                self.assertIn("SAIR", template.sms_body)
                self.assertIn("{{stop_link}}", template.email_body)
