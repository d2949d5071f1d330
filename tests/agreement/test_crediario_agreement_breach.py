"""Broken agreements: what comes back, to the cent. The usual debt: see ``agreement_common``."""

from datetime import date

from freezegun import freeze_time

from .agreement_common import TODAY, AgreementCommon


class TestBreach(AgreementCommon):
    def paid_twice(self):
        lines, agreement, installments = self.usual()
        self.receive(installments[0], ("cash", "58.68"), on=TODAY)
        self.receive(installments[1], ("cash", "50.00"), on="2026-04-27")
        return lines, agreement, installments

    def test_what_was_paid_is_credited_oldest_first(self):
        lines, agreement, installments = self.paid_twice()
        with freeze_time("2026-06-12"):
            agreement.action_breach()
        # 108.68: A 1.50 + 2.00 + 100.00, B 0.60 + 2.11 + 2.47
        self.assertEqual(agreement.state, "breached")
        self.assertEqual(self.residuals(lines), ["0.00", "103.11", "50.00"])
        self.assertEqual(self.residuals(installments), ["0.00"] * 5)
        self.assertEqual((self.balance("fine"), self.balance("interest")), ("-4.11", "-2.10"))
        self.assertEqual(self.receivable(), ("153.11", "153.11"))
        self.assertFalse(agreement.surplus)
        # B on 12 June: 94 days on 105.58 are 3.31, of which 0.60 are paid; ten days more 0.34
        self.assertEqual(self.amounts(lines[1], "2026-06-12"), ("103.11", "0.00", "2.71", "105.82"))
        self.assertEqual(self.amounts(lines[1], "2026-06-22"), ("103.11", "0.00", "3.05", "106.16"))
        # nothing happened to C
        self.assertEqual(self.amounts(lines[2], "2026-06-12"), ("50.00", "1.00", "1.05", "52.05"))

    def test_charges_alone_are_credited_and_seen_in_totals(self):
        lines = self.make_installments(("2026-02-10", "100.00"))
        agreement = self.propose(lines)
        installments = self.accept(agreement)
        self.receive(installments[0], ("cash", "3.00"), on=TODAY)
        with freeze_time("2026-06-12"):
            agreement.action_breach()
            lines.invalidate_recordset()
            # 122 days: 4.07 less 1.50; fine 2.00 less 1.50
            self.assertEqual(
                self.amounts(lines, "2026-06-12"), ("100.00", "0.50", "2.57", "103.07")
            )
            [(total,)] = self.env["account.move.line"]._read_group(
                [("id", "in", lines.ids)], [], ["amount_today:sum"]
            )
            self.assertEqual(f"{total:.2f}", "103.07")

    def test_surplus_is_the_customers_credit(self):
        plan = self.make_plan("Linear", method="linear", monthly_rate=1.0)
        lines = self.make_installments(("2026-02-10", "100.00"))
        agreement = self.propose(lines, plan_id=plan.id, installment_count=2)
        installments = self.accept(agreement)  # 103.50 x 1.02 = 105.57
        self.assertEqual([line.balance for line in installments], [52.78, 52.79])
        self.receive(installments, ("cash", "105.00"), on="2026-04-01")
        with freeze_time("2026-07-01"):
            agreement.action_breach()
        self.assertEqual(agreement.surplus, 1.5)
        self.assertEqual(self.residuals(lines), ["0.00"])
        self.assertEqual(self.receivable(), ("-1.50", "0.00"))

    def test_nothing_paid(self):
        lines, agreement, _installments = self.usual()
        with freeze_time("2026-06-12"):
            agreement.action_breach()
        self.assertEqual(self.residuals(lines), ["100.00", "105.58", "50.00"])
        self.assertEqual((self.balance("fine"), self.receivable()), ("0.00", ("255.58", "255.58")))

    def test_undoing_a_receipt_afterwards_owes_it_again(self):
        lines, agreement, installments = self.usual()
        receipt = self.receive(installments[0], ("cash", "58.68"), on=TODAY)
        with freeze_time("2026-06-12"):
            agreement.action_breach()
        receipt._cancel("Cheque came back")
        self.assertEqual(self.residuals(installments[:1]), ["58.68"])
        # 255.58 + 3.50 charges of A - nothing paid
        self.assertEqual(self.receivable(), ("259.08", "259.08"))
        self.assertEqual(self.residuals(lines), ["44.82", "105.58", "50.00"])

    def test_cron_breaks_only_after_the_tolerance(self):
        _lines, agreement, _installments = self.paid_twice()
        cron = self.env.ref("optica_cobranca.ir_cron_agreements")
        for day, state in (("2026-06-11", "open"), ("2026-06-12", "breached")):
            with freeze_time(day), self.enter_registry_test_mode():
                self.assertIs(cron.method_direct_trigger(), True)
                agreement.invalidate_recordset()
                self.assertEqual(agreement.state, state)

    def test_an_extension_keeps_it_alive(self):
        _lines, agreement, installments = self.paid_twice()
        with freeze_time("2026-06-01"):
            self.env["crediario.extension"]._grant(
                {installments[2].id: date(2026, 6, 10)}, "Salary comes later"
            )
        self.assertFalse(agreement._is_breached(date(2026, 6, 12)))
        self.assertTrue(agreement._is_breached(date(2026, 6, 26)))

    def test_kept_and_expired(self):
        _lines, agreement, installments = self.usual()
        self.receive(installments, ("cash", "258.68"), on=TODAY)
        other = self.propose(
            self.make_installments(("2026-03-10", "10.00"), partner=self.make_customer("Ana")),
            installment_count=1,
        )
        with freeze_time("2026-04-04"), self.enter_registry_test_mode():
            cron = self.env.ref("optica_cobranca.ir_cron_agreements")
            self.assertIs(cron.method_direct_trigger(), True)
        self.env.invalidate_all()
        self.assertEqual((agreement.state, other.state), ("kept", "cancelled"))
