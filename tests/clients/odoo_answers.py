"""What the answers of Odoo's own queues mean; played in ``tests/inbox/test_answers.py``."""

from dataclasses import dataclass
from smtplib import SMTPDataError, SMTPRecipientsRefused, SMTPSenderRefused

from odoo.addons.optica_cobranca.domain.messaging.message_states import FailureClass

from tests.clients.answer_table import AFTER, BEFORE, DURING, Table
from tests.clients.message_answers import done, not_done, unsure

_FIX, _AUTH = FailureClass.FIX_REQUEST, FailureClass.AUTH

ODOO_SMS_API = "Odoo 19, sms/tools/sms_api.py"
ODOO_SMS_SEND = "Odoo 19, sms_sms.py: whatever is raised becomes server_error"


@dataclass(frozen=True)
class Sms:
    """What Odoo's service (or its module for Twilio) says of an SMS, or what goes wrong on the way.

    :param report: it is said later, of an SMS that was taken
    """

    said: str = ""
    raised: Exception | None = None
    report: bool = False


_SMS_REFUSED = (
    ("wrong_number_format", "sms_number_format", FailureClass.STOP_RECIPIENT),
    ("country_not_supported", "sms_country_not_supported", FailureClass.STOP_RECIPIENT),
    ("insufficient_credit", "sms_credit", FailureClass.PAUSE_SENDER),
    ("unregistered", "sms_acc", _AUTH),
)
ODOO_SMS = Table(
    "odoo_sms",
    "SMS through Odoo (Odoo's service, or the module for Twilio)",
    (
        not_done(BEFORE, "taken back in Odoo's list of SMS", Sms("canceled"), _FIX, "canceled",
                 "Odoo 19, sms_sms.py: canceled SMS are not sent"),
        unsure(DURING, "no answer (sms_server)", Sms(raised=TimeoutError("timed out")),
               "sms_server", ODOO_SMS_SEND),
        done("success", Sms("success"), ODOO_SMS_API),
        *(
            not_done(AFTER, said, Sms(said), asks, code, ODOO_SMS_API)
            for said, code, asks in _SMS_REFUSED
        ),
        unsure(AFTER, "server_error", Sms("server_error"), "sms_server", ODOO_SMS_SEND),
        unsure(AFTER, "a word that Odoo does not know", Sms("something_new"), "unknown",
               "Odoo 19, sms_twilio/tools/sms_api.py: also of a server that fell over"),
        not_done(AFTER, "reported later: not delivered", Sms("not_delivered", report=True), _FIX,
                 "sms_not_delivered", "Odoo 19, sms_tracker.py: a delivery report"),
    ),
    note="Odoo's queue sends; it repeats nothing by itself.",
)  # fmt: skip


@dataclass(frozen=True)
class Mail:
    """What happens between Odoo's queue of e-mails and the mail server.

    :param on_connect: raised before the session stands
    :param on_send: raised while the message is handed over
    """

    on_connect: Exception | None = None
    on_send: Exception | None = None


SMTP_REPLIES = "RFC 5321 §4.2.1: with 4yz and 5yz the server has not taken it"
ODOO_MAIL = Table(
    "odoo_mail",
    "E-mail through Odoo",
    (
        not_done(BEFORE, "no connection to the mail server",
                 Mail(on_connect=ConnectionRefusedError("no mail server")),
                 FailureClass.PAUSE_SENDER, "mail_smtp",
                 "Odoo 19, mail_mail.py: mail_smtp is said of the connection alone"),
        unsure(DURING, "time-out while it is handed over", Mail(on_send=TimeoutError("timed out")),
               "unknown", "RFC 1047: a server may have taken it whose answer is lost"),
        unsure(DURING, "line broken while it is handed over",
               Mail(on_send=BrokenPipeError("Broken pipe")), "unknown",
               "RFC 1047: a server may have taken it whose answer is lost"),
        done("250", Mail(), "RFC 5321 §4.2.5: with 250 the server answers for it"),
        not_done(AFTER, "550 to the address",
                 Mail(on_send=SMTPRecipientsRefused({"maria@example.com": (550, b"no such user")})),
                 FailureClass.STOP_RECIPIENT, "unknown", SMTP_REPLIES),
        not_done(AFTER, "553 to the sender",
                 Mail(on_send=SMTPSenderRefused(553, b"not yours", "otica@loja.example")),
                 FailureClass.PAUSE_SENDER, "unknown", SMTP_REPLIES),
        not_done(AFTER, "554 to the message", Mail(on_send=SMTPDataError(554, b"refused")), _FIX,
                 "unknown", SMTP_REPLIES),
    ),
    note="A server that hangs up in the middle of a session makes Odoo's queue try again, as SMTP "
    "asks for (RFC 5321 §4.5.4.1): the one case in which something is sent again without proof, "
    "by Odoo itself.",
)  # fmt: skip
