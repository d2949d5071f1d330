"""Letters: asked for once, printed as one PDF, posted with codes, delivered or come back."""

import base64
from datetime import date
from unittest.mock import patch

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, HttpCase

from tests.crediario.test_paper import pages_of
from tests.recovery.common import RecoveryCommon

KEY = "71d6c6e1-64ea-4a11-9560-a10870c40ca2"


class LettersCommon(RecoveryCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.reports = cls.env.registry["ir.actions.report"]

    def letters(self, notices, user=None):
        with freeze_time("2026-03-11 12:00:00"):
            letters = self.env["dunning.letter"].with_user(user or self.collector)
            return letters._make_for_notices(notices.with_user(user or self.collector))

    def printed(self, letters, on="2026-03-11"):
        """Printed without wkhtmltopdf; one test reads the true PDF."""
        with (
            freeze_time(f"{on} 12:00:00"),
            patch.object(
                self.reports, "_render_qweb_pdf", lambda self, report, ids: (b"%PDF", "pdf")
            ),
        ):
            letters.with_user(self.collector).action_print()
        return letters

    def fate(self, letters, mode, day, **values):
        with freeze_time("2026-03-31 12:00:00"):
            self.env["dunning.letter.fate"].with_user(self.collector).create(
                {"mode": mode, "letter_ids": letters.ids, "day": day, **values}
            ).action_apply()


class TestLetters(LettersCommon):
    def test_one_letter_a_notice(self):
        notice = self.notice(self.debt())
        letter = self.letters(notice)
        self.assertEqual((letter.state, letter.partner_id), ("to_print", self.customer))
        self.assertFalse(self.letters(notice))
        letter.action_cancel()
        self.assertEqual(len(self.letters(notice)), 1)

    def test_paid_notices_get_none_and_paid_letters_are_cancelled(self):
        paid, late = self.debt(), self.debt(partner=self.make_customer("Ana"))
        self.pay(paid, on="2026-03-02")
        self.assertFalse(self.letters(self.notice(paid)))
        letter = self.letters(self.notice(late))
        self.pay(late, on="2026-03-11")
        with freeze_time("2026-03-11"), self.assertRaises(UserError):
            letter.with_user(self.collector).action_print()

    def test_printed_only_when_the_pdf_was_made(self):
        letter = self.letters(self.notice(self.debt()))

        def fails(self, report, ids):
            raise UserError("No printer")

        with (
            freeze_time("2026-03-11 12:00:00"),
            patch.object(self.reports, "_render_qweb_pdf", fails),
            self.assertRaises(UserError),
        ):
            letter.with_user(self.collector).action_print()
        letter.invalidate_recordset()
        self.assertEqual((letter.state, letter.print_count), ("to_print", 0))
        self.printed(letter)
        self.assertEqual((letter.state, letter.print_count), ("printed", 1))
        self.assertEqual(letter.amount, 103.93)
        self.assertEqual(
            letter.address,
            "Maria da Silva\nRua das Flores, 10\nCentro\n01310-100 São Paulo - SP",
        )

    def test_print_again_keeps_the_state(self):
        letter = self.printed(self.letters(self.notice(self.debt())))
        self.fate(letter, "post", "2026-03-12")
        with (
            freeze_time("2026-03-13 12:00:00"),
            patch.object(
                self.reports, "_render_qweb_pdf", lambda self, report, ids: (b"%PDF", "pdf")
            ),
        ):
            letter.action_print_again()
        self.assertEqual((letter.state, letter.print_count), ("posted", 2))
        # two days more: 100 x 1% / 30 x 60 = 2.00
        self.assertEqual(letter.amount, 104.0)

    def test_missing_addresses_wait_apart(self):
        lost = self.make_customer("Ana")
        letters = self.letters(self.notice(self.debt()))
        letters |= self.letters(self.notice(self.debt(partner=lost)))
        missing = self.env["dunning.letter"].search([("address_missing", "=", True)])
        self.assertEqual(missing.partner_id, lost)
        self.printed(letters)
        self.assertEqual(letters.mapped("state"), ["printed", "to_print"])
        lost.write({"street": "Rua A, 1", "city": "Santos", "zip": "11010-000"})
        self.printed(letters)
        self.assertEqual(letters.mapped("state"), ["printed", "printed"])

    def test_posting_with_codes(self):
        ana = self.make_customer(
            "Ana", vat="987.654.321-00", street="Rua A, 1", city="Santos", zip="11010-000"
        )
        letters = self.letters(self.notice(self.debt()))
        letters |= self.letters(self.notice(self.debt(partner=ana)))
        with self.assertRaises(UserError):  # not printed yet
            self.fate(letters, "post", "2026-03-12")
        self.printed(letters)
        with self.assertRaises(UserError):  # one code for two letters
            self.fate(letters, "post", "2026-03-12", codes="AA1")
        with self.assertRaises(UserError):  # names nobody
            self.fate(letters, "post", "2026-03-12", codes="111.111.111-11;AA1")
        with self.assertRaises(UserError):  # has not come yet
            self.fate(letters, "post", "2026-04-01")
        self.fate(letters, "post", "2026-03-12", codes="98765432100;AA2\n123.456.789-09\tAA1\n")
        self.assertEqual(letters.mapped("tracking_code"), ["AA1", "AA2"])
        self.assertEqual(set(letters.mapped("posted_on")), {date(2026, 3, 12)})
        self.assertIn("AA1", self.customer.message_ids[0].body)

    def pile(self):
        """Three letters asked for in another order than the postcodes by which they are printed."""
        made = {}
        for name, postcode in (("Zoe", "99000-000"), ("Ana", "01000-000"), ("Mia", "50000-000")):
            partner = self.make_customer(name, street="Rua A, 1", city="Santos", zip=postcode)
            made[name] = self.letters(self.notice(self.debt(partner=partner)))
        return self.printed(made["Zoe"] + made["Ana"] + made["Mia"]), made

    def test_codes_pasted_follow_the_printed_pile(self):
        """Proof of who was written to: Ana's page is the first, so the first code is hers."""
        letters, made = self.pile()
        on_screen = self.env["dunning.letter"].search([("id", "in", letters.ids)])
        self.assertEqual(on_screen, made["Ana"] + made["Mia"] + made["Zoe"])
        self.assertEqual(on_screen.mapped("print_position"), [1, 2, 3])
        self.fate(letters, "post", "2026-03-12", codes="AA1\nAA2\nAA3")
        codes = {name: letter.tracking_code for name, letter in made.items()}
        self.assertEqual(codes, {"Ana": "AA1", "Mia": "AA2", "Zoe": "AA3"})

    def form(self, letters):
        context = {"default_letter_ids": letters.ids, "default_mode": "post"}
        return Form(self.env["dunning.letter.fate"].with_context(**context))

    def test_pasted_codes_stand_beside_their_letters_before_they_are_saved(self):
        letters, made = self.pile()
        form = self.form(letters)
        form.codes = "AA1\nAA2\nAA3"
        shown = [form.line_ids.edit(place) for place in range(3)]
        self.assertEqual(
            [(line.number, line.code) for line in shown],
            [
                (made["Ana"].number, "AA1"),
                (made["Mia"].number, "AA2"),
                (made["Zoe"].number, "AA3"),
            ],
        )
        form.day = "2026-03-12"
        form.save().action_apply()
        self.assertEqual(made["Mia"].tracking_code, "AA2")

    def test_scanning_letter_and_label(self):
        letters, made = self.pile()
        form = self.form(letters)
        form.scan = "AA 222"
        self.assertIn("Scan the bars of the letter first", form.scan_message)
        form.scan = made["Mia"].number
        self.assertIn("Mia", form.scan_message)
        form.scan = "AA 222"
        self.assertFalse(form.scan)
        form.day = "2026-03-12"
        form.save().action_apply()
        self.assertEqual(
            [made[name].tracking_code for name in ("Ana", "Mia", "Zoe")], [False, "AA222", False]
        )

    def test_one_code_is_of_one_letter(self):
        letters, made = self.pile()
        number = made["Ana"].number
        with self.assertRaisesRegex(UserError, "AA1"):
            self.fate(
                letters, "post", "2026-03-12", codes=f"{number};AA1\n{made['Zoe'].number};AA1"
            )
        self.fate(made["Ana"], "post", "2026-03-12", codes=f"{number};AA1")
        with self.assertRaisesRegex(UserError, "AA1"):
            self.fate(made["Zoe"], "post", "2026-03-12", codes="AA1")

    def test_a_letter_is_found_by_its_number(self):
        _letters, made = self.pile()
        found = self.env["dunning.letter"].search([("number", "=", made["Mia"].number)])
        self.assertEqual(found, made["Mia"])
        self.assertFalse(self.env["dunning.letter"].search([("number", "=", "x")]))

    def test_a_letter_that_came_back(self):
        """Friday 20 March: somebody asks for the address on that day; no letter until then."""
        letter = self.printed(self.letters(self.notice(self.debt())))
        self.fate(letter, "post", "2026-03-12")
        self.fate(letter, "return", "2026-03-20", reason="Moved")
        self.assertEqual((letter.state, letter.reason), ("returned", "Moved"))
        self.assertEqual(letter.activity_ids.user_id, self.collector)
        self.assertEqual(letter.activity_ids.date_deadline, date(2026, 3, 20))
        again = self.letters(self.notice(self.debt("2026-01-20"), day="2026-03-12"))
        self.assertTrue(again.address_missing)
        self.customer.street = "Rua Nova, 5"
        self.assertFalse(again.address_missing)
        self.assertFalse(self.customer.letter_returned_on)

    def test_rights(self):
        letter = self.letters(self.notice(self.debt()))
        with self.assertRaises(AccessError):
            letter.with_user(self.collector).write({"state": "posted"})
        with self.assertRaises(AccessError):
            letter.with_user(self.seller).read(["state"])
        with self.assertRaises(AccessError):
            self.letters(self.notice(self.debt("2026-01-20"), day="2026-03-12"), user=self.seller)
        with self.assertRaises(UserError):
            letter.sudo().unlink()

    def test_the_true_pdf(self):
        """Two letters in one file; amounts of 11 March: 100.00 + 2.00 + 1.93 = 103.93."""
        account = self.env["res.partner.bank"].create(
            {
                "acc_number": "12345-6",
                "partner_id": self.company.partner_id.id,
                "proxy_type": "br_random",
                "proxy_value": KEY,
            }
        )
        self.company_data["default_journal_bank"].bank_account_id = account
        ana = self.make_customer(
            "Ana Lima", lang="en_US", street="Rua A, 1", city="Santos", zip="11010-000"
        )
        letters = self.letters(self.notice(self.debt()))
        letters |= self.letters(self.notice(self.debt(partner=ana)))
        with freeze_time("2026-03-11 12:00:00"):
            self.env["dunning.letter"].with_user(self.collector).with_context(
                force_report_rendering=True
            ).action_print_waiting()
        export = self.exports("letters")[:1]
        self.assertEqual(export.user_id, self.collector)
        pages = pages_of(base64.b64decode(export.content))
        self.assertEqual(len(pages), 2)
        for text in (
            "Otica Boa Vista",
            "CNPJ 11.222.333/0001-81",
            "Rua Boa Vista, 254",
            "Maria da Silva",
            "01310-100 São Paulo - SP",
            "103.93",
            "2.00",
            "1.93",
            "How to pay",
            f"Letter no. {letters[0].number}",
        ):
            self.assertIn(text, pages[0])
        self.assertIn("Ana Lima", pages[1])  # ordered by postcode
        self.assertNotIn("Maria", pages[1])


class TestNoticeBeforeTheBureau(LettersCommon):
    def case(self):
        case = self.eligible(self.debt())
        with freeze_time("2026-03-11"):
            case.with_user(self.manager)._approve("x")
            case.with_user(self.collector).action_send_letter()
        return case

    def test_posting_and_delivery_move_the_case(self):
        """Delivered on Monday 16 March: may be registered from Friday 27."""
        case = self.case()
        self.assertEqual(case.letter_ids.kind, "bureau")
        with freeze_time("2026-03-11"), self.assertRaises(UserError):
            case.with_user(self.collector).action_send_letter()
        self.printed(case.letter_ids)
        self.fate(case.letter_ids, "post", "2026-03-12", codes="AA1")
        self.assertEqual(
            (case.state, case.notice_channel, case.notice_on),
            ("notice_sent", "registered", date(2026, 3, 12)),
        )
        self.fate(case.letter_ids, "deliver", "2026-03-16")
        self.assertEqual(
            (case.state, case.proof_reference, case.may_register_on),
            ("waiting", "AA1", date(2026, 3, 27)),
        )

    def test_a_notice_that_came_back_counts_for_nothing(self):
        case = self.case()
        self.printed(case.letter_ids)
        self.fate(case.letter_ids, "post", "2026-03-12")
        self.fate(case.letter_ids, "return", "2026-03-20")
        self.assertEqual((case.state, case.notice_on), ("approved", False))

    def test_refused_case_takes_its_letter_along(self):
        case = self.case()
        with freeze_time("2026-03-12"):
            case.with_user(self.manager)._cancel("Came to the shop")
        self.assertEqual(case.letter_ids.state, "cancelled")


class TestLetterFile(LettersCommon, HttpCase):
    """The browser of whoever prints fetches the PDF on its own, without the rights of the code."""

    def fetch(self, url, user):
        self.authenticate(user.login, user.login)
        return self.url_open(url)

    def test_who_prints_gets_the_pdf_and_no_other_file(self):
        letters = self.letters(self.notice(self.debt()))
        self.printed(letters)
        with patch.object(
            self.reports, "_render_qweb_pdf", lambda self, report, ids: (b"%PDF", "pdf")
        ):
            url = letters.with_user(self.collector).action_print_again()["params"]["url"]
        self.assertEqual(self.fetch(url, self.collector).content, b"%PDF")
        self.assertEqual(self.fetch(url, self.manager).content, b"%PDF")
        self.assertEqual(self.fetch(url, self.seller).status_code, 404)

        exports = self.env["dunning.export"].with_user(self.manager)
        dossier = exports._store("dossier", "d.zip", b"PK", self.company, self.customer)
        url = dossier.action_download()["params"]["url"]
        self.assertEqual(self.fetch(url, self.collector).status_code, 404)
        self.assertEqual(self.fetch(url, self.manager).content, b"PK")
