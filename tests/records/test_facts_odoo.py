"""The declared facts against Odoo's own source, where a tree of it is at hand: nothing is missing, nothing differs."""

from __future__ import annotations

import contextlib
import os
from functools import cache

import msgspec
import pytest

from ostiary.domain import to_odoo
from ostiary.policy import Field, Model, Policy
from ostiary.records.errors import Undecided
from ostiary.records.facts.read import declared as facts_of
from ostiary.records.schema import Lines, Links, Python, Schema
from ostiary.sources import open_policy

TREES = {series: os.environ.get(f"OSTIARY_ODOO_{series}", "") for series in ("17", "18")}

pytestmark = pytest.mark.slow


@cache
def read(series: str) -> Policy:
    """The modules of the tree whose classes were gone through."""
    if not TREES[series]:
        pytest.skip(f"OSTIARY_ODOO_{series} names no Odoo {series} tree")
    reviewed = sorted(facts_of(series).reviewed)
    return open_policy([TREES[series]], odoo=f"{series}.0", modules=reviewed, cache=False)


def as_a_database_has_it(policy: Policy) -> Policy:
    """The same definitions without what only classes say."""

    def field(one: Field) -> Field:
        unread = {"domain": None, "active_test": None, "auto_join": False, "groups_unread": True}
        return msgspec.structs.replace(one, **unread)

    def model(one: Model) -> Model:
        name = next((name for name in ("name", "x_name") if name in one.fields), None)
        fields = {item.name: field(item) for item in one.fields.values()}
        return msgspec.structs.replace(
            one, fields=fields, names_search=None, rec_name=name, parent_name="parent_id", code_unread=True
        )

    return msgspec.structs.replace(policy, models={one.name: model(one) for one in policy.models.values()})


def about(model: Model) -> bool:
    """Whether the model is one that is ever installed: not a test's own, and with records."""
    return not model.abstract and bool(model.modules) and not model.modules[0].startswith("test_")


@pytest.mark.parametrize("series", TREES)
def test_every_x2many_is_limited_as_its_class_says(series: str) -> None:
    policy = read(series)
    blind = as_a_database_has_it(policy)
    read_, declared = Schema(policy), Schema(blind)
    seen = 0
    for model in filter(about, policy.models.values()):
        for name, field in model.fields.items():
            if field.module.startswith("test_"):
                continue
            try:
                theirs, ours = read_.field(model.name, name), declared.field(model.name, name)
            except Undecided:
                continue
            if isinstance(theirs, Lines | Links):
                assert isinstance(ours, Lines | Links), (model.name, name)
                seen += 1
                assert ours.declared, (model.name, name)
                limits = [(to_odoo(one.domain), one.active_test, one.auto_join) for one in (theirs, ours)]
                if field.domain != "<code>":
                    assert limits[0] == limits[1], (model.name, name)
    assert seen > 1000


@pytest.mark.parametrize("series", TREES)
def test_every_model_is_searched_by_the_names_its_class_says(series: str) -> None:
    policy = read(series)
    declared = Schema(as_a_database_has_it(policy))
    for model in filter(about, policy.models.values()):
        names = declared.names(model.name)
        said = model.names_search or ((model.rec_name,) if model.rec_name else ())
        if not names.python:
            assert names.search == said, model.name
        assert declared.facts.model(model.name).parent_name in (None, model.parent_name)
        assert model.parent_name == (declared.facts.model(model.name).parent_name or "parent_id"), model.name


@pytest.mark.parametrize("series", TREES)
def test_every_method_that_something_is_declared_of_is_the_fields_own(series: str) -> None:
    policy = read(series)
    for (model, name), facts in facts_of(series).fields.items():
        for module, fact in facts.items():
            field = policy.models[model].fields[name]
            assert fact.method in (None, field.search, field.compute), (module, model, name)


@pytest.mark.parametrize("series", TREES)
def test_every_reference_knows_the_field_of_its_models_name(series: str) -> None:
    policy = read(series)
    schema = Schema(policy)
    for model in filter(about, policy.models.values()):
        for name, field in model.fields.items():
            if field.type == "one2many" and not field.module.startswith("test_"):
                with contextlib.suppress(Undecided):
                    kind = schema.field(model.name, name)
                    assert not (isinstance(kind, Python) and "not known" in kind.why), (model.name, name)
