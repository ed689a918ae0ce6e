"""The corpus of proofs: small models with a rule set and the verdict that is right for it, as TOML under `corpus/`.

A case says why its verdict is right. It may also show it: `passes` are records that are none of the user's and pass,
`fails` are such that do not, `own` are the user's own and pass. Those are put into tables and asked of `records`, so
that a case is held against something else than the prover.

Names in records: `@p.me` and `@u.me` are the user's partner and user, `@p.acme` the company the partner belongs to,
`@p.mate` a colleague there, `@p.rival` another customer, `@p.lone` one of no company, address, country or language,
`@u.boss` the salesperson of `me` and `rival`; `@c.main` the user's active company, `@c.other` another one of the
user's, `@c.group` the parent of `@c.main`, `@c.branch` a child of it; `@be` and `@fr` countries (all but `lone` are of
`@be`), `@gold` and `@silver` partner categories (`me` and `rival` are `@gold`), `@held` a group that all users hold. A
record may be asked about as another user, `as = "lone"`, and in other active companies, `in = ["other"]`.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import sqlalchemy as sa

from ostiary.policy import Company, Field, GroupLink, Kind, Mode, Model, Origin, Policy, Subject, User
from ostiary.policy.semantics import Semantics
from ostiary.records.access import Access
from ostiary.records.create import create_tables, insert
from ostiary.records.errors import Refused
from ostiary.records.memory import Reader
from ostiary.records.schema import Schema
from ostiary.records.store import Store
from policy.build import BASE, field, groups, model, module, policy, right, rule

THING = "x.thing"
_HERE = Path(__file__).parent / "corpus"
_ORIGIN = Origin(path="tests/prove/corpus.py", line=1)
_GROUPS = {"portal": "base.group_portal", "public": "base.group_public"}
_MODULES = {"base": (), "mail": ("base",), "x": ("mail",)}
_LOGINS = {"boss": 2, "me": 3, "rival": 4, "lone": 5}
_COMPANIES = {"group": 1, "main": 2, "branch": 3, "other": 4}
_FLAGS = {"required", "company_dependent"}


class RuleSpec(msgspec.Struct, forbid_unknown_fields=True):
    """A rule of a case; for the case's model and for everybody where nothing else is said."""

    domain: str
    groups: tuple[str, ...] = ()
    modes: str = "rwcu"
    model: str = ""
    active: bool = True
    uncertain: bool = False


class RightSpec(msgspec.Struct, forbid_unknown_fields=True):
    """An access right of a case; a group of "" is everybody."""

    group: str
    modes: str = "rwcu"
    model: str = ""
    active: bool = True


class ModelSpec(msgspec.Struct, forbid_unknown_fields=True):
    """A model, or what is added to one of `base/models.toml`."""

    fields: dict[str, str] = {}
    inherit: tuple[str, ...] = ()
    inherits: dict[str, str] = {}
    kind: str = "model"
    module: str = "x"
    parent_store: bool = False
    unresolved: bool = False


class Case(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """One question and its right answer; see the module's own text.

    `fields`, `inherit`, `inherits`, `kind` and `unresolved` are of `x.thing`, which is asked about unless `model` says
    otherwise. `groups` are those beside Odoo's and what each implies; `extend` says what a group of Odoo's own implies
    besides. `condition` is compared by its canonical form, `user` says whether the condition asks something of the
    user. `names` is what an unknown has to speak of.
    `opaque`: a domain of it can't be parsed. `shown` is false where `records` can't tell whether a witness passes.
    """

    name: str
    why: str
    verdict: str
    question: str = "isolation"
    version: str = "18.0"
    audience: str = "portal"
    mode: str = "read"
    model: str = THING
    fields: dict[str, str] = {}
    inherit: tuple[str, ...] = ()
    inherits: dict[str, str] = {}
    kind: str = "model"
    unresolved: bool = False
    models: dict[str, ModelSpec] = {}
    groups: dict[str, list[str]] = {}
    rights: list[RightSpec] | None = None
    rules: list[str | RuleSpec] = []
    sort: str = ""
    condition: str = ""
    user: bool | None = None
    names: str = ""
    opaque: bool = False
    shown: bool = True
    rows: dict[str, dict[str, Any]] = {}
    passes: list[dict[str, Any]] = []
    fails: list[dict[str, Any]] = []
    own: list[dict[str, Any]] = []

    @property
    def group(self) -> str:
        return _GROUPS.get(self.audience, self.audience)

    @property
    def policy(self) -> Policy:
        return _policy(self)


@cache
def cases() -> tuple[Case, ...]:
    """Every case, in the order of the files."""
    found: list[Case] = []
    for path in sorted(_HERE.glob("*.toml")):
        found += msgspec.convert(tomllib.loads(path.read_text("utf-8"))["case"], list[Case])
    return tuple(found)


# -- definitions -----------------------------------------------------------------------------------------------


def _policy(case: Case) -> Policy:
    links = [GroupLink(case.group, _ORIGIN)]
    rights = case.rights if case.rights is not None else [RightSpec(case.group)]
    rules = [RuleSpec(one) if isinstance(one, str) else one for one in case.rules]
    group_spec = {**BASE, **case.groups}
    return policy(
        case.version,
        models=_models(case),
        modules={name: module(name, *needs) for name, needs in _MODULES.items()},
        groups=groups(group_spec),
        rights=[
            right(f"x.right_{place}", one.model or case.model, one.group or None, one.modes, one.active)
            for place, one in enumerate(rights, 1)
        ],
        rules=[
            rule(
                f"x.rule_{place}", one.model or case.model, one.domain, one.groups, one.modes,
                active=one.active, uncertain=one.uncertain,
            )
            for place, one in enumerate(rules, 1)
        ],
        users=[
            User(
                origin=_ORIGIN, login=login, id=id_, groups=tuple(links), company="x.main",
                companies=("x.main", "x.other"),
            )
            for login, id_ in _LOGINS.items()
        ],
        companies=[
            Company(origin=_ORIGIN, xmlid=f"x.{name}", id=id_, name=name) for name, id_ in _COMPANIES.items()
        ],
    )  # fmt: skip


def _models(case: Case) -> list[Model]:
    base = tomllib.loads((_HERE / "base" / "models.toml").read_text("utf-8"))
    specs = msgspec.convert(base, dict[str, ModelSpec])
    if Semantics.of(case.version).group_fields_renamed:
        users = specs["res.users"].fields
        users["group_ids"] = users.pop("groups_id")
    thing = ModelSpec(case.fields, case.inherit, case.inherits, case.kind, unresolved=case.unresolved)
    if case.model == THING:
        specs[THING] = thing
    for name, more in case.models.items():
        if name in specs:
            specs[name].fields |= more.fields
            specs[name].inherit += more.inherit
        else:
            specs[name] = more
    made = {name: _model(name, spec) for name, spec in specs.items()}
    for one in made.values():
        _delegate(made, one)
    return list(made.values())


def _model(name: str, spec: ModelSpec) -> Model:
    return model(
        name,
        [_field(key, text, spec.module) for key, text in spec.fields.items()],
        kind=Kind(spec.kind),
        inherit=spec.inherit,
        inherits=spec.inherits,
        parent_store=spec.parent_store,
        modules=(spec.module,),
        unresolved=spec.unresolved,
        active_name="active" if "active" in spec.fields else None,
        rec_name="name" if "name" in spec.fields else None,
    )


def _field(name: str, text: str, of: str) -> Field:
    """A field of its notation: `many2one res.partner required`, `one2many x.line/thing_id`."""
    type_, *words = text.split()
    more: dict[str, Any] = {"module": of}
    if type_ in ("many2one", "many2many", "one2many"):
        comodel, _, inverse = words.pop(0).partition("/")
        more |= {"comodel": comodel, "inverse": inverse or None}
    for word in words:
        key, _, value = word.partition("=")
        if key == "table":
            table, _, columns = value.partition(":")
            more |= {"relation_table": table, "relation_columns": tuple(columns.split(","))}
        elif key in ("compute", "search", "related"):
            more[key] = value
        elif key in _FLAGS:
            more[key] = True
        elif key != "store":
            raise ValueError(f"{name}: {word} says nothing of a field")
    more["store"] = "store" in words or not ("compute" in more or "related" in more)
    return field(name, type_, **more)


def _delegate(models: Mapping[str, Model], one: Model) -> None:
    """The fields of the parents that a model delegates to, as its own, where it has none of the name."""
    for parent, link in one.inherits.items():
        for item in models[parent].fields.values():
            if item.name not in one.fields:
                changes = {"related": f"{link}.{item.name}", "store": False, "related_sudo": False}
                one.fields[item.name] = msgspec.structs.replace(item, inherited=True, **changes)


# -- records ---------------------------------------------------------------------------------------------------


class Scene:
    """A case's models as tables, with the people all cases share and the case's own rows."""

    def __init__(self, case: Case, connection: sa.Connection) -> None:
        self.case = case
        self.policy = case.policy
        self.schema = Schema(self.policy)
        self.connection = connection
        create_tables(self.schema, connection)
        self.ids: dict[str, int] = {}
        self._people()
        for name, values in case.rows.items():
            self.ids[name] = self.add(
                values["model"], **{key: values[key] for key in values if key != "model"}
            )

    def passes(self, values: Mapping[str, Any]) -> bool:
        """Whether a record of these values passes.

        To read is what a search finds, and what `check_access` lets through, which tests in Python, as controllers do
        before they show one record; whatever else one may do is asked of `check_access` alone.
        """
        login, companies = values.get("as", "me"), values.get("in", ["main"])
        id_ = self.add(self.case.model, **{key: values[key] for key in values if key not in ("as", "in")})
        store = Store(self.schema, self.connection)
        access = Access(store, Reader(store))
        session = access.session_of(login, [_COMPANIES[one] for one in companies]).with_active_test(False)
        try:
            if self.case.mode == "read" and id_ in access.search(session, self.case.model):
                return True
            return bool(access.allowed(session, self.case.model, Mode(self.case.mode), [id_]))
        except Refused as refused:
            if refused.kind != "acl":
                raise
            return False

    def add(self, model: str, /, **values: Any) -> int:
        """A new record. A mapping is a record to make and link to, a list of mappings are lines."""
        fields = self._fields(model)
        plain, lines = {}, {}
        for name, value in values.items():
            there = fields.get(name)
            if isinstance(value, Mapping) and there is not None and there.comodel:
                plain[name] = self.add(there.comodel, **value)
            elif isinstance(value, list) and value and isinstance(value[0], Mapping):
                lines[name] = value
            else:
                plain[name] = self._value(value)
        id_ = insert(self.schema, self.connection, model, plain)
        for name, items in lines.items():
            there = fields[name]
            assert there.comodel
            assert there.inverse
            about = {"res_model": model} if there.comodel == "mail.followers" else {}
            for item in items:
                self.add(there.comodel, **{there.inverse: id_}, **about, **item)
        return id_

    def _fields(self, model: str) -> dict[str, Field]:
        definition = self.policy.models[model]
        found = dict(definition.fields)
        for mixin in definition.inherit:
            found |= self.policy.models[mixin].fields
        return found

    def _value(self, value: Any) -> Any:
        if isinstance(value, list):
            return [self._value(one) for one in value]
        if isinstance(value, str) and value.startswith("@"):
            return self.ids[value[1:]]
        return value

    def _people(self) -> None:
        for name, code in (("be", "BE"), ("fr", "FR")):
            self.ids[name] = self.add("res.country", name=name, code=code)
        for name in ("gold", "silver"):
            self.ids[name] = self.add("res.partner.category", name=name)
        for name, parent in (("group", None), ("main", "group"), ("branch", "main"), ("other", None)):
            self.ids[f"p.{name}"] = self.add("res.partner", name=name, is_company=True)
            above = self.ids[f"c.{parent}"] if parent else None
            values = {"name": name, "partner_id": f"@p.{name}", "parent_id": above}
            self.ids[f"c.{name}"] = self.add("res.company", **values)
        self.ids["u.root"] = self.add("res.users", login="root", name="root")
        self.ids["held"] = self.add("res.groups", name="held by all")
        self._person("boss", "", "boss@example.com", is_company=True)
        self._person("acme", "", is_company=True)
        self._person("me", "acme", "me@example.com", category_id=["@gold"], user_id="@u.boss")
        self._person("mate", "acme", "mate@example.com")
        self._person(
            "rival", "", "rival@example.com", is_company=True, category_id=["@gold"], user_id="@u.boss"
        )
        self._person("lone", "")
        assert {name: self.ids[f"c.{name}"] for name in _COMPANIES} == _COMPANIES
        assert {name: self.ids[f"u.{name}"] for name in _LOGINS} == _LOGINS

    @property
    def _groups(self) -> str:
        return "group_ids" if self.policy.semantics.group_fields_renamed else "groups_id"

    def _person(self, name: str, parent: str, email: str | None = None, **values: Any) -> None:
        above = self.ids[f"p.{parent}"] if parent else None
        common = {} if name == "lone" else {"country_id": "@be", "lang": "nl_BE"}
        id_ = self.add("res.partner", name=name, email=email, parent_id=above, **common, **values)
        self.ids[f"p.{name}"] = id_
        table = self.schema.model("res.partner").table
        commercial = sa.update(table).where(table.c.id == id_).values(commercial_partner_id=above or id_)
        self.connection.execute(commercial)
        if name in _LOGINS:
            share = Subject.of_group(self.policy, self.case.group).share
            more = {"company_id": "@c.main", "company_ids": ["@c.main", "@c.other"], self._groups: ["@held"]}
            self.ids[f"u.{name}"] = self.add("res.users", login=name, partner_id=id_, share=share, **more)
