from uuid import uuid4

from psycopg2 import errors

from odoo import api, fields, models
from odoo.exceptions import ConcurrencyError
from odoo.fields import Command

from ..domain.money import exact
from ..domain.pix_charge import Part, sum_of

# Somebody may still pay these.
LIVE = ("new", "active")


class PixCharge(models.Model):
    """What one Pix code asks of a customer: some installments, an amount, a text to copy.

    A static code is the shop's key with an amount: nobody tells us that it was paid. A dynamic
    one was registered with the bank, which does.
    """

    _name = "pix.charge"
    _description = "Pix Charge"
    _inherit = ["collection.record", "pix.work"]
    _order = "id desc"
    _check_company_auto = True
    _rec_name = "txid"

    uuid = fields.Char(
        required=True,
        readonly=True,
        copy=False,
        default=lambda self: uuid4().hex,
        help="Names the charge on the customer's page.",
    )
    kind = fields.Selection(
        [
            ("static", "Static code"),
            ("cob", "For today"),
            ("cobv", "With due date"),
        ],
        required=True,
        readonly=True,
        help="A static code brings no confirmation. For today: an exact amount. With due date: the "
        "bank adds fine and interest by itself.",
    )
    state = fields.Selection(
        [
            ("new", "Not Yet at the Bank"),
            ("active", "Waiting for Payment"),
            ("closing", "Being Cancelled"),
            ("paid", "Paid"),
            ("expired", "Expired"),
            ("cancelled", "Cancelled"),
            ("failed", "Refused by the Bank"),
        ],
        required=True,
        readonly=True,
        default="new",
        index=True,
    )
    line_ids = fields.Many2many(
        "account.move.line",
        "pix_charge_line_rel",
        "charge_id",
        "line_id",
        string="Installments",
        readonly=True,
    )
    line_key = fields.Char(
        readonly=True, required=True, help="The installments' ids: one live charge for each set."
    )
    day = fields.Date(readonly=True, required=True, help="The amounts are those of this day.")
    amount = fields.Monetary(readonly=True)
    amount_principal = fields.Monetary(string="Principal", readonly=True)
    amount_fine = fields.Monetary(string="Late Fine", readonly=True)
    amount_interest = fields.Monetary(string="Late Interest", readonly=True)
    amount_reduction = fields.Monetary(
        string="Reduction", readonly=True, help="Granted for paying before the due date."
    )
    txid = fields.Char("Reference", readonly=True, index=True, help="Comes back with the payment.")
    code = fields.Text("Copy and Paste", readonly=True, help="The text behind the QR code.")
    qr_image = fields.Binary("QR Code", compute="_compute_qr_image")
    is_automatic = fields.Boolean(
        "Confirmed by Itself",
        compute="_compute_is_automatic",
        help="The bank tells us when it is paid. A static code needs somebody to look at the "
        "bank statement.",
    )
    expires_at = fields.Datetime("Payable Until", readonly=True)
    parts = fields.Json(
        readonly=True, help="Principal, fine, interest and reduction of each installment."
    )
    account_id = fields.Many2one(
        "pix.account", string="Pix Account", readonly=True, index="btree_not_null"
    )
    is_test = fields.Boolean(compute="_compute_is_test")

    _uuid_unique = models.Constraint("UNIQUE(uuid)", "A charge's public name is its own.")
    _one_live = models.UniqueIndex("(company_id, kind, line_key) WHERE state IN ('new', 'active')")

    # ------------------------------------------------------------- compute

    @api.depends("code")
    def _compute_qr_image(self):
        for charge in self:
            charge.qr_image = charge._qr_png() if charge.code else False

    @api.depends("kind")
    def _compute_is_automatic(self):
        for charge in self:
            charge.is_automatic = charge.kind != "static"

    @api.depends("account_id.state")
    def _compute_is_test(self):
        for charge in self:
            # With sudo: settings of accounts are for managers.
            charge.is_test = charge.account_id.sudo().state == "test"

    # ------------------------------------------------------------ business

    @api.model
    def _charge_for(self, lines, on, with_test=False):
        """The live Pix charge over these installments of one customer on day ``on``.

        Made when there is none, brought up to date when its amounts are those of another day;
        asking again gives the same one. Settled installments are left out. Amounts include fine
        and interest of that day, less the reduction for paying early. Without an account at a
        bank that works, or when the bank does not answer, it is a static code:
        ``is_automatic`` is False and a person has to confirm the payment.

        Show ``amount`` (also itemised: ``amount_principal`` + ``amount_fine`` +
        ``amount_interest`` - ``amount_reduction``), ``code`` (to copy) and ``qr_image`` (PNG in
        base64), or take all that from :meth:`_page_values`; poll with :meth:`_page_state`.

        :param lines: installments whose customer may see them: rights are the caller's matter
        :param on: date, the customer's today
        :param with_test: for the shop's own people: an account in test serves, too
        :return: a charge with sudo, since nobody may write charges; an empty recordset when
            nothing is owed or the shop has no Pix key
        :raises UserError: installments of several customers, companies or not posted
        """
        # The one place where charges come into being.
        lines = lines.sudo()._sorted_for_receiving()
        lines._check_one_pix_debt()
        parts = lines._pix_parts(on)
        owing = lines.filtered(lambda line: line.id in parts)
        if not owing:
            return self.sudo().browse()
        Charge = self.sudo()
        account = self.env["pix.account"]._usable(owing.company_id, with_test)
        charge = Charge._dynamic_for(owing, on, parts, account) if account else Charge
        return charge or Charge._static_for(owing, on, parts)

    def _page_values(self):
        """What a customer's page shows, plain values; amounts in BRL, ``qr`` for an ``img``."""
        self.ensure_one()
        return {
            "uuid": self.uuid,
            "amount": self.amount,
            "principal": self.amount_principal,
            "fine": self.amount_fine,
            "interest": self.amount_interest,
            "reduction": self.amount_reduction,
            "code": self.code,
            "qr": f"data:image/png;base64,{self.qr_image.decode()}" if self.qr_image else False,
            "is_automatic": self.is_automatic,
            "state": self._page_state(),
            "expires_at": self.expires_at,
        }

    def _page_state(self):
        """For polling: ``waiting``, ``paid`` or ``over`` (ask for a new one)."""
        self.ensure_one()
        if self.state == "paid" or self._is_settled():
            return "paid"
        return "waiting" if self.state in LIVE else "over"

    def _is_settled(self):
        """Whether money or credit paid all of it; an agreement in its place is no payment."""
        lines = self.line_ids
        return (
            bool(lines)
            and not lines.closing_agreement_id
            and all(line.parent_state == "posted" and line.amount_residual <= 0 for line in lines)
        )

    @api.model
    def _static_for(self, lines, on, parts):
        """The static code of today's value; one record for each set, its amounts as of ``on``."""
        total = sum_of(list(parts.values()))
        code = lines._pix_code_of(total.total)
        if not code:
            return self.browse()
        values = {
            **self._amount_vals(on, parts),
            "txid": lines[0]._pix_reference(),
            "code": code,
            "state": "active",
        }
        charge = self._live(lines, "static")
        if not charge:
            return self._create_live(lines, "static", values)
        if charge.code != code or charge.day != on:
            charge.write(values)
        return charge

    @api.model
    def _live(self, lines, kind):
        return self.search(
            [
                ("company_id", "=", lines.company_id.id),
                ("kind", "=", kind),
                ("line_key", "=", lines._pix_line_key()),
                ("state", "in", LIVE),
            ],
            limit=1,
        )

    @api.model
    def _create_live(self, lines, kind, values):
        """:raises ConcurrencyError: somebody made it meanwhile; Odoo then tries the call again."""
        try:
            with self.env.cr.savepoint():
                return self.create(
                    {
                        "company_id": lines.company_id.id,
                        "partner_id": lines.partner_id.commercial_partner_id.id,
                        "kind": kind,
                        "line_ids": [Command.set(lines.ids)],
                        "line_key": lines._pix_line_key(),
                        **values,
                    }
                )
        except errors.UniqueViolation as error:
            raise ConcurrencyError("another request made this charge") from error

    # ------------------------------------------------------------- helpers

    @api.model
    def _amount_vals(self, on, parts: dict[int, Part]):
        total = sum_of(list(parts.values()))
        return {
            "day": on,
            "parts": {
                str(key): [
                    str(amount)
                    for amount in (part.principal, part.fine, part.interest, part.reduction)
                ]
                for key, part in parts.items()
            },
            "amount": float(total.total),
            "amount_principal": float(total.principal),
            "amount_fine": float(total.fine),
            "amount_interest": float(total.interest),
            "amount_reduction": float(total.reduction),
        }

    def _asked(self) -> dict[int, Part]:
        """The part of each installment as it was asked, by line id."""
        return {
            int(key): Part(int(key), *map(exact, amounts))
            for key, amounts in (self.parts or {}).items()
        }

    def _qr_png(self):
        """PNG in base64."""
        return self.env["crediario.paper"]._qr_image(self.code).partition(",")[2].encode()
