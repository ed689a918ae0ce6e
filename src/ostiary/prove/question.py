"""A question: one user, one record, and named statements about them that a solver can be asked to combine."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from ostiary.domain import Domain
from ostiary.policy import Mode, Subject
from ostiary.policy.semantics import PUBLIC
from ostiary.prove.encode import FALSE, Encoder, NeedsTexts, Rec, World, conj, disj, implies, neg
from ostiary.prove.encode.expand import Fold
from ostiary.prove.solver import Solver
from ostiary.records.errors import RecordsError
from ostiary.records.schema import Column, Schema

T = TypeVar("T")


class Question:
    """Built up by `part`, then asked by `solver`.

    A record is read where a search finds it or where it passes a test in memory (`browse` and `check_access`);
    everything else is tested in memory alone.
    """

    def __init__(self, schema: Schema, model: str, *, texts: bool = False, fold: Fold | None = None) -> None:
        self.world = World(texts)
        self.schema = schema
        self.search = Encoder(self.world, schema, fold=fold)
        self.memory = Encoder(self.world, schema, python=True, who=self.search.who, fold=fold)
        self.who = self.search.who
        self.record = self.world.record(model)
        self.whole = True
        self.no_website = self.part(f"(= {self.who.website.term} 0)")

    def is_somebody(self, subject: Subject) -> None:
        """Say what is so of whoever holds the subject's groups: Odoo computes from them who is a share user, and who
        logs in is not archived. Visitors are one user, who is."""
        self._is("share", subject.share)
        self._is("active", PUBLIC not in subject.groups)

    def _is(self, name: str, so: bool) -> None:
        try:
            kind = self.schema.field("res.users", name)
        except RecordsError:
            return
        if isinstance(kind, Column) and kind.type == "boolean":
            value = self.memory.scalars.true(self.memory.scalar(self.who.user, kind))
            self.world.script.add(value if so else neg(value))

    def also(self, schema: Schema, fold: Fold | None = None) -> tuple[Encoder, Encoder]:
        """Encoders for another schema (of other definitions), about the same user and record."""
        return (
            Encoder(self.world, schema, who=self.who, fold=fold),
            Encoder(self.world, schema, python=True, who=self.who, fold=fold),
        )

    def passes(
        self,
        domain: Domain,
        mode: Mode,
        positive: bool = True,
        record: Rec | None = None,
        encoders: tuple[Encoder, Encoder] | None = None,
    ) -> str:
        """That a domain lets the record through in a mode (or that it doesn't)."""
        search, memory = encoders or (self.search, self.memory)
        about = record or self.record
        tested = memory.holds(domain, about, positive)
        if mode is not Mode.READ:
            return tested
        found = search.holds(domain, about, positive)
        return disj((found, tested)) if positive else conj((found, tested))

    def untied(self, link: Domain, mode: Mode) -> str:
        """That something does not tie the record to the user, however it is looked at."""
        parts = [self.memory.tied(link, self.record, False)]
        if mode is Mode.READ:
            parts.append(self.search.tied(link, self.record, False))
        return conj(parts)

    def part(self, formula: str) -> str:
        """A name for a statement, under which it can be assumed."""
        name = self.world.script.declare("p", "", "Bool")
        self.world.script.add(implies(name, formula) if formula != FALSE else f"(not {name})")
        return name

    def solver(self, *, second: bool = False) -> Solver:
        """The question, put to a solver. What is added afterwards has to be told it by `extend`."""
        self._finish()
        return Solver(self.world, second=second)

    def extend(self, solver: Solver) -> None:
        """Tell a solver what was added since."""
        self._finish()
        solver.extend()

    def _finish(self) -> None:
        self.whole = self.world.finish() and self.whole
        self.search.values.own_companies()


def asked(build: Callable[[bool], T]) -> T:
    """What `build` gives, with strings as numbers where that will do: `build(False)`, else `build(True)`."""
    try:
        return build(False)
    except NeedsTexts:
        return build(True)
