"""What kind of thing a field is, from its definition, the declared facts and the tables there are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from ostiary.policy import Field, Model
from ostiary.policy.fields import AUTOMATIC
from ostiary.policy.paths import field_of, known_in_full
from ostiary.policy.rules import parents_of
from ostiary.records.errors import Fails, Undecided
from ostiary.records.schema.declared import Attributes, declared_kind
from ostiary.records.schema.kinds import Column, Inherited, Kind, Lines, Links, Python, Related, Storage
from ostiary.records.schema.tables import link_columns

if TYPE_CHECKING:
    from ostiary.records.schema.schema import Schema


def kind_of(schema: Schema, model: Model, name: str) -> Kind:
    """The kind of a model's field. Raises Fails where there is no such field, Undecided where that is unknown."""
    field = field_of(schema.policy, model.name, name)
    if field is None:
        return _automatic(schema, model, name)
    if field.inherited or _comes_from_parent(schema, model, name):
        for parent, link in parents_of(schema.policy, model.name).items():
            if field_of(schema.policy, parent, name) is not None:
                return Inherited(model.name, name, field.type, field.comodel, link=link)
    declared = declared_kind(schema, model, field)
    if declared is not None:
        return declared
    if field.type == "one2many" and field.store and field.comodel and field.inverse:
        return _lines(schema, model, field)
    if field.type == "many2many" and field.store and field.comodel:
        return _links(schema, model, field)
    if field.related and not field.store:
        path = tuple(field.related.split("."))
        return Related(model.name, name, field.type, field.comodel, path=path, sudo=field.related_sudo)
    if field.store and field.type not in ("one2many", "many2many"):
        return _column(schema, model, field)
    return Python(model.name, name, field.type, field.comodel, unsearchable=_unsearchable(model, field))


def _automatic(schema: Schema, model: Model, name: str) -> Kind:
    if name in AUTOMATIC and not model.abstract:
        if name == "display_name":
            return Python(model.name, name, "char")
        table = schema.model(model.name).table
        if name in table.c:
            type_ = "integer" if name == "id" else "datetime" if name.endswith("_date") else "many2one"
            comodel = "res.users" if type_ == "many2one" else None
            return Column(model.name, name, type_, comodel, column=table.c[name], required=name == "id")
    if known_in_full(schema.policy, model.name) or model.code_unread:
        raise Fails("ValueError", f"Invalid field {model.name}.{name}")
    raise Undecided.computed(model.name, name, "was not read")


def _comes_from_parent(schema: Schema, model: Model, name: str) -> bool:
    own = name in model.fields or any(
        name in schema.policy.models[other].fields for other in model.inherit if other in schema.policy.models
    )
    return not own


def _column(schema: Schema, model: Model, field: Field) -> Kind:
    table = schema.model(model.name).table
    if field.name not in table.c:
        if field.company_dependent and _has_properties(schema):
            return Column(model.name, field.name, field.type, field.comodel, storage=Storage.PROPERTY)
        why = "is not a column of its table"
        if field.type in ("binary", "image"):
            why = "is not in its table but among the attachments"
        return Python(model.name, field.name, field.type, field.comodel, why=why)
    storage = Storage.PLAIN
    if isinstance(table.c[field.name].type, sa.JSON):
        if field.company_dependent:
            storage = Storage.BY_COMPANY
        elif field.translate:
            storage = Storage.TRANSLATED
    return Column(
        model.name,
        field.name,
        field.type,
        field.comodel,
        column=table.c[field.name],
        storage=storage,
        required=field.required,
    )


def _has_properties(schema: Schema) -> bool:
    """Whether company-dependent values are rows of `ir_property`, as in 17 and before."""
    return (
        schema.catalog is not None
        and "ir.property" in schema.policy.models
        and schema.catalog.has("ir_property")
    )


def _unsearchable(model: Model, field: Field) -> bool:
    """Whether there is no search method for certain. A database says which fields have one (`selectable`)."""
    return not (field.store or field.related or field.search or model.partial or model.unresolved)


def _lines(schema: Schema, model: Model, field: Field) -> Kind:
    """A one2many. Where its inverse is a many2one_reference, Odoo adds to the field's own domain that the reference
    is to this model (`One2many.get_domain_list`); where it is a plain number, the field's own domain has to say it.
    """
    assert field.comodel
    assert field.inverse
    inverse = field_of(schema.policy, field.comodel, field.inverse)
    model_field = None
    if inverse is not None and inverse.type == "many2one_reference":
        model_field = _model_field(schema, field.comodel, inverse)
        if model_field is None:
            why = f"is held by {field.inverse} of {field.comodel}, beside a model name in a field that is not known"
            return Python(model.name, field.name, field.type, field.comodel, why=why)
    limits = Attributes(schema, model, field)
    if limits.unread:
        return _limited(model, field, limits)
    return Lines(
        model.name,
        field.name,
        field.type,
        field.comodel,
        inverse=field.inverse,
        model_field=model_field,
        domain=limits.domain,
        active_test=limits.active_test,
        auto_join=limits.auto_join,
        declared=limits.declared,
        assumed=limits.assumed,
    )


def _limited(model: Model, field: Field, limits: Attributes) -> Python:
    """An x2many whose class may narrow its lines in a way that is not known."""
    why = f"may be limited by its class, and module {limits.unread} was not read (give its source as --addons-path)"
    return Python(model.name, field.name, field.type, field.comodel, why=why)


def _model_field(schema: Schema, model: str, reference: Field) -> str | None:
    """The field that holds the model's name beside a many2one_reference, which a parent may lend (`_inherits`)."""
    seen = set()
    while model not in seen:
        seen.add(model)
        fact = schema.facts.field(model, reference)
        if fact is not None:
            return fact.model_field
        parents = parents_of(schema.policy, model) if reference.inherited else {}
        model = next((one for one in parents if field_of(schema.policy, one, reference.name)), model)
    return None


def _links(schema: Schema, model: Model, field: Field) -> Kind:
    columns = link_columns(schema, model, field)
    if isinstance(columns, str):
        return Python(model.name, field.name, field.type, field.comodel, why=columns)
    limits = Attributes(schema, model, field)
    if limits.unread:
        return _limited(model, field, limits)
    return Links(
        model.name,
        field.name,
        field.type,
        field.comodel,
        own=columns[0],
        other=columns[1],
        domain=limits.domain,
        active_test=limits.active_test,
        auto_join=limits.auto_join,
        declared=limits.declared,
        assumed=limits.assumed,
    )
