from datetime import timedelta

from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ...tools.shop.notification import notification

# Carried out while the manager waits; what goes beyond is left to the background.
AT_ONCE = 500
BATCH = 500


class DunningNotice(models.Model):
    """A manager's decision on the notices that wait, many at once.

    Every step is one statement that takes only rows still in the expected state: of two managers
    who decide on the same notices at the same time, one finds nothing left to do.
    """

    _inherit = "dunning.notice"

    can_undo_refusal = fields.Boolean(compute="_compute_can_undo_refusal")

    # ------------------------------------------------------------- compute

    @api.depends("state", "decided_at")
    def _compute_can_undo_refusal(self):
        now = fields.Datetime.now()
        for notice in self:
            notice.can_undo_refusal = (
                notice.state == "refused"
                and notice.decided_at
                and self._day_there(notice, notice.decided_at) == self._day_there(notice, now)
            )

    def _day_there(self, notice, instant):
        in_zone = notice.with_context(tz=notice.sudo().company_id.contact_timezone)
        return fields.Datetime.context_timestamp(in_zone, instant).date()

    # ------------------------------------------------------------- actions

    def action_approve(self):
        """Let the waiting notices go ahead; those paid in the meantime expire instead."""
        self._check_decider()
        promised = self._promised()
        approved = (self - promised)._decide("waiting", "approved")
        if not approved and promised:
            raise UserError(
                self.env._(
                    "These customers promised to pay: their notices wait until the promise is "
                    "broken, and close when it is kept."
                )
            )
        if not approved:
            raise UserError(self.env._("None of these notices waits for approval."))
        at_once = len(approved) <= AT_ONCE
        if at_once:
            approved._carry_out()
        else:
            self._carry_out_later()
        return self._show_approved(approved, at_once, promised)

    def action_refuse(self):
        """Ask for the reason and refuse the waiting notices."""
        self._check_decider()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "optica_cobranca.action_dunning_refuse"
        )
        return {**action, "context": {"default_notice_ids": self.ids}}

    def action_undo_refusal(self):
        """Put notices refused today back to wait."""
        self._check_decider()
        undone = self.filtered("can_undo_refusal")._decide("refused", "waiting")
        if not undone:
            raise UserError(
                self.env._("A refusal can be undone on its own day only; none of these was today.")
            )
        undone._expire_settled()

    # ------------------------------------------------------------ business

    def _refuse(self, reason):
        """Close the waiting notices with a manager's reason; the level counts as reached."""
        self._check_decider()
        return self._decide("waiting", "refused", reason)

    def _carry_out(self):
        """Run the levels' actions on approved notices, once a level over all of them."""
        self._expire_settled()
        approved = self.sudo().filtered(lambda notice: notice.state == "approved")
        for (company, level), notices in approved.grouped(
            lambda notice: (notice.company_id, notice.level_id)
        ).items():
            notices.with_company(company)._run_level_actions(level)
        # What failed says so by now.
        approved._move("approved", "done")

    @api.model
    def _cron_carry_out(self):
        """Background: the rest of a large approval, a batch a transaction."""
        while batch := self._claim_approved():
            batch._carry_out()
            left = self.search_count([("state", "=", "approved")])
            if not self.env["ir.cron"]._commit_progress(len(batch), remaining=left):
                break

    @api.model
    def _claim_approved(self):
        rows = self.env.execute_query(
            SQL(
                """SELECT id FROM dunning_notice WHERE state = 'approved'
                 ORDER BY company_id, level_id, id LIMIT %s FOR UPDATE SKIP LOCKED""",
                BATCH,
            )
        )
        return self.browse(notice_id for (notice_id,) in rows)

    # ------------------------------------------------------------- helpers

    def _check_decider(self):
        """Only managers, only on notices they may see; what follows is written as superuser."""
        self._check_role("manager", allow_system=True)
        self.check_access("read")

    def _decide(self, before, after, reason=None):
        """Move those in state ``before`` in this user's name and log it; returns them."""
        undone = after == "waiting"
        moved = self._move(
            before,
            after,
            reason=reason,
            decided_by_id=None if undone else self.env.uid,
            decided_at=None if undone else fields.Datetime.now(),
        )
        label = {
            "approved": self.env._("Approved"),
            "refused": self.env._("Refused: %(reason)s", reason=reason),
            "waiting": self.env._("Refusal undone: waits for approval again"),
        }[after]
        messages = moved._message_log_batch(bodies=dict.fromkeys(moved.ids, Markup("%s") % label))
        if reason:  # sellers read notices, and none of the reasons
            for message in messages:
                notice = moved.browse(message.res_id)
                message._mark_words(notice.partner_id, notice.company_id)
        return moved

    def _move(self, before, after, **columns):
        """One statement: those of these notices in state ``before`` take ``after``; returns them.

        Waits for whoever decides on the same rows, and then sees what is left.
        """
        if not self:
            return self
        self.flush_model()
        values = {
            "state": after,
            **columns,
            "write_uid": self.env.uid,
            "write_date": fields.Datetime.now(),
        }
        rows = self.env.execute_query(
            SQL(
                "UPDATE dunning_notice SET %s WHERE id = ANY(%s) AND state = %s RETURNING id",
                SQL(", ").join(
                    SQL("%s = %s", SQL.identifier(name), value) for name, value in values.items()
                ),
                self.ids,
                before,
            )
        )
        self.invalidate_model(["state", *columns])
        return self.browse(sorted(notice_id for (notice_id,) in rows))

    def _carry_out_later(self):
        # Managers have no right to start jobs; this one does what they have just decided.
        self.env.ref("optica_cobranca.ir_cron_dunning_approved").sudo()._trigger()

    def _show_approved(self, approved, at_once, promised):
        """Tell how many went ahead, were paid meanwhile, or failed."""
        counts = dict(
            self.env["dunning.notice"]._read_group(
                [("id", "in", approved.ids)], ["state"], ["__count"]
            )
        )
        parts = [
            self.env._("%(count)s approved", count=counts.get("done", 0))
            if at_once
            else self.env._(
                "%(count)s approved; they are being carried out in the background",
                count=len(approved),
            )
        ]
        if counts.get("expired"):
            parts.append(
                self.env._(
                    "%(count)s paid or rescheduled meanwhile: closed", count=counts["expired"]
                )
            )
        if promised:
            parts.append(
                self.env._(
                    "%(count)s go on waiting: the customer promised to pay", count=len(promised)
                )
            )
        if counts.get("failed"):
            parts.append(
                self.env._("%(count)s failed: see the filter Failed", count=counts["failed"])
            )
        failed = bool(counts.get("failed"))
        kind = "warning" if failed else "success"
        return notification(". ".join(parts) + ".", kind, stays=failed)

    # ------------------- Notices that wait too long, or for nothing: they expire
    # Managers hear what waits.

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

    @api.depends("state", "date", "level_id.approval_days")
    def _compute_days_waiting(self):
        for notice in self:
            waiting = notice.state == "waiting"
            today = notice.sudo().company_id._today()
            limit = notice.level_id.approval_days
            notice.days_waiting = (today - notice.date).days if waiting else 0
            notice.expires_on = waiting and limit and notice.date + timedelta(days=limit)

    def _promised(self, day=None):
        """Those of these notices whose customers promised to pay all that advanced, as of ``day``.

        They wait for the promise: kept, nothing is owed and they close; broken, a manager decides.
        With sudo: what is promised counts for whoever decides, whatever he may read.
        """
        if not self:
            return self
        advanced = self.sudo().line_ids.filtered(
            lambda line: line.advanced and line.move_line_id.amount_residual > 0
        )
        covered = self._promised_lines(advanced.move_line_id, day).ids
        open_ids = {line.notice_id.id for line in advanced}
        missing = {line.notice_id.id for line in advanced if line.move_line_id.id not in covered}
        return self.filtered(lambda notice: notice.id in open_ids - missing)

    @api.model
    def _promised_lines(self, lines, day=None):
        """Those of these installments that a customer promised to pay, as of ``day``."""
        return lines.browse()

    def _expire_settled(self):
        """Close those of these notices of which nothing that advanced is still owed as it was.

        Paid, cancelled, taken into an agreement or moved to another due date: the level the
        notice speaks of is not true any more.

        :return: those closed
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

    @api.model
    def _cron_waiting(self):
        """Daily: what is settled or too old expires; managers hear once how much still waits."""
        companies = self.env["res.company"].search([], order="id")  # pylint: disable=no-search-all; few
        for done, company in enumerate(companies, start=1):
            self.with_context(lang=company._language())._review_waiting(company)
            self.env["ir.cron"]._commit_progress(1, remaining=len(companies) - done)

    def _review_waiting(self, company):
        today = company._today()
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
                    "total": company.currency_id._text(total),
                    "first": first,
                    "company": company,
                    "levels": self._read_group(domain, ["level_id"], ["__count"]),
                },
            ),
        )
