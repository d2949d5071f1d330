from datetime import date, timedelta

from odoo import models

AGENCY = "Recupera Assessoria de Cobrança"
WITH_AGENCY = "Iara"
PROPOSED_FOR_AGENCY = "Luciana"
TO_APPROVE_FOR_BUREAU = "Gabriela"
NOTICE_RECEIVED = "Geraldo"
TRACKING_CODE = "BR254108877BR"


class DemoShop(models.AbstractModel):
    """What comes after the reminders in the demo shop, and how its customers are rated."""

    _inherit = "optica.demo.shop"

    def _rate(self, day: date):
        """What the nightly job does for ``day``, but for its commits."""
        run = self.env["dunning.rating.run"].sudo()._begin(self.env.company, day, again=True)
        while run.state == "running":
            run._rate_next()

    def _recover(self, collector, manager, today: date):
        """An agency with a customer, cases for the bureau, letters to print."""
        agency = self.env["dunning.agency"].create(
            {
                "name": AGENCY,
                "company_id": self.env.company.id,
                "email": "carteira@recupera.example",
                "commission_percent": 20.0,
            }
        )
        self._late_of(WITH_AGENCY, collector).action_propose_agency()
        handovers = self.with_user(manager).env["dunning.handover"]
        handovers.search([("partner_id", "=", self._customer(WITH_AGENCY).id)])._hand_over(agency)
        self._late_of(PROPOSED_FOR_AGENCY, collector).action_propose_agency()
        self._report_to_bureau(collector, manager, today)
        notices = self.with_user(collector).env["dunning.notice"]
        notices.search([("step_ids.code", "=", "letter")])._step_letter()

    def _report_to_bureau(self, collector, manager, today):
        """One case waits for the manager, of the other the customer knows since a week."""
        for first_name in (TO_APPROVE_FOR_BUREAU, NOTICE_RECEIVED):
            self._late_of(first_name, collector).action_propose_bureau()
        case = self.with_user(manager).env["dunning.bureau.case"]
        case = case.search([("partner_id", "=", self._customer(NOTICE_RECEIVED).id)])
        case._approve("Quatro meses sem resposta às ligações e aos avisos.")
        told = case.sudo()
        told.approved_at -= timedelta(days=12)
        told._notice_sent("registered", today - timedelta(days=10))
        told._prove(today - timedelta(days=7), TRACKING_CODE)
        told.search([])._review(today)  # pylint: disable=no-search-all; the demo's own few

    def _late_of(self, first_name, user):
        owed = self._customer(first_name)._open_installments()
        return owed.filtered(lambda line: line.installment_state == "overdue").with_user(user)
