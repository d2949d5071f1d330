"""The commands of ``./dev``."""

import sys
from collections.abc import Callable, Sequence

from .console import say
from .errors import NO_DISK, DevError


def _setup(arguments: Sequence[str]) -> int:
    from . import environment

    environment.ensure(browser=True)
    say("The environment is ready.")
    return 0


def _start(arguments: Sequence[str]) -> int:
    from . import environment, postgres

    environment.ensure()
    postgres.KEEP.touch()
    with postgres.running():
        say("PostgreSQL runs until `./dev stop`.")
    return 0


def _test(arguments: Sequence[str]) -> int:
    from . import testing

    return testing.main(arguments)


COMMANDS: dict[str, Callable[[Sequence[str]], int]] = {"setup": _setup, "start": _start, "test": _test}


def main(arguments: Sequence[str]) -> int:
    """Run one command; a bad situation is one sentence and a non-zero exit."""
    name, rest = (arguments[0], arguments[1:]) if arguments else ("help", [])
    try:
        return COMMANDS[name](rest)
    except DevError as error:
        print(f"dev: {error}", file=sys.stderr, flush=True)
        return 1
    except OSError as error:
        if error.errno != 28:
            raise
        print(f"dev: {NO_DISK}", file=sys.stderr, flush=True)
        return 1
    except KeyboardInterrupt:
        return 130
