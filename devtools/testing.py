"""``./dev test``: the suite, or a part of it, on fresh copies of the template database."""

import contextlib
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from . import environment, postgres, processes, templates, workers
from .console import say
from .errors import DevError
from .paths import DEV, PYTHON, ROOT
from .shares import is_pure

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
        "--workers",
    ]
)
# What only makes sense in one process, in front of a person or over all tests.
ALONE = frozenset(
    [
        "-s",
        "-x",
        "--collect-only",
        "--co",
        "--exitfirst",
        "--failed-first",
        "--ff",
        "--fixtures",
        "--help",
        "--junitxml",
        "--last-failed",
        "--lf",
        "--maxfail",
        "--pdb",
        "--stepwise",
        "--sw",
        "--trace",
    ]
)


def main(arguments: Sequence[str]) -> int:
    """Run pytest and return its exit code; every argument it knows is passed on.

    The whole suite is shared out among ``--workers`` processes.
    """
    paths, options = split(arguments)
    wanted, options = workers_wanted(options)
    number = wanted or (1 if paths else workers.default_number())
    if any(option.partition("=")[0] in ALONE for option in options):
        number = 1
    environment.ensure(browser=True)
    targets = [_relative(path) for path in paths] or ["tests"]
    if all(is_pure(target) for target in targets):
        return _pytest([*options, "-p", "no:odoo", *targets], {})
    with postgres.running():
        template = templates.ensure()
        if number == 1:
            with templates.scratch("test", template) as name:
                return _pytest([*_on(name), *options, *targets], {"OPTICA_DEV_DATABASE": name})
        with contextlib.ExitStack() as stack:
            parts = [f"w{worker}" for worker in range(1, number + 1)]
            copies = [templates.scratch("test", template, part) for part in parts]
            names = [stack.enter_context(copy) for copy in copies]
            return _side_by_side(names, options, targets)


def workers_wanted(options: Sequence[str]) -> tuple[int | None, list[str]]:
    """Take ``--workers N`` out of the options for pytest.

    :return: N, or None when it was not given, and the other options
    :raise DevError: when N is not a number from 1 up
    """
    rest: list[str] = []
    number = None
    words = iter(options)
    for word in words:
        name, equals, value = word.partition("=")
        if name != "--workers":
            rest.append(word)
            continue
        value = value if equals else next(words, "")
        if not (value.isdecimal() and int(value)):
            raise DevError("--workers needs a number from 1 up: `./dev test --workers 2`.")
        number = int(value)
    return number, rest


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


def _on(database: str) -> list[str]:
    return ["--odoo-database", database, "--odoo-http"]


def _side_by_side(databases: Sequence[str], options: Sequence[str], targets: Sequence[str]) -> int:
    """Share the tests out among one pytest process for each database."""
    plugins = ["-p", "devtools.pytest_worker", "-p", "no:cacheprovider"]
    say(f"==> pytest {' '.join([*options, *targets])}, by {len(databases)} workers")
    commands = [
        (
            [str(PYTHON), "-m", "pytest", *plugins, *_on(name), *options, *targets],
            _variables({"OPTICA_DEV_DATABASE": name}),
        )
        for name in databases
    ]
    return workers.run(commands, remember=not options)


def _variables(extra: dict[str, str]) -> dict[str, str]:
    env = {
        **environment.variables(),
        **extra,
        "OPTICA_DEV_STRICT": "1",
        "HYPOTHESIS_STORAGE_DIRECTORY": str(DEV / "hypothesis"),
        "OPTICA_DEV_TEMPLATE": templates.ADDON_INSTALLED,
    }
    if "OPTICA_DEV_DATABASE" not in extra:
        del env["ODOO_RC"]  # its presence alone makes the plugin ask for a database
    return env


def _pytest(arguments: Sequence[str], extra: dict[str, str]) -> int:
    command = [str(PYTHON), "-m", "pytest", "-o", f"cache_dir={DEV / 'pytest_cache'}", *arguments]
    say(f"==> pytest {' '.join(arguments)}")
    terminal = None if sys.stdin.isatty() else subprocess.DEVNULL
    return processes.wait(
        subprocess.Popen(command, cwd=ROOT, env=_variables(extra), stdin=terminal)
    )
