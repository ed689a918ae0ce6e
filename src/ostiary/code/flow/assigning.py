"""Binding names, fields and items to values. To assign to a field of records is to write them."""

from __future__ import annotations

import ast

from msgspec.structs import replace

from ostiary.code.flow.joins import both, join
from ostiary.code.flow.run import Run
from ostiary.code.flow.sinks import wrote
from ostiary.code.flow.state import State
from ostiary.code.flow.values import (
    KEYS,
    MAX_ITEMS,
    Dict,
    Either,
    Facts,
    Item,
    Plain,
    Records,
    Request,
    Seq,
    Value,
    inner_given,
    known,
    mixed,
    options,
    text_of,
)


def assign(run: Run, state: State, target: ast.expr, value: Value) -> None:
    """Carry out `target = value`."""
    match target:
        case ast.Name(id=name):
            state.variables[name] = value
        case ast.Tuple(elts=parts) | ast.List(elts=parts):
            _unpack(run, state, parts, value)
        case ast.Starred(value=inner):
            assign(run, state, inner, Seq(rest=value))
        case ast.Attribute(value=owner, attr=name):
            holder = run.evaluate(state, owner)
            for one in options(holder):
                if isinstance(one, Records):
                    wrote(run, state, target, one, Dict(items={name: value}))
            if isinstance(holder, Request) and name in ("env", "params"):
                state.variables[f"request.{name}"] = value
        case ast.Subscript(value=owner, slice=key):
            _set_item(run, state, target, owner, key, value)


def _unpack(run: Run, state: State, parts: list[ast.expr], value: Value) -> None:
    known = (
        value.items
        if isinstance(value, Seq) and value.rest is None and len(value.items) == len(parts)
        else None
    )
    if isinstance(value, Either) and all(
        isinstance(one, Seq) and one.rest is None and len(one.items) == len(parts) for one in value.options
    ):
        rows = [one for one in value.options if isinstance(one, Seq)]
        for at, part in enumerate(parts):
            found = _either_way([row.items[at].value for row in rows])
            yes, no = _where(rows, at, empty=False), _where(rows, at, empty=True)
            assign(run, state, part, replace(found, yes=(*found.yes, *yes), no=(*found.no, *no)))
        return
    for at, part in enumerate(parts):
        if known is not None:
            assign(run, state, part, known[at].value)
        elif isinstance(value, Records):
            assign(run, state, part, value)
        else:
            assign(run, state, part, element(value))


def _where(rows: list[Seq], at: int, *, empty: bool) -> Facts:
    """What passed where this column is empty, or not: `record, denial = self._get(...)`, `ok, error = ...`."""
    chosen = [row for row in rows if (known(row.items[at].value) in (None, False, "")) is empty]
    if not chosen or len(chosen) == len(rows):
        return ()
    facts: list[Facts] = []
    for row in chosen:
        inner = [one.value for one in row.items if isinstance(one.value, Records)]
        facts.append((*row.yes, *((one.ident, guard) for one in inner for guard in one.held)))
    found = facts[0]
    for one in facts[1:]:
        found = both(found, one)
    return found


def _either_way(values: list[Value]) -> Value:
    """One of these, as after two branches."""
    found = values[0]
    for value in values[1:]:
        found = join(found, value, frozenset(), lambda one: one.held, lambda one: one.held)
    return found


def _set_item(
    run: Run, state: State, target: ast.Subscript, owner: ast.expr, key: ast.expr, value: Value
) -> None:
    holder = run.evaluate(state, owner)
    named = run.evaluate(state, key)
    if isinstance(holder, Records):
        wrote(run, state, target, holder, keyed(state, Dict(), named, value))
    elif isinstance(holder, Dict) and isinstance(owner, ast.Name):
        state.variables[owner.id] = keyed(state, holder, named, value)
    elif isinstance(owner, ast.Name) and not isinstance(holder, Request):
        found = mixed(holder, value)
        state.variables[owner.id] = replace(holder, given=found.given, sources=found.sources)


def keyed(state: State, holder: Dict, key: Value, value: Value) -> Dict:
    """A mapping with one more item. A key that the caller writes, and that nothing was asked of, is any key."""
    name = text_of(key)
    if name is not None and len(holder.items) < MAX_ITEMS:
        return replace(holder, items={**holder.items, name: value})
    named = key.loose if isinstance(key, Plain) else inner_given(key)
    if named and not state.of_value(key):
        return replace(holder, star=_or(holder.star, value), given=holder.given | named)
    return replace(holder, rest=_or(holder.rest, value))


def _or(known: Value | None, value: Value) -> Value:
    return value if known is None else mixed(known, value)


def bind(run: Run, state: State, target: ast.expr, over: Value) -> None:
    """Carry out `for target in over` for one item."""
    assign(run, state, target, element(over))


def element(value: Value) -> Value:
    """Any item of a value that is gone through."""
    match value:
        case Records():
            return value
        case Either(options=choices):
            found = [element(one) for one in choices]
            return found[0] if len(found) == 1 else Either(options=tuple(found), given=value.given)
        case Seq(items=items, rest=rest):
            inner = [*(one.value for one in items), *([rest] if rest is not None else [])]
            same = inner[0] if inner and all(one == inner[0] for one in inner) else None
            if same is not None:
                return same
            kinds = {type(one) for one in inner}
            if kinds == {Records}:
                return Either(options=tuple(inner[:4]), given=inner_given(value))
            if inner and all(isinstance(one, Plain) and not inner_given(one) for one in inner):
                return Plain()
            if (
                inner
                and kinds == {Seq}
                and len({len(one.items) for one in inner if isinstance(one, Seq)}) == 1
            ):
                return _transposed([one for one in inner if isinstance(one, Seq)])
            return mixed(*inner) if inner else Plain(given=value.given, sources=value.sources, own=value.own)
        case Dict(items=items, star=star, rest=rest):
            if star is not None:
                given = inner_given(star) or value.given
                key = (KEYS, value.key) if value.key is not None else None
                return Plain(given=given, loose=given, key=key)
            return Plain(given=value.given if rest is not None else frozenset())
        case Plain(of=of) if of is not None:
            return replace(value, given=value.given | of.given)
    return mixed(value, key=value.key and ("item", value.key))


def _transposed(rows: list[Seq]) -> Value:
    """One row of a list of rows: each column is any of its values."""
    width = len(rows[0].items)
    columns = [[row.items[at].value for row in rows] for at in range(width)]
    return Seq(
        items=tuple(Item(value=column[0] if len(column) == 1 else mixed(*column)) for column in columns)
    )
