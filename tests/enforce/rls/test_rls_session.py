"""Who asks, and in which companies: what the settings of a transaction open and what they don't."""

from __future__ import annotations

import msgspec
import psycopg
import pytest
import sqlalchemy as sa

from enforce.rls.world import World, model, right, rule, shown
from ostiary.policy import Mode

NAME = model(0)
OWN = "[('user_id', '=', user.id)]"


def test_without_a_user_nothing_is_open(small: World) -> None:
    small.given([right(0, None)], [])
    assert small.seen(small.session("agent"), NAME)
    for settings in ({}, {"uid": ""}, {"uid": "99999"}, {"company_ids": "1"}):
        assert small.seen(None, NAME, **settings) == []
    assert small.changed(None, NAME) == []
    assert small.deleted(None, NAME) == []
    with small.asking(None) as connection, pytest.raises(sa.exc.ProgrammingError, match="row-level security"):
        connection.execute(sa.text("INSERT INTO zz_m00 (name) VALUES ('x')"))


def test_what_is_no_id_is_an_error_and_opens_nothing(small: World) -> None:
    small.given([right(0, None)], [])
    for settings in ({"uid": "1 OR true"}, {"uid": "2", "company_ids": "1;2"}):
        small.given([right(0, None)], [rule(0, "[('company_id', 'in', company_ids)]")])
        with pytest.raises(sa.exc.DataError):
            small.seen(None, NAME, **settings)


def test_the_superuser_of_odoo_sees_nothing(small: World) -> None:
    small.given([right(0, None)], [])
    bot = next(user for user in small.policy.users if user.xmlid == "base.user_root")
    assert small.seen(None, NAME, uid=str(bot.id)) == []


def test_rights_add_and_without_one_a_mode_is_closed(small: World) -> None:
    small.given(
        [
            right(0, "zz.boss", (Mode.WRITE,)),
            right(0, "zz.agent", (Mode.READ,)),
            right(1, None, (Mode.READ,)),
        ],
        [],
    )
    assert [bool(small.seen(small.session(login), NAME)) for login in ("boss", "agent", "portal")] == [
        True,
        True,
        False,
    ]
    assert [bool(small.changed(small.session(login), NAME)) for login in ("boss", "agent")] == [True, False]
    assert small.deleted(small.session("boss"), NAME) == []
    assert small.seen(small.session("nothing"), model(1))


def test_archived_rights_and_rules_are_none(small: World) -> None:
    archived = msgspec.structs.replace(right(0, "base.group_portal"), active=False)
    asleep = msgspec.structs.replace(rule(0, "[(0, '=', 1)]"), active=False)
    small.given([right(0, "zz.agent"), archived], [asleep])
    assert small.seen(small.session("agent"), NAME)
    assert small.seen(small.session("portal"), NAME) == []


def test_chosen_companies_are_the_active_ones(small: World) -> None:
    small.given(
        [right(0, "zz.agent"), right(1, "zz.agent")], [rule(0, "[('company_id', 'in', company_ids)]")]
    )
    boss, access = small.session("boss"), small.access()
    first, second = boss.companies
    for chosen in ((first,), (second,), (second, first)):
        session = shown(access.session_of("boss", chosen))
        given = small.seen(boss, NAME, company_ids=",".join(map(str, chosen)))
        assert given == access.search(session, NAME) != []
    # One that isn't the user's: Odoo raises an error where a rule binds, and nowhere else.
    agent = small.session("agent")
    assert small.seen(agent, NAME, company_ids=str(second)) == []
    assert small.seen(agent, model(1), company_ids=str(second)) == small.ids(model(1))
    assert small.seen(boss, NAME, company_ids=str(first), company_id=str(second)) == []


def test_the_current_company_is_the_first_that_is_chosen(small: World) -> None:
    small.given([right(0, "zz.agent")], [rule(0, "[('company_id', '=', company_id)]")])
    boss, access = small.session("boss"), small.access()
    first, second = boss.companies
    for settings, chosen in (
        ({}, None),
        ({"company_ids": f"{second},{first}"}, (second, first)),
        ({"company_ids": f"{first},{second}", "company_id": str(second)}, (second, first)),
    ):
        expected = access.search(shown(access.session_of("boss", chosen)), NAME)
        assert small.seen(boss, NAME, **settings) == expected != []


def test_groups_are_those_that_the_tables_say_when_the_statement_runs(small: World) -> None:
    small.given([right(0, "zz.boss")], [])
    agent = small.session("agent")
    assert small.seen(agent, NAME) == []
    links = "INSERT INTO res_groups_res_users_rel (res_users_id, res_groups_id) SELECT :user, res_id FROM "
    small.connection.execute(
        sa.text(f"{links} ostiary_external_id WHERE xmlid = 'zz.boss'"), {"user": agent.uid}
    )
    small.connection.execute(sa.text(f'SET LOCAL ROLE "{small.role}"'))
    small.connection.execute(sa.text(f"SET LOCAL ostiary.uid = '{agent.uid}'"))
    assert small.ids(NAME)
    small.connection.rollback()


@pytest.mark.parametrize("term", ["('tree_id.user_id', '=', user.id)", "('tree_id.user_id', '!=', user.id)",
                                  "('tag_ids.user_ids', 'in', user.id)", "('tree_id', 'child_of', 1)"])  # fmt: skip
def test_what_a_rule_reads_is_not_narrowed_by_other_tables_rules(small: World, term: str) -> None:
    """Odoo evaluates rules as superuser: a tree that the user may not see counts all the same."""
    closed = [rule(name, "[(0, '=', 1)]") for name in ("zz.tree", "zz.tag")]
    small.given([right(0, "zz.agent"), right("zz.tree", "zz.agent"), right("zz.tag", "zz.agent")],
                [rule(0, f"[{term}]"), *closed])  # fmt: skip
    access = small.access()
    session = shown(access.session_of("agent"))
    assert small.seen(session, "zz.tree") == small.seen(session, "zz.tag") == []
    assert small.seen(session, NAME) == access.search(session, NAME) != []


def test_a_rule_may_read_its_own_table(small: World) -> None:
    small.given([right(0, "zz.agent")], [rule(0, "[('parent_id.user_id', '=', user.id)]")])
    access = small.access()
    session = shown(access.session_of("agent"))
    assert small.seen(session, NAME) == access.search(session, NAME) != []


def test_rules_of_a_parent_bind_what_delegates_to_it(small: World) -> None:
    rules = [rule("zz.tree", OWN, ["zz.agent"]), rule("zz.tree", "[('code', '=', 'x')]"),
             rule("zz.tree", "[]", ["zz.boss"])]  # fmt: skip
    small.given([right("zz.kid", "zz.agent"), right("zz.kid", "base.group_portal")], rules)
    access = small.access()
    everything = small.ids("zz.kid")
    seen = {}
    for login in ("agent", "boss", "elsewhere", "portal"):
        session = access.session_of(login)
        seen[login] = small.seen(session, "zz.kid")
        assert seen[login] == access.search(shown(session), "zz.kid")
        assert small.changed(session, "zz.kid") == access.allowed(session, "zz.kid", Mode.WRITE, everything)
    assert len(seen["boss"]) > len(seen["agent"]) > len(seen["elsewhere"]) == 0


def test_the_owner_of_a_table_is_bound_too(small: World) -> None:
    small.given([right(0, "zz.agent")], [rule(0, OWN)])
    session = shown(small.session("agent"))
    expected = small.seen(session, NAME)
    small.connection.execute(sa.text(f'ALTER TABLE zz_m00 OWNER TO "{small.role}"'))
    small.connection.commit()
    try:
        assert small.seen(session, NAME) == expected != small.ids(NAME)
    finally:
        small.connection.execute(sa.text("ALTER TABLE zz_m00 OWNER TO postgres"))
        small.connection.execute(sa.text(f'GRANT ALL ON zz_m00 TO "{small.role}"'))
        small.connection.commit()


def test_strict_keeps_a_record_within_reach(small: World) -> None:
    out = sa.text("UPDATE zz_m00 SET user_id = NULL")
    for strict in (False, True):
        small.given([right(0, "zz.agent")], [rule(0, OWN, modes=(Mode.WRITE,))], strict=strict)
        with small.asking(small.session("agent")) as connection:
            if strict:
                with pytest.raises(sa.exc.ProgrammingError, match="row-level security"):
                    connection.execute(out)
            else:
                assert connection.execute(out).rowcount > 0  # type: ignore[attr-defined]


def test_functions_fail_where_their_owner_is_bound(small: World) -> None:
    """Never an answer from a part of the rows."""
    term = "[('tree_id.user_id', '=', user.id)]"
    small.given([right(0, "zz.agent"), right("zz.tree", "zz.agent")], [rule(0, term)])
    session = small.session("agent")
    assert small.seen(session, NAME)
    connection = small.connection
    for function in connection.execute(
        sa.text("SELECT oid::regprocedure FROM pg_proc WHERE pronamespace = 'ostiary'::regnamespace")
    ).scalars():
        connection.execute(sa.text(f'ALTER FUNCTION {function} OWNER TO "{small.role}"'))
    connection.execute(sa.text(f'SET LOCAL ROLE "{small.role}"'))
    connection.execute(sa.text(f"SET LOCAL ostiary.uid = '{session.uid}'"))
    with pytest.raises(sa.exc.ProgrammingError, match="row-level security") as raised:
        small.ids(NAME)
    assert isinstance(raised.value.orig, psycopg.errors.InsufficientPrivilege)
    connection.rollback()
