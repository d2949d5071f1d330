"""``./dev test``: the suite, or a part of it, on a fresh copy of the template database."""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from . import environment, postgres, processes, templates
from .console import say
from .errors import DevError
from .paths import DEV, PYTHON, ROOT

# Folders whose tests need neither Odoo's ORM nor a database.
PURE = ("tests/domain", "tests/clients", "tests/devtools", "tests/packaging")
WITH_VALUE = frozenset(
    [
        "-k",
        "-m",
        "-p",
        "-n",
        "-o",
        "-W",
        "-r",
        "-c",
        "--deselect",
        "--ignore",
        "--durations",
        "--maxfail",
    ]
)


def main(arguments: Sequence[str]) -> int:
    """Run pytest and return its exit code; every argument it knows is passed on."""
    paths, options = split(arguments)
    environment.ensure(browser=True)
    targets = [_relative(path) for path in paths] or ["tests"]
    if all(is_pure(target) for target in targets):
        return _pytest([*options, "-p", "no:odoo", *targets], {})
    with postgres.running():
        template = templates.ensure()
        with templates.scratch("test", template) as name:
            flags = ["--odoo-database", name, "--odoo-http"]
            return _pytest([*flags, *options, *targets], {"OPTICA_DEV_DATABASE": name})


def split(arguments: Sequence[str]) -> tuple[list[str], list[str]]:
    """Tell the paths of tests from options and the values of options.

    :raise DevError: when a path does not exist
    """
    paths: list[str] = []
    options: list[str] = []
    value_follows = False
    for word in arguments:
        if value_follows or word.startswith("-"):
            value_follows = not value_follows and word in WITH_VALUE
            options.append(word)
        elif Path(word.partition("::")[0]).exists():
            paths.append(word)
        else:
            raise DevError(f"There is no test file or folder “{word}”.")
    return paths, options


def _relative(path: str) -> str:
    """A path as given, turned into one below the project."""
    file, separator, rest = path.partition("::")
    absolute = Path(file).resolve()
    if not absolute.is_relative_to(ROOT):
        raise DevError(f"“{file}” is outside of the project.")
    return f"{absolute.relative_to(ROOT)}{separator}{rest}"


def is_pure(target: str) -> bool:
    """Whether everything below a path runs without a database."""
    return any(target == folder or target.startswith(f"{folder}/") for folder in PURE)


def _pytest(arguments: Sequence[str], extra: dict[str, str]) -> int:
    env = {
        **environment.variables(),
        **extra,
        "OPTICA_DEV_STRICT": "1",
        "HYPOTHESIS_STORAGE_DIRECTORY": str(DEV / "hypothesis"),
        "OPTICA_DEV_TEMPLATE": templates.ADDON_INSTALLED,
    }
    if "OPTICA_DEV_DATABASE" not in extra:
        del env["ODOO_RC"]  # its presence alone makes the plugin ask for a database
    command = [str(PYTHON), "-m", "pytest", "-o", f"cache_dir={DEV / 'pytest_cache'}", *arguments]
    say(f"==> pytest {' '.join(arguments)}")
    terminal = None if sys.stdin.isatty() else subprocess.DEVNULL
    return processes.wait(subprocess.Popen(command, cwd=ROOT, env=env, stdin=terminal))
