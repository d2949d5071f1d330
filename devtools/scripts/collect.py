"""Run the daily job and print what it did as one line of JSON; ``env`` comes from Odoo's shell."""

import datetime
import json
import os

date = os.environ.get("OPTICA_DEV_DATE")
summary = env["dunning.run"].collect_now(
    date=datetime.date.fromisoformat(date) if date else None,
    dry_run=bool(os.environ.get("OPTICA_DEV_DRY_RUN")),
)
print("COLLECTED " + json.dumps(summary, default=str))
