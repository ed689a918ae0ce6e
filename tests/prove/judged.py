"""The prover's verdict on generated rules, held against what enumeration shows."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from random import Random

from ostiary.domain import parse, to_odoo
from ostiary.prove import Change, Proof, Prover, Verdict, Witness
from ostiary.prove.difference import differences
from prove.enumerate import (
    Found,
    Hand,
    RuleSet,
    changed,
    companies_are_plain,
    enumerated,
    names_may_lack,
    reached,
)
from prove.generated import THING, Rows, Universe
from prove.pinned import by_records


@dataclass(slots=True)
class Counts:
    """What came of it, by verdict, and why what is unknown is."""

    verdicts: Counter[str] = field(default_factory=Counter)
    unknown: Counter[str] = field(default_factory=Counter)
    beyond: int = 0
    """Verdicts `open` and `conditional` where the database has no record that shows it, but the witness does."""


def judge(universe: Universe, rules: RuleSet, counts: Counts | None = None) -> list[str]:
    """What is wrong with the prover's verdict: one sentence each."""
    counts = counts or Counts()
    found = enumerated(universe, rules)
    with Prover(rules.policy) as prover:
        proof = prover.isolation("portal", THING, rules.mode)
    counts.verdicts[proof.verdict] += 1
    counts.unknown.update(one.kind for one in proof.unknown)
    wrong = list(_against(proof, found, rules))
    if proof.defect:
        wrong.append(f"defect: {proof.defect}")
    if proof.verdict in (Verdict.OPEN, Verdict.CONDITIONAL):
        counts.beyond += not found.leaks
        wrong += _of_witness(universe, rules, proof)
        wrong += _of_condition(universe, rules, proof, found)
    return wrong


def _against(proof: Proof, found: Found, rules: RuleSet) -> list[str]:
    if proof.verdict is Verdict.NO_ACCESS and found.passes:
        return ["no-access, but a record passes"]
    if proof.verdict is Verdict.ISOLATED and found.leaks:
        return [f"isolated, but strangers pass: {found.leaks[:3]}"]
    everybody = proof.verdict is Verdict.OPEN and proof.condition is None
    if everybody and found.kept and companies_are_plain(rules):
        return [f"open, but strangers of the company don't pass: {found.kept[:3]}"]
    return []


def _of_witness(universe: Universe, rules: RuleSet, proof: Proof) -> list[str]:
    witness = proof.witness
    if witness is None or not witness.reproduced:
        return ["no witness that records confirm"]
    hand = Hand(universe.version, rows_of(witness), generous=False)
    if hand.tied(rules.trees, witness.record.id, witness.user.id):
        return [f"the witness's record is the user's: {witness}"]
    return []


def _of_condition(universe: Universe, rules: RuleSet, proof: Proof, found: Found) -> list[str]:
    """A condition that claims to be all there is holds of every stranger's record that passes; not asked where it hangs
    on what the user may lack."""
    condition = proof.condition
    if proof.verdict is not Verdict.CONDITIONAL or condition is None or not condition.complete:
        return []
    if condition.user or names_may_lack(rules):
        return []
    access = universe.access()
    domain = parse(to_odoo(condition.domain))
    for user in {user for user, _ in found.leaks}:
        session = universe.session(user)
        holds: set[int] = set()
        for python, archived in ((False, False), (False, True), (True, False)):
            answer = by_records(universe, access, session, domain, python=python, archived=archived)
            if isinstance(answer, str):
                return []
            holds |= answer
        outside = [record for who, record in found.leaks if who == user and record not in holds]
        if outside:
            return [f"user {user} reaches {outside[:3]} without the condition {to_odoo(condition.domain)}"]
    return []


def judge_change(universe: Universe, rules: RuleSet, rng: Random, counts: Counts | None = None) -> list[str]:
    """What is wrong with what is said of a change of rules: one sentence each."""
    counts = counts or Counts()
    other = changed(rules, rng)
    old, new = rules.policy, other.policy
    said = next(differences(old, new, audiences=["portal"], models=[THING], modes=[rules.mode]), None)
    change = said.change if said is not None else Change.EQUIVALENT
    counts.verdicts[change] += 1
    if said is not None and change is Change.UNKNOWN:
        counts.unknown.update(one.kind for one in said.unknown)
        return []
    before, after = reached(universe, old, rules.mode), reached(universe, new, rules.mode)
    both = before.keys() & after.keys()
    gained = [(user, one) for user in both for one in after[user] - before[user]]
    lost = [(user, one) for user in both for one in before[user] - after[user]]
    wrong = []
    for name, shown, sides in (
        ("gained", gained, (Change.MORE, Change.INCOMPARABLE)),
        ("lost", lost, (Change.LESS, Change.INCOMPARABLE)),
    ):
        if shown and change not in sides:
            wrong.append(f"{change}, but {shown[:3]} {name}, by {other}")
        if change in sides:
            counts.beyond += not shown
            witness = getattr(said, name)
            if witness is None or not witness.reproduced:
                wrong.append(f"{change}, but no witness of what is {name} that records confirm, by {other}")
    return wrong


def rows_of(witness: Witness) -> Rows:
    """A witness's records as the rows of a database."""
    found: Rows = {}
    for row in witness.rows:
        found.setdefault(row.model, {})[row.id] = dict(row.values)
    return found
