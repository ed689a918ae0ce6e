"""edited-rule: see the docstring of the check."""

from __future__ import annotations

from collections.abc import Iterator

from ostiary.audit.asking.facts import right_given, rule_said
from ostiary.audit.asking.wording import enumerated, model_words, sentence, words_of
from ostiary.audit.finding import Confidence, Evidence, Finding, Severity
from ostiary.audit.registry import check
from ostiary.audit.rules.effects import Change, Effect, Item, effects, instead, without
from ostiary.domain import canonical
from ostiary.policy.audience import audience_of
from ostiary.policy.definitions import AccessRight, Edit, RecordRule
from ostiary.policy.policy import Policy

_SHOWN = 5
_LONGEST = 1000


@check(
    "edited-rule",
    "An access right or record rule is not what its module says",
    Severity.HIGH,
    references=("CWE-284", "CWE-693", "OWASP A05:2021"),
    tags=("rules", "rights"),
)
def edited_rule(policy: Policy) -> Iterator[Finding]:
    """Looks for access rights and record rules that a database has otherwise than the source of their module.

    ## What it does

    Compares the access rights and record rules of a database with the source given as `--addons-path`: model,
    groups, modes, domain and whether it is active. One that is missing in the database is reported, and so is one that
    its module's source does not have. Names, and how a domain is written, don't count. What the source says with
    code, and what Python code of the source is seen to switch on (as the project module does for sharing) is left
    out. High where portal users or visitors may do more than the source says, less for staff, for information where
    it only became stricter or comes to the same.

    Give the source that the database runs: with another version of it, what changed between the two is reported.

    ## Why it is bad

    Whoever reads the module believes that it says what is in force. Most rules are `noupdate`: an upgrade does
    not repair them, so that a correction which the module brings never arrives.

    ## Example

    A company rule of `sale.order` was archived one afternoon because somebody could not find an order.

    ## Use instead

    Undo the change in the database, or make it in a module of yours that changes the rule by its external id, so
    that it can be read and is the same everywhere.

    ## References

    - CWE-284: Improper Access Control
    - CWE-693: Protection Mechanism Failure
    - OWASP Top 10 2021, A05: Security Misconfiguration
    """
    if not policy.edits:
        return
    items: list[Item] = [*policy.rights, *policy.rules]
    there = {item.xmlid: item for item in items}
    for edit in policy.edits:
        said, stored = edit.right or edit.rule, there.get(edit.xmlid)
        if stored is not None and not (stored.active or (said and said.active)):
            continue
        if said is None and stored is not None:
            yield _left(policy, stored)
        elif said is not None:
            yield _changed(policy, edit, said, stored)


def _changed(policy: Policy, edit: Edit, said: Item, stored: Item | None) -> Finding:
    if stored is None and not said.active:
        found: tuple[Effect, ...] = ()
    else:
        found = effects(instead(policy, stored, said), policy, [said, *([stored] if stored else [])])
    what = _kind(said)
    differences = list(_differences(said, stored)) if stored else []
    how = (
        f"is not what its module says: {enumerated(differences)}" if stored else "is missing in the database"
    )
    return edited_rule.finding(
        at=edit.origin,
        module=edit.xmlid.partition(".")[0],
        subject=edit.xmlid,
        model=said.model,
        audience=_audience(policy, said, found),
        severity=max((one.severity(policy, said.model) for one in found), default=Severity.INFO),
        confidence=_confidence(policy, said.model, found),
        message=f"{what} {edit.xmlid} on {model_words(policy, said.model)} {how}. {_effect(found, said.model)}.",
        evidence=[
            Evidence(f"in the source: {_text(said)}", said.origin),
            *([Evidence(f"in the database: {_text(stored)}", stored.origin)] if stored else []),
            *(Evidence(one.words(said.model)) for one in found[:_SHOWN]),
            *_upgrade(stored),
        ],
        fix=_repair(edit, said, stored),
        key=("missing",) if stored is None else (),
    )


def _left(policy: Policy, stored: Item) -> Finding:
    found = effects(without(policy, stored), policy, [stored])
    module = stored.origin.module
    stays = (
        "it is noupdate, so no upgrade removes it"
        if stored.noupdate
        else "the next upgrade of the module removes it"
    )
    return edited_rule.finding(
        at=stored.origin,
        module=module,
        subject=stored.xmlid,
        model=stored.model,
        audience=_audience(policy, stored, found),
        severity=max((one.severity(policy, stored.model) for one in found), default=Severity.INFO),
        confidence=min(Confidence.MEDIUM, _confidence(policy, stored.model, found)),
        message=f"{_kind(stored)} {stored.xmlid} on {model_words(policy, stored.model)} is not in the source of "
        f"{module}. {_effect(found, stored.model)}.",
        evidence=[
            Evidence(f"in the database: {_text(stored)}", stored.origin),
            *(Evidence(one.words(stored.model)) for one in found[:_SHOWN]),
            Evidence(f"another version of {module} left it, or code made it; {stays}"),
        ],
        fix=f"Remove it, unless another version of {module} than the one given is meant to be installed.",
        key=("left",),
    )


def _kind(item: Item) -> str:
    return "Record rule" if isinstance(item, RecordRule) else "Access right"


def _text(item: Item) -> str:
    text = rule_said(item).text if isinstance(item, RecordRule) else right_given(item).text
    return text if item.active else f"{text} (archived)"


def _differences(said: Item, stored: Item) -> Iterator[str]:
    if said.model != stored.model:
        yield f"it is about {stored.model} and not {said.model}"
    if said.active != stored.active:
        yield "it is archived" if said.active else "it is active, and is shipped archived"
    if isinstance(said, RecordRule) and isinstance(stored, RecordRule):
        if canonical(said.domain) != canonical(stored.domain):
            yield f"its domain is {_domain(stored)} and not {_domain(said)}"
        if set(said.group_names) != set(stored.group_names):
            yield f"it is for {_groups(stored.group_names)} and not for {_groups(said.group_names)}"
    elif isinstance(said, AccessRight) and isinstance(stored, AccessRight) and said.group != stored.group:
        yield f"it is for {stored.group or 'everybody'} and not for {said.group or 'everybody'}"
    if set(said.modes) != set(stored.modes):
        yield f"its modes are {words_of(stored.modes) or 'none'} and not {words_of(said.modes) or 'none'}"


def _domain(rule: RecordRule) -> str:
    """The whole domain, since what differs may stand at its end."""
    text = " ".join(rule.domain_force.split()) or "[]"
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def _groups(names: tuple[str, ...]) -> str:
    return enumerated(sorted(names)) or "everybody (global)"


def _effect(found: tuple[Effect, ...], model: str) -> str:
    return sentence(found[0].words(model)) if found else "This has no effect today"


def _upgrade(stored: Item | None) -> Iterator[Evidence]:
    if stored is None:
        yield Evidence("it was deleted; an upgrade of the module makes it again")
    elif stored.noupdate:
        yield Evidence("it is noupdate: no upgrade of the module repairs it")
    else:
        yield Evidence("the next upgrade of the module undoes the change")


def _repair(edit: Edit, said: Item, stored: Item | None) -> str:
    module = edit.xmlid.partition(".")[0]
    if stored is None:
        return f"Upgrade {module}, which makes {edit.xmlid} again. If it is not wanted, say so in a module of yours."
    return (
        f"Set {edit.xmlid} back to what {said.origin} says. If the change is meant, make it in a module of yours that "
        "depends on it."
    )


def _audience(policy: Policy, item: Item, found: tuple[Effect, ...]) -> tuple[str, ...]:
    changed = tuple(dict.fromkeys(label for one in found if one.share for label in one.labels))
    if changed:
        return changed
    names = (item.group,) if isinstance(item, AccessRight) else item.group_names
    return tuple(dict.fromkeys(label for name in names for label in audience_of(policy, name).labels)) or (
        "internal",
    )


def _confidence(policy: Policy, model: str, found: tuple[Effect, ...]) -> Confidence:
    known = policy.models.get(model)
    open_ = known is None or known.code_unread or (found and found[0].change is Change.OTHER)
    return Confidence.MEDIUM if open_ else Confidence.HIGH
