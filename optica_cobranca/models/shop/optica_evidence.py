"""Evidence: what customers said, sent and agreed to, and proof that it stands as it was said.

Originals stand on their own models, which refuse to change or delete them. Here each has a row with
a salted digest of it, chained per company (:mod:`...domain.shop.evidence_chain`). Whoever writes an
original adds a row and takes no lock: a job puts new rows behind the chain, a few minutes later.
"""

import json
import secrets

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL, groupby

from ...domain.shop.evidence_chain import (
    BEGINNING,
    Break,
    Link,
    chained,
    content_digest,
    first_break,
)
from ...tools.shop.notification import notification

BATCH = 2000
# Of PostgreSQL's advisory locks, with the company's id: one job at a time seals a chain.
LOCK = 1_330_660_163


class OpticaEvidence(models.Model):
    """One original as it was written or completed. Rows are only ever added."""

    _name = "optica.evidence"
    _description = "Evidence"
    _order = "id desc"
    _rec_name = "number"

    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="restrict")
    res_model = fields.Char("Record", required=True, readonly=True)
    res_id = fields.Many2oneReference(
        "Record No.", model_field="res_model", required=True, readonly=True
    )
    kind = fields.Char(compute="_compute_kind")
    recorded_at = fields.Datetime("Written On", required=True, readonly=True)
    salt = fields.Char(readonly=True, groups="base.group_no_one")
    digest = fields.Char("Digest of the Content", required=True, readonly=True)
    number = fields.Integer("No.", readonly=True, help="In the chain; 0: to be put there soon.")
    previous = fields.Char("Hash Before", readonly=True)
    hash = fields.Char(readonly=True)
    erased_at = fields.Datetime(
        "Erased On",
        readonly=True,
        help="The content was erased after the time to keep it; its place in the chain stays.",
    )

    _in_chain = models.UniqueIndex(
        "(company_id, number) WHERE number IS NOT NULL", "Each place in a chain is taken once."
    )
    _of_record = models.Index("(res_model, res_id, id)")
    _waiting = models.Index("(company_id, id) WHERE number IS NULL")

    # ------------------------------------------------------------- compute

    @api.depends("res_model")
    def _compute_kind(self):
        for row in self:
            model = self.env.get(row.res_model)
            row.kind = self.env["ir.model"]._get(row.res_model).name if model is not None else ""

    # ---------------------------------------------------------------- CRUD

    @api.model_create_multi
    def create(self, vals_list):  # pylint: disable=method-required-super; see _record
        """By nobody: see ``_record``."""
        raise UserError(self.env._("Evidence is written by the system, with what it is about."))

    def write(self, vals):  # pylint: disable=method-required-super; nobody writes
        """By nobody, ever."""
        raise UserError(self.env._("Evidence is never changed."))

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("Evidence is never deleted."))

    # ------------------------------------------------------------- actions

    def action_verify(self):
        """Check the chain of the current company and say what was found."""
        self.browse().check_access("read")
        report = self._verify(self.env.company)
        kind = "danger" if report["broken"] else "success"
        return notification(self._told(report), kind, stays=True)

    def action_open_record(self):
        """The original, for whoever may read it."""
        self.ensure_one()
        record = self.env[self.res_model].browse(self.res_id).exists()
        if not record:
            raise UserError(self.env._("This record is not there any more."))
        return record._get_records_action()

    # ------------------------------------------------------------ business

    @api.model
    def _record(self, originals):
        """Add a row for each of these originals as they stand now; one statement.

        No lock is taken, and no row of the chain is read: writers never wait for each other.
        """
        contents = originals._evidence_content()
        rows = []
        for original in originals:
            salt = secrets.token_hex(16)
            rows.append(
                {
                    "company_id": original._evidence_company().id,
                    "res_id": original.id,
                    "salt": salt,
                    "digest": content_digest(contents[original.id], salt),
                }
            )
        query = SQL(
            """
            INSERT INTO optica_evidence (company_id, res_model, res_id, recorded_at, salt, digest,
                                         create_uid, create_date, write_uid, write_date)
            SELECT new.company_id, %(model)s, new.res_id, %(now)s, new.salt, new.digest,
                   %(uid)s, %(now)s, %(uid)s, %(now)s
              FROM jsonb_to_recordset(%(rows)s::jsonb)
                   AS new (company_id integer, res_id integer, salt varchar, digest varchar)
            """,
            model=originals._name,
            now=fields.Datetime.now(),
            uid=self.env.uid,
            rows=json.dumps(rows),
        )
        self.env.cr.execute(query)
        self.invalidate_model()

    @api.model
    def _erase(self, model_name, ids):
        """What these originals said has been erased: forget what it could be proven by."""
        self.env.cr.execute(
            SQL(
                """UPDATE optica_evidence SET salt = NULL, erased_at = %s
                    WHERE res_model = %s AND res_id = ANY(%s) AND erased_at IS NULL""",
                fields.Datetime.now(),
                model_name,
                list(ids),
            )
        )
        self.invalidate_model()

    # -------------------------------------------------------------- sealing

    @api.model
    def _cron_seal(self):
        """Put new rows behind the chains, in batches that commit."""
        companies = self.env["res.company"].sudo()
        for company in companies.search([]):  # pylint: disable=no-search-all; a chain each
            while count := self._seal(company):
                if self.env["ir.cron"]._commit_progress(count, remaining=count) <= 0:
                    return
        self.env["ir.cron"]._commit_progress(remaining=0)

    @api.model
    def _seal(self, company):
        """Number and chain up to a batch of the rows that wait.

        Of two jobs at once one finds the lock taken and leaves it; should both have read the same
        end of the chain, the second is refused its numbers and tries again another time.

        :return: number of rows
        """
        [(is_ours,)] = self.env.execute_query(
            SQL("SELECT pg_try_advisory_xact_lock(%s, %s)", LOCK, company.id)
        )
        if not is_ours:
            return 0
        number, head = self._head(company)
        rows = self.env.execute_query(
            SQL(
                """SELECT id, res_model, res_id, recorded_at::text, digest FROM optica_evidence
                    WHERE company_id = %s AND number IS NULL ORDER BY id LIMIT %s FOR UPDATE""",
                company.id,
                BATCH,
            )
        )
        new = [_link(0, *row[1:], "", "") for row in rows]
        sealed = [
            {"id": row[0], "number": link.number, "previous": link.previous, "hash": link.hash}
            for row, link in zip(rows, chained(new, number, head), strict=True)
        ]
        if sealed:
            self.env.cr.execute(
                SQL(
                    """
                    UPDATE optica_evidence row
                       SET number = new.number, previous = new.previous, hash = new.hash
                      FROM jsonb_to_recordset(%s::jsonb)
                           AS new (id integer, number integer, previous varchar, hash varchar)
                     WHERE row.id = new.id
                    """,
                    json.dumps(sealed),
                )
            )
            self.invalidate_model()
        return len(sealed)

    @api.model
    def _head(self, company):
        """``(number, hash)`` of the last link."""
        found = self.env.execute_query(
            SQL(
                """SELECT number, hash FROM optica_evidence
                    WHERE company_id = %s AND number IS NOT NULL ORDER BY number DESC LIMIT 1""",
                company.id,
            )
        )
        return found[0] if found else (0, BEGINNING)

    @api.model
    def _record_what_was_before(self):
        """Rows for the originals that were there before evidence was kept; at each update."""
        for model in self._kept_models():
            while missing := model._without_evidence(BATCH):
                self._record(missing)

    # ------------------------------------------------------------ verifying

    @api.model
    def _verify(self, company):
        """Check every link of a company's chain, and every original against its last row.

        With sudo: the figures say nothing about anybody.

        :return: dict: ``count`` of links, ``head``, ``waiting``, ``erased``, ``unrecorded``
            (originals without a row), ``broken``: None, or what is wrong with the first bad row
        """
        rows = self.sudo().with_company(company)
        number, head = rows._head(company)
        [(waiting, erased)] = self.env.execute_query(
            SQL(
                """SELECT count(*) FILTER (WHERE number IS NULL),
                          count(*) FILTER (WHERE erased_at IS NOT NULL)
                     FROM optica_evidence WHERE company_id = %s""",
                company.id,
            )
        )
        unrecorded = [
            (model._name, missing.ids)
            for model in rows._kept_models()
            if (missing := model._without_evidence(BATCH, company))
        ]
        return {
            "company": company,
            "count": number,
            "head": head,
            "waiting": waiting,
            "erased": erased,
            "unrecorded": unrecorded,
            "broken": rows._broken_link(company) or rows._broken_content(company),
        }

    def _broken_link(self, company):
        """The first link that does not follow from those before it: dict, or None."""
        number, head = 0, BEGINNING
        while rows := self.env.execute_query(
            SQL(
                """SELECT number, res_model, res_id, recorded_at::text, digest, previous, hash
                     FROM optica_evidence WHERE company_id = %s AND number > %s
                 ORDER BY number LIMIT %s""",
                company.id,
                number,
                BATCH,
            )
        ):
            links = [_link(*row) for row in rows]
            if found := first_break(links, number, head):
                link, kind = found
                model, res_id = link.record.split(",")
                return {"number": link.number, "model": model, "res_id": int(res_id), "kind": kind}
            number, head = links[-1].number, links[-1].hash
        return None

    def _broken_content(self, company):
        """The first original that is gone or says something else than its last row: dict, or None.

        By model and then by id, some at a time: however many there are.
        """
        after = ("", 0)
        while rows := self._last_rows(company, *after):
            after = rows[-1][:2]
            for model_name, its_rows in groupby(rows, key=lambda row: row[0]):
                found = self._broken_among(model_name, [row for row in its_rows if not row[5]])
                if found:
                    return found
            self.env.invalidate_all()
        return None

    def _last_rows(self, company, model_name, res_id):
        """The last row of each of the next originals behind this one."""
        return self.env.execute_query(
            SQL(
                """SELECT DISTINCT ON (res_model, res_id)
                          res_model, res_id, number, digest, salt, erased_at
                     FROM optica_evidence
                    WHERE company_id = %s AND (res_model, res_id) > (%s, %s)
                 ORDER BY res_model, res_id, id DESC
                    LIMIT %s""",
                company.id,
                model_name,
                res_id,
                BATCH,
            )
        )

    def _broken_among(self, model_name, rows):
        originals = self.env[model_name].browse(row[1] for row in rows)
        contents = originals._evidence_content()
        for _name, res_id, number, digest, salt, _erased in rows:
            content = contents.get(res_id)
            if content is None or content_digest(content, salt or "") != digest:
                kind = Break.MISSING if content is None else Break.CONTENT
                return {"number": number, "model": model_name, "res_id": res_id, "kind": kind}
        return None

    @api.model
    def _told(self, report):
        """What was found, in words."""
        broken = report["broken"]
        if not broken:
            words = self.env._(
                "%(company)s: %(count)s records, none changed and none missing (%(waiting)s wait "
                "to be chained, %(erased)s were erased after their time). Last hash: %(head)s",
                company=report["company"].name,
                count=report["count"],
                waiting=report["waiting"],
                erased=report["erased"],
                head=report["head"][:16],
            )
            if report["unrecorded"]:
                model, ids = report["unrecorded"][0]
                words += "\n" + self.env._(
                    "Without evidence, written past the program: %(model)s %(ids)s",
                    model=model,
                    ids=", ".join(map(str, ids[:5])),
                )
            return words
        reasons = {
            Break.NUMBER: self.env._("a link before it is missing"),
            Break.PREVIOUS: self.env._("it does not follow the link before it"),
            Break.HASH: self.env._("the link was changed"),
            Break.CONTENT: self.env._("the record says something else than when it was written"),
            Break.MISSING: self.env._("the record is gone"),
        }
        return self.env._(
            "%(company)s: broken at No. %(number)s (%(model)s %(id)s): %(reason)s.",
            company=report["company"].name,
            number=broken["number"] or "–",
            model=broken["model"],
            id=broken["res_id"],
            reason=reasons[broken["kind"]],
        )

    # ------------------------------------------------------------- helpers

    @api.model
    def _kept_models(self):
        """The models whose records are evidence, empty."""
        return [
            self.env[name].sudo()
            for name, model in sorted(self.env.registry.items())
            if not model._abstract and getattr(model, "_evidence_fields", None)
        ]


class EvidenceOriginal(models.AbstractModel):
    """A record that is evidence: with each writing of what it says, a row about it is added."""

    _name = "optica.evidence.original"
    _description = "Original of Evidence"

    # Stored fields that say what happened; those that merging customers changes are not among them.
    _evidence_fields = ()

    # ---------------------------------------------------------------- CRUD

    @api.model_create_multi
    def create(self, vals_list):
        """What is evidence is chained when it is written."""
        originals = super().create(vals_list)
        originals._keep_evidence()
        return originals

    def write(self, vals):
        """What becomes evidence is chained when it does."""
        result = super().write(vals)
        if not vals.keys().isdisjoint(self._evidence_fields):
            self._keep_evidence()
        return result

    # ------------------------------------------------------------ business

    def _keep_evidence(self):
        """With sudo: evidence is written whoever makes the original."""
        kept = self.sudo().filtered_domain(self._evidence_domain())
        if kept:
            self.env["optica.evidence"].sudo()._record(kept)

    @api.model
    def _evidence_domain(self):
        """Which records of the model are evidence."""
        return []

    def _evidence_company(self):
        """Whose chain a record is in."""
        return self.company_id or self.env.company

    def _evidence_content(self):
        """{id: [(field, value as the database writes it)]} of those that are there."""
        self.flush_recordset(self._evidence_fields)
        columns = [SQL("%s::text", SQL.identifier(name)) for name in self._evidence_fields]
        rows = self.env.execute_query(
            SQL(
                "SELECT id, %s FROM %s WHERE id = ANY(%s)",
                SQL(", ").join(columns),
                SQL.identifier(self._table),
                list(self._ids),
            )
        )
        return {
            row_id: list(zip(self._evidence_fields, values, strict=True))
            for row_id, *values in rows
        }

    @api.model
    def _without_evidence(self, limit, company=None):
        """Records that should have a row and have none, up to ``limit``.

        :param company: only those whose chain it is
        """
        query = self._search(self._evidence_domain(), order="id")
        query.add_where(
            SQL(
                """NOT EXISTS (SELECT 1 FROM optica_evidence evidence
                                WHERE evidence.res_model = %s AND evidence.res_id = %s)""",
                self._name,
                SQL.identifier(self._table, "id"),
            )
        )
        query.limit = limit
        found = self.browse(query.get_result_ids())
        return found.filtered(lambda one: company in (None, one._evidence_company()))


def _link(number, res_model, res_id, recorded_at, digest, previous, hash_):
    return Link(number, f"{res_model},{res_id}", recorded_at, digest, previous, hash_ or "")
