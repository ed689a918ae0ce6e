"""What groups of records come to: `_read_group` as one SELECT over the rows that a search found.

Source: `models._read_group`, `_read_group_select`, `_read_group_groupby`, `_read_group_having`,
`_read_group_orderby` (18; 17 where the semantics say so). The rows are those that rights and rules leave. Field groups
are asked for every field that is named, also for those a many2one orders by; 18 forgets them for a many2many that
records are grouped by, which would tell its values.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import aggregate_order_by

from ostiary.domain import TRUE
from ostiary.enforce.lists.following import Expression, Joined, beyond, no_sql, stored
from ostiary.enforce.lists.group_values import COUNT, LISTS, empty, reader_of
from ostiary.enforce.lists.ordering import Ordered, ordered, parts
from ostiary.enforce.lists.periods import PERIODS, number, period
from ostiary.policy import Mode
from ostiary.records.access_protocol import Rules
from ostiary.records.errors import Fails, Undecided
from ostiary.records.schema import Inherited, Kind, Links, Related
from ostiary.records.sql import tree
from ostiary.records.sql.columns import comodel_of
from ostiary.records.sql.scope import Found, Scope
from ostiary.records.sql.searching import search_on

MAX_SPECS = 200
"""How many fields may be grouped by, aggregated or compared at once."""

RELATIONAL = ("many2one", "one2many", "many2many")
_SPEC = re.compile(r"(\w+)(?:\.(\w+))?(?::(\w+))?")
_NUMBERS = frozenset({"integer", "float", "monetary", "many2one", "many2one_reference", "many2many"})
_UNORDERED = frozenset({"boolean", "json", "properties", "properties_definition", "binary", "image"})
_AGGREGATES = (
    "sum", "avg", "max", "min", "bool_and", "bool_or", "array_agg", "recordset", "count", "count_distinct",
)  # fmt: skip
_COMPARED: dict[str, Callable[[Expression, Any], Expression]] = {
    "=": lambda left, right: left == right,
    "!=": lambda left, right: left != right,
    "<": lambda left, right: left < right,
    "<=": lambda left, right: left <= right,
    ">": lambda left, right: left > right,
    ">=": lambda left, right: left >= right,
    "in": lambda left, right: left.in_(right),
    "not in": lambda left, right: left.not_in(right),
}


@dataclass(frozen=True, slots=True)
class Spec:
    """`field`, `field:granularity` or `field:function`; `kind` is what the field is."""

    text: str
    field: str
    then: str
    kind: Kind

    @property
    def comodel(self) -> str | None:
        """The model of the records that it stands for; None for plain values."""
        return (
            self.kind.comodel
            if self.kind.type in RELATIONAL
            else self.kind.model
            if self.field == "id"
            else None
        )


class Grouping:
    """One `_read_group` being written: its rows, and the joins that it takes."""

    def __init__(self, found: Found) -> None:
        self.found = found
        self.scope = found.scope
        self.way = Joined(found.scope)
        self._links: dict[str, Expression] = {}

    def spec(self, text: str) -> Spec:
        """Raises Fails (`ValueError`) for a text that is none, or an unknown field."""
        match = _SPEC.fullmatch(text)
        if match is None:
            raise Fails(
                "ValueError", f"Invalid aggregate or group {text[:100]!r}: give field or field:function"
            )
        kind = self.scope.schema.field(self.scope.model.name, match[1])
        if kind.type == "properties":
            raise Undecided.computed(kind.model, kind.name, "is grouped by one of its properties")
        if match[2]:
            raise Fails("ValueError", f"Property access on a field without properties: {text!r}")
        return Spec(text, match[1], match[3] or "", kind)

    def type_of(self, aggregate: str) -> str:
        """The type of the field that is aggregated."""
        return "integer" if aggregate == COUNT else self.spec(aggregate).kind.type

    # -- what is grouped by

    def group(self, spec: Spec) -> Expression:
        """What rows have in common. Raises Refused (`field`), Fails (`ValueError`), Undecided."""
        kind = spec.kind
        dated = kind.type in ("date", "datetime")
        if spec.then and not dated:
            raise Fails("ValueError", f"Granularity set on a field that is no date: {spec.text!r}")
        value = (
            self.links(spec.field) if kind.type == "many2many" else stored(self.way, self.scope, spec.field)
        )
        if kind.type == "boolean":
            return sa.func.coalesce(value, sa.false())
        if not dated:
            return value
        if spec.then in PERIODS:
            return period(self.scope, value, kind.type, spec.then)
        if spec.then in self.scope.semantics.date_parts:
            return number(self.scope, value, spec.then)
        wrong = f"{spec.then!r} of {spec.text!r} is none" if spec.then else f"{spec.text!r} has none"
        raise Fails("ValueError", f"A date is grouped by a granularity ({', '.join(PERIODS)}): {wrong}")

    def links(self, name: str) -> Expression:
        """The records of a many2many, one a row: those that the rules of their model leave. Where none is left the
        row stays, with none."""
        found = self._links.get(name)
        if found is None:
            found = self._links[name] = self._joined_links(self.scope, name, 0)
        return found

    def _joined_links(self, scope: Scope, name: str, depth: int) -> Expression:
        kind = scope.schema.field(scope.model.name, name)
        scope.check(name)
        match kind:
            case Links(own=sa.Column() as own, other=sa.Column() as other):
                table = own.table.alias()
                on: list[Expression] = [table.c[own.name] == scope.id]
                # Which of the records are seen is up to whoever asks, also where a field is related as superuser.
                seen = _visible(scope.as_session(self.scope.session), comodel_of(kind))
                if seen is not None:
                    on.append(table.c[other.name].in_(seen.select()))
                self.way.source = self.way.source.outerjoin(table, sa.and_(*on))
                return table.c[other.name]
            case Inherited(link=link) if depth <= MAX_SPECS:
                return self._joined_links(beyond(self.way, scope, link), name, depth + 1)
            case Related(path=path, sudo=sudo) if (
                depth <= MAX_SPECS and not scope.semantics.related_follows_caller
            ):
                if not (sudo or scope.session.superuser):
                    raise no_sql(kind, "is neither computed as superuser nor inherited")
                through = scope.sudo()
                for step in path[:-1]:
                    if through.schema.field(through.model.name, step).type != "many2one":
                        raise no_sql(kind, f"is related through {step}, which is no many2one")
                    through = beyond(self.way, through, step)
                return self._joined_links(through, path[-1], depth + 1)
        if isinstance(kind, Links) or scope.schema.definition(kind.model).fields[name].store:
            raise Undecided.computed(kind.model, name, "has links that are not known")
        raise no_sql(kind, "is not stored")

    # -- what groups come to

    def aggregate(self, text: str) -> Expression:
        """What a group comes to. Raises Refused (`field`), Fails (`ValueError`), Undecided."""
        if text == COUNT:
            return sa.func.count()
        spec = self.spec(text)
        type_ = spec.kind.type
        if spec.then not in _AGGREGATES:
            wrong = f"there is no {spec.then!r}" if spec.then else f"{text!r} says none"
            raise Fails(
                "ValueError", f"A field is aggregated by a function ({', '.join(_AGGREGATES)}): {wrong}"
            )
        if spec.then == "recordset" and spec.comodel is None:
            raise Fails("ValueError", f"Only records can be a recordset, not {spec.field!r}")
        _check_type(spec, type_)
        many = type_ == "many2many" and self.scope.semantics.related_follows_caller
        value = self.links(spec.field) if many else stored(self.way, self.scope, spec.field)
        return self._function(spec.then, value)

    def _function(self, name: str, value: Expression) -> Expression:
        on_postgresql = self.scope.store.dialect == "postgresql"
        match name:
            case "count":
                return sa.func.count(value)
            case "count_distinct":
                return sa.func.count(sa.distinct(value))
            case "bool_and" | "bool_or":
                other = "min" if name == "bool_and" else "max"
                return sa.type_coerce(_called(name if on_postgresql else other, value), sa.Boolean)
            case "array_agg" | "recordset":
                if on_postgresql:
                    return sa.func.array_agg(aggregate_order_by(value, self.scope.id))
                pair = sa.func.json_array(self.scope.id, value)
                return sa.func.json_group_array(sa.func.json(pair), type_=sa.Text)
        return _called(name, value)

    # -- which groups, in what order

    def having(self, domain: Sequence[Any]) -> Expression:
        """The condition of a domain of aggregates. Raises Fails (`ValueError`) for one that is malformed."""
        stack: list[Expression] = []
        for item in reversed(domain):
            if item == "!":
                stack.append(sa.not_(_popped(stack)))
            elif item in ("&", "|"):
                left, right = _popped(stack), _popped(stack)
                stack.append(sa.and_(left, right) if item == "&" else sa.or_(left, right))
            else:
                stack.append(self._compared(item))
        return sa.and_(*reversed(stack))

    def _compared(self, item: Any) -> Expression:
        if not (isinstance(item, list | tuple) and len(item) == 3 and isinstance(item[0], str)):
            raise Fails("ValueError", "A having clause is a domain: (aggregate, operator, value)")
        left, operator, right = item
        compared = _COMPARED.get(operator) if isinstance(operator, str) else None
        listed = operator in ("in", "not in")
        values = list(right) if listed and isinstance(right, list | tuple | set) else [right]
        plain = all(isinstance(one, str | int | float | date) for one in values)
        if compared is None or not (plain and values) or listed is not isinstance(right, list | tuple | set):
            raise Fails(
                "ValueError", f"Invalid having clause on {left!r}: supported are {', '.join(_COMPARED)}"
            )
        if left.rpartition(":")[2] in LISTS:
            raise Fails("ValueError", f"Invalid having clause: {left!r} is a list")
        return compared(self.aggregate(left), values if listed else right)

    def order(
        self, order: str | None, groups: dict[str, Expression]
    ) -> tuple[list[Ordered], list[Expression]]:
        """What groups are put in order by, and what has to be grouped by as well for that."""
        if not order:
            return [Ordered(one) for one in groups.values()], []
        found: list[Ordered] = []
        more: list[Expression] = []
        try:
            read = parts(order)
        except Fails:
            raise Fails("ValueError", f"Invalid order {order[:100]!r} for _read_group()") from None
        for part in read:
            if part.term not in groups:
                found.append(Ordered(self.aggregate(part.term), part.descending, part.nulls))
                continue
            kind = self.spec(part.term).kind
            if kind.type == "many2one" and self.scope.schema.definition(comodel_of(kind)).order != "id":
                direction = f"{part.term} {'desc' if part.descending else 'asc'}"
                terms = ordered(
                    self.way, self.scope, f"{direction} nulls {part.nulls}" if part.nulls else direction
                )
                found += terms
                more += [one.value for one in terms]
            else:
                found.append(Ordered(groups[part.term], part.descending, part.nulls))
        return found, more


def grouped(
    found: Found,
    groupby: Sequence[str] = (),
    aggregates: Sequence[str] = (),
    *,
    having: Sequence[Any] = (),
    offset: int = 0,
    limit: int | None = None,
    order: str | None = None,
) -> list[tuple[Any, ...]]:
    """A row for each group of what was found: the values it has in common, then its aggregates.

    A record is its id, False where there is none; several are a tuple of ids (`models_of` says of which model). A
    date is the day (or datetime) its period begins with. What isn't set is False; a count is 0, an `array_agg` [].

    Raises Refused (`field`) where field groups keep the session from a field, Fails (`ValueError`) for what can't be
    grouped by or aggregated, Undecided where only Odoo would tell.
    """
    _check(groupby, aggregates, having, offset, limit)
    one = Grouping(found)
    if found.empty:
        return [] if groupby else [tuple(empty(text) for text in aggregates)]
    specs = [one.spec(text) for text in groupby]
    groups = {spec.text: one.group(spec) for spec in specs}
    values = [one.aggregate(text) for text in aggregates]
    condition = None
    terms: list[Ordered] = []
    more: list[Expression] = []
    if having and (groups or found.scope.semantics.related_follows_caller):
        condition = one.having(having)
    if groups:
        terms, more = one.order(order, groups)
    # The joins that all of these take are known by now.
    columns = [*groups.values(), *values]
    if not columns:
        return []
    statement = sa.select(*[column.label(f"c{at}") for at, column in enumerate(columns)])
    statement = statement.select_from(one.way.source).where(found.where)
    if groups:
        statement = statement.group_by(*groups.values(), *more)
    if condition is not None:
        statement = statement.having(condition)
    statement = statement.order_by(*[term.rendered(found.scope.store.dialect) for term in terms])
    statement = statement.limit(limit or None).offset(offset or None)
    places = [list(groups).index(text) for text in groupby]
    reads = [reader_of(text, one.type_of(text)) for text in aggregates]
    return [
        (
            *(False if row[at] is None else row[at] for at in places),
            *(read(value) for read, value in zip(reads, row[len(groups) :], strict=True)),
        )
        for row in found.scope.store.rows(statement)
    ]


def models_of(found: Found, groupby: Sequence[str], aggregates: Sequence[str]) -> list[str | None]:
    """For each place in a row of `grouped` the model of the records that its ids are of; None for plain values."""
    one = Grouping(found)
    models = [one.spec(text).comodel for text in groupby]
    return models + [one.spec(text).comodel if text.endswith(":recordset") else None for text in aggregates]


def _check(
    groupby: Sequence[str], aggregates: Sequence[str], having: Sequence[Any], offset: int, limit: int | None
) -> None:
    if len(groupby) + len(aggregates) + len(having) > MAX_SPECS:
        raise Fails("ValueError", f"More than {MAX_SPECS} groups, aggregates and conditions at once")
    if not all(isinstance(text, str) for text in (*groupby, *aggregates)):
        raise Fails("ValueError", "A group or aggregate is a text: field, or field:function")
    if offset < 0 or (limit or 0) < 0:
        raise Fails("ValueError", "limit and offset are not negative")


def _check_type(spec: Spec, type_: str) -> None:
    """PostgreSQL has no such function for every type; SQLite would take any."""
    match spec.then:
        case "sum" | "avg":
            fits = type_ in _NUMBERS
        case "max" | "min":
            fits = type_ not in _UNORDERED
        case "bool_and" | "bool_or":
            fits = type_ == "boolean"
        case _:
            fits = True
    if not fits:
        raise Fails(
            "ValueError", f"{spec.then} can't be taken of {spec.field}, whose values are of type {type_}"
        )


def _visible(scope: Scope, model: str) -> Found | None:
    """Which records of a model the session sees among links, archived ones too; None for all there are."""
    session = scope.session.with_active_test(False)
    inner = scope.on(model, session)
    if session.superuser:
        return None
    if scope.semantics.links_ask_for_right:
        return search_on(inner, TRUE)
    if not isinstance(scope.access, Rules):
        raise TypeError("an Access that knows rules from rights is needed")
    rule = scope.access.rules_alone(session, model, Mode.READ)
    if rule == TRUE:
        return None
    asked = inner.sudo()
    if not scope.semantics.rule_lines_ignore_active_test:
        asked = asked.as_session(asked.session.with_active_test(scope.session.active_test))
    return Found(inner, tree.condition(asked, rule))


def _called(name: str, value: Expression) -> Expression:
    found: Expression = getattr(sa.func, name)(value)
    return found


def _popped(stack: list[Expression]) -> Expression:
    if not stack:
        raise Fails("ValueError", "A having clause has an operator without its operands")
    return stack.pop()
