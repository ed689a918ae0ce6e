"""Models and fields, from what Odoo's registry writes of itself into the database.

The registry writes `ir_model`, `ir_model_inherit` and `ir_model_fields`. What it does not write is only in the modules'
source: the groups of a field, methods that decide access in Python, `rec_name`, `check_company`, `compute_sudo`.
(`ir_model_fields_group_rel` exists, and Odoo makes no use of it.) Such a field says `groups_unread`, such a model
`code_unread`, until `complete` adds what the source says.
"""

from __future__ import annotations

from collections import Counter, defaultdict

from ostiary.policy import Field, Kind, Model, Origin
from ostiary.policy.fields import AUTOMATIC
from ostiary.sources.database.names import read_owners
from ostiary.sources.database.tables import Database

# There is a method, and its name is not in the database.
UNNAMED = "<python>"
# An HTML field is cleaned as usual: tags are, nobody may override it, styles and classes stay.
_USUAL = [True, False, False, False]
_RELATIONAL = ("many2one", "one2many", "many2many")
# Models whose table is not called as they are (`_table`), in every known version.
_TABLES = {
    "ir.actions.act_url": "ir_act_url",
    "ir.actions.act_window": "ir_act_window",
    "ir.actions.act_window.view": "ir_act_window_view",
    "ir.actions.act_window_close": "ir_actions",
    "ir.actions.actions": "ir_actions",
    "ir.actions.client": "ir_act_client",
    "ir.actions.report": "ir_act_report_xml",
    "ir.actions.server": "ir_act_server",
}
_RELATIONS = """
    SELECT c.relname, c.relkind, pg_catalog.obj_description(c.oid, 'pg_class') FROM pg_catalog.pg_class c
     WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND pg_catalog.pg_table_is_visible(c.oid)
"""
_STORED = ("r", "p", "f")
_DELEGATED_FROM = 6


def model_names(database: Database) -> dict[int, str]:
    """Technical names of models by their ids."""
    return dict(database.rows("ir_model", "id model"))


def models(database: Database, rights: frozenset[str]) -> dict[str, Model]:
    """Models by technical name, with their fields. `rights` are the models that have access rights."""
    fields = _fields(database)
    inherit, inherits = _parents(database)
    owners = read_owners(database, "ir.model")
    relations = {name: (kind, said) for name, kind, said in database.connection.execute(_RELATIONS)}
    rows = database.rows("ir_model", "id model name order state transient abstract", order="id")
    tables = _Tables(relations, [(row[1], row[2]) for row in rows])
    mixed = {parent for parents in inherit.values() for parent in parents}
    found: dict[str, Model] = {}
    for id, name, title, order, state, transient, abstract in rows:
        own = fields.get(name, {})
        table = tables.of(name)
        relation = relations.get(table, ("", None))[0]
        # Of a model without a table, only its definition says whether it is abstract (19 stores that) or reads a query.
        # A query has fields to show and people to show them to, and nothing inherits from it.
        queried = not relation and not transient and name in rights and name not in mixed
        queried = queried and any(field not in AUTOMATIC for field in own)
        if abstract is not None:
            queried = not relation and not abstract
        kind = Kind.TRANSIENT if transient else Kind.MODEL if relation or queried else Kind.ABSTRACT
        modules = tuple(owners.get(id, ()))
        delegated = inherits.get(name, {}) | _delegated(own, fields)
        for parent, link in delegated.items():
            _mark_inherited(own, fields.get(parent, {}), link)
        found[name] = Model(
            origin=Origin(path="ir_model", line=id, module=modules[0] if modules else ""),
            name=name,
            description=title or name,
            kind=kind,
            auto=relation in _STORED,
            table=table,
            table_query=queried,
            inherit=tuple(inherit.get(name, ())),
            inherits=delegated,
            fields=own,
            modules=modules,
            rec_name=next((one for one in ("name", "x_name") if one in own), None),
            parent_store="parent_path" in own and own["parent_path"].store,
            active_name=next((one for one in ("active", "x_active") if one in own), None),
            order=order or "id",
            log_access="create_uid" in own and own["create_uid"].store,
            code_unread=state != "manual",
        )
    return found


class _Tables:
    """Which table a model's records are in."""

    def __init__(self, relations: dict[str, tuple[str, str | None]], models: list[tuple[str, str]]) -> None:
        self.relations = relations
        usual = {_TABLES.get(name, name.replace(".", "_")) for name, _ in models}
        # Odoo gives each table it makes a comment, the model's description.
        self.left: dict[str, list[str]] = defaultdict(list)
        for name, (_, said) in relations.items():
            if said and name not in usual:
                self.left[said].append(name)
        self.titles = dict(models)
        self.titled: dict[str, int] = defaultdict(int)
        for name, title in models:
            self.titled[title] += name.replace(".", "_") not in relations

    def of(self, model: str) -> str:
        usual = _TABLES.get(model, model.replace(".", "_"))
        title = self.titles[model]
        if usual in self.relations or len(self.left.get(title, ())) != 1 or self.titled[title] != 1:
            return usual
        return self.left[title][0]


def _parents(database: Database) -> tuple[dict[str, list[str]], dict[str, dict[str, str]]]:
    """What each model inherits from, and what it delegates to by which field."""
    names = model_names(database)
    links: dict[int, str] = dict(
        database.rows(
            "ir_model_fields", "id name",
            where="id IN (SELECT parent_field_id FROM ir_model_inherit)",
        )
    )  # fmt: skip
    inherit: dict[str, list[str]] = defaultdict(list)
    inherits: dict[str, dict[str, str]] = defaultdict(dict)
    columns = "model_id parent_id parent_field_id"
    for child, other, field in database.rows("ir_model_inherit", columns, order="id"):
        model, parent = names.get(child), names.get(other)
        if model is None or parent is None:
            continue
        if field is None:
            inherit[model].append(parent)
        elif field in links:
            inherits[model][parent] = links[field]
    return inherit, inherits


def _delegated(own: dict[str, Field], fields: dict[str, dict[str, Field]]) -> dict[str, str]:
    """Parents that are delegated to by a field's `delegate=True`, which `ir_model_inherit` leaves out.

    Every field of such a parent is a field of the model too, and those that are not its own are related through the
    link. A parent with a field or two is left alone: related fields written out by hand look the same.
    """
    through = Counter(
        field.related.partition(".")[0]
        for name, field in own.items()
        if field.related and not field.store and field.related.endswith(f".{name}")
    )
    found = {}
    for link, count in through.items():
        field = own.get(link) if count >= _DELEGATED_FROM else None
        if (
            field is None
            or field.type != "many2one"
            or not (field.required and field.store and field.comodel)
        ):
            continue
        parent = fields.get(field.comodel, {})
        if parent and parent.keys() <= own.keys():
            found[field.comodel] = link
    return found


def _mark_inherited(fields: dict[str, Field], parent: dict[str, Field], link: str) -> None:
    """Tell the fields of a delegated parent from related fields of the model's own; they look alike."""
    for name, field in fields.items():
        if not field.store and name in parent and field.related == f"{link}.{name}":
            field.inherited = True
            field.related_sudo = False


def _fields(database: Database) -> dict[str, dict[str, Field]]:
    """Fields by model and name."""
    owners = read_owners(database, "ir.model.fields")
    columns = (
        "id model name ttype field_description relation relation_field related store required readonly state "
        "company_dependent translate relation_table column1 column2 selectable compute domain "
        "on_delete copied sanitize sanitize_tags sanitize_overridable strip_style strip_classes"
    )
    values = _values(database)
    found: dict[str, dict[str, Field]] = {}
    for (
        id, model, name, type_, string, comodel, inverse, related, store, required, readonly, state,
        by_company, translate, table, own, other, selectable, compute, domain,
        on_delete, copied, sanitize, *cleaning,
    ) in database.rows("ir_model_fields", columns, order="id"):  # fmt: skip
        modules = owners.get(id)
        manual = state == "manual"
        derived = not store and not related
        found.setdefault(model, {})[name] = Field(
            origin=Origin(path="ir_model_fields", line=id, module=modules[0] if modules else ""),
            name=name,
            type=type_,
            string=string or "",
            comodel=(comodel or None) if type_ in _RELATIONAL else None,
            inverse=(inverse or None) if type_ == "one2many" else None,
            related=related or None,
            compute=UNNAMED if derived or compute else None,
            search=UNNAMED if derived and selectable else None,
            store=bool(store),
            required=bool(required),
            readonly=bool(readonly),
            company_dependent=bool(by_company),
            translate=bool(translate),
            sanitize=type_ != "html" or sanitize is not False,
            sanitize_usual=type_ != "html" or cleaning == _USUAL,
            relation_table=(table or None) if type_ == "many2many" else None,
            relation_columns=(own, other) if type_ == "many2many" and own and other else None,
            domain=None if domain in (None, "", "[]") else domain,
            module=modules[-1] if modules else "",
            groups_unread=not manual and name not in AUTOMATIC,
            ondelete=(on_delete or None) if type_ == "many2one" else None,
            # Odoo writes down what it ended up with; what is usual needs no word.
            copy=copied if copied is not None and copied != (store and type_ != "one2many") else None,
            selection=tuple(values.get(id, ())) if type_ == "selection" else (),
        )
    return found


def _values(database: Database) -> dict[int, list[str]]:
    """The values of selections by the ids of their fields, in Odoo's order."""
    table = "ir_model_fields_selection"
    found: dict[int, list[str]] = defaultdict(list)
    if all(database.has(table, column) for column in ("field_id", "value", "sequence")):
        for field, value in database.rows(table, "field_id value", order="sequence, value"):
            found[field].append(value)
    return found
