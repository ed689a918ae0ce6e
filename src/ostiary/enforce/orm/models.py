"""Models described from mapped classes: columns as fields, relationships as x2many fields."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from ostiary.enforce.orm.ties import Tie, Ties, lines, linked, many2one, type_of
from ostiary.policy import Field, Model, Origin


def models_of(ties: Ties) -> dict[str, Model]:
    """The models that the tied classes are, by name."""
    return {model: _model(ties, one) for model, one in ties.models.items()}


def _model(ties: Ties, one: Tie) -> Model:
    origin = _origin(one.cls)
    fields = {
        name: _column(ties, one, name, column, origin) for name, column in one.fields.items() if name != "id"
    }
    for name in one.relations:
        if name not in one.fields:
            field = _relation(ties, one, name, origin)
            if field is not None:
                fields[name] = field
    return Model(
        origin=origin,
        name=one.model,
        description=(inspect.getdoc(one.cls) or one.cls.__name__).partition("\n")[0],
        table=one.table.name,
        log_access=False,
        fields=fields,
        modules=(origin.module,),
        rec_name="name" if "name" in fields else None,
    )


def _column(ties: Ties, one: Tie, name: str, column: sa.Column[Any], origin: Origin) -> Field:
    comodel = many2one(ties, one, column)
    known = name not in one.unknowable
    return Field(
        origin=origin,
        name=name,
        type="many2one" if comodel else type_of(column.type) or "char",
        comodel=comodel,
        groups=one.groups.get(name),
        required=not column.nullable,
        store=known,
        compute=None if known else "<python>",
        module=origin.module,
    )


def _relation(ties: Ties, one: Tie, name: str, origin: Origin) -> Field | None:
    prop = one.relations[name]
    found = lines(ties, one, prop)
    if found is not None:
        comodel, inverse = found
        return Field(
            origin=origin, name=name, type="one2many", comodel=comodel, inverse=inverse,
            module=origin.module,
        )  # fmt: skip
    link = linked(ties, one, prop)
    if link is None:
        return None
    comodel, table, own, other = link
    return Field(
        origin=origin,
        name=name,
        type="many2many",
        comodel=comodel,
        relation_table=table.name,
        relation_columns=(own, other),
        module=origin.module,
    )


def _origin(cls: type) -> Origin:
    """Where the class is written, as far as Python knows."""
    try:
        path, line = inspect.getsourcefile(cls) or "", inspect.getsourcelines(cls)[1]
    except (OSError, TypeError):
        path, line = f"{cls.__module__}.{cls.__qualname__}", 0
    return Origin(path=Path(path).name, line=line, module=cls.__module__.rpartition(".")[2])
