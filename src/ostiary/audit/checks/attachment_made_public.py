"""attachment-made-public: see the docstring of the check."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ostiary.audit.code.callers import Caller, by_superuser, caller_at, passing
from ostiary.audit.code.lines import Line, Worth, lines, sureness, way
from ostiary.audit.code.methods import has_records_to_call, is_orm
from ostiary.audit.code.wording import entry_words, given_words
from ostiary.audit.finding import Confidence, Finding, Severity
from ostiary.audit.registry import check
from ostiary.policy.code import Choice, Entry, EntryKind, Given, GuardKind, Use, UseKind
from ostiary.policy.policy import Policy

_ATTACHMENT = "ir.attachment"
_CONTENT = frozenset({"datas", "raw", "db_datas", "store_fname"})
_OTHERS = frozenset({Choice.SELF, Choice.CALLER_ID, Choice.CALLER_DOMAIN, Choice.ALL, Choice.RELATED})
_CLOSED = re.compile(r"""\bpublic['"]?\s*[:=]\s*(?:False|None|0)\b""")
_UPLOADED = frozenset({"file", "body", "parameter", "argument"})
_ON_THESE = (Given("self"),)
# A file with an address of its own is a part of the site, such as its scripts.
_URL = "url"
_FIELD = re.compile(r"""['"]res_field['"]\s*,\s*['"]=['"]\s*,\s*(['"]?\w+['"]?)\s*[,)]""")


@check(
    "attachment-made-public",
    "A file that belongs to somebody is opened to everybody",
    Severity.HIGH,
    references=("CWE-732", "CWE-552", "OWASP A01:2021", "ASVS 4.0.3 V12.4.1"),
    tags=("code",),
)
def attachment_made_public(policy: Policy) -> Iterator[Finding]:
    """Looks for attachments that code makes public for whoever asks.

    ## What it does

    Takes what a route or a method over RPC does to `ir.attachment` as superuser with no check before: writing
    `public` on attachments that the caller chooses, or on those of a record. A token of one that is handed out is told
    by [route-idor](route-idor.md), [public-route-sudo](public-route-sudo.md) and
    [rpc-method-returns-secrets](rpc-method-returns-secrets.md). A file that the code makes itself (a report, an export)
    and creates with `public=True` is medium. What the caller uploads, images that are made public on purpose by who may
    write them, the files of one field that the code names (a logo), files with an address of their own (`url`), and
    what any visitor has made for them without sending anything, are left out.

    ## Why it is bad

    `/web/content/<id>` gives a public attachment to anybody, and ids are numbers in a row: no link has to be known.
    What is public stays so.

    ## Example

    ```python
    @http.route("/clinic/file/<int:attachment_id>/share", type="json", auth="user")
    def share(self, attachment_id):
        request.env["ir.attachment"].sudo().browse(attachment_id).write({"public": True})
    ```

    ## Use instead

    ```python
        attachment = request.env["ir.attachment"].browse(attachment_id)
        attachment.check_access("write")
        return attachment.sudo().generate_access_token()[0]
    ```

    ## References

    - CWE-732: Incorrect Permission Assignment for Critical Resource
    - CWE-552: Files or Directories Accessible to External Parties
    - OWASP Top 10 2021, A01: Broken Access Control
    """
    for line in lines(policy, (UseKind.WRITE, UseKind.CREATE), lambda entry, use: _worth(policy, entry, use)):
        yield _finding(line)


def _worth(policy: Policy, entry: Entry, use: Use) -> Worth | None:
    if use.model != _ATTACHMENT or not by_superuser(use) or is_orm(entry) or passing(policy, entry, use):
        return None
    if any(one.kind is GuardKind.LATER for one in use.looks):
        return None
    caller = caller_at(entry, use)
    if entry.kind is EntryKind.RPC and not has_records_to_call(policy, entry, use, caller.label):
        return None
    sure = sureness(use, caller)
    if use.kind is UseKind.CREATE:
        made_here = "public" in use.fields and not _CONTENT.isdisjoint(use.fields)
        if not made_here or _URL in use.fields or _CLOSED.search(use.text):
            return None
        if any(one.source in _UPLOADED for one in use.written) or _for_anybody(caller, use):
            return None
        return Severity.MEDIUM, min(sure, Confidence.MEDIUM)
    if _of_a_field(use):
        return None
    if "public" not in use.fields or use.choice not in _OTHERS or _CLOSED.search(use.text):
        return None
    return Severity.HIGH if use.given or use.choice is Choice.SELF else Severity.MEDIUM, sure


def _for_anybody(caller: Caller, use: Use) -> bool:
    """Whether a file is made for whoever comes, without a login, and of nothing that they send: it is no secret."""
    return caller.label == "public" and not (use.given or use.written)


def _of_a_field(use: Use) -> bool:
    """Whether the attachments are those of one field of a model, a logo say, which the code chooses."""
    field = _FIELD.search(use.chosen)
    return field is not None and field[1].strip("'\"") not in {one.name for one in use.given}


def _finding(line: Line) -> Finding:
    use, where = line.use, entry_words(line.entry)
    if use.kind is UseKind.CREATE:
        message = (
            f"{where} makes a file with public=True: anybody who tries its number at /web/content/<id> gets it, also "
            "without a login."
        )
        fix = (
            "Leave public out, hang the file on its record by res_model and res_id, and give a link with "
            "generate_access_token()."
        )
    else:
        by = "the ids it is called with choose"
        if use.choice is not Choice.SELF and use.given != _ON_THESE:
            by = f"{given_words(use.given) or 'what it finds'} chooses"
        message = (
            f"{line.caller.words} can open any attachment to everybody: {by} it, and {where} makes it public as "
            "superuser without a check of who asks."
        )
        fix = "Ask for access as the caller first:\nattachment = request.env['ir.attachment'].browse(attachment_id)\n"
        fix += "attachment.check_access('write')"
    return attachment_made_public.finding(
        at=line.at,
        subject=line.entry.name,
        model=_ATTACHMENT,
        audience=line.caller.audience,
        severity=line.severity,
        confidence=line.confidence,
        message=f"{message[:1].upper()}{message[1:]}",
        evidence=way(line, "the attachment is opened"),
        fix=fix,
    )
