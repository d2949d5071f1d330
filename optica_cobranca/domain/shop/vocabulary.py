"""Base of the closed vocabularies: members are their words, in SQL, JSON and text alike."""

from enum import Enum


class Vocabulary(str, Enum):
    """An enumeration whose members equal, hash and print as plain strings.

    The same as `enum.StrEnum`, which the oldest Python that Odoo 19 runs on (3.10) lacks.
    """

    __str__ = str.__str__
    __format__ = str.__format__
