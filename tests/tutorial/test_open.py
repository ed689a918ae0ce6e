"""The same exercises on `open`, the estate as somebody left it who was in a hurry: which fail is known, one by one."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator

import pytest

from ostiary.enforce import EnforceError
from tutorial import (
    test_access_rights,
    test_bypassing_security,
    test_groups,
    test_multi_company_security,
    test_programmatically_checking_security,
    test_record_rules,
    test_visibility_is_not_security,
)
from tutorial.estate import TAG, Estate

SECTIONS = [
    test_groups,
    test_access_rights,
    test_record_rules,
    test_bypassing_security,
    test_programmatically_checking_security,
    test_multi_company_security,
    test_visibility_is_not_security,
]
FAIL = {
    "test_groups_are_given_to_employees": "agents see the properties of all agents",
    "test_access_rights_managers_have_full_access_and_delete_no_properties": "agents delete, so managers do",
    "test_access_rights_agents_only_read_types_and_tags": "agents have every right on both",
    "test_access_rights_agents_create_and_update_properties": "agents see the properties of all agents",
    "test_access_rights_nobody_deletes_properties": "agents have the right",
    "test_access_rights_the_outsider_reads_nothing": "the right on tags names no group",
    "test_access_rights_without_a_group_are_everybodys": "such a right is there already",
    "test_record_rules_an_agent_sees_own_and_unassigned_properties": "no rule limits an agent",
    "test_record_rules_what_a_search_hides_no_id_brings_back": "nothing is hidden",
    "test_record_rules_an_agent_updates_own_and_takes_unassigned_properties": "no rule limits an agent",
    "test_record_rules_a_property_is_not_made_for_a_colleague": "no rule limits an agent",
    "test_record_rules_nobody_writes_a_property_out_of_their_own_reach": "everything is in everybody's reach",
    "test_bypassing_security_superuser_mode_gives_no_groups": "an agent finds more without it",
    "test_programmatically_checking_security_stops_before_the_side_effect": "the check finds that Ben may",
    "test_programmatically_checking_security_left_out_only_the_database_is_undone": "Ben may sell it",
    "test_programmatically_checking_security_is_about_every_record": "an agent may write to every record",
    "test_programmatically_checking_security_of_nothing_asks_for_rights_alone": "agents may delete",
    "test_programmatically_checking_security_explains_and_tells_no_values": "nothing is refused",
    "test_multi_company_security_an_agent_belongs_to_the_agency_of_the_property": "no field compares companies",
    "test_visibility_is_not_security_the_settings_menu_is_for_managers": "the menu names no group",
    "test_visibility_is_not_security_types_and_tags_are_used_without_the_menu": "agents make tags",
    "test_visibility_is_not_security_and_the_policy_says_so": "the menu names no group",
    "test_visibility_is_not_security_field_groups_are": "the fields name no groups",
}
"""What the secured estate holds to and the open one does not, each with the reason."""

EDITED = {
    "test_record_rules_an_implied_groups_rule_binds_managers_too",
    "test_record_rules_a_manager_who_is_no_agent_has_no_rights",
    "test_record_rules_no_rule_that_binds_means_everything",
    "test_multi_company_security_a_global_rule_is_not_widened",
    "test_multi_company_security_rests_on_the_rule",
    "test_visibility_is_not_security_a_menu_decides_nothing",
}
"""These change the secured definitions, so that they say nothing of others."""

ONE_OF = {"user": "ben", "kind": "rule", "field": "internal_note", "model": TAG}
"""Of what tests are made for: one each."""


def exercises() -> Iterator[tuple[str, Callable[..., None]]]:
    """The exercises about the definitions as they are."""
    for section in SECTIONS:
        for name, test in vars(section).items():
            wanted = set(inspect.signature(test).parameters) if name.startswith("test_") else set()
            if "estate" in wanted and wanted <= {"estate", *ONE_OF} and name not in EDITED:
                yield name, test


EXERCISES = dict(exercises())


@pytest.mark.parametrize("name", EXERCISES)
def test_open_fails_the_exercises_that_it_should_and_no_others(
    opened: Callable[[str], Estate], name: str
) -> None:
    test = EXERCISES[name]
    given = {key: ONE_OF[key] for key in inspect.signature(test).parameters if key in ONE_OF}
    try:
        test(estate=opened("open_sqlite"), **given)
    except (AssertionError, pytest.fail.Exception, EnforceError) as error:
        assert name in FAIL, f"fails on the open estate, too: {error}"
    else:
        assert name not in FAIL, f"holds on the open estate, though {FAIL[name]}"


def test_open_is_told_apart_in_every_section() -> None:
    assert set(FAIL) <= set(EXERCISES)
    for section in SECTIONS:
        assert any(name in FAIL for name in vars(section)), section.__name__
