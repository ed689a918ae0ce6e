"""How records of a model are found and shown by name, from its definition and the declared facts.

Source: `models.py`, `_search_display_name` (18, 19), `_name_search` (17) and `_compute_display_name`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ostiary.policy import Model
from ostiary.policy.paths import field_of
from ostiary.records.errors import Undecided
from ostiary.records.schema.kinds import Names

if TYPE_CHECKING:
    from ostiary.records.schema.schema import Schema

# What a name field may be, for its value to be shown as it is: Odoo writes dates and numbers in its own way.
_SHOWN = frozenset({"char", "text", "html", "selection", "many2one", "reference"})


def names_of(schema: Schema, model: Model) -> Names:
    """The model's names. Raises Undecided where its classes were not read and nothing is declared of it.

    Which field names a record is taken from the classes where they were read. Whether a method of them decides
    instead is only known of the modules that were gone through: what others may do is said in `assumed`.
    """
    fact = schema.facts.model(model.name)
    unread = schema.facts.unreviewed(model)
    known = not (model.code_unread or model.partial or model.unresolved)
    home = model.modules[0] if model.modules else ""
    if not known and fact.search is None and not schema.facts.reviewed(home):
        raise Undecided(
            f"cannot be decided: how records of model {model.name} are named is written in Python", model.name
        )
    if unread and not known:
        raise Undecided(
            f"cannot be decided: records of model {model.name} may be named in another way by module {unread[0]}, "
            "which was not read",
            model.name,
        )
    usual = _usual(schema, model, known)
    search = fact.search if fact.search is not None else (usual,) if usual else ()
    if known and model.names_search is not None:
        search = model.names_search
    elif known and fact.search is None and model.rec_name:
        search = (model.rec_name,)
    return Names(
        search,
        _display(schema, model, fact.display, usual),
        python=bool(fact.python) or (known and model.names_search == ()),
        exact=fact.exact,
        below=bool(fact.below),
        assumed=(*fact.assumed, *(f"what {name} does with names of {model.name}" for name in unread)),
    )


def _usual(schema: Schema, model: Model, known: bool) -> str | None:
    if known and model.rec_name:
        return model.rec_name
    return next((one for one in ("name", "x_name") if field_of(schema.policy, model.name, one)), None)


def _display(schema: Schema, model: Model, declared: str | bool | None, usual: str | None) -> str | None:
    if declared is False:
        return None
    if isinstance(declared, str):
        return declared
    if usual is None:
        return ""
    field = field_of(schema.policy, model.name, usual)
    return f"{{{usual}}}" if field is not None and field.type in _SHOWN else None
