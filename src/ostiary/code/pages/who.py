"""Tests of who asks: which groups whoever passes a test has, as a specification such as `a,b` or `!c`.

Empty means that nothing is known of them. Several specifications that must all hold are joined by `;`.
"""

from __future__ import annotations

from msgspec.structs import replace

from ostiary.code.pages.values import Sort, Value, Values
from ostiary.policy.semantics import INTERNAL, PORTAL, PUBLIC

ALL = ";"
_SYSTEM = "base.group_system"
# Methods of `res.users` that say what a user is.
_METHODS = {
    "_is_internal": INTERNAL,
    "_is_admin": _SYSTEM,
    "_is_system": _SYSTEM,
    "_is_superuser": _SYSTEM,
    "_is_public": PUBLIC,
    "_is_portal": PORTAL,
    "is_admin": _SYSTEM,
    "is_system": _SYSTEM,
    "has_group": "",
    "has_groups": "",
    "user_has_groups": "",
}
_MOST = 400


def by_method(name: str, argument: str) -> Value | None:
    """The test that a method of a user makes, with the groups it names; None for another method."""
    if name not in _METHODS:
        return None
    return of_groups(_METHODS[name] or argument)


def of_groups(spec: str) -> Value:
    """The test whether a user has one of some groups."""
    names = [name.strip() for name in spec.split(",") if name.strip()]
    if not names or len(spec) > _MOST:
        return Value(Sort.TEST)
    if any(name.startswith("!") for name in names):
        return Value(Sort.TEST, yes=",".join(names))
    return Value(Sort.TEST, yes=",".join(names), no=ALL.join(f"!{name}" for name in names))


def shared() -> Value:
    """`user.share`: true for whoever is not an internal user."""
    return Value(Sort.TEST, yes=f"!{INTERNAL}", no=INTERNAL)


def denied(values: Values) -> Values:
    """`not` of a test."""
    return tuple(replace(value, yes=value.no, no=value.yes) for value in values)


def both(values: Values) -> Value:
    """`a and b`."""
    yes = ALL.join(dict.fromkeys(one.yes for one in values if one.yes))
    return Value(Sort.TEST, yes=yes[:_MOST], no=_either([one.no for one in values]))


def either(values: Values) -> Value:
    """`a or b`."""
    no = ALL.join(dict.fromkeys(one.no for one in values if one.no))
    return Value(Sort.TEST, yes=_either([one.yes for one in values]), no=no[:_MOST])


def _either(specs: list[str]) -> str:
    """The groups where one of some specifications holds; nothing is known where one of them says nothing."""
    if not all(specs) or any(ALL in spec or "!" in spec for spec in specs):
        return specs[0] if len(set(specs)) == 1 else ""
    return ",".join(dict.fromkeys(name for spec in specs for name in spec.split(",")))[:_MOST]


def holds(values: Values) -> str:
    """The groups of whoever a condition holds for, whatever it was made of."""
    return _either([one.yes for one in values]) if values else ""


def fails(values: Values) -> str:
    """The groups of whoever a condition does not hold for."""
    return _either([one.no for one in values]) if values else ""


def joined(*specs: str) -> str:
    """Specifications that must all hold."""
    said = [spec for spec in specs if spec]
    if len(said) < 2:
        return said[0] if said else ""
    return ALL.join(dict.fromkeys(part for spec in said for part in spec.split(ALL) if part))
