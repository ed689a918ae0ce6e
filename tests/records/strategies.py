"""Hostile rows and domains on them, for tests that hold two evaluators against each other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from hypothesis import strategies as st

from ostiary.domain import And, Domain, Literal, Not, Or, Sequence, Subdomain, Term, Value
from ostiary.policy import Model, Module, Policy
from ostiary.records.session import Session
from records.memory_models import ORIGIN, SUPERUSER, Data, field, model

ITEM, BASE, OTHER, LINE, TAG = "zz.item", "zz.base", "zz.other", "zz.line", "zz.tag"
COMPANY = 1
RELATIONS = frozenset({"many2one", "one2many", "many2many"})
NUMBERS = frozenset({"integer", "float", "monetary"})
STRINGS = frozenset({"char", "text"})
DATES = frozenset({"date", "datetime"})


def _models() -> Iterator[Model]:
    name, active = field("name", "char"), field("active", "boolean")
    yield model(
        ITEM, name, active,
        field("note", "text"), field("title", "char", translate=True), field("num", "integer"),
        field("amount", "float"), field("price", "monetary"), field("flag", "boolean"), field("d", "date"),
        field("dt", "datetime"), field("sel", "selection"),
        field("own", "char", company_dependent=True), field("rate", "float", company_dependent=True),
        field("parent_id", "many2one", comodel=ITEM), field("parent_path", "char"),
        field("other_id", "many2one", comodel=OTHER),
        field("base_id", "many2one", comodel=BASE, required=True),
        field("label", "char", inherited=True), field("level", "integer", inherited=True),
        field("line_ids", "one2many", comodel=LINE, inverse="item_id"),
        field("tag_ids", "many2many", comodel=TAG),
        field("other_num", "integer", related="other_id.num", store=False),
        field("other_name", "char", related="other_id.name", store=False),
        parent_store=True, inherits={BASE: "base_id"},
    )  # fmt: skip
    yield model(BASE, field("label", "char"), field("level", "integer"))
    yield model(
        OTHER, name, active, field("num", "integer"), field("d", "date"), field("parent_id", "many2one", comodel=OTHER)
    )  # fmt: skip
    yield model(LINE, name, active, field("num", "integer"), field("item_id", "many2one", comodel=ITEM))
    yield model(TAG, name, active)


def policy(version: str) -> Policy:
    """The models, in a policy of a version (`"18"`)."""
    modules = {"zz": Module(origin=ORIGIN, name="zz")}
    return Policy(odoo=f"{version}.0", modules=modules, models={one.name: one for one in _models()})


MODELS = policy("18").models


def session(active_test: bool) -> Session:
    """A superuser's, in the company that values by company are of."""
    return Session(SUPERUSER.subject, 1, COMPANY, (COMPANY,), superuser=True, active_test=active_test)


# -- rows ----------------------------------------------------------------------------------------------------

ASCII = ["", " ", "%", "_", "\\", "a%b", "a_b", "a\\b", "'", '"', "[a]", "*", "Abc", "abc", "ABC", "b", "1"]
LETTERS = ["é", "É", "e\u0301", "ß", "ñ", "Ω", "日本", "😀", "I", "i", "ı"]
ODD = ["İ", "i\u0307", "i", "I", "ı", "Σ", "σ", "ς", "ΑΣ", "ας", "ασ", "ẞ", "ß", "Ǆ", "ǅ", "a\nb", "a\n"]
"""Letters whose lower case depends on what stands beside them or is more than one letter, and ends of lines."""

TEXTS = [*ASCII, *LETTERS]
WHOLE = [0, 1, -1, 7, 2**31 - 1, -(2**31)]
FLOATS = [0.0, -0.0, 0.5, -1.5, 1e15, 1e-7]
DAYS = ["2024-01-31", "2024-02-29", "2023-12-31", "2024-03-01", "0001-01-01", "9999-12-31"]
TIMES = [
    *("2024-01-31 00:00:00", "2024-01-31 23:59:59", "2024-01-31 23:59:59.500000"),
    *("2024-02-01 00:00:00", "2024-02-29 12:00:00"),
]
CHOICES = ["a", "b"]
IDS = [1, 2, 3]

texts = st.sampled_from(TEXTS)
odd_texts = st.sampled_from(ODD)
flags = st.booleans()
some_id = st.none() | st.sampled_from(IDS)


def _some(values: list[Any]) -> st.SearchStrategy[Any]:
    return st.none() | st.sampled_from(values)


def _named(strings: st.SearchStrategy[str]) -> dict[str, st.SearchStrategy[Any]]:
    return {"name": st.none() | strings, "active": st.sampled_from([True, True, False, None])}


@st.composite
def worlds(draw: st.DrawFn, strings: st.SearchStrategy[str] = texts) -> Data:
    """Rows of all the models. A parent's id is smaller than its children's."""

    def rows(**fields: st.SearchStrategy[Any]) -> dict[int, dict[str, Any]]:
        each = st.fixed_dictionaries(fields)
        return {one: draw(each) for one in IDS}

    text = st.none() | strings
    by_company = st.dictionaries(st.sampled_from(["1", "2"]), strings, max_size=2)
    rates = st.dictionaries(st.sampled_from(["1", "2"]), st.sampled_from(FLOATS), max_size=2)
    links = st.lists(st.sampled_from(IDS), unique=True, max_size=2)
    found: Data = {
        BASE: rows(label=text, level=_some(WHOLE)),
        OTHER: rows(**_named(strings), num=_some(WHOLE), d=_some(DAYS).map(_day)),
        TAG: rows(**_named(strings)),
        LINE: rows(**_named(strings), num=_some(WHOLE), item_id=some_id),
        ITEM: rows(
            **_named(strings), note=text, title=text, num=_some(WHOLE), amount=_some(FLOATS), price=_some(FLOATS),
            flag=st.none() | flags, d=_some(DAYS).map(_day), dt=_some(TIMES).map(_time), sel=_some(CHOICES),
            own=st.none() | by_company, rate=st.none() | rates, other_id=some_id,
            base_id=st.sampled_from(IDS), tag_ids=links,
        ),
    }  # fmt: skip
    for name in (ITEM, OTHER):
        _plant(draw, found[name], with_path=name == ITEM)
    return found


def _plant(draw: st.DrawFn, rows: dict[int, dict[str, Any]], *, with_path: bool) -> None:
    for one, row in rows.items():
        parent = draw(st.none() | st.sampled_from(range(1, one))) if one > 1 else None
        row["parent_id"] = parent
        if with_path:
            row["parent_path"] = f"{rows[parent]['parent_path'] if parent else ''}{one}/"


def _day(value: str | None) -> date | None:
    return date.fromisoformat(value) if value else None


def _time(value: str | None) -> datetime | None:
    return datetime.fromisoformat(value) if value else None


# -- domains -------------------------------------------------------------------------------------------------

EQUAL = ["=", "!=", "in", "not in", "=?"]
ORDER = ["<", "<=", ">", ">="]
LIKE = ["like", "ilike", "not like", "not ilike", "=like", "=ilike"]
TREE = ["child_of", "parent_of"]


def _operand(base: st.SearchStrategy[Any], operator: str) -> st.SearchStrategy[Any]:
    if operator in ("in", "not in"):
        return st.lists(base | st.just(False), max_size=3)
    if operator in TREE:
        return base | st.lists(base, max_size=2) | st.just(False)
    return base | st.just(False) if operator in EQUAL else base


def _term(paths: list[str], operators: list[str], base: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.sampled_from(operators).flatmap(
        lambda operator: st.tuples(st.sampled_from(paths), st.just(operator), _operand(base, operator))
    )


def _is_pattern(term: Any) -> bool:
    """PostgreSQL refuses a pattern that ends in a backslash, but only when it comes to a text that gets so far."""
    return not (term[1] in ("=like", "=ilike") and str(term[2]).endswith("\\"))


def _leaves(strings: st.SearchStrategy[str]) -> list[st.SearchStrategy[Any]]:
    names = [
        "name",
        "note",
        "title",
        "own",
        "label",
        "other_id.name",
        "tag_ids.name",
        "line_ids.name",
        "other_name",
    ]
    wholes = ["num", "level", "other_num", "id", "other_id.num", "line_ids.num", "parent_id.num"]
    relations = ["other_id", "parent_id", "tag_ids", "line_ids"]
    ids, some_strings = st.sampled_from(IDS), st.lists(strings, min_size=1, max_size=2)
    return [
        _term(names, EQUAL + LIKE + ORDER, strings).filter(_is_pattern),
        _term(wholes, EQUAL + ORDER, st.sampled_from(WHOLE)),
        _term(["amount", "price", "rate"], EQUAL + ORDER, st.sampled_from(FLOATS) | st.sampled_from([0, 1, -1])),
        _term(["flag", "active", "other_id.active", "tag_ids.active"], ["=", "!=", "in", "not in"], flags),
        _term(["d", "other_id.d"], EQUAL + ORDER, st.sampled_from(DAYS)),
        _term(["dt"], EQUAL + ORDER, st.sampled_from(DAYS + TIMES)),
        _term(["sel"], EQUAL + ORDER, st.sampled_from([*CHOICES, ""])),
        _term([*relations, "other_id.id", "parent_id.other_id"], EQUAL, ids | st.just(9)),
        _term(["id", "parent_id", "other_id", "line_ids.item_id"], TREE, ids),
        st.tuples(st.sampled_from(relations), st.sampled_from(["=", "!=", *LIKE]), strings).filter(_is_pattern),
        st.tuples(st.sampled_from(relations), st.sampled_from(["in", "not in"]), some_strings),
    ]  # fmt: skip


def domains(strings: st.SearchStrategy[str] = texts, max_leaves: int = 6) -> st.SearchStrategy[list[Any]]:
    """Domains on `zz.item` as Odoo writes them: prefix lists of terms."""
    inside = _term(["name"], EQUAL + LIKE, strings).filter(_is_pattern) | _term(
        ["active"], ["=", "!="], flags
    )
    deeper = st.tuples(
        st.sampled_from(["other_id", "parent_id", "tag_ids", "line_ids"]),
        st.sampled_from(["any", "not any"]),
        st.lists(inside, max_size=2) | inside.map(lambda leaf: ["!", leaf]),
    )
    constants = st.sampled_from([(1, "=", 1), (0, "=", 1)])
    leaves = st.one_of(*_leaves(strings), deeper, constants).map(lambda leaf: [leaf])
    return st.recursive(
        leaves,
        lambda more: (
            more.map(lambda one: ["!", *one])
            | st.tuples(st.sampled_from("&|"), more, more).map(lambda parts: [parts[0], *parts[1], *parts[2]])
        ),
        max_leaves=max_leaves,
    )


# -- what a domain is made of ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Leaf:
    """A term of a domain: the types of the fields on its path, and its parts as Python has them.

    `negated`: an odd number of `!` stands above it, up to the subdomain that it is in.
    """

    types: tuple[str, ...]
    path: tuple[str, ...]
    operator: str
    value: Any
    negated: bool
    inside: tuple[str, ...] = ()
    """The paths of the terms at the top of its subdomain."""

    @property
    def type(self) -> str:
        return self.types[-1]

    @property
    def values(self) -> list[Any]:
        return self.value if isinstance(self.value, list) else [self.value]

    @property
    def hops(self) -> bool:
        """Whether a path leads to another record."""
        return len(self.path) > 1


def leaves(domain: Domain, name: str = ITEM) -> Iterator[Leaf]:
    """The terms of a domain, those of subdomains too, and a term that holds one itself."""
    waiting = [(domain, name, False)]
    while waiting:
        node, here, negated = waiting.pop()
        match node:
            case And(items) | Or(items):
                waiting.extend((item, here, negated) for item in items)
            case Not(item):
                waiting.append((item, here, not negated))
            case Term(path, operator, value):
                names = tuple(path.split("."))
                types = []
                at: str | None = here
                for one in names:
                    type_, at = _field(str(at), one)
                    types.append(type_)
                inside = _paths(value.domain) if isinstance(value, Subdomain) else ()
                yield Leaf(tuple(types), names, operator, _plain(value), negated, inside)
                if isinstance(value, Subdomain):
                    waiting.append((value.domain, str(at), False))


def _paths(domain: Domain) -> tuple[str, ...]:
    match domain:
        case And(items) | Or(items):
            return tuple(path for item in items for path in _paths(item))
        case Not(item):
            return _paths(item)
        case Term(path):
            return (path,)
    return ()


def _field(name: str, one: str) -> tuple[str, str | None]:
    if one == "id":
        return "id", name
    if one in ("label", "level"):
        name = BASE
    found = MODELS[name].fields[one]
    return found.type, found.comodel


def _plain(value: Value) -> Any:
    if isinstance(value, Sequence):
        return [_plain(item) for item in value.items]
    return value.value if isinstance(value, Literal) else None
