"""Proofs for everything somebody would ask about a Policy, in an order that is the same from run to run."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from ostiary.policy import INTERNAL, MODES, Mode, Policy, Subject, closure
from ostiary.policy.audience import share_groups
from ostiary.policy.concerned import concerned
from ostiary.policy.effective import Effective, effective
from ostiary.policy.semantics import PORTAL, PUBLIC, USER_TYPES
from ostiary.prove.prover import WORDS, Prover
from ostiary.prove.silo import company_of
from ostiary.prove.verdict import Proof

if TYPE_CHECKING:
    from ostiary.prove.invariants import Invariant

Progress = Callable[[str, int, int], None]
_LABELS = {group: word for word, group in WORDS.items()}
_PHRASES = {
    PORTAL: "portal users",
    PUBLIC: "public visitors",
    INTERNAL: "internal users who hold no other group",
}
_ADMINISTRATORS = frozenset({"base.group_system", "base.group_erp_manager"})


class About(StrEnum):
    """What can be asked: whether strangers are kept out, whether companies are, whether promises hold."""

    ISOLATION = "isolation"
    SILO = "silo"
    SEPARATION = "separation"


@dataclass(frozen=True, slots=True)
class Task:
    """One question: about an audience, a model and a mode; or an invariant."""

    question: About
    audience: str = ""
    model: str = ""
    mode: Mode = Mode.READ
    invariant: Invariant | None = None


def proofs(
    policy: Policy,
    *,
    audiences: Iterable[str] | None = None,
    models: Iterable[str] | None = None,
    modes: Iterable[Mode] | None = None,
    questions: Iterable[str] = (About.ISOLATION,),
    invariants: Iterable[Invariant] = (),
    cross_check: bool = False,
    progress: Progress | None = None,
) -> Iterator[Proof]:
    """A proof for each audience, model and mode that an access right gives something of.

    `audiences` are `portal`, `public` or groups' external ids; by default the share groups, and for silos internal
    users too: those of `base.group_user` alone, and those of each group that a right or a rule of the model names. A
    group of somebody's own is asked about only where it is left more, or less, than the portal, public or internal
    users whose group it implies. `models` are names or patterns with `*`; by default those that the modules
    asked about concern, save for modules made for tests. `invariants` are asked about where `questions` holds
    `separation`.

    In order of question, audience, model and mode. Raises UnknownSubject for a group that is not there, and
    Disagreement where `cross_check` finds two solvers that do not agree.
    """
    wanted = tasks(
        policy, audiences=audiences, models=models, modes=modes, questions=questions, invariants=invariants
    )
    with Prover(policy, cross_check=cross_check) as prover:
        for done, task in enumerate(wanted):
            if progress is not None:
                progress("Proving", done, len(wanted))
            yield _asked(prover, task)
    if progress is not None:
        progress("Proving", len(wanted), len(wanted))


def tasks(
    policy: Policy,
    *,
    audiences: Iterable[str] | None = None,
    models: Iterable[str] | None = None,
    modes: Iterable[Mode] | None = None,
    questions: Iterable[str] = (About.ISOLATION,),
    invariants: Iterable[Invariant] = (),
) -> list[Task]:
    """What `proofs` asks, in its order."""
    asked = {About(one) for one in questions}
    chosen = None if audiences is None else list(dict.fromkeys(audiences))
    names = chosen_models(policy, models)
    which = [mode for mode in MODES if modes is None or mode in set(modes)]
    found: list[Task] = []
    if About.ISOLATION in asked:
        found += _isolation(policy, chosen, names, which)
    if About.SILO in asked:
        found += _silos(policy, chosen, names, which)
    if About.SEPARATION in asked:
        found += [Task(About.SEPARATION, invariant=one) for one in invariants]
    return found


def nothing_asked(
    policy: Policy,
    *,
    audiences: Iterable[str] | None = None,
    models: Iterable[str] | None = None,
    questions: Iterable[str] = (About.ISOLATION,),
) -> str:
    """Why `tasks` found nothing to ask, as a sentence. The arguments are as for `tasks`."""
    asked = {About(one) for one in questions}
    if asked == {About.SEPARATION}:
        return "Nothing was asked: there is no invariant."
    names = chosen_models(policy, models)
    if not names:
        which = (
            "the modules asked about concern no model with records"
            if models is None
            else "no model with records is left"
        )
        return f"Nothing was asked: {which}."
    if asked <= {About.SILO, About.SEPARATION} and not any(company_of(policy, one) for one in names):
        return "Nothing was asked: none of these models belongs to a company."
    groups = dict.fromkeys(WORDS.get(one, one) for one in audiences or ())
    whom = " or ".join(_PHRASES.get(one, f"users of {one}") for one in groups) or "these audiences"
    where = names[0] if len(names) == 1 else f"any of these {len(names):,} models"
    return f"Nothing was asked: no access right gives {whom} what was asked about on {where}."


def chosen_models(policy: Policy, patterns: Iterable[str] | None = None) -> list[str]:
    """The models that hold records and have such names, sorted; without patterns, those that matter."""
    if patterns is None:
        names = concerned(policy, tests=False) & policy.models.keys()
    else:
        wanted = list(patterns)
        names = {name for name in policy.models if any(fnmatchcase(name, one) for one in wanted)}
    return sorted(name for name in names if not policy.models[name].abstract)


def default_audiences(policy: Policy) -> list[str]:
    """`portal`, `public` and the share groups of somebody's own."""
    return [_LABELS.get(group, group) for group in share_groups(policy)]


def _isolation(policy: Policy, chosen: list[str] | None, models: list[str], modes: list[Mode]) -> list[Task]:
    audiences = default_audiences(policy) if chosen is None else chosen
    return [
        Task(About.ISOLATION, audience, model, mode)
        for audience in audiences
        for model in models
        for mode in modes
        if _worth_asking(policy, audience, model, mode, alone=chosen is None)
    ]


def _silos(policy: Policy, chosen: list[str] | None, models: list[str], modes: list[Mode]) -> list[Task]:
    belonging = [model for model in models if company_of(policy, model) is not None]
    inside = {model: internal_groups(policy, model) for model in belonging} if chosen is None else {}
    groups = sorted({group for named in inside.values() for group in named})
    audiences = [INTERNAL, *groups, *default_audiences(policy)] if chosen is None else chosen
    return [
        Task(About.SILO, audience, model, mode)
        for audience in audiences
        for model in belonging
        if audience not in groups or audience in inside[model]
        for mode in modes
        if _worth_asking(policy, audience, model, mode, alone=chosen is None)
    ]


def internal_groups(policy: Policy, model: str) -> frozenset[str]:
    """The groups that access rights and record rules of a model name, `base.group_user` and administrators apart.

    Groups from outside are none of them, nor those that Odoo lets nobody have.
    """
    named = {right.group for right in policy.rights_by_model.get(model, ()) if right.group}
    named |= {link.group for rule in policy.rules_by_model.get(model, ()) for link in rule.groups}
    return frozenset(
        group
        for group in named & policy.groups.keys() - {INTERNAL}
        if (_ADMINISTRATORS | {PORTAL, PUBLIC}).isdisjoint(closure(policy, (group,)))
    )


def _worth_asking(policy: Policy, audience: str, model: str, mode: Mode, *, alone: bool) -> bool:
    """Whether an access right gives the audience something, or may.

    `alone`: and where it is a group of somebody's own, other than what portal, public or internal users are left.
    """
    group = WORDS.get(audience, audience)
    found = effective(policy, Subject.of_group(policy, group), model, mode)
    if not found.rights and not found.unknowns:
        return False
    if not alone or group in (PORTAL, PUBLIC, INTERNAL):
        return True
    implied = [one for one in USER_TYPES if one in closure(policy, (group,))]
    return not any(
        _same(found, effective(policy, Subject.of_group(policy, one), model, mode)) for one in implied
    )


def _same(first: Effective, second: Effective) -> bool:
    return first.domain == second.domain and first.unknowns == second.unknowns and bool(second.rights)


def _asked(prover: Prover, task: Task) -> Proof:
    if task.invariant is not None:
        return prover.separation(task.invariant)
    if task.question is About.SILO:
        return prover.silo(task.audience, task.model, task.mode)
    return prover.isolation(task.audience, task.model, task.mode)
