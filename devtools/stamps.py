"""Steps are done once per set of inputs: a stamp holds the fingerprint of the inputs they had."""

import hashlib
from collections.abc import Iterable
from pathlib import Path

from .paths import STAMPS


def fingerprint(*parts: object) -> str:
    """A short hash over the inputs of a step."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(repr(part).encode())
        digest.update(b"\0")
    return digest.hexdigest()[:32]


def fingerprint_files(paths: Iterable[Path], base: Path) -> str:
    """A hash over names and contents of files; a folder counts with everything below it."""
    digest = hashlib.sha256()
    for path in sorted(_files(paths)):
        digest.update(str(path.relative_to(base)).encode() + b"\0")
        digest.update(path.read_bytes() + b"\0")
    return digest.hexdigest()[:32]


def _files(paths: Iterable[Path]) -> Iterable[Path]:
    for path in paths:
        if path.is_dir():
            yield from (
                file
                for file in path.rglob("*")
                if file.is_file() and "__pycache__" not in file.parts
            )
        elif path.exists():
            yield path


def is_done(name: str, inputs: str) -> bool:
    """Whether the step was finished with exactly these inputs."""
    return read(name) == inputs


def read(name: str) -> str | None:
    """The fingerprint the step was last finished with."""
    try:
        return (STAMPS / name).read_text(encoding="ascii").strip()
    except FileNotFoundError:
        return None


def clear(name: str) -> None:
    """Forget a step, so that a half-finished one is done again."""
    (STAMPS / name).unlink(missing_ok=True)


def mark(name: str, inputs: str) -> None:
    """Record that the step was finished; the rename makes the mark all or nothing."""
    STAMPS.mkdir(parents=True, exist_ok=True)
    temporary = STAMPS / f".{name}.new"
    temporary.write_text(inputs, encoding="ascii")
    temporary.replace(STAMPS / name)
