"""The functions that a script's policies call: those of the session, and one for each thing that a rule
reads.

They belong to a role that row security does not bind, and read as that role: Odoo evaluates rules as
superuser, so what a rule reads must not be narrowed by the policies of the tables it reads. Where the owner
is bound after all, they fail (`row_security = off`) instead of answering from a part of the rows.
"""

# ruff: noqa: S608 - a script is text; names and values in it are quoted by `literals`
from __future__ import annotations

from ostiary.enforce.people import EXTERNAL_IDS
from ostiary.enforce.rls.literals import dollars, identifier, text
from ostiary.records.errors import Undecided
from ostiary.records.schema import Links, Schema

SCHEMA = "ostiary"
UID = f"(SELECT {SCHEMA}.uid())"
COMPANY = f"(SELECT {SCHEMA}.company_id())"
COMPANIES = f"(SELECT {SCHEMA}.company_ids())"
ALLOWED = f"(SELECT {SCHEMA}.companies_allowed())"
_ROWS = 100  # how many ids PostgreSQL should expect of a set that it can't look into


class Functions:
    """The functions of one script, by what they do; each is made once, and numbered in the order of asking."""

    def __init__(self) -> None:
        self.made: dict[tuple[str, str], tuple[str, str]] = {}
        self._counts: dict[str, int] = {}

    def call(self, kind: str, returns: str, body: str, about: str = "") -> str:
        """The call of the function with this body, such as `ostiary.set_1()`."""
        key = (returns, body)
        found = self.made.get(key)
        if found is None:
            self._counts[kind] = self._counts.get(kind, 0) + 1
            found = self.made[key] = (f"{SCHEMA}.{kind}_{self._counts[kind]}()", about)
        return found[0]

    def statements(self) -> list[tuple[str, str]]:
        """The statements that make them, each with what it is about."""
        return [(about, create(name, returns, body)) for (returns, body), (name, about) in self.made.items()]


def create(name: str, returns: str, body: str) -> str:
    """The statement that makes a function that reads what it needs, whoever calls it."""
    rows = f" ROWS {_ROWS}" if returns.startswith("SETOF") else ""
    return (
        f"CREATE FUNCTION {name} RETURNS {returns} LANGUAGE sql STABLE PARALLEL SAFE SECURITY DEFINER{rows}\n"
        f"SET search_path = pg_catalog, pg_temp SET row_security = off\nAS {dollars(body)};"
    )


def session_functions(schema: Schema, place: str) -> tuple[list[tuple[str, str]], frozenset[str]]:
    """What every script has: who asks, in which companies, with which groups. `place` is the schema of the
    tables.

    Gives the statements, each with what it is about, and the tables that they read: who may write those, says who
    is who. Raises Undecided where the tables of users, groups or companies are not as they should be.
    """
    where = _Tables(schema, place)
    made = [
        ("Who asks: the setting ostiary.uid. Nobody where it is not set, and never Odoo's superuser.",
         create(f"{SCHEMA}.uid()", "integer", where.uid())),
        ("The external ids of the groups that the user holds.",
         create(f"{SCHEMA}.groups()", "text[]", where.groups())),
        ("The user's companies that are not archived.",
         create(f"{SCHEMA}.own_company_ids()", "integer[]", where.own_companies())),
        ("The companies that the session has chosen: the setting ostiary.company_ids, by default all of the user's.",
         create(f"{SCHEMA}.company_ids()", "integer[]", _COMPANIES)),
        ("The current company: the setting ostiary.company_id, else the first that is chosen, else the user's.",
         create(f"{SCHEMA}.company_id()", "integer", where.company())),
        ("Whether the chosen companies are the user's.",
         create(f"{SCHEMA}.companies_allowed()", "boolean", _ALLOWED)),
    ]  # fmt: skip
    return made, frozenset(where.read)


def _setting(name: str) -> str:
    return f"nullif(current_setting({text(name)}, true), '')"


_CHOSEN = f"string_to_array({_setting('ostiary.company_ids')}, ',')::integer[]"
_COMPANIES = f"SELECT coalesce({_CHOSEN}, {SCHEMA}.own_company_ids())"
_ALLOWED = (
    f"SELECT {SCHEMA}.uid() IS NOT NULL\n"
    f"   AND coalesce({_CHOSEN} <@ {SCHEMA}.own_company_ids(), true)\n"
    f"   AND coalesce({_setting('ostiary.company_id')}::integer = ANY ({SCHEMA}.company_ids()), true)"
)


# Relation tables of an Odoo database: the columns of the record itself, and of the other one.
_LINKS = {
    ("res.users", "groups_id"): ("res_groups_users_rel", "uid", "gid"),
    ("res.users", "group_ids"): ("res_groups_users_rel", "uid", "gid"),
    ("res.users", "company_ids"): ("res_company_users_rel", "user_id", "cid"),
    ("res.groups", "implied_ids"): ("res_groups_implied_rel", "gid", "hid"),
}


class _Tables:
    """The tables that the session's functions read: an Odoo's own, or those that Ostiary makes."""

    def __init__(self, schema: Schema, place: str) -> None:
        self.schema = schema
        self.catalog = schema.catalog
        self.place = place
        self.read: set[str] = set()

    def uid(self) -> str:
        first = " AND u.id <> 1" if self.catalog is not None else ""
        return (
            f"SELECT u.id FROM {self._table('res_users', 'id', 'company_id')} u\n"
            f" WHERE u.id = {_setting('ostiary.uid')}::integer{first}\n"
            f"   AND NOT EXISTS (SELECT FROM {self._named('res.users')} d\n"
            "                    WHERE d.name = 'base.user_root' AND d.id = u.id)"
        )

    def groups(self) -> str:
        """The stored membership; from 19 on what it implies is not stored and followed here."""
        closed = self.schema.policy.semantics.membership_closed
        table, user, group = self._links("res.users", "groups_id" if closed else "group_ids")
        rows = f"SELECT h.{group} AS id FROM {table} h WHERE h.{user} = {SCHEMA}.uid()"
        start, names = f"WITH held AS ({rows})", self._names_of_held()
        if not closed and self.catalog is None:
            return self._implied_by_name(start, names)
        if not closed:
            implied, above, below = self._links("res.groups", "implied_ids")
            start = (
                f"WITH RECURSIVE held(id) AS (\n  {rows}\n  UNION\n"
                f"  SELECT i.{below} FROM {implied} i JOIN held ON i.{above} = held.id)"
            )
        return f"{start}\nSELECT coalesce(array_agg(one.name), '{{}}') FROM (\n{names}) one"

    def _names_of_held(self) -> str:
        return (
            f"  SELECT d.name FROM {self._named('res.groups')} d JOIN held ON d.id = held.id\n"
            "  UNION ALL SELECT 'res.groups(' || held.id || ')' FROM held"
        )

    def _implied_by_name(self, start: str, names: str) -> str:
        """Tables of Ostiary's own don't hold what a group implies: the definitions do."""
        links = sorted(
            (text(group.xmlid), text(link.group))
            for group in self.schema.policy.groups.values()
            for link in group.implies
        )
        if not links:
            return f"{start}\nSELECT coalesce(array_agg(one.name), '{{}}') FROM (\n{names}) one"
        pairs = ",\n    ".join(f"({above}, {below})" for above, below in links)
        return (
            f"{start.replace('WITH', 'WITH RECURSIVE', 1)},\nimplied(above, below) AS (VALUES\n    {pairs}),\n"
            f"closed(name) AS (\n  SELECT one.name FROM (\n{names}) one\n  UNION\n"
            "  SELECT i.below FROM implied i JOIN closed ON i.above = closed.name)\n"
            "SELECT coalesce(array_agg(closed.name), '{}') FROM closed"
        )

    def own_companies(self) -> str:
        table, user, company = self._links("res.users", "company_ids")
        return (
            "SELECT coalesce(array_agg(c.id ORDER BY c.id), '{}')\n"
            f"  FROM {table} l JOIN {self._table('res_company', 'active')} c ON c.id = l.{company}\n"
            f" WHERE l.{user} = {SCHEMA}.uid() AND c.active"
        )

    def company(self) -> str:
        return (
            f"SELECT coalesce({_setting('ostiary.company_id')}::integer, ({_CHOSEN})[1],\n"
            f"  (SELECT u.company_id FROM {self._table('res_users')} u WHERE u.id = {SCHEMA}.uid()))"
        )

    def _named(self, model: str) -> str:
        """The external ids of a model's records, as `name` and `id`."""
        if self.catalog is None:
            table, named = self._placed(EXTERNAL_IDS), "x.xmlid AS name"
        else:
            table = self._table("ir_model_data", "module", "name", "model", "res_id")
            named = "x.module || '.' || x.name AS name"
        return f"(SELECT {named}, x.res_id AS id FROM {table} x WHERE x.model = {text(model)})"

    def _table(self, name: str, *columns: str) -> str:
        """A table with these columns. Raises Undecided where there is none."""
        model = name.replace("_", ".")
        for column in columns:
            known = (
                self.catalog.has(name, column)
                if self.catalog is not None
                else column in self.schema.model(model).table.c
            )
            if not known:
                raise Undecided(f"cannot be decided: the table {name} has no column {column}", model)
        return self._placed(name)

    def _placed(self, name: str) -> str:
        self.read.add(name)
        return f"{identifier(self.place)}.{identifier(name)}"

    def _links(self, model: str, field: str) -> tuple[str, str, str]:
        """The relation table of a many2many, and its columns of the record and of the other one."""
        if self.catalog is not None:
            name, own, other = _LINKS[model, field]
            return self._table(name, own, other), identifier(own), identifier(other)
        kind = self.schema.field(model, field)
        if not isinstance(kind, Links) or kind.own is None or kind.other is None:
            raise Undecided.computed(model, field, "has no table that was read")
        table = self._placed(kind.own.table.name)
        return table, identifier(kind.own.name), identifier(kind.other.name)
