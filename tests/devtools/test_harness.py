"""The stopwatch of the benchmarks."""

import json
import subprocess
import sys

import pytest

from benchmarks import harness
from devtools import bench, environment
from devtools.paths import ROOT


@pytest.mark.parametrize(("share", "expected"), [(0.95, 95), (0.951, 96), (1.0, 100), (0.0, 1)])
def test_percentile_is_the_nearest_rank(share, expected):
    assert harness.percentile(range(100, 0, -1), share) == expected


def test_a_measurement_counts_memory_of_its_own_block():
    with harness.measured() as large:
        block = bytearray(80_000_000)
        del block
    with harness.measured() as small:
        pass

    assert large.peak_mb - small.peak_mb > 60
    assert large.seconds > 0


def test_the_report_is_one_json_object_on_the_last_line(capsys):
    work = harness.Measurement(seconds=1.23456, queries=7, peak_mb=99.99)

    assert harness.report("dunning", 10, work, ratio_sql=2.5) == 0
    assert json.loads(capsys.readouterr().out.splitlines()[-1]) == {
        "bench": "dunning",
        "rows": 10,
        "seconds": 1.235,
        "queries": 7,
        "peak_mb": 100.0,
        "ratio_sql": 2.5,
    }


def test_every_benchmark_says_how_it_is_called():
    """Each as ``./dev bench NAME --help`` starts it, one after the other in one process."""
    asked = f"""
import importlib
{bench.CONFIGURE}
for name in {bench.names()!r}:
    try:
        importlib.import_module(f"benchmarks.{{name}}").main(["--help"])
    except SystemExit as end:
        assert not end.code, name
        print("ANSWERED", name)
"""
    variables = {
        **environment.variables(),
        "OPTICA_DEV_DATABASE": "none",
        "OPTICA_DEV_TEMPLATE": "none",
        "PYTHONPATH": str(ROOT),
    }
    answer = subprocess.run(
        [sys.executable, "-c", asked], env=variables, capture_output=True, text=True, check=False
    )
    lines = answer.stdout.splitlines()
    told = [line.split()[1] for line in lines if line.startswith("ANSWERED")]
    assert told == bench.names(), answer.stderr
    assert len(told) > 10
