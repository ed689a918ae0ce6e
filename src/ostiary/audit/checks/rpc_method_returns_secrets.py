"""rpc-method-returns-secrets: see the docstring of the check."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ostiary.audit.asking.wording import at_most
from ostiary.audit.code.callers import by_superuser, caller_of, passing
from ostiary.audit.code.lines import Line, Worth, lines, sureness, way
from ostiary.audit.code.methods import has_records_to_call, is_given_back, is_orm
from ostiary.audit.code.wording import entry_words, what
from ostiary.audit.finding import Confidence, Finding, Severity
from ostiary.audit.registry import check
from ostiary.audit.weighing.secrets import Secret, secret_of
from ostiary.code.marks.names import secret_sort
from ostiary.policy.code import Choice, Entry, EntryKind, GuardKind, Use, UseKind
from ostiary.policy.policy import Policy

_OTHERS = frozenset(
    {Choice.SELF, Choice.CALLER_ID, Choice.CALLER_DOMAIN, Choice.ALL, Choice.FIXED, Choice.RELATED}
)
# Methods that make a token, or give one: what they return opens the record.
_FACTORY = re.compile(
    r"^_?(?:portal_ensure_token|(?:generate|get|make|create|compute|sign)_.*(?:token|signature|password|api_?key)s?)$"
)


@check(
    "rpc-method-returns-secrets",
    "A method that anybody may call over RPC gives back a secret",
    Severity.HIGH,
    references=("CWE-200", "CWE-522", "OWASP A01:2021", "ASVS 4.0.3 V4.1.3"),
    tags=("code", "rpc", "tokens"),
)
def rpc_method_returns_secrets(policy: Policy) -> Iterator[Finding]:
    """Looks for public methods that give back tokens, keys or passwords that they read as superuser.

    ## What it does

    Any user with a login may call a method over RPC whose name doesn't begin with an underscore. Reported is one whose
    result holds a field that is a secret by its name or by how views show it, or what a token factory such as
    `_portal_ensure_token` made, read as superuser with no check before: of the records it is called on, of those an
    argument chooses, or of settings. Secrets of the caller's own records are left out, and so is what only tells
    whether there is one.

    ## Why it is bad

    A token opens a document without a login, a key opens the service it is for. With a method that gives it to
    everybody, record rules, groups on the field and the token itself are for nothing.

    ## Example

    ```python
    def share_link(self):
        return f"/rental/{self.id}?access_token={self.sudo()._portal_ensure_token()}"
    ```

    ## Use instead

    ```python
    def share_link(self):
        self.check_access("write")
        return f"/rental/{self.id}?access_token={self.sudo()._portal_ensure_token()}"
    ```

    ## References

    - CWE-200: Exposure of Sensitive Information to an Unauthorized Actor
    - CWE-522: Insufficiently Protected Credentials
    - OWASP Top 10 2021, A01: Broken Access Control
    """
    for line in lines(policy, (UseKind.READ,), lambda entry, use: _worth(policy, entry, use)):
        yield _finding(policy, line)


def _worth(policy: Policy, entry: Entry, use: Use) -> Worth | None:
    if entry.kind is not EntryKind.RPC or is_orm(entry) or not by_superuser(use):
        return None
    if use.choice not in _OTHERS or any(one.kind is GuardKind.LATER for one in use.looks):
        return None
    if not is_given_back(use):
        return None
    found = secrets_in(policy, use)
    caller = caller_of(entry)
    if not found or passing(policy, entry, use) or not has_records_to_call(policy, entry, use, caller.label):
        return None
    written = any(name in use.text for name, _ in found)
    keys = any(kind is Secret.KEY for _, kind in found)
    return (
        Severity.HIGH if keys or use.choice is not Choice.RELATED else Severity.MEDIUM,
        sureness(use, caller, Confidence.HIGH if written else Confidence.MEDIUM),
    )


def secrets_in(policy: Policy, use: Use) -> list[tuple[str, Secret]]:
    """The secrets among the fields that a use reads, with how much each gives away."""
    model = policy.models.get(use.model)
    found: list[tuple[str, Secret]] = []
    for name in use.fields:
        field = model.fields.get(name) if model is not None else None
        if field is not None and model is not None:
            kind = secret_of(policy, model, field)
            if kind is not None:
                found.append((name, kind[0]))
        elif _FACTORY.match(name) or (model is None and secret_sort(name) is not None):
            found.append((name, Secret.LINK))
    return found


def _finding(policy: Policy, line: Line) -> Finding:
    use = line.use
    names = [name for name, _ in secrets_in(policy, use)]
    model = what(policy, use.model)
    which = "its" if use.choice is Choice.SELF else "the"
    of = {Choice.FIXED: f"of {model}", Choice.ALL: f"of all {model}"}.get(use.choice, f"of any {model}")
    return rpc_method_returns_secrets.finding(
        at=line.at,
        subject=line.entry.name,
        model=use.model if use.model in policy.models else None,
        audience=line.caller.audience,
        severity=line.severity,
        confidence=line.confidence,
        message=f"{line.caller.words} can get {at_most(names)} {of} over RPC: {entry_words(line.entry)} gives it back, "
        "read as superuser without a check of who asks.",
        evidence=way(line, f"{which} secret is read as superuser, and given back"),
        fix="Begin the name of the method with an underscore if nothing calls it from outside, or ask for access as "
        "the caller before the secret is read, and give back no more than whether there is one.",
    )
