"""Several pytest processes that share out files: nothing lost, nothing twice, nothing hidden."""

import json
import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from devtools import workers
from tests.devtools.conftest import ROOT

# Each waits for the other, so both pass only when they run at the same time.
MEETING = """
import pathlib, time
here = pathlib.Path(__file__)

def test_meet():
    (here.parent / "{mine}").touch()
    deadline = time.monotonic() + 60
    while not (here.parent / "{other}").exists():
        assert time.monotonic() < deadline, "alone"
        time.sleep(0.05)
"""


@pytest.fixture
def suite(tmp_path, monkeypatch, capsys):
    """Run files of tests with two workers; get the exit code and the lines that were printed."""
    monkeypatch.setattr(workers, "WORK", tmp_path / "work")
    monkeypatch.delenv("ODOO_RC", raising=False)

    def run(*options: str, remember=False, **sources: str) -> tuple[int, list[str]]:
        for name, source in sources.items():
            (tmp_path / f"test_{name}.py").write_text(textwrap.dedent(source))
        commands = [(_command(tmp_path, *options), dict(os.environ))] * 2
        code = workers.run(commands, remember=remember)
        return code, capsys.readouterr().out.splitlines()

    return run


def _command(folder: Path, *options: str) -> list[str]:
    plugins = ["-p", "devtools.pytest_worker", "-p", "no:odoo", "-p", "no:cacheprovider"]
    plugins += ["-p", "no:hypothesispytest", "-p", "no:anyio"]
    return [sys.executable, "-m", "pytest", *plugins, *options, f"--rootdir={folder}", str(folder)]


def test_both_work_at_the_same_time_and_each_test_runs_once(suite, tmp_path):
    log = """
        import pathlib

        def test_it(request):
            with (pathlib.Path(__file__).parent / "ran").open("a") as ran:
                ran.write(request.node.nodeid + chr(10))

        class TestMore:
            def test_it(self, request):
                test_it(request)
    """
    meeting = {
        "one": MEETING.format(mine="1", other="2"),
        "two": MEETING.format(mine="2", other="1"),
    }

    code, lines = suite(**meeting, **{f"log{number}": log for number in range(5)})

    assert (code, lines[-1]) == (0, "12 passed, 0 failed")
    ran = (tmp_path / "ran").read_text().split()
    assert len(ran) == len(set(ran)) == 10


def test_how_long_a_file_takes_is_remembered_whatever_its_tests_do_to_the_clock(
    suite, tmp_path, monkeypatch
):
    monkeypatch.setattr(workers.shares, "MEMORY", tmp_path / "seconds.json")

    suite(
        remember=True,
        frozen="""
            import time
            from freezegun import freeze_time

            def test_frozen():
                time.sleep(0.2)
                freeze_time("2026-03-17").start()
        """,
    )

    assert 0.2 < workers.shares.remembered()["test_frozen.py"] < 60


def test_a_failure_is_told_with_its_reason_and_its_output(suite):
    code, lines = suite(
        good="def test_good(): pass",
        bad="def test_bad():\n    print('the cause')\n    assert 1 + 1 == 3",
    )

    assert (code, lines[-1]) == (1, "1 passed, 1 failed")
    assert any("assert (1 + 1) == 3" in line for line in lines)
    assert "the cause" in lines
    assert lines[-2] == "FAILED test_bad.py::test_bad"


def test_subtests_count_only_when_they_fail(suite):
    code, lines = suite(
        sub="""
            import unittest

            class TestSub(unittest.TestCase):
                def test_good(self):
                    for number in range(3):
                        with self.subTest(number=number):
                            self.assertLess(number, 3)

                def test_bad(self):
                    for number in range(3):
                        with self.subTest(number=number):
                            self.assertLess(number, 2)
        """
    )

    assert code == 1
    assert lines[-1].endswith(" passed, 1 failed")


def test_what_a_test_records_for_readers_is_printed(suite):
    code, lines = suite(
        pages="""
            def test_pages(record_property):
                record_property("seen by the seller", "Today\\nCashier")
        """
    )
    assert code == 0
    start = lines.index("seen by the seller")
    assert lines[start : start + 3] == ["seen by the seller", "Today", "Cashier"]


def test_a_failed_tear_down_is_a_failure(suite):
    code, lines = suite(
        torn="""
            import pytest

            @pytest.fixture
            def torn():
                yield
                raise ValueError("torn")

            def test_torn(torn): pass
        """
    )

    assert (code, lines[-1]) == (1, "1 passed, 1 failed")
    assert lines[-2] == "FAILED test_torn.py::test_torn (teardown)"


def test_a_skipped_test_fails_the_run(suite):
    code, lines = suite(skip="import pytest\n\ndef test_skip():\n    pytest.skip('no browser')")

    assert (code, lines[-1]) == (1, "0 passed, 0 failed, 1 skipped")
    assert any("test_skip.py::test_skip: " in line and "no browser" in line for line in lines)


def test_a_worker_that_dies_fails_the_run_and_names_the_test(suite):
    code, lines = suite(
        dies="import os, signal\n\ndef test_dies():\n    os.kill(os.getpid(), signal.SIGKILL)",
        good="def test_good(): pass",
    )

    assert (code, lines[-1]) == (1, "1 passed, 0 failed")
    assert any("was ended by signal 9 in test_dies.py::test_dies" in line for line in lines)


def test_a_file_that_cannot_be_read_counts_once(suite):
    code, lines = suite(broken="import nothing_of_this_name", good="def test_good(): pass")

    assert (code, lines[-1]) == (1, "0 passed, 1 failed")
    assert any("nothing_of_this_name" in line for line in lines)


def test_a_name_that_fits_no_test_fails_the_run(suite):
    code, lines = suite("-k", "nothing", good="def test_good(): pass")

    assert (code, lines[-1]) == (1, "0 passed, 0 failed")
    assert "dev: no test was run." in lines


def test_ctrl_c_stops_all_of_them_and_lets_them_clean_up(tmp_path):
    for name in ("one", "two"):
        (tmp_path / f"test_{name}.py").write_text(
            "import os, pathlib, time, pytest\n\n"
            "@pytest.fixture\n"
            "def mark():\n"
            f"    file = pathlib.Path(__file__).with_name('{name}.pid')\n"
            "    file.write_text(str(os.getpid()))\n"
            "    yield\n"
            f"    file.with_name('{name}.clean').touch()\n\n"
            "def test_long(mark):\n"
            "    time.sleep(300)\n"
        )
    script = (
        "import os, sys\n"
        "from pathlib import Path\n"
        "from devtools import processes, workers\n"
        f"workers.WORK = Path({str(tmp_path / 'work')!r})\n"
        "processes.interrupt_on_signals()\n"
        "try:\n"
        f"    workers.run([({json.dumps(_command(tmp_path))}, dict(os.environ))] * 2)\n"
        "except KeyboardInterrupt:\n"
        "    sys.exit(130)\n"
    )
    env = {name: value for name, value in os.environ.items() if name != "ODOO_RC"}
    crew = subprocess.Popen(
        [sys.executable, "-c", script], cwd=ROOT, env=env, stdout=subprocess.PIPE, text=True
    )
    pids = [_when_written(tmp_path / f"{name}.pid") for name in ("one", "two")]

    crew.send_signal(signal.SIGINT)
    output, _ = crew.communicate(timeout=60)

    assert crew.returncode == 130
    assert "Interrupted: 0 passed" in output
    assert not any(Path(f"/proc/{pid}").exists() for pid in pids)
    assert all((tmp_path / f"{name}.clean").exists() for name in ("one", "two"))


def _when_written(file: Path) -> str:
    """What a file holds, as soon as it holds something."""
    deadline = time.monotonic() + 60
    while not (file.exists() and file.read_text()):
        assert time.monotonic() < deadline, f"{file.name} was never written"
        time.sleep(0.05)
    return file.read_text()
