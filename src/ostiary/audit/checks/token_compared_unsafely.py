"""token-compared-unsafely: see the docstring of the check."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ostiary.audit.code.callers import caller_at
from ostiary.audit.code.lines import Line, Worth, lines, sent, sureness, way
from ostiary.audit.code.wording import entry_words, given_words
from ostiary.audit.finding import Finding, Severity
from ostiary.audit.registry import check
from ostiary.policy.code import Entry, Use, UseKind
from ostiary.policy.policy import Policy

_SECRET = re.compile(r"(?i)token|secret|signature|hmac|passw|api_?key|\botp\b|_pin\b|credential")
_WITHIN = re.compile(r"^(?P<left>.+?)\s+(?:not\s+)?in\s+(?P<right>.+)$")
# What is looked into is a collection, not a text: `token in tokens`, `token in record.mapped(...)`.
_COLLECTION = re.compile(r"^[(\[{]|(?:[a-z]s|\]|\}|keys\(\)|values\(\)|split\([^)]*\)|mapped\([^)]*\))$")


@check(
    "token-compared-unsafely",
    "A secret is compared so that it can be guessed, or passed by when it is empty",
    Severity.HIGH,
    references=("CWE-208", "CWE-697", "OWASP A07:2021", "ASVS 4.0.3 V2.9.1"),
    tags=("code", "tokens"),
)
def token_compared_unsafely(policy: Policy) -> Iterator[Finding]:
    """Looks for secrets that are compared with what a caller sends by `in`, `==` or `!=`.

    ## What it does

    Follows what is sent to a route, or given to a method over RPC, to where it is compared with a secret: a field, a
    setting or a helper's result whose name says so (token, secret, signature, password, API key). `secret in sent` and
    `sent in secret` are high, since they pass where one of the two is empty, or only part of the other; `==` and `!=`
    are low: they take longer the more of it is right. `consteq`, `hmac.compare_digest` and a search for
    the secret are in order, and so is a token that is looked for in a list.

    ## Why it is bad

    `"" in header` is true: as long as nobody has set the secret, everybody knows it. And a text that holds the secret
    somewhere is no proof that whoever sent it knows it.

    ## Example

    ```python
    secret = request.env["ir.config_parameter"].sudo().get_param("clinic.webhook_secret")
    if secret not in request.httprequest.headers.get("Authorization", ""):
        raise Forbidden()
    ```

    ## Use instead

    ```python
    from odoo.tools import consteq

    sent = request.httprequest.headers.get("Authorization", "")
    if not secret or not consteq(sent, f"Bearer {secret}"):
        raise Forbidden()
    ```

    ## References

    - CWE-208: Observable Timing Discrepancy
    - CWE-697: Incorrect Comparison
    - OWASP Top 10 2021, A07: Identification and Authentication Failures
    """
    for line in lines(policy, (UseKind.COMPARE,), _worth):
        yield _finding(line)


def _worth(entry: Entry, use: Use) -> Worth | None:
    if use.safe or not sent(use.written) or not _SECRET.search(f"{use.text} {' '.join(use.fields)}"):
        return None
    sure = sureness(use, caller_at(entry, use))
    within = _WITHIN.match(use.text)
    if within is None:
        return Severity.LOW, sure
    if _COLLECTION.search(within["right"].strip()):
        return None
    return Severity.HIGH, sure


def _finding(line: Line) -> Finding:
    use, where = line.use, entry_words(line.entry)
    given = given_words(sent(use.written))
    if line.severity is Severity.LOW:
        message = (
            f"{where} compares a secret with {given} by == or !=: that takes longer the more of it is right, "
            "so that it can be found out letter by letter."
        )
    else:
        message = (
            f"{line.caller.words} may get past the check of {where} without the secret: it asks whether {given} holds "
            "it, or the other way round, which is true of an empty one, and of a text with anything around it."
        )
    return token_compared_unsafely.finding(
        at=line.at,
        subject=line.entry.name,
        model=use.model or None,
        audience=line.caller.audience,
        severity=line.severity,
        confidence=line.confidence,
        message=f"{message[:1].upper()}{message[1:]}",
        evidence=way(line, "the secret is compared"),
        fix="Compare both whole, in constant time, and only where there is a secret:\n"
        "from odoo.tools import consteq\n"
        "if not secret or not consteq(sent or '', secret):\n"
        "    raise Forbidden()",
    )
