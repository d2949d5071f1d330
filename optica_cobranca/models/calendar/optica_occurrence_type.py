from typing import NamedTuple

from odoo import api, fields, models, tools
from odoo.exceptions import ValidationError
from odoo.tools import SQL

from ...domain.calendar.campaign import TIMINGS

KINDS = [
    ("birthday", "Birthday"),
    ("installment_due", "Installment Due"),
    ("installment_overdue", "Installment Late"),
    ("promise_due", "Promise Due"),
    ("delivery_promised", "Delivery Promised"),
    ("delivery_late", "Delivery Late"),
    ("delivery_ready", "Glasses Ready"),
    ("delivery_unfetched", "Glasses Not Fetched"),
    ("prescription_expiring", "Prescription Expiring"),
    ("prescription_expired", "Prescription Expired"),
    ("scheduled_call", "Scheduled Call"),
    ("survey", "Satisfaction Survey"),
]
# What the ladder, automatic messages and service orders write about by themselves.
WRITTEN_ELSEWHERE = ("installment_due", "installment_overdue", "promise_due", "delivery_ready")
DEFAULT_COLOR = 4
# A year at most: what is further away is nobody's task of today.
MAX_LEAD_DAYS = 365


class KindSettings(NamedTuple):
    """What the view of occurrences needs to know of a kind.

    ``user_ids``: responsible by company id; a company without one is missing.
    """

    color: int
    lead_days: int
    user_ids: tuple[tuple[int, int], ...]


class OpticaOccurrenceType(models.Model):
    """How the shop treats one kind of occurrence; there is one record for each kind."""

    _name = "optica.occurrence.type"
    _description = "Kind of Occurrence"
    _order = "sequence, id"
    _rec_name = "kind"

    kind = fields.Selection(KINDS, required=True, readonly=True)
    active = fields.Boolean(
        "Shown", default=True, help="Off: nothing of this kind shows anywhere, nothing is sent."
    )
    sequence = fields.Integer(default=10)
    color = fields.Integer(default=DEFAULT_COLOR)
    own_lead_days = fields.Integer(export_string_translation=False)
    lead_days = fields.Integer(
        compute="_compute_lead_days",
        inverse="_inverse_lead_days",
        help="So many days before, the page of today lists it as to do. 0: on the day itself. For "
        "prescriptions about to expire this is the company's setting.",
    )
    user_id = fields.Many2one(
        "res.users",
        string="Responsible",
        company_dependent=True,
        help="Who takes care of all of this kind in this company. Empty: whoever is responsible "
        "for the customer, the order or the call.",
    )
    template_id = fields.Many2one(
        "contact.template",
        string="Message",
        ondelete="restrict",
        help="What is sent for this kind. A template with the same code that belongs to a company "
        "goes before the general one.",
    )
    mode = fields.Selection(
        [("by_hand", "By Hand"), ("automatic", "Automatic")],
        string="Way of Sending",
        required=True,
        default="by_hand",
        help="By hand: somebody sends it from the page of today or the calendar. Automatic: it "
        "leaves by itself on the day, within the permitted hours and with the customer's consent.",
    )

    _kind_unique = models.UniqueIndex("(kind)", "This kind has its settings already.")

    # ------------------------------------------------------------- compute

    @api.depends("kind", "own_lead_days")
    @api.depends_context("company")
    def _compute_lead_days(self):
        """With sudo: sellers do not read the settings of a company, only what follows of them."""
        for kind in self:
            kind.lead_days = (
                self.env.company.sudo().prescription_lead_days
                if kind.kind == "prescription_expiring"
                else kind.own_lead_days
            )

    def _inverse_lead_days(self):
        """With sudo for the company's setting: managers of the collection set it, too."""
        for kind in self:
            if not 0 <= kind.lead_days <= MAX_LEAD_DAYS:
                raise ValidationError(
                    self.env._("Lead days: from 0 to %(most)s.", most=MAX_LEAD_DAYS)
                )
            if kind.kind == "prescription_expiring":
                kind.check_access("write")
                self.env.company.sudo().prescription_lead_days = kind.lead_days
            else:
                kind.own_lead_days = kind.lead_days

    # --------------------------------------------------------- constraints

    @api.constrains("mode", "template_id")
    def _check_template(self):
        for kind in self:
            if kind.template_id and kind.kind in WRITTEN_ELSEWHERE:
                raise ValidationError(
                    self.env._(
                        "The ladder writes about installments, promises and service orders have "
                        "messages of their own: a second one from here would say it twice."
                    )
                )
            if kind.mode == "automatic" and not kind.template_id:
                raise ValidationError(
                    self.env._("Choose the message that is to be sent automatically.")
                )

    # ---------------------------------------------------------------- CRUD

    @api.model_create_multi
    def create(self, vals_list):
        """Also forgets what the view of occurrences remembers of the settings."""
        kinds = super().create(vals_list)
        self.env.registry.clear_cache()
        return kinds

    def write(self, vals):
        """Also forgets what the view of occurrences remembers of the settings."""
        done = super().write(vals)
        self.env.registry.clear_cache()
        return done

    def unlink(self):
        """Also forgets what the view of occurrences remembers of the settings."""
        done = super().unlink()
        self.env.registry.clear_cache()
        return done

    # ------------------------------------------------------------ business

    @api.model
    def _of_kind(self, name):
        """The settings of a kind, switched off ones included.

        With sudo: whoever sees occurrences needs no right to their settings.
        """
        kinds = self.sudo().with_context(active_test=False)
        return kinds.search([("kind", "=", name)], limit=1)

    def _template_for(self, company, code=None):
        """The message of this kind for a company: its own of the same code, else the general one.

        :param code: of another template that goes before the kind's own, where there is one
        :return: an empty recordset when there is none, or it is archived
        """
        self.ensure_one()
        # With sudo: whoever may send by kind needs no right to templates.
        general = self.sudo().template_id
        codes = [found for found in (code, general.code) if found]
        candidates = general | general.search(
            [("code", "in", codes), ("company_id", "in", (company.id, False))]
        )
        fitting = candidates.filtered(
            lambda template: template.active and template.company_id in (company, company.browse())
        )
        return fitting.sorted(
            lambda template: (bool(code) and template.code != code, not template.company_id)
        )[:1]

    @api.model
    @tools.ormcache()
    def _settings(self):
        """``{kind: KindSettings}`` of the kinds that are shown, in their order.

        Read by SQL, because the responsible of every company is needed at once.
        """
        self.sudo().flush_model()
        rows = self.env.execute_query(
            SQL(
                """SELECT kind, color, COALESCE(own_lead_days, 0), user_id
                     FROM optica_occurrence_type WHERE active ORDER BY sequence, id"""
            )
        )
        return {
            kind: KindSettings(
                color or 0,
                lead_days,
                tuple((int(company), user) for company, user in (users or {}).items() if user),
            )
            for kind, color, lead_days, users in rows
        }

    # ------------------------------- Kinds that write to customers by themselves

    is_campaign = fields.Boolean(compute="_compute_is_campaign")

    @api.depends("kind")
    def _compute_is_campaign(self):
        for kind in self:
            kind.is_campaign = kind.kind in TIMINGS

    @api.depends("kind")
    def _compute_display_name(self):
        labels = dict(self._fields["kind"]._description_selection(self.env))
        for kind in self:
            kind.display_name = labels.get(kind.kind, "")

    @api.constrains("mode")
    def _check_is_campaign(self):
        for kind in self:
            if kind.mode == "automatic" and kind.kind not in TIMINGS:
                raise ValidationError(
                    self.env._(
                        "Choose another kind: installments are reminded by the ladder, promises "
                        "by the automatic messages, and calls are made by people."
                    )
                )

    def _automatic_kinds(self):
        """The kinds whose messages leave by themselves, in the shop's order."""
        return self.search([("mode", "=", "automatic"), ("kind", "in", list(TIMINGS))])
