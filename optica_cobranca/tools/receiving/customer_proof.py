"""Who asked for something from the customer's side, and from where: plain values."""

from dataclasses import dataclass
from datetime import timedelta

USER_AGENT_LENGTH = 400
# Of what customers write.
NOTE_LENGTH = 1000
# Who said, asked or agreed.
ORIGINS = [
    ("shop", "Shop"),
    ("portal", "Customer, logged in"),
    ("link", "Customer, by private link"),
]
CUSTOMER = ("portal", "link")
# How long the shop's answer stays on the customer's page.
ANSWER_SHOWN = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class CustomerProof:
    """A request of a customer: logged in ("portal") or by private link ("link").

    ``user_id`` is the login's, False for a link.
    """

    origin: str
    ip_address: str
    user_agent: str = ""
    user_id: int | bool = False

    @classmethod
    def of(cls, http_request, user_id):
        """The proof of a werkzeug request; ``user_id`` False: it came by private link."""
        return cls(
            origin="portal" if user_id else "link",
            ip_address=http_request.remote_addr or "?",
            user_agent=(http_request.user_agent.string or "")[:USER_AGENT_LENGTH],
            user_id=user_id,
        )
