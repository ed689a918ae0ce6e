"""The one table of the operators of terms, Odoo 17 to the version after 19.

Sources in Odoo: ``odoo/osv/expression.py`` (``TERM_OPERATORS``, ``TERM_OPERATORS_NEGATION``) for 17 and 18,
``odoo/orm/domains.py`` (``CONDITION_OPERATORS``, ``_INVERSE_OPERATOR``) from 19.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal as OneOf

Takes = OneOf["scalar", "list", "pattern", "hierarchy", "subdomain"]

EVERY = frozenset({"17", "18", "19", "next"})
FROM_19 = frozenset({"19", "next"})


@dataclass(frozen=True, slots=True)
class Operator:
    """One row of the table.

    ``versions``: where Odoo accepts it in a list domain or in ``Domain(...)``. ``complement``: what ``!``
    turns it into, provided that one is valid in the version too. ``takes``: the sort of value. ``same_as``:
    the spelling Odoo reads it as. ``internal``: only for ``Domain(...)`` objects, refused in lists.
    ``phrase``: English; ``{}`` is the value.
    """

    name: str
    versions: frozenset[str]
    complement: str | None
    takes: Takes
    phrase: str
    same_as: str | None = None
    internal: bool = False

    @property
    def hierarchical(self) -> bool:
        """Whether it follows the parent field of a tree."""
        return self.takes == "hierarchy"

    @property
    def takes_list(self) -> bool:
        """Whether a list is the expected value."""
        return self.takes == "list"

    @property
    def takes_subdomain(self) -> bool:
        """Whether the value is a domain on the comodel."""
        return self.takes == "subdomain"

    @property
    def negative(self) -> bool:
        """Whether it is the negated one of its pair (``!=``, ``not in``, ...)."""
        return self.name in ("!=", "<>") or self.name.startswith("not ")


_ROWS = (
    Operator("=", EVERY, "!=", "scalar", "is {}"),
    Operator("!=", EVERY, "=", "scalar", "is not {}"),
    Operator("<>", EVERY, "=", "scalar", "is not {}", same_as="!="),
    Operator("==", FROM_19, "!=", "scalar", "is {}", same_as="="),
    Operator("<", EVERY, ">=", "scalar", "is less than {}"),
    Operator("<=", EVERY, ">", "scalar", "is at most {}"),
    Operator(">", EVERY, "<=", "scalar", "is more than {}"),
    Operator(">=", EVERY, "<", "scalar", "is at least {}"),
    Operator("=?", EVERY, None, "scalar", "is {} (or anything, when that is not set)"),
    Operator("like", EVERY, "not like", "pattern", "contains {}"),
    Operator("not like", EVERY, "like", "pattern", "does not contain {}"),
    Operator("ilike", EVERY, "not ilike", "pattern", "contains {} (in any case)"),
    Operator("not ilike", EVERY, "ilike", "pattern", "does not contain {} (in any case)"),
    Operator("=like", EVERY, "not =like", "pattern", "matches the pattern {}"),
    Operator("not =like", FROM_19, "=like", "pattern", "does not match the pattern {}"),
    Operator("=ilike", EVERY, "not =ilike", "pattern", "matches the pattern {} (in any case)"),
    Operator("not =ilike", FROM_19, "=ilike", "pattern", "does not match the pattern {} (in any case)"),
    Operator("in", EVERY, "not in", "list", "is one of {}"),
    Operator("not in", EVERY, "in", "list", "is none of {}"),
    Operator("child_of", EVERY, None, "hierarchy", "is {} or inside its tree"),
    Operator("parent_of", EVERY, None, "hierarchy", "is {} or one of its parents"),
    Operator("any", EVERY, "not any", "subdomain", "matches {}"),
    Operator("not any", EVERY, "any", "subdomain", "does not match {}"),
    Operator("any!", FROM_19, "not any!", "subdomain", "matches {}", internal=True),
    Operator("not any!", FROM_19, "any!", "subdomain", "does not match {}", internal=True),
)

OPERATORS: MappingProxyType[str, Operator] = MappingProxyType({row.name: row for row in _ROWS})


def find_operator(name: str) -> Operator | None:
    """The row of ``name``, whatever its case; ``None`` when no version knows it.

    Whether another case is accepted depends on the version: ask ``DomainSemantics.operator``.
    """
    return OPERATORS.get(name) or OPERATORS.get(name.lower())
