import base64

from odoo import api, fields, models
from odoo.exceptions import UserError

from ...domain.messaging.message_states import State
from ...domain.recovery import bureau
from ...domain.recovery.bureau import LIVE, CaseFacts, CaseState, Cause
from ...domain.recovery.bureau_notice import NoticeAttempt, NoticeFate, fate
from ...domain.shop.money import ZERO, cents
from ...domain.shop.words import moment_text
from ...tools.shop.notification import notification
from ..agreement.crediario_agreement import NEGOTIATING

MODEL = "dunning.bureau.case"
TEMPLATE = "bureau_notice"
# In these a notice is looked for, or its proof.
OPEN = ("approved", "notice_sent")
LEFT = (State.SENT, State.DELIVERED, State.READ)
ON_THE_WAY = ("to_print", "printed", "posted")


def _channel(message):
    """How the case calls the message's channel."""
    return "email" if message.channel == "email" else "message"


class DunningBureauCase(models.Model):
    """The steps that people take with a case, in their order and each with its check.

    With sudo after the check (:meth:`_for`): users have no right to write cases.
    """

    _inherit = "dunning.bureau.case"

    # ------------------------------------------------------------- actions

    def action_decide(self):
        """Open the dialog that approves or refuses these cases, with the reason."""
        return self._open_wizard("decide")

    def action_cancel(self):
        """Open the dialog that gives these cases up, with the reason."""
        return self._open_wizard("cancel")

    def action_record_proof(self):
        """Open the dialog for when and how the notice was received."""
        return self._open_wizard("proof")

    def action_confirm_removal(self):
        """Open the dialog for the day and protocol of the removal."""
        return self._open_wizard("removed")

    def action_send_letter(self):
        """The written notice as a letter, to be printed with the next batch."""
        cases = self._for("collector")
        ready = cases.filtered(lambda case: case.state == "approved" and not case.stop_cause)
        ready = ready.filtered(lambda case: not case._notice_on_the_way())
        if not ready:
            raise UserError(
                self.env._(
                    "None of these cases waits for its notice: approve them first, and look "
                    "whether a letter is on its way already."
                )
            )
        letters = self.env["dunning.letter"].sudo()
        for case in ready:
            letters |= letters._make_for_case(case)
        return letters.with_env(self.env)._get_records_action(name=self.env._("Letters"))

    def action_update_amounts(self):
        """Go on with what is left after a part payment."""
        for case in self._for("manager"):
            if case.state not in ("eligible", "approved", "notice_sent", "waiting"):
                raise UserError(
                    self.env._("Only cases that are not registered can change their amounts.")
                )
            case._fix_amounts()
            case._review(fields.Date.context_today(self))

    def action_view_letters(self):
        """Open the letters of this case."""
        return self.letter_ids._get_records_action(name=self.env._("Letters"))

    # ------------------------------------------------------------ business

    def _approve(self, reason=False):
        """A manager's decision to send the notice, on the amounts of today."""
        cases = self._for("manager")._in_state("eligible")
        cases._fix_amounts()
        cases._review(fields.Date.context_today(self))
        cases = cases.filtered(lambda case: case.state == "eligible" and not case.stop_cause)
        if not cases:
            raise UserError(
                self.env._("Nothing to approve: paid in the meantime, or stopped by another step.")
            )
        cases.write(
            {
                "state": "approved",
                "reason": reason,
                "approved_by_id": self.env.uid,
                "approved_at": fields.Datetime.now(),
            }
        )
        return cases.with_env(self.env)

    def _refuse(self, reason):
        """A manager's decision that these customers stay out of the bureau."""
        self._for("manager")._in_state("eligible").write({"state": "refused", "reason": reason})

    def _cancel(self, reason):
        """Give up before registering; what is registered becomes due to be removed instead."""
        day = fields.Date.context_today(self)
        for case in self._for("manager"):
            if case in case._before():
                case.write({"state": "cancelled", "stop_cause": "asked", "reason": reason})
                case._withdraw_notice()
            elif case.state == "registered":
                calendar = case.company_id._business_calendar()
                case.reason = reason
                case._apply(case._asked_to_remove(day, calendar), day)

    def _notice_sent(self, channel, day):
        """The written notice left on ``day``."""
        self.filtered(lambda case: case.state == "approved").write(
            {"state": "notice_sent", "notice_channel": channel, "notice_on": day}
        )

    def _notice_returned(self):
        """The notice came back: it counts for nothing, another one is needed."""
        self.filtered(lambda case: case.state == "notice_sent").write(
            {"state": "approved", "notice_on": False, "notice_channel": False}
        )

    def _prove(self, day, reference=False, file=False, file_name=False):
        """The customer got the notice on ``day``: the waiting period starts."""
        for case in self.filtered(lambda case: case.state == "notice_sent"):
            if day < case.notice_on:
                raise UserError(
                    self.env._(
                        "%(customer)s cannot have received the notice before it was sent on "
                        "%(day)s.",
                        customer=case.partner_id.name,
                        day=fields.Date.to_string(case.notice_on),
                    )
                )
            case.write(
                {
                    "state": "waiting",
                    "proof_on": day,
                    "proof_reference": reference,
                    "proof_file": file,
                    "proof_file_name": file_name,
                }
            )

    def _removed(self, day, reference):
        """The bureau took these registrations away."""
        cases = self._for("manager")._in_state("removal_due")
        cases.write({"state": "removed", "removed_on": day, "removal_reference": reference})
        cases.activity_feedback(["mail.mail_activity_data_warning"], feedback=reference or "")

    # ------------------------------------------------------------- helpers

    def _for(self, group):
        """These cases with the right to write them, for a user of ``group`` who may read them."""
        self._check_role(group, allow_system=True)
        self.check_access("read")
        return self.sudo()

    def _in_state(self, state):
        found = self.filtered(lambda case: case.state == state)
        if not found:
            label = dict(self._fields["state"]._description_selection(self.env))[state]
            raise UserError(self.env._("None of these cases is in the state “%s”.", label))
        return found

    def _fix_amounts(self):
        """Take over what is open now; installments settled meanwhile leave the case."""
        for case in self:
            settled = case.line_ids.filtered(
                lambda line, case=case: case.currency_id.is_zero(line.amount_open)
            )
            if len(settled) < len(case.line_ids):
                settled.unlink()
            for line in case.line_ids - settled:
                line.amount = line.amount_open

    @api.model
    def _asked_to_remove(self, day, calendar):
        return bureau.Verdict(
            bureau.CaseState.REMOVAL_DUE, Cause.ASKED, bureau.removal_deadline(day, calendar)
        )

    @api.model
    def _wizard_name(self, mode):
        return {
            "decide": self.env._("Approve or Refuse"),
            "cancel": self.env._("Give Up"),
            "proof": self.env._("The Customer Received the Notice"),
            "removed": self.env._("Removed from the Register"),
        }[mode]

    def _open_wizard(self, mode):
        return {
            "type": "ir.actions.act_window",
            "name": self._wizard_name(mode),
            "res_model": "dunning.bureau.decision",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_case_ids": self.ids, "default_mode": mode},
        }

    # -------------------- What a day makes of the cases: payments, disputes, age
    # Asked nightly and before each step.
    #
    # Everything is decided by ``domain.bureau.review``; nothing here moves a case forward.

    @api.model
    def _cron_review(self):
        """Nightly: all living cases, each company on its own day."""
        companies = self.env["res.company"].search([])  # pylint: disable=no-search-all; each has its own day
        for company in companies:
            cases = self.search([("company_id", "=", company.id), ("state", "in", LIVE)])
            cases.with_company(company)._review(company._today())
        # What nobody reported about is decided by the days that have passed.
        noticed = self.search([("state", "in", OPEN), ("notice_message_ids", "!=", False)])
        noticed._follow_messages()

    def _review(self, day):
        """Apply what happened until ``day``; asking again changes nothing."""
        cases = self.sudo().filtered(lambda case: case.state in LIVE)
        facts = cases._facts(day)
        for case in cases:
            verdict = bureau.review(facts[case], day, case.company_id._business_calendar())
            case._apply(verdict, day)

    def _apply(self, verdict, day):
        cause = verdict.cause.value if verdict.cause else False
        if verdict.state == self.state and not (cause and self.state == CaseState.REMOVAL_DUE):
            if self.state in bureau.BEFORE and self.stop_cause != cause:
                self.stop_cause = cause
            return
        if verdict.state == CaseState.REGISTERED:
            self._stays_registered()
            return
        if verdict.state == CaseState.CANCELLED:
            self.write({"state": "cancelled", "stop_cause": cause})
            self.activity_unlink(["mail.mail_activity_data_warning"])
            self._withdraw_notice()
            return
        self.write(
            {
                "state": "removal_due",
                "removal_cause": cause,
                "removal_deadline": verdict.deadline,
                "stop_cause": False,
            }
        )
        self.activity_unlink(["mail.mail_activity_data_warning"])
        self._raise_alarm(day)

    def _stays_registered(self):
        """The payment was undone before the bureau heard of it: all is as before."""
        self.write({"state": "registered", "removal_cause": False, "removal_deadline": False})
        self.activity_unlink(["mail.mail_activity_data_warning"])
        self._message_log(
            body=self.env._("The payment was undone: the case is registered as before.")
        )

    def _raise_alarm(self, day):
        """A task for today: the law counts the days, weekends included in nobody's favour."""
        self.activity_schedule(
            "mail.mail_activity_data_warning",
            date_deadline=min(day, self.removal_deadline),
            summary=self.env._("Remove from the credit bureau"),
            note=self.env._(
                "%(customer)s must be out of the register by %(deadline)s.",
                customer=self.partner_id.name,
                deadline=fields.Date.to_string(self.removal_deadline),
            ),
            user_id=self.company_id._recovery_user().id,
        )

    def _facts(self, day):
        """What ``domain.bureau`` asks about each case, gathered for all of them: {case: facts}."""
        entries = self.line_ids.move_line_id
        histories = entries._installment_payments()
        disputes = self._dispute_days()
        agreements = self._customers_with("crediario.agreement", self._negotiating_domain(day))
        promises = self._customers_with("dunning.promise", [("state", "=", "open")])
        return {
            case: CaseFacts(
                state=case.state,
                dispute_on=disputes.get(case),
                has_agreement=(case.company_id, case.partner_id) in agreements,
                has_promise=(case.company_id, case.partner_id) in promises,
                removal_cause=case.removal_cause or None,
                removal_asked=bool(case.removal_asked_on),
                **case._money_facts(histories, day),
            )
            for case in self
        }

    def _money_facts(self, histories, day):
        owed = [line for line in self.line_ids if cents(line.amount_open) > ZERO]
        changed = self.line_ids.filtered(
            lambda line: cents(line.amount_open) < cents(line.amount)
        ).move_line_id
        days = sorted(
            payment.on
            for entry in changed
            for payment in histories[entry.id].later
            if payment.principal
        )
        # A contract taken back is paid for in nobody's books: the day it is noticed counts.
        fallback = day if len(changed) or len(owed) < len(self.line_ids) else None
        return {
            "is_owed": bool(owed),
            "changed_on": self._since_fixed(days) or fallback,
            "settled_on": max(days, default=fallback),
            "oldest_due": min((line.due_date for line in owed), default=None),
            "is_moved": any(
                line.move_line_id.date_maturity != line.due_date
                and line.move_line_id.date_maturity >= day
                for line in owed
            ),
        }

    def _since_fixed(self, days):
        """The first payment since the registration; before one its day does not matter."""
        registered = self.registered_on
        later = [paid_on for paid_on in days if not registered or paid_on >= registered]
        return min(later or days, default=None)

    @api.model
    def _negotiating_domain(self, day):
        return [("state", "in", NEGOTIATING), ("valid_until", ">=", day)]

    def _customers_with(self, model, domain):
        """Pairs (company, customer) of these cases that have such a record."""
        if model not in self.env:
            return set()
        domain = fields.Domain(domain) & fields.Domain("partner_id", "in", self.partner_id.ids)
        rows = self.env[model].sudo()._read_group(domain, ["company_id", "partner_id"])
        return set(rows)

    def _dispute_days(self):
        """{case: first day of an open dispute about the customer or one of its debts}."""
        if "dunning.dispute" not in self.env:
            return {}
        disputes = self.env["dunning.dispute"].sudo()
        found = disputes.search([("state", "=", "open"), ("partner_id", "in", self.partner_id.ids)])
        days = {}
        for case in self:
            own = found.filtered(
                lambda dispute, case=case: (
                    dispute.partner_id == case.partner_id and dispute.company_id == case.company_id
                )
            )
            own = [dispute for dispute in own if case._is_disputed(dispute)]
            if own:
                days[case] = min(
                    fields.Datetime.context_timestamp(dispute, dispute.opened_at).date()
                    if dispute.opened_at
                    else dispute.create_date.date()
                    for dispute in own
                )
        return days

    def _is_disputed(self, dispute):
        """A dispute without installments and contract is about everything."""
        entries = self.line_ids.move_line_id
        if dispute.move_line_ids:
            return bool(dispute.move_line_ids & entries)
        return not dispute.move_id or dispute.move_id in entries.move_id

    def _check_cause(self, cause):
        """Text of a cause as users read it."""
        return dict(self._fields["stop_cause"]._description_selection(self.env))[Cause(cause).value]

    # ---- The written notice as a message: the provider's report of its delivery is the proof
    # Tema 1315 of the STJ: an electronic notice counts when its delivery is proven. What
    # decides is :mod:`...domain.recovery.bureau_notice`; asked with each report, and nightly.

    notice_message_ids = fields.One2many(
        "contact.message", "res_id", string="Notices", domain=[("res_model", "=", MODEL)]
    )

    lost_message_id = fields.Many2one(
        "contact.message",
        string="Message Not Delivered",
        readonly=True,
        copy=False,
        ondelete="set null",
        help="The last message that a letter was made for, because none had arrived.",
    )

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
                "Notices queued: %s. Each leaves at the next permitted hour; its delivery is "
                "recorded as the proof.",
                len(ready),
            )
        )

    def action_view_messages(self):
        """Open the messages that carried the notice."""
        return self.notice_message_ids._get_records_action(name=self.env._("Messages"))

    def _follow_messages(self):
        """Apply what is known of the messages; asking again changes nothing.

        With sudo: providers' reports come without a user, and users have no right to write cases.
        """
        for case in self.sudo().filtered(lambda case: case.state in OPEN):
            messages = case.notice_message_ids.sorted("id")
            today = case.company_id._today()
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
        message = next(m for m in messages if self.company_id._local_day(m.delivered_at) == day)
        if self.state == "approved":  # taken for lost, and arrived after all
            self._notice_sent(_channel(message), self.company_id._local_day(message.sent_at) or day)
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
        pending = ("queued", "sending", "uncertain", "paced")
        return letters or self.notice_message_ids.filtered(lambda m: m.state in pending)

    def _note_sent(self, messages):
        """The first message that left is the day of the notice."""
        left = messages.filtered(lambda m: m.state in LEFT and m.sent_at).sorted("sent_at")
        if left and self.state == "approved":
            self._notice_sent(_channel(left[0]), self.company_id._local_day(left[0].sent_at))

    def _attempt(self, message):
        return NoticeAttempt(
            state=message.state,
            reason=message.reason or None,
            since=self.company_id._local_day(message.sent_at or message.create_date),
            received_on=self.company_id._local_day(message.delivered_at),
            is_followed=bool(message.fallback_at),
        )

    def _proof_line(self, message):
        channel = dict(message._fields["channel"]._description_selection(self.env))
        return ", ".join(
            part
            for part in (
                channel[message.channel],
                message.address,
                moment_text(self.company_id._local(message.delivered_at)),
                message.provider_id,
            )
            if part
        )

    def _proof_text(self, message):
        """What was sent, to whom, and what the provider reported: it outlives the message.

        Messages lose number and text after the time they are kept.
        """
        spoken = self.with_context(lang=self.company_id.partner_id.lang or self.env.lang)
        local = self.company_id._local
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
                *(f"{what}: {local(at):%d/%m/%Y %H:%M:%S %z}" for what, at in instants if at),
                f"UUID: {message.uuid}",
                "",
                message.body or "",
            ]
        )
