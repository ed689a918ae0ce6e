"""Every executed case is run here, run without records (`tests/policy/test_cases.py`), or told why not."""

from __future__ import annotations

from policy import test_cases as without_records
from records import test_cases_access as access
from records import test_cases_domains as domains
from records import test_cases_rules as rules
from records.cases import Tables, every
from records.fixture import needs_cases
from records.test_memory_cases import LA, LB, P1, T2, T3, A

LAST = 315

# What cases.md has that has no place among decisions about rows, and why.
NOT_HERE = {
    4: "who may ask has_group about another user is the business of that method",
    22: "a write of no records returns before anything is checked: the verbs of records are a later piece of work",
    23: "as 22, of an unlink",
    24: "as 22, of a read",
    25: "as 22, of a create",
    27: "default values belong to the verbs of records",
    33: "exporting is a method of its own with a group of its own",
    46: "a record that is only being written (NewId) has no row",
    47: "as 46",
    60: "the database refuses this definition; it is no case of access to rows",
    61: "Odoo refuses this definition; it is no case of access to rows",
    106: "the order of a search belongs to the verbs of records; Access.search gives ids in ascending order",
    120: "commands of an x2many field (4, link) belong to the verbs of records",
    121: "as 120 (5, unlink all)",
    150: "what a cache still holds for a user without the field is no answer about rows",
    152: "as 46",
    161: "an environment derived from another is made by whoever makes the Session",
    162: "as 161",
    181: "fields of their own account that users may write belong to the verbs of records",
    **dict.fromkeys(
        range(166, 176), "which names can be called remotely is the business of the server's methods"
    ),
}


def test_no_case_is_left_out() -> None:
    here = {
        *access.CASES, *rules.CASES, *domains.CROSSING, *domains.TREES, *domains.OPERATORS, 176,
    }  # fmt: skip
    elsewhere = {
        9, 11, 132, 177,
        *without_records.GROUP_CASES, *without_records.RIGHT_CASES, *without_records.RULE_CASES,
        *without_records.ONE_RECORD_CASES, *without_records.FIELD_CASES, *without_records.FIELD_REFUSALS,
    }  # fmt: skip
    assert {*range(1, LAST + 1)} == {*here, *elsewhere, *NOT_HERE}
    assert not {*NOT_HERE} & {*here, *elsewhere}


@needs_cases
@every(["ids"])
def test_the_domains_of_the_cases_name_the_rows_of_the_fixture(tables: Tables, number: str) -> None:
    given = {"P1": P1, "t2": T2, "t3": T3, "la": LA, "lb": LB, "Abc": A}
    assert {name: tables.made.ids[name] for name in given} == given
