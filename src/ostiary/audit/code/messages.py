"""What a finding about a leak says: who can do what with which records, how, and what the definitions are worth."""

from __future__ import annotations

from ostiary.audit.asking.wording import sentence
from ostiary.audit.code.callers import by_superuser
from ostiary.audit.code.hanging import ANY, hung_on
from ostiary.audit.code.leaks import Found, Leak
from ostiary.audit.code.telling import opens
from ostiary.audit.code.wording import chooses, doing, entry_words, given_words, join_said, parent_of, what
from ostiary.policy.code import Choice, Use, UseKind
from ostiary.policy.policy import Policy

_DONE = {
    UseKind.WRITE: "changed",
    UseKind.UNLINK: "deleted",
    UseKind.CALL: "used",
    UseKind.REPORT: "printed",
}


def message(policy: Policy, found: Found) -> str:
    """The message of a finding: two sentences."""
    return f"{sentence(_leak(policy, found))} {join_said(found.use, found.join)}"


def _leak(policy: Policy, found: Found) -> str:
    use, where = found.use, entry_words(found.entry)
    who, model = found.caller.words, what(policy, use.model)
    done = "get a link or token of" if use.kind is UseKind.READ and opens(use.fields) else doing(use)
    if use.kind is UseKind.CREATE:
        return (
            f"{who} can create {model} on {_parent(policy, use)}: {where} takes it from {given_words(use.written)}, "
            "and creates as superuser without a check of that record."
        )
    if use.choice is Choice.ALL:
        if use.given:
            why = f"{given_words(use.given)} can take away what ties them to who asks"
        else:
            why = "nothing ties them to who asks"
        return f"{who} is shown {model} of everybody: {where} looks for them as superuser, and {why}."
    if not by_superuser(use):
        by = given_words(use.given)
        return (
            f"{where} leaves it to rights and rules which {model} is {_DONE.get(use.kind, 'read')}, by {by}."
        )
    return f"{who} can {done} any {model}: {_why(policy, found)}."


def _why(policy: Policy, found: Found) -> str:
    use = found.use
    where, chosen = entry_words(found.entry), chooses(use.given)
    if found.leak is Leak.UNDER_SUDO:
        return f"{chosen} it, and {where} asks for access as superuser, which always passes"
    if found.leak is Leak.OTHER_TOKEN:
        return f"{chosen} it, and {where} compares a token of another record, to which nothing ties this one"
    if found.leak is Leak.PARENT:
        parent = parent_of(use)
        checked = f"checks {what(policy, parent)}" if parent else "checks another record"
        return f"{chosen} it, and {where} {checked}, to which nothing ties this one"
    if found.leak is Leak.DOMAIN:
        return f"{chosen} what {where} looks for, sorts by or reads as superuser"
    if found.leak is Leak.BEFORE:
        return f"{chosen} it, and {where} uses it as superuser before it checks who asks"
    return f"{chosen} it, and {where} uses it as superuser without a check of who asks"


def _parent(policy: Policy, use: Use) -> str:
    model = hung_on(policy, use)
    return "a record of their choice" if model in (None, ANY) else f"any {what(policy, model or '')}"
