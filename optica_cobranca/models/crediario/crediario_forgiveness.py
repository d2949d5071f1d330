from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

from ...domain.crediario.forgiveness import Debt, Door, Role, check_forgiveness, forgiven_by_date
from ...domain.shop.errors import ErrorCode, ForgivenessError
from ...domain.shop.money import ZERO


class CrediarioForgiveness(models.Model):
    """What left installments other than by money: who forgave it, when, why, how much, how.

    Written by the system where debts are closed, whatever door was used; never edited.
    """

    _name = "crediario.forgiveness"
    _description = "Forgiven Debt"
    _inherit = ["collection.record"]
    _order = "id desc"
    _check_company_auto = True

    date = fields.Date(string="Forgiven On", required=True, readonly=True, index=True)
    user_id = fields.Many2one("res.users", string="Forgiven By", required=True, readonly=True)
    role = fields.Selection(
        [
            (Role.CASHIER.value, "Cashier"),
            (Role.COLLECTOR.value, "Collector"),
            (Role.MANAGER.value, "Manager"),
            (Role.CUSTOMER.value, "Customer"),
            (Role.SYSTEM.value, "System"),
        ],
        required=True,
        readonly=True,
        help="Whose limits applied.",
    )
    door = fields.Selection(
        [
            (Door.WAIVER.value, "Charges waived"),
            (Door.DATE.value, "Earlier date of payment"),
            (Door.REDUCTION.value, "Reduction for paying early"),
            (Door.WRITE_OFF.value, "Write-off"),
            (Door.CREDIT_NOTE.value, "Credit note"),
            (Door.EXTENSION.value, "Extension"),
            (Door.AGREEMENT.value, "Agreement"),
            (Door.REPRICED.value, "Contract changed"),
            (Door.CANCELLED.value, "Contract cancelled"),
        ],
        string="How",
        required=True,
        readonly=True,
    )
    reason = fields.Char(required=True, readonly=True)
    principal = fields.Monetary(readonly=True, help="Of the installments.")
    charges = fields.Monetary(readonly=True, help="Late fine and interest.")
    amount = fields.Monetary(
        string="Forgiven", compute="_compute_amount", store=True, help="Principal and charges."
    )
    contract_ids = fields.Many2many(
        "account.move",
        "crediario_forgiveness_contract_rel",
        "forgiveness_id",
        "move_id",
        string="Contracts",
        readonly=True,
    )
    installments = fields.Char(readonly=True, help="Contracts and numbers, as they were called.")
    entry_id = fields.Many2one(
        "account.move", readonly=True, index="btree_not_null", ondelete="set null"
    )
    is_undone = fields.Boolean(
        string="Undone",
        compute="_compute_is_undone",
        compute_sudo=True,
        help="Its receipt, extension, agreement or entry was taken back since.",
    )

    _no_negative_amounts = models.Constraint(
        "CHECK(principal >= 0 AND charges >= 0)", "Nobody forgives a negative amount."
    )

    # ------------------------------------------------------------- compute

    @api.depends("principal", "charges")
    def _compute_amount(self):
        for forgiveness in self:
            forgiveness.amount = forgiveness.principal + forgiveness.charges

    @api.depends(lambda self: [f"{name}.state" for name in self._taken_back_as()])
    def _compute_is_undone(self):
        ends = self._taken_back_as().items()
        for forgiveness in self:
            forgiveness.is_undone = any(forgiveness[name].state in states for name, states in ends)

    @api.depends("door", "installments")
    def _compute_display_name(self):
        doors = dict(self._fields["door"]._description_selection(self.env))
        for forgiveness in self:
            forgiveness.display_name = (
                f"{doors.get(forgiveness.door, '')} {forgiveness.installments or ''}".strip()
            )

    # ---------------------------------------------------------------- CRUD

    def write(self, vals):  # pylint: disable=method-required-super; nobody writes
        """Nothing is edited, whoever asks."""
        raise UserError(self.env._("What was forgiven is never edited."))

    # ------------------------------------------------------------ business

    @api.model
    def _role(self):
        """Whose limits apply to the user: of the collection's roles, or of the accountants'."""
        user = self.env.user
        if user.id == SUPERUSER_ID:
            return Role.SYSTEM
        if user.share:
            return Role.CUSTOMER
        if any(
            user.has_group(group)
            for group in (
                "optica_cobranca.group_manager",
                "account.group_account_user",
                "account.group_account_manager",
            )
        ):
            return Role.MANAGER
        if user.has_group("optica_cobranca.group_collector") or user.has_group(
            "account.group_account_invoice"
        ):
            return Role.COLLECTOR
        return Role.CASHIER

    @api.model
    def _check(self, company, forgiven, owed, reason):
        """Whether the user may forgive ``forgiven`` of ``owed`` (both :class:`Debt`).

        :raise UserError: with what is allowed
        """
        try:
            check_forgiveness(
                forgiven, owed, company._forgiveness_limits(self._role()), reason or ""
            )
        except ForgivenessError as error:
            raise UserError(self._refusal(error, company, forgiven)) from error

    @api.model
    def _waived_by_date(self, installments, on, known=None):
        """Late charges (Decimal) that money of day ``on`` waives, entered on day ``known`` (today).

        :raise UserError: for a day to come
        """
        known = known or fields.Date.context_today(self)
        if on == known or not installments:
            return ZERO
        company = installments.company_id[:1]
        try:
            return forgiven_by_date(
                on,
                known,
                self._owed(installments, min(on, known)).charges,
                self._owed(installments, known).charges,
                company._forgiveness_limits(self._role()),
            )
        except ForgivenessError as error:
            raise UserError(self._refusal(error, company, Debt())) from error

    @api.model
    def _owed(self, installments, on=None) -> Debt:
        """Principal and charges of these installments on a day (today)."""
        amounts = installments._amounts_today(on or fields.Date.context_today(self)).values()
        return Debt(
            sum((amount.principal for amount in amounts), ZERO),
            # Charges that are owed back are nothing that could be forgiven.
            sum((max(amount.fine + amount.interest, ZERO) for amount in amounts), ZERO),
        )

    @api.model
    def _refusal(self, error, company, forgiven):
        if error.code == ErrorCode.DATE_IN_FUTURE:
            return self.env._(
                "Nothing was received on %(day)s yet. Choose today or an earlier day.",
                day=format_date(self.env, error.values["on"]),
            )
        if error.code == ErrorCode.REASON_MISSING:
            return self.env._("Say why the debt is forgiven.")
        money = company.currency_id._text
        if not forgiven.principal:
            return self.env._(
                "You may waive up to %(limit)s of these charges. Waive less, or ask a manager to "
                "receive this payment.",
                limit=money(float(error.values["charges"])),
            )
        return self.env._(
            "This would forgive %(principal)s of the installments and %(charges)s of their late "
            "charges. You may forgive up to %(most_principal)s and %(most_charges)s; ask a manager "
            "for more.",
            principal=money(float(forgiven.principal)),
            charges=money(float(forgiven.charges)),
            most_principal=money(float(error.values["principal"])),
            most_charges=money(float(error.values["charges"])),
        )

    @api.model
    def _note(self, installments, door, forgiven, reason, role=None, **links):
        """Write down what was forgiven; nothing where nothing was.

        With sudo: nobody has the right to write these, the acts that forgive do it.

        :param installments: receivable lines of one customer, in one company
        :param forgiven: a :class:`Debt`
        :param links: ``receipt_id``, ``extension_id``, ``agreement_id`` or ``entry_id``
        """
        if not forgiven.total:
            return self.browse()
        names = installments.mapped(
            lambda line: f"{line.contract_reference or line.move_id.name} {line.installment_label}"
        )
        return self.sudo().create(
            {
                "company_id": installments.company_id[:1].id,
                "partner_id": installments.partner_id.commercial_partner_id[:1].id,
                "date": fields.Date.context_today(self),
                "user_id": self.env.uid,
                "role": role or self._role(),
                "door": door,
                "reason": reason.strip(),
                "principal": float(forgiven.principal),
                "charges": float(forgiven.charges),
                "contract_ids": [fields.Command.set(installments.move_id.ids)],
                "installments": ", ".join(dict.fromkeys(names)),
                **links,
            }
        )

    @api.model
    def _taken_back_as(self):
        """The acts that forgive: field of the act -> its states in which nothing is forgiven."""
        return {"entry_id": ("draft", "cancel")}
