"""What is known of a value: where it comes from, which records it holds, and what is so when it is true.

A value is never the real one. `given` is what of the request it is made of, `own` that it comes from who asks,
`sources` the fields of records that it was read from. `yes` and `no` are the guards that hold where the value is
tested and found true or false: `order.partner_id == partner` is one whose `yes` says who owns the order.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec.structs import replace

from ostiary.policy.code import Actor, Choice, Given, Guard, GuardKind
from ostiary.policy.origin import Origin

if TYPE_CHECKING:
    from ostiary.code.program import Function, PyClass

Ident = tuple[object, ...]
"""Which records (or which value): the same for two expressions that can only mean the same."""
Facts = tuple[tuple[Ident, Guard], ...]

KEYS = "keys-of"
"""What is known of the keys of a mapping is kept under this and what the mapping is known by."""
CONSTANT = "constant"
"""What `Guard.mode` says of a value that is one of a few constants."""
ENTERED = "entered"
"""That a model was searched, or created in, as the caller is kept under this, the model and the mode."""
QUERY: Ident = ("query",)
"""The rows of an SQL query stand for records of these."""
REQUEST: Ident = ("request",)
"""What is known of the request as a whole is kept under this."""
UNSET: Any = object()
MAX_SOURCES = 12
MAX_ITEMS = 60
MAX_OPTIONS = 4


class Value(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Anything; by itself, something of which nothing is known but where it comes from."""

    given: frozenset[Given] = frozenset()
    own: bool = False
    sources: tuple[tuple[Records, str], ...] = ()
    key: Ident | None = None
    yes: Facts = ()
    no: Facts = ()
    secret: bool = False
    random: bool = False
    authenticates: bool = False


class Plain(Value, frozen=True, kw_only=True, gc=False):
    """Text, a number, a date, a boolean, or something unknown.

    `const` is its value where that is known, `number` says that it was made one, `of` that it is the id (or the ids) of
    records. `built` says how a text was put together (`constant`, `interpolated`), `prefix` what it begins with and
    `loose` what of the request stands in it as text, `raw` what marks it as HTML. `always` is true of what is never
    empty: a part of the path that every way of writing the route has.
    """

    const: Any = UNSET
    number: bool = False
    of: Records | None = None
    built: str = ""
    prefix: str | None = None
    loose: frozenset[Given] = frozenset()
    raw: str = ""
    always: bool = False


class Records(Value, frozen=True, kw_only=True, gc=False):
    """Records of a model. `model` is empty where it is not known, `*` where the caller names it.

    `ident` tells which ones, `up` the records they hang on. `held` are guards that hold for these whatever the state
    says, `at` and `text` where they were got hold of. `unsure` says that a part of how they were chosen was not told.
    """

    model: str
    actor: Actor = Actor.CALLER
    choice: Choice = Choice.UNKNOWN
    ident: Ident
    up: tuple[Ident, ...] = ()
    parent: str = ""
    held: tuple[Guard, ...] = ()
    at: Origin | None = None
    text: str = ""
    empty: bool = False
    unsure: bool = False


class Env(Value, frozen=True, kw_only=True, gc=False):
    """An `odoo.api.Environment`."""

    actor: Actor = Actor.CALLER


class Request(Value, frozen=True, kw_only=True, gc=False):
    """`odoo.http.request`, or a part of it: `part` is `httprequest`, `session`, `params`, `website`, ..."""

    part: str = ""


class Controller(Value, frozen=True, kw_only=True, gc=False):
    """`self` in a controller."""

    cls: PyClass


class Dict(Value, frozen=True, kw_only=True, gc=False):
    """A mapping. `items` are those whose keys are known; `star` is a value whose key the caller writes, `rest` one
    whose key isn't known."""

    items: Mapping[str, Value] = msgspec.field(default_factory=dict)
    star: Value | None = None
    rest: Value | None = None


class Item(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One item of a list. `maybe` is what of the request decides whether it is there; None: it always is."""

    value: Value
    maybe: frozenset[Given] | None = None


class Seq(Value, frozen=True, kw_only=True, gc=False):
    """A list, tuple or set; `rest` is any further item."""

    items: tuple[Item, ...] = ()
    rest: Value | None = None


class Bound(Value, frozen=True, kw_only=True, gc=False):
    """A function of the program, bound to what stands before the dot: `chain` are its definitions, nearest first."""

    chain: tuple[Function, ...]
    bound: Value | None = None


class Hook(Value, frozen=True, kw_only=True, gc=False):
    """The method that a decorator is given."""


class Lambda(Value, frozen=True, kw_only=True, gc=False):
    """A lambda or a nested function, with the variables around it."""

    node: ast.Lambda | ast.FunctionDef | ast.AsyncFunctionDef
    around: Mapping[str, Value]


class Method(Value, frozen=True, kw_only=True, gc=False):
    """`target.name`, not called yet."""

    target: Value
    name: str


class Class(Value, frozen=True, kw_only=True, gc=False):
    """A class of the program."""

    cls: PyClass


class External(Value, frozen=True, kw_only=True, gc=False):
    """Something that was imported from outside: its dotted name."""

    name: str


class Super(Value, frozen=True, kw_only=True, gc=False):
    """`super()`: the definitions that come after the one that runs."""

    chain: tuple[Function, ...]
    target: Value | None = None


class Either(Value, frozen=True, kw_only=True, gc=False):
    """One of a few values, after branches."""

    options: tuple[Value, ...]


UNKNOWN = Plain()
NONE = Plain(const=None)
TRUE = Plain(const=True)


def constant(value: Any) -> Plain:
    """A constant of the program."""
    text = value if isinstance(value, str) else None
    return Plain(
        const=value,
        key=("const", type(value).__name__, value) if _hashable(value) else None,
        built="constant" if text is not None else "",
        prefix=text,
        number=isinstance(value, int | float) and not isinstance(value, bool),
    )


def _hashable(value: Any) -> bool:
    return isinstance(value, str | int | float | bool | bytes | type(None))


def known(value: Value) -> Any:
    """The constant that a value is, or `UNSET`."""
    return value.const if isinstance(value, Plain) else UNSET


def text_of(value: Value) -> str | None:
    """The constant text that a value is."""
    found = known(value)
    return found if isinstance(found, str) else None


def options(value: Value) -> tuple[Value, ...]:
    """The values that one may be."""
    return value.options if isinstance(value, Either) else (value,)


def merged_sources(values: Iterable[Value]) -> tuple[tuple[Records, str], ...]:
    """The fields that several values were read from, each once."""
    found: dict[tuple[object, ...], tuple[Records, str]] = {}
    for value in values:
        for records, name in value.sources:
            found.setdefault((records.ident, records.actor, name), (records, name))
            if len(found) >= MAX_SOURCES:
                return tuple(found.values())
    return tuple(found.values())


def mixed(*values: Value, key: Ident | None = None) -> Plain:
    """Something made of several values: a sum, a formatted text, the result of a call that was not read."""
    given: frozenset[Given] = frozenset()
    sources: list[Value] = []
    own = secret = random = False
    for value in values:
        inner = inner_given(value)
        if inner:
            given = given | inner if given else inner
        own, secret, random = own or value.own, secret or value.secret, random or value.random
        found = inner_sources(value)
        if found:
            sources.append(value if found is value.sources else Value(sources=found))
    if key is None and given:
        key = made_of(values)
    if not (given or own or sources or secret or random or key):
        return UNKNOWN
    return Plain(
        given=given,
        own=own,
        sources=sources[0].sources if len(sources) == 1 else merged_sources(sources),
        secret=secret,
        random=random,
        loose=loose_of(values) if given else given,
        key=key,
    )


def made_of(values: Iterable[Value]) -> Ident | None:
    """What a value is made of, by what the caller sent: what is held against a secret then holds for each of these."""
    keys: dict[Ident, None] = {}
    for value in values:
        for one in _keys_in(value):
            keys[one] = None
    return ("made-of", *list(keys)[:8]) if keys else None


def _keys_in(value: Value) -> list[Ident]:
    key = value.key
    if key is not None and key[0] == "made-of":
        return [one for one in key[1:] if isinstance(one, tuple)]
    if isinstance(value, Seq):
        return [key for one in value.items[:8] for key in _keys_in(one.value)]
    return [key] if key is not None and value.given else []


def inner_given(value: Value, depth: int = 0) -> frozenset[Given]:
    """What of the request a value holds, at any place of it."""
    if type(value) in _FLAT:
        return value.given
    match value:
        case Dict(items=items, star=star, rest=rest) if depth < 8:
            inner = [*items.values(), *(one for one in (star, rest) if one is not None)]
            return value.given.union(*(inner_given(one, depth + 1) for one in inner))
        case Seq(items=entries, rest=rest) if depth < 8:
            inner = [*(one.value for one in entries), *([rest] if rest is not None else [])]
            return value.given.union(*(inner_given(one, depth + 1) for one in inner))
        case Either(options=choices) if depth < 8:
            return value.given.union(*(inner_given(one, depth + 1) for one in choices))
    return value.given


def loose_of(values: Iterable[Value], depth: int = 0) -> frozenset[Given]:
    """What of the request stands in several values as text: neither what was made a number, nor records."""
    found: frozenset[Given] = frozenset()
    for value in values:
        match value:
            case Plain():
                mine = frozenset() if value.number else (value.loose or value.given)
            case Records():
                continue
            case Dict(items=items, star=star, rest=rest) if depth < 8 and (items or star or rest):
                inner = [*items.values(), *(one for one in (star, rest) if one is not None)]
                mine = loose_of(inner, depth + 1)
            case Seq(items=entries, rest=rest) if depth < 8 and (entries or rest):
                inner = [*(one.value for one in entries), *([rest] if rest is not None else [])]
                mine = loose_of(inner, depth + 1)
            case Either(options=choices) if depth < 8:
                mine = loose_of(choices, depth + 1)
            case _:
                mine = inner_given(value)
        if mine:
            found = found | mine if found else mine
    return found


def inner_sources(value: Value, depth: int = 0) -> tuple[tuple[Records, str], ...]:
    """The fields of records that a value holds, at any place of it; records themselves count as their display name."""
    if type(value) is Plain:
        return value.sources
    match value:
        case Records():
            return ((value, ""), *value.sources)
        case Dict(items=items, star=star, rest=rest) if depth < 8:
            inner = [*items.values(), *(one for one in (star, rest) if one is not None)]
        case Seq(items=entries, rest=rest) if depth < 8:
            inner = [*(one.value for one in entries), *([rest] if rest is not None else [])]
        case Either(options=choices) if depth < 8:
            inner = list(choices)
        case _:
            return value.sources
    return merged_sources([value, *(Value(sources=inner_sources(one, depth + 1)) for one in inner)])


def tied(value: Value, facts: Facts, *, otherwise: Facts = ()) -> Value:
    """A value that says more where it is tested."""
    return replace(value, yes=(*value.yes, *facts)[:MAX_ITEMS], no=(*value.no, *otherwise)[:MAX_ITEMS])


_FLAT = frozenset({Plain, Records, Method, External, Env, Request, Value})

LOOKING = frozenset({
    GuardKind.UNDER_SUDO, GuardKind.OTHER_TOKEN, GuardKind.PARENT, GuardKind.LATER, GuardKind.STATE,
})  # fmt: skip

# Comparing with a few is faster than working out the hash of an enum's member.
_ONLY_LOOKING = tuple(LOOKING)


def passes(guards: Iterable[Guard]) -> bool:
    """Whether something lets the caller pass for these very records, as far as it is known."""
    for guard in guards:  # noqa: SIM110 - asked so often that a generator would show
        if guard.kind not in _ONLY_LOOKING:
            return True
    return False
