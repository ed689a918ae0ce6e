"""Executed cases of access rights and of the check_access API, asked of verbs (sections 2 and 3)."""

from __future__ import annotations

from typing import Any

from enforce.cases.asking import Asking, Cases, Filled, run
from records.cases import CREATE, MISSING, NOACL, READ, REC, UNLINK, USER, WIZ, WRITE, A, B, every
from records.fixture import needs_cases

pytestmark = needs_cases

FALSE = "[(0, '=', 1)]"
ABOVE = "[('num', '>', -99)]"

# ------------------------------------------------------------------------------------ 2. access rights


def case_of_another_user(case: Asking) -> list[Any]:
    case.right(WIZ, USER, READ, WRITE, CREATE, UNLINK)
    made = case(WIZ, "iu").create({"name": "w"})
    case.invalidate()
    same = case(WIZ, "ia").browse(made.id)
    found = case.shown(case(WIZ, "ia").search([]))
    return [found, same.read(["name"])[0]["name"], same.write({"name": "q"})]


def case_for_everybody(case: Asking) -> list[int]:
    case.right(NOACL, None, READ)
    return case(NOACL, "public").search([]).ids


def case_archived_right(case: Asking) -> list[int]:
    case.right(NOACL, USER, READ, active=False)
    return case(NOACL, "iu").search([]).ids


def case_rights_add_up(case: Asking) -> Any:
    case.right(NOACL, A, READ)
    case.right(NOACL, B, CREATE)
    return case(NOACL, "iab").create({"name": "n"}).read(["name"])[0]["name"]


def case_create_only(case: Asking) -> str:
    case.right(NOACL, A, CREATE)
    return case(NOACL, "ia").create({"name": "n"})._name


def case_display_name(case: Asking) -> Any:
    made = case(NOACL).create({"name": "n"})
    case.invalidate()
    return case(NOACL, "iu").browse(made.id).display_name


def case_superuser_stays(case: Asking) -> list[Any]:
    bot = case(NOACL).with_user(1).sudo(False)
    return [bot.env.su, case.shown(bot.search([]))]


RIGHTS: Cases = {
    12: ("A no rows internal search", lambda c: c(NOACL, "iu").search([])),
    13: ("A no rows system user", lambda c: c(NOACL, "sysu").search([])),
    14: ("A no rows su", lambda c: c.shown(c(NOACL).search([]))),
    15: ("A no rows uid1 sudo(False)", case_superuser_stays),
    16: ("A transient no rows", lambda c: c(WIZ, "iu").create({"name": "w"})),
    17: ("A transient other user can read/write", case_of_another_user),
    18: ("A groupless row serves public", case_for_everybody),
    19: ("A inactive row", case_archived_right),
    20: ("A additive", case_rights_add_up),
    21: ("A create without read then return", case_create_only),
    22: ("A empty write on no-acl", lambda c: c(NOACL, "iu").browse().write({"name": "x"})),
    23: ("A empty unlink on no-acl", lambda c: c(NOACL, "iu").browse().unlink()),
    24: ("A empty read on no-acl", lambda c: c(NOACL, "iu").browse().read(["name"])),
    25: ("A empty create on no-acl", lambda c: c(NOACL, "iu").create([])),
    26: ("A fields_get on no-acl", lambda c: "name" in c(NOACL, "iu").fields_get()),
    27: ("A default_get on no-acl", lambda c: c(NOACL, "iu").default_get(["name"])),
    28: ("A search FALSE domain on no-acl", lambda c: c(NOACL, "iu").search([(0, "=", 1)])),
    29: ("A name_search no-acl", lambda c: c(NOACL, "iu").name_search("x")),
    30: ("A read_group no-acl", lambda c: c(NOACL, "iu")._read_group([], [], ["__count"])),
    31: ("A exists no-acl", lambda c: c(NOACL, "iu").browse(99999).exists().ids),
    32: ("A browse.display_name no-acl", case_display_name),
}

# ------------------------------------------------------------------------------------ 3. check_access


def ruled(case: Asking, domain: str) -> Asking:
    case.rule(REC, domain)
    return case


def check(records: Any, mode: str) -> Any:
    """As the probe asks: 17 has the two halves only."""
    if records.env.policy.odoo.startswith("17"):
        records.check_access_rights(mode)
        return records.check_access_rule(mode)
    return records.check_access(mode)


def missing(case: Asking) -> Any:
    return case(REC, "iu").browse(MISSING)


CHECKS: Cases = {
    34: (
        "C sudo check_access_rights never raises",
        lambda c: c(NOACL, "public").sudo().check_access_rights("read"),
    ),
    35: (
        "C sudo check_access_rule never raises",
        lambda c: ruled(c, FALSE).record(REC, "Abc", "public").sudo().check_access_rule("write"),
    ),
    36: (
        "C check_access_rights return value when allowed",
        lambda c: c(REC, "iu").check_access_rights("read"),
    ),
    37: (
        "C check_access_rights no raise denied",
        lambda c: c(NOACL, "iu").check_access_rights("read", raise_exception=False),
    ),
    38: (
        "C check_access_rule alone with no ACL",
        lambda c: c(NOACL, "iu").browse(1).check_access_rule("read"),
    ),
    39: ("C missing no rule", lambda c: check(missing(c), "read")),
    40: ("C missing with field rule read", lambda c: check(missing(ruled(c, ABOVE)), "read")),
    41: ("C missing with field rule write()", lambda c: missing(ruled(c, ABOVE)).write({"name": "q"})),
    42: ("C missing read()", lambda c: missing(c).read(["name"])),
    43: ("C missing attr", lambda c: missing(c).name),
    44: ("C missing write no rule", lambda c: missing(c).write({"name": "q"})),
    45: ("C missing unlink no rule", lambda c: missing(c).unlink()),
    46: ("C new record no ACL", lambda c: c(NOACL, "iu").new({"name": "x"}).name),
    47: ("C new record check rule", lambda c: check(ruled(c, FALSE)(REC, "iu").new({"name": "x"}), "read")),
    48: (
        "R has_access list filter",
        lambda c: c.shown(
            ruled(c, "[('num', '=', 1)]")(REC, "iu")
            .browse([c.ids["Abc"], c.ids["abd"]])
            ._filtered_access("read")
        ),
    ),
}

CASES: Cases = {**RIGHTS, **CHECKS}


@every(CASES)
def test_rights(tables: Filled, number: int) -> None:
    run(tables, *CASES[number])
