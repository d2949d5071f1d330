"""Scripts that run inside Odoo's shell, where ``env`` is given."""

from pathlib import Path


def read(name: str) -> str:
    """The text of a script."""
    return Path(__file__).with_name(f"{name}.py").read_text(encoding="utf-8")
