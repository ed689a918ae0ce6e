"""Every executed case of cases.md up to section 9 is asked of verbs here, or told why not."""

from __future__ import annotations

import json

from enforce.cases import test_crossing as crossing
from enforce.cases import test_fields as fields
from enforce.cases import test_people as people
from enforce.cases import test_rights as rights
from enforce.cases import test_rules as rules
from enforce.cases.asking import Cases
from records.fixture import SHARED, needs_cases

RPC = "which names can be called remotely is the business of the server's methods"
EXPORT = "exporting is a method of its own with a group of its own"
DEFINITION = "Odoo refuses this definition when it is written; here definitions are a Policy's, and are read"

# What cases.md has that no verb of an Environment is asked, and why.
NOT_HERE = {
    11: "SetDefinitions is a tool for views; what it says of implied groups is asked in tests/policy",
    33: EXPORT,
    60: DEFINITION,
    61: DEFINITION,
    **dict.fromkeys(range(166, 177), RPC),
}

# Answers of the probe that cases.md doesn't number.
NO_VERB = {
    "F export restricted": EXPORT,
    "U par hier no comodel ACL": "asks nothing: it only takes a right away",
    **dict.fromkeys(["P rpc check_access_rights", "P rpc env", "P rpc name_create", "P rpc invalidate_cache"], RPC),
}  # fmt: skip
# Asked by a test of their own.
APART = {
    "F name_search ok", "U user child_of m2o no comodel ACL", "X rule domain cached per user",
    "R rule error in eval at runtime",
}  # fmt: skip

ALL: Cases = {
    **people.GROUPS,
    **rights.CASES,
    **rules.CASES,
    **crossing.CASES,
    **fields.CASES,
    **people.COMPANIES,
    **people.PORTAL,
}
DIFFERS = {88: "rules are evaluated anew once rows have changed; Odoo keeps what their names came to"}


def test_no_case_is_left_out() -> None:
    assert {*range(1, 186)} == {*ALL, *NOT_HERE, *DIFFERS}
    assert not ALL.keys() & {*NOT_HERE, *DIFFERS}
    parts = (people.CASES, rights.CASES, rules.CASES, crossing.CASES, fields.CASES)
    assert sum(map(len, parts)) == len(ALL)


@needs_cases
def test_no_answer_of_the_probe_is_left_out() -> None:
    answers = json.loads((SHARED / "cases.json").read_text(encoding="utf-8"))
    here = {key for key in answers if not key.startswith(("D.", "H "))}
    asked = {*(key for key, _ in ALL.values()), *rules.MORE, *APART, *NO_VERB}
    numbered = {
        "A export", "G expr", "R all perms false", "R rule on ir.rule", "P rpc any! in domain", "P rpc search_count",
        *(f"P rpc {name}" for name in
          ["_search", "init", "__class__", "browse", "sudo", "filtered_domain", "mapped", "fetch", "has_access"]),
    }  # fmt: skip
    assert here == asked | numbered
    assert not asked & numbered
