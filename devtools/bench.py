"""``./dev bench``: measurements on a scratch database with the addon installed."""

import json
import subprocess
from collections.abc import Sequence

from . import environment, postgres, processes, templates
from .console import say
from .errors import DevError
from .paths import PYTHON, ROOT

FOLDER = ROOT / "benchmarks"
# Some play what tests play, and those import the addon by its name in Odoo.
CONFIGURE = "from benchmarks import harness; harness.configure(); "
NOT_BENCHMARKS = frozenset(["__init__", "harness"])


def names() -> list[str]:
    """The benchmarks there are: every module of the folder that defines ``main``."""
    files = sorted(FOLDER.glob("*.py"))
    return [
        file.stem
        for file in files
        if file.stem not in NOT_BENCHMARKS and "\ndef main(" in file.read_text(encoding="utf-8")
    ]


def main(arguments: Sequence[str]) -> int:
    """Run one benchmark, or all of them in turn; the last line of each is its JSON object."""
    chosen, rest = (list(arguments[:1]), arguments[1:]) if arguments else (names(), [])
    for name in chosen:
        if name not in names():
            raise DevError(
                f"There is no benchmark “{name}”; there are: {', '.join(names()) or 'none yet'}."
            )
    if not chosen:
        raise DevError("There are no benchmarks yet.")
    environment.ensure()
    with postgres.running():
        template = templates.ensure()
        for name in chosen:
            _run(name, rest, template)
    return 0


def _run(name: str, arguments: Sequence[str], template: str) -> None:
    """Run one benchmark on a fresh copy of the template.

    :raise DevError: when it fails or its last line is not a JSON object
    """
    script = (
        f"{CONFIGURE}import sys; from benchmarks.{name} import main; sys.exit(main(sys.argv[1:]))"
    )
    last = ""
    with templates.scratch("bench", template) as database:
        env = {
            **environment.variables(),
            "OPTICA_DEV_DATABASE": database,
            "OPTICA_DEV_TEMPLATE": template,
            "PYTHONPATH": str(ROOT),
            "PYTHONUNBUFFERED": "1",
        }
        command = [str(PYTHON), "-c", script, *arguments]
        process = subprocess.Popen(
            command, cwd=ROOT, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True
        )
        try:
            for line in process.stdout:
                last = line.rstrip("\n") or last
                say(line.rstrip("\n"))
            process.wait()
        finally:
            processes.stop(process)
    if process.returncode:
        raise DevError(f"The benchmark {name} failed.")
    try:
        json.loads(last)
    except ValueError as error:
        raise DevError(f"The benchmark {name} did not end with a JSON object.") from error
