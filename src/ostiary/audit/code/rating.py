"""How grave and how certain it is that code reaches records it should not."""

from __future__ import annotations

import re

from ostiary.audit.asking.facts import held, weight
from ostiary.audit.code.callers import Caller, by_secret, caller_at, caller_of, files_of, incidental, looks
from ostiary.audit.code.hanging import ANY, hung_on, names_the_model
from ostiary.audit.code.join import Standing, join, mode_of
from ostiary.audit.code.telling import (
    Telling,
    counts_only,
    made_to_publish,
    makes_a_token,
    only_asks,
    opens,
    telling,
    tells_the_owner,
)
from ostiary.audit.finding import Confidence, Severity
from ostiary.audit.weighing.sensitivity import Weight
from ostiary.audit.weighing.severity import one_less, severity
from ostiary.policy.code import Actor, Choice, Entry, GuardKind, Use, UseKind
from ostiary.policy.definitions import Mode
from ostiary.policy.policy import Policy

_LADDER = tuple(sorted(Severity))
# Files of any record, whatever that is about; reading one by its id asks nothing of the record.
_FILES = frozenset({"ir.attachment"})
_CONTENT = frozenset({"datas", "raw", "db_datas", "index_content", "*"})
_READING = frozenset({UseKind.READ, UseKind.REPORT, UseKind.SEARCH})
ANY_MODEL = "*"
# Superuser only where something holds: whatever that is may be a check.
_SUDO_IF = re.compile(r"\.sudo\((?!\s*(?:\)|True\b|1\b|flag\s*=\s*True\b))")
# What narrows a list down, and picks out no record.
_NARROWS = re.compile(
    r"^(?:search|search_.*|q|query|term|keywords?|filter.*|sort.*|order_?by|groupby|group_by|page|limit|offset)$"
)
_ADDRESS = re.compile(r"(?:^|_)slug$")
_CHECKS = re.compile(r"access|check|allow|permi|assert|verify|authori|owner", re.IGNORECASE)


def rated(policy: Policy, entry: Entry, use: Use, label: str, *, before: bool) -> Severity | None:
    """How grave a use is that nothing on the way stops; None where there is nothing to say.

    `label` is the audience whose rights count. `before`: a check comes later.
    """
    caller = caller_at(entry, use)
    if incidental(entry, use):
        return None
    if use.actor is Actor.CALLER:
        found = _as_caller(policy, label, use)
    else:
        found = _as_superuser(policy, caller, use)
        if found is not None and not _at_hand(entry, use):
            found = one_less(found)
        if found is not None and before:
            found = one_less(found) if use.kind not in _READING else min(found, Severity.LOW)
    if found is not None and not caller.known:
        found = one_less(found)
    return found


def _as_superuser(policy: Policy, caller: Caller, use: Use) -> Severity | None:
    found = _reached(policy, caller.label, use)
    if use.choice is Choice.CALLER_DOMAIN:
        return max(
            found, Severity.HIGH if weight(policy, use.model) is not Weight.REFERENCE else Severity.MEDIUM
        )
    if use.kind is UseKind.CREATE:
        return _created(policy, caller.label, use)
    return _read(policy, use, found) if use.kind in _READING else _changed(policy, use, found)


def _read(policy: Policy, use: Use, found: Severity) -> Severity | None:
    """How grave it is that records are read, by how much of them is told."""
    much = telling(policy, use.model, use.fields) if use.kind is UseKind.READ else Telling.CONTENT
    if much is Telling.ANY:
        return max(found, Severity.LOW)
    if much is Telling.NOTHING or found is Severity.INFO:
        return None
    if much is Telling.SLIGHT or made_to_publish(policy, use.model):
        found = min(found, Severity.LOW)
    if use.kind is UseKind.REPORT and "image" in use.method and use.model not in _FILES:
        found = min(found, Severity.MEDIUM)  # a picture, and nothing that is written on the record
    if use.choice is Choice.RELATED or _by_its_address(use):
        grave = weight(policy, use.model) > Weight.BUSINESS or use.model in _FILES
        return one_less(found) if grave else None
    if use.choice is Choice.ALL or _narrowed(use):
        if found <= Severity.LOW or not _told_of_all(policy, use):
            return None
        return found if weight(policy, use.model) is Weight.UNKNOWN else one_less(found)
    return found


def _by_its_address(use: Use) -> bool:
    """Whether a record is looked up by what stands in its address on the site, which is made to be known."""
    return any(_ADDRESS.search(one.name) for one in use.given)


def _changed(policy: Policy, use: Use, found: Severity) -> Severity | None:
    """How grave it is that records are changed: most where to values, or away, by the caller's choice."""
    if (
        makes_a_token(use)
        or tells_the_owner(use)
        or only_asks(use)
        or (found is Severity.LOW and not use.written)
    ):
        return None
    if counts_only(policy, use):
        return min(found, Severity.LOW)
    theirs = bool(set(use.written) - set(use.given)) or use.kind is UseKind.UNLINK
    return found if theirs and use.choice is not Choice.RELATED else one_less(found)


def _reached(policy: Policy, label: str, use: Use) -> Severity:
    """How grave the reach is, by the model and what is done."""
    if use.model == ANY_MODEL:
        return Severity.CRITICAL
    if use.model in _FILES and use.kind in _READING and _is_content(use):
        return Severity.CRITICAL if label == "public" else Severity.HIGH
    return severity(policy, label, use.model, mode_of(use))


def _is_content(use: Use) -> bool:
    """Whether a file itself is sent, and not only what it is called."""
    return (
        use.kind is UseKind.REPORT
        or not use.fields
        or not _CONTENT.isdisjoint(use.fields)
        or opens(use.fields)
    )


def _told_of_all(policy: Policy, use: Use) -> bool:
    """Whether a list of everybody's is about somebody, by its model, or since the code ties it to them otherwise."""
    about = held(policy, use.model)
    if use.choice is Choice.ALL and use.given:
        return about.weight >= Weight.UNKNOWN
    return about.weight is Weight.PERSONAL and not about.remote


def _created(policy: Policy, label: str, use: Use) -> Severity:
    """How grave it is to hang something new on a record of the caller's choice."""
    other = hung_on(policy, use)
    if other is not None and other != ANY:
        return one_less(severity(policy, label, other, Mode.WRITE))
    found = Severity.CRITICAL if names_the_model(use) else Severity.HIGH
    return found if label == "public" else one_less(found)


def _as_caller(policy: Policy, label: str, use: Use) -> Severity | None:
    """What the rules are worth here: a note where they hold, grave where they don't, for what is about somebody."""
    about = held(policy, use.model).weight
    if about is Weight.UNKNOWN:
        return Severity.LOW
    if about < Weight.BUSINESS or (about is Weight.BUSINESS and held(policy, use.model).remote):
        return None
    joined = join(policy, label, use.model, mode_of(use))
    if joined.standing is Standing.OWN:
        return Severity.INFO if about is Weight.PERSONAL else None
    if joined.standing is Standing.UNDECIDED:
        return Severity.LOW
    if not joined.lets_in:
        return None
    found = severity(policy, label, use.model, mode_of(use))
    if use.kind is UseKind.READ:
        much = telling(policy, use.model, use.fields)
        if much <= Telling.SLIGHT:
            return None if much is Telling.NOTHING else min(found, Severity.LOW)
    if joined.standing is Standing.CONDITION:
        # What is shown under a condition on the record alone is mostly meant to be; share-model-without-rule says it.
        return min(found, Severity.LOW)
    return _LADDER[min(found.rank + 1, len(_LADDER) - 1)] if mode_of(use) is Mode.READ else found


def confidence_of(policy: Policy, entry: Entry, use: Use, label: str) -> Confidence:
    """How certain it is that nothing stops the caller.

    High where all on the way was read, and the records are picked out in the entry's own file: what code elsewhere does
    with a value may hang on more than can be followed.
    """
    if use.actor is Actor.CALLER:
        joined = join(policy, label, use.model, mode_of(use))
        if joined.confidence is not Confidence.HIGH:
            return joined.confidence
    unsure = use.actor is Actor.OTHER or use.choice is Choice.UNKNOWN or not use.model or by_secret(use)
    unsure = unsure or bool(_SUDO_IF.search(use.chosen)) or _hardly_told(use)
    if unsure or not caller_of(entry).known or looks(use, GuardKind.HELPER):
        return Confidence.LOW
    known = policy.models.get(use.model)
    resolved = use.model == ANY_MODEL or (known is not None and not known.unresolved)
    here = _at_hand(entry, use)
    if any(not one.model for one in use.looks if one.kind in (GuardKind.PARENT, GuardKind.OTHER_TOKEN)):
        return Confidence.LOW  # something was compared, and it could not be told with what
    if _by_name_only(entry, use):
        return Confidence.MEDIUM if here else Confidence.LOW
    if any(_CHECKS.search(name) for name in entry.unread):
        return Confidence.LOW if use.kind is UseKind.CREATE else Confidence.MEDIUM
    if (
        not use.certain
        or not resolved
        or not here
        or use.choice in (Choice.ALL, Choice.RELATED)
        or _narrowed(use)
    ):
        return Confidence.MEDIUM
    deep = len(use.steps) > 1 and use.origin.path not in files_of(entry)
    opened = any(one.choice is Choice.TOKEN for one in entry.uses)
    return Confidence.MEDIUM if deep or opened or _partly_told(use) else Confidence.HIGH


def _partly_told(use: Use) -> bool:
    """Whether only a part is known of what chose the records: a long search, or any of the request's values."""
    return use.chosen.endswith("…") or _by_any_value(use)


def _hardly_told(use: Use) -> bool:
    """Whether it is neither known what of the request chose the records, nor all that was searched for."""
    return use.chosen.endswith("…") and _by_any_value(use)


def _by_any_value(use: Use) -> bool:
    return any(not one.name and one.source != "self" for one in use.given)


def _at_hand(entry: Entry, use: Use) -> bool:
    """Whether the records are picked out in the entry's own file."""
    return (use.chosen_at or use.origin).path in files_of(entry)


def _narrowed(use: Use) -> bool:
    """Whether the records are a list that the caller narrows down."""
    return any(_NARROWS.match(one.name) for one in use.given)


def _by_name_only(entry: Entry, use: Use) -> bool:
    """Whether it is only known that a record is part of what is sent, and not which of its fields."""
    rendered = any(one.kind is UseKind.RENDER and one.origin == use.origin for one in entry.uses)
    return use.kind is UseKind.READ and not use.fields and not rendered
