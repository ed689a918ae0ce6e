"""sql-injection: see the docstring of the check."""

from __future__ import annotations

from collections.abc import Iterator

from ostiary.audit.code.callers import caller_at, passing
from ostiary.audit.code.lines import Line, Worth, lines, once_by_given, sent, sureness, way
from ostiary.audit.code.wording import entry_words, given_words
from ostiary.audit.finding import Confidence, Finding, Severity
from ostiary.audit.registry import check
from ostiary.audit.weighing.severity import one_less
from ostiary.policy.code import Entry, EntryKind, GuardKind, Use, UseKind
from ostiary.policy.policy import Policy


@check(
    "sql-injection",
    "What the caller sends becomes part of an SQL query",
    Severity.CRITICAL,
    references=("CWE-89", "OWASP A03:2021", "ASVS 4.0.3 V5.3.4"),
    tags=("code", "sql"),
)
def sql_injection(policy: Policy) -> Iterator[Finding]:
    """Looks for queries into whose text something goes that a caller sends.

    ## What it does

    Follows what is sent to a route, or given as an argument to a method over RPC, to `cr.execute`, through
    variables, helpers and formatting (`%`, `format`, f-strings, `+`, `join`). Reported is what becomes part of the
    text of a query. Parameters of a query are not, nor what passed through `int()`, `SQL.identifier` or
    `sql.Identifier`, and what is one of a list of words in the code. The queries of one method that the same values
    go into are one finding, with the other lines among its evidence.

    ## Why it is bad

    Whoever sends `' OR 1=1 --` reads, changes or deletes what they like: a query knows no access rights and no record
    rules. A method without an underscore needs no page for that: any user with a login, a portal user too, may call it
    over RPC.

    ## Example

    ```python
    def visits_since(self, date):
        self.env.cr.execute(f"SELECT id FROM clinic_visit WHERE date > '{date}'")
    ```

    ## Use instead

    ```python
    def visits_since(self, date):
        self.env.cr.execute("SELECT id FROM clinic_visit WHERE date > %s", [date])
    ```

    ## References

    - CWE-89: Improper Neutralization of Special Elements used in an SQL Command
    - OWASP Top 10 2021, A03: Injection
    """
    found = lines(policy, (UseKind.SQL,), lambda entry, use: _worth(policy, entry, use))
    for line in once_by_given(found):
        yield _finding(line)


def _worth(policy: Policy, entry: Entry, use: Use) -> Worth | None:
    if use.built not in ("interpolated", "unknown") or not sent(use.written):
        return None
    caller = caller_at(entry, use)
    if entry.kind is EntryKind.RPC and not use.certain:
        surest = Confidence.LOW  # an argument that is used as no client can send it
    else:
        surest = Confidence.HIGH if use.built == "interpolated" else Confidence.MEDIUM
    found = Severity.CRITICAL if caller.label == "public" else Severity.HIGH
    if any(
        one.kind in (GuardKind.GROUP, GuardKind.AUTHENTICATED, GuardKind.TOKEN)
        for one in passing(policy, entry, use)
    ):
        found = Severity.MEDIUM
    if use.built == "unknown":
        found = one_less(found)
    return found, sureness(use, caller, surest)


def _finding(line: Line) -> Finding:
    use, where = line.use, entry_words(line.entry)
    given = given_words(sent(use.written))
    unknown = use.built == "unknown"
    done = "the query is put together by code that was not read" if unknown else "executed"
    how = (
        f"{where} passes {given} to code that puts together the query, which could not be followed"
        if unknown
        else f"{where} puts {given} into its text"
    )
    return sql_injection.finding(
        at=line.at,
        subject=line.entry.name,
        audience=line.caller.audience,
        severity=line.severity,
        confidence=line.confidence,
        message=f"{line.caller.words} {'may be able to' if unknown else 'can'} write part of an SQL query: {how}.",
        evidence=way(line, done),
        fix="Leave the value out of the text, and give it to the query as a parameter:\n"
        'self.env.cr.execute("SELECT ... WHERE name = %s", [value])\n'
        "A table or a column is named by SQL.identifier(name), after it was looked up among those that are allowed.",
    )
