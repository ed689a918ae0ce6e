"""Adding to a database's Policy what only the modules' source says."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from ostiary.policy import Field, Model, Note, Origin, Policy
from ostiary.policy.code import Code
from ostiary.sources.database.edits import edits

# Taken from source where a model or a field is in both; everything else stays as the database has it.
_OF_FIELD = (
    "origin", "groups", "compute", "search", "check_company", "compute_sudo", "related_sudo", "auto_join", "inherited",
    "active_test", "default",
)  # fmt: skip
_OF_MODEL = (
    "origin", "kind", "auto", "table", "table_query", "rec_name", "parent_name", "parent_store", "active_name",
    "check_company_auto", "log_access", "overrides", "names_search",
)  # fmt: skip
_NAMED = 5


def complete(database: Policy, source: Policy) -> Policy:
    """The database's policy with field groups, Python overrides and the like from the source of its modules.

    Groups, access rights, rules, users, menus, actions and views stay as the database has them, and so does which
    models and fields there are. A model or field that the source does not have (or has by a summary only, or with
    another type) keeps saying that its code was not read. Access rights and rules that differ from what their module
    says become `edits`. Neither argument is changed.
    """
    read = {name for name, module in source.modules.items() if not module.facts}
    unread = sorted(database.modules.keys() - read)
    models = {name: _model(model, source.models.get(name), read) for name, model in database.models.items()}
    notes = [note for note in database.notes if note.kind != "code-unread"]
    if unread:
        named = ", ".join(unread[:_NAMED])
        more = f" and {len(unread) - _NAMED} more" if len(unread) > _NAMED else ""
        notes.append(
            Note(
                origin=Origin(path="ir_module_module"),
                kind="code-unread",
                message=f"The source of {named}{more} was not given: the groups of their fields and the methods in "
                "which they decide access are not known.",
            )
        )
    return msgspec.structs.replace(
        database,
        models=models,
        toggles=source.toggles,
        notes=notes,
        edits=edits(database, source, read),
        code=_code(database, source.code),
    )


def _code(database: Policy, code: Code | None) -> Code | None:
    """What the source's code does, without the modules that are context in the database's policy."""
    if code is None:
        return None
    wanted = {name for name, module in database.modules.items() if not module.context}
    return Code(
        entries=[one for one in code.entries if one.module in wanted],
        pages=[one for one in code.pages if one.origin.module in wanted],
        marks=[one for one in code.marks if one.origin.module in wanted],
        unread=[one for one in code.unread if one.module in wanted],
    )


def _model(model: Model, source: Model | None, read: set[str]) -> Model:
    if source is None or source.unresolved:
        return model
    whole = not source.partial and all(name in read for name in model.modules)
    return msgspec.structs.replace(
        model,
        **{name: getattr(source, name) for name in _OF_MODEL},
        fields=_fields(model.fields, source.fields, whole),
        code_unread=not whole,
    )


def _fields(fields: Mapping[str, Field], source: Mapping[str, Field], whole: bool) -> dict[str, Field]:
    return {name: _field(field, source.get(name), whole) for name, field in fields.items()}


def _field(field: Field, source: Field | None, whole: bool) -> Field:
    if source is None or source.type != field.type:
        return field
    return msgspec.structs.replace(
        field,
        **{name: getattr(source, name) for name in _OF_FIELD},
        company_dependent=field.company_dependent or source.company_dependent,
        domain=field.domain or source.domain,
        sanitize_usual=field.sanitize_usual and source.sanitize_usual,
        ondelete=field.ondelete or source.ondelete,
        copy=source.copy if field.copy is None else field.copy,
        selection=field.selection or source.selection,
        # A module that was not read may have given it groups.
        groups_unread=source.groups is None and not whole and field.groups_unread,
    )
