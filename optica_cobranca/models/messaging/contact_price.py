from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import float_compare, format_date

from ...domain.messaging.message_price import Price
from ...domain.shop.money import exact
from .contact_gateway import CHANNELS
from .contact_template import CATEGORIES

# What decides the price of a message.
PRICED = {
    "channel",
    "provider",
    "category",
    "amount",
    "currency_id",
    "valid_from",
    "company_id",
    "active",
    "free_a_month",
}


class ContactPrice(models.Model):
    """What providers charge for a message: the shop's own table, by channel and category."""

    _name = "contact.price"
    _description = "Price of Messages"
    _order = "channel, category, provider, valid_from desc, id"

    channel = fields.Selection(CHANNELS, required=True, default="whatsapp")
    provider = fields.Selection(
        selection=lambda self: (
            self.env["contact.gateway"]._fields["provider"]._description_selection(self.env)
        ),
        help="Empty: whichever provider sends it.",
    )
    category = fields.Selection(
        CATEGORIES,
        help="Empty: whatever the category. WhatsApp charges marketing several times as much as "
        "notices about the customer's own purchase (utility).",
    )
    amount = fields.Float(
        "Price",
        digits=(16, 4),
        required=True,
        help="For one message; of SMS, for each part of 160 characters; for a whole call.",
    )
    currency_id = fields.Many2one(
        "res.currency", required=True, default=lambda self: self.env.company.currency_id
    )
    valid_from = fields.Date(
        "From",
        required=True,
        default=fields.Date.context_today,
        help="When a provider changes its price, add a line: messages keep the price of their day.",
    )
    company_id = fields.Many2one("res.company", index=True, help="Empty: all companies.")
    active = fields.Boolean(default=True)
    note = fields.Char(help="Where the price is from.")
    free_a_month = fields.Integer(
        "Free a Month",
        help="So many of each sending number and calendar month cost nothing; the price counts "
        "from the next one on. WhatsApp gives 1,000 answers (service) a month.",
    )
    superseded_at = fields.Datetime(
        readonly=True,
        copy=False,
        help="As the line was until then, kept for the messages sent before.",
    )
    version_of = fields.Integer(readonly=True, copy=False, export_string_translation=False)
    is_estimate = fields.Boolean(
        "Estimate",
        help="Came with the program and is not from your contract or bill. Taken off when the "
        "price is changed.",
    )

    _once = models.UniqueIndex(
        "(channel, coalesce(provider, ''), coalesce(category, ''), valid_from, "
        "coalesce(company_id, 0)) WHERE active",
        "There is a price for this channel, provider, category and day already.",
    )

    # ------------------------------------------------------------- compute

    @api.depends("channel", "category", "valid_from")
    @api.depends_context("lang")
    def _compute_display_name(self):
        channels = dict(self._fields["channel"]._description_selection(self.env))
        categories = dict(self._fields["category"]._description_selection(self.env))
        for price in self:
            names = (channels.get(price.channel), categories.get(price.category))
            price.display_name = self.env._(
                "%(what)s from %(day)s",
                what=", ".join(filter(None, names)),
                day=format_date(self.env, price.valid_from),
            )

    # --------------------------------------------------------- constraints

    @api.constrains("amount")
    def _check_amount(self):
        if any(float_compare(price.amount, 0, precision_digits=4) < 0 for price in self):
            raise ValidationError(self.env._("A message cannot cost less than nothing."))

    _free_not_negative = models.Constraint(
        "CHECK(free_a_month >= 0)", "The number of free messages a month cannot be negative."
    )

    # ---------------------------------------------------------------- CRUD

    def write(self, vals):
        """What was sent before keeps the price that it was sent at."""
        if PRICED & vals.keys():
            self._keep_version()
        # Whoever changes a price knows it.
        return super().write({"is_estimate": False, **vals} if "amount" in vals else vals)

    def unlink(self):
        """See :meth:`write`."""
        self._keep_version()
        return super().unlink()

    # ------------------------------------------------------------- actions

    def action_confirm(self):
        """The price is right as it is: it was compared with a bill."""
        self.write({"is_estimate": False})

    # ------------------------------------------------------------ business

    def _keep_version(self):
        """Lines that hold already stay on record as they are until now.

        With sudo: the record is the product's, not a line that the user adds.
        """
        today = fields.Date.context_today(self)
        now = fields.Datetime.now()
        for line in self.filtered(lambda line: line.active and line.valid_from <= today):
            line.sudo().copy(
                {
                    "active": False,
                    "superseded_at": now,
                    "version_of": line.id,
                    "is_estimate": line.is_estimate,
                }
            )

    @api.model
    def _has_estimates(self):
        """Whether a price that somebody should check is in use for the current companies."""
        return bool(
            self.sudo().search_count(
                [
                    ("is_estimate", "=", True),
                    ("company_id", "in", [False, *self.env.companies.ids]),
                ],
                limit=1,
            )
        )

    @api.model
    def _lines_in_use(self):
        """All lines in use, as the rule of prices takes them.

        :rtype: list[Price]
        """
        return [price for price in self._lines_ever() if price.until is None]

    @api.model
    def _lines_ever(self):
        """All lines in use and what they were before they were changed.

        :rtype: list[Price]
        """
        lines = self.sudo().with_context(active_test=False)
        in_use = ["|", ("active", "=", True), ("superseded_at", "!=", False)]
        # Prices are managers' business, but every message is priced, whoever sends it.
        return [
            Price(
                channel=line.channel,
                amount=exact(line.amount),
                valid_from=line.valid_from,
                company=line.company_id.id or None,
                provider=line.provider or None,
                category=line.category or None,
                currency=line.currency_id.id,
                is_estimate=line.is_estimate,
                free_a_month=line.free_a_month,
                line=line.version_of or line.id,
                until=line.superseded_at or None,
            )
            for line in lines.search(in_use)
        ]
