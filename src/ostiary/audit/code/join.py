"""What the definitions say of the records that code reaches, for whom the code lets in.

Code that uses records as the caller is only as good as the rules; what it does as superuser is past them. Each finding
about code says which, and what is proved of the rules.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from ostiary.audit.asking.facts import Reach, may, not_judged, reach, rule_said, weight
from ostiary.audit.asking.limits import Limit, limit
from ostiary.audit.asking.proofs import isolation, obstacles
from ostiary.audit.asking.wording import audience_words, model_words, verbs
from ostiary.audit.finding import Confidence, Evidence
from ostiary.audit.rules.visitors import only_of_the_visitor
from ostiary.audit.weighing.sensitivity import Weight
from ostiary.domain import to_english
from ostiary.policy.code import Use, UseKind
from ostiary.policy.definitions import Kind, Mode
from ostiary.policy.memo import remembered
from ostiary.policy.policy import Policy
from ostiary.prove import Proof, Verdict

_MODES = {
    UseKind.WRITE: Mode.WRITE,
    UseKind.CALL: Mode.WRITE,
    UseKind.CREATE: Mode.CREATE,
    UseKind.UNLINK: Mode.UNLINK,
}
_MOST_RULES = 4
_LONGEST = 160


class Standing(Enum):
    """What the rights and rules of a model leave an audience, in one mode.

    `NOTHING`: no right gives it, or no record passes. `OWN`: only what is tied to who asks. `PUBLISHED`: that, and what
    somebody published. `CONDITION`: others' records under some other condition. `OPEN`: others' records, all of them or
    those of the company. `PYTHON`: Odoo decides in Python, record by record. `UNDECIDED`: it can't be told. `UNREAD`:
    the model's module was not read.
    """

    NOTHING = "nothing"
    OWN = "own"
    PUBLISHED = "published"
    CONDITION = "condition"
    OPEN = "open"
    PYTHON = "python"
    UNDECIDED = "undecided"
    UNREAD = "unread"


@dataclass(frozen=True, slots=True)
class Join:
    """What the definitions leave an audience of a model, in a mode; `said` says so in a clause, without a full stop."""

    model: str
    label: str
    mode: Mode
    standing: Standing
    said: str
    confidence: Confidence = Confidence.HIGH
    proof: Proof | None = None
    evidence: tuple[Evidence, ...] = ()

    @property
    def lets_in(self) -> bool:
        """Whether who asks gets at records of others by their own rights, otherwise than because they are published."""
        return self.standing in (Standing.OPEN, Standing.CONDITION)


def mode_of(use: Use) -> Mode:
    """The mode of an access right that a use would need; to run a method is taken to change the record."""
    return _MODES.get(use.kind, Mode.READ)


def join(policy: Policy, label: str, model: str, mode: Mode) -> Join:
    """What an audience is left of a model, with the proof where one was needed."""
    return remembered(policy, ("audit join", label, model, mode), lambda: _join(policy, label, model, mode))


def _join(policy: Policy, label: str, model: str, mode: Mode) -> Join:
    known = policy.models.get(model)
    if known is None or known.unresolved:
        said = f"the rights and rules of {model or 'the model'} were not read"
        if model == "*":
            said = "whatever the rights and rules of a model say, they are not asked here"
        return Join(model, label, mode, Standing.UNREAD, said, Confidence.LOW)
    who, verb = audience_words((label,)), verbs((mode,))
    if known.kind is Kind.ABSTRACT or not may(policy, label, model, mode):
        said = f"no access right lets {who} {verb} {model}"
        return Join(model, label, mode, Standing.NOTHING, said)
    found = reach(policy, label, model, mode)
    if found.guarded:
        said = f"for {who}, Odoo decides in Python which records of {model} they may {verb}"
        return Join(model, label, mode, Standing.PYTHON, said, Confidence.LOW)
    proof = isolation(policy, label, model, mode) if weight(policy, model) >= Weight.UNKNOWN else None
    sort = limit(policy, label, model, mode)
    visitor = sort is Limit.CONDITION and only_of_the_visitor(policy, label, model, mode)
    standing = _standing(sort, proof, visitor=visitor)
    rules = _rules_said(policy, model, standing, found, proof)
    proved = " (proved)" if proof is not None and proof.verdict is not Verdict.UNKNOWN else ""
    return Join(
        model=model,
        label=label,
        mode=mode,
        standing=standing,
        said=rules.format(who=who, verb=verb) + proved,
        confidence=_confidence(found, standing),
        proof=proof,
        evidence=tuple(_evidence(policy, model, found, proof)),
    )


def _standing(found: Limit, proof: Proof | None, *, visitor: bool) -> Standing:
    if found in (Limit.NONE, Limit.COMPANY):
        return Standing.OPEN
    if visitor:
        return Standing.OWN
    if found is Limit.CONDITION:
        published = proof is not None and proof.condition is not None and proof.condition.publishes
        return Standing.PUBLISHED if published else Standing.CONDITION
    return {Limit.OWN: Standing.OWN, Limit.NOTHING: Standing.NOTHING}.get(found, Standing.UNDECIDED)


def _confidence(found: Reach, standing: Standing) -> Confidence:
    return Confidence.LOW if standing is Standing.UNDECIDED else found.confidence


def _rules_said(policy: Policy, model: str, standing: Standing, found: Reach, proof: Proof | None) -> str:
    """What the rules come to, with `{who}` and `{verb}` left open."""
    what = _plain(model_words(policy, model))
    if standing is Standing.OPEN:
        if found.rules:
            return f"the rules of {what} let {{who}} {{verb}} records of others"
        return f"no rule limits which records of {what} {{who}} may {{verb}}"
    if standing is Standing.NOTHING:
        return f"the rules of {what} let {{who}} {{verb}} none of its records"
    if standing is Standing.OWN:
        return f"the rules of {what} let {{who}} {{verb}} only what is tied to them"
    if proof is not None and proof.condition is not None:
        where = _plain(_shortened(to_english(proof.condition.domain)))
        users = " and ".join(proof.condition.user)
        of_whom = f", for a user of whom this is so: {_plain(users)}" if users else ""
        return f"the rules of {what} let {{who}} {{verb}} records of others only where {where}{of_whom}"
    why = "; ".join(dict.fromkeys(one.text.rstrip(".") for one in proof.unknown)) if proof is not None else ""
    because = f": {_plain(why)}" if why else ""
    return f"whether the rules of {what} keep others' records from {{who}} can't be decided{because}"


def _plain(text: str) -> str:
    """A text that goes into a template, as it is."""
    return text.replace("{", "{{").replace("}", "}}")


def _evidence(policy: Policy, model: str, found: Reach, proof: Proof | None) -> Iterator[Evidence]:
    for rule in found.rules[:_MOST_RULES]:
        yield rule_said(rule)
    if proof is not None and proof.witness is not None:
        user, record = proof.witness.user, proof.witness.record
        yield Evidence(
            f"an example, worked out: user {user.id} may {verbs((proof.mode,))} {record.model} {record.id}, to which "
            "nothing ties them"
        )
    yield from not_judged(policy, model, found)
    yield from obstacles(proof)


def _shortened(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1].rstrip(' ,')}…"
