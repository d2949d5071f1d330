"""What ``./dev core-tests`` adds to pytest: only tests that Odoo runs by default are run."""

import pytest


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what is not tagged ``standard``: it wants other data, other services or hours."""
    wanted, left_out = [], []
    for item in items:
        tags = getattr(getattr(item, "cls", None), "test_tags", ())
        (wanted if "standard" in tags else left_out).append(item)
    config.hook.pytest_deselected(items=left_out)
    items[:] = wanted
