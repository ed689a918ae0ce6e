"""unsafe-eval: see the docstring of the check."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ostiary.audit.code.callers import caller_at, passing
from ostiary.audit.code.lines import Line, Worth, lines, once_by_given, sent, sureness, way
from ostiary.audit.code.wording import entry_words, given_words
from ostiary.audit.finding import Finding, Severity
from ostiary.audit.registry import check
from ostiary.audit.weighing.severity import one_less
from ostiary.policy.code import Entry, Use, UseKind
from ostiary.policy.policy import Policy

# A field is run, which who may write the record has written.
_OF_A_RECORD = re.compile(
    r"[\w.]*(?:eval|exec|loads)\(\s*(?!request\b|kw\b|kwargs\b|post\b)\w+(?:\.\w+)+\s*[,)]"
)
_GUARDED = "safe_eval"


@check(
    "unsafe-eval",
    "What the caller sends is run as code",
    Severity.CRITICAL,
    references=("CWE-95", "OWASP A03:2021", "ASVS 4.0.3 V5.2.4"),
    tags=("code",),
)
def unsafe_eval(policy: Policy) -> Iterator[Finding]:
    """Looks for `eval`, `exec` and `safe_eval` of text that a caller sends.

    ## What it does

    Follows what is sent to a route, or given to a method over RPC, to the text that is run: `eval` and `exec`,
    Odoo's `safe_eval`, `pickle.loads`. Text that was held against a pattern before (`re.fullmatch`), and
    `ast.literal_eval` or `json.loads`, which only read values, are in order; so is code that is kept in a record only
    administrators may write. `safe_eval` is a step less grave than `eval`. What one value does at several lines of
    the same method is one finding, with the other lines among its evidence.

    ## Why it is bad

    `eval` gives the server away. `safe_eval` keeps imports and attributes with underscores out, not the objects that
    it is given: with a recordset among them, whoever writes the text reads and writes with the rights of the code.

    ## Example

    ```python
    @http.route("/school/filter", type="json", auth="user")
    def filter(self, domain):
        return request.env["school.course"].search_count(eval(domain))
    ```

    ## Use instead

    ```python
    from ast import literal_eval

    domain = literal_eval(domain)
    ```

    ## References

    - CWE-95: Improper Neutralization of Directives in Dynamically Evaluated Code
    - OWASP Top 10 2021, A03: Injection
    """
    found = lines(policy, (UseKind.EVAL,), lambda entry, use: _worth(policy, entry, use))
    for line in once_by_given(found):
        yield _finding(line)


def _worth(policy: Policy, entry: Entry, use: Use) -> Worth | None:
    if (
        not sent(use.written) or use.safe or _OF_A_RECORD.match(use.text)
    ):  # safe: the text was held against something before
        return None
    found = Severity.CRITICAL
    if use.method == _GUARDED:
        found = one_less(found)
    if passing(policy, entry, use):
        found = one_less(found)
    caller = caller_at(entry, use)
    return found, sureness(use, caller)


def _finding(line: Line) -> Finding:
    use = line.use
    method = use.method or "eval"
    return unsafe_eval.finding(
        at=line.at,
        subject=line.entry.name,
        audience=line.caller.audience,
        severity=line.severity,
        confidence=line.confidence,
        message=f"{line.caller.words} can have code of their own run: {entry_words(line.entry)} gives "
        f"{given_words(sent(use.written))} to {method}.",
        evidence=way(line, f"run by {method}"),
        fix="Read values by ast.literal_eval() or json.loads(), or hold the text against a pattern by re.fullmatch() "
        "before it is run.",
    )
