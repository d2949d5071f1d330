"""What nobody decides from outside: results, and values slipped in as defaults.

Every model of this product is protected as soon as it exists. A field that a screen may
prefill is named in its model's ``_given_defaults``.
"""

from markupsafe import Markup

from odoo import api, models
from odoo.exceptions import AccessError, UserError

MODULE = "optica_cobranca"
# Days and months up to this lead to a date, amounts to something that prints.
MOST = {"integer": 9_999, "float": 999_999_999, "monetary": 999_999_999}
MOST_STORED = 2_147_483_647
NUMBERS = frozenset(MOST)
NAN = float("nan")


class Base(models.AbstractModel):
    """Fields of this product, on whatever model they are."""

    _inherit = "base"

    # Numbers of this product that are no count, share or time: only as long as the database allows.
    _unbounded_numbers = frozenset(["color", "line", "sequence"])
    # Fields of a model of this product that its own methods write, with sudo, and no user.
    _system_fields = frozenset()
    # Fields of this product that a context or a user's own default may prefill.
    _given_defaults = frozenset()

    # ---------------------------------------------------------------- CRUD

    @api.model
    def _has_field_access(self, field, operation):
        """What is worked out from other fields is not written by users.

        Nor is what the product notes on records of Odoo's own.
        """
        is_users = self.env.su or not (self._is_result(field) or self._is_trace(field))
        if operation == "write" and not is_users:
            return False
        return super()._has_field_access(field, operation)

    @api.model
    def default_get(self, fields):
        """Defaults of this product's fields are the product's, not the caller's."""
        kept = self._without_given_defaults()
        values = super(Base, kept).default_get(fields)
        for name in kept._own_defaults(values):
            default = self._fields[name].default
            if default:
                field = self._fields[name]
                value = field.convert_to_cache(default(kept), kept, validate=False)
                values[name] = field.convert_to_write(value, kept)
            else:
                del values[name]
        return values

    @api.model_create_multi
    def create(self, vals_list):
        """As :meth:`default_get`, for what is created without asking for its defaults."""
        self._check_numbers(vals_list)
        kept = self._without_given_defaults()
        records = super(Base, kept).create(vals_list)
        return records if kept is self else records.with_env(self.env)

    def write(self, vals):
        """Numbers stay within their bounds.

        :raise UserError: for a number out of its bounds
        """
        self._check_numbers([vals])
        return super().write(vals)

    # --------------------------------------------------------------- roles

    @api.model
    def _check_role(self, role, allow_system=False):
        """Whoever presses a button has a role of the shop.

        The methods that ask this often write with sudo afterwards: users have no right to write
        such records themselves, so that steps are taken in their order only.

        :param role: ``seller``, ``cashier``, ``collector`` or ``manager``
        :param allow_system: what runs with sudo passes, too
        :raise AccessError: without the role
        """
        if allow_system and self.env.su or self.env.user.has_group(f"{MODULE}.group_{role}"):
            return
        refusals = {
            "seller": self.env._("Only a seller may do this. Ask a manager for this role."),
            "cashier": self.env._("Only a cashier may do this. Ask a manager for this role."),
            "collector": self.env._("Only a collector may do this. Ask a manager for this role."),
            "manager": self.env._("Only a manager may do this."),
        }
        raise AccessError(refusals[role])

    # ------------------------------------------------------------- helpers

    @api.model
    def _plain_table(self, rows, head=None, title=None):
        """A table of counts for a field of HTML; empty without rows.

        :param rows: lists of cells, words first, then figures
        :param head: dicts of ``text`` and perhaps ``tone``, ``hint`` of its badge
        """
        if not rows:
            return Markup()
        values = {"rows": rows, "head": head, "title": title}
        return self.env["ir.qweb"]._render("optica_cobranca.plain_table", values)

    @api.model
    def _check_numbers(self, vals_list):
        """Numbers that a person enters stay where dates and amounts can be worked out with them.

        :raise UserError: with what is allowed
        """
        if self.env.su:
            return
        for vals in vals_list:
            for name, value in vals.items():
                field = self._fields.get(name)
                if field is None or field._module != MODULE or field.type not in NUMBERS:
                    continue
                most = MOST[field.type]
                if field.type == "integer" and name in self._unbounded_numbers:
                    most = MOST_STORED
                if not -most <= _number(value) <= most:  # NaN is not within anything
                    raise UserError(
                        self.env._(
                            "“%(field)s” takes numbers from -%(most)s to %(most)s.",
                            field=field._description_string(self.env),
                            most=most,
                        )
                    )

    @api.model
    def _is_result(self, field):
        """Computed and stored, with no way to enter it."""
        return bool(
            field._module == MODULE
            and field.store
            and field.compute
            and field.readonly
            and not field.inverse
        )

    @api.model
    def _is_trace(self, field):
        """Noted by the product on a model of Odoo's, which users may write otherwise."""
        if field.name in self._system_fields:
            return True
        return bool(
            field._module == MODULE
            and self._original_module != MODULE
            and not self._transient
            and field.store
            and field.column_type
            and field.readonly
            and not (field.compute or field.inverse)
        )

    @api.model
    def _is_protected_default(self, name):
        field = self._fields.get(name)
        return bool(
            field is not None
            and field._module == MODULE
            and not self._transient
            and name not in self._given_defaults
        )

    @api.model
    def _without_given_defaults(self):
        """The model in a context without defaults for protected fields."""
        context = self.env.context
        refused = [
            key
            for key in context
            if key.startswith("default_") and self._is_protected_default(key[len("default_") :])
        ]
        if not refused:
            return self
        # The whole context is given: keywords alone would add to it and take nothing away.
        kept = {key: context[key] for key in context if key not in refused}
        return self.with_context(kept)  # pylint: disable=context-overridden

    @api.model
    def _own_defaults(self, values):
        """Protected fields among ``values`` for which the user has set a default of the own."""
        given = self.env["ir.default"]._get_model_defaults(self._name)
        names = [name for name in values if name in given and self._is_protected_default(name)]
        if not names:
            return []
        # With sudo: users see their own defaults only as far as the settings allow.
        own = (
            self.env["ir.default"]
            .sudo()
            .search(
                [
                    ("user_id", "=", self.env.uid),
                    ("field_id.model", "=", self._name),
                    ("field_id.name", "in", names),
                ]
            )
        )
        return own.field_id.mapped("name")


def _number(value):
    """What the ORM makes of a value for a number; NaN for what it would stumble on."""
    try:
        return float(value or 0)
    except (OverflowError, TypeError, ValueError):
        return NAN
