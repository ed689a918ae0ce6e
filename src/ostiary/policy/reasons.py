"""Reasons: one tree of sentences that says how a decision came about, on allow and on deny alike."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import msgspec

from ostiary.domain import Domain, fold, to_english, to_odoo, truth
from ostiary.policy.definitions import AccessRight, Implication, Mode, RecordRule
from ostiary.policy.effective import Effective, answer
from ostiary.policy.faults import faults
from ostiary.policy.groups import chain, user_type_conflict
from ostiary.policy.judge import Judge, Judgement
from ostiary.policy.logic import all_of, any_of
from ostiary.policy.origin import Origin
from ostiary.policy.policy import Policy
from ostiary.policy.rights import may, model_unread, rights_on, summary_of, uncertain_rights
from ostiary.policy.rules import ApplicableRules, applicable, parents_of
from ostiary.policy.semantics import PUBLIC
from ostiary.policy.subject import Subject, holds


class Reason(msgspec.Struct, frozen=True, omit_defaults=True):
    """One sentence of an explanation, with the definition it is about and what it rests on.

    `kind` is a stable word (`access-right`, `record-rule`, `implication`, ...); with `name`, the definition's
    external id, it identifies the reason. `verdict` is True where this speaks for the question, False where
    it speaks against it, None where it depends on the record or is not known. `domain` is in Odoo's notation,
    `english` says the same.
    """

    kind: str
    verdict: bool | None
    text: str
    name: str = ""
    origin: Origin | None = None
    domain: str | None = None
    english: str | None = None
    children: tuple[Reason, ...] = ()


def capital(text: str) -> str:
    return text[:1].upper() + text[1:]


# ------------------------------------------------------------------------------------ groups


def how_held(policy: Policy, subject: Subject, group: str) -> tuple[Reason, ...]:
    """How the subject comes to hold a group: membership and each implied link on the shortest way."""
    if subject.user is None:
        return tuple(_implications(subject.name, chain(policy, subject.name, group) or ()))
    best: tuple[Reason, ...] | None = None
    for link in subject.user.groups:
        links = () if link.group == group else chain(policy, link.group, group)
        if links is None:
            continue
        if best is None or len(links) + 1 < len(best):
            text = f"{capital(subject.phrase)} is a member of {link.group}."
            member = Reason("membership", True, text, link.group, link.origin)
            best = (member, *_implications(link.group, links))
    return best or ()


def _implications(start: str, links: tuple[Implication, ...]) -> Iterator[Reason]:
    for link in links:
        yield Reason("implication", True, f"{start} implies {link.group}.", link.group, link.origin)
        start = link.group


def group_reason(policy: Policy, subject: Subject, group: str) -> Reason:
    """Whether the subject holds a group, and how."""
    held = holds(policy, subject, group)
    verb = "holds" if held else "may hold" if held is None else "does not hold"
    how = how_held(policy, subject, group) if held else ()
    return Reason("group", held, f"{capital(subject.phrase)} {verb} {group}.", group, children=how)


# ------------------------------------------------------------------------------------ access rights


def rights_reason(policy: Policy, subject: Subject, model: str, mode: Mode) -> Reason:
    """What access rights say: those that grant, or, where none does, why each that could does not."""
    if subject.superuser:
        return superuser_reason(subject)
    verdict = may(policy, subject, model, mode)
    rights = rights_on(policy, model, mode)
    rights += tuple(right for right in uncertain_rights(policy, model) if right not in rights)
    reasons = [_right_reason(policy, subject, right, mode) for right in rights]
    if verdict is True:
        text = f"Access rights give {subject.phrase} {mode} on {model}."
        reasons = [reason for reason in reasons if reason.verdict]
    else:
        reasons += [
            reason
            for right in policy.rights
            if right.model == model and not right.uncertain
            if (reason := _useless_right(subject, right, mode)) is not None
        ]
        text = f"No access right gives {subject.phrase} {mode} on {model}, and what none gives is denied."
        if verdict is None:
            text = f"No access right that was read certainly gives {subject.phrase} {mode} on {model}."
    return Reason("access-rights", verdict, text, model, children=tuple(reasons))


def superuser_reason(subject: Subject) -> Reason:
    text = f"{capital(subject.phrase)} passes every access right, record rule and field group."
    return Reason("superuser", True, text, subject.name)


def _right_reason(policy: Policy, subject: Subject, right: AccessRight, mode: Mode) -> Reason:
    if right.uncertain:
        text = f"Access right {right.xmlid} may give {mode}: a value in it could not be read."
        return Reason("access-right", None, text, right.xmlid, right.origin)
    if right.group is None:
        text = f"Access right {right.xmlid} gives {mode} to every user: it has no group."
        return Reason("access-right", True, text, right.xmlid, right.origin)
    held = holds(policy, subject, right.group)
    if held:
        text = f"Access right {right.xmlid} gives {mode} to {right.group}."
        how = how_held(policy, subject, right.group)
        return Reason("access-right", True, text, right.xmlid, right.origin, children=how)
    verb = "may hold" if held is None else "does not hold"
    text = f"Access right {right.xmlid} gives {mode} to {right.group}, which {subject.phrase} {verb}."
    return Reason("access-right", held, text, right.xmlid, right.origin)


def _useless_right(subject: Subject, right: AccessRight, mode: Mode) -> Reason | None:
    """A row that is the subject's but doesn't help: it is archived, or gives other modes."""
    if right.group is not None and right.group not in subject.groups:
        return None
    if mode in right.modes and not right.active:
        text = f"Access right {right.xmlid} would give {mode}, but is archived."
    elif mode not in right.modes and right.active:
        given = ", ".join(right.modes) or "nothing"
        text = f"Access right {right.xmlid} gives {given}, not {mode}."
    else:
        return None
    return Reason("access-right", False, text, right.xmlid, right.origin)


# ------------------------------------------------------------------------------------ record rules


def rules_reason(
    policy: Policy, subject: Subject, model: str, mode: Mode, *, debug: bool, judge: Judge | None = None
) -> Reason:
    """What record rules say of the model's records, or of the one that the judge looks at."""
    rules = applicable(policy, subject, model, mode)

    def explain(rule: RecordRule, links: tuple[str, ...]) -> Reason:
        found = judge.rule(rule, links) if judge is not None else None
        return _rule_reason(policy, subject, rule, debug, found)

    reasons = tuple(_parts(model, mode, subject.phrase, rules, explain))
    if not reasons:
        others = [rule.xmlid for rule in policy.rules_by_model.get(model, ()) if mode in rule.modes]
        text = f"No record rule binds {subject.phrase} here, so every record is let through."
        if others:
            text += f" Rules of groups they do not hold do not restrict: {', '.join(others)}."
        if rules.uncertain or model_unread(policy, model) or summary_of(policy, model):
            text = f"No record rule that was read certainly binds {subject.phrase} here."
            return Reason("record-rules", None, text, model)
        return Reason("record-rules", True, text, model)
    verdict = all_of(reason.verdict for reason in reasons)
    text = f"Record rules decide which records of {model} {subject.phrase} may {mode}."
    if judge is not None:
        text = f"Record rules {_RULES_OF_ONE[verdict]}."
    return Reason("record-rules", verdict, text, model, children=reasons)


Explain = Callable[[RecordRule, tuple[str, ...]], Reason]


def _parts(
    model: str,
    mode: Mode,
    phrase: str,
    rules: ApplicableRules,
    explain: Explain,
    *,
    links: tuple[str, ...] = (),
) -> Iterator[Reason]:
    """The rules of a model by what must accept a record: one group rule, every global rule, every parent."""
    if rules.group:
        each = tuple(explain(rule, links) for rule in rules.group)
        text = f"Of the group rules on {model} that bind {phrase}, one must accept the record."
        yield Reason("group-rules", any_of(one.verdict for one in each), text, model, children=each)
    if rules.global_:
        each = tuple(explain(rule, links) for rule in rules.global_)
        text = f"Every global rule on {model} must accept the record."
        yield Reason("global-rules", all_of(one.verdict for one in each), text, model, children=each)
    for parent in rules.parents:
        each = tuple(_parts(parent.model, mode, phrase, parent.rules, explain, links=(*links, parent.link)))
        if each:
            text = (
                f"{model} delegates to {parent.model} by {parent.link}: "
                f"the {mode} rules there must accept the linked record."
            )
            yield Reason(
                "parent-rules", all_of(one.verdict for one in each), text, parent.model, children=each
            )


_RULES_OF_ONE = {
    True: "let this record through",
    False: "keep this record away",
    None: "leave it open whether this record is let through",
}
_OF_ONE = {
    True: "accepts this record",
    False: "does not accept this record",
    None: "may accept this record or not",
}


def _rule_reason(
    policy: Policy, subject: Subject, rule: RecordRule, debug: bool, found: Judgement | None
) -> Reason:
    domain = fold(rule.domain, lambda xmlid: answer(policy, subject, xmlid, debug))
    accepts = truth(domain)
    says = "accepts every record" if accepts else "accepts no record"
    if accepts is None:
        says = "accepts the records that its domain selects"
    failing = next((fault for fault in faults(policy, rule, domain) if fault.fails), None)
    if failing is not None:
        accepts, says = None, f"raises an error for everybody it binds: {failing.text}"
    elif rule.uncertain:
        accepts, says = None, f"{says}, but a value in it could not be read"
    held = [name for name in rule.group_names if name in subject.groups]
    bound = f" of {', '.join(held)}" if held else ""
    how = tuple(step for name in held for step in how_held(policy, subject, name))
    odoo, english = texts(domain)
    if found is not None:
        accepts, odoo, english = found.accepts, found.domain or odoo, found.english or english
        says = _OF_ONE[accepts]
    text = f"Record rule {rule.xmlid}{bound} {says}."
    origin = rule.domain_origin or rule.origin
    terms = found.reasons if found is not None else ()
    return Reason("record-rule", accepts, text, rule.xmlid, origin, odoo, english, (*terms, *how))


def texts(domain: Domain) -> tuple[str, str]:
    """A domain in Odoo's notation and in English."""
    return to_odoo(domain), to_english(domain)


# ------------------------------------------------------------------------------------ caveats


CAVEATS = ("unknown", "user-type-conflict", "abstract", "delegated-create", "python-access", "python-unread")


# What only rows tell: open as long as no record is looked at.
_OF_ROWS = ("opaque", "rule-error", "python-search")


def settled(found: Effective) -> Effective:
    """What rights and rules come to, without what is known once a record was judged."""
    left = tuple(one for one in found.unknowns if one.kind not in _OF_ROWS)
    return msgspec.structs.replace(found, unknowns=left)


def caveats(policy: Policy, subject: Subject, model: str, mode: Mode, found: Effective) -> Iterator[Reason]:
    """What the definitions don't settle: what was not read, access decided in Python, a refused user."""
    for unknown in (*found.unknowns, *found.cautions):
        yield Reason("unknown", None, unknown.text, unknown.name, unknown.origin)
    yield from group_caveats(subject)
    definition = policy.models.get(model)
    if definition is not None and definition.abstract:
        yield Reason("abstract", None, f"{model} is abstract: it has no records of its own.", model)
    if mode is Mode.CREATE and found.rights:
        yield from _created_with(policy, subject, model)
    for method, origin in sorted(definition.overrides.items()) if definition else ():
        text = f"{model} overrides {method} in Python, which may let through more or less than this says."
        yield Reason("python-access", None, text, f"{model}.{method}", origin)
    if definition is not None and definition.code_unread:
        text = f"The Python code of {model} was not read: it may let through more or less than this says."
        yield Reason("python-unread", None, text, model)


def _created_with(policy: Policy, subject: Subject, model: str) -> Iterator[Reason]:
    for parent, link in parents_of(policy, model).items():
        if may(policy, subject, parent, Mode.CREATE) is not True:
            text = (
                f"Unless {link} is given, a new {model} makes a new {parent} too, which is not granted here."
            )
            why = rights_reason(policy, subject, parent, Mode.CREATE)
            yield Reason("delegated-create", None, text, parent, children=(why,))


def group_caveats(subject: Subject) -> Iterator[Reason]:
    user = subject.user
    if user is not None and not user.active and PUBLIC not in subject.groups:
        text = f"{capital(subject.phrase)} is archived, and can't log in."
        yield Reason("archived", None, text, subject.name, user.origin)
    conflict = user_type_conflict(subject.groups)
    if conflict:
        text = f"{capital(subject.phrase)} holds {' and '.join(conflict)}, which Odoo refuses on one user."
        yield Reason("user-type-conflict", None, text, subject.name)
