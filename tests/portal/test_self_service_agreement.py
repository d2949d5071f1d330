"""A late customer makes an agreement alone, by the private link of a message."""

from datetime import date
from hashlib import sha256

from freezegun import freeze_time

from odoo.exceptions import UserError

from .customer_common import NOON
from .self_service_common import SelfServiceCommon


@freeze_time(NOON)
class TestSelfServiceAgreement(SelfServiceCommon):
    def test_offers_and_figures(self):
        """Three offers by hand; before anything is agreed, what CDC 52 and 54-B want to be told."""
        self.debt()
        token = self.issue()
        page = self.by_link("/agreement", token)
        self.assertEqual(page.xpath("//*[@name='offers']//@data-parts"), ["1", "2", "3"])
        offers = self.text(page, "//*[@name='offers']").replace("R$ ", "")
        for expected in ("1 × 166.78", "2 × 83.39", "3 × 55.59", "in all 208.48 · no interest"):
            self.assertIn(expected, offers)
        terms = self.text(self.by_link("/agreement/figures?parts=3", token), "//*[@name='terms']")
        for expected in (
            "211.39",  # the debt today
            "5.81",  # its charges
            "2.91",  # the discount
            "208.48",  # total without credit, and with it
            "41.70",
            "55.59",
            "55.60",
            "04/16/2026",
            "06/16/2026",
            "03/19/2026",  # until when the down payment
            "fine of 2.00%",
            "1.00% a month",
            "0.00%",
        ):
            self.assertIn(expected, terms)
        self.assertFalse(self.agreement(), "looking changes nothing")

    def test_accepted_it_waits_for_the_down_payment(self):
        a, b, c = self.debt()
        token = self.issue()
        page = self.accept(token)
        self.assertIn("41.70", self.text(page, "//*[@name='waiting']"))
        self.assertIn("Down payment · 03/19/2026", self.text(page))
        row = self.text(self.by_link("", token), "//li[@data-installment][1]")
        self.assertIn(f"03/19/2026 Down payment · {self.agreement().name}", row)
        agreement = self.agreement()
        self.assertEqual(
            (agreement.state, str(agreement.valid_until), agreement.origin, agreement.amount_net),
            ("waiting", "2026-03-19", "link", 208.48),
        )
        self.assertEqual((a.amount_residual, b.amount_residual), (0.0, 0.0))
        self.assertEqual(c.amount_residual, 50.0, "what is not late stays out")
        self.assertEqual(
            self.schedule(agreement.move_id),
            [
                (0, "2026-03-19", "41.70"),
                (1, "2026-04-16", "55.59"),
                (2, "2026-05-16", "55.59"),
                (3, "2026-06-16", "55.60"),
            ],
        )
        queries = self.env["dunning.evaluation"]._hold_queries(self.company, date(2026, 3, 18))
        held = {row[0] for query in queries for row in self.env.execute_query(query)}
        self.assertIn(self.customer.id, held, "reminders rest")
        with freeze_time("2026-03-18 15:00"):
            self.pay(agreement._down_payment_line(), "20.00", on="2026-03-18")
            self.assertEqual(agreement.state, "waiting", "a part is not all of it")
            self.pay(agreement._down_payment_line(), "21.70", on="2026-03-18")
        self.assertEqual(agreement.state, "open")
        self.assertTrue(self.by_link("/agreement", token).xpath("//*[@name='in_force']"))

    def test_what_was_agreed_is_kept_word_for_word(self):
        self.debt()
        token = self.issue()
        form = self.choose(token, 3)
        self.send(token, "/agreement/accept", form, headers={"User-Agent": "Phone <b>1</b>"})
        (acceptance,) = self.agreement().acceptance_ids
        self.assertEqual(acceptance.digest, form["digest"])
        self.assertEqual(sha256(str(acceptance.terms).encode()).hexdigest(), form["digest"])
        self.assertEqual(
            (acceptance.ip_address, acceptance.user_agent, str(acceptance.accepted_at)),
            ("127.0.0.1", "Phone <b>1</b>", "2026-03-17 15:00:00"),
        )
        self.assertEqual((acceptance.origin, acceptance.user_id.id), ("link", False))
        for change in (
            lambda: acceptance.sudo().write({"ip_address": "1.2.3.4"}),
            lambda: acceptance.sudo().unlink(),
        ):
            with self.assertRaises(UserError):
                change()

    def test_without_a_down_payment_it_is_in_force_at_once(self):
        self.company.self_service_down_percent = 0
        self.debt()
        token = self.issue()
        page = self.accept(token, 4)
        self.assertEqual(self.agreement().state, "open")
        self.assertEqual(
            [value for _n, _due, value in self.schedule(self.agreement().move_id)],
            ["52.12", "52.12", "52.12", "52.12"],
        )
        self.assertTrue(page.xpath("//*[@name='in_force']"))

    def test_not_paid_in_time_it_lapses(self):
        """On the 20th the debts are what they would be, had nothing been agreed."""
        lines = self.debt()
        self.accept(self.issue())
        agreement = self.agreement()
        cron = self.env["crediario.agreement"]
        with freeze_time("2026-03-19 15:00"):
            cron._cron_agreements()
            self.assertEqual(agreement.state, "waiting", "the last day counts")
        with freeze_time("2026-03-20 15:00"), self.enter_registry_test_mode():
            job = self.env.ref("optica_cobranca.ir_cron_agreements")
            self.assertIs(job.method_direct_trigger(), True)
        self.assertEqual((agreement.state, agreement.move_id.state), ("cancelled", "cancel"))
        self.assertEqual(lines.mapped("amount_residual"), [100.0, 105.58, 50.0])
        with freeze_time("2026-03-20 15:00"):
            # 38 and 18 days: 2.00 + 1.27, 2.11 + 0.63
            lines.invalidate_recordset()
            self.assertEqual(
                [f"{line.amount_today:.2f}" for line in lines], ["103.27", "108.32", "50.00"]
            )
            self.assertIn(
                "not long ago", self.text(self.by_link("/agreement")), "lapsed ones count too"
            )

    def test_a_part_of_the_down_payment_is_credited_when_it_lapses(self):
        """20.00 came: interest 1.17 and fine 2.00 of the oldest, 16.83 of its principal."""
        a, b, _c = self.debt()
        self.accept(self.issue())
        agreement = self.agreement()
        self.pay(agreement._down_payment_line(), "20.00", on="2026-03-18")
        with freeze_time("2026-03-20 15:00"):
            self.env["crediario.agreement"]._cron_agreements()
        self.assertEqual(agreement.state, "breached")
        self.assertEqual((f"{a.amount_residual:.2f}", b.amount_residual), ("83.17", 105.58))

    def test_the_customer_takes_it_back_while_nothing_is_paid(self):
        lines = self.debt()
        token = self.issue()
        self.accept(token)
        agreement = self.agreement()
        self.send(token, f"/agreement/{agreement.id}/cancel")
        self.assertEqual(agreement.state, "cancelled")
        self.assertEqual(lines.mapped("amount_residual"), [100.0, 105.58, 50.0])

    def test_logged_in_the_paper_names_the_acceptance(self):
        self.debt()
        maria = self.make_portal_user(self.customer, "maria_agrees")
        self.authenticate(maria.login, maria.login)
        page = self.get("/my/crediario/agreement/figures?parts=2")
        fields = page.xpath("//form[.//button[@name='accept']]//input[@type='hidden']")
        form = {field.get("name"): field.get("value") for field in fields}
        self.url_open("/my/crediario/agreement/accept", data={**form, "agreed": "1"})
        agreement = self.agreement()
        self.assertEqual((agreement.origin, agreement.acceptance_ids.user_id), ("portal", maria))
        report = (
            self.env["ir.actions.report"]
            ._render_qweb_html("optica_cobranca.report_agreement", agreement.ids)[0]
            .decode()
        )
        self.assertIn(agreement.acceptance_ids.digest, report)
        self.assertNotIn("Witness", report)

    # ------------------------------------------------- beyond the limits

    def test_a_request_and_the_shops_other_offer(self):
        """Eight parts are too many: a manager offers five, the customer accepts by link."""
        self.debt()
        token = self.issue()
        page = self.by_link("/agreement/figures?parts=8&down=0&first=2026-06-30", token)
        objections = self.text(page, "//*[@name='objections']")
        for expected in ("1 to 4 installments", "at least", "41.70", "from 03/22/2026"):
            self.assertIn(expected, objections)
        self.assertFalse(page.xpath("//button[@name='accept']"))
        form = {"parts": "8", "down": "0", "first": "2026-06-30", "note": "<script>x</script>"}
        self.send(token, "/agreement/ask", form)
        agreement = self.agreement()
        self.assertEqual((agreement.state, agreement.installment_count), ("to_approve", 8))
        self.assertEqual(agreement.note, "<script>x</script>")
        self.assertEqual(
            agreement.activity_ids.user_id, self.company._person_in_charge(self.customer)
        )
        self.assertTrue(self.by_link("/agreement", token).xpath("//*[@name='asked']"))
        self.assertFalse(self.by_link("", token).xpath("//a[@name='agreement_offered']"))

        agreement.action_back_to_proposal()
        agreement.write({"installment_count": 5, "first_due_date": "2026-04-16"})
        agreement.action_offer()
        self.assertEqual(
            self.by_link("", token).xpath("//a[@name='agreement_offered']/@href"),
            [f"{self.root(token)}/agreement"],
        )
        page = self.by_link("/agreement", token)
        self.assertIn("41.69", self.text(page, "//*[@name='terms']"))
        digest = page.xpath("string(//input[@name='digest']/@value)")
        self.send(token, f"/agreement/{agreement.id}/accept", {"digest": digest, "agreed": "1"})
        self.assertEqual((agreement.state, agreement.acceptance_ids.digest), ("open", digest))
        self.assertEqual(len(agreement.installment_ids), 5)

    def test_one_request_in_a_while(self):
        self.debt()
        token = self.issue()
        form = {"parts": "8", "down": "0", "first": "2026-04-16"}
        self.send(token, "/agreement/ask", form)
        self.send(token, f"/agreement/{self.agreement().id}/cancel")
        page = self.send(token, "/agreement/ask", form)
        self.assertIn("already", self.text(page, "//*[@name='problem']"))
        self.assertEqual(self.agreement().state, "cancelled")

    def test_what_the_shop_does_not_offer_yet_is_not_accepted(self):
        lines = self.debt()
        lines[:2].action_propose_agreement()
        agreement = self.agreement()
        page = self.by_link("/agreement")
        self.assertIn("preparing", self.text(page))
        token = self.issue()
        form = {"digest": "0" * 64, "agreed": "1"}
        page = self.send(token, f"/agreement/{agreement.id}/accept", form)
        self.assertEqual(agreement.state, "draft")
        self.assertTrue(page.xpath("//*[@name='problem']"))
