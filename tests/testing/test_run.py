"""Expectations: what is met, what is not, what can't be known, and what is said of each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from database.server import Server
from ostiary.policy import Mode
from ostiary.records.access import Access
from ostiary.records.errors import Undecided
from ostiary.testing.asked import Outcome
from ostiary.testing.database import SCRATCH, Databases, NoDatabase
from ostiary.testing.expectations import questions
from ostiary.testing.mistakes import InvalidTests
from ostiary.testing.reading import parse_tests
from ostiary.testing.target import Targets
from ostiary.testing.world import World, world_of
from testing.conftest import PEOPLE, Ran, outcomes

MATRIX = """\
matrix: |
  who    house  flat  villa
  anna   rwc    rwc   -
  bob    -      rwc   -
  maria  rwc    rwc   rwc
  joel   r      -     -
"""
RICH = """\
expect:
  - who: joel
    can: {read: [house, house.name], see: base.menu_administration}
    cannot: {read: [house.lowest_price, flat, estate.property.type], write: [house, house.name], create: [house]}
    finds: {estate.property: house}
  - who: [anna, bob]
    cannot: {unlink: [house, flat, estate.property]}
  - who: maria
    companies: south
    cannot: {read: [house, flat]}
    finds: {estate.property: villa}
  - who: anna
    can:
      write: [house: {state: sold}]
      create: [estate.property: {name: Barn, expected_price: 5, tag_ids: []}]
    cannot:
      write: [flat: {user_id: bob, company_id: south}, villa: {state: sold}]
      create:
        - estate.property: {name: Barn, expected_price: 5, user_id: bob}
        - estate.property.type: {name: Barn}
"""


def mistakes(run: Ran, text: str, *, alone: bool = False) -> list[str]:
    with pytest.raises(InvalidTests) as caught:
        run(text, alone=alone)
    return [one.removeprefix("a.access.yaml:") for one in caught.value.mistakes]


def test_a_table_says_what_is_possible_and_what_is_not(run: Ran) -> None:
    result = run(MATRIX)
    assert len(result.checked) == 4 * 3 * 4
    assert set(outcomes(result).values()) == {"passed"}
    wrong = run(MATRIX.replace("bob    -      rwc   -", "bob    r      rw    ?"))
    assert {title: said for title, said in outcomes(wrong).items() if said != "passed"} == {
        "bob can read house": "failed",
        "bob cannot create flat": "failed",
        "whether bob can read villa is unknown": "failed",
        "whether bob can write villa is unknown": "failed",
        "whether bob can create villa is unknown": "failed",
        "whether bob can unlink villa is unknown": "failed",
    }


def test_a_failure_says_where_it_is_written_and_why_it_is_so(run: Ran) -> None:
    result = run(MATRIX.replace("joel   r      -     -", "joel   rw     -     r"))
    failed = [one for one in result.checked if one.outcome is Outcome.FAILED]
    assert [(one.title, one.line, one.text) for one in failed] == [
        ("joel can write house", 20, "joel can't write house."),
        ("joel can read villa", 20, "joel can't read villa."),
    ]
    assert all(one.decision is not None and one.decision.verdict == "denied" for one in failed)
    kinds = [one.kind for one in failed[1].decision.reason.children]  # type: ignore[union-attr]
    assert "record-rules" in kinds


def test_menus_fields_searches_companies_and_deeds_with_values(run: Ran) -> None:
    text = RICH.replace(", see: base.menu_administration", "")
    result = run(text)
    assert {title: said for title, said in outcomes(result).items() if said != "passed"} == {
        # Odoo checks before it writes, and not after.
        "anna cannot write flat {user_id: bob, company_id: south}": "failed"
    }
    strict = run("strict: true\nwhole: true\n" + text)
    assert set(outcomes(strict).values()) == {"passed"}


def test_a_link_to_what_a_summary_leaves_open_is_unknown_unless_the_definitions_are_all_there_is(
    run: Ran,
) -> None:
    text = "strict: true\nexpect: [{who: maria, companies: north, can: {write: [flat: {user_id: bob}]}}]\n"
    (found,) = run(text).checked
    assert found.outcome is Outcome.UNKNOWN
    assert found.text == (
        "It can't be decided. Whether they may read res.users, to put it into user_id of estate.property: only a "
        "summary of module base was read; give --addons-path. If what is read is all there is, say `whole: true`."
    )
    assert set(outcomes(run("whole: true\n" + text)).values()) == {"passed"}


def test_a_refusal_by_what_a_record_becomes_is_sure_whatever_a_link_comes_to(run: Ran) -> None:
    text = "expect: [{who: anna, cannot: {write: [house: {user_id: bob}]}}]\n"
    assert set(outcomes(run("strict: true\n" + text)).values()) == {"passed"}
    (found,) = run("strict: true\n" + text.replace("cannot", "can")).checked
    assert found.outcome is Outcome.FAILED
    assert found.text.endswith("record rules would keep them away from what it becomes.")
    assert found.decision is not None
    assert found.decision.verdict == "denied"


def test_what_is_unexpectedly_possible_is_said_with_its_reasons(run: Ran) -> None:
    text = "expect: [{who: anna, cannot: {write: [house: {user_id: bob}, house: {state: sold}]}}]\n"
    given, kept = run(text.replace("house: {state", "flat: {state")).checked
    assert given.text == (
        "anna can write house {user_id: bob}. Odoo does not look at what it becomes; `strict: true` does."
    )
    assert kept.text == "anna can write flat {state: sold}."
    assert [one.decision.verdict for one in (given, kept) if one.decision] == ["allowed", "allowed"]


def test_what_is_tried_is_undone(run: Ran) -> None:
    text = """\
expect:
  - who: anna
    can:
      write: [house: {user_id: bob}]
      create: [estate.property: {name: Barn, expected_price: 5}]
  - who: anna
    can: {read: house}
    finds: {estate.property: [house, flat]}
"""
    assert set(outcomes(run(text)).values()) == {"passed"}


def test_a_search_that_finds_others_says_which(run: Ran) -> None:
    (found,) = run("expect: [{who: anna, finds: {estate.property: villa}}]\n").checked
    assert found.outcome is Outcome.FAILED
    assert found.text == "anna also finds house, flat and does not find villa."
    assert found.decision is not None


def test_an_invariant_is_proved_for_all_records(run: Ran) -> None:
    text = """\
never:
  - name: customers write nothing
    who: portal
    modes: write
    model: estate.property
    never: "[]"
  - name: customers read nothing
    who: portal
    modes: read
    model: estate.property
    never: "[('user_id', '=', False)]"
"""
    result = run(text)
    assert list(outcomes(result).values()) == ["passed", "failed"]
    assert result.checked[1].line == 21
    assert result.checked[1].proof is not None
    (said, _) = mistakes(run, text.replace("estate.property", "estate.propert"))
    assert said.startswith(
        "19: invariant 'customers write nothing': there is no model estate.propert; did you mean"
    )


# -- unknown -----------------------------------------------------------------------------------------------------


@pytest.fixture
def undecided(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """As if only Python could tell what anybody may write."""
    allowed = Access.by_rules

    def asked(self: Access, session: object, model: str, mode: Mode, ids: object) -> object:
        if mode is Mode.WRITE:
            raise Undecided("cannot be decided: field state of model estate.property is computed by Python")
        return allowed(self, session, model, mode, ids)  # type: ignore[arg-type]

    monkeypatch.setattr(Access, "by_rules", asked)
    yield


@pytest.mark.usefixtures("undecided")
def test_what_cannot_be_decided_never_passes_unless_it_is_accepted_by_name(run: Ran) -> None:
    text = """\
expect:
  - who: anna
    can: {write: house}
    cannot: {write: villa}
    unknown: {write: [house, flat]}
"""
    result = run(text)
    assert [one.outcome.value for one in result.checked] == ["unknown", "unknown", "passed", "passed"]
    assert result.checked[0].text == (
        "It can't be decided. Field state of model estate.property is computed by Python."
    )


def test_what_is_accepted_as_unknown_is_told_of_when_it_is_known(run: Ran) -> None:
    (found,) = run("expect: [{who: anna, unknown: {write: house}}]\n").checked
    assert found.outcome is Outcome.FAILED
    assert found.text == "anna can write house. That is decided now: say so instead."


def test_a_record_that_reading_finds_and_a_check_refuses_is_neither_can_nor_cannot(
    run: Ran, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Access, "by_rules", lambda self, session, model, mode, ids: [])
    found = run("expect: [{who: anna, can: {read: house}, cannot: {read: flat}}]\n").checked
    assert [one.outcome.value for one in found] == ["failed", "failed"]
    assert found[1].text.startswith(
        "Odoo decides twice here, and differently: reading and searching finds the record"
    )


@pytest.fixture(scope="module")
def world(targets: Targets, databases: Databases) -> Iterator[World]:
    tests = parse_tests(PEOPLE.encode(), Path("a.access.yaml"), "a")
    with world_of(tests, targets.policy_of(tests), databases) as made:
        yield made


def test_a_file_that_expects_nothing_is_a_mistake(run: Ran) -> None:
    assert mistakes(run, "") == ["1: nothing is expected here: write `expect`, `matrix` or `never`."]


# -- mistakes ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("expect: [{who: ann, can: {read: house}}]", "15: there is no user ann; did you mean anna?"),
        ("expect: [{who: anna, can: {read: hous}}]",
         "15: there is no record, model or field hous; did you mean house?"),
        ("expect: [{who: anna, can: {read: house.pric}}]", "15: estate.property has no field pric."),
        ("expect: [{who: anna, can: {unlink: house.name}}]",
         "15: records are unlinked, fields are not: house.name is a field."),
        ("expect: [{who: [], can: {read: house}}]", "15: `who` names nobody."),
        ("expect: [{who: anna}]",
         "15: nothing is expected here: say what they `can`, `cannot` or `finds`."),
        ("expect: [{who: anna, can: {see: estate.menu}}]", "15: there is no menu estate.menu"),
        ("expect: [{who: anna, finds: {estate.property: anna}}]",
         "15: anna is a record of res.users, and one of estate.property is wanted."),
        ("expect: [{who: anna, finds: {portal.mixin: []}}]", "15: "),
        ("expect: [{who: anna, companies: house, can: {read: house}}]",
         "15: house is a record of estate.property, and one of res.company is wanted."),
        ("expect: [{who: anna, can: {create: [house: {name: x}]}}]",
         "15: house can't be given values here: a model is created with values, a record is written with some."),
        ("expect: [{who: anna, can: {write: [house: {expected_price: much}]}}]",
         "15: expected_price of estate.property can't be 'much': it takes a number."),
        ("matrix: |\n  who house\n  anna rw x\n", "17: anna has 2 cells, and there are 1 columns."),
        ("matrix: |\n  who house\n\n  anna rx\n",
         "18: rx is no cell: letters of r, w, c and u, or `-` (nothing), `?` (unknown), `.` (not asked)."),
        ("matrix: |\n  house\n  anna r\n",
         "16: a table is a block (`matrix: |`): its first line is `who` and records, the others are users."),
        ("matrix: |\n  who house.name\n  anna rc\n",
         "17: house.name is a field: it is read and written (r, w), and no more."),
        ("matrix: |\n  who house\n  ann r\n", "17: there is no user ann; did you mean anna?"),
        ("why: x", "15: there is no `why` here; did you mean who?"),
    ],
)  # fmt: skip
def test_a_mistake_in_an_expectation_is_said_with_its_line(world: World, text: str, said: str) -> None:
    with pytest.raises(InvalidTests) as caught:
        questions(replace(world, tests=parse_tests((PEOPLE + text).encode(), Path("a.access.yaml"), "a")))
    (found,) = caught.value.mistakes
    assert found.removeprefix("a:").startswith(said)


def test_every_mistake_is_told_of_at_once(run: Ran) -> None:
    text = "expect:\n - {who: ann, can: {read: house}}\n - {who: anna, can: {read: [hous, flatt]}}\n"
    assert [one.split(":")[0] for one in mistakes(run, text)] == ["16", "17", "17"]


def test_mistakes_in_people_records_and_expectations_are_told_of_together_and_none_of_them_twice(
    run: Ran,
) -> None:
    text = """\
companies: {north: {parent: south}, south: {parent: north}}
users:
  anna: estate.grup
  bob: {groups: portal, partner: nobody}
records:
  estate.propert:
    house: {name: House}
  estate.property:
    flat: {nam: Flat, user_id: anna, company_id: north}
    villa: {name: Villa, buyer_id: bob, user_id: house}
matrix: |
  who   house  flat
  anna  r      r
  zed   r      r
expect:
  - {who: anna, companies: north, can: {read: [house, house.name, fla], create: [estate.property: {user_id: anna}]}}
  - {who: bob, finds: {estate.property: [flat, house]}}
"""
    said = mistakes(run, text, alone=True)
    assert [one.split(":")[0] for one in said] == ["3", "1", "1", "4", "6", "9", "16", "14"]
    assert said[-2] == "16: there is no record, model or field fla; did you mean flat?"


# -- PostgreSQL ----------------------------------------------------------------------------------------------------


def test_on_postgresql_everything_is_as_in_memory_and_nothing_is_left(run: Ran, server: Server) -> None:
    text = RICH.replace(", see: base.menu_administration", "") + MATRIX
    with Databases(server.url("postgres")) as databases:
        first = outcomes(run(text, on=databases))
        assert first == outcomes(run(text))
        assert outcomes(run(text, on=databases)) == first
        with server.connect() as connection:
            made = connection.execute(
                "SELECT datname FROM pg_database WHERE datname LIKE %s", (f"{SCRATCH}%",)
            )
            assert len(made.fetchall()) == 1
    with server.connect() as connection:
        left = connection.execute("SELECT datname FROM pg_database WHERE datname LIKE %s", (f"{SCRATCH}%",))
        assert left.fetchall() == []


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("nonsense", "takes the URL of a PostgreSQL"),
        ("mysql://localhost/x", "nothing is made on mysql"),
        (
            "postgresql://nobody:secret@127.0.0.1:1/x",
            r"No database can be made on postgresql\+psycopg://nobody:\*\*\*@",
        ),
    ],
)
def test_a_server_that_is_none_is_one_sentence(run: Ran, url: str, said: str) -> None:
    with Databases(url) as databases, pytest.raises(NoDatabase, match=said):
        run(MATRIX, on=databases)
