"""Which file of tests is run when: long ones first, so that all workers end together."""

import json
from collections.abc import Mapping
from pathlib import PurePosixPath

from .paths import DEV

# Folders whose tests need neither Odoo's ORM nor a database.
PURE = ("tests/domain", "tests/clients", "tests/devtools", "tests/packaging")
MEMORY = DEV / "test_seconds.json"
# What a test of a folder takes on average, or of a file whose tests take much longer than those
# beside them: for files that this clone has not run yet.
SECONDS = {
    "tests/agreement": 0.8,
    "tests/calendar": 0.8,
    "tests/claims": 0.4,
    "tests/clients": 0.02,
    "tests/crawl": 70.0,
    "tests/crediario": 0.5,
    "tests/crediario/test_money_histories.py": 15.0,
    "tests/devtools": 0.05,
    "tests/domain": 0.01,
    "tests/faults": 5.0,
    "tests/install": 12.0,
    "tests/install/test_beside_other_apps.py": 35.0,
    "tests/messaging": 0.35,
    "tests/packaging": 4.0,
    "tests/portfolio": 0.6,
    "tests/receiving": 0.6,
    "tests/recovery": 0.7,
    "tests/tours": 6.0,
    "tests/worklist": 0.8,
}
OTHER_SECONDS = 0.5


def is_pure(target: str) -> bool:
    """Whether everything below a path runs without a database."""
    return any(target == folder or target.startswith(f"{folder}/") for folder in PURE)


def order(tests: Mapping[str, int], seconds: Mapping[str, float]) -> list[str]:
    """Files in the order in which free workers take them.

    Files that need the database come first, longest first; the pure ones fill the gaps at the end.

    :param tests: how many tests each file has
    :param seconds: how long a file took when it was last run, where that is known
    """

    def expected(file: str) -> float:
        return seconds.get(file) or tests[file] * _seconds_of_a_test(file)

    return sorted(tests, key=lambda file: (is_pure(file), -expected(file), file))


def _seconds_of_a_test(file: str) -> float:
    known = (name for name in (file, *map(str, PurePosixPath(file).parents)) if name in SECONDS)
    return SECONDS.get(next(known, ""), OTHER_SECONDS)


def remembered() -> dict[str, float]:
    """Seconds of each file of tests in this clone's last runs."""
    try:
        return json.loads(MEMORY.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}  # a fresh clone, or a file cut off by a full disk: the folders serve as well


def remember(seconds: Mapping[str, float]) -> None:
    """Keep the seconds of files that were run to their end."""
    known = {**remembered(), **{file: round(value, 2) for file, value in seconds.items()}}
    temporary = MEMORY.with_suffix(".new")
    temporary.write_text(json.dumps(known, indent=1, sort_keys=True), encoding="utf-8")
    temporary.replace(MEMORY)
