"""The executed cases of access rights, of `check_access` and of field groups (sections 2, 3 and 7)."""

from __future__ import annotations

from typing import Any

import pytest

from records.cases import (
    CREATE,
    MISSING,
    NOACL,
    READ,
    REC,
    UNLINK,
    USER,
    WIZ,
    WRITE,
    A,
    B,
    Case,
    Cases,
    Tables,
    every,
    run,
)
from records.fixture import needs_cases

pytestmark = needs_cases

NUM_1 = "[('num', '=', 1)]"
FALSE = "[(0, '=', 1)]"
ABOVE = "[('num', '>', -99)]"

# ------------------------------------------------------------------------------------ 2. access rights


def case_of_another_user(case: Case) -> list[Any]:
    case.right(WIZ, USER, READ, WRITE, CREATE, UNLINK)
    wizard = case.create("iu", WIZ, name="w")
    return [
        case.found("ia", model=WIZ),
        case.value("ia", WIZ, wizard, "name"),
        case.write("ia", WIZ, wizard, name="q"),
    ]


def case_for_everybody(case: Case) -> list[int]:
    case.right(NOACL, None, READ)
    return case.search("public", model=NOACL)


def case_archived_right(case: Case) -> list[int]:
    case.right(NOACL, USER, READ, active=False)
    return case.search("iu", model=NOACL)


def case_rights_add_up(case: Case) -> str:
    case.right(NOACL, A, READ)
    case.right(NOACL, B, CREATE)
    return case.value("iab", NOACL, case.create("iab", NOACL, name="n"), "name")


def case_create_only(case: Case) -> str:
    case.right(NOACL, A, CREATE)
    return NOACL if case.create("ia", NOACL, name="n") else ""


def case_display_name(case: Case) -> str:
    return case.value("iu", NOACL, case.create(None, NOACL, name="n"), "display_name")


RIGHTS: Cases = {
    12: ("A no rows internal search", lambda c: c.search("iu", model=NOACL)),
    13: ("A no rows system user", lambda c: c.search("sysu", model=NOACL)),
    14: ("A no rows su", lambda c: c.found(None, model=NOACL)),
    15: (
        "A no rows uid1 sudo(False)",
        lambda c: [c.session(c.access(), "__system__").superuser, c.found("__system__", model=NOACL)],
    ),
    16: ("A transient no rows", lambda c: c.create("iu", WIZ, name="w")),
    17: ("A transient other user can read/write", case_of_another_user),
    18: ("A groupless row serves public", case_for_everybody),
    19: ("A inactive row", case_archived_right),
    20: ("A additive", case_rights_add_up),
    21: ("A create without read then return", case_create_only),
    26: ("A fields_get on no-acl", lambda c: c.usable("iu", NOACL, "name")),
    28: ("A search FALSE domain on no-acl", lambda c: c.search("iu", [(0, "=", 1)], NOACL)),
    29: ("A name_search no-acl", lambda c: c.search("iu", [("display_name", "ilike", "x")], NOACL)),
    30: ("A read_group no-acl", lambda c: c.count("iu", model=NOACL)),
    31: ("A exists no-acl", lambda c: sorted(c.access().existing(NOACL, [99999]))),
    32: ("A browse.display_name no-acl", case_display_name),
}

# ------------------------------------------------------------------------------------ 3. check_access


def with_rule(case: Case, domain: str) -> Case:
    case.rule(REC, domain)
    return case


CHECKS: Cases = {
    34: (
        "C sudo check_access_rights never raises",
        lambda c: c.check("public", READ, model=NOACL, sudo=True),
    ),
    35: (
        "C sudo check_access_rule never raises",
        lambda c: with_rule(c, FALSE).check("public", WRITE, c.ids["Abc"], sudo=True),
    ),
    36: ("C check_access_rights return value when allowed", lambda c: c.check("iu", READ)),
    37: (
        "C check_access_rights no raise denied",
        lambda c: c.access().may(c.session(c.access(), "iu"), NOACL, READ),
    ),
    38: ("C check_access_rule alone with no ACL", lambda c: c.check("iu", READ, 1, model=NOACL)),
    39: ("C missing no rule", lambda c: c.check("iu", READ, MISSING)),
    40: ("C missing with field rule read", lambda c: with_rule(c, ABOVE).check("iu", READ, MISSING)),
    41: (
        "C missing with field rule write()",
        lambda c: with_rule(c, ABOVE).write("iu", REC, MISSING, name="q"),
    ),
    42: ("C missing read()", lambda c: c.read("iu", REC, [MISSING], "name")),
    43: ("C missing attr", lambda c: c.value("iu", REC, MISSING, "name")),
    44: ("C missing write no rule", lambda c: c.write("iu", REC, MISSING, name="q")),
    45: ("C missing unlink no rule", lambda c: c.unlink("iu", REC, MISSING)),
    48: (
        "R has_access list filter",
        lambda c: with_rule(c, NUM_1).allowed("iu", READ, c.ids["Abc"], c.ids["abd"]),
    ),
}

# ------------------------------------------------------------------------------------ 7. field groups

SECRET = [("secret", "=", "S")]


def case_create_with(case: Case) -> Any:
    return case.value(None, REC, case.create("iu", REC, name="n", secret="x"), "secret")


FIELDS: Cases = {
    135: ("F read explicit", lambda c: c.value("iu", REC, c.ids["Abc"], "secret")),
    136: ("F read all omits", lambda c: c.usable("iu", REC, "secret")),
    137: (
        "F fields_get omits",
        lambda c: [
            c.usable("iu", REC, "secret"),
            c.usable("sysu", REC, "never"),
            c.usable(None, REC, "never"),
        ],
    ),
    138: ("F read NO_ACCESS as system", lambda c: c.value("sysu", REC, c.ids["Abc"], "never")),
    139: ("F write", lambda c: c.write("iu", REC, c.ids["Abc"], secret="x")),
    140: ("F create", case_create_with),
    142: ("F domain", lambda c: c.found("iu", SECRET)),
    143: ("F domain m2m restricted", lambda c: c.found("iu", [("stag_ids", "in", [c.ids["t1"]])])),
    144: ("F domain dotted via comodel field", lambda c: c.found("iu", [("par_id.secret", "=", "s3")])),
    149: ("F attr direct", lambda c: c.value("iu", REC, c.ids["Abc"], "secret")),
    151: ("F attr set", lambda c: c.write("iu", REC, c.ids["Abc"], secret="q")),
    154: ("F filtered_domain on restricted", lambda c: c.filtered("iu", SECRET, c.ids["Abc"])),
    155: ("F rule on restricted field", lambda c: with_rule(c, "[('secret', '=', 'S')]").found("iu")),
}

CASES: Cases = {**RIGHTS, **CHECKS, **FIELDS}
OTHERWISE = {
    (
        38,
        "17",
    ): "17 has check_access_rule apart, which asks no access right; Access.check asks both, as 18 does",
}


@every(CASES)
def test_access(tables: Tables, number: int, version: str) -> None:
    if (number, version) in OTHERWISE:
        pytest.skip(OTHERWISE[number, version])
    run(tables, *CASES[number])


@every(["F name_search ok"])
def test_a_search_by_name_needs_no_restricted_field(tables: Tables, number: str) -> None:
    run(tables, number, lambda c: c.count("iu", [("display_name", "ilike", "Abc")]))
