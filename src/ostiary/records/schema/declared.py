"""Declared facts as kinds: what a field is where Odoo's Python says it, and that was written down."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ostiary.domain import TRUE, Domain, parse
from ostiary.policy import Field, Model
from ostiary.records.facts import FieldFact
from ostiary.records.schema.kinds import Condition, Kind, Negative, Through

if TYPE_CHECKING:
    from ostiary.records.schema.schema import Schema

# What stands for a domain that the class makes by Python.
_CODE = "<code>"


class Attributes:
    """What limits the lines of an x2many: its domain, what it says of archived records, whether it asks for access.

    Taken from the definition where that was read, else from the declared facts. `unread` is the module whose class may
    say more, which was not read; empty where there is none.
    """

    def __init__(self, schema: Schema, model: Model, field: Field) -> None:
        fact = schema.facts.field(model.name, field)
        self.domain: Domain = parse(field.domain) if field.domain else TRUE
        self.active_test = field.active_test
        self.auto_join = field.auto_join
        self.declared = False
        assumed: tuple[str, ...] = ()
        unread = field.groups_unread or summarized(schema, field)
        if fact is not None and (unread or field.domain == _CODE):
            self.declared = True
            if fact.domain is not None and field.domain in (None, _CODE):
                self.domain = domain_of(fact.domain, model.name)
            if self.active_test is None:
                self.active_test = fact.active_test
            self.auto_join = self.auto_join or fact.auto_join
            assumed = fact.assumed
        reviewed = schema.facts.reviewed(field.module)
        # A bundled summary was written by hand, by somebody who saw what limits the field.
        self.unread = (field.module or "its module") if field.groups_unread and not reviewed else ""
        if unread and reviewed:
            self.declared = True
        self.assumed = assumed


def summarized(schema: Schema, field: Field) -> bool:
    """Whether the field is only known by a bundled summary of its module, which leaves domains and contexts out."""
    module = schema.policy.modules.get(field.module)
    return module is not None and module.facts


def declared_kind(schema: Schema, model: Model, field: Field) -> Kind | None:
    """What a non-stored field is declared to be; None where nothing is, or only attributes of another sort are."""
    fact = schema.facts.field(model.name, field)
    if fact is None or field.store or not (fact.paths or fact.condition is not None):
        return None
    if fact.condition is not None:
        return Condition(
            model.name,
            field.name,
            field.type,
            None,
            declared=True,
            assumed=fact.assumed,
            domain=domain_of(fact.condition, model.name),
            searched=fact.searched,
            readable=fact.readable,
            value_domain=_optional(fact.value_domain, model.name),
        )
    path, *also = (tuple(one.split(".")) for one in fact.paths)
    return _through(model, field, fact, path, tuple(also))


def _through(
    model: Model, field: Field, fact: FieldFact, path: tuple[str, ...], also: tuple[tuple[str, ...], ...]
) -> Through:
    return Through(
        model.name,
        field.name,
        field.type,
        field.comodel,
        declared=True,
        assumed=fact.assumed,
        path=path,
        also=also,
        value_path=tuple(fact.value.split(".")) if fact.value else (),
        value_domain=_optional(fact.value_domain, model.name),
        sudo=fact.sudo,
        negative=Negative(fact.negative),
        readable=fact.readable,
    )


def domain_of(text: str, model: str) -> Domain:
    """A declared domain for the model whose name stands for `{model}` in it."""
    return parse(text.replace("'{model}'", repr(model)))


def _optional(text: str | None, model: str) -> Domain | None:
    return None if text is None else domain_of(text, model)
