"""What is done with records and with what the caller sent: each is noted as a `Use`."""

from __future__ import annotations

import ast

from ostiary.code.flow.run import Run
from ostiary.code.flow.state import State
from ostiary.code.flow.values import (
    KEYS,
    QUERY,
    Dict,
    Either,
    Plain,
    Records,
    Seq,
    Value,
    inner_given,
    inner_sources,
    known,
    options,
    text_of,
)
from ostiary.policy.code import Actor, Choice, Given, GuardKind, Passed, UseKind

_MOST_FIELDS = 40


def written_by(value: Value) -> tuple[tuple[str, ...], frozenset[Given]]:
    """The fields that a mapping of values writes (`*` where the caller names them), and what was sent that is in it."""
    if isinstance(value, Either):
        parts = [written_by(one) for one in value.options]
        names = tuple(dict.fromkeys(name for fields, _ in parts for name in fields))
        return names, frozenset[Given]().union(*(given for _, given in parts))
    if isinstance(value, Seq):
        inner = [*(one.value for one in value.items), *([value.rest] if value.rest is not None else [])]
        parts = [written_by(one) for one in inner[:10]]
        names = tuple(dict.fromkeys(name for fields, _ in parts for name in fields))
        return names, frozenset[Given]().union(*(given for _, given in parts))
    if isinstance(value, Dict):
        names = tuple(value.items)[:_MOST_FIELDS]
        if value.star is not None or any(_any_names(one) for one in value.items.values()):
            names = (*names, "*")
        return names, inner_given(value)
    given = inner_given(value)
    return (("*",) if given and _is_mapping_sent(value) else ()), given


def _any_names(value: Value) -> bool:
    """Whether lines that are written with a record have fields that the caller names."""
    inner = [one.value for one in value.items] if isinstance(value, Seq) else []
    if isinstance(value, Seq) and value.rest is not None:
        inner.append(value.rest)
    return any(isinstance(one, Dict) and one.star is not None for one in inner)


def _is_mapping_sent(value: Value) -> bool:
    """Whether a value is a mapping as it was sent, and not made of what was sent: a parameter of a form is text."""
    key = value.key
    while key is not None and key[0] == "item" and isinstance(key[1], tuple):
        key = key[1]
    return key is not None and key[0] == "sent" and not str(key[1]).startswith(_TEXTS)


_TEXTS = ("parameter ", "path ", "header ", "cookie ", "url", "file ")


def wrote(run: Run, state: State, node: ast.AST, records: Records, values: Value) -> None:
    """Records are written."""
    if records.choice is Choice.NEW or records.model in _NO_MODEL:
        return
    fields, given = _limited(state, values, *written_by(values))
    run.use(state, UseKind.WRITE, node, records, written=given, fields=fields)
    changed_as_caller(run, state, node, records, "write")


def _limited(
    state: State, values: Value, fields: tuple[str, ...], given: frozenset[Given]
) -> tuple[tuple[str, ...], frozenset[Given]]:
    """The fields that are written, without any other where the names were held against a list before."""
    if values.key is not None and any((word, values.key) in state.asked for word in (KEYS, "item")):
        fields = tuple(name for name in fields if name != "*")
    return fields, given


def changed_as_caller(run: Run, state: State, node: ast.AST, records: Records, mode: str) -> None:
    """To write or delete records as the caller raises where they may not."""
    if records.actor is Actor.CALLER and not records.empty:
        # Not `run.learn`: what is changed by it does not come before it.
        state.learn(((records.ident, run.guard(GuardKind.ACCESS, node, records.model, mode)),))


_NO_MODEL = frozenset({"ir.http", "ir.qweb"})


def created(run: Run, state: State, node: ast.Call, model: Records, values: Value) -> Records:
    """A record is created; what it is made from decides on which others it hangs."""
    from msgspec.structs import replace

    fields, given = _limited(state, values, *written_by(values))
    run.use(
        state,
        UseKind.CREATE,
        node,
        replace(model, choice=Choice.NEW, given=given),
        written=given,
        fields=fields,
    )
    return replace(
        model, choice=Choice.NEW, ident=("new", run.frame.function.file.path, node.lineno, node.col_offset),
        given=frozenset(), empty=False, at=run.origin(node), text=run.text(node),
    )  # fmt: skip


def shown(run: Run, state: State, node: ast.AST, value: Value) -> None:
    """What a value was read from leaves the server."""
    groups: dict[object, tuple[Records, list[str]]] = {}
    for records, name in inner_sources(value):
        key = (records.ident, records.actor)
        groups.setdefault(key, (records, []))[1].append(name)
    for records, names in groups.values():
        if records.ident == QUERY:
            run.use(state, UseKind.SQL, node, None, fields=("*",), method="returned", text=run.last_query)
            continue
        fields = tuple(dict.fromkeys(name for name in names if name))
        if records.own and records.ident == ("user",):
            continue
        run.use(state, UseKind.READ, node, records, fields=fields)


def rendered(run: Run, state: State, node: ast.AST, template: Value, values: Value) -> None:
    """A page is rendered with these values."""
    name = text_of(template)
    passed: list[Passed] = []
    for one in options(values):
        if isinstance(one, Dict):
            for key, value in list(one.items.items())[:80]:
                passed.append(_passed(state, key, value))
                if isinstance(value, Dict):
                    inner = list(value.items.items())[:20]
                    passed += [
                        _passed(state, f"{key}.{name}", part) for name, part in inner if _records_in(part)
                    ]
            if one.star is not None:
                passed.append(Passed(name="*", given=tuple(sorted(inner_given(one.star), key=str))))
    given = inner_given(template)
    run.use(
        state, UseKind.RENDER, node, None, written=given, template=name or "", values=tuple(_once(passed))
    )
    shown(run, state, node, values)


def _once(passed: list[Passed]) -> list[Passed]:
    found: dict[str, Passed] = {}
    for one in passed:
        known_one = found.get(one.name)
        if known_one is None or (not known_one.model and one.model):
            found[one.name] = one
    return list(found.values())


def _passed(state: State, name: str, value: Value) -> Passed:
    for one in options(value):
        inner = _records_in(one)
        if inner is not None:
            return Passed(
                name=name, model=inner.model, actor=inner.actor, choice=inner.choice,
                guards=state.guards(inner), given=tuple(sorted(inner.given, key=str)),
            )  # fmt: skip
    plain = next((one for one in options(value) if isinstance(one, Plain) and one.given), None)
    return Passed(
        name=name,
        given=tuple(sorted(inner_given(value), key=str)),
        exact=plain is not None and bool(plain.loose) and not plain.number,
        raw=next((one.raw for one in options(value) if isinstance(one, Plain) and one.raw), ""),
    )


def _records_in(value: Value) -> Records | None:
    match value:
        case Records():
            return value
        case Seq(items=items, rest=rest):
            for one in [*(item.value for item in items), *([rest] if rest is not None else [])]:
                if isinstance(one, Records):
                    return one
    return None


def compared(run: Run, state: State, node: ast.AST, sent: Value, kept: Value, *, safe: bool) -> None:
    """A secret is compared with something that was sent."""
    names = tuple(dict.fromkeys(name for _, name in inner_sources(kept) if name))
    model = next((records.model for records, _ in inner_sources(kept)), "")
    if known(kept) is not Plain().const and not isinstance(known(kept), str):
        return
    run.use(
        state, UseKind.COMPARE, node, None, written=inner_given(sent), fields=names, model=model, safe=safe
    )
