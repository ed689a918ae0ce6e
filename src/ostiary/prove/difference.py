"""What a change of definitions newly grants, and what it takes away: two Policies compared by logic."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from ostiary.domain import FALSE, Domain
from ostiary.policy import MODES, AccessRight, Mode, Policy, RecordRule, Subject
from ostiary.policy.audience import share_groups
from ostiary.policy.effective import Effective, Unknown, effective
from ostiary.policy.memo import remembered
from ostiary.policy.rules import parents_of
from ostiary.policy.semantics import INTERNAL, PORTAL, PUBLIC
from ostiary.prove.encode import TooLarge
from ostiary.prove.isolation import nice
from ostiary.prove.prover import WORDS, Asking, Prover
from ostiary.prove.question import Question, asked
from ostiary.prove.solver import Solver
from ostiary.prove.verdict import Change, Difference, Witness
from ostiary.prove.witness import Story

Progress = Callable[[str, int, int], None]
_FOLLOWED = frozenset({"opaque", "python-search"})
_LABELS = {group: word for word, group in WORDS.items()}


def differences(
    old: Policy,
    new: Policy,
    *,
    audiences: Iterable[str] | None = None,
    models: Iterable[str] | None = None,
    modes: Iterable[Mode] = MODES,
    progress: Progress | None = None,
    cross_check: bool = False,
) -> Iterator[Difference]:
    """How what each audience may do changed, where it is not equivalent; in order of audience, model and mode.

    `audiences` are `portal`, `public` or external ids of groups; by default the share groups of either side, internal
    users, and the groups that a changed definition names. Each is somebody who holds the group and what it implies. A
    group that one side lacks gives nothing there. Domains that read alike are taken for equal, also between two
    versions of Odoo that read them differently in some corner. Raises Disagreement where two solvers do not agree.
    """
    with Prover(old, cross_check=cross_check) as before, Prover(new, cross_check=cross_check) as after:
        comparison = Comparison(before, after)
        chosen = list(audiences) if audiences is not None else default_audiences(old, new)
        wanted = sorted(models) if models is not None else sorted({*old.models, *new.models})
        for place, audience in enumerate(chosen):
            if progress is not None:
                progress(f"Comparing what {audience} may do", place, len(chosen))
            for model in wanted:
                for mode in modes:
                    found = comparison.of(audience, model, mode)
                    if found.change is not Change.EQUIVALENT:
                        yield found


def default_audiences(old: Policy, new: Policy) -> list[str]:
    """The share groups of either side, internal users, and the groups that a changed definition is about."""
    shares = dict.fromkeys([PORTAL, PUBLIC, *share_groups(old), *share_groups(new)])
    named = {group for xmlid in _changed(old, new) for side in (old, new) for group in _groups(side, xmlid)}
    others = sorted(named - shares.keys() - {INTERNAL})
    return [*(_LABELS.get(group, group) for group in shares), INTERNAL, *others]


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two Policies, asked about one audience: `subject` and `found` are None where it has none such."""

    prover: Prover
    subject: Subject | None
    found: Effective | None

    @property
    def grants(self) -> bool:
        """Whether an access right gives anything at all."""
        return self.found is not None and bool(self.found.rights)

    @property
    def domain(self) -> Domain:
        return self.found.domain if self.found is not None and self.grants else FALSE


@dataclass(frozen=True, slots=True)
class Asked:
    """A question about both sides. `gained` and `lost` are named parts: what passes on one side and fails on the other,
    and the other way round. `nice` makes a witness easy to believe."""

    question: Question
    solver: Solver
    gained: list[str]
    lost: list[str]
    nice: list[tuple[str, ...]]


class Comparison:
    """Two provers, asked about the same audiences."""

    def __init__(self, before: Prover, after: Prover) -> None:
        self.before = before
        self.after = after
        self._changed = _changed(before.policy, after.policy)

    def of(self, audience: str, model: str, mode: Mode) -> Difference:
        """What changed for an audience, a model and a mode."""
        old = self._side(self.before, audience, model, mode)
        new = self._side(self.after, audience, model, mode)
        blank = Difference(model, audience, mode, Change.EQUIVALENT)
        if self._alike(model, old, new):
            return blank
        blank = msgspec.structs.replace(blank, causes=self._causes(model, old.found, new.found))
        sides = [one.found for one in (old, new) if one.found is not None]
        obstacles = [one for side in sides for one in side.unknowns if one.kind not in _FOLLOWED]
        if obstacles:
            unknown = tuple(dict.fromkeys(obstacles))
            return msgspec.structs.replace(blank, change=Change.UNKNOWN, unknown=unknown)
        try:
            put = asked(lambda texts: self._put(blank, old, new, texts))
        except TooLarge:
            return _unknown(blank, "too-large", "the question comes to more than a solver should be given")
        return self._decided(blank, old, new, put)

    def _side(self, prover: Prover, audience: str, model: str, mode: Mode) -> Side:
        group = WORDS.get(audience, audience)
        known = group in prover.policy.groups or group in (PORTAL, PUBLIC, INTERNAL)
        subject = prover.subject(audience) if known else None
        definition = prover.policy.models.get(model)
        if subject is None or definition is None or definition.abstract:
            return Side(prover, subject, None)
        return Side(prover, subject, effective(prover.policy, subject, model, mode))

    def _alike(self, model: str, old: Side, new: Side) -> bool:
        """Whether both sides read the same, so that nothing has to be decided."""
        if not old.grants and not new.grants:
            return True  # nothing that was read gives anything, on either side
        if old.grants is not new.grants or old.domain != new.domain:
            return False
        return self.before.expanded(model, old.domain) == self.after.expanded(model, new.domain)

    def _put(self, blank: Difference, old: Side, new: Side, texts: bool) -> Asked:
        model, mode = blank.model, blank.mode
        main, other = (new, old) if model in self.after.policy.models else (old, new)
        subject = main.subject or other.subject
        assert subject is not None
        question = Question(main.prover.schema, model, texts=texts, fold=main.prover.folding(subject))
        question.is_somebody(subject)
        encoders = question.also(other.prover.schema, other.prover.folding(other.subject or subject))

        def part(side: Side, positive: bool) -> str:
            about = None if side is main else encoders
            return question.part(question.passes(side.domain, mode, positive, encoders=about))

        gained = [part(new, True), part(old, False)]
        lost = [part(old, True), part(new, False)]
        believable = list(nice(question, main.prover.policy, model))
        solver = question.solver(second=main.prover.cross_check)
        return Asked(question, solver, gained, lost, believable)

    def _decided(self, blank: Difference, old: Side, new: Side, put: Asked) -> Difference:
        more, unread_more = _possible(put.solver, put.gained)
        less, unread_less = _possible(put.solver, put.lost)
        if more is None or less is None:
            unknown = tuple(dict.fromkeys((*unread_more, *unread_less)))
            return msgspec.structs.replace(blank, change=Change.UNKNOWN, unknown=unknown)
        found = msgspec.structs.replace(blank, change=_CHANGES[more, less])
        for wanted, name in ((more, "gained"), (less, "lost")):
            if wanted:
                passing, failing = (new, old) if name == "gained" else (old, new)
                parts = put.gained if name == "gained" else put.lost
                witness, said = self._witness(found, put, parts, passing, failing)
                if said is not True:
                    return _refused(found, said)
                found = msgspec.structs.replace(found, **{name: witness})
        return found

    def _witness(
        self, about: Difference, put: Asked, parts: list[str], passing: Side, failing: Side
    ) -> tuple[Witness | None, bool | str]:
        """A record that passes on one side and not on the other, as `records` confirm for both."""
        assert passing.subject is not None
        models = set(put.question.world.records) - {"website"}

        def stopped(story: Story, witness: Witness) -> bool | str:
            if failing.subject is None or about.model not in failing.prover.policy.models:
                return True
            stage = failing.prover.stage
            other = stage.ask(failing.subject, about.model, about.mode, witness, models)
            again = story.asked_exactly(about.model, failing.domain) if isinstance(other, str) else None
            if again is not None:
                other = stage.ask_domain(failing.subject, about.model, about.mode, witness, again)
            return not other if isinstance(other, bool) else other

        asking = Asking(about.model, about.mode, passing.subject, passing.domain)
        told = passing.prover.witness(put.question, put.solver, asking, parts, put.nice, elsewhere=stopped)
        return told.witness, told.said

    def _causes(self, model: str, was: Effective | None, is_: Effective | None) -> tuple[str, ...]:
        """The definitions that say something else on one side, or are not there; else those that bind on one side
        only, as where a group came to imply another."""
        sides: list[dict[str, Any]] = [
            {one.xmlid: one for one in (side.definitions if side else ())} for side in (was, is_)
        ]
        used = {*sides[0], *sides[1]}
        changed = sorted(used & self._changed.keys())
        if changed:
            return tuple(changed)
        one_sided = sorted(xmlid for xmlid in used if (xmlid in sides[0]) is not (xmlid in sides[1]))
        if one_sided:
            return tuple(one_sided)
        about = {model, *parents_of(self.after.policy, model)}
        return tuple(sorted(xmlid for xmlid in self._changed if self._changed[xmlid] in about))


_CHANGES = {
    (True, True): Change.INCOMPARABLE,
    (True, False): Change.MORE,
    (False, True): Change.LESS,
    (False, False): Change.EQUIVALENT,
}


def _possible(solver: Solver, parts: list[str]) -> tuple[bool | None, tuple[Unknown, ...]]:
    """Whether the parts can be so at once; None where that hangs on what can't be read, which is named."""
    if solver.check(parts):
        return True, ()
    core = set(solver.core())
    if solver.check(parts, guess=True) is False:
        return False, ()
    opaques = list(solver.world.opaques.values())
    needed = [one for one in opaques if one.guess in core] or opaques
    found = [Unknown("opaque", one.why, one.name) for one in needed]
    return None, tuple(dict.fromkeys(found)) or (Unknown("solver", "the solver gave up"),)


def _refused(found: Difference, said: bool | str) -> Difference:
    if isinstance(said, str):
        return _unknown(found, "not-replayed", said)
    text = (
        "a record that should tell the two sides apart does not, when it is put into tables: "
        f"{found.audience} {found.mode} {found.model}"
    )
    return msgspec.structs.replace(_unknown(found, "defect", text), defect=text)


def _unknown(blank: Difference, kind: str, text: str) -> Difference:
    return msgspec.structs.replace(
        blank, change=Change.UNKNOWN, gained=None, lost=None, unknown=(Unknown(kind, text),)
    )


def _changed(old: Policy, new: Policy) -> dict[str, str]:
    """The access rights and record rules that one side lacks or has otherwise, with the model of each."""
    sides = [_defined(side) for side in (old, new)]
    found: dict[str, str] = {}
    for xmlid in {*sides[0], *sides[1]}:
        first, second = sides[0].get(xmlid), sides[1].get(xmlid)
        if first is None or second is None or _says(first) != _says(second):
            one = second or first
            assert one is not None
            found[xmlid] = one.model
    return found


def _defined(policy: Policy) -> Mapping[str, AccessRight | RecordRule]:
    """The access rights and record rules of a Policy by external id."""

    def find() -> dict[str, AccessRight | RecordRule]:
        rights: dict[str, AccessRight | RecordRule] = {one.xmlid: one for one in policy.rights}
        return rights | {one.xmlid: one for one in policy.rules}

    return remembered(policy, ("defined",), find)


def _says(definition: AccessRight | RecordRule) -> tuple[object, ...]:
    """What a definition says, wherever it stands."""
    if isinstance(definition, AccessRight):
        return (definition.model, definition.group, frozenset(definition.modes), definition.active)
    groups = frozenset(definition.group_names)
    return (definition.model, definition.domain, groups, frozenset(definition.modes), definition.active)


def _groups(policy: Policy, xmlid: str) -> Iterator[str]:
    found = _defined(policy).get(xmlid)
    if isinstance(found, RecordRule):
        yield from found.group_names
    elif found is not None and found.group:
        yield found.group
