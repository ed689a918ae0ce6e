"""Generated rule domains and small databases, and whether the encoder says of them what `records` say.

A `Universe` is one database of one version: a few people, companies and things, with values of every kind of field.
`domain` makes a domain on things, as a tree whose leaves know their path, so that others can ask who is tied to what.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from random import Random
from typing import Any, TypeAlias

import msgspec
import sqlalchemy as sa

from ostiary.policy import Policy, RecordRule, Subject
from ostiary.policy.paths import field_of
from ostiary.records.access import Access
from ostiary.records.create import create_tables
from ostiary.records.memory import Reader
from ostiary.records.schema import Column, Links, Schema
from ostiary.records.session import Session
from ostiary.records.store import Store
from prove.corpus import Case, ModelSpec

VERSIONS = ("17.0", "18.0", "19.0")
THING, LINE, PARTNER, USER, COMPANY = "x.thing", "x.line", "res.partner", "res.users", "res.company"
COUNTRY, CATEGORY, FOLLOWER = "res.country", "res.partner.category", "mail.followers"
PORTAL = "base.group_portal"
USERS = (2, 3, 4, 5)
SHARED = frozenset({COMPANY, COUNTRY, CATEGORY})
"""Models whose records many customers have in common."""

Rows: TypeAlias = dict[str, dict[int, dict[str, Any]]]

_THING = {
    "name": "char", "code": "char", "state": "selection", "num": "integer", "amount": "float", "flag": "boolean",
    "active": "boolean", "website_published": "boolean", "day": "date", "moment": "datetime",
    "owner_id": "many2one res.partner", "user_id": "many2one res.users", "company_id": "many2one res.company",
    "country_id": "many2one res.country", "parent_id": "many2one x.thing", "child_ids": "one2many x.thing/parent_id",
    "partner_ids": "many2many res.partner", "line_ids": "one2many x.line/thing_id",
    "owner_country_id": "many2one res.country related=owner_id.country_id",
    "owner_email": "char related=owner_id.email",
}  # fmt: skip
_LINE = {
    "name": "char", "qty": "integer", "flag": "boolean", "active": "boolean", "day": "date",
    "thing_id": "many2one x.thing", "partner_id": "many2one res.partner", "parent_id": "many2one x.line",
    "child_ids": "one2many x.line/parent_id",
}  # fmt: skip
TEXTS = ("", "a", "b", "Ab", "a_b", "public", "50%", "É")
NUMBERS = (0, 1, -1, 7)
FLOATS = (0.0, 0.5, -1.5, 1.0)
DAYS = ("2024-01-31", "2024-02-29", "2024-03-01")
TIMES = ("2024-01-31 00:00:00", "2024-01-31 23:59:59", "2024-02-29 12:00:00", "2024-03-01 00:00:00")
CHOICES = ("a", "b", "public")


@cache
def base_policy(version: str) -> Policy:
    """The models, with all rights for the portal and no rule."""
    more = {LINE: ModelSpec(dict(_LINE))}
    made = Case(
        name="generated", why=".", verdict="open", version=version, fields=dict(_THING), models=more,
        inherit=("mail.thread",),
    )  # fmt: skip
    return made.policy


def with_rules(version: str, rules: list[RecordRule]) -> Policy:
    return msgspec.structs.replace(base_policy(version), rules=rules)


# -- databases -------------------------------------------------------------------------------------------------


def rows(rng: Random, things: int = 4, lines: int = 4, plain: bool = False) -> Rows:
    """Rows of every model. A parent's id is smaller than its children's, and trees are three records deep at most.

    `plain`: nobody is archived.
    """

    def some(values: Any, unset: float = 0.3) -> Any:
        return None if rng.random() < unset else rng.choice(list(values))

    def active() -> bool | None:
        return True if plain else rng.choice((True, True, True, False, None))

    def links(ids: Any) -> list[int]:
        return sorted(rng.sample(list(ids), rng.choice((0, 0, 1, 2))))

    parents = {1: None, 2: 1, 3: 1, 4: None, 5: None, 6: 2, 7: None, 8: None}
    entity = {1: 1, 2: 1, 3: 1, 4: 4, 5: 5, 6: 1, 7: 7, 8: 8}
    found: Rows = {
        COUNTRY: {one: {"name": "ab"[one - 1], "code": some(TEXTS)} for one in (1, 2)},
        CATEGORY: {one: {"name": "ab"[one - 1]} for one in (1, 2)},
        PARTNER: {
            one: {
                "name": some(TEXTS), "email": some(TEXTS), "lang": some(CHOICES), "type": some(CHOICES),
                "active": active(), "is_company": one in (1, 4, 7, 8), "parent_id": parents[one],
                "commercial_partner_id": entity[one], "country_id": some((1, 2)), "category_id": links((1, 2)),
                "user_id": some((1, *USERS)), "company_id": some((1, 2, 3)),
            }
            for one in parents
        },
        COMPANY: {
            one: {"name": "abc"[one - 1], "active": True, "partner_id": 6 + min(one, 2), "parent_id": above,
                  "parent_path": f"1/{one}/" if above else f"{one}/"}
            for one, above in ((1, None), (2, None), (3, 1))
        },
        USER: {
            one: {"login": f"u{one}", "active": active(), "partner_id": partner, "company_id": 1,
                  "company_ids": sorted({1, *links((2, 3))})}
            for one, partner in ((1, 8), (2, 2), (3, 4), (4, 5), (5, 3))
        },
    }  # fmt: skip
    for row in found[USER].values():
        row["company_id"] = rng.choice(row["company_ids"])
    found[THING] = {
        one: {
            "name": some(TEXTS), "code": some(TEXTS), "state": some(CHOICES), "num": some(NUMBERS),
            "amount": some(FLOATS), "flag": some((True, False)), "active": rng.choice((True, True, False, None)),
            "website_published": some((True, False)), "day": some(DAYS), "moment": some(TIMES),
            "owner_id": some(parents), "user_id": some((1, *USERS)), "company_id": some((1, 2, 3)),
            "country_id": some((1, 2)), "partner_ids": links(parents),
        }
        for one in range(1, things + 1)
    }  # fmt: skip
    found[LINE] = {
        one: {
            "name": some(TEXTS), "qty": some(NUMBERS), "flag": some((True, False)), "day": some(DAYS),
            "active": rng.choice((True, True, False, None)), "thing_id": some(found[THING], 0.1),
            "partner_id": some(parents),
        }
        for one in range(1, lines + 1)
    }  # fmt: skip
    found[FOLLOWER] = {
        one: {
            "res_model": rng.choice((THING, THING, LINE)),
            "res_id": thing,
            "partner_id": rng.choice(list(parents)),
        }
        for one, thing in enumerate(rng.choices(list(found[THING]), k=max(things // 2, 2)), 1)
    }
    for model in (THING, LINE):
        _plant(rng, found[model])
    return found


def _plant(rng: Random, records: dict[int, dict[str, Any]]) -> None:
    """Parents, with trees of three at most."""
    depth: dict[int, int] = {}
    for one, row in records.items():
        shallow = [other for other in depth if depth[other] < 2]
        parent = rng.choice(shallow) if shallow and rng.random() < 0.4 else None
        row["parent_id"] = parent
        depth[one] = depth[parent] + 1 if parent else 0


_READ: dict[str, Callable[[str], date]] = {"date": date.fromisoformat, "datetime": datetime.fromisoformat}


class Universe:
    """One database of one version. Any number of policies that differ in their rules may be asked about it."""

    def __init__(self, version: str, data: Rows) -> None:
        self.version = version
        self.data = data
        self.schema = Schema(base_policy(version))
        self.engine = sa.create_engine("sqlite://")
        self.connection = self.engine.connect()
        create_tables(self.schema, self.connection)
        for model, records in data.items():
            self._insert(model, records)

    def close(self) -> None:
        self.connection.close()
        self.engine.dispose()

    def access(self, policy: Policy | None = None) -> Access:
        store = Store(Schema(policy) if policy else self.schema, self.connection)
        return Access(store, Reader(store))

    def session(self, uid: int, companies: tuple[int, ...] = ()) -> Session:
        """The session of a user in some of their companies; in all of them where none are given, their own first."""
        row = self.data[USER][uid]
        own = row["company_id"]
        chosen = companies or (own, *(one for one in row["company_ids"] if one != own))
        subject = Subject.of_group(self.schema.policy, PORTAL)
        return Session(subject, uid, chosen[0], chosen)

    def _insert(self, model: str, records: dict[int, dict[str, Any]]) -> None:
        table = self.schema.model(model).table
        for id_, row in records.items():
            values: dict[str, Any] = {"id": id_}
            for name, value in row.items():
                kind = self.schema.field(model, name) if name != "parent_path" else None
                if isinstance(kind, Links):
                    assert kind.own is not None and kind.other is not None
                    for other in value:
                        pair = {kind.own.name: id_, kind.other.name: other}
                        self.connection.execute(sa.insert(kind.own.table).values(pair))
                    continue
                read = _READ.get(kind.type) if isinstance(kind, Column) and value else None
                values[name] = read(value) if read else value
            self.connection.execute(sa.insert(table).values(values))


# -- domains ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Leaf:
    """A term: `symbols` are the names its value mentions. A subdomain is `inner`, on what the path leads to."""

    path: tuple[str, ...]
    operator: str
    value: str
    symbols: tuple[str, ...] = ()
    inner: Tree | None = None


@dataclass(frozen=True, slots=True)
class Branch:
    """`!`, `&` or `|` of trees."""

    sign: str
    parts: tuple[Tree, ...]


Tree: TypeAlias = Leaf | Branch


def text(tree: Tree) -> str:
    """The domain as its text in a rule."""
    return f"[{', '.join(_tokens(tree))}]"


def _tokens(tree: Tree) -> Iterator[str]:
    if isinstance(tree, Branch):
        yield repr(tree.sign)
        for part in tree.parts:
            yield from _tokens(part)
    elif tree.inner is not None:
        yield f"({'.'.join(tree.path)!r}, {tree.operator!r}, {text(tree.inner)})"
    else:
        yield f"({'.'.join(tree.path)!r}, {tree.operator!r}, {tree.value})"


def leaves(tree: Tree, before: tuple[str, ...] = ()) -> Iterator[Leaf]:
    """The terms, those of subdomains too, each with its path from the record."""
    if isinstance(tree, Branch):
        for part in tree.parts:
            yield from leaves(part, before)
    elif tree.inner is not None:
        yield from leaves(tree.inner, (*before, *tree.path))
    else:
        yield Leaf((*before, *tree.path), tree.operator, tree.value, tree.symbols)


OWN, COMMON, OF_COMPANY = "own", "common", "company"
SYMBOLS: dict[str, dict[str, str]] = {
    PARTNER: {
        "user.partner_id.id": OWN,
        "user.commercial_partner_id.id": OWN,
        "user.partner_id.commercial_partner_id.id": OWN,
        "user.partner_id.parent_id.id": OWN,
        "user.partner_id.child_ids.ids": OWN,
        "user.partner_id.parent_id.child_ids.ids": OWN,
        "user.partner_id.user_ids.partner_id.ids": OWN,
        "user.partner_id.user_id.partner_id.id": COMMON,
        "user.company_id.partner_id.id": COMMON,
    },
    USER: {
        "user.id": OWN,
        "user.partner_id.user_ids.ids": OWN,
        "user.partner_id.child_ids.user_ids.ids": OWN,
        "user.partner_id.user_id.id": COMMON,
        "user.company_id.user_ids.ids": COMMON,
    },
    COMPANY: {
        "company_id": OF_COMPANY,
        "company_ids": OF_COMPANY,
        "user.company_id.id": OF_COMPANY,
        "user.company_ids.ids": OF_COMPANY,
        "user.partner_id.company_id.id": OF_COMPANY,
    },
    COUNTRY: {"user.partner_id.country_id.id": COMMON, "user.country_id.id": COMMON},
    CATEGORY: {"user.partner_id.category_id.ids": COMMON},
}
"""The names that a value may be, by the model of their records, and what they are to the user."""

KIND = {name: kind for names in SYMBOLS.values() for name, kind in names.items()}
_WEIGHTS = {
    "owner_id": 5,
    "message_partner_ids": 3,
    "line_ids": 4,
    "partner_ids": 3,
    "user_id": 3,
    "partner_id": 4,
    "company_id": 2,
}
_IN_TREES = (PARTNER, COMPANY, THING, LINE)
_PLAIN = {
    "integer": NUMBERS, "float": FLOATS, "boolean": (True, False), "date": DAYS, "datetime": TIMES + DAYS,
    "char": TEXTS, "selection": CHOICES,
}  # fmt: skip
_LIKE = ("like", "ilike", "not like", "not ilike", "=like", "=ilike")


@dataclass(slots=True)
class Domains:
    """Makes domains. `texts`: patterns too. `odd`: values that Odoo would not expect too."""

    rng: Random
    version: str
    texts: bool = False
    odd: bool = True
    size: int = 4
    own: float = 0.6
    _model: Policy = field(init=False)

    def __post_init__(self) -> None:
        self._model = base_policy(self.version)

    def tree(self, model: str = THING, size: int | None = None, nested: int = 0) -> Tree:
        size = self.rng.randint(1, self.size) if size is None else size
        if size > 1:
            left = self.rng.randint(1, size - 1)
            parts = (self.tree(model, left, nested), self.tree(model, size - left, nested))
            found: Tree = Branch(self.rng.choice("|&"), parts)
        else:
            found = self.leaf(model, nested)
        return Branch("!", (found,)) if self.rng.random() < 0.15 else found

    def leaf(self, model: str, nested: int = 0) -> Leaf:
        path, type_, comodel = self._path(model, 0.45 if nested else 0.35)
        if comodel and nested < 2 and self.rng.random() < 0.15:
            inner = self.tree(comodel, self.rng.choice((1, 1, 2)), nested + 1)
            return Leaf(path, self.rng.choice(("any", "not any")), "", inner=inner)
        if comodel:
            return self._relation(path, type_, comodel)
        return self._plain(path, type_)

    def _path(self, model: str, further: float) -> tuple[tuple[str, ...], str, str | None]:
        path: list[str] = []
        here = model
        while True:
            names = [name for name in self._names(here) if name != "parent_path"]
            weights = [_WEIGHTS.get(name, 1) for name in names]
            name = self.rng.choices(names, weights)[0]
            path.append(name)
            if name == "id":
                return tuple(path), "id", here
            found = field_of(self._model, here, name)
            assert found is not None
            if found.comodel is None or len(path) > 2 or self.rng.random() > further:
                return tuple(path), found.type, found.comodel
            here = found.comodel

    def _names(self, model: str) -> list[str]:
        own = self._model.models[model].fields
        known = {PARTNER, USER, COMPANY, COUNTRY, CATEGORY, THING, LINE, None}
        # Groups and price lists are of no interest here, and a computed column is what its rows say.
        followed = ["message_partner_ids"] if model == THING else []
        return [
            "id",
            *followed,
            *(name for name, one in own.items() if one.comodel in known and name != "share"),
        ]

    def _relation(self, path: tuple[str, ...], type_: str, comodel: str) -> Leaf:
        rng = self.rng
        names = list(SYMBOLS.get(comodel, ()))
        if names and rng.random() < self.own:
            own = [name for name in names if KIND[name] == OWN]
            symbol = rng.choice(own if own and rng.random() < 0.7 else names)
            many = symbol.endswith("ids")
            operators = ["in", "not in"] if many else ["=", "=", "!=", "=?" if type_ == "many2one" else "="]
            if comodel in _IN_TREES:
                operators += ["child_of", "child_of", "parent_of"]
            if many or rng.random() < 0.7:
                value = symbol
                if many and rng.random() < 0.2:
                    value = f"{symbol} + [False]"
                return Leaf(path, rng.choice(operators), value, (symbol,))
            others = [name for name in names if not name.endswith("ids")]
            second = rng.choice([*others, "False", str(rng.randint(1, 4))])
            operator = rng.choice([one for one in operators if one != "=?"])
            if operator in ("=", "!="):
                operator = rng.choice(("in", "not in"))
            mentioned = tuple(one for one in (symbol, second) if one in KIND)
            return Leaf(path, operator, f"[{symbol}, {second}]", mentioned)
        return self._constants(path, type_, comodel)

    def _constants(self, path: tuple[str, ...], type_: str, comodel: str) -> Leaf:
        rng = self.rng
        choice = rng.random()
        if choice < 0.35:
            return Leaf(path, rng.choice(("=", "!=")), "False")
        if choice < 0.5:
            some = rng.sample(("1", "2", "3", "False"), rng.choice((0, 1, 2)))
            return Leaf(path, rng.choice(("in", "not in")), f"[{', '.join(some)}]")
        if choice < 0.6 and comodel in _IN_TREES:
            value = rng.choice(("1", "[1, 2]", "False", "[]"))
            return Leaf(path, rng.choice(("child_of", "parent_of")), value)
        if choice < 0.68 and self.odd:
            odd = [
                ("=", "0"),
                ("!=", "0"),
                ("=?", "False"),
                ("=?", "0"),
                ("in", "1"),
                ("=", "None"),
                ("!=", "[1]"),
            ]
            if type_ == "many2one":
                odd += [("<", "2"), (">=", "2"), ("not in", "[0]"), ("in", "[0, 1]"), ("=", "True")]
            operator, value = rng.choice(odd)
            return Leaf(path, operator, value)
        if choice < 0.72 and self.texts:
            return Leaf(path, rng.choice(("=", "ilike", "not ilike", "!=")), repr(rng.choice(TEXTS)))
        return Leaf(path, rng.choice(("=", "!=")), str(rng.randint(1, 4)))

    def _plain(self, path: tuple[str, ...], type_: str) -> Leaf:
        rng = self.rng
        value: Any = rng.choice(_PLAIN[type_])
        operators = ["=", "=", "!=", "!=", "in", "not in", "=?"]
        if type_ not in ("boolean", "char", "selection"):
            operators += ["<", "<=", ">", ">="]
        if type_ in ("char", "selection"):
            if self.texts:
                operators += _LIKE
            if rng.random() < 0.2:
                symbol = rng.choice(("user.email", "user.name", "user.lang"))
                return Leaf(path, rng.choice(("=", "!=")), symbol, (symbol,))
        operator = rng.choice(operators)
        if operator in ("in", "not in"):
            some = [repr(rng.choice((*_PLAIN[type_], False))) for _ in range(rng.choice((0, 1, 2)))]
            return Leaf(path, operator, f"[{', '.join(some)}]")
        if operator in ("=", "!=", "=?") and rng.random() < 0.25:
            value = False
        if self.odd and operator in ("=", "!=", "=?") and rng.random() < 0.05:
            value = rng.choice(("", 0, None, "x", 1))
        return Leaf(path, operator, repr(value))


def smaller(tree: Tree) -> Iterator[Tree]:
    """The tree with one thing less: a part alone, without a `!`, or with a smaller part."""
    if isinstance(tree, Branch):
        yield from tree.parts
        for place, part in enumerate(tree.parts):
            for less in smaller(part):
                yield Branch(tree.sign, (*tree.parts[:place], less, *tree.parts[place + 1 :]))
    elif tree.inner is not None:
        for less in smaller(tree.inner):
            yield Leaf(tree.path, tree.operator, "", inner=less)
