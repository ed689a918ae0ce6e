"""A plan as the text of an SQL script, and of the one that takes it away."""

# ruff: noqa: S608 - a script is text; names and values in it are quoted by `literals`
from __future__ import annotations

from collections.abc import Iterator, Sequence

from ostiary.enforce.rls.functions import SCHEMA
from ostiary.enforce.rls.literals import dollars, identifier, said, text, texts
from ostiary.enforce.rls.script import Guarded, Plan
from ostiary.policy import MODES, Mode

PUBLIC = "PUBLIC"
MARK = "Made by ostiary rls"
NAMES = {mode: f"ostiary_{mode}" for mode in MODES}
_COMMANDS = {Mode.READ: "SELECT", Mode.WRITE: "UPDATE", Mode.CREATE: "INSERT", Mode.UNLINK: "DELETE"}
_ABOUT = """\
Row security for PostgreSQL, from the access rights and record rules of an Odoo {odoo}. {mark}.

Run it as a superuser, or as a role with BYPASSRLS that owns the tables:  psql -v ON_ERROR_STOP=1 -f FILE DATABASE
It replaces what an earlier run made, and changes all or nothing.

Whoever asks says so in each transaction; without that, no row is seen:
  SET LOCAL ostiary.uid = '7';           the id of the user (res_users)
  SET LOCAL ostiary.company_ids = '1,3'; the active companies, the current one first; by default all of the user's
  SET LOCAL ostiary.company_id = '3';    the current company, where it is not the first

What it does not do:
- Whoever can run any SQL can set these to what they like: it guards an application's queries, not a person at psql.
- Whoever writes users, companies, their relation tables or external ids gives themselves any right. Grant nothing of
  these to who is to be bound; with --role this is checked.
- Superusers and roles with BYPASSRLS see everything, Odoo's superuser (OdooBot) nothing. Odoo itself needs BYPASSRLS.
- The groups of fields are about columns, and not held here. Nor are relation tables of many2many fields, TRUNCATE, or
  what a unique index or a foreign key tells of rows that aren't seen.
- A view reads as its owner, unless it is made with security_invoker.
- Rights and rules are as they were read. When they change, make the script anew; groups, companies and values are read
  when a statement runs.
- PostgreSQL asks for read too where an UPDATE or DELETE has a WHERE, or a statement a RETURNING, and then holds the
  new row of an UPDATE to it."""


def script(plan: Plan, roles: Sequence[str] = ()) -> str:
    """The script that guards the tables. `roles` may call its functions, and are bound by its policies as all others
    are that have none; by default everybody. It fails where one of them may write the tables that say who is who."""
    return "\n".join(_lines(plan, roles))


def drop_script(plan: Plan) -> str:
    """The script that takes away what `script` made."""
    return "\n".join(_drop_lines(plan))


def _lines(plan: Plan, roles: Sequence[str]) -> Iterator[str]:
    yield from _comment(_ABOUT.format(odoo=said(plan.policy.odoo), mark=MARK))
    yield from _comment("")
    yield from _listed("Guarded:", [f"{said(one.model)} ({_modes(one)})" for one in plan.guarded])
    closed = [said(str(one)) for one in plan.refusals if one.mode is not None]
    if closed:
        yield from _listed("Closed, because it can't be expressed:", closed)
    yield ""
    yield from _start()
    yield f"DO {dollars(_checks(plan))};"
    yield f"DO {dollars(_may_write(plan, roles))};"
    yield ""
    yield "-- The policies of an earlier run go with the functions that they call."
    yield f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE;"
    yield f"CREATE SCHEMA {SCHEMA};"
    yield f"COMMENT ON SCHEMA {SCHEMA} IS {text(MARK)};"
    for about, statement in plan.functions:
        yield ""
        yield from _comment(said(about))
        yield statement
    yield ""
    yield from _grants(roles)
    for one in plan.guarded:
        yield ""
        yield from _policies(plan, one, roles)
    yield ""
    yield "COMMIT;"
    yield ""


def _drop_lines(plan: Plan) -> Iterator[str]:
    yield from _comment(f"Takes row security away again that ostiary rls made. {MARK}.")
    yield ""
    yield from _start()
    yield f"DO {dollars(_own_schema())};"
    for one in plan.guarded:
        table = _table(plan, one)
        yield f"ALTER TABLE IF EXISTS {table} NO FORCE ROW LEVEL SECURITY;"
        yield f"ALTER TABLE IF EXISTS {table} DISABLE ROW LEVEL SECURITY;"
    yield f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE;"
    yield "COMMIT;"
    yield ""


def _start() -> Iterator[str]:
    """Nothing that is set for the session changes what the script means."""
    yield "BEGIN;"
    yield "SET LOCAL client_encoding = 'UTF8';"
    yield "SET LOCAL client_min_messages = warning;"
    yield "SET LOCAL standard_conforming_strings = on;"
    yield "SET LOCAL search_path = pg_catalog, pg_temp;"


def _own_schema() -> str:
    return (
        "BEGIN\n"
        f"  IF EXISTS (SELECT FROM pg_namespace WHERE nspname = '{SCHEMA}'\n"
        f"      AND obj_description(oid, 'pg_namespace') IS DISTINCT FROM {text(MARK)}) THEN\n"
        f"    RAISE EXCEPTION 'There is a schema {SCHEMA} that ostiary rls did not make.';\n"
        "  END IF;\nEND"
    )


def _checks(plan: Plan) -> str:
    """What must hold before anything is changed."""
    tables = texts(one.table for one in plan.guarded)
    own = texts(NAMES.values())
    return (
        _own_schema().removesuffix("END")
        + "  IF NOT (SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user) THEN\n"
        "    RAISE EXCEPTION 'Run this as a superuser or as a role with BYPASSRLS: rules read tables as superuser.';\n"
        "  END IF;\n"
        "  IF EXISTS (SELECT FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid\n"
        f"      WHERE c.relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = {text(plan.place)})\n"
        f"      AND c.relname = ANY ({tables}) AND p.polpermissive AND p.polname <> ALL ({own})) THEN\n"
        "    RAISE EXCEPTION 'A table has a permissive policy of its own, which would open what this closes.';\n"
        "  END IF;\nEND"
    )


def _may_write(plan: Plan, roles: Sequence[str]) -> str:
    """Nobody who is bound may write what says who is who, or what rules read, past the policies. Of the roles named
    that is sure to be a mistake; where none is, others may be meant to (an administrator's), so that it is only said.

    The privileges of roles that a role is a member of count too: it may take them on (SET ROLE).
    """
    whose = (
        f"r.rolname = ANY ({texts(roles)})"
        if roles
        else "r.rolcanlogin AND NOT r.rolsuper AND NOT r.rolbypassrls"
    )
    return (
        "DECLARE\n  one record;\nBEGIN\n"
        f"  FOR one IN SELECT r.rolname AS role, c.relname AS name, c.relname = ANY ({texts(plan.identity)}) AS who\n"
        f"      FROM pg_roles r, pg_class c WHERE {whose}\n"
        f"      AND c.relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = {text(plan.place)})\n"
        f"      AND c.relkind IN ('r', 'p') AND c.relname = ANY ({texts((*plan.identity, *plan.read))})\n"
        "      AND EXISTS (SELECT FROM pg_roles m WHERE pg_has_role(r.oid, m.oid, 'MEMBER')\n"
        "        AND (has_any_column_privilege(m.oid, c.oid, 'INSERT, UPDATE')\n"
        "          OR has_table_privilege(m.oid, c.oid, 'DELETE, TRUNCATE')))\n"
        "      ORDER BY who DESC, role, name\n"
        "  LOOP\n"
        f"    IF one.who{'' if roles else ' AND false'} THEN\n"
        "      RAISE EXCEPTION 'Role % may write the table %, which says who is who, so that it could give itself any "
        "right: revoke INSERT, UPDATE, DELETE and TRUNCATE on it from the role first.', one.role, one.name;\n"
        "    END IF;\n"
        "    RAISE WARNING 'Role % may write the table %, which the rules rest on and no policy guards.', "
        "one.role, one.name;\n"
        "  END LOOP;\nEND"
    )


def _grants(roles: Sequence[str]) -> Iterator[str]:
    to = _roles(roles)
    yield f"REVOKE ALL ON SCHEMA {SCHEMA} FROM PUBLIC;"
    yield f"REVOKE ALL ON ALL FUNCTIONS IN SCHEMA {SCHEMA} FROM PUBLIC;"
    yield f"GRANT USAGE ON SCHEMA {SCHEMA} TO {to};"
    yield f"GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA {SCHEMA} TO {to};"


def _policies(plan: Plan, one: Guarded, roles: Sequence[str]) -> Iterator[str]:
    table, to = _table(plan, one), _roles(roles)
    yield from _comment(said(one.model))
    yield f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;"
    yield f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY;"
    for name in NAMES.values():
        yield f"DROP POLICY IF EXISTS {name} ON {table};"
    for mode, condition in one.conditions.items():
        start = f"CREATE POLICY {NAMES[mode]} ON {table} FOR {_COMMANDS[mode]} TO {to}"
        if mode is Mode.CREATE:
            yield f"{start}\nWITH CHECK ({condition});"
        elif mode is Mode.WRITE:
            after = condition if plan.strict else "true"
            yield f"{start}\nUSING ({condition})\nWITH CHECK ({after});"
        else:
            yield f"{start}\nUSING ({condition});"


def _roles(roles: Sequence[str]) -> str:
    return ", ".join(identifier(one) for one in roles) or PUBLIC


def _table(plan: Plan, one: Guarded) -> str:
    return f"{identifier(plan.place)}.{identifier(one.table)}"


def _modes(one: Guarded) -> str:
    return ", ".join(one.conditions) or "closed to all"


def _listed(title: str, items: Sequence[str]) -> Iterator[str]:
    yield from _comment(title)
    for item in items:
        yield f"--   {item}"


def _comment(words: str) -> Iterator[str]:
    for line in words.split("\n"):
        yield f"-- {line}".rstrip()
