"""What sort of thing limits an audience's records: nothing, companies, a condition, or a tie to the user."""

from __future__ import annotations

from collections.abc import Sequence, Set
from enum import Enum
from typing import Protocol

from ostiary.audit.companies import compares_company, leaves, mentions_company
from ostiary.audit.facts import Reach, reach
from ostiary.domain import (
    And,
    Constant,
    Domain,
    IfElse,
    Literal,
    Not,
    OpaqueValue,
    Or,
    Subdomain,
    Symbol,
    Term,
    Value,
    find_operator,
    opaques,
    symbols,
    terms,
)
from ostiary.domain import Sequence as Values
from ostiary.policy.definitions import Field, Mode
from ostiary.policy.memo import remembered
from ostiary.policy.paths import Step, walk
from ostiary.policy.policy import Policy

# What many users have in common: a value of the user that is one of these ties no record to anybody.
_SHARED = frozenset(
    {
        "active", "active_lang_count", "all_group_ids", "barcode", "category_id", "city", "company_id", "company_ids",
        "company_type", "country_code", "country_id", "display_name", "email", "email_normalized", "function",
        "group_ids", "groups_id", "industry_id", "is_company", "is_public", "lang", "login", "mobile", "name",
        "notification_type", "partner_share", "phone", "property_product_pricelist", "ref", "share", "state",
        "state_id", "street", "title", "type", "tz", "vat", "website_id", "zip",
    }
)  # fmt: skip
_SHARED_MODELS = frozenset(
    {
        "product.pricelist",
        "res.company",
        "res.country",
        "res.country.state",
        "res.groups",
        "res.lang",
        "res.partner.category",
        "res.partner.industry",
        "res.partner.title",
        "website",
    }
)
_TYING = frozenset({"=", "==", "in", "child_of", "parent_of"})
_NO_LINK = frozenset(
    {"binary", "boolean", "char", "date", "datetime", "float", "html", "monetary", "selection", "text"}
)
# What is set on purpose for everybody to see: a condition on one of these publishes.
_PUBLISHING = (
    "published",
    "visib",
    "privacy",
    "public",
    "share",
    "sharing",
    "access_type",
    "is_listed",
    "can_view",
    "can_access",
)
_ALWAYS_SET = frozenset({"id", "display_name", "create_uid", "write_uid", "create_date", "write_date"})
_LIKE = frozenset({"like", "ilike", "=like", "=ilike"})


class Limit(Enum):
    """What limits the records.

    `NONE`: every record is reached, or as good as every one (`id > 0`, `user_id != user.id`). `COMPANY`: only
    companies are compared, at least in one alternative.
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
    return remembered(policy, key, lambda: _limit(policy, label, model, reach(policy, label, model, mode)))


def _limit(policy: Policy, label: str, model: str, found: Reach) -> Limit:
    if found.truth is not None:
        return Limit.NONE if found.truth else Limit.NOTHING
    sorts = sorter(policy, label, model)
    if accepts(found.domain, sorts, {Sort.IDLE}):
        return Limit.NONE
    if open_to_companies(policy, label, model, found.domain):
        return Limit.COMPANY
    plain = {Sort.IDLE, Sort.COMPANY, Sort.CONDITION, Sort.PUBLISHED}
    if accepts(found.domain, sorts, plain):
        return Limit.CONDITION
    return Limit.UNKNOWN if accepts(found.domain, sorts, plain | {Sort.UNREAD}) else Limit.OWN


def published(policy: Policy, label: str, model: str, mode: Mode) -> bool:
    """Whether nothing is reached without a tie to who asks but what is published on purpose."""
    found = reach(policy, label, model, mode)
    rest = {Sort.IDLE, Sort.COMPANY, Sort.CONDITION, Sort.UNREAD}
    return not accepts(found.domain, sorter(policy, label, model), rest)


def open_to_companies(policy: Policy, label: str, model: str, domain: Domain) -> bool:
    """Whether comparing companies is all that limits, terms that hold nothing back apart."""
    return mentions_company(domain) and accepts(
        domain, sorter(policy, label, model), {Sort.COMPANY, Sort.IDLE}
    )


def decided_in_python(policy: Policy, model: str, domain: Domain) -> tuple[Field, ...]:
    """The fields of a domain whose search method decides what a term selects."""
    found = (
        step.field
        for term, _ in terms(domain)
        for step in walk(policy, model, term.path)
        if isinstance(step, Step) and _computed(step)
    )
    return tuple({field.name: field for field in found}.values())


class Sort(Enum):
    """What a term is about.

    `IDLE`: it holds next to nothing back. `COMPANY`: companies. `PUBLISHED`: what is shown on purpose. `CONDITION`:
    anything else about the record. `UNREAD`: what Python decides or can't be read. `TIED`: who asks.
    """

    IDLE = "idle"
    COMPANY = "company"
    PUBLISHED = "published"
    CONDITION = "condition"
    UNREAD = "unread"
    TIED = "tied"


class Sorter(Protocol):
    """What the terms of a domain are about; for a subdomain, what sorts the terms in it."""

    def __call__(self, term: Term, negated: bool, /) -> Sort | Sorter: ...


def accepts(domain: Domain, sorts: Sorter, given: Set[Sort], negated: bool = False) -> bool:
    """Whether a record may be accepted where the terms of the `given` sorts do, and no other does."""

    def judge(part: Domain, negated: bool) -> bool:
        return accepts(part, sorts, given, negated)

    if isinstance(domain, Constant):
        return domain.value != negated
    if isinstance(domain, Not):
        return judge(domain.item, not negated)
    if isinstance(domain, And | Or):
        every = isinstance(domain, And) != negated
        if not every and _complementary(domain.items):
            return True
        return (all if every else any)(judge(item, negated) for item in domain.items)
    if isinstance(domain, IfElse):
        return any(judge(part, negated) for part in (domain.then, domain.otherwise))
    if not isinstance(domain, Term):
        return Sort.UNREAD in given
    sort = sorts(domain, negated)
    if isinstance(sort, Sort):
        return sort in given
    inner = domain.value.domain if isinstance(domain.value, Subdomain) else domain
    return accepts(inner, sort, given, negated != _negative(domain))


def sorter(policy: Policy, label: str, model: str) -> Sorter:
    """What the terms of a model's rules are about, to one audience."""

    def sort(term: Term, negated: bool) -> Sort | Sorter:
        negative = negated != _negative(term)
        if compares_company(term):
            return Sort.COMPANY
        if isinstance(term.value, Subdomain):
            return sorter(policy, label, _comodel(policy, model, term.path))
        if any(isinstance(part, OpaqueValue) for part in opaques(term.value)):
            return Sort.UNREAD
        if _idle(policy, model, term, negated):
            return Sort.IDLE
        if label != "public" and _personal(term) and _ties(policy, model, term):
            return Sort.IDLE if negative else Sort.TIED
        if any(word in hop for hop in term.path.split(".") for word in _PUBLISHING) or _says_public(
            term.value
        ):
            return Sort.PUBLISHED
        return Sort.UNREAD if _searched_in_python(policy, model, term.path) else Sort.CONDITION

    return sort


def _comodel(policy: Policy, model: str, path: str) -> str:
    """The model a path leads to; empty where that isn't known."""
    steps = list(walk(policy, model, path))
    last = steps[-1] if len(steps) == path.count(".") + 1 else None
    return last.field.comodel or "" if isinstance(last, Step) else ""


def _negative(term: Term) -> bool:
    operator = find_operator(term.operator)
    return operator is not None and operator.negative


def _complementary(items: Sequence[Domain]) -> bool:
    """Whether two of the alternatives are a term and its opposite, which leave nothing out."""
    found = {(item.path, item.operator, item.value) for item in items if isinstance(item, Term)}
    for path, name, value in found:
        operator = find_operator(name)
        if operator is not None and operator.complement and operator.takes != "hierarchy":
            equal = operator.name in ("=", "!=", "in", "not in")
            if equal and (path, operator.complement, value) in found:
                return True
    return False


def _idle(policy: Policy, model: str, term: Term, negated: bool) -> bool:
    """Whether a term holds next to nothing back: it asks for what every record has."""
    if negated:
        return False
    path, operator, value = term.path, term.operator, term.value
    if operator == "not in" and isinstance(value, Values):
        return not value.items or (_always_set(policy, model, path) and all(map(_unset, value.items)))
    if operator == "in" and path == "active" and isinstance(value, Values):
        return any(item == Literal(True) for item in value.items)
    if not isinstance(value, Literal):
        return False
    if operator in _LIKE:
        return value.value in ("", "%")
    if path == "active":
        return (operator, bool(value.value)) in (("=", True), ("!=", False))
    if operator in ("!=", "<>"):
        return _unset(value) and _always_set(policy, model, path)
    if path == "id" and isinstance(value.value, int):
        return (operator == ">" and value.value <= 0) or (operator == ">=" and value.value <= 1)
    return False


def _says_public(value: Value) -> bool:
    values = value.items if isinstance(value, Values) else (value,)
    return any(
        isinstance(one, Literal) and isinstance(one.value, str) and "public" in one.value.lower()
        for one in values
    )


def _unset(value: Value) -> bool:
    return isinstance(value, Literal) and not value.value


def _always_set(policy: Policy, model: str, path: str) -> bool:
    if path in _ALWAYS_SET:
        return True
    steps = list(walk(policy, model, path))
    return len(steps) == path.count(".") + 1 and all(
        isinstance(step, Step) and step.field.required and step.field.type != "boolean" for step in steps
    )


def _ties(policy: Policy, model: str, term: Term) -> bool:
    """Whether comparing this field with a record of the user's singles out the user's records."""
    steps = list(walk(policy, model, term.path))
    last = steps[-1] if steps else None
    if isinstance(last, Step) and len(steps) == term.path.count(".") + 1 and last.field.type in _NO_LINK:
        return False
    for symbol in symbols(term.value):
        if symbol.root != "user":
            continue
        for step in walk(policy, "res.users", ".".join(symbol.path)) if symbol.path else ():
            if isinstance(step, Step) and (
                step.field.comodel in _SHARED_MODELS or step.field.type in _NO_LINK
            ):
                return False
    return True


def _computed(step: Step) -> bool:
    return bool(step.field.compute) and not step.field.store and not step.field.related


def _searched_in_python(policy: Policy, model: str, path: str) -> bool:
    """Whether a field on the way is computed, so that a method of its model decides what a term on it selects."""
    return any(isinstance(step, Step) and _computed(step) for step in walk(policy, model, path))


def about_user(domain: Domain) -> bool:
    """Whether a term compares with who asks: the user or a record reached from the user, companies apart."""
    return any(isinstance(term, Term) and _personal(term) for term in leaves(domain))


def _personal(term: Term) -> bool:
    if isinstance(term.value, Subdomain):
        return about_user(term.value.domain)
    if term.operator not in _TYING and not _negative(term):
        return False
    return any(_is_identity(symbol) for symbol in symbols(term.value))


def _is_identity(symbol: Symbol) -> bool:
    return symbol.root == "user" and _SHARED.isdisjoint(symbol.path)
