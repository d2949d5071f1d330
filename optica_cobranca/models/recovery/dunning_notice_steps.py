from odoo import api, fields, models
from odoo.exceptions import UserError

from ...tools.shop.notification import notification

# Notices of which nothing leaves: nobody approved them.
UNDECIDED = ("waiting", "refused", "expired")
PHONE = "mail.mail_activity_data_call"


class DunningNotice(models.Model):
    """Further steps from a notice: call, letter, agency, bureau, dossier; singly or many at once.

    Each proposes or prepares; what costs the customer something waits for a manager.
    """

    _inherit = "dunning.notice"

    step_ids = fields.Many2many(
        related="level_id.step_ids", help="What the level proposes to do next."
    )
    letter_ids = fields.One2many("dunning.letter", "notice_id", readonly=True)
    letter_count = fields.Integer(
        compute="_compute_step_counts", groups="optica_cobranca.group_collector"
    )
    bureau_case_count = fields.Integer(
        compute="_compute_step_counts", groups="optica_cobranca.group_collector"
    )

    # ------------------------------------------------------------- compute

    def _compute_step_counts(self):
        for name, model in (
            ("letter_count", "dunning.letter"),
            ("bureau_case_count", "dunning.bureau.case"),
        ):
            rows = self.env[model]._read_group(
                [("notice_id", "in", self.ids)], ["notice_id"], ["__count"]
            )
            counts = dict(rows)
            for notice in self:
                notice[name] = counts.get(notice, 0)

    # ------------------------------------------------------------- actions

    def action_do_steps(self):
        """Take the steps that the levels of these notices propose, and tell what was made.

        An agreement is talked over with one customer: it opens when one notice is chosen.
        """
        made = {}
        for level, notices in self.grouped("level_id").items():
            for step in level.step_ids:
                if take := notices._step_takers().get(step.code):
                    made[step] = made.get(step, 0) + len(take())
        agreement = self.step_ids.filtered(lambda step: step.code == "agreement")
        if len(self) == 1 and agreement:
            return self.partner_id.action_propose_agreement()
        if not any(made.values()):
            raise UserError(
                self.env._("Nothing to do: the levels propose no step, or it was taken already.")
            )
        return notification(", ".join(f"{step.name}: {count}" for step, count in made.items()))

    def action_step_phone(self):
        """Put the call on the responsible's list, for the next business day."""
        self._step_phone()

    def action_step_letter(self):
        """A letter with the full statement, printed with the next batch."""
        letters = self._step_letter()
        if not letters:
            raise UserError(
                self.env._("Every one of these customers has the letter already, or paid.")
            )
        return letters._get_records_action(name=self.env._("Letters"))

    def action_step_bureau(self):
        """Propose what is late for the credit bureau; a manager approves."""
        cases = self._step_bureau()
        if not cases:
            raise UserError(
                self.env._(
                    "Nothing here can go to the credit bureau: paid, not late enough, or proposed "
                    "already."
                )
            )
        return cases._get_records_action(name=self.env._("Credit Bureau"))

    def action_step_agency(self):
        """Propose what is late for the agency; a manager hands it over."""
        handovers = self._step_agency()
        if not handovers:
            raise UserError(self.env._("Nothing here can be proposed: paid, or proposed already."))
        return handovers._get_records_action(name=self.env._("Agency"))

    def action_step_legal(self):
        """Everything about this customer in one file."""
        self.ensure_one()
        return self.partner_id.action_dossier()

    def action_view_step_letters(self):
        """Open the letters of this notice."""
        return self.letter_ids._get_records_action(name=self.env._("Letters"))

    # ------------------------------------------------------------ business

    def _decided(self):
        """Those of these notices that no approval stands before: the others send nothing."""
        return self.filtered(lambda notice: notice.state not in UNDECIDED)

    def _step_takers(self):
        """What takes each step that can be taken for many notices at once, by the step's code."""
        return {
            "phone": self._step_phone,
            "letter": self._step_letter,
            "bureau": self._step_bureau,
            "agency": self._step_agency,
        }

    def _step_phone(self):
        """Calls for those without one; returns the notices that got it."""
        self._check_role("collector", allow_system=True)
        planned = self._decided().filtered(
            lambda notice: notice._is_owed() and not notice._planned_calls()
        )
        planned._plan_calls()
        return planned

    def _step_letter(self):
        return self.env["dunning.letter"]._make_for_notices(self._decided())

    def _step_bureau(self):
        cases = self.env["dunning.bureau.case"]
        for notice in self._decided():
            cases |= cases._make_eligible(notice.line_ids.move_line_id, notice)
        return cases

    def _step_agency(self):
        handovers = self.env["dunning.handover"]
        for notice in self._decided():
            handovers |= handovers._propose(notice.line_ids.move_line_id, notice)
        return handovers

    def _plan_calls(self, summary=False, note=False, days=1, user=False):
        """A call as an activity on each notice still owed: whom, how much, what to say, by when.

        :param days: counted from today, on to a business day of the company
        """
        today = fields.Date.context_today(self)
        for notice in self.filtered(lambda notice: notice._is_owed()):
            deadline = fields.Date.add(today, days=days)
            notice.activity_schedule(
                PHONE,
                date_deadline=notice.company_id._business_calendar().next_business_day(deadline),
                summary=summary or notice._call_summary(),
                note=notice._call_note(note),
                user_id=(user or notice.user_id or self.env.user).id,
            )

    def _planned_calls(self):
        """With sudo: a call belongs to its notice, whoever was asked to make it."""
        return (
            self.env["mail.activity"]
            .sudo()
            .search(
                [
                    ("res_model", "=", self._name),
                    ("res_id", "in", self.ids),
                    ("activity_type_id", "=", self.env.ref(PHONE).id),
                ]
            )
        )

    def _is_owed(self):
        """True while anything of what the notice mentions is still open."""
        return any(
            line.parent_state == "posted" and line.amount_residual > 0
            for line in self.sudo().line_ids.move_line_id
        )

    def _call_summary(self):
        return self.env._(
            "Call %(customer)s (installments: %(count)s)",
            customer=self.partner_id.name,
            count=self.installment_count,
        )

    def _call_note(self, note):
        """What the caller needs on one page: telephone, amount, script of the level."""
        facts = self.env["ir.qweb"]._render(
            "optica_cobranca.dunning_call_note",
            {"notice": self, "note": note},
        )
        return facts

    @api.model
    def _close_paid_calls(self, notices):
        """Calls about what was paid in the meantime disappear from people's lists."""
        for activity in notices._planned_calls():
            notice = self.sudo().browse(activity.res_id)
            if not notice._is_owed():
                activity.action_feedback(feedback=self.env._("Paid before the call."))


class AccountMoveLine(models.Model):
    """What is paid is called about no more."""

    _inherit = "account.move.line"

    def _reconcile_post_hook(self, data):
        """Paid: nobody is called about it any more."""
        result = super()._reconcile_post_hook(data)
        paid = self.filtered(
            lambda line: (
                line.crediario_plan_id and line.company_currency_id.is_zero(line.amount_residual)
            )
        )
        if paid:
            # With sudo: whoever takes the money need not see notices.
            lines = self.env["dunning.notice.line"].sudo()
            notices = lines.search([("move_line_id", "in", paid.ids)]).notice_id
            notices._close_paid_calls(notices)
        return result

    # ------------------------------------------------------------- actions

    def action_propose_bureau(self):
        """Propose these installments for the credit bureau."""
        cases = self.env["dunning.bureau.case"]._make_eligible(self)
        if not cases:
            raise UserError(
                self.env._(
                    "Nothing here can go to the credit bureau: paid, not late enough, or proposed "
                    "already."
                )
            )
        return cases._get_records_action(name=self.env._("Credit Bureau"))

    def action_propose_agency(self):
        """Propose these installments for the agency."""
        handovers = self.env["dunning.handover"]._propose(self)
        if not handovers:
            raise UserError(self.env._("Nothing here can be proposed: paid, or proposed already."))
        return handovers._get_records_action(name=self.env._("Agency"))


class IrActionsServer(models.Model):
    """Calls that a level asks for."""

    _inherit = "ir.actions.server"

    def _run_action_next_activity(self, eval_context=None):
        """A call on a notice carries telephone, amount and script, due on a business day."""
        call = self.env.ref(PHONE, raise_if_not_found=False)
        if self.model_name != "dunning.notice" or self.activity_type_id != call:
            return super()._run_action_next_activity(eval_context)
        ids = self.env.context.get("active_ids") or [self.env.context.get("active_id")]
        notices = self.env["dunning.notice"].browse(list(filter(None, ids)))
        specific = self.activity_user_type == "specific" and self.activity_user_id
        days = {"weeks": 7, "months": 30}.get(self.activity_date_deadline_range_type, 1)
        notices._plan_calls(
            self.activity_summary,
            self.activity_note,
            self.activity_date_deadline_range * days,
            specific or False,
        )
        return False
