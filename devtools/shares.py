"""Which file of tests is run when: long ones first, so that all workers end together."""

import json
from collections.abc import Mapping
from pathlib import PurePosixPath

from .paths import DEV

# Folders whose tests need neither Odoo's ORM nor a database.
PURE = ("tests/domain", "tests/clients", "tests/devtools", "tests/packaging")
MEMORY = DEV / "test_seconds.json"
# What a test of a folder takes on average, for files that this clone has not run yet.
FOLDER_SECONDS = {
    "tests/crawl": 120.0,
    "tests/tours": 50.0,
    "tests/install": 20.0,
    "tests/faults": 14.0,
    "tests/packaging": 12.0,
    "tests/portal": 4.0,
    "tests/recovery": 3.0,
    "tests/security": 2.0,
    "tests/flows": 2.0,
    "tests/outbox": 1.3,
    "tests/models": 0.7,
    "tests/devtools": 0.05,
    "tests/clients": 0.02,
    "tests/domain": 0.01,
}
OTHER_SECONDS = 1.0


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
        return seconds.get(file) or tests[file] * _folder_seconds(file)

    return sorted(tests, key=lambda file: (is_pure(file), -expected(file), file))


def _folder_seconds(file: str) -> float:
    known = (str(folder) for folder in PurePosixPath(file).parents)
    return next((FOLDER_SECONDS[name] for name in known if name in FOLDER_SECONDS), OTHER_SECONDS)


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
