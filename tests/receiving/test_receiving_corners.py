"""Corners of receiving: single cents, taxes, another chart, two contracts, short months."""

from datetime import date

from odoo import Command

from .receiving_common import ReceivingCommon


class TestCorners(ReceivingCommon):
    def test_one_cent_forty_eight_times(self):
        """0.48 in 48: 30 cents in cash and 18 by bank close all, 47 cents leave the last open."""
        lines = self.make_invoice("0.48", 48, "2026-02-02").installment_ids
        lines = lines._sorted_for_receiving()
        self.receive(lines, ("cash", "0.29"), ("bank", "0.18"), on="2026-01-10")
        self.assertEqual(self.residuals(lines), ["0.00"] * 47 + ["0.01"])
        self.receive(lines[-1], ("cash", "0.01"), on="2026-01-10")
        self.assertEqual(self.residuals(lines[-1]), ["0.00"])

    def test_fine_of_a_cent_rounds_to_nothing(self):
        """2% of 0.01 is 0.0002."""
        (line,) = self.make_installments(("2026-03-02", "0.01"))
        self.assertEqual(self.amounts(line, "2026-06-01"), ("0.01", "0.00", "0.00", "0.01"))

    def test_invoice_with_taxes(self):
        tax = self.env["account.tax"].create(
            {"name": "ICMS 18", "amount": 18.0, "company_id": self.company.id}
        )
        invoice = self.make_invoice("200.00", 2, "2026-03-02", sold="2026-02-02", post=False)
        invoice.invoice_line_ids.tax_ids = [Command.set(tax.ids)]
        invoice.action_post()
        lines = invoice.installment_ids._sorted_for_receiving()
        self.receive(lines, ("cash", str(invoice.amount_total)), on="2026-03-02")
        self.assertEqual(self.residuals(lines), ["0.00", "0.00"])
        self.assertIn(invoice.payment_state, ("paid", "in_payment"))

    def test_two_contracts_of_one_day(self):
        first = self.make_invoice("100.00", 1, "2026-03-02", sold="2026-02-02").installment_ids
        second = self.make_invoice("100.00", 1, "2026-03-02", sold="2026-02-02").installment_ids
        receipt = self.receive(first + second, ("cash", "150.00"), on="2026-03-02")
        self.assertEqual(self.residuals(first + second), ["0.00", "50.00"])
        self.assertEqual(
            receipt.line_ids.mapped("contract"),
            [first.contract_reference, second.contract_reference],
        )

    def test_down_payment_by_another_method(self):
        """40.00 down by bank on the day of the sale, the first installment later in cash."""
        invoice = self.make_invoice("240.00", 2, "2026-03-02", sold="2026-02-02", down="40")
        down, first, second = invoice.installment_ids._sorted_for_receiving()
        self.receive(down, ("bank", "40.00"), on="2026-02-02")
        self.receive(first, ("cash", "100.00"), on="2026-03-02")
        self.assertEqual(self.residuals(down + first + second), ["0.00", "0.00", "100.00"])

    def test_end_of_short_months_and_leap_day(self):
        """Due on the 31st: 31 Jan (Mon), 29 Feb and 31 March 2028; each paid a day late.

        31 March 2028 is a Friday: paid on Saturday, one day late.
        """
        invoice = self.make_invoice("300.00", 3, "2028-01-31", sold="2028-01-03")
        lines = invoice.installment_ids._sorted_for_receiving()
        self.assertEqual(
            [str(due) for due in lines.mapped("date_maturity")],
            ["2028-01-31", "2028-02-29", "2028-03-31"],
        )
        for line, day in zip(lines, ("2028-02-01", "2028-03-01", "2028-04-01"), strict=True):
            self.assertEqual(self.amounts(line, day), ("100.00", "2.00", "0.03", "102.03"))
            self.receive(line, ("cash", "102.03"), on=day)
        self.assertEqual(self.residuals(lines), ["0.00"] * 3)

    def test_company_with_another_chart(self):
        """The accounts are made with the chart; charges are other income there, too."""
        company = self.env["res.company"].create(
            {"name": "Other", "currency_id": self.env.ref("base.BRL").id}
        )
        self.env["account.chart.template"].try_loading(
            "generic_coa", company=company, install_demo=False
        )
        company.currency_id = self.env.ref("base.BRL")
        self.env.user.company_ids = [Command.link(company.id)]
        env = self.env(context={"allowed_company_ids": company.ids})
        plan = self.make_plan("Other chart", company_id=False)
        (line,) = self.make_installments(("2026-02-12", "105.58"), plan=plan, company=company)
        line = line.with_env(env)
        self.cash = env["account.journal"].search(
            [("company_id", "=", company.id), ("type", "=", "bank")], limit=1
        )
        receipt = self.receive(line, ("cash", "108.29"), on="2026-03-01")
        self.assertEqual(self.totals(receipt)[:3], ("105.58", "2.11", "0.60"))
        self.assertEqual(company.late_fine_account_id.account_type, "income_other")

    def test_date_before_the_sale(self):
        """Nothing is late then, the payment is booked on its day."""
        (line,) = self.make_installments(("2026-03-02", "100.00"))
        receipt = self.receive(line, ("cash", "100.00"), on="2026-01-02")
        self.assertEqual(receipt.payment_ids.date, date(2026, 1, 2))
        self.assertEqual(self.residuals(line), ["0.00"])
