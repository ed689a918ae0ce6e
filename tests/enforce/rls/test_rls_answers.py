"""Row security gives the answers of `records`: for every user and mode, the same rows."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from database.server import Server
from enforce.rls.rules import generated, paired
from enforce.rls.world import USERS, World, addon, fill, model, right, rule, shown, with_definitions, world
from ostiary.policy import MODES, Mode
from ostiary.records.errors import RecordsError

MAKERS = ("agent", "boss", "nothing")
RULES = {
    "17.0": [*paired()[::3], *generated(8)[:2]],
    "18.0": [*paired(), *generated(8)[:4]],
    "19.0": [*paired()[1::3], *generated(8)[4:6]],
}


@pytest.fixture(scope="module", params=["17.0", "18.0", "19.0"])
def guarded(
    request: pytest.FixtureRequest, server: Server, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[World]:
    wanted = RULES[request.param]
    count = len(wanted)
    policy = addon(tmp_path_factory.mktemp("rls"), request.param, count)
    with world(server, policy, "rls") as made:
        fill(made, count)
        trees = made.ids("zz.tree")
        tags = made.ids("zz.tag")
        rights, rules = [], []
        for index in range(count):
            rights += [right(index, "zz.agent"), right(index, "base.group_portal", (Mode.READ, Mode.WRITE))]
            known = {"tree": trees[0], "tag": tags, "first": made.ids(model(index))[0]}
            rules += [rule(index, domain % known, groups) for domain, groups in wanted[index]]
        made.policy = with_definitions(made.policy, rights, rules)
        made.guard([model(index) for index in range(count)])
        yield made


def test_the_rows_that_are_read_are_those_that_a_search_finds(guarded: World) -> None:
    access = guarded.access()
    closed = {(one.model, one.mode) for one in guarded.plan.refusals}
    found = 0
    for name in names(guarded):
        if (name, Mode.READ) in closed:
            continue
        for login in USERS:
            session = shown(access.session_of(login))
            expected = access.search(session, name) if access.may(session, name, Mode.READ) else []
            assert guarded.seen(session, name) == expected, (login, _said(guarded, name))
            found += len(expected)
    assert found > len(guarded.plan.guarded)


@pytest.mark.parametrize("mode", [Mode.WRITE, Mode.UNLINK])
def test_the_rows_that_change_are_those_that_may(guarded: World, mode: Mode) -> None:
    access = guarded.access()
    closed = {(one.model, one.mode) for one in guarded.plan.refusals}
    found = 0
    for name in names(guarded):
        if (name, mode) in closed:
            continue
        ids = guarded.ids(name)
        for login in USERS:
            session = access.session_of(login)
            expected = access.allowed(session, name, mode, ids)
            given = guarded.changed(session, name) if mode is Mode.WRITE else guarded.deleted(session, name)
            assert given == expected, (login, _said(guarded, name))
            found += len(expected)
    assert found > len(guarded.plan.guarded) // 2


def test_a_row_is_made_where_the_check_after_it_would_pass(guarded: World) -> None:
    closed = {(one.model, one.mode) for one in guarded.plan.refusals}
    found = 0
    for name in names(guarded):
        if (name, Mode.CREATE) in closed:
            continue
        table = guarded.schema.model(name).table
        rows = [dict(row) for row in guarded.connection.execute(sa.select(table)).mappings()]
        for row in rows:
            row["id"] += 1000
        guarded.connection.execute(sa.insert(table), rows)
        access = guarded.access()
        expected = {}
        for login in MAKERS:
            session = access.session_of(login)
            passing = set(access.allowed(session, name, Mode.CREATE, [row["id"] for row in rows]))
            expected[login] = [row["id"] in passing for row in rows]
        guarded.connection.rollback()
        for login, wanted in expected.items():
            session = access.session_of(login)
            denied = [row for row, may in zip(rows, wanted, strict=True) if not may]
            assert not any(guarded.made(session, name, denied)), (login, _said(guarded, name))
            if any(wanted):
                guarded.made_together(session, name, [row for row in rows if row not in denied])
            found += sum(wanted)
    assert found > len(guarded.plan.guarded) // 2


def test_what_records_cannot_decide_is_closed(guarded: World) -> None:
    access = guarded.access()
    closed = {(one.model, one.mode) for one in guarded.plan.refusals}
    session = access.session_of("agent")
    for name in names(guarded):
        for mode in MODES:
            try:
                if mode is Mode.READ:
                    access.search(shown(session), name)
                else:
                    access.allowed(session, name, mode, guarded.ids(name))
            except RecordsError:
                assert (name, mode) in closed
    for name, mode in closed:
        if mode is Mode.READ:
            assert guarded.seen(session, name) == []
        elif mode is Mode.WRITE:
            assert guarded.changed(session, name) == []
        elif mode is Mode.UNLINK:
            assert guarded.deleted(session, name) == []


def test_most_shapes_can_be_expressed(guarded: World) -> None:
    refused = {one.model for one in guarded.plan.refusals if one.mode is Mode.READ}
    assert not refused
    assert (
        len({one.model for one in guarded.plan.refusals if one.mode is Mode.WRITE})
        <= len(guarded.plan.guarded) // 2
    )


def names(guarded: World) -> list[str]:
    return [one.model for one in guarded.plan.guarded]


def _said(guarded: World, name: str) -> list[tuple[str, tuple[str, ...]]]:
    return [(one.domain_force, one.group_names) for one in guarded.policy.rules if one.model == name]
