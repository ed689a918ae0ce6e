"""Methods of mappings, lists and texts."""

from __future__ import annotations

import ast

from msgspec.structs import replace

from ostiary.code.flow.addresses import addresses
from ostiary.code.flow.assigning import element, keyed
from ostiary.code.flow.formatted import formatted, into_template
from ostiary.code.flow.joins import either
from ostiary.code.flow.names_held import of_names
from ostiary.code.flow.run import Run
from ostiary.code.flow.state import State
from ostiary.code.flow.values import (
    KEYS,
    MAX_ITEMS,
    MAX_OPTIONS,
    NONE,
    UNKNOWN,
    UNSET,
    Dict,
    Item,
    Plain,
    Seq,
    Value,
    constant,
    inner_given,
    known,
    mixed,
    text_of,
)
from ostiary.code.flow.words import SECRET
from ostiary.policy.code import Given, GuardKind


def updated(first: Dict, second: Value) -> Dict:
    """`first` with the items of `second`."""
    if isinstance(second, Dict):
        items = {**first.items, **second.items}
        return replace(
            first,
            items=dict(list(items.items())[: MAX_ITEMS * 2]),
            star=second.star
            if first.star is None
            else (mixed(first.star, second.star) if second.star else first.star),
            rest=second.rest or first.rest,
            given=first.given | second.given,
            authenticates=first.authenticates or second.authenticates,
        )
    if isinstance(second, Seq):
        return replace(first, rest=mixed(second))
    if inner_given(second):
        return replace(first, star=mixed(second), given=first.given)
    return replace(first, rest=second if first.rest is None else mixed(first.rest, second))


def of_dict(
    run: Run, state: State, node: ast.Call, holder: Dict, name: str, args: list[Value], named: Dict
) -> Value:
    """A method of a mapping; those that change it bind the variable anew."""
    match name:
        case "get" | "pop" | "setdefault" | "__getitem__" | "getlist" | "getone":
            found = looked_up(state, holder, args[0] if args else UNKNOWN)
            if name == "pop":
                key = text_of(args[0]) if args else None
                if key in holder.items:
                    rebind(
                        run,
                        state,
                        node,
                        replace(holder, items={k: v for k, v in holder.items.items() if k != key}),
                    )
            elif name == "setdefault" and len(args) > 1 and text_of(args[0]) not in holder.items:
                rebind(run, state, node, keyed(state, holder, args[0], args[1]))
            return found
        case "update":
            changed = updated(holder, args[0]) if args else holder
            changed = updated(changed, named) if named.items or named.star or named.rest else changed
            rebind(run, state, node, changed)
            return NONE
        case "keys" | "__iter__":
            return _keys(holder)
        case "issubset" | "difference" if args:
            return of_names(run, node, holder, name, args[0])
        case "values":
            inner = [*holder.items.values(), *(one for one in (holder.star, holder.rest) if one is not None)]
            return Seq(rest=mixed(*inner) if inner else UNKNOWN)
        case "items":
            rows = [
                Item(value=Seq(items=(Item(value=_text(key)), Item(value=value))))
                for key, value in holder.items.items()
            ]
            for one, free in ((holder.star, True), (holder.rest, False)):
                if one is not None:
                    given = inner_given(one) if free else frozenset[Given]()
                    any_key = Plain(given=given, loose=given, key=("key", node.lineno, node.col_offset))
                    rows.append(Item(value=Seq(items=(Item(value=any_key), Item(value=one)))))
            return Seq(items=tuple(rows[:MAX_ITEMS]))
        case "copy" | "to_dict":
            return holder
        case "clear":
            rebind(run, state, node, Dict())
            return NONE
    return mixed(holder, *args)


def _text(value: str) -> Plain:
    return constant(value)


def _keys(holder: Dict) -> Value:
    items = tuple(Item(value=_text(key)) for key in holder.items)[:MAX_ITEMS]
    rest = None
    if holder.star is not None:
        given = inner_given(holder.star) or holder.given
        rest = Plain(given=given, loose=given, key=holder.key and (KEYS, holder.key))
    elif holder.rest is not None:
        rest = UNKNOWN
    return Seq(items=items, rest=rest)


def looked_up(state: State, holder: Dict, key: Value) -> Value:
    """`holder[key]`."""
    name = text_of(key)
    if name is not None:
        found = holder.items.get(name)
        if found is not None:
            return found
        if holder.star is not None:
            return _named_part(holder.star, name)
        if holder.rest is not None:
            return holder.rest
        # What is not there is nothing, save in what came from elsewhere.
        return Plain(
            given=holder.given,
            own=holder.own,
            sources=holder.sources,
            key=holder.key and ("item", holder.key, name),
        )
    inner = [*holder.items.values(), *(one for one in (holder.star, holder.rest) if one is not None)]
    if inner and not any(isinstance(one, Plain) for one in inner):
        return either(inner[:MAX_OPTIONS])
    if inner and all(known(one) is not UNSET for one in inner):
        return Plain(built="constant", key=key.key and ("in", key.key))
    return mixed(*inner) if inner else Plain(given=holder.given)


def _named_part(star: Value, name: str) -> Value:
    """One of the values whose keys the caller writes."""
    given = frozenset(Given(one.source, name if not one.name else one.name) for one in star.given)
    key = ("sent", *sorted(str(one) for one in given))
    found = star if isinstance(star, Plain) else mixed(star)
    return replace(found, given=given, loose=given, key=key)


def of_list(run: Run, state: State, node: ast.Call, holder: Seq, name: str, args: list[Value]) -> Value:
    """A method of a list or set."""
    first = args[0] if args else UNKNOWN
    match name:
        case "append" | "add" | "insert" | "appendleft":
            added = args[-1] if args else UNKNOWN
            rebind(run, state, node, replace(holder, items=(*holder.items, Item(value=added))[:MAX_ITEMS]))
            return NONE
        case "extend" | "update" | "union" | "__add__":
            if isinstance(first, Seq):
                changed = replace(
                    holder, items=(*holder.items, *first.items)[:MAX_ITEMS], rest=holder.rest or first.rest
                )
            else:
                changed = replace(
                    holder, rest=element(first) if holder.rest is None else mixed(holder.rest, first)
                )
            rebind(run, state, node, changed)
            return changed if name in ("union", "__add__") else NONE
        case "pop":
            return element(holder)
        case "index" | "count":
            return Plain(number=True)
        case "issubset" | "difference" if args:
            return of_names(run, node, holder, name, first)
        case "copy" | "intersection":
            return holder
    return mixed(holder, *args)


def of_text(run: Run, node: ast.Call, holder: Plain, name: str, args: list[Value], named: Dict) -> Value:
    """A method of a text, or of something of which nothing is known."""
    match name:
        case "hexdigest" | "digest" if holder.secret:
            return holder
        case "select" | "subselect" | "get_sql" if holder.of is not None:
            return Plain(built="parameters")
        case "format" | "format_map":
            text = text_of(holder)
            start = (text or holder.prefix or "").partition("{")[0]
            return into_template(
                holder, start, [*args, *named.items.values(), *([named.rest] if named.rest else [])]
            )
        case "join" if args:
            inner = args[0]
            parts = [one.value for one in inner.items] if isinstance(inner, Seq) else [inner]
            if isinstance(inner, Seq) and inner.rest is not None:
                parts.append(inner.rest)
            return formatted(parts) if parts else holder
        case (
            "lower" | "upper" | "strip" | "lstrip" | "rstrip" | "decode" | "encode" | "title" | "casefold"
        ) if not args:
            return replace(holder, const=Plain().const) if holder.given else holder
        case "split" | "rsplit" | "splitlines" | "partition" | "rpartition":
            return Seq(rest=replace(mixed(holder), prefix=None, key=holder.key and ("part", holder.key)))
        case "startswith" | "endswith" | "isdigit" | "isnumeric" | "isalnum" | "isidentifier" | "isdecimal":
            found = Plain(given=holder.given, number=True)
            limited = True if name.startswith("is") else addresses(args[0]) if args else False
            if holder.key is None or limited is False:
                return found
            kind = GuardKind.STATE if limited and name != "endswith" else GuardKind.HELPER
            return replace(found, yes=((holder.key, run.guard(kind, node)),))
        case "replace" | "translate":
            return mixed(holder, *args, key=holder.key)
        case "get" | "pop" | "getlist" if args:
            key = text_of(args[0])
            return replace(
                mixed(
                    holder, key=(holder.key or ("of", node.lineno, node.col_offset)) + ((key,) if key else ())
                ),
                secret=bool(key and SECRET.search(key) and not holder.given),
            )
    found = mixed(holder, *args, *named.items.values(), key=holder.key and ("call", name, holder.key))
    return replace(found, authenticates=holder.authenticates)


def rebind(run: Run, state: State, node: ast.Call, value: Value) -> None:
    """After `name.method(...)` changed it, the name is bound to what it has become."""
    if isinstance(node.func, ast.Attribute):
        target = node.func.value
        if isinstance(target, ast.Name):
            state.variables[target.id] = value
