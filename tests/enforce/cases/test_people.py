"""Executed cases of groups, companies and portal users, asked of verbs (sections 1, 8 and 9)."""

from __future__ import annotations

from typing import Any

import pytest

from enforce.cases.asking import Asking, Cases, Filled, run
from records.cases import REC, A, B, every
from records.fixture import needs_cases

pytestmark = needs_cases

USERS = "res.users"
C1, C2 = "base.main_company", "zz.c2"
TRUE = "[(1, '=', 1)]"
OWN = "[('company_id', 'in', company_ids + [False])]"

# ------------------------------------------------------------------------------------ 1. groups

SPECS = (
    "base.group_user", "!base.group_portal", "base.group_portal", "base.group_portal,base.group_user",
    "base.group_user,!base.group_portal", "base.group_user,!base.group_user",
    "!base.group_user,!base.group_portal", "base.group_no_one",
)  # fmt: skip


def user(case: Asking, login: str, by: str | None = None) -> Any:
    """A user's row, as somebody sees it; as themselves, where nobody is named."""
    return case.record(USERS, login, by or login)


def member(case: Asking, login: str, group: str) -> bool:
    return user(case, login).has_group(group)


def case_link_removed(case: Asking) -> list[bool]:
    """17 and 18 have stored what follows with the user, and keep it; 19 works it out."""
    case.imply((A, B))
    case.from_rows("ia")
    before = member(case, "ia", B)
    case.imply()
    return [before, member(case, "ia", B)]


def case_circle(case: Asking) -> list[bool]:
    case.imply((A, B), (B, A))
    return [member(case, "ia", B), member(case, "ia", A)]


def case_taken_away(case: Asking) -> bool:
    """A group that another one implies isn't lost while the other is held."""
    case.imply((A, B))
    case.from_rows("ia")
    held = "group_ids" if case.policy.semantics.group_fields_renamed else "groups_id"
    case.record(USERS, "ia").write({held: [(3, case.ids[B])]})
    case.invalidate()
    return member(case, "ia", B)


def case_two_types(case: Asking) -> Any:
    case.from_rows("iu")
    held = "group_ids" if case.policy.semantics.group_fields_renamed else "groups_id"
    return case.record(USERS, "iu").write({held: [(4, case.ids["base.group_portal"])]})


GROUPS: Cases = {
    1: ("G has_groups user", lambda c: [user(c, "iu").has_groups(one) for one in SPECS]),
    2: (
        "G unknown xmlid",
        lambda c: [user(c, "iu").has_group("zz.nope"), user(c, "iu").has_groups("!zz.nope")],
    ),
    3: ("G dot", lambda c: c.record(USERS, "iu").has_groups(".")),
    4: ("G has_group other by portal", lambda c: user(c, "iu", "pu").has_group("base.group_user")),
    # `_has_group`, which doesn't ask for debug mode.
    5: ("G no_one raw", lambda c: "base.group_no_one" in user(c, "iu").env.subject.groups),
    6: ("G add then remove implied", case_link_removed),
    7: ("G cycle", case_circle),
    8: ("G remove implied from user, keep implier", case_taken_away),
    9: ("G internal+portal", case_two_types),
    10: ("G share flags", lambda c: [c.record(USERS, one).share for one in ("iu", "pu", "public")]),
}

# ------------------------------------------------------------------------------------ 8. companies


def ruled(case: Asking, domain: str = TRUE) -> Asking:
    case.rule(REC, domain)
    return case


def in_companies(case: Asking, login: str, *companies: str) -> Any:
    """The records as a user with a choice of companies."""
    return case(REC, login, allowed_company_ids=[case.ids[one] for one in companies])


def found(records: Any) -> Any:
    return records.search([])


def case_of_a_company(case: Asking, *companies: str) -> str:
    case.record(REC, "Abc").write({"company_id": case.ids[C2]})
    ruled(case, OWN)
    records = in_companies(case, "iu2", *companies) if companies else case(REC, "iu2")
    return case.shown(found(records))


def case_companies(case: Asking) -> list[Any]:
    env = case(REC, "iu2").env
    return [len(env.companies), env.company.id == case.ids[C1]]


def case_with_company(case: Asking) -> list[Any]:
    env = case(REC, "iu2").with_company(case.ids[C2]).env
    return [len(env.companies), env.company.id == case.ids[C2]]


def case_kept_choice(case: Asking) -> bool:
    env = in_companies(case, "iu2", C2).with_context({}).env
    return list(env.context["allowed_company_ids"]) == [case.ids[C2]]


COMPANIES: Cases = {
    156: ("K ctx unauthorized, model without rule", lambda c: c.shown(found(in_companies(c, "iu", C2)))),
    157: (
        "K ctx unauthorized, with any rule",
        lambda c: c.shown(found(in_companies(ruled(c), "iu", C2))),
    ),
    158: ("K ctx unauthorized, sudo", lambda c: len(found(in_companies(ruled(c), "iu", C2).sudo()))),
    159: ("K no ctx companies", case_companies),
    160: ("K with_company no prior ctx", case_with_company),
    161: (
        "K with_company prior ctx",
        lambda c: len(in_companies(c, "iu2", C1).with_company(c.ids[C2]).env.companies),
    ),
    162: ("K with_context({}) keeps allowed", case_kept_choice),
    163: (
        "K with_user keeps allowed -> error",
        lambda c: len(found(in_companies(ruled(c), "iu2", C2).with_user("iu"))),
    ),
    164: ("K company rule no ctx: records in c2", case_of_a_company),
    165: ("K company rule ctx c1", lambda c: case_of_a_company(c, C1)),
}

# ------------------------------------------------------------------------------------ 9. portal users


def whole(case: Asking) -> Asking:
    case.take_summary_for_all()
    return case


def case_own_partner(case: Asking) -> Any:
    partner = whole(case).record(USERS, "pu").partner_id
    return case("res.partner", "pu").browse(partner.id).write({"name": "x"})


def case_own_groups(case: Asking) -> Any:
    held = "group_ids" if case.policy.semantics.group_fields_renamed else "groups_id"
    return user(whole(case), "pu").write({held: [(4, case.ids[A])]})


PORTAL: Cases = {
    # The menus of a user are searched first.
    177: ("M menus portal", lambda c: len(whole(c)("ir.ui.menu", "pu").search([]))),
    178: ("R portal read via ACL write denied", lambda c: c.record(REC, "Abc", "pu").write({"name": "x"})),
    179: (
        "R portal own user read SELF fields",
        lambda c: user(whole(c), "pu").read(["login", "email"])[0]["login"],
    ),
    180: ("R portal read other user", lambda c: user(whole(c), "iu", "pu").read(["login"])),
    181: ("R portal write own allowed field", lambda c: user(whole(c), "pu").write({"signature": "x"})),
    182: ("R portal write own groups", case_own_groups),
    183: ("R portal partner search count", lambda c: len(whole(c)("res.partner", "pu").search([]))),
    184: ("R portal write own partner", case_own_partner),
    185: (
        "R portal attachment own",
        lambda c: whole(c)("ir.attachment", "pu").create({"name": "f", "raw": b"x"}),
    ),
}

CASES: Cases = {**GROUPS, **COMPANIES, **PORTAL}


@every(CASES)
def test_people(tables: Filled, number: int, version: str) -> None:
    if (number, version) == (3, "17"):
        pytest.skip("17 has no has_groups on users, and no dot in it")
    run(tables, *CASES[number])
