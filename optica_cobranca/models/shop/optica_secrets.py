import functools
import logging
import os
from collections.abc import Collection

import psycopg2

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL, config

from ...clients.secret_box import BadKey, SecretBox, Unreadable, is_sealed, keys_in
from ...clients.secret_log import remember

_logger = logging.getLogger(__name__)

# Where the keys are: the environment of the server's process, else its configuration file.
VARIABLE = "OPTICA_COBRANCA_SECRET_KEYS"
OPTION = "optica_cobranca_secret_keys"


@functools.lru_cache(maxsize=8)
def _box_of(setting):
    return SecretBox(keys_in(setting))


def secret_box():
    """The box of this server.

    :raise BadKey: what is configured is no key
    """
    return _box_of(os.environ.get(VARIABLE) or config.get(OPTION) or "")


def _seal(text, record):
    try:
        return secret_box().seal(text)
    except BadKey as error:
        raise UserError(
            record.env._(
                "Secrets cannot be kept: the key in %(variable)s is none. An administrator of the "
                "server makes one as docs/security.md says.",
                variable=VARIABLE,
            )
        ) from error


def _open(kept):
    """The secret, which stands in no log from now on; None when it cannot be opened."""
    try:
        secret = secret_box().open(kept)
    except (BadKey, Unreadable):
        _logger.warning("A secret cannot be opened: its key is not in %s", VARIABLE)
        return None
    remember(secret)
    return secret


class Secret(fields.Char):
    """A text that is sealed before it reaches the cache or the database.

    Opened where it is read. It cannot be searched for; nobody may read it but the system.
    """

    def convert_to_cache(self, value, record, validate=True):
        """Sealed before it is anywhere else."""
        text = super().convert_to_cache(value, record, validate)
        return _seal(text, record) if text else text

    def convert_to_record(self, value, record):
        """Opened for whoever may read the field."""
        text = super().convert_to_record(value, record)
        return (_open(text) or False) if text else text

    def _condition_to_sql(self, field_expr, operator, value, model, alias, query):
        several = isinstance(value, Collection) and not isinstance(value, str)
        values = set(value) if several else {value}
        if values - {False, None, ""}:
            raise ValueError(f"{self} is a secret: it cannot be searched for")
        return super()._condition_to_sql(field_expr, operator, value, model, alias, query)


class SecretFile(fields.Binary):
    """The same for a small file, base64 as everywhere; kept in the row, not among attachments."""

    attachment = False

    def convert_to_cache(self, value, record, validate=True):
        """Sealed before it is anywhere else."""
        content = super().convert_to_cache(value, record, validate)
        return _seal(content.decode("ascii"), record).encode() if content else content

    def convert_to_column(self, value, record, values=None, validate=True):
        """Sealed bytes, as the column has them."""
        column = super().convert_to_column(value, record, values, validate)
        if column is None:
            return None
        content = bytes(column.adapted) if isinstance(column, psycopg2.Binary) else bytes(column)
        return psycopg2.Binary(_seal(content.decode("ascii"), record).encode())

    def convert_to_record(self, value, record):
        """Opened for whoever may read the field."""
        content = super().convert_to_record(value, record)
        if not content or not is_sealed(content.decode("ascii", "replace")):
            return content
        opened = _open(content.decode("ascii"))
        return opened.encode() if opened else False


class OpticaSecrets(models.AbstractModel):
    """Secrets that managers type and nobody reads again, sealed when the server has a key.

    A model names them in ``_secrets`` and has for each a field ``new_<name>`` to type it into::

        token = Secret(copy=False, groups=NO_ACCESS, exportable=False)
        new_token = fields.Char(compute="_compute_typed", inverse="_inverse_typed", …)
    """

    _name = "optica.secrets"
    _description = "Secrets That Are Typed and Never Shown"

    _secrets = ()
    # Where a secret is sent to: whoever changes that has to type the secret again.
    _secret_addresses = ()

    secrets_kept = fields.Char(
        "Kept Secrets", compute="_compute_secrets_kept", groups="optica_cobranca.group_manager"
    )
    secrets_warning = fields.Char(
        compute="_compute_secrets_kept", groups="optica_cobranca.group_manager"
    )

    # ------------------------------------------------------------- compute

    @api.depends(lambda self: self._secrets)
    def _compute_secrets_kept(self):
        """Which secrets there are, by their names; with sudo, for nothing of them is shown."""
        for record, kept in zip(self, self.sudo(), strict=True):
            record.secrets_kept = ", ".join(
                self._fields[name]._description_string(self.env)
                for name in self._secrets
                if kept[name]
            )
            record.secrets_warning = record._warning_of(self._kept_as(kept))

    @api.model
    def _kept_as(self, record):
        """The secrets of a record as they stand in its row, those that there are."""
        if not record._origin.id:
            return []
        record.flush_recordset()
        columns = SQL(", ").join(SQL.identifier(name) for name in self._secrets)
        query = SQL(
            "SELECT %s FROM %s WHERE id = %s",
            columns,
            SQL.identifier(self._table),
            record._origin.id,
        )
        rows = self.env.execute_query(query)
        return [_text(value) for row in rows for value in row if value]

    @api.model
    def _warning_of(self, kept):
        try:
            box = secret_box()
        except BadKey:
            return self.env._("The server's key for secrets is no key. See docs/security.md.")
        if not kept:
            return False
        if any(not is_sealed(value) for value in kept) and not box.has_key:
            return self.env._(
                "Secrets are kept unencrypted: the server has no key for them. An administrator "
                "sets %(variable)s, see docs/security.md.",
                variable=VARIABLE,
            )
        if any(is_sealed(value) and _is_unreadable(box, value) for value in kept):
            return self.env._(
                "Secrets cannot be read: the key that they were encrypted with is missing. Put it "
                "back behind the new one, or type them again."
            )
        return False

    def _compute_typed(self):
        self.update({f"new_{name}": False for name in self._secrets})

    def _inverse_typed(self):
        """Nothing: :meth:`create` and :meth:`write` put what was typed where it is kept."""

    # ---------------------------------------------------------------- CRUD

    @api.model_create_multi
    def create(self, vals_list):
        """What was typed is kept in the sealed fields."""
        return super().create([self._with_typed(vals) for vals in vals_list])

    def write(self, vals):
        """What was typed is kept; who moves an address to another host types the secrets again."""
        vals = self._with_typed(vals)
        elsewhere = self.filtered(lambda record: record._moves(vals))
        if not elsewhere:
            return super().write(vals)
        # What was kept for one address is not sent to another that a manager typed.
        gone = {name: False for name in self._secrets_of_address() if not vals.get(name)}
        super(OpticaSecrets, elsewhere).write({**vals, **gone})
        return super(OpticaSecrets, self - elsewhere).write(vals)

    def _has_field_access(self, field, operation):
        """Managers write the secrets that nobody reads."""
        if operation == "write" and field.name in self._secrets:
            return self.env.su or self.env.user.has_group("optica_cobranca.group_manager")
        return super()._has_field_access(field, operation)

    @api.model
    def _with_typed(self, vals):
        """The values with typed secrets under the names they are kept by; empty means unchanged."""
        typed = {f"new_{name}": name for name in self._secrets}
        kept = {name: value for name, value in vals.items() if name not in typed}
        for name, own in typed.items():
            value = vals.get(name)
            value = value.strip() if isinstance(value, str) else value
            if value:
                kept[own] = value
        return kept

    @api.model
    def _secrets_of_address(self):
        """Those that are sent to the addresses."""
        return self._secrets

    def _moves(self, vals):
        """Whether a person who may not decide about servers sends the secrets elsewhere."""
        self.ensure_one()
        return (
            any(
                name in vals and (vals[name] or "") != (self.sudo()[name] or "")
                for name in self._secret_addresses
            )
            and not all(vals.get(name) for name in self._secrets_of_address())
            and not self.env.su
            and not self.env.user.has_group("base.group_system")
        )

    # ------------------------------------------------------------ business

    @api.autovacuum
    def _gc_seal_secrets(self):
        """Every night: what is kept open or with an old key is sealed with the newest one."""
        if self._abstract or not self._secrets:
            return
        try:
            box = secret_box()
        except BadKey:
            _logger.warning("The key in %s is none: secrets stay as they are", VARIABLE)
            return
        columns = SQL(", ").join(SQL.identifier(name) for name in ("id", *self._secrets))
        self.flush_model(self._secrets)
        rows = self.env.execute_query(
            SQL("SELECT %s FROM %s", columns, SQL.identifier(self._table))
        )
        if not box.has_key:
            if any(value for row in rows for value in row[1:]):
                _logger.warning(
                    "Secrets of %s are kept unencrypted: %s is not set", self._name, VARIABLE
                )
            return
        for record_id, *values in rows:
            sealed = {
                name: _sealed_anew(box, value)
                for name, value in zip(self._secrets, values, strict=True)
                if value and not box.is_current(_text(value))
            }
            # Past the model: nothing changes but how it is kept.
            for name, value in sealed.items():
                self.env.cr.execute(
                    SQL(
                        "UPDATE %s SET %s = %s WHERE id = %s",
                        SQL.identifier(self._table),
                        SQL.identifier(name),
                        value,
                        record_id,
                    )
                )
        self.invalidate_model(self._secrets)


def _text(value):
    return value if isinstance(value, str) else bytes(value).decode("ascii", "replace")


def _sealed_anew(box, value):
    """The value sealed with the newest key; as it is when no key opens it, for it may come back."""
    try:
        sealed = box.seal(box.open(_text(value)))
    except Unreadable:
        return value
    return sealed if isinstance(value, str) else sealed.encode()


def _is_unreadable(box, value):
    try:
        box.open(value)
    except Unreadable:
        return True
    return False
