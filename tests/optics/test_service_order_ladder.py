"""Levels that wait for the delivery wait for service orders."""

from tests.ladder.dunning_common import DunningCommon
from tests.optics.service_common import ServiceOrderCommon


class TestLadderWaits(DunningCommon, ServiceOrderCommon):
    """A level that waits for the delivery waits for the service order."""

    def test_until_the_glasses_are_delivered(self):
        self.level(1).only_delivered = True
        line = self.make_installments(("2026-06-10", "50.00"))
        order = self.make_order(move_id=line.move_id.id)
        run = self.run_ladder("2026-06-11")
        self.assertFalse(self.notices("2026-06-11"))
        self.assertEqual(run.counts["holds"], {"delivery": 1})
        order.action_ready()
        self.deliver(order)
        self.run_ladder("2026-06-12")
        self.assertEqual(self.notices("2026-06-12").line_ids.move_line_id, line)

    def test_a_remake_waits_again_and_a_cancelled_order_does_not(self):
        self.level(1).only_delivered = True
        line = self.make_installments(("2026-06-10", "50.00"))
        order = self.make_order(move_id=line.move_id.id)
        order.action_ready()
        self.deliver(order)
        remake = order._remake("Loose lens", "lab", "2026-06-20")
        self.run_ladder("2026-06-11")
        self.assertFalse(self.notices("2026-06-11"))
        remake.action_cancel()
        self.run_ladder("2026-06-12")
        self.assertEqual(self.notices("2026-06-12").line_ids.move_line_id, line)

    def test_of_the_sale_behind_the_contract(self):
        self.level(1).only_delivered = True
        sale = self.make_sale("300.00", installments=1)
        sale.action_confirm()
        order = self.env["optica.service.order"].create(
            self.env["optica.service.order"]._from_sale(sale, sale.order_line)
        )
        sale.order_line.qty_delivered = 1
        invoice = sale._create_invoices()
        invoice.invoice_date = "2026-05-10"
        invoice.first_due_date = "2026-06-10"
        invoice.action_post()
        self.assertEqual(invoice.service_order_count, 1)
        self.run_ladder("2026-06-11")
        self.assertFalse(self.notices("2026-06-11"))
        order.action_cancel()
        self.run_ladder("2026-06-12")
        self.assertEqual(self.notices("2026-06-12").line_ids.move_line_id, invoice.installment_ids)
