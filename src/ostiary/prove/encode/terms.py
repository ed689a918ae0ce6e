"""What a term compares, told from its text alone; its opposite, and what stands for it where it can't be read."""

from __future__ import annotations

from ostiary.domain import (
    TRUE,
    Choice,
    Concat,
    Constant,
    Domain,
    Each,
    IfElse,
    Literal,
    Not,
    Opaque,
    Sequence,
    Subdomain,
    Symbol,
    Term,
    Value,
    disjunction,
    find_operator,
    term_to_odoo,
)

RELATIONAL = frozenset({"many2one", "one2many", "many2many"})
TEXTS = frozenset({"char", "text", "html"})
HIERARCHIES = frozenset({"child_of", "parent_of"})
ARCHIVED_TOO = "any!"
"""`any` that sees archived records of an x2many, whatever the context says."""
INHERITED = "any inherited"
"""`any` on the link to a parent that is delegated to, where a field of the parent is named as one's own."""
POSITIVE = {
    "!=": "=",
    "<>": "=",
    "not in": "in",
    "not like": "like",
    "not ilike": "ilike",
    "not =like": "=like",
    "not =ilike": "=ilike",
    "not any": "any",
}
"""Negative operators, and what each is the negative of."""
_LIKE = frozenset({"like", "ilike", "=like", "=ilike"})


def negated(domain: Domain) -> Domain:
    """The exact opposite: neither accepts a record that the other does."""
    match domain:
        case Constant(value):
            return Constant(not value)
        case Not(item):
            return item
        case Term(path, "any", value, position):
            return Term(path, "not any", value, position)
        case Term(path, "not any", value, position):
            return Term(path, "any", value, position)
    return Not(domain)


def unread(term: Term, why: str) -> Opaque:
    """A term that can't be read, and why."""
    return Opaque(term_to_odoo(term), term.position, why, is_term=True)


def values_of(value: Value) -> list[Value]:
    """The parts of a list, or the one value."""
    if isinstance(value, Sequence):
        return list(value.items)
    if isinstance(value, Concat):
        return [item for part in value.parts for item in values_of(part)]
    return [value]


def replaced(term: Term, place: int, value: Value) -> Term:
    """The term with another value in one place of its list."""
    if not isinstance(term.value, Sequence | Concat):
        return Term(term.path, term.operator, value, term.position)
    values = values_of(term.value)
    items = (*values[:place], value, *values[place + 1 :])
    parts = tuple(
        one if isinstance(one, Symbol) and one.path[-1:] == ("ids",) else Sequence((one,)) for one in items
    )
    return Term(term.path, term.operator, Concat(parts), term.position)


def any_at_all(term: Term) -> Term:
    """That there is a record at the end of a path, whatever it is."""
    return Term("", "any", Subdomain(TRUE), term.position)


def is_several(term: Term) -> bool:
    """Whether `=` or `!=` compares with a list, which in Python equals no value."""
    value = term.value
    if term.operator not in ("=", "!="):
        return False
    if isinstance(value, Symbol):
        return value.path[-1:] == ("ids",) or value.root == "company_ids"
    return isinstance(value, Sequence | Concat | Each)


def is_one_record(value: Value) -> bool:
    """Whether a value is the id of one record, or False."""
    return isinstance(value, Symbol) and value.path[-1:] == ("id",)


def is_by_name(term: Term) -> bool:
    """Whether a relational field is compared with names."""
    if term.operator in _LIKE or POSITIVE.get(term.operator) in _LIKE:
        return True
    operator = find_operator(term.operator)
    if operator is None or operator.hierarchical:
        return False
    values = term.value.items if isinstance(term.value, Sequence) else (term.value,)
    return bool(values) and all(isinstance(one, Literal) and isinstance(one.value, str) for one in values)


def mentions_unset(term: Term) -> bool:
    """Whether a term compares with a constant that is false to Python, such as False, 0 or an empty text."""
    values = term.value.items if isinstance(term.value, Sequence) else (term.value,)
    return any(isinstance(one, Literal) and not one.value for one in values)


def wanted(term: Term) -> bool | None:
    """Whether a term on a boolean asks for true; None where it asks for neither."""
    value = term.value
    if isinstance(value, Sequence) and len(value.items) == 1 and term.operator in ("in", "not in"):
        value = value.items[0]
    elif term.operator not in ("=", "!="):
        return None
    if not isinstance(value, Literal):
        return None
    return bool(value.value) is not term.operator.startswith(("!", "not"))


def as_pattern(term: Term) -> Domain | None:
    """A pattern that is a value of the user's: it matches itself, and nobody knows what else."""
    positive = POSITIVE.get(term.operator, term.operator)
    if positive not in _LIKE:
        return None
    found = disjunction(
        [
            Term(term.path, "=", term.value, term.position),
            unread(term, f"has a pattern for {term.path} that is not known"),
        ]
    )
    return negated(found) if positive != term.operator else found


def chosen(term: Term) -> Domain | None:
    """`x if test else y` on the right, as a choice between two terms; None where there is none."""
    value = term.value
    if isinstance(value, Choice):
        return IfElse(
            value.test,
            Term(term.path, term.operator, value.then, term.position),
            Term(term.path, term.operator, value.otherwise, term.position),
        )
    if isinstance(value, Sequence):
        for place, item in enumerate(value.items):
            if isinstance(item, Choice):
                before, after = value.items[:place], value.items[place + 1 :]
                first = Sequence((*before, item.then, *after))
                second = Sequence((*before, item.otherwise, *after))
                return IfElse(
                    item.test,
                    Term(term.path, term.operator, first, term.position),
                    Term(term.path, term.operator, second, term.position),
                )
    return None
