"""What a customer may agree to alone on one day, gathered: plain values and records."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from ..domain.agreement import Debt
from ..domain.self_service import Answer, Credit, Offers, SelfServicePolicy


@dataclass(frozen=True, slots=True)
class SelfService:
    """Records (with sudo) and domain values of one customer and company on ``today``.

    ``lines``: the installments that an agreement takes in, ``debts`` the same in domain terms;
    ``plan`` gives the price of the new credit and the charges when late.
    """

    partner: Any
    company: Any
    lines: Any
    debts: list[Debt]
    plan: Any
    policy: SelfServicePolicy
    credit: Credit
    offers: Offers
    today: date

    def pay_until(self, answer: Answer) -> date | None:
        """Last day for the down payment of a choice; None where there is none."""
        if not answer.proposal.offer.down_payment:
            return None
        days = self.company.self_service_down_days
        return min(self.today + timedelta(days=days), answer.proposal.offer.dates[0])
