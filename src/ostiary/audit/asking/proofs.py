"""What the prover says of a policy, asked once for each question and kept with the policy.

Audiences are named as in findings: `portal`, `public`, `everyone` or a group's external id.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterator
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

import msgspec

from ostiary.audit.asking.as_read import as_read
from ostiary.audit.asking.facts import Reach
from ostiary.audit.finding import Confidence, Evidence
from ostiary.policy.audience import EVERYONE
from ostiary.policy.definitions import MODES, AccessRight, Mode, RecordRule
from ostiary.policy.effective import Effective, effective
from ostiary.policy.memo import remembered
from ostiary.policy.origin import Origin
from ostiary.policy.policy import Policy
from ostiary.policy.rules import applicable
from ostiary.policy.semantics import PUBLIC
from ostiary.prove import Proof, Verdict

if TYPE_CHECKING:  # a solver takes long to import, and what was found before need not be asked again
    from ostiary.audit.asking.asked import Asked

_SHOWN = 4


@contextmanager
def proving(policy: Policy) -> Iterator[None]:
    """Give back, at the end, what the prover of a policy holds on to, if it was needed. Its answers stay."""
    try:
        yield
    finally:
        for prover in _provers(policy):
            prover.close()


def isolation(policy: Policy, label: str, model: str, mode: Mode) -> Proof:
    """Whether an audience reaches records of a model that nothing ties to them, as far as definitions were read."""
    return _remembered(policy, "isolation", label, model, mode)


def silo(policy: Policy, label: str, model: str, mode: Mode) -> Proof:
    """Whether an audience reaches records of companies that are none of their active ones."""
    return _remembered(policy, "silo", label, model, mode)


def alone(policy: Policy, label: str, rule: RecordRule, mode: Mode, *, others: bool) -> Proof:
    """What one group rule lets an audience reach, were it the only one: with the global rules where `others`."""

    def build() -> Proof:
        prover = _prover(policy)
        mine = applicable(prover.policy, prover.subject(label), rule.model, mode)
        rest = (*mine.group, *(() if others else mine.global_))
        away = {id(one) for one in rest if one.xmlid != rule.xmlid}
        if not away:
            return isolation(policy, label, rule.model, mode)
        rules = [one for one in prover.policy.rules if id(one) not in away]
        with closing(prover.of_other(rules=rules)) as other:
            return other.of("isolation", label, rule.model, mode)

    return remembered(policy, ("audit alone", label, rule.xmlid, mode, others), build)


def silo_alone(policy: Policy, group: str, rules: Collection[RecordRule], model: str, mode: Mode) -> Proof:
    """Which records of other companies some rules of a model let a group reach, were they its only ones.

    It is taken to have an access right.
    """

    def build() -> Proof:
        prover = _prover(policy)
        kept = [one for one in prover.policy.rules if one.model != model]
        origin = Origin("", 0)
        right = AccessRight(origin=origin, xmlid="audit.right", model=model, group=None, modes=MODES)
        global_ = [msgspec.structs.replace(one, groups=()) for one in rules]
        with closing(prover.of_other(rules=[*kept, *global_], rights=[right])) as other:
            return other.of("silo", group, model, mode)

    key = ("audit silo alone", group, tuple(one.xmlid for one in rules), model, mode)
    return remembered(policy, key, build)


def lets_strangers_in(proof: Proof) -> bool:
    """Whether records of others are reached, otherwise than because they are published."""
    if proof.verdict is Verdict.CONDITIONAL:
        return proof.condition is None or not proof.condition.publishes
    return proof.verdict is Verdict.OPEN


def obstacles(proof: Proof | None) -> Iterator[Evidence]:
    """What a proof rests on, or what stood in its way."""
    if proof is None:
        return
    for unknown in proof.unknown:
        yield Evidence(f"not proved: {unknown.text}", unknown.origin)
    for sentence in proof.assumptions[:_SHOWN]:
        yield Evidence(f"the proof rests on this: {sentence}")
    if len(proof.assumptions) > _SHOWN:
        yield Evidence(f"and on {len(proof.assumptions) - _SHOWN} more things, which `ostiary prove` lists")


def confidence(found: Reach, proof: Proof | None) -> Confidence:
    """How certain a finding is: low where it isn't proved, or where something was not read."""
    unproved = proof is not None and proof.verdict is Verdict.UNKNOWN
    return Confidence.LOW if unproved else found.confidence


def prover_of(policy: Policy) -> Asked:
    """The one prover of a policy, for questions that are not asked here; `proving` closes it."""
    return _prover(policy)


def _prover(policy: Policy) -> Asked:
    provers = _provers(policy)
    if not provers:
        from ostiary.audit.asking.asked import Asked

        provers.append(Asked(as_read(policy)))
    return provers[0]


def _provers(policy: Policy) -> list[Asked]:
    """The prover of a policy, once there is one."""
    return remembered(policy, ("audit prover",), list)


def _remembered(policy: Policy, question: str, label: str, model: str, mode: Mode) -> Proof:
    """The answer; audiences who have the same rules, and are told apart alike, share one."""
    key = key_of(policy, question, label, model, mode)
    proof = remembered(policy, key, lambda: _prover(policy).of(question, label, model, mode))
    return msgspec.structs.replace(proof, audience=label, mode=mode)


def key_of(policy: Policy, question: str, label: str, model: str, mode: Mode) -> Hashable:
    """What an answer is remembered by. Modes that are not reading share one, since Odoo tests them alike, unless the
    model decides in Python.
    """
    prover = _prover(policy)
    subject = prover.subject(label)
    found = effective(prover.policy, subject, model, mode)
    known = prover.policy.models.get(model)
    alike = mode if mode is Mode.READ or known is None or known.overrides else Mode.WRITE
    sort = (label == EVERYONE, PUBLIC in subject.groups, bool(found.rights))
    return ("audit proof", question, model, alike, sort, found.domain, _names(found), found.unknowns)


def _names(found: Effective) -> tuple[str, ...]:
    return tuple(one.xmlid for one in found.definitions if isinstance(one, RecordRule))
