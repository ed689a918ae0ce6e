"""A leak as a finding: its sentence, and the way of the record from the request to where it is used."""

from __future__ import annotations

from collections.abc import Iterator

from ostiary.audit.asking.facts import held, in_context
from ostiary.audit.asking.wording import at_most
from ostiary.audit.code.callers import by_superuser
from ostiary.audit.code.join import Standing
from ostiary.audit.code.leaks import Found, Leak, leaks
from ostiary.audit.code.messages import message
from ostiary.audit.code.repairs import repair
from ostiary.audit.code.wording import entry_said, entry_words, given_words, source
from ostiary.audit.finding import Evidence, Finding
from ostiary.audit.registry import Check
from ostiary.policy.code import GuardKind, Use, UseKind
from ostiary.policy.origin import Origin
from ostiary.policy.policy import Policy

_MOST_USES = 4
_LOOKS_LIKE = {
    GuardKind.UNDER_SUDO: "this check is asked of a record that is used as superuser, and passes for everybody",
    GuardKind.OTHER_TOKEN: "this compares the token of another record",
    GuardKind.PARENT: "this checks another record, to which the one that is used is not tied",
    GuardKind.STATE: "this asks for the state of the record, not for who asks",
    GuardKind.RIGHT: "this asks for an access right to the model, not for whose the record is",
    GuardKind.HELPER: "this was not read, and may be a check by its name",
    GuardKind.LATER: "the check comes after",
}


def findings(policy: Policy, check: Check, leak: Leak) -> Iterator[Finding]:
    """The findings of the check that is for one sort of leak."""
    for one in leaks(policy):
        if one.leak is leak:
            yield _finding(policy, check, one)


def _finding(policy: Policy, check: Check, found: Found) -> Finding:
    use, entry = found.use, found.entry
    return check.finding(
        at=place(policy, found),
        subject=entry.name,
        model=use.model if use.model in policy.models else None,
        audience=found.caller.audience if by_superuser(use) else (found.join.label,),
        severity=found.severity,
        confidence=found.confidence,
        message=message(policy, found),
        evidence=_evidence(policy, found),
        fix=repair(policy, found),
        key=sorted(str(one) for one in use.given),
        proof=found.join.proof,
    )


def place(policy: Policy, found: Found) -> Origin:
    """The line to change, in code that is audited: an entry may do nothing but override what is not."""
    return found.entry.origin if in_context(policy, found.at.module) else found.at


def _evidence(policy: Policy, found: Found) -> list[Evidence]:
    use, entry = found.use, found.entry
    steps = [Evidence(entry_said(entry), entry.origin), *_way(use), _used(use)]
    steps += [
        Evidence(f"{_LOOKS_LIKE[one.kind]}: {source(one.text)}", one.origin)
        for one in use.looks
        if one.kind in _LOOKS_LIKE
    ]
    steps += _others(found)
    if found.entries:
        names = at_most(sorted({entry_words(one) for one in found.entries}))
        steps.append(Evidence(f"{names} come{'s' if len(found.entries) == 1 else ''} by the same line"))
    steps += _of_the_model(policy, found)
    if not use.certain:
        steps.append(Evidence("not certain: something on the way was not read, and might check"))
    return steps


def _way(use: Use) -> list[Evidence]:
    """The calls on the way, and where the records are got hold of."""
    way = [Evidence(source(step.text), step.origin) for step in use.steps]
    if use.chosen_at is None or not use.chosen or use.kind is UseKind.CREATE:
        return way
    by = f", by {given_words(use.given)}" if use.given else ""
    got = Evidence(f"the records are got hold of{by}: {source(use.chosen)}", use.chosen_at)
    first = use.steps[0].origin if use.steps else None
    before = first is not None and first.path == use.chosen_at.path and first.line >= use.chosen_at.line
    return [got, *way] if before else [*way, got]


def _used(use: Use) -> Evidence:
    whose = "as superuser" if by_superuser(use) else "with the rights of who asks"
    done = {UseKind.READ: "read", UseKind.CALL: f"{use.method}() is run"}.get(use.kind, use.kind.value)
    return Evidence(f"{done} {whose}: {source(use.text)}", use.origin)


def _others(found: Found) -> Iterator[Evidence]:
    """The other lines that use what was chosen, each once."""
    seen = {found.use.origin}
    shown = 0
    for one in found.others:
        if one.origin not in seen and shown < _MOST_USES:
            seen.add(one.origin)
            shown += 1
            yield _used(one)


def _of_the_model(policy: Policy, found: Found) -> Iterator[Evidence]:
    model = found.use.model
    if found.join.standing is not Standing.UNREAD and held(policy, model).shown:
        yield Evidence(f"{model} {held(policy, model)}")
    if not by_superuser(found.use):
        yield from found.join.evidence
