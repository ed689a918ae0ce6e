"""Which terms mean the same in SQL and in Odoo's Python.

Odoo searches and reads by SQL, and checks write, create and unlink in Python (`filtered_domain`), and the two
differ: on unset values, archived lines, dates. A policy is SQL. So for those modes a rule may only hold terms
of which it is known that both give one answer; any other is refused. The list is of what agrees, so that what
nobody thought of is refused too.
"""

from __future__ import annotations

from typing import Any

from ostiary.domain import TRUE, And, Constant, Domain, Literal, Not, Or, Sequence, Subdomain, Term, terms
from ostiary.records.errors import Undecided
from ostiary.records.schema import Column, Inherited, Kind, Lines, Links, Python, Schema, Storage
from ostiary.records.sql.values import python_value

_SAMES = frozenset({"=", "!=", "in", "not in"})
_NEGATIVE = frozenset({"!=", "not in"})
_ORDER = frozenset({"<", "<=", ">", ">="})
_TREE = frozenset({"child_of", "parent_of"})
_TEXTS = frozenset({"char", "text", "selection"})
_NUMBERS = frozenset({"integer", "float", "monetary"})
_X2MANY = frozenset({"one2many", "many2many"})
_DATE, _MOMENT = len("2024-01-31"), len("2024-01-31 12:00:00")


def in_both(schema: Schema, model: str, domain: Domain, *, negated: bool = False) -> Domain:
    """The domain in a form whose SQL gives the answer of Python.

    Raises Undecided, naming the term, where it is not known to.
    """
    match domain:
        case Constant():
            return domain
        case And(items):
            return And(tuple(in_both(schema, model, item, negated=negated) for item in items))
        case Or(items):
            return Or(tuple(in_both(schema, model, item, negated=negated) for item in items))
        case Not(item):
            return Not(in_both(schema, model, item, negated=not negated))
        case Term():
            return _Checked(schema, model, domain).agreed(negated=negated)
    raise Undecided("cannot be decided: a part of the domain could not be understood")


def searchable(schema: Schema, model: str, domain: Domain) -> None:
    """Raises Undecided for a term on a field without a column that nothing says how to search: Odoo takes
    such a term for TRUE (17, 18), which no policy should hold."""
    for node, _ in terms(domain):
        at: str | None = model
        for name in node.path.split("."):
            if at is None:
                break
            kind = schema.field(at, name)
            if isinstance(kind, Python):
                raise Undecided.computed(kind.model, kind.name, kind.why)
            at = kind.comodel
        if at is not None and isinstance(node.value, Subdomain):
            searchable(schema, at, node.value.domain)


class _Checked:
    """One term, and the fields on its path."""

    def __init__(self, schema: Schema, model: str, term: Term) -> None:
        self.schema = schema
        self.term = term
        self.flattened = not schema.semantics.python_path_is_any and schema.semantics.version == "17"
        self.kinds: list[Kind] = []
        at: str | None = model
        for name in term.path.split("."):
            if at is None:
                raise self._differ()
            kind = schema.field(at, name)
            self.kinds.append(kind)
            at = kind.comodel
        self.last = self.kinds[-1]
        self.hops = len(self.kinds) > 1

    def agreed(self, *, negated: bool) -> Domain:
        for kind in self.kinds[:-1]:
            self._hop(kind, negated=negated)
        row = self.schema.semantics.operator(self.term.operator)
        operator = (row.same_as or row.name) if row is not None else ""
        if isinstance(self.term.value, Subdomain):
            return self._any(operator, self.term.value.domain, negated=negated)
        if negated and (self.hops or operator not in _SAMES):
            raise self._differ()
        value = python_value(self.term.value)
        values = value if isinstance(value, list) else [value]
        negative = operator in _NEGATIVE
        falsy = not values or not all(values)
        if self.hops and self.flattened and (negative or falsy or operator in _ORDER):
            raise self._differ()
        last = self.last
        if isinstance(last, Inherited) and (negative or falsy or negated or operator not in _SAMES):
            raise self._differ()
        if last.type in _X2MANY:
            return self._links(operator, values, negated=negated)
        if (
            not isinstance(last, Column | Inherited)
            or getattr(last, "storage", Storage.PLAIN) is not Storage.PLAIN
        ):
            raise self._differ()
        if not self._plain(operator, value, values, falsy=falsy):
            raise self._differ()
        return self.term

    def _hop(self, kind: Kind, *, negated: bool) -> None:
        lines = isinstance(kind, Lines | Links)
        if lines and (negated or self.term.operator in _TREE or self.last.name == self._active(kind)):
            raise self._differ()
        if not lines and not (
            isinstance(kind, Column) and kind.type == "many2one" and kind.storage is Storage.PLAIN
        ):
            raise self._differ()
        if lines and (self.flattened or self.term.operator in _NEGATIVE or _narrowed(kind)):
            raise self._differ()

    def _active(self, kind: Kind) -> str | None:
        return self.schema.model(str(kind.comodel)).active

    def _plain(self, operator: str, value: Any, values: list[Any], *, falsy: bool) -> bool:
        """Whether a term on a plain value or a many2one agrees."""
        type_ = self.last.type
        if self.last.name == "id":
            negative = operator in _NEGATIVE
            return operator in _SAMES | _TREE and _ids(values) and not (negative and self.hops)
        if type_ == "many2one":
            if operator in _TREE:
                self._tree()
                return value is False or _ids(values)
            given = [one for one in values if one is not False]
            return operator in _SAMES and bool(values) and (not given or _ids(given))
        if type_ == "boolean":
            return operator in _SAMES and all(isinstance(one, bool) for one in values)
        if type_ in _TEXTS:
            empty = value == "" and operator == "=" and type_ != "selection" and not self.flattened
            texts = all(one is False or (isinstance(one, str) and one) for one in values)
            return operator in _SAMES and (texts or (empty and not self.hops))
        if type_ in _NUMBERS:
            numbers = all(isinstance(one, int | float) and not isinstance(one, bool) for one in values)
            return (
                numbers
                and operator in _SAMES | _ORDER
                and not (falsy and self.flattened)
                and (not self.flattened or operator in _SAMES)
            )
        if type_ in ("date", "datetime"):
            length = _DATE if type_ == "date" else _MOMENT
            dated = isinstance(value, str) and len(value) == length
            return (operator in _ORDER and dated) or (operator in ("=", "!=") and value is False)
        return False

    def _tree(self) -> None:
        """Python reads `parent_path` as a field. Raises Undecided where that was not read."""
        comodel = self.last.comodel
        if comodel is not None and self.schema.model(comodel).parent_store:
            self.schema.field(comodel, "parent_path")

    def _links(self, operator: str, values: list[Any], *, negated: bool) -> Domain:
        """Python asks whether one of the records that the field shows is among the ids: that is `any` in SQL."""
        shown = isinstance(self.last, Lines | Links) and not _narrowed(self.last)
        if (
            operator not in _SAMES
            or not shown
            or not values
            or not _ids(values)
            or (self.flattened and self.hops)
        ):
            raise self._differ()
        if self.hops and (operator in _NEGATIVE or negated):
            raise self._differ()
        among = Sequence(tuple(Literal(one) for one in values))
        name = "not any" if operator in _NEGATIVE else "any"
        return Term(self.term.path, name, Subdomain(Term("id", "in", among)))

    def _any(self, operator: str, inner: Domain, *, negated: bool) -> Domain:
        comodel = self.last.comodel
        lines = isinstance(self.last, Lines | Links)
        column = isinstance(self.last, Column) and self.last.type == "many2one"
        if (
            comodel is None
            or negated
            or self.hops
            or operator != "any"
            or self.flattened
            or not (lines or column)
        ):
            raise self._differ()
        if lines and (_narrowed(self.last) or _names(inner, self._active(self.last))):
            raise self._differ()
        return Term(self.term.path, operator, Subdomain(in_both(self.schema, comodel, inner)))

    def _differ(self) -> Undecided:
        said = f"{self.term.path} {self.term.operator}"
        return Undecided(
            f"cannot be decided: whether the term on '{said:.80}' means the same in SQL and in Odoo's Python, which "
            "checks what is not reading"
        )


def _ids(values: list[Any]) -> bool:
    return bool(values) and all(
        isinstance(one, int) and not isinstance(one, bool) and one > 0 for one in values
    )


def _narrowed(kind: Kind) -> bool:
    """Whether an x2many field has a domain of its own."""
    return getattr(kind, "domain", None) not in (None, TRUE)


def _names(domain: Domain, field: str | None) -> bool:
    """Whether a term of the domain is on the field."""
    match domain:
        case And(items) | Or(items):
            return any(_names(item, field) for item in items)
        case Not(item):
            return _names(item, field)
        case Term(path):
            return field is not None and field in path.split(".")
    return False
