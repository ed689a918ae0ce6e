"""Values and tests in English."""

from __future__ import annotations

import re

from .problems import shorten
from .values import (
    AllOf,
    AnyOf,
    Call,
    Choice,
    Compare,
    Concat,
    Each,
    HasGroup,
    Literal,
    Negated,
    Sequence,
    Subdomain,
    Symbol,
    Test,
    Truthy,
    Value,
)

_NAMES = {
    "user": "the user",
    "user.id": "the user",
    "user.ids": "the user",
    "company_ids": "the user's active companies",
    "user.env.companies": "the user's active companies",
    "user.env.company": "the current company",
    "company_id": "the current company",
    "user.company_id": "the user's own company",
    "user.company_ids": "all companies of the user",
    "user.groups_id": "the user's groups",
    "user.group_ids": "the user's groups",
    "user.all_group_ids": "the user's groups",
    "user.partner_id": "the user's partner",
    "user.commercial_partner_id": "the user's commercial partner",
    "user.partner_id.commercial_partner_id": "the user's commercial partner",
    "website": "the current website",
}
_COMPARED = {
    "==": "is", "!=": "is not", "<": "is less than", "<=": "is at most", ">": "is more than",
    ">=": "is at least", "in": "is one of", "not in": "is none of", "is": "is", "is not": "is not",
}  # fmt: skip


def value_to_english(value: Value) -> str:
    """What a value is, as a noun phrase: ``the user's commercial partner``, ``'draft' or 'sent'``."""
    match value:
        case Literal(constant):
            return shown_constant(constant)
        case Symbol():
            return _symbol(value)
        case Sequence(items):
            if not items:
                return "nothing"
            return listed([value_to_english(item) for item in items], "or")
        case Concat(parts):
            return listed(
                [value_to_english(part) for part in parts], "or" if is_many(value) else "followed by"
            )
        case Choice(test, then, otherwise):
            asked = test_to_english(test)
            return f"({value_to_english(then)} if {asked}, otherwise {value_to_english(otherwise)})"
        case Call(function, args, kwargs):
            shown = [value_to_english(arg) for arg in args]
            shown += [f"{name} {value_to_english(arg)}" for name, arg in kwargs]
            of = f" of {', '.join(shown)}" if shown else ""
            return f"the result of {'.'.join((function.root, *function.path))}{of}"
        case Each(element, variable, source, condition):
            where = f" where {test_to_english(condition)}" if condition is not None else ""
            return f"{value_to_english(element)} for each {variable} of {value_to_english(source)}{where}"
        case Subdomain(domain):
            from .english import to_english  # the two speak of each other

            return f"those where ({to_english(domain)})"
    return f"a value Ostiary cannot read (`{shorten(value.text)}`)"


def test_to_english(test: Test) -> str:
    """What a conditional asks: ``the user is in the group base.group_user``."""
    match test:
        case HasGroup(xmlid):
            return f"the user is in the group {xmlid}"
        case Negated(HasGroup(xmlid)):
            return f"the user is not in the group {xmlid}"
        case Truthy(value):
            return f"{value_to_english(value)} is set"
        case Negated(Truthy(value)):
            return f"{value_to_english(value)} is not set"
        case Compare(op, left, right):
            return f"{value_to_english(left)} {_COMPARED[op]} {value_to_english(right)}"
        case AllOf(items) | AnyOf(items):
            word = " and " if isinstance(test, AllOf) else " or "
            texts = [test_to_english(item) for item in items]
            nested = [isinstance(item, AllOf | AnyOf) for item in items]
            return word.join(
                f"({text})" if inside else text for text, inside in zip(texts, nested, strict=True)
            )
        case Negated(item):
            return f"not ({test_to_english(item)})"
    raise TypeError(f"not a test: {type(test).__name__}")


def shown_constant(constant: bool | int | float | str | None) -> str:
    """A constant as a reader knows it."""
    if constant is None or constant is False:
        return "nothing"
    return "true" if constant is True else repr(constant)


def is_many(value: Value) -> bool:
    """Whether a value is several by its form or its name."""
    match value:
        case Sequence(items):
            return len(items) != 1 or is_many(items[0])
        case Concat(parts):
            return any(is_many(part) or isinstance(part, Sequence) for part in parts)
        case Symbol(root, path):
            if path == ("ids",) and root == "user":
                return False
            last = (root, *path)[-1]
            return last == "ids" or last.endswith("_ids") or last in ("companies", "groups_id")
        case Choice(_, then, otherwise):
            return is_many(then) or is_many(otherwise)
        case Each():
            return True
    return False


def unset_in(value: Value) -> tuple[Value, bool]:
    """A list without its ``False``, and whether it had one: ``company_ids + [False]``."""
    empty = (Literal(False), Literal(None))
    if isinstance(value, Sequence):
        kept = tuple(item for item in value.items if item not in empty)
        return Sequence(kept), len(kept) < len(value.items)
    if isinstance(value, Concat):
        parts = [unset_in(part) for part in value.parts]
        full = tuple(part for part, _ in parts if part != Sequence(()))
        unset = any(found for _, found in parts)
        if not full:
            return Sequence(()), unset
        return (full[0] if len(full) == 1 else Concat(full)), unset
    return value, False


def listed(parts: list[str], word: str) -> str:
    """``a, b or c``."""
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} {word} {parts[-1]}"


def _symbol(symbol: Symbol) -> str:
    names = [symbol.root, *symbol.path]
    if len(names) > 1 and names[-1] in ("id", "ids"):
        names.pop()
    for size in range(len(names), 0, -1):
        known = _NAMES.get(".".join(names[:size]))
        if known is not None:
            return known + "".join(_possessive(known, names[size:]))
    return ".".join(names)


def _possessive(owner: str, names: list[str]) -> list[str]:
    words: list[str] = []
    for name in names:
        words.append("' " if owner.endswith("s") else "'s ")
        owner = _words(name)
        words.append(owner)
    return words


def _words(name: str) -> str:
    """``commercial_partner_id`` as ``commercial partner``, ``child_ids`` as ``child records``."""
    if name.endswith("_ids"):
        return f"{name[:-4].replace('_', ' ')} records"
    return re.sub(r"_id$", "", name).replace("_", " ")
