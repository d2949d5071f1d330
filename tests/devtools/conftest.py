"""Running ``./dev`` from outside, as a person does."""

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.fixture
def dev() -> Callable[..., subprocess.CompletedProcess]:
    """Run a ``./dev`` command that ends soon; keywords become environment variables."""

    def run(*arguments: str, **variables: str) -> subprocess.CompletedProcess:
        return subprocess.run(
            [str(ROOT / "dev"), *arguments],
            env={**os.environ, **variables},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    return run


@pytest.fixture
def refused(dev) -> Callable[..., str]:
    """Run a command that must fail with one sentence, and return the sentence."""

    def run(*arguments: str, **variables: str) -> str:
        answer = dev(*arguments, **variables)
        lines = answer.stderr.splitlines()
        assert answer.returncode != 0
        assert len(lines) == 1, answer.stderr
        assert lines[0].startswith("dev: ")
        return lines[0].removeprefix("dev: ")

    return run
