"""What the prover says of a policy, asked once for each question and kept with the policy.

Audiences are named as in findings: `portal`, `public`, `everyone` or a group's external id.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import closing, contextmanager

import msgspec

from ostiary.audit.as_read import as_read
from ostiary.audit.facts import Reach
from ostiary.audit.finding import Confidence, Evidence
from ostiary.policy.audience import EVERYONE
from ostiary.policy.definitions import MODES, AccessRight, Mode, RecordRule
from ostiary.policy.effective import Effective, Unknown, effective
from ostiary.policy.groups import closure
from ostiary.policy.memo import remembered
from ostiary.policy.origin import Origin
from ostiary.policy.policy import Policy
from ostiary.policy.rules import applicable
from ostiary.policy.semantics import INTERNAL, PUBLIC, USER_TYPES
from ostiary.policy.subject import Subject
from ostiary.prove import Proof, Prover, Verdict
from ostiary.prove.prover import WORDS
from ostiary.records.errors import RecordsError

_SHOWN = 4


class Asked(Prover):
    """A prover that knows audiences as an audit does: a group need not be defined, `everyone` is known by no group."""

    def __init__(self, policy: Policy, like: Prover | None = None) -> None:
        """`like` asks about the same models under other rules: verdicts alone are then wanted of this one."""
        super().__init__(policy)
        self.verdicts_only = like is not None
        if like is not None:
            self.schema = like.schema

    def subject(self, audience: str) -> Subject:
        if audience == EVERYONE:
            return Subject(name=EVERYONE, groups=frozenset())
        group = WORDS.get(audience, audience)
        held = closure(self.policy, (group,))
        if held.isdisjoint(USER_TYPES):  # whoever has no user type of their own is an internal user
            held |= closure(self.policy, (INTERNAL,))
        return Subject(name=group, groups=held, kind="group")

    def of(self, question: str, label: str, model: str, mode: Mode) -> Proof:
        """The answer to a question; unknown where the definitions are too few to ask it.

        What goes wrong with one proof must not lose the findings that don't hang on it.
        """
        ask = self.isolation if question == "isolation" else self.silo
        try:
            return ask(label, model, mode)
        except RecordsError as error:
            why = Unknown("records", str(error))
        except Exception as error:
            why = Unknown("defect", f"Ostiary failed to prove it ({type(error).__name__}: {error})")
        return Proof(question, model, label, mode, Verdict.UNKNOWN, unknown=(why,))

    def wants_witness(self, found: Proof) -> bool:
        """What is published on purpose is not reported, so that nobody asks for a witness of it."""
        published = found.condition is not None and found.condition.publishes
        return super().wants_witness(found) and not self.verdicts_only and not published


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
        with closing(Asked(msgspec.structs.replace(prover.policy, rules=rules), prover)) as other:
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
        changed = msgspec.structs.replace(prover.policy, rules=[*kept, *global_], rights=[right])
        with closing(Asked(changed, prover)) as other:
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


def _prover(policy: Policy) -> Asked:
    provers = _provers(policy)
    if not provers:
        provers.append(Asked(as_read(policy)))
    return provers[0]


def _provers(policy: Policy) -> list[Asked]:
    """The prover of a policy, once there is one."""
    return remembered(policy, ("audit prover",), list)


def _remembered(policy: Policy, question: str, label: str, model: str, mode: Mode) -> Proof:
    """The answer; audiences who have the same rules, and are told apart alike, share one.

    So do the modes that are not reading, which Odoo tests alike, unless the model decides in Python.
    """
    prover = _prover(policy)
    subject = prover.subject(label)
    found = effective(prover.policy, subject, model, mode)
    known = prover.policy.models.get(model)
    alike = mode if mode is Mode.READ or known is None or known.overrides else Mode.WRITE
    sort = (label == EVERYONE, PUBLIC in subject.groups, bool(found.rights))
    key = ("audit proof", question, model, alike, sort, found.domain, _names(found), found.unknowns)
    proof = remembered(policy, key, lambda: prover.of(question, label, model, mode))
    return msgspec.structs.replace(proof, audience=label, mode=mode)


def _names(found: Effective) -> tuple[str, ...]:
    return tuple(one.xmlid for one in found.definitions if isinstance(one, RecordRule))
