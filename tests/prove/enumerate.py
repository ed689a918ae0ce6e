"""The stranger test by enumeration: many records of one database, each asked of `records`, and ties followed by hand.

Nothing of the prover is used here. What ties a record to a user is read off the generated domain and the rows: a term
that names what is the user's own ties where the field, in its positive sense, leads to it. Where a tie may be read in
two ways, both count, so that whoever is left is a stranger by any reading.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from random import Random

import sqlalchemy as sa

from ostiary.policy import Mode, Policy
from ostiary.policy.paths import field_of
from ostiary.records.access import Access
from ostiary.records.errors import Fails, Undecided
from ostiary.records.session import Session
from ostiary.records.sql import where
from policy.build import rule
from prove.generated import (
    FOLLOWER,
    KIND,
    OF_COMPANY,
    OWN,
    PORTAL,
    SHARED,
    THING,
    USER,
    Domains,
    Leaf,
    Rows,
    Tree,
    Universe,
    base_policy,
    leaves,
    text,
    with_rules,
)

ASKED = (2, 3, 4)
_TYING = frozenset({"=", "!=", "in", "not in", "=?", "child_of", "parent_of"})
_SURE = frozenset(
    {
        "user.id",
        "user.partner_id.id",
        "user.commercial_partner_id.id",
        "user.partner_id.commercial_partner_id.id",
        "user.company_id.id",
        "user.company_ids.ids",
        "company_id",
        "company_ids",
    }
)
_CURRENT = frozenset({"company_id", "company_ids", "user.company_id.id", "user.company_ids.ids"})


@dataclass(frozen=True, slots=True)
class RuleSet:
    """Rules on things: each a domain, and whether it is the portal's alone (else everybody's)."""

    version: str
    mode: Mode
    rules: tuple[tuple[Tree, bool], ...]

    @property
    def trees(self) -> list[Tree]:
        return [tree for tree, _ in self.rules]

    @property
    def policy(self) -> Policy:
        made = [
            rule(f"x.rule_{place}", THING, text(tree), [PORTAL] if group else [])
            for place, (tree, group) in enumerate(self.rules, 1)
        ]
        return with_rules(self.version, made)

    def __str__(self) -> str:
        shown = " ".join(f"{'portal' if group else 'global'}:{text(tree)}" for tree, group in self.rules)
        return f"{self.version} {self.mode} {shown}"


def rule_set(rng: Random, version: str, *, texts: bool = False) -> RuleSet:
    """Up to two global rules and up to two of the portal."""
    domains = Domains(rng, version, texts=texts, odd=rng.random() < 0.2, size=3, own=0.75)
    groups = [False] * rng.choice((0, 0, 1, 2)) + [True] * rng.choice((0, 1, 1, 2))
    mode = rng.choice((Mode.READ, Mode.READ, Mode.WRITE))
    return RuleSet(version, mode, tuple((domains.tree(), group) for group in groups or [False]))


# -- by hand ---------------------------------------------------------------------------------------------------


class Hand:
    """Follows the rows of one database. `generous`: whatever may be read as a tie is one, also by archived records."""

    def __init__(self, version: str, data: Rows, *, generous: bool = True) -> None:
        self.policy = base_policy(version)
        self.data = data
        self.generous = generous

    def reached(self, model: str, ids: Iterable[int], path: Iterable[str]) -> tuple[str, set[int]]:
        """The records at the end of a path, archived ones too, and their model."""
        here = set(ids)
        for name in path:
            if name in ("id", "ids"):
                continue
            found = field_of(self.policy, model, name)
            if found is None or found.comodel is None:
                return "", set()
            here = {other for one in here for other in self._values(model, one, name)}
            model = found.comodel
        return model, here

    def _values(self, model: str, one: int, name: str) -> list[int]:
        found = field_of(self.policy, model, name)
        row = self.data.get(model, {}).get(one)
        if found is None or row is None:
            return []
        if name == "message_partner_ids":
            followers = self.data.get(FOLLOWER, {}).values()
            here = [
                line for line in followers if line.get("res_model") == model and line.get("res_id") == one
            ]
            return self._seen(found.comodel or "", [line["partner_id"] for line in here])
        if found.inherited:
            return sorted(self.reached(model, [one], ["partner_id", name])[1])
        if found.related:
            return sorted(self.reached(model, [one], found.related.split("."))[1])
        if found.type == "one2many":
            lines = self.data.get(found.comodel or "", {})
            held = [other for other, line in lines.items() if line.get(found.inverse or "") == one]
            return self._seen(found.comodel or "", held)
        value = row.get(name)
        if isinstance(value, list):
            return self._seen(found.comodel or "", value)
        return [value] if value else []

    def _seen(self, model: str, ids: list[int]) -> list[int]:
        """Without archived records, unless those count."""
        if self.generous or "active" not in self.policy.models[model].fields:
            return ids
        return [one for one in ids if self.data.get(model, {}).get(one, {}).get("active")]

    def own(self, symbol: str, user: int) -> set[int]:
        """The records that a name of the user's holds."""
        return self.reached(USER, [user], symbol.split(".")[1:])[1]

    def above(self, model: str, one: int, parent: str) -> set[int]:
        """A record and those above it."""
        seen: set[int] = set()
        waiting = [one]
        while waiting:
            here = waiting.pop()
            if here not in seen:
                seen.add(here)
                waiting += self._values(model, here, parent)
        return seen

    def tied(self, trees: Iterable[Tree], record: int, user: int) -> bool:
        """Whether some term ties the record to the user."""
        return any(self._ties(leaf, record, user) for tree in trees for leaf in leaves(tree))

    def _ties(self, leaf: Leaf, record: int, user: int) -> bool:
        own = [symbol for symbol in leaf.symbols if KIND.get(symbol) == OWN]
        if not own or leaf.operator not in _TYING or self._shared(leaf.path):
            return False
        theirs = {one for symbol in own for one in self.own(symbol, user)}
        path = self._written(leaf.path)
        model, there = self.reached(THING, [record], path)
        if leaf.operator not in ("child_of", "parent_of"):
            return bool(there & theirs)
        before, owners = self.reached(THING, [record], path[:-1])
        ways, nodes = {"parent_id"}, there
        if before == model:
            ways = {"parent_id", path[-1]} if self.generous else {path[-1]}
            nodes = there | owners if self.generous else owners
        for parent in ways:
            if leaf.operator == "child_of" and any(self.above(model, one, parent) & theirs for one in nodes):
                return True
            if leaf.operator == "parent_of" and any(self.above(model, one, parent) & nodes for one in theirs):
                return True
        return False

    def _written(self, path: tuple[str, ...]) -> tuple[str, ...]:
        """A path with the contact named where a user's field is the contact's."""
        written: list[str] = []
        for place, name in enumerate(path):
            model, _ = self.reached(THING, [], path[:place])
            found = field_of(self.policy, model, name)
            written += ["partner_id", name] if found is not None and found.inherited else [name]
        return tuple(written)

    def _shared(self, path: tuple[str, ...]) -> bool:
        """Whether a path leads through, or to, what many customers have in common."""
        return any(self.reached(THING, [], path[: place + 1])[0] in SHARED for place in range(len(path)))


# -- the test --------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Found:
    """What enumeration shows. `leaks` are strangers' records that pass, of the user's company or of none; `kept` are
    strangers' records of the user's company that don't. Each is a user and a record."""

    passes: bool = False
    leaks: list[tuple[int, int]] = field(default_factory=list)
    kept: list[tuple[int, int]] = field(default_factory=list)
    undecided: bool = False


def enumerated(universe: Universe, rules: RuleSet) -> Found:
    """Every thing of the database, for three users in their own company."""
    access = universe.access(rules.policy)
    hand = Hand(universe.version, universe.data)
    found = Found()
    for user in ASKED:
        session = universe.session(user)
        try:
            passing = passed(access, session, rules.mode, sorted(universe.data[THING]))
        except Undecided:
            found.undecided = True
            continue
        found.passes = found.passes or bool(passing)
        for record, row in universe.data[THING].items():
            if row["company_id"] not in (None, session.company) or hand.tied(rules.trees, record, user):
                continue
            if record in passing:
                found.leaks.append((user, record))
            elif row["company_id"] == session.company:
                found.kept.append((user, record))
    return found


def passed(access: Access, session: Session, mode: Mode, ids: list[int]) -> set[int]:
    """The things that pass: to read, what a search finds (with archived records or without) or a test lets through."""
    found: set[int] = set()
    for one in ids:
        try:
            found |= set(access.allowed(session, THING, mode, [one]))
        except Fails:
            continue  # Odoo raises an error, so that nothing is shown.
    if mode is Mode.READ:
        for active_test in (True, False):
            try:
                found |= set(access.search(session, THING, active_test=active_test))
            except Fails:
                continue
    return found


def reached(universe: Universe, policy: Policy, mode: Mode) -> dict[int, set[int]]:
    """The things that each of three users reaches by the rules, archived ones too; without users of whom that can't be
    decided. To read, a search or a test lets a thing through; as a search sees lines, archived ones not, up to 18."""
    access = universe.access(policy)
    found: dict[int, set[int]] = {}
    for user in ASKED:
        session = universe.session(user)
        shown = universe.schema.semantics.rule_lines_ignore_active_test
        inside = session.sudo().with_active_test(not shown)
        try:
            here = {one for one in universe.data[THING] if access.allowed(session, THING, mode, [one])}
            if mode is Mode.READ:
                domain = access.rule_domain(session, THING, mode)
                table = access.store.schema.model(THING).table
                condition = where(access.store, access, inside, THING, domain)
                here |= {row[0] for row in access.store.rows(sa.select(table.c.id).where(condition))}
        except (Fails, Undecided):
            continue
        found[user] = here
    return found


def changed(rules: RuleSet, rng: Random) -> RuleSet:
    """The rules with one added, taken away or replaced."""
    other = rule_set(rng, rules.version).rules[:1]
    place = rng.randrange(len(rules.rules))
    before, after = rules.rules[:place], rules.rules[place + 1 :]
    kept = rng.choice(((*rules.rules, *other), (*before, *other, *after), (*before, *after)))
    return RuleSet(rules.version, rules.mode, kept)


def names_may_lack(rules: RuleSet) -> bool:
    """Whether a rule compares with something that not every user has."""
    return any(set(leaf.symbols) - _SURE for tree in rules.trees for leaf in leaves(tree))


def companies_are_plain(rules: RuleSet) -> bool:
    """Whether terms that compare companies all hold of a record of the user's company."""
    return all(
        leaf.path == ("company_id",) and set(leaf.symbols) <= _CURRENT for leaf in _of_companies(rules)
    )


def _of_companies(rules: RuleSet) -> Iterator[Leaf]:
    for tree in rules.trees:
        for leaf in leaves(tree):
            if any(KIND.get(symbol) == OF_COMPANY for symbol in leaf.symbols):
                yield leaf
