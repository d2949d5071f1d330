"""A forecast and a run at the same moment, in two processes: neither waits for the other."""

import pytest

from devtools import database
from tests.faults.test_dunning_workers import PREPARE, RUN, end_state, finish

BUILD = f"""{PREPARE}
ledger.message_policy(env)
ledger.build(env, 600, DAY)
env.cr.commit()
"""
# Stands still in the middle of the rehearsal, with its notices of two days written.
FORECAST = f"""{PREPARE}
import os, time
from freezegun import freeze_time
rehearsal = type(env["dunning.rehearsal"])
play, days = rehearsal._play, []
def slowly(self, company, terms, scope, before_day=None):
    def wait(day):
        days.append(day.date)
        if len(days) == 3:
            print("in the middle", flush=True)
            while not os.path.exists(os.environ["GO"]):
                time.sleep(0.01)
    return play(self, company, terms, scope, wait)
rehearsal._play = slowly
with freeze_time("2026-06-15 12:00:00"):
    forecast = env["dunning.forecast"].create({{"days": 5}})
    forecast.action_compute()
    env.cr.commit()
print(len(forecast.line_ids), flush=True)
"""


@pytest.fixture
def portfolio(clone_database, odoo_process):
    name = clone_database("forecast")
    finish(odoo_process(name, BUILD))
    return name


def test_a_run_goes_on_beside_a_forecast(portfolio, odoo_process, tmp_path):
    go = tmp_path / "go"
    forecast = odoo_process(portfolio, FORECAST, GO=str(go))
    assert forecast.stdout.readline() == "in the middle\n"
    # The run would wait here for ever, did the forecast hold anything it needs.
    finish(odoo_process(portfolio, RUN))
    notices, runs = end_state(portfolio)
    assert len(notices) > 40
    assert runs[0].startswith("done")
    go.touch()
    foreseen = int(finish(forecast).split()[-1])
    of_today = database.psql(
        "SELECT count(*) FROM dunning_forecast_line WHERE date = '2026-06-15'", portfolio
    )
    assert of_today == [str(len(notices))]
    assert foreseen > len(notices)
    assert end_state(portfolio) == (notices, runs)
