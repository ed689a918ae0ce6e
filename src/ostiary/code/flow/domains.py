"""Searching: what a domain says about who has a say in which records are found."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

import msgspec
from msgspec.structs import replace

from ostiary.code.flow.guarding import idents, roots
from ostiary.code.flow.run import Run
from ostiary.code.flow.state import State
from ostiary.code.flow.values import (
    UNSET,
    Dict,
    Either,
    Ident,
    Plain,
    Records,
    Seq,
    Value,
    inner_given,
    known,
    options,
    passes,
    text_of,
)
from ostiary.code.flow.words import ABOUT_ME, PUBLIC, PUBLISHED, REFERENCE, SECRET
from ostiary.policy.code import Actor, Choice, Given, Guard, GuardKind

_NEGATIVE = frozenset({"!=", "<>", "not in", "not like", "not ilike", "<", ">", "<=", ">="})


class Leaf(msgspec.Struct, frozen=True):
    """One condition. `maybe` is what of the request decides whether it is there at all; None: it always is."""

    field: str
    operator: str
    value: Value
    maybe: frozenset[Given] | None
    named: Value
    alternative: bool


def leaves(domain: Value, maybe: frozenset[Given] | None = None, depth: int = 0) -> Iterator[Leaf | Value]:
    """The conditions of a domain; parts that are no condition as they are."""
    if depth > 4:
        return
    match domain:
        case Seq(items=items, rest=rest):
            if _is_condition(domain):
                field, operator, value = (one.value for one in items[:3])
                yield Leaf(text_of(field) or "", text_of(operator) or "", value, maybe, field, False)
                return
            alternatives = 0
            for one in items:
                optional = one.maybe if one.maybe is not None else maybe
                sign = known(one.value)
                if sign == "|":
                    alternatives += 2 if alternatives == 0 else 1
                    continue
                if sign in ("&", "!"):
                    continue
                for leaf in leaves(one.value, optional, depth + 1):
                    yield replace(leaf, alternative=True) if alternatives and isinstance(leaf, Leaf) else leaf
                alternatives = max(0, alternatives - 1)
            if rest is not None:
                yield from leaves(rest, maybe, depth + 1)
        case Either(options=choices):
            for choice in choices:
                yield from leaves(choice, maybe if maybe is not None else inner_given(domain), depth + 1)
        case Plain() | Dict():
            if inner_given(domain) or known(domain) is UNSET:
                yield domain


def _is_condition(value: Seq) -> bool:
    if len(value.items) != 3 or value.rest is not None:
        return False
    field, operator = value.items[0].value, value.items[1].value
    named = known(field)
    if named in ("|", "&", "!") or isinstance(field, Seq):
        return False
    return isinstance(known(operator), str) or bool(inner_given(operator)) or isinstance(operator, Plain)


@dataclass(slots=True)
class Chosen:
    """Who has a say in what a search finds."""

    choice: Choice = Choice.ALL
    given: frozenset[Given] = frozenset()
    own: bool = False
    up: tuple[Ident, ...] = ()
    parent: str = ""
    key: Ident | None = None
    held: tuple[Guard, ...] = ()
    unsure: bool = False


def chosen_by(run: Run, state: State, node: ast.AST, domain: Value, model: str) -> Chosen:
    """How the records that a domain finds are chosen.

    A condition that ties them to who asks counts only where it is always there: not one that the caller can leave out.
    """
    found = Chosen()
    parts = list(leaves(domain))
    for leaf in _ties_left(found, parts):
        if not isinstance(leaf, Leaf):
            if _written_by_caller(leaf):
                found.choice = _worst(found.choice, Choice.CALLER_DOMAIN)
                found.given |= inner_given(leaf)
            elif leaf.own:
                found.own, found.choice = True, _better(found.choice, Choice.OWN)
            else:
                found.unsure = True
            continue
        if isinstance(leaf.value, Either):
            _one_of(run, state, node, found, leaf, model)
        else:
            _one(run, state, node, found, leaf, model)
    return found


def _ties_left(found: Chosen, parts: list[Leaf | Value]) -> Iterator[Leaf | Value]:
    """The conditions without those on the caller that another one, joined by `|`, takes the force of."""
    others = [one for one in parts if isinstance(one, Leaf) and one.alternative and not _is_own(one.value)]
    sent = any(inner_given(one.value) for one in others)
    harmless = all(PUBLIC.search(one.field) or one.field in PUBLISHED for one in others)
    for one in parts:
        if isinstance(one, Leaf) and one.alternative and others and _is_own(one.value):
            found.unsure = found.unsure or not (harmless or sent)
            if sent:
                continue
        yield one


def _one_of(run: Run, state: State, node: ast.AST, found: Chosen, leaf: Leaf, model: str) -> None:
    """A condition whose value is one of a few: the records are as well chosen as by the worst of them."""
    worst: Chosen | None = None
    for value in options(leaf.value):
        one = Chosen(choice=found.choice)
        _one(run, state, node, one, replace(leaf, value=value), model)
        if worst is None or _rank(one.choice) > _rank(worst.choice):
            one.given |= worst.given if worst is not None else frozenset()
            worst = one
        else:
            worst.given |= one.given
    if worst is None:
        return
    found.choice, found.own = worst.choice, found.own or worst.own
    found.given |= worst.given
    found.up = found.up or worst.up
    found.parent, found.key = found.parent or worst.parent, found.key or worst.key
    found.held = (*found.held, *worst.held)


def _rank(choice: Choice) -> int:
    return _ORDER.index(choice) if choice in _ORDER else len(_ORDER)


def _written_by_caller(part: Value) -> bool:
    """Whether a part of a domain is what was sent: read as data, or passed on as it is."""
    return bool(inner_given(part)) and (
        isinstance(part, Dict) or (isinstance(part, Plain) and bool(part.loose))
    )


def _one(run: Run, state: State, node: ast.AST, found: Chosen, leaf: Leaf, model: str) -> None:
    sent = inner_given(leaf.value)
    if inner_given(leaf.named) and not state.of_value(leaf.named):
        found.choice = _worst(found.choice, Choice.CALLER_DOMAIN)
        found.given |= inner_given(leaf.named)
        return
    positive = leaf.operator not in _NEGATIVE
    if (
        positive
        and known(leaf.value) is True
        and ABOUT_ME.search(leaf.field.rpartition(".")[2])
        and not leaf.maybe
    ):
        found.own, found.choice = True, _better(found.choice, Choice.OWN)
        return
    optional = leaf.maybe is not None and bool(leaf.maybe)
    if optional and not sent:
        found.given |= leaf.maybe or frozenset()
    if positive and not optional and _is_own(leaf.value):
        found.own = True
        found.choice = _better(found.choice, Choice.OWN)
        return
    if not positive:
        return
    last = leaf.field.rpartition(".")[2]
    if (sent or _from_sent(leaf.value)) and (SECRET.search(last) or leaf.value.secret) and not optional:
        found.choice = _better(found.choice, Choice.TOKEN)
        found.given |= sent
        return
    if (
        (last in PUBLISHED or (PUBLIC.search(last) and known(leaf.value) is True))
        and not optional
        and known(leaf.value) is not False
    ):
        guard = run.guard(GuardKind.PUBLISHED, node, model)
        found.held = (*found.held, guard)
    if not optional:
        _tied(run, state, node, found, leaf, sent)
    if sent and not optional and _of_passed(run, state, found, leaf, model):
        return
    if sent:
        guards = [guard for one in options(leaf.value) for guard in state.of_value(one) if passes((guard,))]
        found.held = (*found.held, *guards)
        found.given |= sent
        if REFERENCE.match(last) or leaf.field in ("id", "res_id"):
            found.choice = _worst(found.choice, Choice.CALLER_ID)
            keys = [one.key for one in options(leaf.value) if one.key is not None]
            if leaf.field == "id" and leaf.operator in ("=", "in") and keys:
                found.key = keys[0]


def _from_sent(value: Value) -> bool:
    """Whether a value was worked out from what was sent, a hash of a token say."""
    return value.secret and value.key is not None and value.key[0] == "made-of"


def _of_passed(run: Run, state: State, found: Chosen, leaf: Leaf, model: str) -> bool:
    """Whether the value sent is the id of a record that passed: what is found hangs on that one."""
    from ostiary.code.flow.fields import known_field

    field = known_field(run, model, leaf.field)
    comodel = field.comodel if field is not None else None
    for one in options(leaf.value):
        ident = ("browse", comodel, one.key)
        if comodel is not None and one.key is not None and passes(state.asked.get(ident, ())):
            found.up = tuple(dict.fromkeys((*found.up, ident)))[:8]
            found.parent = found.parent or comodel
            found.choice = _better(found.choice, Choice.RELATED)
            found.given |= inner_given(one)
            return True
    return False


def _is_own(value: Value) -> bool:
    if isinstance(value, Seq):
        return (bool(value.items) and all(one.value.own for one in value.items)) or (
            value.rest is not None and value.rest.own and not value.items
        )
    return value.own


def _tied(run: Run, state: State, node: ast.AST, found: Chosen, leaf: Leaf, sent: frozenset[Given]) -> None:
    """A condition on records that are at hand: what is found hangs on these."""
    values = (
        [one.value for one in leaf.value.items] if isinstance(leaf.value, Seq) else list(options(leaf.value))
    )
    for value in values:
        for records in roots(value):
            if records.choice in (Choice.FIXED, Choice.ALL, Choice.UNKNOWN) and not records.given:
                continue
            if records.model in ("res.lang", "res.country", "website", "res.company"):
                continue
            if not found.up:
                found.parent = records.parent or records.model
            found.up = tuple(dict.fromkeys((*found.up, *idents(records), *records.up)))[:8]
            found.held = (*found.held, *records.held)
            found.given |= records.given
            kept = (
                records.choice
                if records.choice in (Choice.OWN, Choice.SESSION, Choice.TOKEN)
                else Choice.RELATED
            )
            found.choice = _better(found.choice, kept)
            if kept is Choice.OWN:
                found.own = True


_ORDER = [
    Choice.OWN, Choice.SESSION, Choice.TOKEN, Choice.RELATED, Choice.CALLER_ID, Choice.CALLER_DOMAIN, Choice.ALL,
]  # fmt: skip
"""The best comes first: a search with a condition on the caller and another on an id is the caller's own."""


def _better(known_choice: Choice, choice: Choice) -> Choice:
    if known_choice not in _ORDER or choice not in _ORDER:
        return choice
    return min(known_choice, choice, key=_ORDER.index)


def _worst(known_choice: Choice, choice: Choice) -> Choice:
    """What the caller says counts, where nothing ties the records to them."""
    if known_choice in (Choice.ALL, Choice.FIXED, Choice.UNKNOWN):
        return choice
    if {known_choice, choice} == {Choice.CALLER_ID, Choice.CALLER_DOMAIN}:
        return Choice.CALLER_ID
    return known_choice


def _as_caller(run: Run, node: ast.AST, model: Records) -> tuple[Guard, ...]:
    """What a search as the caller finds is held to their rights and rules."""
    if model.actor is not Actor.CALLER:
        return ()
    return (run.guard(GuardKind.READ, node, model.model, "read"),)


def searched(
    run: Run, state: State, node: ast.Call, model: Records, domain: Value, *, text: str = ""
) -> Records:
    """The records a search finds."""
    chosen = chosen_by(run, state, node, domain, model.model)
    ident: Ident
    if chosen.key is not None:
        ident = ("browse", model.model, chosen.key)
    else:
        ident = ("search", model.model, run.frame.function.file.path, node.lineno, node.col_offset)
    return replace(
        model,
        choice=chosen.choice,
        given=chosen.given | (model.given if model.model == "*" else frozenset()),
        own=chosen.own,
        ident=ident,
        up=chosen.up,
        parent=chosen.parent,
        held=tuple(dict.fromkeys((*model.held, *chosen.held, *_as_caller(run, node, model))))[:8],
        at=run.origin(node),
        text=text or run.text(node),
        empty=False,
        unsure=chosen.unsure or model.unsure,
    )
