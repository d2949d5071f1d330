import time

from odoo import api, fields, models

from ..clients.base import FAILED, ClientError, SendResult
from ..domain.message_states import FailureClass
from .contact_message_pace import PAIR_PACE
from .contact_pass import Pass
from .contact_sender import Job, Refused, Sender

# So many messages are decided about at once.
BATCH = 32
# How long the cron claims; what is on its way then still gets its answers.
CRON_SECONDS = 45.0


class ContactMessage(models.Model):
    """The dispatcher: claim, commit, ask the gate, commit, send, record, commit.

    The threads always have a few messages to go on with; meanwhile the next ones are prepared
    and answers are written. A row is ``sending`` in the database before its first byte leaves.
    """

    _inherit = "contact.message"

    @api.model
    def _cron_dispatch(self):
        """One pass, short enough for a worker's time limit; Odoo calls again while work remains."""
        counts = self._dispatch(until=time.monotonic() + CRON_SECONDS)
        self.env["ir.cron"]._commit_progress(
            processed=counts["claimed"], remaining=self._due_count() if counts["claimed"] else 0
        )

    @api.model
    def _dispatch(self, limit=None, until=None):
        """Send what is due. Commits, many times; must not be called with work half done.

        :param limit: at most this many messages are looked at
        :param until: value of ``time.monotonic()`` after which no more are claimed
        :return: Counter of ``claimed``, ``accepted``, ``failed``, ``uncertain``, ``cancelled``,
            ``postponed``, ``by_hand``, ``handed_over`` (to a queue of Odoo's), ``retried``,
            ``interrupted``
        """
        self.env.cr.commit()
        # The outbox belongs to nobody: users only read it. The whole pass runs as the system.
        outbox = self.sudo().with_context(active_test=False)
        with outbox._working() as key:
            work = Pass(
                key,
                left=float("inf") if limit is None else limit,
                until=float("inf") if until is None else until,
            )
            work.counts["interrupted"] = outbox._release_dead_claims()
            outbox._take_over()
            try:
                outbox._run_pass(work)
            finally:
                for sender in work.senders.values():
                    sender.close()
        sandboxes = outbox.env["contact.gateway"].search(
            [("provider", "=", "sandbox"), ("state", "!=", "disabled")]
        )
        outbox._persist(lambda: outbox.env["contact.event"]._play_sandbox(sandboxes))
        return work.counts

    def _run_pass(self, work):
        """Claim, send and record until nothing is left; nothing that left goes unrecorded."""
        try:
            answers = []
            while True:
                batch = self._claim_next(work)
                if batch:
                    self._start(batch, work)
                self._record(answers, work)
                if not batch and not self._goes_on(work):
                    break
                # No transaction stays open while sockets wait: the next one sees what is new.
                self.env.cr.commit()
                answers = work.next_answers()
        finally:
            # An error in between must not lose the answers of messages that did leave.
            if work.flying:
                self.env.cr.rollback()
                self._record(list(work.flying), work)

    def _claim_next(self, work):
        """Messages with their lanes, unless those on their way are enough for now."""
        if not work.has_room():
            return {}
        full = work.full_lanes()
        batch = self._claim(work.key, int(min(BATCH, work.left)), full)
        work.note_claim(batch, full)
        return batch

    def _goes_on(self, work):
        """Whether there is more to do though nothing was claimed just now."""
        # What failed just now may have a channel left: it is queued, and claimed next.
        if not work.is_over() and (self._take_over() or self._waited_for_pace(work)):
            work.look_again()
            return True
        return bool(work.flying)

    def _waited_for_pace(self, work):
        """Nothing is left but second messages to one number: wait until they may leave."""
        if work.flying or not work.paced:
            return False
        work.paced = 0
        time.sleep(PAIR_PACE.total_seconds())
        return True

    def _start(self, lanes, work):
        """Decide about claimed messages and give those that leave to the threads."""
        batch = self.browse(lanes)
        verdicts = self._persist(lambda: batch._judge(work.key))
        work.counts.update(verdict.counted_as for verdict in verdicts)
        work.paced += sum(verdict.reason == "pace" for verdict in verdicts)
        leaving = [verdict for verdict in verdicts if verdict.counted_as == "sending"]
        self._prepare_senders({verdict.gateway for verdict in leaving}, work)
        for verdict in leaving:
            message_id = verdict.message.id
            work.submit(Job(message_id, verdict.outgoing), verdict.gateway.id, lanes[message_id])
        handed_over = [v.message.id for v in verdicts if v.counted_as == "handed_over"]
        if handed_over:
            self.browse(handed_over)._send_handed_over()

    # ------------------------------------------------------------- helpers

    def _prepare_senders(self, gateways, work):
        """The senders of these gateways for this pass, with this worker's share of the rates."""
        workers = max(1, len(self._live_workers())) if gateways else 1
        for gateway in gateways:
            rate = gateway.rate_per_second / workers
            sender = work.senders.get(gateway.id)
            if sender is None:
                work.senders[gateway.id] = self._make_sender(gateway, rate)
            else:
                sender.set_rate(rate)

    @api.model
    def _make_sender(self, gateway, rate):
        try:
            return Sender(
                gateway._client_factory(), gateway.pool_size, rate, probing=gateway.storms > 0
            )
        except ClientError as error:
            # Found only now: a setting was changed by other means than the form.
            return Refused(SendResult(FAILED, failure=FailureClass.AUTH, code=error.code))

    @api.model
    def _due_count(self):
        return self.sudo().search_count(
            [
                ("state", "=", "queued"),
                ("claim_key", "=", False),
                ("scheduled_at", "<=", fields.Datetime.now()),
            ]
        )
