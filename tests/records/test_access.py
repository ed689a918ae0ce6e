"""Access rights, record rules and companies for real rows: what servers of 17.0, 18.0 and 19.0 answered.

The numbers are those of the conformance cases (`../shared/odoo/cases.md`). A search is asked of SQL, a right of memory.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import msgspec
import pytest

from ostiary.domain import TRUE, from_python, to_odoo
from ostiary.policy import MODES, Mode, Policy
from ostiary.policy.subject import UnknownSubject
from ostiary.records.access import Access
from ostiary.records.errors import Fails, Refused, Undecided
from ostiary.records.memory import Reader, filtered
from ostiary.records.schema import Schema
from ostiary.records.store import Store
from records.fixture import VERSIONS, Fixture, fixture, needs_cases

pytestmark = needs_cases

REC = "zz.rec"
READ, WRITE, CREATE, UNLINK = MODES
EVERY = "Abc,abd,C%d,Éd"
ALL = "Abc,abd,C%d,Éd,Zarch"
NUM_1 = "[('num', '=', 1)]"
SEL_B = "[('sel', '=', 'b')]"
FALSE = "[(0, '=', 1)]"


@pytest.fixture(scope="module", params=VERSIONS)
def made(request: pytest.FixtureRequest) -> Iterator[Fixture]:
    with ExitStack() as stack:
        yield stack.enter_context(fixture(request.param))


def access(made: Fixture, policy: Policy | None = None) -> Access:
    store = Store(Schema(policy or made.policy), made.connection)
    return Access(store, Reader(store))


def searched(made: Fixture, policy: Policy, login: str = "iu", **more: Any) -> str:
    asked = access(made, policy)
    return made.names(REC, asked.search(asked.session_of(login), REC, **more))


def allowed(made: Fixture, policy: Policy, mode: Mode = READ, login: str = "iu") -> str:
    """Those of all the records, archived ones too, that the user may do this with."""
    asked = access(made, policy)
    ids = sorted(asked.reader.ids(REC))
    return made.names(REC, asked.allowed(asked.session_of(login), REC, mode, ids))


def rules(made: Fixture, *given: tuple[Any, ...]) -> Policy:
    """The policy with rules `(domain, groups, modes)` on the record."""
    policy = made.policy
    for domain, *more in given:
        groups = more[0] if more else ()
        modes = more[1] if len(more) > 1 else MODES
        policy = made.with_rule(REC, domain, groups, modes, policy=policy)
    return policy


# ------------------------------------------------------------------------------------ access rights


@pytest.mark.parametrize("login", ["iu", "sysu"])
def test_no_right_no_access(made: Fixture, login: str) -> None:  # 12, 13, 37
    asked = access(made, made.without_rights(REC))
    session = asked.session_of(login)
    assert not asked.may(session, REC, READ)
    assert asked.allowed(session, REC, READ, [made.ids["Abc"]]) == []
    for ask in (
        lambda: asked.check(session, REC, READ),
        lambda: asked.search(session, REC),
        lambda: asked.search(session, REC, from_python([[0, "=", 1]])),
        lambda: asked.rule_domain(session, REC, READ),
    ):
        with pytest.raises(Refused) as raised:
            ask()
        assert raised.value.kind == "acl"


def test_a_superuser_needs_none(made: Fixture) -> None:  # 14, 63
    policy = made.with_rule(REC, FALSE, policy=made.without_rights(REC))
    asked = access(made, policy)
    session = asked.session_of("iu").sudo()
    assert asked.rule_domain(session, REC, READ) == TRUE
    assert made.names(REC, asked.search(session, REC)) == EVERY
    asked.check(session, REC, UNLINK, [made.ids["Abc"]])


# ------------------------------------------------------------------------------------ rules

A, B = ("zz.gA",), ("zz.gB",)


@pytest.mark.parametrize(
    ("given", "login", "found"),
    [
        ([(NUM_1, A)], "iu", EVERY),  # 49
        ([(NUM_1, A)], "ia", "Abc"),  # 50
        ([(NUM_1, A), (SEL_B, B)], "iab", "Abc,abd"),  # 51
        ([(NUM_1, A), (SEL_B,)], "ia", ""),  # 52
        ([(NUM_1,), (SEL_B,)], "iu", ""),  # 53
        ([(NUM_1, A), ("[(1, '=', 1)]", B)], "iab", EVERY),  # 54
        ([("", A), (NUM_1, B)], "iab", EVERY),  # 55
        ([(NUM_1, (*A, *B))], "ia", "Abc"),  # 56
        ([(NUM_1, (*A, *B))], "iu", EVERY),  # 56
        ([(NUM_1, (), (WRITE, CREATE, UNLINK))], "iu", EVERY),  # 57
        ([(NUM_1,)], "sysu", "Abc"),  # 62
        ([(FALSE,)], "iu", ""),  # 64, 65
        ([("[('par_id.name', '=', 'P2')]",)], "iu", "abd"),  # 76
        ([("[('par_id.name', '!=', 'P1')]",)], "iu", "abd"),  # 82
        ([("[('num', '=', 1 if user.has_group('zz.gA') else 7)]",)], "ia", "Abc"),  # as 94
        ([("[('num', '=', 1 if user.has_group('zz.gA') else 7)]",)], "iu", ""),
        ([("[(1, '=', 1)] if user.has_group('zz.gA') else [(0, '=', 1)]",)], "ia", EVERY),  # 94
        ([("[('id', 'in', [len([c for c in company_ids if c])])]",)], "iu", "Abc"),
    ],
)  # fmt: skip
def test_rules(made: Fixture, given: list[tuple[Any, ...]], login: str, found: str) -> None:
    assert searched(made, rules(made, *given), login) == found


@pytest.mark.parametrize(
    ("domain", "found"),
    [
        ("[('line_ids.name', 'in', ['lb', 'la'])]", {"17": "Abc", "18": "Abc", "19": "Abc,abd"}),  # 78
        ("['!', ('d', '<', '2024-02-01')]", {"17": "abd", "18": "abd", "19": "abd,C%d,Éd"}),  # 84
        ("[('num', '=', 0)]", {"17": "abd", "18": "abd,C%d", "19": "abd,C%d"}),  # 86
    ],
)  # fmt: skip
def test_searching_differs_by_version(made: Fixture, domain: str, found: dict[str, str]) -> None:
    assert searched(made, rules(made, (domain,))) == found[made.policy.odoo[:2]]


@pytest.mark.parametrize(
    ("domain", "record", "may"),
    [
        (NUM_1, "abd", {"17": False, "18": False, "19": False}),  # 58
        ("[('line_ids.name', 'in', ['lb', 'la'])]", "abd", {"17": False, "18": False, "19": True}),  # 81
        ("[('par_id.name', '!=', 'P1')]", "C%d", {"17": True, "18": False, "19": False}),  # 83
        ("['!', ('d', '<', '2024-02-01')]", "C%d", {"17": True, "18": True, "19": True}),  # 85
        ("[('num', '=', 0)]", "C%d", {"17": True, "18": True, "19": True}),  # 87
        ("[('name', '=', 'Zarch')]", "Zarch", {"17": True, "18": True, "19": True}),  # 77
    ],
)  # fmt: skip
def test_writing_asks_python(made: Fixture, domain: str, record: str, may: dict[str, bool]) -> None:
    asked = access(made, rules(made, (domain,)))
    session, one = asked.session_of("iu"), made.ids[record]
    expected = may[made.policy.odoo[:2]]
    assert asked.allowed(session, REC, WRITE, [one]) == ([one] if expected else [])
    if expected:
        asked.check(session, REC, WRITE, [one])
    else:
        with pytest.raises(Refused) as raised:
            asked.check(session, REC, WRITE, [one])
        assert raised.value.kind == "rule"


def test_inactive_rules_and_other_modes_do_not_bind(made: Fixture) -> None:  # 59, 71
    off = made.with_rule(REC, NUM_1, active=False)
    assert searched(made, off) == EVERY
    only = rules(made, (NUM_1, (), (UNLINK,)))
    assert allowed(made, only, UNLINK) == "Abc"
    assert allowed(made, only, WRITE) == ALL


def test_some_of_several(made: Fixture) -> None:  # 48
    asked = access(made, rules(made, (NUM_1,)))
    ids = [made.ids["abd"], made.ids["Abc"]]
    assert asked.allowed(asked.session_of("iu"), REC, READ, ids) == [made.ids["Abc"]]


@pytest.mark.parametrize("without", [True, False])
def test_rules_ask_no_access_to_what_they_pass(made: Fixture, without: bool) -> None:  # 74, 75
    policy = rules(made, ("[('par_id.num', '=', 5)]",))
    if without:
        policy = made.without_rights("zz.par", policy=policy)
    else:
        policy = made.with_rule("zz.par", FALSE, policy=policy)
    assert searched(made, policy) == "Abc,Éd"


def test_missing_records(made: Fixture) -> None:  # 39, 40
    asked = access(made)
    assert asked.allowed(asked.session_of("iu"), REC, WRITE, [999]) == [999]
    asked = access(made, rules(made, (NUM_1,)))
    with pytest.raises(Fails) as raised:
        asked.allowed(asked.session_of("iu"), REC, WRITE, [999])
    assert raised.value.error == "MissingError"


def test_delegated_parents(made: Fixture) -> None:  # 125, 128
    asked = access(made, made.with_rule("zz.par", "[('num', '=', 5)]"))
    session = asked.session_of("iu")
    assert to_odoo(asked.rule_domain(session, "zz.del", READ)) == "[('base_id', 'any', [('num', '=', 5)])]"
    assert asked.search(session, "zz.del") == []
    assert asked.allowed(session, "zz.del", WRITE, [made.ids["del"]]) == []
    asked = access(made, made.without_rights("zz.par"))
    assert len(asked.search(asked.session_of("iu"), "zz.del")) == 1


def test_archived_records(made: Fixture) -> None:
    assert searched(made, made.policy) == EVERY
    assert searched(made, made.policy, active_test=False) == ALL
    assert searched(made, made.policy, domain=from_python([["active", "=", False]])) == "Zarch"


# ------------------------------------------------------------------------------------ companies

BY_COMPANY = "[('company_id', 'in', company_ids + [False])]"


def test_a_choice_of_companies_counts_where_a_rule_applies(made: Fixture) -> None:  # 156, 157, 158
    foreign = [made.ids["zz.c2"]]
    asked = access(made)
    assert made.names(REC, asked.search(asked.session_of("iu", foreign), REC)) == EVERY
    asked = access(made, rules(made, ("[(1, '=', 1)]",)))
    session = asked.session_of("iu", foreign)
    with pytest.raises(Refused) as raised:
        asked.search(session, REC)
    assert raised.value.kind == "company"
    with pytest.raises(Refused):
        asked.allowed(session, REC, WRITE, [made.ids["Abc"]])
    assert len(asked.search(session.sudo(), REC)) == 4


def test_without_a_choice_all_companies_of_the_user_count(made: Fixture) -> None:  # 159, 164, 165
    made.write(REC, made.ids["Abc"], company_id=made.ids["zz.c2"])
    main, second = made.ids["base.main_company"], made.ids["zz.c2"]
    policy = rules(made, (BY_COMPANY,))
    asked = access(made, policy)
    session = asked.session_of("iu2")
    assert session.company == main
    assert set(session.companies) == {main, second}
    assert searched(made, policy, "iu2") == EVERY
    assert made.names(REC, asked.search(asked.session_of("iu2", [main]), REC)) == "abd,C%d,Éd"
    assert asked.session_of("iu2", [second, main]).company == second
    made.write(REC, made.ids["Abc"], company_id=None)


def test_an_archived_company_is_none_of_the_users(made: Fixture) -> None:
    companies = [msgspec.structs.replace(one, active=one.xmlid != "zz.c2") for one in made.policy.companies]
    policy = msgspec.structs.replace(rules(made, (BY_COMPANY,)), companies=companies)
    asked = access(made, policy)
    assert asked.session_of("iu2").companies == (made.ids["base.main_company"],)
    with pytest.raises(Refused):
        asked.search(asked.session_of("iu2", [made.ids["zz.c2"]]), REC)


# ------------------------------------------------------------------------------------ what isn't known


def test_nobody_is_somebody_unknown(made: Fixture) -> None:
    with pytest.raises(UnknownSubject):
        access(made).session_of("nobody")
    users = [msgspec.structs.replace(user, id=None) for user in made.policy.users]
    with pytest.raises(Undecided):
        access(made, msgspec.structs.replace(made.policy, users=users)).session_of("iu")


def test_an_uncertain_rule_is_never_taken_for_one_that_binds_or_not(made: Fixture) -> None:
    policy = rules(made, (NUM_1,))
    policy.rules[-1] = msgspec.structs.replace(policy.rules[-1], uncertain=True)
    asked = access(made, policy)
    for ask in (
        lambda: asked.search(asked.session_of("iu"), REC),
        lambda: asked.allowed(asked.session_of("iu"), REC, WRITE, [1]),
    ):
        with pytest.raises(Undecided):
            ask()


def test_an_uncertain_right_is_never_taken_for_one_that_gives_or_not(made: Fixture) -> None:
    policy = made.with_right(REC, "base.group_user", policy=made.without_rights(REC))
    policy.rights[-1] = msgspec.structs.replace(policy.rights[-1], uncertain=True)
    with pytest.raises(Undecided):
        access(made, policy).may(access(made).session_of("iu"), REC, READ)


def test_a_rule_that_only_running_it_tells(made: Fixture) -> None:  # 89
    asked = access(made, rules(made, ("[('name', '=', time.strftime('%Y'))]",)))
    session = asked.session_of("iu")
    with pytest.raises(Fails if made.policy.odoo >= "19" else Undecided):
        asked.search(session, REC)


@pytest.mark.parametrize("text", ["datetime.now()", "uid", "context_today()"])
def test_a_rule_that_odoo_fails_on(made: Fixture, text: str) -> None:  # 90, 91, 92
    asked = access(made, rules(made, (f"[('name', '=', {text})]",)))
    with pytest.raises((Fails, Undecided)):
        asked.search(asked.session_of("iu"), REC)


def test_field_groups(made: Fixture) -> None:
    asked = access(made)
    with pytest.raises(Refused) as raised:
        asked.check_field(asked.session_of("iu"), REC, "secret")
    assert raised.value.kind == "field"
    asked.check_field(asked.session_of("sysu"), REC, "secret")
    asked.check_field(asked.session_of("iu").sudo(), REC, "secret")
    asked.check_field(asked.session_of("iu"), REC, "name")
    with pytest.raises(Fails):
        asked.check_field(asked.session_of("iu"), REC, "nothing")


@pytest.mark.parametrize("method", ["_search", "_check_access"])
def test_an_override_that_nothing_describes_is_undecided(made: Fixture, method: str) -> None:
    if method == "_check_access" and made.policy.odoo.startswith("17"):
        method = "check_access_rule"  # as it was called
    model = msgspec.structs.replace(
        made.policy.models[REC],
        overrides={method: msgspec.structs.replace(made.policy.models[REC].origin, module="x")},
    )
    policy = msgspec.structs.replace(made.policy, models={**made.policy.models, REC: model})
    asked = access(made, policy)
    session = asked.session_of("iu")
    with pytest.raises(Undecided, match="module x"):
        if method == "_search":
            asked.search(session, REC)
        else:
            asked.allowed(session, REC, READ, [1])
    if method == "_search":
        assert asked.allowed(session, REC, READ, [1]) == [1]
        for one in (session, session.sudo()):
            with pytest.raises(Undecided):
                asked.decides_search(one, REC)


@pytest.mark.parametrize(
    ("version", "rule"),
    [
        ("17", "[('num', '=', 0)]"),
        ("17", "[('par_id.name', '!=', 'P1')]"),
        ("18", "['!', ('d', '<', '2024-02-01')]"),
    ],
)
def test_a_field_is_read_by_sql_where_python_would_say_another_thing(version: str, rule: str) -> None:
    """Only `abd` is found; the rule in Python would let `C%d` through too."""
    with fixture(version) as made:
        asked = access(made, made.with_rule(REC, rule))
        session, ids = asked.session_of("iu"), [made.ids["C%d"]]
        assert made.names(REC, asked.search(session, REC)) == "abd"
        with pytest.raises(Refused) as error:
            filtered(asked.reader, asked, session, REC, from_python([("name", "=", "C%d")]), ids)
        assert error.value.kind == "rule"
