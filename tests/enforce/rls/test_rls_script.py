"""The script itself: names and texts from addons, running it again, taking it away, what keeps it from running."""

from __future__ import annotations

from typing import Any

import msgspec
import psycopg
import pytest
import sqlalchemy as sa

from enforce.rls.rules import REFUSED
from enforce.rls.world import HERE, World, model, right, rule, shown
from ostiary.enforce.rls import chosen_models, drop_script, plan, script
from ostiary.enforce.rls.literals import constant, dollars, identifier, said, text
from ostiary.policy import MODES, GroupLink, Mode
from ostiary.records.errors import Undecided
from ostiary.records.schema import Schema

NAME = model(0)
HOSTILE = (
    "'; DROP TABLE zz_m00; --",
    "\\'; DROP TABLE zz_m00; --",
    "$ostiary$; DROP TABLE zz_m00; $ostiary$",
    "%s %(x)s %% :name {0}",
    "two\nlines\r\\! touch /tmp/x",
    "\u202eevil é 漢",
    '"; DROP TABLE zz_m00; --',
)


@pytest.mark.parametrize("hostile", HOSTILE)
def test_texts_of_addons_are_texts(small: World, hostile: str) -> None:
    """In a domain, as a group and as the name of a rule."""
    through = f"[('tree_id.name', '=', {hostile!r})]"
    rules = [rule(0, f"[('name', '=', {hostile!r})]"), rule(1, through)]
    other = msgspec.structs.replace(
        rule(0, "[]"), xmlid=f"zz.{hostile}", groups=(GroupLink(f"zz.{hostile}", HERE),)
    )
    small.given([right(0, None), right(0, f"zz.{hostile}", (Mode.UNLINK,)), right(1, None)], [*rules, other])
    connection = small.connection
    for table in ("zz_m00", "zz_tree"):
        statement = sa.text(f"UPDATE {table} SET name = :name WHERE id = (SELECT min(id) FROM {table})")
        connection.execute(statement, {"name": hostile})
    connection.commit()
    try:
        for name in (NAME, model(1)):
            session = shown(small.session("agent"))
            assert small.seen(session, name) == small.access().search(session, name) != []
    finally:
        for table in ("zz_m00", "zz_tree"):
            connection.execute(
                sa.text(f"UPDATE {table} SET name = 'root' WHERE name = :name"), {"name": hostile}
            )
        connection.commit()


@pytest.mark.parametrize("hostile", HOSTILE)
def test_no_comment_ends_early(small: World, hostile: str) -> None:
    """A name of an addon in a comment starts no line, so that psql takes none of it for a command."""
    broken = msgspec.structs.replace(rule(0, "not a domain"), xmlid=f"zz.x\n{hostile}")
    sound = msgspec.structs.replace(rule(1, "[('tree_id.name', '=', 'x')]"), xmlid=f"zz.y\n{hostile}")
    found = small.given([right(0, None), right(1, None)], [broken, sound])
    assert len(found.refusals) == len(MODES)
    for line in script(found).split("\n"):
        if "zz.x" in line or "zz.y" in line:
            assert line.startswith("--")
            assert all(part.isprintable() for part in line.split())
    assert "\r" not in script(found)


def test_a_field_may_be_called_as_a_word_of_sql(small: World) -> None:
    small.given([right("zz.kid", "zz.agent")], [rule("zz.kid", "[('order', '=', 'x')]")])
    assert small.seen(small.session("agent"), "zz.kid")


def test_quoting() -> None:
    assert text("a'b\\c") == "E'a''b\\\\c'"
    assert identifier('a"b') == '"a""b"'
    assert dollars("$ostiary$") == "$ostiary_$\n$ostiary$\n$ostiary_$"
    assert said("a\n\\! b\u2028c") == "a \\! b c"
    assert constant(True) == "true"
    for wrong in ("a\0b", float("nan"), float("inf"), object()):
        with pytest.raises(Undecided):
            constant(wrong)
    with pytest.raises(Undecided):
        identifier("")


@pytest.mark.parametrize(("domain", "why"), REFUSED)
def test_what_cannot_be_expressed_is_refused_by_name_and_closed(small: World, domain: str, why: str) -> None:
    broken = rule(0, domain)
    found = small.given([right(0, "zz.agent"), right(1, "zz.agent")], [broken])
    assert {(one.model, one.mode, one.rule) for one in found.refusals} == {
        (NAME, mode, broken.xmlid) for mode in MODES
    }
    assert all(broken.xmlid in str(one) for one in found.refusals)
    assert why in str(next(one for one in found.refusals if one.mode is Mode.READ))
    for login in ("agent", "boss"):
        assert small.seen(small.session(login), NAME) == small.changed(small.session(login), NAME) == []
        assert small.seen(small.session(login), model(1))


def test_definitions_that_were_not_read_in_full_are_refused(small: World) -> None:
    uncertain = msgspec.structs.replace(rule(0, "[]"), uncertain=True)
    doubtful = msgspec.structs.replace(right(1, "zz.agent"), uncertain=True)
    found = small.given([right(0, "zz.agent"), doubtful], [uncertain])
    assert len(found.refusals) == 2 * len(MODES)


def test_models_that_python_decides_on_are_refused(small: World) -> None:
    kept = small.policy
    definition = kept.models[NAME]
    changed = msgspec.structs.replace(definition, overrides={"_search": HERE, "_check_access": HERE})
    view = msgspec.structs.replace(kept.models[model(1)], auto=False)
    policy = msgspec.structs.replace(kept, models=kept.models | {NAME: changed, model(1): view})
    found = plan(Schema(policy), [NAME, model(1)])
    assert {(one.model, one.mode) for one in found.refusals} == {
        *((NAME, mode) for mode in MODES),
        (model(1), None),
    }
    assert all("Python" in str(one) or "view" in str(one) for one in found.refusals)
    assert [one.model for one in found.guarded] == [NAME]


def test_models_of_one_table_are_refused(small: World) -> None:
    twin = msgspec.structs.replace(small.policy.models[model(1)], table="zz_m00")
    policy = msgspec.structs.replace(small.policy, models=small.policy.models | {model(1): twin})
    found = plan(Schema(policy), [NAME, model(1)])
    assert [one.model for one in found.refusals] == [NAME, model(1)]
    assert not found.guarded


def test_the_script_is_the_same_each_time(small: World) -> None:
    found = small.given(
        [right(0, "zz.agent"), right(1, "zz.boss")], [rule(0, "[('tree_id.code', '=', 'x')]")]
    )
    again = plan(Schema(small.policy), [model(1), NAME])
    assert script(again) == script(found)
    assert script(found).encode().decode("ascii")


def test_it_may_be_run_again_and_taken_away(small: World) -> None:
    found = small.given(
        [right(0, "zz.agent"), right(1, "zz.agent")], [rule(0, "[('user_id', '=', user.id)]")]
    )
    session = shown(small.session("agent"))
    expected = small.seen(session, NAME)
    small.run(script(found))
    assert small.seen(session, NAME) == expected
    # A run for fewer models leaves the others closed, not open.
    small.guard([NAME])
    assert small.seen(session, NAME) == expected
    assert small.seen(session, model(1)) == []
    for _ in range(2):
        small.run(drop_script(found))
        assert small.seen(None, NAME) == small.ids(NAME)
    assert not small.connection.execute(sa.text("SELECT FROM pg_namespace WHERE nspname = 'ostiary'")).all()
    assert not small.connection.execute(sa.text("SELECT FROM pg_policies")).all()


def test_nothing_changes_where_something_is_in_the_way(small: World) -> None:
    found = small.given([right(0, "zz.agent")], [])
    small.run(drop_script(found))

    def run(
        before: str, after: str, match: str, error: type[Exception] = psycopg.errors.RaiseException
    ) -> None:
        small.run(before)
        try:
            with pytest.raises(error, match=match):
                small.run(script(found))
            assert small.seen(None, NAME) == small.ids(NAME)
        finally:
            small.run(after)

    run("CREATE SCHEMA ostiary; COMMIT", "DROP SCHEMA ostiary; COMMIT", "did not make")
    run(
        "CREATE POLICY own ON zz_m00 USING (true); COMMIT",
        "DROP POLICY own ON zz_m00; COMMIT",
        "permissive policy",
    )
    run(
        f'SET SESSION AUTHORIZATION "{small.role}"; COMMIT',
        "RESET SESSION AUTHORIZATION; COMMIT",
        "BYPASSRLS",
    )


def test_only_the_named_roles_are_let_in(small: World) -> None:
    found = small.given([right(0, "zz.agent")], [])
    small.run(script(found, [small.role]))
    assert small.seen(small.session("agent"), NAME)
    small.run(script(found, ["pg_monitor"]))
    assert small.seen(small.session("agent"), NAME) == []


def test_a_role_that_could_make_itself_anybody_is_refused(small: World) -> None:
    """Also where another role gives it the privilege, or it is for a column only."""
    found = small.given([right(0, "zz.agent")], [rule(0, "[('partner_id.city', '=', 'x')]")])
    assert found.identity == (
        "ostiary_external_id",
        "res_company",
        "res_company_res_users_rel",
        "res_groups_res_users_rel",
        "res_users",
    )
    grants = (
        "INSERT ON res_groups_res_users_rel",
        "UPDATE (company_id) ON res_users",
        "TRUNCATE ON res_company",
        "DELETE ON ostiary_external_id",
        "pg_write_all_data",
    )
    small.connection.execute(sa.text(f'ALTER ROLE "{small.role}" NOINHERIT'))  # it may still SET ROLE
    for grant in grants:
        small.connection.execute(sa.text(f'GRANT {grant} TO "{small.role}"'))
        small.connection.commit()
        try:
            with pytest.raises(psycopg.errors.RaiseException, match="says who is who"):
                small.run(script(found, [small.role]))
        finally:
            small.connection.execute(sa.text(f'REVOKE {grant} FROM "{small.role}"'))
            small.connection.commit()
    small.run(script(found, [small.role]))
    with pytest.raises(psycopg.errors.RaiseException, match="pg_write_all_data may write"):
        small.run(script(found, ["pg_write_all_data"]))


def test_a_role_that_could_write_what_rules_read_is_told(small: World) -> None:
    found = small.given([right(0, "zz.agent")], [rule(0, "[('partner_id.city', '=', 'x')]")])
    assert found.read == ("res_partner",)
    told: list[str] = []
    driver: Any = small.connection.connection.driver_connection

    def heard(notice: psycopg.errors.Diagnostic) -> None:
        told.append(notice.message_primary or "")

    driver.add_notice_handler(heard)
    small.connection.execute(sa.text(f'GRANT INSERT ON res_partner TO "{small.role}"'))
    small.connection.commit()
    try:
        small.run(script(found, [small.role]))
    finally:
        driver.remove_notice_handler(heard)
        small.connection.execute(sa.text(f'REVOKE INSERT ON res_partner FROM "{small.role}"'))
        small.connection.commit()
    assert [one for one in told if "which the rules rest on" in one] == [
        f"Role {small.role} may write the table res_partner, which the rules rest on and no policy guards."
    ]


def test_by_default_the_models_that_the_modules_concern(small: World) -> None:
    chosen = chosen_models(small.policy)
    assert {NAME, "zz.tree", "zz.kid"} <= set(chosen)
    assert "res.country" not in chosen
    assert chosen_models(small.policy, ["zz.m*"], [NAME]) == [model(1)]
    assert chosen_models(small.policy, ["nothing.*"]) == []
