"""Records by groups: `_read_group` (`grouped`), and `read_group` as 17 and 18 have it for callers from outside.

Source: `models.read_group`, `_read_group_format_result` (18). Groups without records (`group_expand`,
`fill_temporal`) aren't added, and what a field is aggregated by where nothing is said is taken from its type: the sum
of a number.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from ostiary.enforce.lists.aggregates import Grouping, Spec, grouped, models_of
from ostiary.enforce.lists.group_values import COUNT
from ostiary.enforce.lists.periods import PERIODS, end_of, label, written
from ostiary.records.access import Access
from ostiary.records.errors import Fails, Undecided
from ostiary.records.schema import Column, Inherited
from ostiary.records.sql.columns import comodel_of
from ostiary.records.sql.scope import Found, Scope

__all__ = ["grouped", "models_of", "read_group"]

_FIELD = re.compile(r"(\w+)(?::(\w+)(?:\((\w+)\))?)?")
_SUMMED = ("integer", "float", "monetary")
_DATES = ("date", "datetime")

Row = dict[str, Any]


def read_group(
    found: Found,
    domain: Sequence[Any],
    fields: Sequence[str],
    groupby: Sequence[str],
    *,
    offset: int = 0,
    limit: int | None = None,
    orderby: str | None = None,
    lazy: bool = True,
) -> list[Row]:
    """A dict for each group of what was found for `domain`: its value by the group's name, its aggregates by the
    field's, how many records it has (`<field>_count`, or `__count`), and the `__domain` that finds them.

    A record is `(id, name)`, a date the name of its period, whose bounds are in `__range`. With `lazy` only the first
    field groups, and the rest is in `__context`. Raises as `grouped` does.
    """
    by = list(groupby[:1] if lazy else groupby)
    one = Grouping(found)
    groups = {text: _with_granularity(one.spec(text)) for text in by}
    count = f"{by[0].partition(':')[0]}_count" if lazy and len(by) == 1 else COUNT
    aggregates = {count: COUNT} | _aggregates(one, fields, groups)
    order = _order(orderby, groups, aggregates) if orderby else ",".join(groups.values())
    rows = grouped(
        found, list(groups.values()), list(aggregates.values()), offset=offset, limit=limit, order=order
    )
    names = [*groups, *aggregates]
    made: list[Row] = [dict(zip(names, row, strict=True)) for row in rows]
    for row in made:
        row["__domain"] = list(domain)
        if len(by) < len(groupby):
            row["__context"] = {"group_by": list(groupby[len(by) :])}
    for text, full in groups.items():
        _show(found.scope, made, text, one.spec(full))
    return made


def _with_granularity(spec: Spec) -> str:
    if spec.kind.type in _DATES:
        return f"{spec.field}:{spec.then or 'month'}"
    return spec.text


def _aggregates(one: Grouping, fields: Sequence[str], groups: Mapping[str, str]) -> dict[str, str]:
    """The aggregates that `field`, `field:function` and `name:function(field)` ask for, by their names."""
    found: dict[str, str] = {}
    for text in fields:
        if text == COUNT:
            continue
        match = _FIELD.fullmatch(text)
        if match is None:
            raise Fails("ValueError", f"Invalid field specification {text[:100]!r}.")
        name, function, field = match.groups()
        if function:
            found[name] = f"{field or name}:{function}"
        elif _is_summed(one.scope, name) and text not in groups:
            found[name] = f"{name}:sum"
    return found


def _is_summed(scope: Scope, name: str) -> bool:
    """Whether a field is aggregated though no function is given."""
    kind = scope.schema.field(scope.model.name, name)
    for _ in range(len(scope.schema.policy.models)):
        if not isinstance(kind, Inherited):
            break
        kind = scope.schema.field(comodel_of(scope.schema.field(kind.model, kind.link)), name)
    return isinstance(kind, Column) and kind.type in _SUMMED and name not in ("id", "sequence")


def _order(order: str, groups: Mapping[str, str], aggregates: Mapping[str, str]) -> str:
    """An order by the names of a row as one by groups and aggregates."""
    known = [*reversed(list(groups.items())), *aggregates.items()]
    found = []
    for part in order.split(","):
        name, space, rest = part.strip().partition(" ")
        full = next((full for key, full in known if key.partition(":")[0] == name), name)
        found.append(full + space + rest)
    return ",".join(found)


def _show(scope: Scope, rows: list[Row], text: str, spec: Spec) -> None:
    """Put the value of one group as it is shown, and what finds its records into the domain."""
    values = [row[text] for row in rows]
    names = _names(scope, spec.comodel, values) if spec.comodel else {}
    others = [value for value in values if value]
    for row, value in zip(rows, values, strict=True):
        more: list[Any] = [(spec.field, "=", value)]
        if spec.comodel:
            row[text] = (value, names[value]) if value else False
        if spec.kind.type == "many2many" and not value:
            more = [(spec.field, "not in", others)]
        if spec.kind.type in _DATES:
            more = _dated(row, text, spec, value)
        row["__domain"] = _both(row["__domain"], more)


def _dated(row: Row, text: str, spec: Spec, value: Any) -> list[Any]:
    if isinstance(value, date):
        start, end = written(value), written(end_of(value, spec.then))
        row[text] = label(value, spec.then)
        row.setdefault("__range", {})[text] = {"from": start, "to": end}
        return ["&", (spec.field, ">=", start), (spec.field, "<", end)]
    if spec.then not in PERIODS and value is not False:
        return [(f"{spec.field}.{spec.then}", "=", value)]
    row.setdefault("__range", {})[text] = False
    return [(spec.field, "=", value)]


def _names(scope: Scope, model: str, ids: Sequence[Any]) -> dict[int, str]:
    """What records are called, read as superuser as Odoo does it; `model,id` where only Python would tell."""
    found: dict[int, str] = {}
    access = scope.access
    wanted = sorted({one for one in ids if one})
    for one in wanted:
        found[one] = f"{model},{one}"
        if isinstance(access, Access):
            try:
                name = access.values(scope.session.sudo(), model, "display_name", [one])[one]
            except (Undecided, Fails):
                continue
            found[one] = str(name or "")
    return found


def _both(domain: Sequence[Any], more: Sequence[Any]) -> list[Any]:
    """Both domains, in prefix form (`expression.AND`)."""
    if not domain or domain == [(1, "=", 1)]:
        return list(more)
    terms = sum(not isinstance(item, str) for item in domain)
    joins = sum(item in ("&", "|") for item in domain if isinstance(item, str))
    return ["&", *["&"] * (terms - joins - 1), *domain, *more]
