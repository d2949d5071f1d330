import base64
from datetime import timezone
from zoneinfo import ZoneInfo

from odoo import fields, models
from odoo.exceptions import UserError

from ..domain.bureau_notice import NoticeAttempt, NoticeFate, fate
from ..domain.message_states import State
from .notification import notification

MODEL = "dunning.bureau.case"
TEMPLATE = "bureau_notice"
# In these a notice is looked for, or its proof.
OPEN = ("approved", "notice_sent")
LEFT = (State.SENT, State.DELIVERED, State.READ)
ON_THE_WAY = ("to_print", "printed", "posted")


class DunningBureauCase(models.Model):
    """The written notice as a message: the provider's report of its delivery is the proof.

    Tema 1315 of the STJ: an electronic notice counts when its delivery is proven. What decides
    is :mod:`..domain.bureau_notice`; asked with each report, and nightly.
    """

    _inherit = "dunning.bureau.case"

    notice_message_ids = fields.One2many(
        "contact.message", "res_id", string="Messages", domain=[("res_model", "=", MODEL)]
    )

    lost_message_id = fields.Many2one(
        "contact.message",
        string="Message Not Delivered",
        readonly=True,
        copy=False,
        ondelete="set null",
        help="The last message that a letter was made for, because none had arrived.",
    )

    # ------------------------------------------------------------- actions

    def action_send_message(self):
        """The written notice as a message; its delivery starts the waiting period by itself."""
        cases = self._for("collector")
        template = self._notice_template()
        ready = cases.filtered(lambda case: case.state == "approved" and not case.stop_cause)
        ready = ready.filtered(lambda case: not case._notice_on_the_way())
        if not ready:
            raise UserError(
                self.env._(
                    "None of these cases waits for its notice: approve them first, and look "
                    "whether a letter or a message is on its way already."
                )
            )
        self.env["contact.message"]._enqueue(ready, template, author=self.env.user)
        ready.invalidate_recordset(["notice_message_ids", "todo"])
        return notification(
            self.env._(
                "%s notices are queued. Each leaves at the next permitted hour; its delivery "
                "is recorded as the proof.",
                len(ready),
            )
        )

    def action_view_messages(self):
        """Open the messages that carried the notice."""
        return self.notice_message_ids._get_records_action(name=self.env._("Messages"))

    # ------------------------------------------------------------ business

    def _cron_review(self):
        """Nightly: what nobody reported about is decided by the days that have passed."""
        super()._cron_review()
        cases = self.search([("state", "in", OPEN), ("notice_message_ids", "!=", False)])
        cases._follow_messages()

    def _follow_messages(self):
        """Apply what is known of the messages; asking again changes nothing.

        With sudo: providers' reports come without a user, and users have no right to write cases.
        """
        for case in self.sudo().filtered(lambda case: case.state in OPEN):
            messages = case.notice_message_ids.sorted("id")
            today = self.env["dunning.run"]._today(case.company_id)
            attempts = [case._attempt(message) for message in messages]
            if not attempts:
                continue
            found, received_on = fate(attempts, today)
            case._note_sent(messages)
            if found == NoticeFate.RECEIVED:
                case._notice_received(messages, received_on)
            elif found != NoticeFate.WAITING:
                case._notice_failed(messages, found, today)

    def _notice_received(self, messages, day):
        message = next(m for m in messages if self._local_day(m.delivered_at) == day)
        if self.state == "approved":  # taken for lost, and arrived after all
            self._notice_sent(_channel(message), self._local_day(message.sent_at) or day)
        self.letter_ids._cancel_unposted()
        (messages - message)._withdraw("duplicate")
        self._prove(
            max(day, self.notice_on),
            self._proof_line(message),
            base64.b64encode(self._proof_text(message).encode()),
            f"{self.reference()}.txt",
        )

    def _notice_failed(self, messages, found, day):
        """No message brought it: another notice is needed, a letter where that is known."""
        messages._withdraw("gave_up")
        if self.notice_channel in ("message", "email"):
            self._notice_returned()
        if found != NoticeFate.FAILED or self.state != "approved":
            return
        self._review(day)
        done = self.lost_message_id == messages[-1:]  # whatever became of its letter since
        if self.stop_cause or self.state != "approved" or done or self._notice_on_the_way():
            return
        self.env["dunning.letter"].sudo()._make_for_case(self)
        self.lost_message_id = messages[-1:]
        self._message_log(
            body=self.env._("No message with the notice was delivered: a letter is to be printed.")
        )

    def _withdraw_notice(self):
        """The case ended: nothing about it leaves any more."""
        self.letter_ids._cancel_unposted()
        self.sudo().notice_message_ids._withdraw("cancelled_by_user")

    # ------------------------------------------------------------- helpers

    def _todo_on(self, day):
        todo = super()._todo_on(day)
        on_the_way = todo == "notify" and any(m.state == "queued" for m in self.notice_message_ids)
        return "wait" if on_the_way else todo

    def _notice_template(self):
        companies = self.company_id.ids
        templates = self.env["contact.template"].sudo()
        found = templates.search(
            [("code", "=", TEMPLATE), ("company_id", "in", [False, *companies])],
            order="company_id, id",
            limit=1,
        )
        if not found:
            raise UserError(
                self.env._("There is no message template with the code “%s” any more.", TEMPLATE)
            )
        return found

    def _notice_on_the_way(self):
        letters = self.letter_ids.filtered(lambda letter: letter.state in ON_THE_WAY)
        pending = ("queued", "sending", "uncertain")
        return letters or self.notice_message_ids.filtered(lambda m: m.state in pending)

    def _note_sent(self, messages):
        """The first message that left is the day of the notice."""
        left = messages.filtered(lambda m: m.state in LEFT and m.sent_at).sorted("sent_at")
        if left and self.state == "approved":
            self._notice_sent(_channel(left[0]), self._local_day(left[0].sent_at))

    def _attempt(self, message):
        return NoticeAttempt(
            state=message.state,
            reason=message.reason or None,
            since=self._local_day(message.sent_at or message.create_date),
            received_on=self._local_day(message.delivered_at),
            is_followed=bool(message.fallback_at),
        )

    def _local_day(self, instant):
        moment = self._local(instant)
        return moment and moment.date()

    def _local(self, instant):
        """The instant (naive UTC) on the shop's clock; None for none."""
        zone = ZoneInfo(self.company_id.contact_timezone)
        return instant.replace(tzinfo=timezone.utc).astimezone(zone) if instant else None

    def _proof_line(self, message):
        channel = dict(message._fields["channel"]._description_selection(self.env))
        return ", ".join(
            part
            for part in (
                channel[message.channel],
                message.address,
                f"{self._local(message.delivered_at):%d/%m/%Y %H:%M}",
                message.provider_id,
            )
            if part
        )

    def _proof_text(self, message):
        """What was sent, to whom, and what the provider reported: it outlives the message.

        Messages lose number and text after the time they are kept.
        """
        spoken = self.with_context(lang=self.company_id.partner_id.lang or self.env.lang)
        instants = (
            (spoken.env._("Sent"), message.sent_at),
            (spoken.env._("Delivered"), message.delivered_at),
            (spoken.env._("Read"), message.read_at),
        )
        return "\r\n".join(
            [
                spoken.env._("Notice before registration at a credit bureau (CDC art. 43 §2)"),
                f"{self.reference()} · {self.partner_id.name} · {self.partner_id.vat or ''}",
                self._proof_line(message),
                *(f"{what}: {self._local(at):%d/%m/%Y %H:%M:%S %z}" for what, at in instants if at),
                f"UUID: {message.uuid}",
                "",
                message.body or "",
            ]
        )


def _channel(message):
    """How the case calls the message's channel."""
    return "email" if message.channel == "email" else "message"
