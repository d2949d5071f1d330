"""An agency collects: file, silence of the own ladder, payments meanwhile, taking back."""

from datetime import date

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError

from tests.ladder.dunning_common import DunningCommon
from tests.recovery.common import RecoveryCommon


class AgencyCommon(RecoveryCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.agency = cls.env["dunning.agency"].create(
            {"name": "Recupera", "commission_percent": 12.5, "export_format": "iso"}
        )

    def handed_over(self, lines, on="2026-03-11"):
        with freeze_time(on):
            handover = self.env["dunning.handover"].with_user(self.collector)._propose(lines)
            handover.with_user(self.manager)._hand_over(self.agency.with_user(self.manager))
        return handover


class TestEligible(AgencyCommon):
    def listed(self, user=None):
        with freeze_time("2026-03-11 15:00:00"):
            action = (
                self.env["dunning.handover"].with_user(user or self.collector).action_eligible()
            )
            lines = self.env["account.move.line"].with_user(user or self.collector)
            return lines.search([*action["domain"], ("partner_id", "=", self.customer.id)])

    def test_late_enough_and_not_with_an_agency(self):
        """On 11 March: due 10 January is 60 days late, due 11 January 59."""
        sixty, less = self.debt("2026-01-10", "2026-01-11")
        self.assertEqual(self.listed(), sixty)
        self.company.agency_min_days_late = 59
        self.assertEqual(self.listed(), sixty + less)
        handover = self.handed_over(sixty)
        self.assertEqual(self.listed(), less)
        with freeze_time("2026-03-12"):
            handover.with_user(self.manager)._take_back("Nothing came of it")
        self.assertEqual(self.listed(), sixty + less)

    def test_the_files_of_a_customer(self):
        self.handed_over(self.debt())
        manager = self.customer.with_user(self.manager)
        self.assertEqual(manager.export_count, 1)
        action = manager.action_view_exports()
        self.assertEqual(self.env["dunning.export"].search(action["domain"]).kind, "agency")

    def test_sellers_do_not_see_the_list(self):
        with self.assertRaises(AccessError):
            self.listed(self.seller)


class TestAgency(AgencyCommon):
    def test_the_file(self):
        """58 days on 100.00: 2.00 + 1.93. What nobody needs for collecting is not in it."""
        self.customer.write({"name": "=HYPERLINK(1)", "birthdate": "1980-05-05"})
        handover = self.handed_over(self.debt())
        [export] = self.exports("agency")
        self.assertEqual((export.user_id, export.agency_id), (self.manager, self.agency))
        [row] = self.rows(export)
        self.assertEqual(row["nome"], "'=HYPERLINK(1)")
        self.assertEqual(row["telefone"], "5511961234567")
        self.assertEqual(
            [row[name] for name in ("vencimento", "principal", "multa", "juros", "total")],
            ["2026-01-10", "100.00", "2.00", "1.93", "103.93"],
        )
        self.assertFalse([value for value in row.values() if "1980" in value])
        self.assertEqual((handover.state, handover.amount), ("handed_over", 103.93))

    def test_brazilian_format(self):
        self.agency.export_format = "br"
        self.handed_over(self.debt())
        [row] = self.rows(self.exports("agency"))
        self.assertEqual((row["vencimento"], row["total"]), ("10/01/2026", "103,93"))

    def test_payments_since(self):
        """100.00 + 2.00 + 2.20 of 78 - 12 days: interest of 66 days = 2.20; 12.5% of 104.20."""
        lines = self.debt("2026-01-10", "2026-02-10")
        handover = self.handed_over(lines)
        self.pay(lines[0], on="2026-03-19")
        handover.sudo()._review()
        self.assertEqual((handover.state, handover.last_payment_on), ("partly", date(2026, 3, 19)))
        self.assertEqual((handover.amount_recovered, handover.commission), (104.2, 13.03))
        self.pay(lines[1], on="2026-03-30")
        handover.sudo()._review()
        self.assertEqual(handover.state, "recovered")

    def test_nothing_twice_and_nothing_paid(self):
        lines = self.debt("2026-01-10", "2026-02-10", "2026-05-10")
        self.pay(lines[0], on="2026-03-01")
        handover = self.handed_over(lines)
        self.assertEqual(handover.line_ids.move_line_id, lines[1])
        with freeze_time("2026-03-12"):
            self.assertFalse(self.env["dunning.handover"]._propose(lines))

    def test_paid_between_proposal_and_approval(self):
        line = self.debt()
        with freeze_time("2026-03-11"):
            handover = self.env["dunning.handover"].with_user(self.collector)._propose(line)
        self.pay(line, on="2026-03-12")
        with freeze_time("2026-03-13"), self.assertRaises(UserError):
            handover.with_user(self.manager)._hand_over(self.agency)
        self.assertFalse(self.exports("agency"))

    def test_rights(self):
        line = self.debt()
        with freeze_time("2026-03-11"):
            handover = self.env["dunning.handover"].with_user(self.collector)._propose(line)
        for step in (
            lambda: handover._hand_over(self.agency),
            lambda: handover._take_back("x"),
            lambda: handover.write({"state": "handed_over"}),
            lambda: handover.with_user(self.seller).read(["state"]),
            lambda: self.agency.with_user(self.collector).write({"commission_percent": 1}),
            lambda: self.env["dunning.handover"].with_user(self.seller)._propose(line),
            lambda: self.customer.with_user(self.collector).action_dossier(),
        ):
            with self.assertRaises(AccessError):
                step()


class TestLadderRests(AgencyCommon, DunningCommon):
    def test_silent_with_the_agency_and_on_again_afterwards(self):
        """Due 10 March: level 5 is silent while handed over, level 10 comes after taking back."""
        mine = self.debt("2026-03-10")
        other = self.debt("2026-03-10", partner=self.make_customer("Ana"))
        self.run_ladder("2026-03-11")
        handover = self.handed_over(mine, on="2026-03-12")
        self.run_ladder("2026-03-15")
        self.assertFalse(self.notices("2026-03-15", self.customer))
        self.assertTrue(self.notices("2026-03-15", other.partner_id))
        run = self.env["dunning.run"].search([("date", "=", "2026-03-15")])
        self.assertEqual(run.batch_ids._total()["holds"]["agency"], 1)
        with freeze_time("2026-03-18"):
            handover.with_user(self.manager)._take_back("No result")
        self.assertEqual((handover.state, handover.reason), ("returned", "No result"))
        self.run_ladder("2026-03-20")
        self.assertEqual(self.notices("2026-03-20", self.customer).level_offset, 10)
