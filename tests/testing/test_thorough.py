"""What no expectation asks for, and which changes of the definitions none notices."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from ostiary.policy import Mode, Origin, Policy
from ostiary.report import tests_terminal, tests_thorough
from ostiary.testing.coverage import Coverage, Covered, merged
from ostiary.testing.mutants import Mutant, mutants, spread
from ostiary.testing.mutate import Mutation, Mutations
from ostiary.testing.reading import parse_tests
from ostiary.testing.survivors import Survivors
from ostiary.testing.target import Targets
from testing.conftest import Ran

MATRIX = """\
matrix: |
  who    house  flat  villa
  anna   rwc    rwc   -
  joel   r      -     -
"""
OWN_RULE = "record rule estate.estate_property_rule_user"


@pytest.fixture(scope="module")
def policy(targets: Targets) -> Policy:
    return targets.policy_of(parse_tests(b"{}", Path("a.access.yaml"), "a"))


@pytest.fixture(scope="module")
def made(policy: Policy) -> list[Mutant]:
    return list(mutants(policy))


def only(made: list[Mutant], *kinds: str, about: str = "estate.estate_property_rule") -> list[Mutant]:
    return [one for one in made if one.kind in kinds and about in one.definition]


# -- coverage --------------------------------------------------------------------------------------------------


def test_a_definition_is_covered_where_a_decision_would_read_it(run: Ran, policy: Policy) -> None:
    coverage = Coverage(policy)
    run(
        "expect:\n"
        "  - who: anna\n"
        "    can: {read: [house, house.lowest_price], write: [house: {internal_note: x}]}\n"
        "  - who: joel\n"
        "    cannot: {write: house}\n",
        coverage=coverage,
    )
    found = {one.name: one for one in coverage.found()}
    assert [mode.value for mode in found["estate.access_estate_property_user"].asked] == ["read", "write"]
    assert [mode.value for mode in found["estate.access_estate_property_user"].missing] == ["create"]
    # Joel may not write at all, so no rule of his is asked.
    assert found["estate.access_estate_property_portal"].asked == ()
    assert found["estate.estate_property_rule_portal"].asked == ()
    assert [mode.value for mode in found["estate.estate_property_rule_portal"].modes] == ["read"]
    assert [mode.value for mode in found["estate.estate_property_rule_company"].asked] == ["read", "write"]
    assert [mode.value for mode in found["estate.property.lowest_price"].asked] == ["read"]
    assert [mode.value for mode in found["estate.property.internal_note"].asked] == ["write"]
    assert found["estate.property.owner_id"].asked == ()
    assert all(one.origin.path and one.origin.line for one in found.values())


def test_an_invariant_covers_what_it_is_proved_of(run: Ran, policy: Policy) -> None:
    coverage = Coverage(policy)
    run(
        "never: [{name: a, who: portal, modes: read, model: estate.property, never: \"[('id', '=', 0)]\"}]\n",
        coverage=coverage,
    )
    found = {one.name for one in coverage.found() if one.asked}
    assert found == {
        "estate.access_estate_property_portal",
        "estate.estate_property_rule_portal",
        "estate.estate_property_rule_company",
    }


def test_what_is_not_asked_for_is_listed_even_where_it_decides_nothing() -> None:
    place = Origin(path="rules.xml", line=3)
    found = [
        Covered("record rule", "a.idle", place, (), ()),
        Covered("record rule", "a.asked", place, (Mode.READ,), (Mode.READ,)),
    ]
    to = tests_terminal.plain()
    tests_thorough.render_coverage(found, to)
    assert tests_terminal.written(to).splitlines() == [
        "Asked for: 1 of 2 record rules.",
        "  record rule a.idle: no access right gives those whom it binds what it is about  rules.xml:3",
    ]


# -- mutants ---------------------------------------------------------------------------------------------------


def test_every_kind_of_definition_is_changed_one_at_a_time(policy: Policy, made: list[Mutant]) -> None:
    assert Counter(one.kind for one in made).keys() == {
        "add-mode", "drop-mode", "add-group", "drop-rule", "widen-domain", "drop-term", "drop-rule-group",
        "add-rule-group", "drop-field-groups", "drop-implied",
    }  # fmt: skip
    assert [one.title for one in made] == [one.title for one in mutants(policy)]
    assert {one.what for one in only(made, "drop-term") if one.definition == OWN_RULE} == {
        "goes without [('user_id', '=', user.id)]",
        "goes without [('user_id', '=', False)]",
    }
    for one in made:
        changed = sum(
            first != second
            for name in ("rights", "rules", "groups", "models")
            for first, second in [(getattr(policy, name), getattr(one.policy, name))]
        )
        assert changed == 1, one.title


def test_few_of_many_mutants_are_taken_evenly(made: list[Mutant]) -> None:
    assert spread(made, len(made)) == made
    some = spread(made, 10)
    assert len(some) == 10
    assert some[0] is made[0]
    assert len({one.origin.path for one in some}) > 1


def test_a_change_is_noticed_by_the_expectation_that_it_breaks(
    run: Ran, policy: Policy, made: list[Mutant]
) -> None:
    chosen = only(made, "drop-rule", "widen-domain", "drop-term")
    mutation = Mutation(policy, chosen, len(made))
    run("expect: [{who: bob, cannot: {read: house}, finds: {estate.property: flat}}]\n", mutation=mutation)
    noticed = {title: by for (title, _, _), by in mutation.killed.items()}
    assert noticed[f"{OWN_RULE} is dropped"] == "a.access.yaml:15"
    assert noticed[f"{OWN_RULE} accepts every record"] == "a.access.yaml:15"
    assert noticed[f"{OWN_RULE} goes without [('user_id', '=', False)]"] == "a.access.yaml:15"
    alive = {one.title for one in mutation.alive}
    assert f"{OWN_RULE} goes without [('user_id', '=', user.id)]" in alive
    assert "record rule estate.estate_property_rule_portal is dropped" in alive
    assert "record rule estate.estate_property_rule_manager is dropped" in alive
    # Another file may notice what this one doesn't.
    run("expect: [{who: maria, can: {read: house}}]\n", mutation=mutation)
    assert "record rule estate.estate_property_rule_manager is dropped" not in {
        one.title for one in mutation.alive
    }


def test_rights_fields_and_groups_are_noticed_too(run: Ran, policy: Policy, made: list[Mutant]) -> None:
    chosen = [
        one
        for one in made
        if one.title
        in (
            "access right estate.access_estate_property_portal gives write too",
            "field estate.property.lowest_price loses its groups (estate.estate_group_user)",
            "group estate.estate_group_manager no longer implies estate.estate_group_user",
        )
    ]
    assert len(chosen) == 3
    mutation = Mutation(policy, chosen, 3)
    run(
        "expect:\n"
        "  - {who: joel, cannot: {write: house, read: house.lowest_price}}\n"
        "  - {who: maria, can: {read: house.lowest_price}}\n",
        mutation=mutation,
    )
    assert sorted(mutation.killed.values()) == ["a.access.yaml:16", "a.access.yaml:16", "a.access.yaml:17"]


def test_an_expectation_that_is_not_met_notices_nothing(run: Ran, policy: Policy, made: list[Mutant]) -> None:
    mutation = Mutation(policy, only(made, "drop-rule"), 1)
    run("expect: [{who: bob, can: {read: house}}]\n", mutation=mutation)
    assert mutation.killed == {}


def test_what_survives_says_which_expectation_would_notice_it(policy: Policy, made: list[Mutant]) -> None:
    (dropped,) = [one for one in only(made, "drop-rule") if one.definition == OWN_RULE]
    same = next(
        one for one in made
        if one.title == "access right estate.access_estate_property_type_manager no longer gives read"
    )  # fmt: skip
    field = next(one for one in made if one.kind == "drop-field-groups")
    first, second, third = Survivors(policy).of([dropped, same, field])
    assert not first.equivalent
    assert first.hint.startswith(
        "Expect that a user who holds estate.estate_group_user and no other group cannot read a record of estate."
    )
    assert "user_id: another user" in first.hint
    # A manager is an agent too, and agents read types.
    assert second.equivalent
    assert third.hint == "Expect that a user without these groups cannot read estate.property.owner_id."


def test_files_that_read_the_same_definitions_otherwise_share_what_was_noticed(
    run: Ran, targets: Targets
) -> None:
    mutations = Mutations(12)
    coverages = []
    for text in ("expect: [{who: joel, cannot: {read: house.lowest_price}}]\n", "whole: true\n" + MATRIX):
        policy = targets.policy_of(parse_tests(text.encode(), Path("a.access.yaml"), "a"))
        coverages.append(Coverage(policy))
        run(text, mutation=mutations.of(policy), coverage=coverages[-1])
    assert coverages[0].policy is not coverages[1].policy
    assert len(mutations.tried) == 12
    assert mutations.possible > 12
    assert mutations.killed
    assert len({one.mutant.key for one in mutations.survivors()}) + len(mutations.killed) == 12
    found = merged(coverages)
    assert len(found) == len(coverages[0].found())
    assert sum(len(one.asked) for one in found) > max(
        sum(len(one.asked) for one in coverage.found()) for coverage in coverages
    )
