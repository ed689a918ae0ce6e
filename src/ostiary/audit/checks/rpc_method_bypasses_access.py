"""rpc-method-bypasses-access: see the docstring of the check."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ostiary.audit.asking.facts import held
from ostiary.audit.code.callers import by_superuser, caller_of, passing
from ostiary.audit.code.changes import is_log
from ostiary.audit.code.join import Standing, join, mode_of
from ostiary.audit.code.lines import Line, Worth, lines, once_each, sureness, way
from ostiary.audit.code.methods import has_records_to_call, is_orm
from ostiary.audit.code.rating import confidence_of, rated
from ostiary.audit.code.repairs import access_check
from ostiary.audit.code.telling import counts_only
from ostiary.audit.code.wording import doing, entry_words, given_words, join_said, what
from ostiary.audit.finding import Confidence, Evidence, Finding, Severity
from ostiary.audit.registry import check
from ostiary.policy.code import Choice, Entry, EntryKind, GuardKind, Use, UseKind
from ostiary.policy.policy import Policy

_KINDS = (UseKind.READ, UseKind.WRITE, UseKind.UNLINK, UseKind.CALL, UseKind.REPORT)
# What only tells that there are records, or how many.
_COUNTED = frozenset({"count", "exists", "id", "ids"})
# Where a whole record goes into what is given back, otherwise than by one of these, it may come out as little.
_READS = re.compile(r"\b(?:read|search_read|web_read|copy_data|read_group)\(")
_CHOSEN = frozenset({Choice.SELF, Choice.CALLER_ID, Choice.CALLER_DOMAIN})
# These are said by checks of what only looks like a check; what comes later raises, and nothing stays done.
_SAID = frozenset({GuardKind.UNDER_SUDO, GuardKind.OTHER_TOKEN, GuardKind.PARENT, GuardKind.LATER})


@check(
    "rpc-method-bypasses-access",
    "A method that anybody may call over RPC is past the rules",
    Severity.HIGH,
    references=("CWE-285", "CWE-862", "OWASP A01:2021", "ASVS 4.0.3 V4.1.1"),
    tags=("code", "rpc"),
)
def rpc_method_bypasses_access(policy: Policy) -> Iterator[Finding]:
    """Looks for public methods that use records of the caller's choice as superuser, with no check before.

    ## What it does

    Every method of a model whose name doesn't begin with an underscore may be called over RPC by any user with a
    login, portal users too, on any ids and with any arguments; rights and rules are only asked where records are
    read or written with the caller's own rights. Reported is what such a method changes, or gives back, as
    superuser: of the records it is called on, or of those that an argument chooses. Methods that ask first
    (`check_access`, a field that is read as the caller, a group) are left out, so are overrides of `create`,
    `write` and the like, wizards whom portal users can't create, what touches only the caller's own records, and
    what they may do without the method anyway.

    ## Why it is bad

    No button and no page is needed: `call_kw` takes the name of the method and the ids. What was written for one
    button of one form is open to all who can log in.

    ## Example

    ```python
    class Visit(models.Model):
        _name = "clinic.visit"

        def get_report(self):
            return self.sudo().read(["diagnosis", "note"])
    ```

    ## Use instead

    ```python
        def get_report(self):
            self.check_access("read")
            return self.sudo().read(["diagnosis", "note"])
    ```

    or, if nobody calls it from outside, a name with an underscore (from Odoo 19 on also `@api.private`).

    ## References

    - CWE-285: Improper Authorization
    - CWE-862: Missing Authorization
    - OWASP Top 10 2021, A01: Broken Access Control
    """
    found = lines(policy, _KINDS, lambda entry, use: _worth(policy, entry, use))
    for line in once_each(found, lambda line: (line.entry.name, line.use.model)):
        yield _finding(policy, line)


def _worth(policy: Policy, entry: Entry, use: Use) -> Worth | None:
    if entry.kind is not EntryKind.RPC or is_orm(entry) or not by_superuser(use) or is_log(use):
        return None
    chosen = use.choice in _CHOSEN or (use.choice is Choice.ALL and use.kind is UseKind.READ)
    if not chosen or any(one.kind in _SAID for one in use.looks) or passing(policy, entry, use):
        return None
    if use.kind is UseKind.READ and _COUNTED.issuperset(use.fields):
        return None  # of records that are returned, their ids go over RPC
    caller = caller_of(entry)
    if not has_records_to_call(policy, entry, use, caller.label):
        return None
    if use.kind is UseKind.WRITE and not use.written and _only_flags(policy, use):
        severity: Severity | None = Severity.MEDIUM
    else:
        severity = rated(policy, entry, use, caller.label, before=False)
    if severity is None and use.kind in (UseKind.WRITE, UseKind.UNLINK) and not counts_only(policy, use):
        severity = Severity.LOW  # about nobody, but not theirs to change either
    if severity is None or severity is Severity.INFO:
        return None
    if join(policy, caller.label, use.model, mode_of(use)).standing is Standing.OPEN:
        return None  # they may do so without the method
    sure = min(confidence_of(policy, entry, use, caller.label), sureness(use, caller))
    whole = use.kind is UseKind.READ and "*" in use.fields and not _READS.search(use.text)
    return severity, min(sure, Confidence.MEDIUM) if whole else sure


def _only_flags(policy: Policy, use: Use) -> bool:
    """Whether nothing is changed but what is on or off."""
    model = policy.models.get(use.model)
    fields = [model.fields.get(name) if model is not None else None for name in use.fields]
    return bool(fields) and all(field is not None and field.type == "boolean" for field in fields)


def _finding(policy: Policy, line: Line) -> Finding:
    use, model = line.use, what(policy, line.use.model)
    joined = join(policy, line.caller.label, use.model, mode_of(use))
    where = entry_words(line.entry)
    if use.choice is Choice.ALL:
        did = f"{where} gives them back as superuser, and nothing ties them to who asks"
        message = f"{line.caller.words} can read {model} of everybody: {did}."
    else:
        by = (
            "the ids it is called with choose"
            if use.choice is Choice.SELF
            else f"{given_words(use.given)} chooses"
        )
        message = (
            f"{line.caller.words} can {doing(use)} any {model} over RPC: {by} it, and {where} uses it as superuser "
            "without a check of who asks."
        )
    evidence = way(line, _done(use))
    if joined.standing is not Standing.UNREAD and held(policy, use.model).shown:
        evidence.append(Evidence(f"{use.model} {held(policy, use.model)}"))
    return rpc_method_bypasses_access.finding(
        at=line.at,
        subject=line.entry.name,
        model=use.model if use.model in policy.models else None,
        audience=line.caller.audience,
        severity=line.severity,
        confidence=line.confidence,
        message=f"{message} {join_said(use, joined)}",
        evidence=evidence,
        fix=_fix(policy, line),
        proof=joined.proof,
    )


def _done(use: Use) -> str:
    if use.kind is UseKind.READ:
        return "read as superuser, and given back"
    return f"{use.method + '() is run' if use.kind is UseKind.CALL and use.method else use.kind.value} as superuser"


def _fix(policy: Policy, line: Line) -> str:
    use = line.use
    private = "if nothing calls it from outside, begin its name with an underscore"
    if use.choice is Choice.ALL:
        return f"Search without sudo(), so that rights and rules hold; or, {private}."
    record = "self" if use.choice is Choice.SELF else "record"
    before = "" if record == "self" else "record = self.env[...].browse(record_id)\n"
    return f"Ask for access as the caller, before sudo(); or, {private}:\n{before}{access_check(policy, use, record)}"
