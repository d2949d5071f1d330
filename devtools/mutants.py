"""Small wrong changes to a module, which good tests notice (docs/decisions/0017).

Comparisons move their bound or turn round, arithmetic and booleans are exchanged, numbers grow by
one, branches are always or never taken. What only declares (annotations, decorators, names of
types, `strict=`) is left alone. Everything happens in a syntax tree; no file is touched.
"""

import ast
import hashlib
import itertools
import os
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass

COMPARISONS = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
}
ARITHMETIC = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Mult,
    ast.Pow: ast.Mult,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
}
DECLARES = frozenset(["annotation", "returns", "decorator_list"])
NUMBER = re.compile(r"-?\d+(\.\d+)?")
CONTEXT = 24  # characters on either side of what differs


@dataclass
class Place:
    """Where a tree can be changed, and into what."""

    kind: str
    line: int
    scope: str
    owner: ast.AST
    field: str
    index: int | None
    new: object
    show: Callable[[], str]
    text: str = ""
    count: int = 1

    def swap(self) -> None:
        """Make the change, or take it back."""
        if self.index is None:
            old = getattr(self.owner, self.field)
            setattr(self.owner, self.field, self.new)
        else:
            items = getattr(self.owner, self.field)
            old, items[self.index] = items[self.index], self.new
        self.new = old


@dataclass(frozen=True)
class Mutant:
    """A module with one wrong change."""

    kind: str
    line: int
    scope: str
    change: str
    source: str


def sample(source: str, number: int, seed: str) -> list[Mutant]:
    """Some mutants of a module, of each kind in turn, in the order of their lines.

    Each is drawn by the digest of its own words, so a change elsewhere leaves the others drawn.
    """
    tree = ast.parse(source)
    kinds: dict[str, list[Place]] = defaultdict(list)
    for place in places(tree):
        kinds[place.kind].append(place)
    for found in kinds.values():
        found.sort(key=lambda place: _digest(seed, place))
    turns = itertools.zip_longest(*(kinds[kind] for kind in sorted(kinds)))
    drawn = [place for turn in turns for place in turn if place][:number]
    return [_mutant(tree, place) for place in sorted(drawn, key=lambda place: place.line)]


def names(source: str) -> set[tuple[str, str]]:
    """Function and change of every mutant there could be."""
    return {(place.scope, place.text) for place in places(ast.parse(source))}


def places(tree: ast.Module) -> list[Place]:
    """Every place of a module that can be changed; the words of each are its own."""
    found = list(_Search(tree).found)
    times: Counter[tuple[str, str]] = Counter()
    for place in found:
        before = place.show()
        place.swap()
        after = place.show()
        place.swap()
        text = _difference(before, after)
        times[place.scope, text] += 1
        count = times[place.scope, text]
        place.text = text if count == 1 else f"{text} ({count})"
    return found


def _mutant(tree: ast.Module, place: Place) -> Mutant:
    place.swap()
    source = ast.unparse(tree)
    place.swap()
    return Mutant(place.kind, place.line, place.scope, place.text, source)


def _digest(seed: str, place: Place) -> bytes:
    words = "\n".join([seed, place.scope, place.kind, place.text])
    return hashlib.sha256(words.encode()).digest()


def _difference(before: str, after: str) -> str:
    """What differs, with a few words around it."""
    before, after = (" ".join(text.split()) for text in (before, after))
    same = len(os.path.commonprefix([before, after]))
    most = min(len(before), len(after)) - same
    tail = len(os.path.commonprefix([before[::-1], after[::-1]][:2])[:most])
    start = before.rfind(" ", 0, max(same - CONTEXT, 0)) + 1
    parts = []
    for text in (before, after):
        stop = text.find(" ", len(text) - tail + CONTEXT)
        parts.append(text[start:] if stop < 0 else text[start:stop])
    return " → ".join(parts)


class _Search:
    """Walks a tree and notes what could be changed."""

    def __init__(self, tree: ast.Module) -> None:
        self.scope: list[str] = []
        self.show: Callable[[], str] = str
        self.found: list[Place] = []
        self._walk(tree)

    def _walk(self, node: ast.AST) -> None:
        named = isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef))
        if named:
            self.scope.append(node.name)
        self._note(node)
        for field, child, index in _children(node):
            if isinstance(child, ast.stmt):
                self.show = _whole(child)
            elif isinstance(node, ast.stmt) and hasattr(node, "body"):
                self.show = _part(node, field, index)
            self._walk(child)
        if named:
            self.scope.pop()

    def _note(self, node: ast.AST) -> None:
        if isinstance(node, ast.Compare):
            for index, operator in enumerate(node.ops):
                self._add("comparison", node, "ops", COMPARISONS[type(operator)](), index)
        elif isinstance(node, (ast.BinOp, ast.AugAssign)):
            if other := ARITHMETIC.get(type(node.op)):
                self._add("arithmetic", node, "op", other())
        elif isinstance(node, ast.BoolOp):
            other = ast.Or if isinstance(node.op, ast.And) else ast.And
            self._add("boolean", node, "op", other())
        elif isinstance(node, ast.UnaryOp):
            self._note_sign(node)
        elif isinstance(node, ast.Constant):
            self._note_constant(node)
        elif isinstance(node, ast.Call) and ast.unparse(node.func) == "Decimal":
            self._note_decimal(node)
        else:
            self._note_branch(node)

    def _note_sign(self, node: ast.UnaryOp) -> None:
        if isinstance(node.op, ast.Not):
            self._add("boolean", node, "operand", ast.UnaryOp(ast.Not(), node.operand))
        elif isinstance(node.op, ast.USub):
            self._add("arithmetic", node, "op", ast.UAdd())

    def _note_constant(self, node: ast.Constant) -> None:
        if isinstance(node.value, bool):
            self._add("boolean", node, "value", not node.value)
        elif isinstance(node.value, (int, float)):
            self._add("constant", node, "value", node.value + 1)

    def _note_decimal(self, node: ast.Call) -> None:
        """`Decimal("0.02")` becomes `Decimal("0.03")`."""
        constant = node.args[0] if node.args else None
        if not (isinstance(constant, ast.Constant) and isinstance(constant.value, str)):
            return
        if NUMBER.fullmatch(constant.value):
            digits = constant.value.replace(".", "").lstrip("-")
            more = str(int(digits) + 1).zfill(len(digits))
            whole = len(more) - len(constant.value.partition(".")[2])
            sign = "-" if constant.value.startswith("-") else ""
            new = f"{sign}{more[:whole]}.{more[whole:]}" if whole < len(more) else sign + more
            self._add("constant", constant, "value", new)

    def _note_branch(self, node: ast.AST) -> None:
        if isinstance(node, (ast.If, ast.IfExp)):
            for taken in (True, False):
                self._add("branch", node, "test", ast.Constant(taken))
        elif isinstance(node, ast.While):
            self._add("branch", node, "test", ast.Constant(False))
        elif isinstance(node, ast.comprehension):
            for index in range(len(node.ifs)):
                self._add("branch", node, "ifs", ast.Constant(True), index)

    def _add(
        self, kind: str, owner: ast.AST, field: str, new: object, index: int | None = None
    ) -> None:
        line = getattr(owner, "lineno", None) or owner.target.lineno
        show = _part(owner, field, index) if isinstance(owner, (ast.If, ast.While)) else self.show
        scope = ".".join(self.scope)
        self.found.append(Place(kind, line, scope, owner, field, index, new, show))


def _whole(node: ast.stmt) -> Callable[[], str]:
    return lambda: ast.unparse(node)


def _part(owner: ast.AST, field: str, index: int | None) -> Callable[[], str]:
    def show() -> str:
        value = getattr(owner, field)
        return ast.unparse(value if index is None else value[index])

    return show


def _children(node: ast.AST) -> Iterator[tuple[str, ast.AST, int | None]]:
    """What is below a node and computes something."""
    for field, value in ast.iter_fields(node):
        if field in DECLARES:
            continue
        if isinstance(value, ast.AST):
            if not (isinstance(node, ast.Assign) and _is_type(value)):
                yield field, value, None
        elif isinstance(value, list):
            for index, item in enumerate(value):
                if isinstance(item, ast.AST) and not _only_checks(item):
                    yield field, item, index


def _is_type(node: ast.AST) -> bool:
    """Whether a value is a name for one of several types: `Cell = str | int | None`."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        return all(_is_type(side) for side in (node.left, node.right))
    return isinstance(node, (ast.Name, ast.Attribute, ast.Subscript)) or _is_none(node)


def _is_none(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _only_checks(node: ast.AST) -> bool:
    """Whether a node is `strict=…` of `zip`, which no correct program notices."""
    return isinstance(node, ast.keyword) and node.arg == "strict"
