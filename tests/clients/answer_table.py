"""One shape for every outside service's table: answer × phase → what we believe → what we do next.

A client's table is a tuple of :class:`Row` in ``tests/clients/test_<client>_answers.py``. The same
rows are played against a server made from the provider's specification, and printed in the guide
``docs/provider-answers.md``, where people read them::

    TABLE = Table(
        "acme",
        "Acme (SMS)",
        rows=(
            Row(AFTER, "201 with an id", answer(201, {"id": "7"}), DONE, "waits for Acme's status",
                ACME_API),
            Row(AFTER, "400 with code 7", refuse(7), NOT_DONE, "another channel", ACME_ERRORS,
                code="7"),
        ),
    )

    @pytest.mark.parametrize("row", TABLE.rows, ids=TABLE.ids)
    def test_answers(server, client, row):
        server.enqueue(row.played)
        result = client.send(message())
        assert BELIEF[result.status] == row.belief
        assert result.code == row.code

    def test_the_guide_shows_this_table():
        assert_in_guide(TABLE)

*Not done* is said only with proof: nothing left this machine, or the provider documents that what
it answered means that nothing was taken. What is neither proven done nor proven not done is
*unsure*, is asked about where the provider can be asked, and is never simply repeated.

To write the guide's section anew after a change of rows: ``OPTICA_WRITE_GUIDES=1 ./dev test
tests/clients``.
"""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

GUIDE = Path(__file__).resolve().parent.parent.parent / "docs" / "provider-answers.md"
WRITE = "OPTICA_WRITE_GUIDES"

# How far the request came.
BEFORE = "before"  # nothing of it left this machine
DURING = "during"  # it left, wholly or in part, and no status line came back
AFTER = "after"  # a status line came back
PHASES = (BEFORE, DURING, AFTER)

# What we believe then.
DONE = "done"
NOT_DONE = "not done"
UNSURE = "unsure"
BELIEFS = (DONE, NOT_DONE, UNSURE)

# Sources that are nobody's in particular.
RFC_9110_REFUSED = "RFC 9110 §15.5: the server refuses to process the request"
RFC_9110_SERVER = "RFC 9110 §15.6: says nothing about whether the request was carried out"
RFC_9110_ELSEWHERE = "RFC 9110 §15.4: further action is needed to fulfil the request"
RFC_9110_METHODS = "RFC 9110 §9.2.2: POST is not repeated when it is unknown what became of it"
OWN_CHECK = "checked before anything is sent"
NO_CONNECTION = "RFC 9293 §3.5, RFC 8446 §2: no data before the connection stands"


@dataclass(frozen=True)
class Row:
    """One answer, and what comes of it.

    :param phase: ``BEFORE``, ``DURING`` or ``AFTER``
    :param answer: the answer as people read it in the guide; unique within its table and phase
    :param played: how the test makes it happen (a behaviour of the stand-in, or what the test of
        this client knows how to play)
    :param belief: ``DONE``, ``NOT_DONE`` or ``UNSURE``
    :param then: what we do next, as people read it
    :param source: where the provider (or a standard) says so
    :param code: the client's own word or number for it, None when there is none
    :param asks: what a failure asks for (``FailureClass``, or a bank's ``Trouble``), or None
    """

    phase: str
    answer: str
    played: Any
    belief: str
    then: str
    source: str
    code: str | None = None
    asks: Any = None

    def __post_init__(self):
        if self.phase not in PHASES or self.belief not in BELIEFS:
            raise ValueError(f"{self.answer}: {self.phase}, {self.belief}")
        if not all((self.answer, self.then, self.source)):
            raise ValueError(
                f"{self.answer}: says what was answered, what is done, and who says so"
            )


@dataclass(frozen=True)
class Table:
    """All rows of one client.

    :param name: the client's name, of the anchor in the guide
    :param title: heading of its section
    :param note: a sentence below the heading
    """

    name: str
    title: str
    rows: tuple[Row, ...]
    note: str = ""

    def __post_init__(self):
        seen = [(row.phase, row.answer) for row in self.rows]
        doubles = {answer for phase, answer in seen if seen.count((phase, answer)) > 1}
        if doubles:
            raise ValueError(f"{self.name}: more than one row for {sorted(doubles)}")

    @property
    def ids(self) -> list[str]:
        """Names of the rows for pytest."""
        return [f"{row.phase}: {row.answer}" for row in self.rows]

    def of(self, phase: str) -> tuple[Row, ...]:
        """The rows of one phase."""
        return tuple(row for row in self.rows if row.phase == phase)

    def as_markdown(self) -> str:
        """The section of the guide, heading to last row."""
        head = [f"## {self.title}", ""]
        if self.note:
            head += [self.note, ""]
        head += [
            "| The request | Answer | We believe | What happens next | Source |",
            "|---|---|---|---|---|",
        ]
        for phase in PHASES:
            for row in self.of(phase):
                cells = (_LEFT[phase], row.answer, row.belief, row.then, row.source)
                head.append(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |")
        return "\n".join(head)


_LEFT = {BEFORE: "did not leave", DURING: "left, no answer", AFTER: "was answered"}


def assert_in_guide(table: Table) -> None:
    """The guide has exactly this section; with ``OPTICA_WRITE_GUIDES`` set it is put there."""
    begin, end = f"<!-- {table.name} -->", f"<!-- end of {table.name} -->"
    text = GUIDE.read_text(encoding="utf-8")
    section = f"{begin}\n{table.as_markdown()}\n{end}"
    if os.environ.get(WRITE):
        if begin in text:
            head, rest = text.split(begin, 1)
            text = f"{head}{section}{rest.split(end, 1)[1]}"
        else:
            text = f"{text.rstrip()}\n\n{section}\n"
        GUIDE.write_text(text, encoding="utf-8")
    assert section in text, f"run with {WRITE}=1 to bring {GUIDE.name} up to date"


def assert_whole(table: Table) -> None:
    """Each phase has rows, and no failure of the middle phase is believed without proof."""
    for phase in PHASES:
        assert table.of(phase), f"{table.name} has no row {phase} the request left"
    assert {row.belief for row in table.of(DURING)} == {UNSURE}
    assert all(row.belief == NOT_DONE for row in table.of(BEFORE))
