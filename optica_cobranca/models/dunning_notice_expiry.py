from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL, format_amount


class DunningNotice(models.Model):
    """Notices that wait too long, or for nothing: they expire. Managers hear what waits."""

    _inherit = "dunning.notice"

    expired_because = fields.Selection(
        [
            ("settled", "Paid or rescheduled before anybody decided"),
            ("age", "Nobody decided in time"),
        ],
        readonly=True,
    )
    days_waiting = fields.Integer(
        string="Waits", compute="_compute_days_waiting", help="Days it has waited."
    )
    expires_on = fields.Date(
        compute="_compute_days_waiting", help="Last day on which it can be approved."
    )

    # ------------------------------------------------------------- compute

    @api.depends("state", "date", "level_id.approval_days")
    def _compute_days_waiting(self):
        for notice in self:
            waiting = notice.state == "waiting"
            today = self.env["dunning.run"]._today(notice.sudo().company_id)
            limit = notice.level_id.approval_days
            notice.days_waiting = (today - notice.date).days if waiting else 0
            notice.expires_on = waiting and limit and notice.date + timedelta(days=limit)

    # ------------------------------------------------------------ business

    def _promised(self, day=None):
        """Those of these notices whose customers promised to pay all that advanced, as of ``day``.

        They wait for the promise: kept, nothing is owed and they close; broken, a manager decides.
        With sudo: what is promised counts for whoever decides, whatever he may read.
        """
        if not self:
            return self
        today = self.env["dunning.run"]._today
        advanced = self.sudo().line_ids.filtered(
            lambda line: line.advanced and line.move_line_id.amount_residual > 0
        )
        promises = (
            self.env["dunning.promise"]
            .sudo()
            .search([("state", "=", "open"), ("move_line_ids", "in", advanced.move_line_id.ids)])
        )
        covered = {
            line.id
            for promise in promises
            if promise.deadline >= (day or today(promise.company_id))
            for line in promise.move_line_ids
        }
        open_ids = {line.notice_id.id for line in advanced}
        missing = {line.notice_id.id for line in advanced if line.move_line_id.id not in covered}
        return self.filtered(lambda notice: notice.id in open_ids - missing)

    def _expire_settled(self):
        """Close those of these notices of which nothing that advanced is still owed as it was.

        Paid, cancelled, taken into an agreement or moved to another due date: the level the
        notice speaks of is not true any more. Returns those closed.
        """
        return self._expire(
            "settled",
            SQL(
                """id = ANY(%s) AND NOT EXISTS (
                    SELECT FROM dunning_notice_line x
                      JOIN account_move_line l ON l.id = x.move_line_id
                     WHERE x.notice_id = dunning_notice.id AND x.advanced
                       AND l.parent_state = 'posted' AND l.amount_residual > 0
                       AND l.date_maturity = x.due_date)""",
                self.ids,
            ),
        )

    @api.model
    def _settled_by_payment(self, installments):
        """After a payment of ``installments``: what waited because of them may be over."""
        self.search(
            [
                ("state", "in", ("waiting", "approved")),
                ("line_ids.move_line_id", "in", installments.ids),
            ]
        )._expire_settled()

    def _expire_old(self, company, today):
        """Close those of ``company`` that waited longer than their level allows."""
        return self._expire(
            "age",
            SQL(
                """company_id = %s AND state = 'waiting' AND EXISTS (
                    SELECT FROM dunning_level v
                     WHERE v.id = dunning_notice.level_id AND v.approval_days > 0
                       AND dunning_notice.date + v.approval_days < %s)
                   AND id <> ALL(%s)""",
                company.id,
                today,
                self.search([("company_id", "=", company.id), ("state", "=", "waiting")])
                ._promised(today)
                .ids,
            ),
        )

    def _expire(self, why, condition):
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                UPDATE dunning_notice
                   SET state = 'expired', expired_because = %s, write_uid = %s, write_date = %s
                 WHERE state IN ('waiting', 'approved') AND %s
             RETURNING id
                """,
                why,
                self.env.uid,
                fields.Datetime.now(),
                condition,
            )
        )
        self.env["dunning.notice"].invalidate_model(["state", "expired_because"])
        expired = self.browse(sorted(notice_id for (notice_id,) in rows))
        labels = dict(self._fields["expired_because"]._description_selection(self.env))
        expired._message_log_batch(
            bodies=dict.fromkeys(expired.ids, self.env._("Expired: %(reason)s", reason=labels[why]))
        )
        return expired

    # -------------------------------------------------------------- nightly

    @api.model
    def _cron_waiting(self):
        """Daily: what is settled or too old expires; managers hear once how much still waits."""
        companies = self.env["res.company"].search([], order="id")
        for done, company in enumerate(companies, start=1):
            self.with_context(lang=company._language())._review_waiting(company)
            self.env["ir.cron"]._commit_progress(1, remaining=len(companies) - done)

    def _review_waiting(self, company):
        today = self.env["dunning.run"]._today(company)
        mine = [("state", "=", "waiting"), ("company_id", "=", company.id)]
        self.search(mine)._expire_settled()
        self._expire_old(company, today)
        if company.dunning_waiting_told_on != today and self.search_count(mine, limit=1):
            company.dunning_waiting_told_on = today
            self._tell_managers(company, mine)

    def _tell_managers(self, company, domain):
        """One message to the company's managers, whatever the number of notices."""
        managers = company._members("optica_cobranca.group_manager")
        if not managers:
            return
        ((count, total, first),) = self._read_group(
            domain, [], ["__count", "amount_total:sum", "date:min"]
        )
        self.env["mail.thread"].message_notify(
            partner_ids=managers.partner_id.ids,
            subject=self.env._("Notices waiting for your approval: %(count)s", count=count),
            body=self.env["ir.qweb"]._render(
                "optica_cobranca.dunning_waiting_body",
                {
                    "count": count,
                    "total": format_amount(self.env, total, company.currency_id),
                    "first": first,
                    "company": company,
                    "levels": self._read_group(domain, ["level_id"], ["__count"]),
                },
            ),
        )


class ResCompany(models.Model):
    _inherit = "res.company"

    dunning_waiting_told_on = fields.Date(
        readonly=True, copy=False, help="When managers last heard that notices wait for approval."
    )


class AccountPartialReconcile(models.Model):
    _inherit = "account.partial.reconcile"

    @api.model_create_multi
    def create(self, vals_list):
        """What is paid needs nobody's approval any more."""
        partials = super().create(vals_list)
        lines = (partials.debit_move_id | partials.credit_move_id).sudo()
        installments = lines.filtered("crediario_plan_id")
        if installments:
            # Cashiers may not write notices; a payment closes those that wait.
            self.env["dunning.notice"].sudo()._settled_by_payment(installments)
        return partials
