"""raw-sql-bypass: see the docstring of the check."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ostiary.audit.asking.facts import weight
from ostiary.audit.asking.wording import at_most
from ostiary.audit.code.callers import caller_at, passing
from ostiary.audit.code.join import Join, Standing, join
from ostiary.audit.code.lines import Line, Worth, lines, once_each, sureness, way
from ostiary.audit.code.methods import is_orm
from ostiary.audit.code.wording import entry_words, what
from ostiary.audit.finding import Confidence, Finding, Severity
from ostiary.audit.registry import check
from ostiary.audit.weighing.sensitivity import Weight
from ostiary.policy.code import Entry, Use, UseKind
from ostiary.policy.definitions import Kind, Mode
from ostiary.policy.memo import remembered
from ostiary.policy.policy import Policy

_READS = re.compile(r"^\s*(?:WITH\b.*?\)\s*)?SELECT\b", re.IGNORECASE | re.DOTALL)
_TABLE = re.compile(r"\b(?:FROM|JOIN)\s+\"?([a-z_][a-z0-9_]*)\"?", re.IGNORECASE)
# A query that is tied to who asks, or to what was checked, by its parameters.
_WHOSE = r"\b(?:user_id|partner_id|create_uid|uid|employee_id|commercial_partner_id|owner_id)\s*(?:=|in\b)\s*"
_TIED = re.compile(_WHOSE + r"\(?%", re.IGNORECASE)
_ENDS_TIED = re.compile(_WHOSE + r"['(]?$", re.IGNORECASE)
_DEEPEST = 2
# How a use says that rows of a query leave the server; its place is where they do, its text that of the query.
_RETURNED = "returned"
_COLUMNS = re.compile(r"\bSELECT\s+(?:DISTINCT\s+)?(.*?)\s+FROM\b", re.IGNORECASE | re.DOTALL)
_IDS = re.compile(r"(?:\w+\.)?\"?(?:id|\w+_id)\"?(?:\s+as\s+\w+)?", re.IGNORECASE)
_NUMBERS = re.compile(r"(?:avg|count|sum|min|max)\(", re.IGNORECASE)


@check(
    "raw-sql-bypass",
    "A query reads past the rules for whoever asks",
    Severity.MEDIUM,
    references=("CWE-285", "CWE-862", "OWASP A01:2021", "ASVS 4.0.3 V4.1.1"),
    tags=("code", "sql"),
)
def raw_sql_bypass(policy: Policy) -> Iterator[Finding]:
    """Looks for queries on a model's table that a route or a public method runs and whose rows it gives back.

    ## What it does

    `cr.execute` knows no rights and no rules: it reads what the server reads. Reported is a `SELECT` in a route or
    in a method that may be called over RPC, whose rows leave the server, on the table of a model about somebody,
    where nothing asks who is calling, and rights and rules don't let them read the model anyway. Queries of helpers
    with an underscore are only told where somebody can get to them; recomputations that keep what they read to
    themselves are not.

    ## Why it is bad

    Dashboards are where this is done: any user with a login, a portal user too, calls the method and reads turnover,
    salaries or customers of all companies.

    ## Example

    ```python
    @api.model
    def get_totals(self):
        self.env.cr.execute("SELECT partner_id, SUM(amount) FROM rental_order GROUP BY partner_id")
        return self.env.cr.dictfetchall()
    ```

    ## Use instead

    ```python
    @api.model
    def get_totals(self):
        return self.env["rental.order"].read_group([], ["amount:sum"], ["partner_id"])
    ```

    ## References

    - CWE-285: Improper Authorization
    - CWE-862: Missing Authorization
    - OWASP Top 10 2021, A01: Broken Access Control
    """
    found = lines(policy, (UseKind.SQL,), lambda entry, use: _worth(policy, entry, use))
    for line in once_each(found, lambda line: line.entry.name):
        yield _finding(policy, line)


def _worth(policy: Policy, entry: Entry, use: Use) -> Worth | None:
    if is_orm(entry) or len(use.steps) > _DEEPEST or not _leaves(entry, use):
        return None
    if not _READS.match(use.text) or _tied(use) or passing(policy, entry, use):
        return None
    caller = caller_at(entry, use)
    read = _kept_back(policy, caller.label, use)
    if not read:
        return None
    columns = _columns(use.text)
    if columns and all(_IDS.fullmatch(one) for one in columns):
        return None
    heaviest = max(weight(policy, one.model) for one in read)
    if heaviest < Weight.BUSINESS:
        return None
    summed_up = bool(columns) and all(_NUMBERS.match(one) for one in columns)
    severity = Severity.LOW if summed_up or heaviest is not Weight.PERSONAL else Severity.MEDIUM
    return severity, sureness(use, caller, Confidence.MEDIUM)


def _tied(use: Use) -> bool:
    """Whether a query is tied to who asks: by a parameter that is their id (`safe`), or by its text, which ends where a
    value is put into it that is not the caller's."""
    return use.safe or bool(_TIED.search(use.text) or (not use.written and _ENDS_TIED.search(use.text)))


def _leaves(entry: Entry, use: Use) -> bool:
    """Whether rows of a query that is executed here are given back."""
    if use.method == _RETURNED:
        return False
    return any(
        one.kind is UseKind.SQL and one.method == _RETURNED and one.text == use.text for one in entry.uses
    )


def _columns(text: str) -> list[str]:
    """What a query selects, where that can be told; commas within brackets part nothing."""
    found = _COLUMNS.search(text)
    if found is None:
        return []
    parts, depth = [""], 0
    for letter in found[1]:
        depth += {"(": 1, ")": -1}.get(letter, 0)
        if letter == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += letter
    return [part.strip() for part in parts]


def _kept_back(policy: Policy, label: str, use: Use) -> list[Join]:
    """The models whose tables a query reads, and that the caller may not read, or not all of."""
    found = []
    for table in dict.fromkeys(name.lower() for name in _TABLE.findall(use.text)):
        model = _models(policy).get(table)
        if model is not None:
            joined = join(policy, label, model, Mode.READ)
            if joined.standing not in (Standing.OPEN, Standing.UNREAD):
                found.append(joined)
    return found


def _models(policy: Policy) -> dict[str, str]:
    """The models that have a table, by its name."""

    def index() -> dict[str, str]:
        return {
            name.replace(".", "_"): name
            for name, model in policy.models.items()
            if model.kind is not Kind.ABSTRACT
        }

    return remembered(policy, ("audit tables",), index)


def _finding(policy: Policy, line: Line) -> Finding:
    use = line.use
    read = sorted(
        _kept_back(policy, line.caller.label, use), key=lambda one: weight(policy, one.model), reverse=True
    )
    first = read[0]
    names = at_most([what(policy, one.model) for one in read], 3)
    said = f"{first.said[:1].upper()}{first.said[1:]}"
    return raw_sql_bypass.finding(
        at=line.at,
        subject=line.entry.name,
        model=first.model,
        audience=line.caller.audience,
        severity=line.severity,
        confidence=line.confidence,
        message=f"{line.caller.words} can have {names} read by a query: {entry_words(line.entry)} runs it, and asks "
        f"nobody. {said}, but a query knows no rules.",
        evidence=way(line, "executed"),
        fix="Read through the ORM (search, read_group), which holds to rights and rules; or ask for access first, or "
        "begin the name of the method with an underscore if nothing calls it from outside.",
        proof=first.proof,
    )
