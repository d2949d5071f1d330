"""``./dev lint``: everything that can be judged without running the addon."""

import argparse
import subprocess
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from . import environment, import_layers, rooms, sizes, xml_format
from .console import say
from .paths import ADDON, ADDON_NAME, BRIDGES, PYTHON, ROOT

ADDONS = (ADDON_NAME, *BRIDGES)
CODE = (*ADDONS, "tests", "benchmarks", "devtools", "setup.py")
CONCISE = ("--output-format", "concise")


def main(arguments: Sequence[str]) -> int:
    """Run every check, and say which failed."""
    parser = argparse.ArgumentParser(prog="./dev lint", description=main.__doc__)
    parser.add_argument(
        "--fix", action="store_true", help="mend what can be mended by itself first"
    )
    options = parser.parse_args(arguments)
    environment.ensure()
    if options.fix:
        _fix()
    checks = {
        "ruff (rules)": lambda: _tool("ruff", "check", "--quiet", *CONCISE),
        "ruff (format)": lambda: _tool("ruff", "format", "--check", "--quiet", *CONCISE),
        "pylint-odoo": lambda: _tool("pylint", "--rcfile", "pyproject.toml", *ADDONS),
        "OCA (addons)": lambda: _tool("oca-checks-odoo-module", *ADDONS),
        "OCA (translations)": lambda: _tool("oca-checks-po", *_translations()),
        "layers": lambda: _report(import_layers.check(ADDON)),
        "rooms": lambda: _report(rooms.check(ADDON)),
        "sizes": lambda: _report(_sizes()),
        "XML": lambda: _report(_xml()),
    }
    failed = [name for name, check in checks.items() if not _passes(name, check)]
    say(f"Failed: {', '.join(failed)}." if failed else "All checks passed.")
    return 1 if failed else 0


def _passes(name: str, check: Callable[[], bool]) -> bool:
    say(f"==> {name}")
    return check()


def _tool(name: str, *arguments: str) -> bool:
    """Run a checker of the environment from the top of the project."""
    command = [str(PYTHON.parent / name), *arguments]
    return subprocess.run(command, cwd=ROOT, stdin=subprocess.DEVNULL, check=False).returncode == 0


def _report(problems: Iterable[str]) -> bool:
    found = list(problems)
    for problem in found:
        say(f"    {problem}")
    return not found


def files(*suffixes: str) -> list[Path]:
    """The project's own files with one of these endings."""
    tops = [ROOT / name for name in CODE]
    found = [path for top in tops for path in ([top] if top.is_file() else top.rglob("*"))]
    return sorted(
        path for path in found if path.suffix in suffixes and "/static/lib/" not in str(path)
    )


def _translations() -> list[str]:
    found = (path for addon in ADDONS for path in (ROOT / addon / "i18n").glob("*.po*"))
    return sorted(str(path.relative_to(ROOT)) for path in found)


def _sizes() -> Iterable[str]:
    for path in files(".py", ".js"):
        yield from sizes.check(path, str(path.relative_to(ROOT)))
    code = (path.relative_to(ROOT) for path in files(".py", ".js", ".xml"))
    yield from sizes.check_folders(str(path) for path in code if path.parts[0] != "devtools")


def _xml() -> Iterable[str]:
    for path in files(".xml"):
        if problem := xml_format.check(path):
            yield f"{path.parent.relative_to(ROOT)}/{problem}"


def _fix() -> None:
    _tool("ruff", "check", "--fix", "--quiet", "--exit-zero")
    _tool("ruff", "format", "--quiet")
    for path in files(".xml"):
        try:
            if xml_format.fix(path):
                say(f"    formatted {path.relative_to(ROOT)}")
        except xml_format.NotWellFormed:
            continue  # the check names it
