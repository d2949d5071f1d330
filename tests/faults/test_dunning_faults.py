"""Whatever disturbs a run of the ladder, running it again ends where an undisturbed run would."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from devtools import database
from tests.conftest import drop_database

SCRIPT = "from tests.faults import ladder_faults; ladder_faults.play(env)"
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def told():
    """What the scenarios of ``ladder_faults`` left; played once, on a database of their own."""
    name = f"{os.environ['OPTICA_DEV_DATABASE']}_ladder_faults"
    database.clone(os.environ["OPTICA_DEV_TEMPLATE"], name)
    command = [sys.executable, "-m", "odoo", "shell", "-d", name, "--no-http", "--log-level=error"]
    try:
        answer = subprocess.run(
            command, input=SCRIPT, capture_output=True, text=True, cwd=ROOT, check=False
        )
        assert answer.returncode == 0, answer.stderr[-3000:]
        return json.loads(answer.stdout.strip().splitlines()[-1])
    finally:
        drop_database(name)


def customers(state):
    return [notice["partner_id"] for notice in state["notices"] if not notice["merged"]]


@pytest.mark.parametrize(
    "scenario",
    ["killed", "deleted", "merged", "level changed", "level archived", "level deleted"],
)
def test_run_again_ends_as_an_undisturbed_run(told, scenario):
    disturbed, expected = told[scenario]["is"], told[scenario]["expected"]
    assert len(expected["notices"]) > 30
    assert disturbed == {**disturbed, **expected}
    assert (disturbed["state"], disturbed["error"]) == ("done", False)
    assert len(set(customers(disturbed))) == len(customers(disturbed))
    assert {notice["messages"] for notice in disturbed["notices"]} == {1}


def test_a_second_run_after_the_disturbance_adds_nothing(told):
    disturbed = ("cancelled", "deleted", "merged", "level changed", "level archived")
    for scenario in (*disturbed, "level deleted"):
        assert told[scenario]["is"]["notices"] == told[scenario]["is"]["first"], scenario


def test_processes_were_killed_half_way(told):
    killed = told["killed"]["is"]
    assert killed["codes"] == [-9] * len(killed["codes"])
    assert 0 < killed["half_way"] < len(killed["notices"])


def test_the_disturbances_changed_what_an_undisturbed_run_does(told):
    """Otherwise the comparisons above would compare a calm run with itself."""
    states = [
        told[scenario]["expected"]["notices"]
        for scenario in ("killed", "deleted", "merged", "level changed", "level archived")
    ]
    assert all(one != other for one, other in zip(states, states[1:], strict=False))


def test_a_contract_cancelled_between_selection_and_notice_is_not_written_about(told):
    """The notice tells what was due when its transaction began; the gate closes its message."""
    assert told["cancelled"]["is"]["notices"] == told["undisturbed"]["is"]["notices"]
    assert told["cancelled"]["fate"] == ["cancelled", "paid"]


@pytest.mark.parametrize(
    ("scenario", "days"),
    [
        ("month end", ["2026-06-30", "2026-07-01"]),
        ("lost hour", ["2026-09-05", "2026-09-06"]),
    ],
)
def test_a_run_killed_before_midnight_is_gone_on_with_on_the_next_day(told, scenario, days):
    """Everybody has come to the level of the new day, nobody heard of a level twice."""
    left = told[scenario]["over"]
    assert left["code"] == -9
    assert 0 < len(left["half_way"]["levels"]) < len(left["levels"])
    assert left["half_way"]["days"] == days[:1]
    assert left["days"] == days
    assert left["levels"] == left["expected"]["levels"]
    assert left["expected"]["days"] == days[1:]
    assert (left["twice"], left["again"]["levels"]) == (0, left["levels"])
