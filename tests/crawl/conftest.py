"""The output of the tests has the pages that were visited, so that a missing one is seen."""

from collections.abc import Callable, Iterator

import pytest

from . import VISITED

HEADING = "{walker}: {count} pages"


@pytest.fixture(autouse=True)
def record_pages(record_property: Callable[[str, object], None]) -> Iterator[None]:
    """Hand the pages of a walk to the common output of several workers."""
    before = set(VISITED)
    yield
    for walker in VISITED.keys() - before:
        pages = VISITED[walker]
        record_property(HEADING.format(walker=walker, count=len(pages)), "\n".join(pages))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Name every page, once for each role that opened it."""
    for walker, pages in VISITED.items():
        terminalreporter.section(HEADING.format(walker=walker, count=len(pages)))
        for page in pages:
            terminalreporter.line(page)
