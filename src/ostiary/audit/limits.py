"""What sort of thing limits an audience's records: nothing, companies, a condition, or a tie to the user."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum

from ostiary.audit.companies import leaves, open_to_company
from ostiary.audit.facts import Reach, reach
from ostiary.audit.paths import Step, walk
from ostiary.domain import (
    And,
    Constant,
    Domain,
    IfElse,
    Not,
    OpaqueValue,
    Or,
    Subdomain,
    Symbol,
    Term,
    find_operator,
    opaques,
    symbols,
)
from ostiary.policy.definitions import Mode
from ostiary.policy.memo import remembered
from ostiary.policy.policy import Policy

_SHARED = frozenset({"company_id", "company_ids", "country_id", "lang", "tz"})


class Limit(Enum):
    """What limits the records.

    `NONE`: every record is reached. `COMPANY`: only companies are compared, at least in one alternative.
    `CONDITION`: something about the record (published, active) is enough, whoever asks. `OWN`: nothing is reached
    without a tie to who asks. `UNKNOWN`: a part that can't be read. `NOTHING`: no record is reached.
    """

    NONE = "none"
    COMPANY = "company"
    CONDITION = "condition"
    UNKNOWN = "unknown"
    OWN = "own"
    NOTHING = "nothing"


def limit(policy: Policy, label: str, model: str, mode: Mode) -> Limit:
    """What sort of limit an audience meets on a model."""
    key = ("audit limit", label, model, mode)
    return remembered(policy, key, lambda: _limit(policy, model, reach(policy, label, model, mode)))


def _limit(policy: Policy, model: str, found: Reach) -> Limit:
    if found.truth is not None:
        return Limit.NONE if found.truth else Limit.NOTHING
    if open_to_company(found.domain):
        return Limit.COMPANY

    def read_in_python(path: str) -> bool:
        return _searched_in_python(policy, model, path)

    if _open_to_stranger(found.domain, read_in_python, unread=False):
        return Limit.CONDITION
    return Limit.UNKNOWN if _open_to_stranger(found.domain, read_in_python, unread=True) else Limit.OWN


def _searched_in_python(policy: Policy, model: str, path: str) -> bool:
    """Whether a field on the way is computed, so that a method of its model decides what a term on it selects."""
    return any(
        isinstance(step, Step) and step.field.compute and not step.field.store and not step.field.related
        for step in walk(policy, model, path)
    )


def _open_to_stranger(
    domain: Domain, read_in_python: Callable[[str], bool], *, unread: bool, negated: bool = False
) -> bool:
    """Whether somebody with no tie to a record may be accepted, where everything else suits.

    Terms that compare with who asks refuse, all others accept; `unread` is what a part that can't be read does.
    """

    def judge(part: Domain, negated: bool) -> bool:
        return _open_to_stranger(part, read_in_python, unread=unread, negated=negated)

    if isinstance(domain, Constant):
        return domain.value != negated
    if isinstance(domain, Not):
        return judge(domain.item, not negated)
    if isinstance(domain, And | Or):
        every = isinstance(domain, And) != negated
        return (all if every else any)(judge(item, negated) for item in domain.items)
    if isinstance(domain, IfElse):
        return any(judge(part, negated) for part in (domain.then, domain.otherwise))
    if not isinstance(domain, Term):
        return unread
    operator = find_operator(domain.operator)
    negative = negated != (operator is not None and operator.negative)
    if isinstance(domain.value, Subdomain):
        return judge(domain.value.domain, negative)
    if any(isinstance(part, OpaqueValue) for part in opaques(domain.value)):
        return unread
    if _personal(domain):
        return negative
    return unread if read_in_python(domain.path) else True


def about_user(domain: Domain) -> bool:
    """Whether a term compares with who asks: the user or a record reached from the user, companies apart."""
    return any(isinstance(term, Term) and _personal(term) for term in leaves(domain))


def _personal(term: Term) -> bool:
    if isinstance(term.value, Subdomain):
        return about_user(term.value.domain)
    return any(_is_identity(symbol) for symbol in symbols(term.value))


def _is_identity(symbol: Symbol) -> bool:
    return symbol.root == "user" and not (symbol.path and symbol.path[0] in _SHARED)
