"""The way of a service order (O.S.) from the counter to the lab and to the customer."""

from dataclasses import dataclass
from datetime import date

from ..shop.errors import ErrorCode, ServiceOrderError
from ..shop.vocabulary import Vocabulary


class OrderState(Vocabulary):
    """Where the glasses are."""

    DRAFT = "draft"
    AT_LAB = "at_lab"
    READY = "ready"
    DELIVERED = "delivered"
    CANCELLED = "cancelled"


OPEN_STATES = (OrderState.DRAFT, OrderState.AT_LAB, OrderState.READY)
# Glasses from stock need no lab: they may be ready at once.
TRANSITIONS = {
    OrderState.DRAFT: (OrderState.AT_LAB, OrderState.READY, OrderState.CANCELLED),
    OrderState.AT_LAB: (OrderState.DRAFT, OrderState.READY, OrderState.CANCELLED),
    OrderState.READY: (
        OrderState.DRAFT,
        OrderState.AT_LAB,
        OrderState.DELIVERED,
        OrderState.CANCELLED,
    ),
    OrderState.DELIVERED: (OrderState.READY, OrderState.CANCELLED),
    OrderState.CANCELLED: (OrderState.DRAFT,),
}
FORWARD = {
    OrderState.DRAFT: (OrderState.AT_LAB, OrderState.READY),
    OrderState.AT_LAB: (OrderState.READY,),
    OrderState.READY: (OrderState.DELIVERED,),
}


@dataclass(frozen=True, slots=True)
class OrderFacts:
    """What the rules ask about an order at the moment of the step.

    :param accepted: the customer's name stands under the delivery
    :param is_agreed: the customer ordered: no quotation or cancelled sale is behind it
    """

    state: OrderState
    has_lab: bool = False
    promised: date | None = None
    delivered: date | None = None
    accepted: bool = False
    is_agreed: bool = True


def check_transition(facts: OrderFacts, target: OrderState, today: date, is_manager: bool) -> None:
    """Refuse a step that the order may not take.

    Without a confirmed sale nothing is made and nothing handed over; steps back are free.
    A delivery is undone on its own day; later, and to cancel what was delivered, it takes a
    manager.

    :raise ServiceOrderError: with the reason
    """
    if target not in TRANSITIONS[facts.state]:
        raise ServiceOrderError(ErrorCode.NO_SUCH_TRANSITION, state=facts.state, target=target)
    if not facts.is_agreed and target in FORWARD.get(facts.state, ()):
        raise ServiceOrderError(ErrorCode.SALE_NOT_CONFIRMED)
    if target == OrderState.AT_LAB:
        if not facts.has_lab:
            raise ServiceOrderError(ErrorCode.LAB_MISSING)
        if not facts.promised:
            raise ServiceOrderError(ErrorCode.DELIVERY_DATE_MISSING)
    if target == OrderState.DELIVERED and not facts.accepted:
        raise ServiceOrderError(ErrorCode.NOT_ACCEPTED)
    if facts.state == OrderState.DELIVERED and not is_manager:
        if target == OrderState.CANCELLED:
            raise ServiceOrderError(ErrorCode.MANAGER_ONLY)
        if facts.delivered != today:
            raise ServiceOrderError(ErrorCode.UNDO_TOO_LATE, delivered=facts.delivered)


def days_late(state: OrderState, promised: date | None, today: date) -> int:
    """Days since the promised one while the glasses are not ready; 0 where nothing is late.

    Glasses that are ready wait for the customer: the shop is not late any more.
    """
    if state not in (OrderState.DRAFT, OrderState.AT_LAB) or not promised:
        return 0
    return max((today - promised).days, 0)


def delay(promised: date | None, ready: date | None) -> int | None:
    """Days that finished glasses came after the promise (0: in time); None if not known."""
    if not promised or not ready:
        return None
    return max((ready - promised).days, 0)


def lab_days(sent: date | None, ready: date | None) -> int | None:
    """Days from the dispatch to the lab until the glasses were ready; None if not known."""
    if not sent or not ready:
        return None
    return max((ready - sent).days, 0)
