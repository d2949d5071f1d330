import time
from collections import Counter

from odoo import fields, models

from ...tools.ladder.dunning_query import REASON_OF_RANK, customers_between


class DunningRunBatch(models.Model):
    """A range of customers within a run: one transaction of one worker."""

    _name = "dunning.run.batch"
    _description = "Dunning Run Batch"
    _order = "run_id, sequence"
    _log_access = False

    run_id = fields.Many2one("dunning.run", required=True, ondelete="cascade", index=True)
    sequence = fields.Integer(required=True)
    partner_from = fields.Integer(required=True, help="First customer id of the range.")
    partner_to = fields.Integer(required=True, help="Last customer id of the range.")
    size = fields.Integer(string="Open Installments")
    state = fields.Selection(
        [
            ("pending", "Pending"),
            ("done", "Done"),
            ("failed", "Failed"),
            ("cancelled", "Cancelled"),
        ],
        default="pending",
        required=True,
    )
    counts = fields.Json()
    error = fields.Text()
    seconds = fields.Float(digits=(16, 3))

    # ------------------------------------------------------------ business

    def _process(self):
        """Write this range's notices and run their actions, within the current transaction."""
        self.ensure_one()
        started = time.monotonic()
        run = self.run_id
        company = run.company_id
        evaluation = self.env["dunning.evaluation"].with_company(company)
        written = evaluation._insert_notices(
            evaluation._ladder_rules(company, run.date),
            customers_between(self.partner_from, self.partner_to),
            {"run_id": run.id},
        )
        by_level = {level_id: ids for kind, level_id, _count, ids in written if kind == "notice"}
        failures = self._run_actions(company, by_level)
        self.write(
            {
                "state": "done",
                "counts": self._count(written, failures),
                "error": False,
                "seconds": time.monotonic() - started,
            }
        )

    def _run_actions(self, company, by_level):
        """Run the levels' actions on the new notices; returns how many notices failed."""
        Notice = self.env["dunning.notice"].with_company(company)
        acted = Notice
        for level in self.env["dunning.level"].browse(by_level).sorted("offset_days"):
            if level.action_ids and not level.needs_approval:
                notices = Notice.browse(by_level[level.id])
                notices._run_level_actions(level)
                acted |= notices
        return (
            Notice.search_count([("id", "in", acted.ids), ("state", "=", "failed")]) if acted else 0
        )

    def _count(self, written, failures):
        """The batch's counts as stored: JSON keys are text."""
        counts = {"notices": {}, "holds": {}, "lines": 0, "advanced": 0, "failures": failures}
        for kind, key, count, _ids in written:
            if kind == "notice":
                counts["notices"][str(key)] = count
            elif kind == "hold":
                counts["holds"][REASON_OF_RANK[key].value] = count
            else:
                counts["lines"] += count
                counts["advanced"] += count if key else 0
        return counts

    def _total(self):
        """The sum of the counts of these batches, in the same shape."""
        total = {"notices": Counter(), "holds": Counter(), "lines": 0, "advanced": 0, "failures": 0}
        for counts in filter(None, self.mapped("counts")):
            for key, value in counts.items():
                if isinstance(value, dict):
                    total[key].update(value)
                else:
                    total[key] += value
        return {
            key: dict(value) if isinstance(value, Counter) else value
            for key, value in total.items()
        }
