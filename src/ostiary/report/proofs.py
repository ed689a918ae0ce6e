"""Proofs put in the order in which somebody should read them, and the words for them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from enum import StrEnum

import msgspec

from ostiary.audit.weighing.sensitivity import Holding, Weight, holding
from ostiary.domain import to_english
from ostiary.policy import (
    INTERNAL,
    MODES,
    AccessRight,
    Kind,
    Mode,
    Policy,
    RecordRule,
    Subject,
    closure,
    effective,
)
from ostiary.policy.semantics import PORTAL, PUBLIC
from ostiary.prove import Condition, Proof, Sort, Verdict
from ostiary.report.text import enumerated
from ostiary.report.words import audience_label, audience_rank

_MOST_SIGNS = 3
_GROUPS = {"internal": INTERNAL, "portal": PORTAL, "public": PUBLIC}
_HOLDS = "the user also holds "
_LABELS = {INTERNAL: "internal", PORTAL: "portal", PUBLIC: "public"}


class Section(StrEnum):
    """What a reader should do with a proof, what is to be looked at first in front.

    `gap`: strangers get at records that they should not, as far as can be told. `reference`: they read any record,
    but nothing in the model says that it is about anybody. `published`: they read what is published. `of-itself`: an
    invariant about what nobody may do at all; `about-nothing`: one that no record could break. The others are the
    verdicts.
    """

    GAP = "gap"
    UNKNOWN = "unknown"
    ABOUT_NOTHING = "about-nothing"
    REFERENCE = "reference"
    PUBLISHED = "published"
    ISOLATED = "isolated"
    OF_ITSELF = "of-itself"
    NO_ACCESS = "no-access"


class Entry(msgspec.Struct, frozen=True):
    """Proofs that say the same: of one model, for one or several audiences and modes.

    `proof` is the first of them, `assumptions` and `proofs` are of all. `holds` says what the model's records are
    about.
    """

    section: Section
    proof: Proof
    audiences: tuple[str, ...]
    modes: tuple[Mode, ...]
    weight: Weight
    holds: str
    assumptions: tuple[str, ...]
    proofs: tuple[Proof, ...]

    @property
    def model(self) -> str:
        return self.proof.model


def label(audience: str) -> str:
    """An audience in one word: `portal`, `public`, `internal`, or the group's external id."""
    return _LABELS.get(audience, audience)


def is_gap(proof: Proof, policy: Policy) -> bool:
    """Whether a proof is one of those that are listed as gaps."""
    return section_of(proof, policy) is Section.GAP


def is_refused(proof: Proof) -> bool:
    """Whether it isn't known since Odoo raises an error for a rule: nobody can tell what its author meant."""
    return proof.verdict is Verdict.UNKNOWN and any(one.kind == "rule-error" for one in proof.unknown)


def _leaks(proof: Proof) -> bool:
    """Whether records are reached that nothing ties to the user, otherwise than by reading what is published."""
    if proof.verdict is Verdict.OPEN:
        return True
    if proof.verdict is not Verdict.CONDITIONAL:
        return False
    if proof.question == "separation":
        return True
    publishes = proof.condition is not None and proof.condition.publishes
    return not (publishes and proof.mode is Mode.READ)


def section_of(proof: Proof, policy: Policy) -> Section:
    """Where a proof belongs.

    What can be changed by strangers is a gap whatever it is about, save for wizards, whose records last for minutes.
    """
    if proof.verdict is Verdict.CONDITIONAL and not _leaks(proof):
        return Section.PUBLISHED
    if proof.verdict in (Verdict.OPEN, Verdict.CONDITIONAL):
        model = policy.models.get(proof.model)
        harmless = proof.mode is Mode.READ or (model is not None and model.kind is Kind.TRANSIENT)
        trivial = (
            harmless
            and proof.question != "separation"
            and holding(policy, proof.model).weight < Weight.UNKNOWN
        )
        return Section.REFERENCE if trivial else Section.GAP
    if proof.question == "separation" and proof.verdict is Verdict.NO_ACCESS:
        return Section.OF_ITSELF
    if proof.verdict is Verdict.UNKNOWN and any(one.kind == "empty-domain" for one in proof.unknown):
        return Section.ABOUT_NOTHING
    return Section(proof.verdict.value)


def entries(proofs: Iterable[Proof], policy: Policy) -> list[Entry]:
    """The proofs, those that say the same together; what matters most first."""
    alike: dict[tuple[object, ...], list[Proof]] = {}
    for proof in proofs:
        alike.setdefault((_said(proof, policy), label(proof.audience)), []).append(proof)
    joined: dict[tuple[object, ...], list[Proof]] = {}
    for (said, _), same in alike.items():
        joined.setdefault((said, tuple(one.mode for one in same)), []).extend(same)
    found = [_entry(same, policy) for same in joined.values()]
    order = list(Section)
    return sorted(found, key=lambda one: (order.index(one.section), -one.weight, *_place(one)))


def only(found: Sequence[Entry], verdicts: Collection[str]) -> list[Entry]:
    """The entries of these verdicts; all of them where none is named."""
    return [one for one in found if not verdicts or one.proof.verdict.value in verdicts]


def _said(proof: Proof, policy: Policy) -> tuple[object, ...]:
    """What proofs have in common that are told as one."""
    return (
        proof.question, proof.invariant, proof.model, proof.verdict, section_of(proof, policy), proof.condition,
        proof.rules, tuple((one.kind, one.text) for one in proof.unknown), bool(proof.defect), proof.witness is None,
    )  # fmt: skip


def _entry(same: Sequence[Proof], policy: Policy) -> Entry:
    first = same[0]
    held = holding(policy, first.model)
    audiences = sorted({label(one.audience) for one in same}, key=audience_rank)
    found = {one.mode for one in same}
    return Entry(
        section=section_of(first, policy),
        proof=first,
        audiences=tuple(audiences),
        modes=tuple(mode for mode in MODES if mode in found),
        weight=held.weight,
        holds=_signs(held),
        assumptions=tuple(dict.fromkeys(said for one in same for said in one.assumptions)),
        proofs=tuple(same),
    )


def _signs(held: Holding) -> str:
    """What makes a model weigh: the first few signs."""
    rest = len(held.signs) - _MOST_SIGNS
    return enumerated([*held.signs[:_MOST_SIGNS], *([f"{rest} more"] if rest > 0 else [])])


def _place(entry: Entry) -> tuple[object, ...]:
    proof = entry.proof
    return (proof.question, proof.invariant, proof.model, [audience_rank(one) for one in entry.audiences],
            [MODES.index(mode) for mode in entry.modes])  # fmt: skip


# -- words -----------------------------------------------------------------------------------------------------

_TITLES = {
    Section.GAP: ("Gaps", "records are reached that should not be, as far as definitions can tell"),
    Section.UNKNOWN: ("Not known", "it rests on something that can't be read"),
    Section.ABOUT_NOTHING: ("About no record", "no record could break the invariant, so it says nothing"),
    Section.REFERENCE: (
        "Open, about nobody",
        "any record is reached, but no field says that it is about somebody",
    ),
    Section.PUBLISHED: ("Published", "a stranger reads what is published"),
    Section.ISOLATED: ("Isolated", "proved"),
    Section.OF_ITSELF: ("Hold of themselves", "nobody may do it at all"),
    Section.NO_ACCESS: ("No access", "an access right is there, but no record can pass"),
}
_SORTS = {
    Sort.PUBLISHING: ", which is how records are published",
    Sort.PLAIN: ", whomever it belongs to",
    Sort.SHARED: ", which others have in common with the user",
    Sort.UNSET: ": nobody's record",
}
# The sort of several ways is that of the one that protects least.
_SORTS_OF_WAYS = {
    Sort.PUBLISHING: ", all of which are how records are published",
    Sort.PLAIN: ", whomever it belongs to",
    Sort.SHARED: ", at least one of which others have in common with the user",
    Sort.UNSET: ", at least one of which singles nobody out",
}


def title(section: Section) -> tuple[str, str]:
    """What a section is called, and what it means."""
    return _TITLES[section]


def counted(section: Section, count: int) -> str:
    """What a section's verdicts are called after their number: `gap` of one, `isolated` of any."""
    if count == 1 and section is Section.OF_ITSELF:
        return "holds of itself"
    called = title(section)[0].lower()
    return called.removesuffix("s") if count == 1 and section is Section.GAP else called


def audiences(entry: Entry) -> str:
    """`portal users and public visitors`."""
    words = [audience_label(one) for one in entry.audiences]
    return enumerated(word if "." in word else word[0].lower() + word[1:] for word in words)


_ABOUT = {"silo": ", of other companies", "separation": ", as promised"}


def heading(entry: Entry) -> str:
    """Whom it is about, and what was asked where that is not isolation: `portal users, of other companies`."""
    kept = entry.proof.question != "separation" or entry.section in (Section.ISOLATED, Section.OF_ITSELF)
    return f"{audiences(entry)}{_ABOUT.get(entry.proof.question, '') if kept else ''}"


def called(entry: Entry) -> str:
    """The model, behind the name of the invariant where it is about one."""
    return f"{entry.proof.invariant}: {entry.model}" if entry.proof.invariant else entry.model


def modes(entry: Entry) -> str:
    """`read, write`."""
    return ", ".join(mode.value for mode in entry.modes)


def verdict(proof: Proof, *, listed: bool = False) -> str:
    """What was decided, as a sentence without its full stop.

    `listed`: several conditions are not part of it, since `ways` follows.
    """
    said = _DECIDED[proof.question if proof.question in _DECIDED else "isolation"]
    if proof.verdict is Verdict.CONDITIONAL and proof.condition is not None:
        whose = proof.question == "isolation"
        what = "Broken" if proof.question == "separation" else "Conditional"
        return f"{what}: {condition(proof.condition, whose=whose, listed=listed)}"
    if proof.verdict is Verdict.OPEN and proof.condition is not None and proof.condition.user:
        return f"{said[Verdict.OPEN]}, {of_user(proof.condition)}"
    if proof.verdict is Verdict.UNKNOWN:
        why = "; ".join(one.text.rstrip(".") for one in proof.unknown)
        return f"Not known: {why or 'nothing says why'}"
    return said.get(proof.verdict, proof.verdict.value)


_DECIDED = {
    "isolation": {
        Verdict.OPEN: "Open: any record, whomever it belongs to",
        Verdict.CONDITIONAL: "Conditional: only some records",
        Verdict.ISOLATED: "Isolated: something ties every record that passes to the user",
        Verdict.NO_ACCESS: "No access: no record can pass",
    },
    "silo": {
        Verdict.OPEN: "Open: records of any company, those that the user does not work in too",
        Verdict.CONDITIONAL: "Conditional: only some records of other companies",
        Verdict.ISOLATED: "Isolated: no record of a company that the user does not work in",
        Verdict.NO_ACCESS: "No access: no record can pass",
    },
    "separation": {
        Verdict.OPEN: "Broken",
        Verdict.CONDITIONAL: "Broken for some records",
        Verdict.ISOLATED: "Holds",
        Verdict.NO_ACCESS: "Holds of itself: nobody may do it at all",
    },
}


def ways(proof: Proof) -> list[str]:
    """The conditions under which a record passes, where there are several."""
    alternatives = proof.condition.alternatives if proof.condition is not None else ()
    return [f"where {to_english(one)}" for one in alternatives] if len(alternatives) > 1 else []


def condition(found: Condition, *, whose: bool = True, listed: bool = False) -> str:
    """Under what condition a record passes: `where state is 'done', whomever it belongs to`.

    `whose`: say what the condition has to do with whose the record is. `listed`: as for `verdict`.
    """
    several = len(found.alternatives) > 1
    said = "in any of these ways" if several and listed else f"where {to_english(found.domain)}"
    sorts = _SORTS_OF_WAYS if several else _SORTS
    lacks = bool(found.user) and found.sort is Sort.UNSET  # what the user lacks says it all
    said += sorts[found.sort] if whose and not lacks else ""
    said += f", {of_user(found)}" if found.user else ""
    return said if found.complete else f"{said} (and in more ways than these)"


def of_user(found: Condition) -> str:
    """What a condition asks of the user: `for a user whose partner's parent is not set`.

    Where records pass in several ways, what is said of the user need not be asked by each of them, save for other
    groups to hold.
    """
    clauses = [_clause(one) for one in found.user]
    each = len(found.alternatives) < 2 or all(one.startswith(_HOLDS) for one in found.user)
    if not all(clauses):
        return f"{'' if each else 'in part only '}for a user of whom this is so: {enumerated(found.user)}"
    if each:
        return f"for a user {enumerated(clauses)}"
    return f"in part only for a user {enumerated(clauses, 'or')}"


def _clause(said: str) -> str:
    """`the user's country is set` as `whose country is set`; empty for what is not said of the user first."""
    for start, word in (("the user's ", "whose "), ("the user ", "who ")):
        if said.startswith(start):
            return word + said.removeprefix(start)
    return ""


def counts(found: Iterable[Entry]) -> Counter[Section]:
    """How many verdicts each section holds."""
    return Counter(one.section for one in found for _ in one.proofs)


def numbered(found: Iterable[Entry]) -> dict[str, int]:
    """The assumptions of all proofs, each with its number, in the order in which they are first needed."""
    said = dict.fromkeys(one for entry in found for one in entry.assumptions)
    return {one: place for place, one in enumerate(said, 1)}


def marks(entry: Entry, numbers: dict[str, int]) -> str:
    """The footnotes of an entry: `[1, 4]`; empty where it takes nothing for granted."""
    found = sorted(numbers[one] for one in entry.assumptions if one in numbers)
    return f"[{', '.join(map(str, found))}]" if found else ""


def definitions(proof: Proof, policy: Policy) -> list[AccessRight | RecordRule]:
    """What a proof rests on: the rules that decide, then the access rights that give the mode."""
    rules = {one.xmlid: one for one in policy.rules}
    found: list[AccessRight | RecordRule] = [rules[name] for name in proof.rules if name in rules]
    group = _GROUPS.get(proof.audience, proof.audience)
    if group in policy.groups or group in _LABELS:
        besides = proof.witness.groups if proof.witness is not None else ()
        subject = Subject(name=group, groups=closure(policy, (group, *besides)), kind="group")
        found += effective(policy, subject, proof.model, proof.mode).rights
    return found


def unknowns(found: Iterable[Entry]) -> Iterator[str]:
    """What stood in the way, a sentence each, once."""
    yield from dict.fromkeys(one.text for entry in found for one in entry.proof.unknown)
