"""What is wrong with the rules of an application, said when its policy is made and not at the first request."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import get_close_matches

import sqlalchemy as sa

from ostiary.domain import (
    Domain,
    Literal,
    Opaque,
    Sequence,
    Subdomain,
    Value,
    from_python,
    opaques,
    problems,
    terms,
    to_odoo,
)
from ostiary.enforce.orm.ties import MappingError, Ties
from ostiary.policy import Field, Policy, RecordRule

_PARTED = ("date", "datetime")
"""Types of fields that a path may go on from to a part of the value (`day.year_number`)."""


def text_of(domain: object, where: object) -> str:
    """A rule's domain as the text it is kept as, given as text or as the list that Python made of it.

    Raises MappingError for anything else; `where` is said in it.
    """
    if isinstance(domain, str):
        return domain
    if not isinstance(domain, list | tuple):
        raise MappingError(
            f"the domain of the rule at {where} is a {type(domain).__name__}: write it as text, or as a list of terms"
        )
    found = from_python(domain)
    for part in opaques(found):
        raise MappingError(
            f"the domain of the rule at {where} is a list that holds `{part.text}`: {part.why}; what depends on who "
            "asks (user.id) is written as text"
        )
    return to_odoo(found)


def check_rules(policy: Policy, ties: Ties) -> None:
    """Raises MappingError for a rule that would fail, or let everything through, whoever asks."""
    for rule in policy.rules:
        if rule.active and not rule.uncertain:
            _check_text(policy, rule)
            _check_paths(policy, rule, rule.model, rule.domain)
            _check_words(rule, ties)


def _check_text(policy: Policy, rule: RecordRule) -> None:
    """What can be said of a domain without its model: brackets, operators, names."""
    semantics = policy.semantics.domain
    for problem in problems(rule.domain, semantics):
        if problem.certain or problem.name:
            raise _wrong(rule, f"{problem.message}{_meant(problem.name, sorted(semantics.names))}")
    for part in opaques(rule.domain):
        if isinstance(part, Opaque):
            raise _wrong(rule, f"`{part.text:.80}` can't be understood: {part.why}")


def _check_paths(policy: Policy, rule: RecordRule, model: str, domain: Domain) -> None:
    for term, _ in terms(domain):
        end = _followed(policy.models[model].name, policy, rule, term.path)
        if isinstance(term.value, Subdomain):
            if end is None:
                raise _wrong(
                    rule, f"'{term.operator}' is asked of {term.path}, which leads to no other model"
                )
            _check_paths(policy, rule, end, term.value.domain)


def _followed(model: str, policy: Policy, rule: RecordRule, path: str) -> str | None:
    """The model that a path leads to, None for one that ends at a value."""
    at: str | None = model
    before: tuple[str, Field | None] = ("", None)
    for name in path.split("."):
        if at is None:
            owner, field = before
            if field is not None and field.type in _PARTED:
                return None
            raise _wrong(
                rule,
                f"{path} goes on after {owner}, which leads to no model: a foreign key to a class that is tied does",
            )
        fields: Mapping[str, Field] = policy.models[at].fields
        known = fields.get(name)
        if known is None and name != "id":
            raise _wrong(rule, f"{at} has no field {name}{_meant(name, ['id', *fields])}")
        before = (f"{at}.{name}", known)
        at = known.comodel if known is not None else None
    return at


def _check_words(rule: RecordRule, ties: Ties) -> None:
    """A rule that compares an Enum with a word that it never holds would let everything through, or nothing."""
    one = ties.models[rule.model]
    for term, _ in terms(rule.domain):
        column = one.fields.get(term.path)
        if column is None or not isinstance(column.type, sa.Enum):
            continue
        for word in _words(term.value):
            if word not in column.type.enums:
                raise MappingError(
                    f"{rule.xmlid} ({rule.origin}) compares {term.path} with {word!r}, which is never stored: "
                    f"{', '.join(column.type.enums)} are"
                )


def _words(value: Value) -> list[str]:
    items = value.items if isinstance(value, Sequence) else (value,)
    return [one.value for one in items if isinstance(one, Literal) and isinstance(one.value, str)]


def _wrong(rule: RecordRule, why: str) -> MappingError:
    return MappingError(f"{rule.xmlid} ({rule.origin}) can't be meant so: {why}")


def _meant(name: str, known: Iterable[str]) -> str:
    near = get_close_matches(name, list(known), n=3, cutoff=0.6)
    return f"; did you mean {' or '.join(near)}?" if near else ""
