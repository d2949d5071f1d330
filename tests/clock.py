"""Clocks that are stopped quickly.

freezegun puts its clock into every module loaded, and remembers which names of a module are clocks
until the module has other names: it lists all names of 3,000 modules whenever a clock is stopped.
Here it counts them, in a third of the time; thousands of tests stop a clock.
"""

from types import ModuleType


def freeze_quickly() -> None:
    """Let freezegun tell by the number of a module's names whether they have changed."""
    from freezegun import api

    thorough = api._get_module_attributes_hash

    def quick(module: ModuleType) -> str:
        try:
            return f"{id(module)}-{len(vars(module))}"
        except TypeError:  # stands in for a module
            return thorough(module)

    api._get_module_attributes_hash = quick
