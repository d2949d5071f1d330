"""The stopwatch of the benchmarks."""

import json

import pytest

from benchmarks import harness


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
