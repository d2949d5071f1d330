from datetime import date, datetime, time, timedelta

from odoo import models

from ..clients.base import WebhookBatch
from ..domain.shop import clock

DAYS_AGO = 3
STILL_WAITING = 3
# Late enough for every preferred hour, early enough for every time zone of Brazil.
HOUR = time(17, 30)
# After how many minutes the provider reports what became of a message.
REPORTED_AFTER = timedelta(minutes=4)


class DemoShop(models.AbstractModel):
    """What the ladder did before the demo began: one run of an earlier day, sent and read.

    The product's own run, gate, sandbox and event handling do the work, as of that day; only
    their commits are left out, because the installation is one transaction.
    """

    _inherit = "optica.demo.shop"

    def _remember(self, manager, today: date):
        """Run the ladder as of a business day some days ago, and send its messages.

        Of the notices that wait for the manager, a few still do.
        """
        company = self.env.company
        day = today - timedelta(days=DAYS_AGO)
        while not company._business_calendar().is_business_day(day):
            day -= timedelta(days=1)
        self._rate(today.replace(day=1) - timedelta(days=1))
        self._rate(day)
        run = self.env["dunning.run"].sudo()._begin(company, day)
        while run._process_claimed(last_try=True):
            run.invalidate_recordset()
        run._close()
        notices = self.env["dunning.notice"].search([("run_id", "=", run.id)])
        waiting = notices.filtered(lambda notice: notice.state == "waiting")
        waiting.sorted("amount_total")[STILL_WAITING:].with_user(manager).action_approve()
        local = clock.at(day, HOUR, company.contact_timezone)
        self._send_as_of(run, clock.stored(local))
        morning = datetime.combine(day, time(10))
        run.write({"started_at": morning, "ended_at": morning})

    def _send_as_of(self, run, then: datetime):
        """Ask the gate and send through the sandbox as the dispatcher does; ``then``: naive UTC."""
        messages = self.env["contact.message"].sudo().search([("notice_id.run_id", "=", run.id)])
        # The gate's verdicts are written on claimed rows only.
        key = run.id
        messages.write({"claim_key": key, "claimed_at": then, "scheduled_at": then})
        messages.flush_recordset()
        verdicts = messages._decide(messages._gather(then, key))
        for verdict in verdicts:
            verdict.counted_as = messages._outcome_of(verdict)
        messages._write_verdicts(verdicts, key, then)
        leaving = [verdict for verdict in verdicts if verdict.counted_as == "sending"]
        for gateway in {verdict.gateway for verdict in leaving}:
            self._play(
                gateway, [verdict for verdict in leaving if verdict.gateway == gateway], then
            )

    def _play(self, gateway, verdicts, then):
        messages = self.env["contact.message"].sudo()
        client = gateway._client_factory()()
        results = {verdict.message.id: client.send(verdict.outgoing) for verdict in verdicts}
        rows = messages._lock_states(results)
        for row in rows:
            messages._after_answer(row, results[row["id"]], then)
        messages._write_states(rows, then)
        reported = clock.aware(then + REPORTED_AFTER)
        events = [
            event
            for verdict in verdicts
            if results[verdict.message.id].failure is None
            for event in client.events_for(
                verdict.message.uuid,
                results[verdict.message.id].provider_id,
                verdict.outgoing.to,
                reported,
                verdict.outgoing.text,
            )
        ]
        self.env["contact.event"].sudo()._take_in(gateway, WebhookBatch(events=tuple(events)))
