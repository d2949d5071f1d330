"""Which ladder a contract follows, and levels that wait: for more debt, or for the glasses."""

from datetime import date

from odoo.tests import Form, new_test_user

from tests.ladder.dunning_common import DunningCommon

DUE = "2026-06-10"


class TestLadderChoice(DunningCommon):
    """Customer, contract, plan, segment, company: in this order. All is due on 10 June 2026."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.own = cls.make_policy("Customer's", 1)
        cls.contract = cls.make_policy("Contract's", 1)
        cls.of_plan = cls.make_policy("Plan's", 1)
        cls.segment = cls.make_policy(
            "Segment's", 1, sequence=1, segment_domain="[('name', '=like', 'Ana%')]"
        )
        cls.make_policy("Later segment", 1, sequence=2, segment_domain="[('name', '!=', False)]")
        cls.ana = cls.make_customer("Ana")

    def followed(self, line):
        """The ladder of the notice of 11 June."""
        self.run_ladder("2026-06-11")
        return self.notices("2026-06-11", line.partner_id).policy_id

    def test_the_customers_own_comes_first(self):
        line = self.make_installments((DUE, "100.00"), partner=self.ana)
        self.ana.with_company(self.company).sudo().dunning_policy_id = self.own
        line.move_id.sudo().dunning_policy_id = self.contract
        self.plan.dunning_policy_id = self.of_plan
        self.assertEqual(self.followed(line), self.own)

    def test_then_the_contracts(self):
        line = self.make_installments((DUE, "100.00"), partner=self.ana)
        line.move_id.sudo().dunning_policy_id = self.contract
        self.plan.dunning_policy_id = self.of_plan
        self.assertEqual(self.followed(line), self.contract)

    def test_then_the_plans(self):
        line = self.make_installments((DUE, "100.00"), partner=self.ana)
        self.plan.dunning_policy_id = self.of_plan
        self.assertEqual(self.followed(line), self.of_plan)

    def test_then_the_first_segment_that_fits(self):
        line = self.make_installments((DUE, "100.00"), partner=self.ana)
        self.assertEqual(self.followed(line), self.segment)

    def test_then_the_companys_usual_one(self):
        bia = self.make_customer("Bia")
        self.env["dunning.policy"].search([("name", "=", "Later segment")]).active = False
        line = self.make_installments((DUE, "100.00"), partner=bia)
        self.assertEqual(self.followed(line), self.policy)

    def test_an_archived_choice_is_no_choice(self):
        line = self.make_installments((DUE, "100.00"), partner=self.ana)
        line.move_id.sudo().dunning_policy_id = self.contract
        (self.contract + self.segment).active = False
        self.assertEqual(self.followed(line).name, "Later segment")

    def test_two_contracts_of_a_customer_follow_their_own_ladders(self):
        slow = self.make_policy("Slow", 20)
        held, usual = (self.make_installments((DUE, "100.00"), partner=self.ana) for _n in range(2))
        held.move_id.sudo().dunning_policy_id = slow
        self.run_ladder("2026-06-11")
        notice = self.notices("2026-06-11", self.ana)
        advanced = notice.line_ids.filtered("advanced")
        self.assertEqual(advanced.move_line_id, usual)
        self.assertEqual(notice.line_ids.move_line_id, held + usual)

    def test_the_orders_ladder_goes_to_the_contract_whoever_invoices(self):
        seller = new_test_user(
            self.env,
            "seller_choice",
            groups="optica_cobranca.group_seller,sales_team.group_sale_salesman_all_leads",
            company_id=self.company.id,
            company_ids=self.company.ids,
        )
        order = self.make_sale("300.00", installments=3, partner=self.ana)
        order.sudo().dunning_policy_id = self.contract
        order.action_confirm()
        invoice = order.with_user(seller)._create_invoices()
        self.assertEqual(invoice.sudo().dunning_policy_id, self.contract)

    def test_orders_with_different_ladders_have_different_contracts(self):
        orders = self.env["sale.order"]
        for policy in (self.contract, self.own):
            order = self.make_sale("300.00", installments=3, partner=self.ana)
            order.sudo().dunning_policy_id = policy
            orders += order
        orders.action_confirm()
        self.assertEqual(orders._create_invoices().dunning_policy_id, self.contract + self.own)

    def test_a_collector_chooses_it_on_the_contract(self):
        invoice = self.make_invoice(partner=self.ana)
        with Form(invoice, "account.view_move_form") as form:
            form.dunning_policy_id = self.contract
            form.dunning_choice_reason = "Agreed with the owner"
        self.assertEqual(invoice.dunning_policy_id, self.contract)


class TestLevelsThatWait(DunningCommon):
    """The same day, the same customer: a minimum amount, and the delivery."""

    def outcome(self, line, day):
        """What the preview says of the installment: the label users read."""
        preview = self.env["dunning.preview"].create(
            {"company_id": self.company.id, "date": day, "partner_ids": line.partner_id.ids}
        )
        preview.action_preview()
        return preview.line_ids.filtered(lambda row: row.move_line_id == line).outcome

    def test_a_small_debt_waits_and_advances_once_it_has_grown(self):
        self.company.dunning_policy_id = self.make_policy("Late only", 1, 5)
        self.level(1, self.company.dunning_policy_id).min_amount = 100.0
        first, second = self.make_installments((DUE, "60.00"), ("2026-06-12", "40.00"))
        self.run_ladder("2026-06-11")
        self.assertFalse(self.notices("2026-06-11"))
        self.assertEqual(self.outcome(first, "2026-06-11"), "below_minimum")
        # On the 12th the second is due, not late: 60.00. On the 13th both are late: 100.00.
        self.run_ladder("2026-06-12")
        self.assertFalse(self.notices("2026-06-12"))
        self.run_ladder("2026-06-13")
        notice = self.notices("2026-06-13")
        self.assertEqual(notice.line_ids.filtered("advanced").move_line_id, first + second)
        self.assertEqual(notice.amount_residual, 100.0)

    def test_a_reminder_counts_towards_the_minimum(self):
        """On 11 June the second is reminded of (-1): the notice would list 100.00."""
        self.level(1).min_amount = 100.0
        lines = self.make_installments((DUE, "60.00"), ("2026-06-12", "40.00"))
        self.run_ladder("2026-06-11")
        self.assertEqual(self.notices("2026-06-11").line_ids.move_line_id, lines)
        self.assertEqual(self.notices("2026-06-11").level_id, self.level(1))

    def test_the_forecast_knows_of_minimums(self):
        self.level(1).min_amount = 100.0
        self.make_installments((DUE, "60.00"))
        run = self.env["dunning.run"]
        self.assertFalse(run._foresee(date(2026, 6, 11))[0])
        self.level(1).min_amount = 60.0
        self.assertEqual(run._foresee(date(2026, 6, 11))[0], {self.level(1).id: 1})

    def sold(self, delivered=0):
        """An installment of 300.00 due on 10 June, of an order with so many glasses delivered."""
        plan = self.make_plan("On one date")
        order = self.make_sale("300.00", installments=1, first_due=None, plan=plan)
        order.action_confirm()
        order.order_line.qty_delivered = delivered
        invoice = order._create_invoices()
        invoice.invoice_date = "2026-05-10"
        invoice.first_due_date = DUE
        invoice.action_post()
        return order, invoice.installment_ids

    def test_a_level_waits_until_the_glasses_are_with_the_customer(self):
        self.level(1).only_delivered = True
        order, line = self.sold()
        self.assertEqual(line.date_maturity, date(2026, 6, 10))
        run = self.run_ladder("2026-06-11")
        self.assertFalse(self.notices("2026-06-11"))
        self.assertEqual(run.counts["holds"], {"delivery": 1})
        self.assertEqual(self.outcome(line, "2026-06-11"), "delivery")
        order.order_line.qty_delivered = 1
        self.run_ladder("2026-06-12")
        self.assertEqual(self.notices("2026-06-12").line_ids.move_line_id, line)

    def test_other_levels_and_other_contracts_do_not_wait(self):
        self.level(5).only_delivered = True
        _order, line = self.sold()
        imported = self.make_installments((DUE, "50.00"))
        self.run_ladder("2026-06-11")
        self.assertEqual(self.notices("2026-06-11").line_ids.move_line_id, line + imported)
        self.run_ladder("2026-06-15")
        self.assertEqual(self.notices("2026-06-15").line_ids.move_line_id, imported)

    def test_a_service_is_never_awaited(self):
        self.level(1).only_delivered = True
        order, line = self.sold()
        order.order_line.product_id.type = "service"
        self.run_ladder("2026-06-11")
        self.assertEqual(self.notices("2026-06-11").line_ids.move_line_id, line)
