"""One entry being followed: what was found so far, how deep we are, and how much may still be looked at."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from msgspec.structs import replace

from ostiary.code.flow.state import State
from ostiary.code.flow.values import UNKNOWN, Facts, Ident, Records, Value, passes
from ostiary.policy.code import Actor, Choice, Given, Guard, GuardKind, Step, Use, UseKind
from ostiary.policy.origin import Origin
from ostiary.policy.policy import Policy

if TYPE_CHECKING:
    from ostiary.code.program import Function, Program

# How much of an entry is looked at, in expressions. A method over RPC leads through all of Odoo; a route seldom does.
MAX_ROUTE = 12_000
MAX_METHOD = 5_000
MAX_DEPTH = 6
MAX_USES = 150
MAX_EXPRESSION = 60
MAX_TEXTS = 50_000
_LONGEST = 120
_MOST_LINES = 6
# Where a chain of calls, or what stands in brackets, goes on in the next line.
_GAPS = re.compile(r"(?<=[(\[{]) | (?=[)\]}.])")


# Expressions lead to calls, calls to statements, and these to expressions: a run has what closes the circle.
Evaluate = Callable[["Run", State, ast.expr], Value]
GoThrough = Callable[["Run", "State | None", Sequence[ast.stmt]], "State | None"]


class OutOfBudget(Exception):
    """An entry is too large to be followed to its end; what was found stays."""


class Ends(Exception):
    """A function that was called never comes back: it raises on every way."""


@dataclass(slots=True)
class Known:
    """What is known of a program's functions, whichever entry leads to them."""

    bypasses: dict[Function, bool] = field(default_factory=dict)
    texts: dict[object, str] = field(default_factory=dict)


@dataclass(slots=True)
class Frame:
    """One function being gone through. `steps` lead to it, `chain` are the definitions it is one of."""

    function: Function
    chain: tuple[Function, ...]
    steps: tuple[Step, ...]
    self_value: Value | None = None
    returned: list[tuple[Value, State]] = field(default_factory=list)
    yielded: list[Value] = field(default_factory=list)
    breaks: list[list[State]] = field(default_factory=list)
    caught: list[list[State]] = field(default_factory=list)
    conditions: tuple[frozenset[Given], ...] = ()
    lambdas: int = 0


@dataclass(slots=True)
class Run:
    """One entry being followed. `expression` and `block` give the value of the one, and the state after the other."""

    program: Program
    policy: Policy
    is_route: bool
    expression: Evaluate
    block: GoThrough
    frames: list[Frame] = field(default_factory=list)
    uses: list[Use] = field(default_factory=list)
    unread: dict[str, None] = field(default_factory=dict)
    budget: int = MAX_METHOD
    left: int = MAX_METHOD
    known: Known = field(default_factory=Known)
    asked_at: dict[Ident, list[tuple[int, Guard]]] = field(default_factory=dict)
    of_use: list[Ident | None] = field(default_factory=list)
    known_calls: dict[object, tuple[Value, Facts]] = field(default_factory=dict)
    unsure: bool = False
    muted: int = 0
    last_query: str = ""
    hooked: list[Facts] = field(default_factory=list)
    depth: int = 0

    def evaluate(self, state: State, node: ast.expr) -> Value:
        """The value of an expression. Raises OutOfBudget, or Ends where a call in it never comes back."""
        return self.expression(self, state, node)

    def go_through(self, state: State | None, body: Sequence[ast.stmt]) -> State | None:
        """The state after some statements; None where they never end normally. Raises OutOfBudget."""
        return self.block(self, state, body)

    def spend(self, amount: int = 1) -> None:
        """Take from what may still be looked at. Raises OutOfBudget."""
        self.left -= amount
        if self.left < 0:
            raise OutOfBudget

    @property
    def frame(self) -> Frame:
        return self.frames[-1]

    def origin(self, node: ast.AST) -> Origin:
        """The place of a piece of code of the function that is gone through."""
        function = self.frame.function
        return Origin(function.file.shown, getattr(node, "lineno", 0), function.module)

    def text(self, node: ast.AST) -> str:
        """A piece of code as it is written, on one line and shortened."""
        function = self.frames[-1].function
        key = (
            function,
            getattr(node, "lineno", 0),
            getattr(node, "col_offset", 0),
            getattr(node, "end_lineno", 0),
            getattr(node, "end_col_offset", 0),
        )
        known = self.known.texts.get(key)
        if known is None:
            if len(self.known.texts) > MAX_TEXTS:
                self.known.texts.clear()
            known = self.known.texts[key] = _written(function, node)
        return known

    def guard(self, kind: GuardKind, node: ast.AST, model: str = "", mode: str = "", text: str = "") -> Guard:
        """A guard that this piece of code is."""
        return Guard(
            kind=kind, text=text or self.text(node), origin=self.origin(node), model=model, mode=mode
        )

    def learn(self, state: State, facts: Iterable[tuple[Ident, Guard]]) -> None:
        """From here on these guards hold; what was used before is known to have come before."""
        kept = tuple(facts)
        for ident, guard in kept:
            self.asked_at.setdefault(ident, []).append((len(self.uses), guard))
        state.learn(kept)

    def use(
        self,
        state: State,
        kind: UseKind,
        node: ast.AST,
        records: Records | None = None,
        *,
        written: frozenset[Given] = frozenset(),
        **details: object,
    ) -> None:
        """Note that something is done, to these records."""
        if len(self.uses) >= MAX_USES or self.muted:
            return
        guards: tuple[Guard, ...] = ()
        looks: tuple[Guard, ...] = ()
        if records is not None:
            everything = state.guards(records)
            guards = tuple(guard for guard in everything if _effective(guard))
            looks = tuple(guard for guard in everything if not _effective(guard))
            if not passes(guards) and records.choice in (Choice.CALLER_ID, Choice.CALLER_DOMAIN):
                looks = (*looks, *_beside(state.others(records)))
        else:
            guards = state.asked.get(("request",), ())
        if records is None or records.actor is not Actor.CALLER:
            looks = (*looks, *state.entered())
        found = Use(
            kind=kind,
            origin=self.origin(node),
            text=str(details.pop("text", "")) or self.text(node),
            model=records.model if records is not None else str(details.pop("model", "")),
            written=tuple(sorted(written, key=str)),
            guards=guards,
            looks=tuple(dict.fromkeys(looks)),
            steps=self.frame.steps,
            certain=not self.unsure and not (records is not None and records.unsure),
            **details,  # type: ignore[arg-type]
        )
        if records is not None:
            found = _of_records(found, records)
        if found not in self.uses[-40:]:
            self.uses.append(found)
            self.of_use.append(records.ident if records is not None else None)

    def with_later(self) -> tuple[Use, ...]:
        """The uses; those that came before a check of the same records say so."""
        done: list[Use] = []
        for at, (found, ident) in enumerate(zip(self.uses, self.of_use, strict=True)):
            use = found
            later = [guard for when, guard in self.asked_at.get(ident or (), ()) if when > at]
            if later and not passes(use.guards):
                late = tuple(replace_kind(guard, GuardKind.LATER) for guard in later if _effective(guard))
                use = replace(use, looks=(*use.looks, *dict.fromkeys(late)))
            done.append(use)
        return tuple(dict.fromkeys(done))


def _written(function: Function, node: ast.AST) -> str:
    """The source of a node, on one line. Looking it up is many times faster than writing it anew."""
    first, last = getattr(node, "lineno", 0), getattr(node, "end_lineno", 0) or 0
    lines = function.file.sources.lines(function.file.module, function.file.path)
    if lines is None or not 0 < first <= last <= len(lines.lines):
        return "..."
    rows = lines.lines[first - 1 : min(last, first + _MOST_LINES)]
    start, end = getattr(node, "col_offset", 0), getattr(node, "end_col_offset", 0)
    if last - first < _MOST_LINES:
        rows = [*rows[:-1], rows[-1][:end]]
    rows = [rows[0][start:], *rows[1:]]
    text = " ".join(b" ".join(row.strip() for row in rows).decode("utf-8", "replace").split())
    if len(rows) > 1:
        text = _GAPS.sub("", text)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1].rstrip() + "…"


def _of_records(use: Use, records: Records) -> Use:
    return replace(
        use,
        actor=records.actor,
        choice=records.choice,
        given=tuple(sorted(records.given, key=str)),
        parent=records.parent,
        chosen_at=records.at,
        chosen=records.text,
    )


def _effective(guard: Guard) -> bool:
    return passes((guard,))


def replace_kind(guard: Guard, kind: GuardKind) -> Guard:
    """The same place, as something that only looks like a guard."""
    return replace(guard, kind=kind)


_TOKENS = (GuardKind.TOKEN, GuardKind.TOKEN_UNSAFE)
_PARENTS = (GuardKind.ACCESS, GuardKind.DOCUMENT, GuardKind.OWNER, GuardKind.READ)


def _beside(others: Iterable[Guard]) -> list[Guard]:
    """What was asked of other records, as what only looks like a guard of these."""
    found = []
    for guard in others:
        if guard.kind in _TOKENS:
            found.append(replace_kind(guard, GuardKind.OTHER_TOKEN))
        elif guard.kind in _PARENTS:
            found.append(replace_kind(guard, GuardKind.PARENT))
    return found[:6]


def unknown(run: Run, what: str) -> Value:
    """Something that could not be followed; it is said once."""
    if len(run.unread) < 20:
        run.unread.setdefault(what)
    return UNKNOWN


def renamed(records: Records, **changes: object) -> Records:
    """The same records, otherwise used."""
    return replace(records, **changes)
