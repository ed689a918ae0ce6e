"""Decisions: a subject, a question, a verdict, and the tree of reasons behind it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from ostiary.domain import FALSE, TRUE, Domain, Subdomain, Term, conjunction, normalize, truth
from ostiary.policy.definitions import MODES, Mode
from ostiary.policy.effective import Effective, Verdict, effective, relevant_groups, verdict_of
from ostiary.policy.fields import UnknownField, field_groups, models_behind
from ostiary.policy.groups import DEBUG_GROUP, closure, named_groups
from ostiary.policy.judge import Judge, Outcome
from ostiary.policy.menus import MENU_MODEL, ancestors, menu_visibility
from ostiary.policy.policy import Policy
from ostiary.policy.question import BadQuestion, Question
from ostiary.policy.reasons import (
    CAVEATS,
    Reason,
    capital,
    caveats,
    group_caveats,
    rights_reason,
    rules_reason,
    settled,
    superuser_reason,
    texts,
)
from ostiary.policy.reasons_visible import behind_reasons, field_reason, menu_reasons
from ostiary.policy.semantics import USER_TYPES
from ostiary.policy.subject import Subject

_SIGN = {Verdict.ALLOWED: True, Verdict.DENIED: False, Verdict.FILTERED: None, Verdict.UNKNOWN: None}


class Decision(msgspec.Struct, frozen=True, omit_defaults=True):
    """The answer to one question for one subject.

    `verdict` is `filtered` where only the records that `domain` selects are meant: in Odoo's notation, and in
    English as `english`. `reason` is the tree behind it. `caveats` are the sentences in it that say what
    isn't settled by definitions. `follows` is set by `who`: a group that this one implies and that has the
    same answer for the same reasons. For stable JSON use `msgspec.json.encode(decision, order="deterministic")`.
    """

    question: Question
    subject: Subject
    verdict: Verdict
    reason: Reason
    domain: str | None = None
    english: str | None = None
    follows: str | None = None
    nearest: str | None = None

    @property
    def caveats(self) -> tuple[str, ...]:
        """What definitions alone don't settle: one sentence each."""
        return tuple(one.text for one in self.reason.children if one.kind in CAVEATS)


def decide(
    policy: Policy, subject: Subject, question: Question, debug: bool = False, judge: Judge | None = None
) -> Decision:
    """May the subject do this, and why? The tree of reasons is the same on allow and on deny.

    `debug` is whether the user's session is in debug mode, which makes `base.group_no_one` count. Questions
    are about a model as a whole: where rules leave some of its records the verdict is `filtered`. One about a
    record needs a `judge` that can look at it, made for this subject, mode and record; BadQuestion without.
    """
    if question.menu is not None:
        return _about_menu(policy, subject, question, debug)
    if question.record is not None and judge is None:
        raise BadQuestion(
            f"Whether one record is let through shows only where records are: ask '{question}' of a database, "
            "as a user of it."
        )
    assert question.model is not None
    assert question.mode is not None
    found = effective(policy, subject, question.model, question.mode, debug)
    verdict, domain = found.verdict, found.domain
    children: list[Reason] = []
    if subject.superuser:
        children.append(superuser_reason(subject))
    elif question.field is not None:
        children.append(
            field_reason(policy, subject, question.model, question.field, question.mode, debug=debug)
        )
        children.extend(behind_reasons(policy, subject, question.model, question.field, question.mode))
        verdict, domain = _with_field(policy, subject, question, found, children)
    if not subject.superuser:
        children.append(rights_reason(policy, subject, question.model, question.mode))
        if children[-1].verdict is not False:
            children.append(
                rules_reason(policy, subject, question.model, question.mode, debug=debug, judge=judge)
            )
    outcome = judge.outcome() if judge is not None else None
    if outcome is not None:
        open_ = question.field is not None and _field_open(policy, subject, question, children)
        verdict, domain = _of_record(verdict, outcome, open_), TRUE
        children.extend(outcome.notes)
        if outcome.allowed is not None:
            found = settled(found)
    children.extend(caveats(policy, subject, question.model, question.mode, found))
    odoo, english = (None, None) if truth(domain) is not None else texts(domain)
    text = _sentence(subject, question, verdict)
    reason = Reason("decision", _SIGN[verdict], text, str(question), None, odoo, english, tuple(children))
    return Decision(
        question, subject, verdict, reason, odoo, english, nearest=outcome.nearest if outcome else None
    )


def _of_record(verdict: Verdict, outcome: Outcome, field_open: bool) -> Verdict:
    """The verdict on one record, from that on the model or field as a whole and what was found of the record."""
    if outcome.allowed is False or (verdict is Verdict.DENIED and not outcome.overrules):
        return Verdict.DENIED
    if outcome.allowed is None or field_open:
        return Verdict.UNKNOWN
    return Verdict.ALLOWED


def _field_open(policy: Policy, subject: Subject, question: Question, reasons: Iterable[Reason]) -> bool:
    """Whether it rests on more than the record whether its field may be used: groups that were not read, or the
    rules of another model that the value comes from."""
    assert question.model is not None
    assert question.mode is not None
    assert question.field is not None
    if any(reason.verdict is None for reason in reasons if reason.kind != "record-rules"):
        return True
    behind = models_behind(policy, question.model, question.field)
    return any(
        effective(policy, subject, one.model, question.mode).verdict is not Verdict.ALLOWED
        for one in behind
        if not one.delegated
    )


def _with_field(
    policy: Policy, subject: Subject, question: Question, found: Effective, reasons: list[Reason]
) -> tuple[Verdict, Domain]:
    """The verdict on a field and the records it holds for, from that on the model's records."""
    assert question.model is not None
    assert question.mode is not None
    assert question.field is not None
    verdict, domain = found.verdict, found.domain
    if verdict is Verdict.DENIED or any(reason.verdict is False for reason in reasons):
        return Verdict.DENIED, FALSE
    for behind in models_behind(policy, question.model, question.field):
        there = effective(policy, subject, behind.model, question.mode)
        if behind.delegated:
            continue
        if there.verdict is Verdict.UNKNOWN:
            verdict = Verdict.UNKNOWN
        if truth(there.domain) is not True:
            domain = normalize(conjunction((domain, Term(behind.path, "any", Subdomain(there.domain)))))
    if verdict is Verdict.UNKNOWN or any(reason.verdict is None for reason in reasons):
        return Verdict.UNKNOWN, domain
    return verdict_of(domain), domain


def _sentence(subject: Subject, question: Question, verdict: Verdict) -> str:
    who, target = capital(subject.phrase), question.target
    match verdict:
        case Verdict.ALLOWED if question.record is not None:
            return f"{who} may {question.mode} {target}."
        case Verdict.ALLOWED if question.field:
            return f"{who} may {question.mode} {target} on any record."
        case Verdict.ALLOWED:
            return f"{who} may {question.mode} any record of {target}."
        case Verdict.FILTERED if question.field:
            return f"{who} may {question.mode} {target} only on the records that the rules select."
        case Verdict.FILTERED:
            return f"{who} may {question.mode} only those records of {target} that the rules select."
        case Verdict.DENIED:
            return f"{who} may not {question.mode} {target}."
    return f"Whether {subject.phrase} may {question.mode} {target} is not known."


def _about_menu(policy: Policy, subject: Subject, question: Question, debug: bool) -> Decision:
    xmlid = question.menu
    assert xmlid is not None
    found = menu_visibility(policy, subject, debug)
    path = (xmlid, *ancestors(policy, xmlid))
    who = capital(subject.phrase)
    if all(menu in found.visible for menu in path):
        verdict, text = Verdict.ALLOWED, f"{who} sees menu {xmlid}."
    elif all(menu in found.visible or menu in found.unknown or menu not in policy.menus for menu in path):
        verdict, text = Verdict.UNKNOWN, f"Whether {subject.phrase} sees menu {xmlid} is not known."
    else:
        verdict, text = Verdict.DENIED, f"{who} does not see menu {xmlid}."
    text += " A menu hides; it protects nothing."
    children = (*menu_reasons(policy, subject, xmlid, debug), *group_caveats(subject))
    origin = policy.menus[xmlid].origin
    reason = Reason("decision", _SIGN[verdict], text, str(question), origin, children=children)
    return Decision(question, subject, verdict, reason)


def who(policy: Policy, question: Question, debug: bool = False) -> list[Decision]:
    """Who may: a decision for each user type, and for each group that makes a difference.

    A group makes a difference where the definitions behind the question name it or one that it implies, or
    where its answer is another than that of somebody without groups. Where anybody may, every group is there.
    A decision that another group of the list already brings names it in `follows`. The three user types come
    first, then groups by name.
    """
    relevant = _groups_behind(policy, question)
    nobody = decide(policy, Subject("nobody", frozenset()), question, debug).verdict
    first: dict[frozenset[str], list[str]] = {}
    found: dict[str, Decision] = {}
    for xmlid in sorted(policy.groups, key=lambda name: (len(closure(policy, (name,))), name)):
        closed = closure(policy, (xmlid,))
        reach = closed & relevant
        decision = decide(policy, Subject.of_group(policy, xmlid), question, debug)
        anybody = nobody in (Verdict.ALLOWED, Verdict.FILTERED)
        if not (reach or anybody or decision.verdict is not nobody or xmlid in USER_TYPES):
            continue
        found[xmlid] = decision
        leaders = first.setdefault(reach, [])
        for leader in leaders:
            if leader in closed and found[leader].verdict is decision.verdict:
                found[xmlid] = msgspec.structs.replace(decision, follows=leader)
                break
        else:
            leaders.append(xmlid)
    types = [name for name in USER_TYPES if name in found]
    return [found[name] for name in (*types, *sorted(set(found) - set(types)))]


def _groups_behind(policy: Policy, question: Question) -> frozenset[str]:
    """Every group that the definitions behind a question name."""
    if question.menu is not None:
        return frozenset(_groups_behind_menu(policy, question.menu))
    assert question.model is not None
    assert question.mode is not None
    names = relevant_groups(policy, question.model, question.mode)
    if question.field is None:
        return names
    try:
        return names | {*named_groups(field_groups(policy, question.model, question.field).spec)}
    except UnknownField:
        return names


def _groups_behind_menu(policy: Policy, xmlid: str) -> Iterator[str]:
    yield from relevant_groups(policy, MENU_MODEL, Mode.READ)
    for name in (xmlid, *ancestors(policy, xmlid)):
        menu = policy.menus.get(name)
        if menu is None:
            continue
        yield from (link.group for link in menu.groups if link.group != DEBUG_GROUP)
        action = policy.actions.get(menu.action or "")
        if action is not None and action.model is not None:
            yield from (right.group for right in policy.rights_by_model.get(action.model, ()) if right.group)


class Row(msgspec.Struct, frozen=True):
    """One line of the matrix: what one subject may do with one model, by mode."""

    subject: str
    model: str
    verdicts: dict[Mode, Verdict]


def matrix(policy: Policy, subjects: Iterable[Subject], models: Iterable[str] | None = None) -> list[Row]:
    """The verdict of every subject on every model (by default those that have records) in every mode.

    Rows come by model, then in the subjects' order. A verdict is the one `decide` gives.
    """
    names = (
        sorted(models)
        if models is not None
        else sorted(name for name, model in policy.models.items() if not model.abstract)
    )
    people = list(subjects)
    return [
        Row(subject.name, model, {mode: effective(policy, subject, model, mode).verdict for mode in MODES})
        for model in names
        for subject in people
    ]
