"""Which tables and columns are read, whether they are there, whether they may be read, and selecting them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from psycopg import sql
from psycopg.rows import TupleRow

from ostiary.sources.database.connect import Connection, Reading
from ostiary.sources.errors import UnreadableTarget


@dataclass(frozen=True, slots=True)
class Table:
    """A table that is read: columns that every known version has, and columns that some have or a module adds.

    `optional` tables are left out where they are missing. `spare` columns are left out where the user may
    not read them: `spared_by` names the checks that then have nothing to go by, which is noted.
    """

    columns: str
    more: str = ""
    optional: bool = False
    spare: str = ""
    spared_by: str = ""


# Of res_users and res_partner only what is listed: a role may be given these columns and no others.
TABLES: dict[str, Table] = {
    "ir_module_module": Table(
        "id name state latest_version", "shortdesc category_id application auto_install demo"
    ),
    "ir_module_module_dependency": Table("name module_id"),
    "ir_module_category": Table("id name", "parent_id"),
    "ir_model_data": Table("id module name model res_id noupdate"),
    "ir_model": Table("id model name", "order state transient abstract"),
    "ir_model_inherit": Table("id model_id parent_id parent_field_id"),
    "ir_model_fields": Table(
        "id model name ttype relation relation_field related store required readonly state",
        "field_description translate company_dependent relation_table column1 column2 selectable compute domain "
        "sanitize sanitize_tags sanitize_overridable strip_style strip_classes",
        spare="on_delete copied",
    ),
    "ir_model_fields_selection": Table("", optional=True, spare="field_id value sequence"),
    "ir_model_fields_group_rel": Table("field_id group_id", optional=True),
    "res_groups": Table("id name", "share category_id privilege_id"),
    "res_groups_privilege": Table("id", optional=True),
    "res_groups_implied_rel": Table("gid hid"),
    "res_groups_users_rel": Table("gid uid"),
    "ir_model_access": Table("id name model_id group_id active perm_read perm_write perm_create perm_unlink"),
    "ir_rule": Table("id name model_id domain_force active perm_read perm_write perm_create perm_unlink"),
    "rule_group_rel": Table("rule_group_id group_id"),
    "res_users": Table(
        "id login active partner_id company_id", spare="create_date", spared_by="dormant-privileged-user"
    ),
    "res_users_log": Table(
        "", optional=True, spare="create_uid create_date", spared_by="dormant-privileged-user"
    ),
    "res_device_log": Table(
        "", optional=True, spare="user_id last_activity", spared_by="dormant-privileged-user"
    ),
    "res_partner": Table(
        "id name",
        spare="commercial_partner_id is_company customer_rank supplier_rank email_normalized",
        spared_by="internal-user-is-customer",
    ),
    "hr_employee": Table("", optional=True, spare="user_id active", spared_by="internal-user-is-customer"),
    "ir_config_parameter": Table("", optional=True, spare="id key value", spared_by="weak-parameter"),
    "website": Table("", optional=True, spare="id auth_signup_uninvited", spared_by="weak-parameter"),
    "res_company": Table(
        "id name parent_id active", "sequence", spare="partner_id", spared_by="internal-user-is-customer"
    ),
    "res_company_users_rel": Table("cid user_id"),
    "ir_ui_menu": Table("id name parent_id action active sequence"),
    "ir_ui_menu_group_rel": Table("menu_id gid"),
    "ir_ui_view": Table("id name type model inherit_id active"),
    "ir_ui_view_group_rel": Table("view_id group_id"),
    "ir_act_window": Table("id type name res_model domain"),
    "ir_act_window_group_rel": Table("act_id gid"),
    "ir_act_server": Table("id type name model_id"),
    "ir_act_server_group_rel": Table("act_id gid", optional=True),
    "ir_act_report_xml": Table("id type name model"),
    "res_groups_report_rel": Table("uid gid"),
    "ir_act_client": Table("id type name", "res_model"),
    "ir_act_url": Table("id type name"),
    "ir_actions": Table("id type name"),
}

_COLUMNS = """
    SELECT c.relname, a.attname, t.typname,
           has_table_privilege(c.oid, 'SELECT') OR has_column_privilege(c.oid, a.attnum, 'SELECT')
      FROM pg_catalog.pg_class c
      JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
      JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
     WHERE c.relname = ANY(%s) AND c.relkind IN ('r', 'p', 'v', 'm', 'f') AND pg_catalog.pg_table_is_visible(c.oid)
"""
# A schema that may not be used is not searched, so its tables seem not to be there.
_CLOSED_SCHEMA = """
    SELECT n.nspname, current_user
      FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relname = 'ir_module_module' AND NOT has_schema_privilege(n.oid, 'USAGE') LIMIT 1
"""
_SEVERAL = 3


@dataclass(slots=True)
class Database:
    """An open Odoo database: what it has of the tables that are read, and selecting from them."""

    connection: Connection
    reading: Reading
    types: dict[str, dict[str, str]] = field(default_factory=dict)
    withheld: dict[str, list[str]] = field(default_factory=dict)

    def look(self) -> None:
        """See what is there. Raises UnreadableTarget where it is no Odoo database or something may not be read."""
        forbidden: dict[str, list[str]] = {}
        for table, column, kind, readable in self.connection.execute(_COLUMNS, [list(TABLES)]):
            if not readable and column in TABLES[table].spare.split():
                self.withheld.setdefault(table, []).append(column)
                continue
            self.types.setdefault(table, {})[column] = kind
            if not readable and column in _columns(table):
                forbidden.setdefault(table, []).append(column)
        for table in self.withheld:
            # Without one column that may be read, nothing can be selected.
            if self.types.get(table, {}).keys().isdisjoint((*_columns(table), *TABLES[table].spare.split())):
                self.types.pop(table, None)
        if "ir_module_module" not in self.types:
            self._no_odoo()
        if forbidden:
            raise UnreadableTarget(self._forbidden(forbidden))
        for table, wanted in TABLES.items():
            have = self.types.get(table)
            if have is None and wanted.optional:
                continue
            missing = [name for name in wanted.columns.split() if name not in (have or {})]
            if missing:
                what = f"{table} has no {', '.join(missing)}" if have else f"there is no table {table}"
                raise UnreadableTarget(
                    f"{self.reading.shown} is not an Odoo database of a version that Ostiary knows: {what}."
                )

    def _no_odoo(self) -> None:
        closed = self.connection.execute(_CLOSED_SCHEMA).fetchone()
        if closed:
            raise UnreadableTarget(
                f"{self.reading.shown} may not be read by this user: GRANT USAGE ON SCHEMA {closed[0]} TO {closed[1]} "
                "is missing."
            )
        raise UnreadableTarget(
            f"{self.reading.shown} is not an Odoo database: it has no table ir_module_module."
        )

    def _forbidden(self, forbidden: dict[str, list[str]]) -> str:
        """Which tables or columns may not be read, and the GRANT that would allow it."""
        row = self.connection.execute("SELECT quote_ident(current_user)").fetchone()
        user = row[0] if row else "this user"
        names = []
        for table in sorted(forbidden):
            whole = set(forbidden[table]) >= {name for name in _columns(table) if name in self.types[table]}
            names.append(table if whole else f"{table} ({', '.join(sorted(forbidden[table]))})")
        shown = ", ".join(names[:_SEVERAL])
        if len(names) > _SEVERAL:
            shown += f" and {len(names) - _SEVERAL} more"
        partly = {"res_users", "res_partner"}
        grants = ", ".join(
            f"SELECT ({', '.join(_columns(table))}) ON {table}" for table in sorted(partly & forbidden.keys())
        )
        others = ", ".join(sorted(forbidden.keys() - partly))
        wanted = " and ".join(
            f"GRANT {grant} TO {user}" for grant in (f"SELECT ON {others}" if others else "", grants) if grant
        )
        verb = "is" if wanted.count("GRANT") == 1 else "are"
        return f"{self.reading.shown}: {user} may not read {shown}; {wanted} {verb} missing."

    def has(self, table: str, column: str = "") -> bool:
        """Whether the database has the table, and the column where one is named."""
        return table in self.types and (not column or column in self.types[table])

    def rows(
        self, table: str, columns: str, *, where: str = "", order: str = "", args: Sequence[object] = ()
    ) -> list[TupleRow]:
        """The rows of one table; a column it does not have is NULL, a translated one is its text in English.

        `where` and `order` are SQL of this program's own, never of anything that was read.
        """
        if table not in self.types:
            return []
        self.reading.table = table
        # The other actions' tables inherit from ir_actions, which would list their rows too.
        query = sql.SQL("SELECT {} FROM ONLY {}" if table == "ir_actions" else "SELECT {} FROM {}").format(
            sql.SQL(", ").join(self._column(table, name) for name in columns.split()), sql.Identifier(table)
        )
        if where:
            query += sql.SQL(" WHERE " + where)
        if order:
            query += sql.SQL(" ORDER BY " + order)
        return self.connection.execute(query, list(args) or None).fetchall()

    def _column(self, table: str, name: str) -> sql.Composable:
        kind = self.types[table].get(name)
        if kind is None:
            return sql.SQL("NULL")
        if kind != "jsonb":
            return sql.Identifier(name)
        return sql.SQL(
            "COALESCE({0}->>'en_US', (SELECT value FROM jsonb_each_text({0}) ORDER BY key LIMIT 1))"
        ).format(sql.Identifier(name))


def _columns(table: str) -> tuple[str, ...]:
    return (*TABLES[table].columns.split(), *TABLES[table].more.split())
