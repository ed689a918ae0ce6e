"""A formula of the encoder on exactly one database: every function is pinned to what the rows say, then z3 is asked.

Held against what `records` answer for the same domain, record and user, by SQL and in memory.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction
from typing import Any

import sqlalchemy as sa
import z3

from ostiary.domain import Domain, parse
from ostiary.prove.encode import Encoder, Rec, World, equal, implies, neg
from ostiary.prove.encode.smt import conj, disj, whole
from ostiary.prove.question import asked
from ostiary.records.access import Access
from ostiary.records.errors import RecordsError
from ostiary.records.evaluate import evaluate
from ostiary.records.memory import compile_domain
from ostiary.records.schema import Links, Schema
from ostiary.records.session import Session
from ostiary.records.sql import where
from prove.generated import COMPANY, THING, USERS, Rows, Universe

_EPOCH = datetime(1970, 1, 1)


class Formula:
    """One domain on things as a formula, in one flavour, ready to be asked about the databases of a version."""

    def __init__(self, schema: Schema, domain: Domain, data: Rows, *, python: bool) -> None:
        self.schema = schema
        self.data = data

        def build(texts: bool) -> tuple[World, Encoder, Rec, str, str]:
            world = World(texts)
            encoder = Encoder(world, schema, python=python)
            record = world.record(THING)
            names = []
            for positive in (True, False):
                name = world.script.declare("p", "", "Bool")
                said = encoder.holds(domain, record, positive)
                world.script.add(implies(name, said))
                names.append(name)
            for model, records in data.items():
                for one in records:
                    world.known(Rec(model, str(one)))
            self.whole = world.finish()
            return world, encoder, record, names[0], names[1]

        self.world, self.encoder, self.record, self.holds, self.fails = asked(build)
        self.opaque = bool(self.world.opaques)
        self._solver = z3.Solver()
        self._guards: dict[tuple[object, ...], str] = {}
        asked_of = [(THING, one) for one in data[THING]]
        for _, one in asked_of:
            self._guard(("record", one), equal(self.record.term, str(one)))
        self._pins = list(self._pinned())

    def ask(self, record: int, session: Session) -> dict[bool, set[bool]]:
        """What may be so of the record: whether it passes (True), whether it fails (False), by whether guesses are
        allowed."""
        key = ("session", session.uid, session.companies)
        if key not in self._guards:
            self._guard(key, conj(self._session(session)))
        if self._pins:
            self._solver.from_string("\n".join([self.world.script.text(), *self._pins]))
            self._pins = []
        terms = [z3.Bool(name) for name in (self._guards["record", record], self._guards[key])]
        terms += [z3.Bool(name) for name in self.world.assumed.values()]
        guesses = [z3.Bool(one.guess) for one in self.world.opaques.values()]
        found: dict[bool, set[bool]] = {}
        for guess in (False, True) if guesses else (False,):
            rest = guesses if guess else [z3.Not(one) for one in guesses]
            found[guess] = set()
            for wanted, name in ((True, self.holds), (False, self.fails)):
                answer = self._solver.check(*terms, *rest, z3.Bool(name))
                if answer == z3.sat:
                    found[guess].add(wanted)
                assert answer != z3.unknown
        found.setdefault(True, found[False])
        return found

    def _guard(self, key: tuple[object, ...], formula: str) -> None:
        name = self._guards[key] = self.world.script.declare("g", "", "Bool")
        self.world.script.add(implies(name, formula))

    def prepare(self, sessions: list[Session]) -> None:
        """Sessions have to be named before the first question."""
        for session in sessions:
            self._guard(("session", session.uid, session.companies), conj(self._session(session)))

    def _session(self, session: Session) -> Iterator[str]:
        who = self.encoder.who
        yield equal(who.user.term, str(session.uid))
        yield equal(who.company.term, str(session.company))
        yield equal(who.website.term, "0")
        for one in self.data[COMPANY]:
            active = f"({who.allowed} {one})"
            yield active if one in session.companies else neg(active)

    def _pinned(self) -> Iterator[str]:
        """What the rows say, of every function there is, and that all records are rows."""
        world = self.world
        ids = sorted({0, *(one for records in self.data.values() for one in records)})
        for model, terms in world.records.items():
            there = [str(one) for one in self.data.get(model, ())]
            for term in terms:
                if not term.startswith("(") and not term.isdigit():
                    yield f"(assert {disj([equal(term, one) for one in ['0', *there]])})"
        for key, name in world._functions.items():
            if key[0] in self.data and len(key) in (2, 3):
                for one, row in self.data[key[0]].items():
                    yield f"(assert {self._value(name, one, row.get(key[1]), key)})"
            elif key[0] == "link":
                pairs = self._pairs(key[1])
                for one in ids:
                    for other in ids:
                        pair = f"({name} {one} {other})"
                        yield f"(assert {pair if (one, other) in pairs else neg(pair)})"

    def _value(self, name: str, one: int, value: Any, key: tuple[str, ...]) -> str:
        term = f"({name} {one})"
        if key[2:] == ("null",):
            return term if value is None else neg(term)
        kind = self.schema.field(key[0], key[1])
        if kind.comodel is not None:
            return equal(term, str(value or 0))
        if value is None:
            return "true"
        if kind.type == "boolean":
            return term if value else neg(term)
        return equal(term, self._literal(kind.type, value))

    def _literal(self, type_: str, value: Any) -> str:
        if type_ == "date":
            return whole(date.fromisoformat(value).toordinal())
        if type_ == "datetime":
            return whole(int((datetime.fromisoformat(value) - _EPOCH).total_seconds()))
        if type_ == "float":
            part = Fraction(value)
            shown = f"(/ {abs(part.numerator)}.0 {part.denominator}.0)"
            return shown if value >= 0 else f"(- {shown})"
        return self.world.text(value) if isinstance(value, str) else whole(value)

    def _pairs(self, table: str) -> set[tuple[int, int]]:
        found = set()
        for model, records in self.data.items():
            for one, row in records.items():
                for name, value in row.items():
                    kind = self.schema.field(model, name) if isinstance(value, list) else None
                    if not isinstance(kind, Links) or kind.own is None or kind.other is None:
                        continue
                    if str(kind.own.table.name) == table:
                        turned = kind.own.name > kind.other.name
                        found |= {(other, one) if turned else (one, other) for other in value}
        return found


def by_records(
    universe: Universe,
    access: Access,
    session: Session,
    domain: Domain,
    *,
    python: bool,
    archived: bool = False,
) -> set[int] | str:
    """The things that a rule's domain accepts, as `records` say it; the error where they raise one. `archived`: in a
    context that sees archived lines, as reading by id has."""
    semantics = universe.schema.semantics
    active_test = not (archived or semantics.rule_lines_ignore_active_test)
    inside = session.sudo().with_active_test(active_test)
    try:
        ground = evaluate(access.reader, session, domain)
        if python:
            test = compile_domain(access.reader, access, inside, THING, ground)
            return {one for one in universe.data[THING] if test(one)}
        condition = where(access.store, access, inside, THING, ground)
        table = universe.schema.model(THING).table
        return {row[0] for row in access.store.rows(sa.select(table.c.id).where(condition))}
    except RecordsError as error:
        return str(error)


@dataclass(frozen=True, slots=True)
class Difference:
    """The encoder says one thing of a record, `records` another."""

    version: str
    python: bool
    domain: str
    user: int
    companies: tuple[int, ...]
    record: int
    expected: bool
    found: str
    opaque: tuple[str, ...] = ()


@dataclass(slots=True)
class Tally:
    """How much was asked, and how much of it could be said."""

    asked: int = 0
    opaque: int = 0
    raised: int = 0
    endless: int = 0


def differences(universe: Universe, domain_text: str, tally: Tally | None = None) -> Iterator[Difference]:
    """Where the encoder and `records` differ on one domain. A part that can't be read may be anything, but the rest may
    not."""
    tally = tally or Tally()
    domain = parse(domain_text)
    access = universe.access()
    sessions = [
        universe.session(2),
        universe.session(3),
        universe.session(4, (universe.data["res.users"][4]["company_id"],)),
    ]
    for python in (False, True):
        answers = [by_records(universe, access, one, domain, python=python) for one in sessions]
        formula = Formula(universe.schema, domain, universe.data, python=python)
        if not formula.whole:
            tally.endless += 1
            continue
        formula.prepare(sessions)
        for session, answer in zip(sessions, answers, strict=True):
            if isinstance(answer, str):
                tally.raised += 1
                continue
            for record in universe.data[THING]:
                tally.asked += 1
                tally.opaque += formula.opaque
                found = formula.ask(record, session)
                expected = record in answer
                wrong = (not expected) in found[False] or expected not in found[True]
                if not formula.opaque:
                    wrong = found[False] != {expected}
                if wrong:
                    yield Difference(
                        universe.version, python, domain_text, session.uid or 0, session.companies, record, expected,
                        f"{found}", tuple(one.why for one in formula.world.opaques.values()),
                    )  # fmt: skip


__all__ = ["USERS", "Difference", "Formula", "Tally", "by_records", "differences"]
