"""The suite itself: a skipped test, or no test at all, fails the run."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.devtools.conftest import ROOT


@pytest.fixture
def run(tmp_path):
    """Run a file of tests as ``./dev test`` does, in the pure mode."""

    def run_tests(source: str) -> subprocess.CompletedProcess:
        file = Path(tmp_path) / "test_it.py"
        file.write_text(source)
        plugins = ["-p", "no:odoo", "-p", "no:cacheprovider", "-p", "tests.conftest"]
        return subprocess.run(
            [sys.executable, "-m", "pytest", *plugins, str(file)],
            cwd=ROOT,
            env={**os.environ, "OPTICA_DEV_STRICT": "1"},
            capture_output=True,
            text=True,
            check=False,
        )

    return run_tests


def test_a_passing_run_passes(run):
    assert run("def test_it():\n    assert True\n").returncode == 0


def test_a_skipped_test_fails_the_run_and_is_named(run):
    answer = run(
        "import pytest\n\n"
        "def test_one():\n    pass\n\n"
        "def test_two():\n    pytest.skip('no browser')\n"
    )

    assert answer.returncode == 1
    assert "test_it.py::test_two: Skipped: no browser" in answer.stdout
    assert "1 passed, 1 skipped" in answer.stdout.splitlines()[-1]


def test_a_run_without_tests_fails(run):
    assert run("x = 1\n").returncode != 0


def test_pure_tests_cannot_reach_the_orm(run):
    answer = run(
        "import sys\n"
        "from odoo.addons.optica_cobranca import domain\n\n"
        "def test_it():\n"
        "    assert 'odoo.models' not in sys.modules\n"
        "    assert 'odoo.addons.optica_cobranca.models' not in sys.modules\n"
    )

    assert answer.returncode == 0, answer.stdout
