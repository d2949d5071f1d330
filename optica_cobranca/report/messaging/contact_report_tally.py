from datetime import timedelta

from odoo import api, models
from odoo.tools import SQL

from ...domain.messaging.results import OUTCOME_DAYS
from ...models.crediario.account_move_line_amounts import counts_on

# What messages counted in one row have in common.
KEYS = (
    "company_id",
    "day",
    "hour",
    "weekday",
    "purpose",
    "channel",
    "template_id",
    "gateway_id",
    "policy_id",
    "level_id",
    "state",
    "reason",
)
# Payments undone and bank statements entered later than this are found on Sundays only.
NIGHTLY_DAYS = 60
SUNDAY_DAYS = 400
SUNDAY = 6
CHUNK = timedelta(days=31)
# States of messages that left when they have an instant of it.
LEFT = ("sent", "delivered", "read", "failed")
TELLS_READING = ("whatsapp", "instagram")


class ContactReport(models.Model):
    """Rebuilds the tally from messages, answers and payments: days at a time, one statement."""

    _inherit = "contact.report"

    # ------------------------------------------------------------- actions

    @api.model
    def _cron_tally(self):
        """Nightly: the days whose results may still have changed, a month at a time."""
        every_company = self.env["res.company"].sudo()
        companies = every_company.search([], order="id")  # pylint: disable=no-search-all; each has its days
        spans = [(company, span) for company in companies for span in self._stale(company)]
        for done, (company, (first, end)) in enumerate(spans, start=1):
            self.sudo()._rebuild(company, first, end)
            if not self.env["ir.cron"]._commit_progress(1, remaining=len(spans) - done):
                break

    @api.model
    def _refresh_recent(self):
        """Bring the days up to date whose messages may still be answered or paid.

        With sudo: nobody has the right to write the tally, and who may read it may have it
        counted anew.
        """
        self._check_role("collector")
        for company in self.env.companies:
            today = company._today()
            first = today - timedelta(days=OUTCOME_DAYS + 1)
            older = self.sudo()._not_yet_counted(company)
            if older and older < first:
                # Installed today, or the nightly job stands still.
                self.env.ref("optica_cobranca.cron_tally_messages").sudo()._trigger()
            self.sudo()._rebuild(company, first, today + timedelta(days=1))

    # ------------------------------------------------------------ business

    @api.model
    def _rebuild(self, company, first, end):
        """Count the messages from ``first`` until before ``end`` anew, the shop's dates.

        Another worker that is at it at this moment spares us the work.
        """
        [[free]] = self.env.execute_query(
            SQL("SELECT pg_try_advisory_xact_lock(hashtext('contact.report'), %s)", company.id)
        )
        if not free:
            return
        self._flush_sources()
        self.env.cr.execute(
            SQL(
                "DELETE FROM contact_report WHERE company_id = %s AND day >= %s AND day < %s",
                company.id,
                first,
                end,
            )
        )
        self.env.cr.execute(self._insert(company, first, end))
        self.invalidate_model()

    # ------------------------------------------------------------- helpers

    def _stale(self, company):
        """Spans (first, end) of at most a month to be rebuilt tonight; all, the first time."""
        today = company._today()
        age = SUNDAY_DAYS if today.weekday() == SUNDAY else NIGHTLY_DAYS
        first = min(today - timedelta(days=age), self._not_yet_counted(company) or today)
        end = today + timedelta(days=1)
        while first < end:
            yield first, min(first + CHUNK, end)
            first += CHUNK

    def _not_yet_counted(self, company):
        """The first day that may miss in the tally."""
        message = self.env["contact.message"].sudo()
        [[last]] = self.env.execute_query(
            SQL("SELECT max(day) FROM contact_report WHERE company_id = %s", company.id)
        )
        if last:
            return last - timedelta(days=OUTCOME_DAYS)
        [[instant]] = self.env.execute_query(
            SQL(
                "SELECT min(%s) FROM contact_message m WHERE company_id = %s",
                message._sql_instant("m"),
                company.id,
            )
        )
        return instant and instant.date() - timedelta(days=1)

    def _flush_sources(self):
        for name in (
            "contact.message",
            "contact.event",
            "account.partial.reconcile",
            "account.move.line",
            "account.move",
            "account.payment",
            "crediario.receipt",
            "crediario.receipt.line",
            "dunning.notice",
            "res.partner",
        ):
            self.env[name].flush_model()

    def _insert(self, company, first, end):
        keys = SQL(", ").join(SQL.identifier(key) for key in KEYS)
        return SQL(
            """
            WITH message AS (%(messages)s), touch AS (%(touches)s), answer AS (%(answers)s),
                 credit AS (%(credits)s), paid AS (%(paid)s),
            tally AS (
                SELECT %(keys)s, count(*) AS messages, count(*) FILTER (WHERE sent) AS sent,
                       count(*) FILTER (WHERE sent AND delivered) AS delivered,
                       count(*) FILTER (WHERE sent AND readable) AS readable,
                       count(*) FILTER (WHERE sent AND readable AND seen) AS seen,
                       count(answer.id) AS answered,
                       count(*) FILTER (WHERE sent AND purpose = 'collection') AS asked,
                       count(paid.id) AS paid, COALESCE(sum(paid.amount), 0) AS amount_paid,
                       COALESCE(sum(cost), 0) AS cost
                  FROM message
             LEFT JOIN answer ON answer.id = message.id
             LEFT JOIN paid ON paid.id = message.id
              GROUP BY %(keys)s
            )
            INSERT INTO contact_report (%(keys)s, currency_id, messages, sent, delivered, readable,
                   seen, answered, asked, paid, amount_paid, cost, delivered_rate, read_rate,
                   answered_rate, paid_rate, cost_per_paid)
            SELECT %(keys)s, %(currency)s, messages, sent, delivered, readable, seen, answered,
                   asked, paid, amount_paid, cost, 100.0 * delivered / NULLIF(sent, 0),
                   100.0 * seen / NULLIF(readable, 0), 100.0 * answered / NULLIF(sent, 0),
                   100.0 * paid / NULLIF(asked, 0), cost / NULLIF(amount_paid, 0)
              FROM tally
            """,
            keys=keys,
            currency=company.currency_id.id,
            messages=self._messages(company, first, end),
            touches=self._touches(company, first, end),
            answers=self._answers(company, first, end),
            credits=self._credits(company, first, end),
            paid=self._paid(),
        )

    def _messages(self, company, first, end):
        """The messages that happened in the span, with what is counted of each."""
        message = self.env["contact.message"]
        local = message._sql_local("m")
        return SQL(
            """
            SELECT m.id, m.company_id, %(local)s::date AS day, to_char(%(local)s, 'ID') AS weekday,
                   to_char(%(theirs)s, 'HH24') AS hour, m.purpose, m.channel, m.template_id,
                   m.gateway_id, v.policy_id, n.level_id, m.state, m.reason,
                   m.sent_at IS NOT NULL AND m.state = ANY(%(left)s) AS sent,
                   m.delivered_at IS NOT NULL AS delivered, m.read_at IS NOT NULL AS seen,
                   m.channel = ANY(%(tells)s) AS readable, m.cost
              FROM contact_message m
         LEFT JOIN dunning_notice n ON n.id = m.notice_id
         LEFT JOIN dunning_level v ON v.id = n.level_id
             WHERE %(in_span)s
            """,
            local=local,
            theirs=message._sql_theirs("m"),
            left=list(LEFT),
            tells=list(TELLS_READING),
            in_span=message._sql_in_span("m", company, first, end),
        )

    def _touches(self, company, first, end):
        """Messages that left, each with when the next one left to the same customer.

        ``next_at`` of any purpose, ``next_asked_at`` of collection.
        """
        message = self.env["contact.message"]
        return SQL(
            """
            SELECT m.id, p.commercial_partner_id AS customer, m.purpose, m.sent_at,
                   %(local)s::date AS day,
                   LEAD(m.sent_at) OVER (PARTITION BY p.commercial_partner_id
                                             ORDER BY m.sent_at, m.id) AS next_at,
                   LEAD(m.sent_at) OVER (
                       PARTITION BY p.commercial_partner_id, m.purpose = 'collection'
                           ORDER BY m.sent_at, m.id) AS next_asked_at
              FROM contact_message m
              JOIN res_partner p ON p.id = m.partner_id
             WHERE %(in_span)s AND m.sent_at IS NOT NULL AND m.state = ANY(%(left)s)
            """,
            local=message._sql_local("m"),
            left=list(LEFT),
            in_span=message._sql_in_span("m", company, first, end + timedelta(days=OUTCOME_DAYS)),
        )

    def _answers(self, company, first, end):
        """Messages that were answered in time; what networks tell about people is no answer."""
        zone = company.contact_timezone
        return SQL(
            """
            SELECT DISTINCT touch.id
              FROM contact_event e
              JOIN res_partner p ON p.id = e.partner_id
              JOIN touch ON touch.customer = p.commercial_partner_id
                        AND e.occurred_at >= touch.sent_at
                        AND (touch.next_at IS NULL OR e.occurred_at < touch.next_at)
                        AND (e.occurred_at AT TIME ZONE 'UTC' AT TIME ZONE %(zone)s)::date
                            <= touch.day + %(days)s
             WHERE e.kind = 'inbound' AND e.company_id = %(company)s
               AND e.state IS DISTINCT FROM 'system' AND e.says_nothing IS NOT TRUE
               AND e.occurred_at >= %(first)s AND e.occurred_at < %(end)s
            """,
            zone=zone,
            days=OUTCOME_DAYS,
            company=company.id,
            first=company._start_of_day(first),
            end=company._start_of_day(end + timedelta(days=OUTCOME_DAYS)),
        )

    def _credits(self, company, first, end):
        """Money for installments: what payments and statements settled, and charges on top.

        Its day is the one that the money counts for, whatever day the books had to take. Its
        instant is when it was entered, if that was on its own date; else the end of that date.
        """
        receipt_day = SQL("COALESCE(payment.date, r.date)")
        credit_day = counts_on(SQL("c"))
        return SQL(
            """
            SELECT l.partner_id, %(of_credit)s AS instant, %(credit_day)s AS day, r.amount
              FROM account_move_line c
              JOIN account_partial_reconcile r ON r.credit_move_id = c.id
              JOIN account_move_line l ON l.id = r.debit_move_id
             WHERE c.company_id = %(company)s AND %(credit_day)s >= %(first)s
               AND %(credit_day)s < %(end)s AND c.parent_state = 'posted'
               -- Nothing counts for a day after the one of its entry.
               AND c.date >= %(first)s
               AND (c.date < %(end)s OR c.move_id IN (
                       SELECT late.move_id FROM account_payment late
                        WHERE late.date >= %(first)s AND late.date < %(end)s
                    UNION ALL
                       SELECT late.id FROM account_move late
                        WHERE late.crediario_bank_date >= %(first)s
                          AND late.crediario_bank_date < %(end)s))
               AND (c.payment_id IS NOT NULL OR c.statement_line_id IS NOT NULL)
               AND l.crediario_plan_id IS NOT NULL AND l.installment_number > 0
         UNION ALL
            SELECT r.partner_id, %(of_receipt)s, %(receipt_day)s,
                   line.fine + line.interest - line.discount
              FROM crediario_receipt r
              JOIN crediario_receipt_line line ON line.receipt_id = r.id
         LEFT JOIN account_payment payment ON payment.id = line.payment_id
         LEFT JOIN account_move move ON move.id = payment.move_id
             WHERE r.company_id = %(company)s AND %(receipt_day)s >= %(first)s
               AND %(receipt_day)s < %(end)s
               AND r.state = 'posted' AND (line.payment_id IS NULL OR move.state = 'posted')
               AND line.fine + line.interest <> line.discount
            """,
            credit_day=credit_day,
            of_credit=_instant(company, SQL("r.create_date"), credit_day),
            receipt_day=receipt_day,
            of_receipt=_instant(company, SQL("line.create_date"), receipt_day),
            company=company.id,
            first=first,
            end=end + timedelta(days=OUTCOME_DAYS),
        )

    def _paid(self):
        """Collection messages after which money came in time, each amount with one of them."""
        return SQL(
            """
            SELECT touch.id, sum(credit.amount) AS amount
              FROM credit
              JOIN res_partner p ON p.id = credit.partner_id
              JOIN touch ON touch.customer = p.commercial_partner_id
                        AND credit.instant >= touch.sent_at
                        AND (touch.next_asked_at IS NULL OR credit.instant < touch.next_asked_at)
                        AND credit.day <= touch.day + %s
             WHERE touch.purpose = 'collection'
          GROUP BY touch.id
            HAVING sum(credit.amount) > 0
            """,
            OUTCOME_DAYS,
        )


def _instant(company, entered, day):
    return SQL(
        """CASE WHEN (%(entered)s AT TIME ZONE 'UTC' AT TIME ZONE %(zone)s)::date = %(day)s
                THEN %(entered)s
                ELSE (%(day)s + time '23:59:59') AT TIME ZONE %(zone)s AT TIME ZONE 'UTC' END""",
        entered=entered,
        day=day,
        zone=company.contact_timezone,
    )
