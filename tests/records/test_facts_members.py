"""What is declared of courses and mailing groups, on rows of our own: who is found as a member, and who is one.

A search and the value of a field may differ in Odoo's own methods; a record rule is searched by and tested by value.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import sqlalchemy as sa

from ostiary.domain import parse
from ostiary.policy import Company, GroupLink, Mode, Origin, User
from ostiary.records.access import Access
from ostiary.records.create import create_tables, insert
from ostiary.records.memory import Reader
from ostiary.records.schema import Python, Schema
from ostiary.records.store import Store
from policy.build import BASE, field, groups, model, module, policy, right, rule

HERE = Origin(path="here.py", line=1)
PEOPLE = {"ada": "base.group_portal", "bob": "base.group_portal", "visitor": "base.group_public"}
OFFICER = "website_slides.group_website_slides_officer"

# Attendees of each course: who, how far, archived or not. A status that is not set is none of the enrolled ones, but
# is not `invited` either.
COURSES: dict[str, list[tuple[str, str | None, bool]]] = {
    "new": [("ada", "joined", True)],
    "half": [("ada", "ongoing", True)],
    "full": [("ada", "completed", True), ("bob", "invited", True)],
    "left": [("ada", "joined", False)],
    "asked": [("ada", "invited", True), ("bob", "joined", True)],
    "withdrawn": [("ada", "invited", False)],
    "unset": [("ada", None, True)],
    "lobby": [("visitor", "joined", True)],
    "hall": [("visitor", "invited", True)],
    "empty": [],
}
# Members of each mailing group; one with an address alone has no contact.
LISTS: dict[str, list[str | None]] = {
    "both": ["ada", "bob"],
    "bob": ["bob"],
    "address": [None],
    "visitor": ["visitor"],
    "nobody": [],
}
MINE = "[user.partner_id.id]"
ENROLLED = "[('is_member', '=', True)]"
INVITED = "[('is_member_invited', '=', True)]"
SUBSCRIBED = f"[('member_partner_ids', 'in', {MINE})]"
STRANGERS = f"[('member_partner_ids', 'not in', {MINE})]"
SUBSCRIBER = "[('is_member', '=', True)]"
# By rule: for each person the names that a search finds, and those whose value says so.
EXPECTED: dict[tuple[str, str], dict[str, tuple[str, str]]] = {
    ("slide.channel", ENROLLED): {
        "ada": ("full half new unset", "full half new"),
        "bob": ("asked", "asked"),
        "visitor": ("lobby", ""),
    },
    ("slide.channel", INVITED): {
        "ada": ("asked", "asked"),
        "bob": ("full", "full"),
        "visitor": ("hall", ""),
    },
    ("slide.channel", "[('is_member', '=', False)]"): {
        "ada": ("asked empty hall left lobby withdrawn", "asked empty hall left lobby unset withdrawn"),
    },
    ("slide.channel", "[('is_member_invited', '!=', True)]"): {
        "ada": ("empty full half hall left lobby new unset withdrawn",) * 2,
        "visitor": (
            "asked empty full half left lobby new unset withdrawn",
            "asked empty full half hall left lobby new unset withdrawn",
        ),
    },
    ("slide.slide", "[('channel_id.is_member', '=', True)]"): {
        "ada": ("full half new unset", "full half new"),
        "visitor": ("lobby", ""),
    },
    ("mail.group", SUBSCRIBED): {
        "ada": ("both", "both"),
        "bob": ("bob both", "bob both"),
        "visitor": ("visitor", "visitor"),
    },
    ("mail.group", STRANGERS): {
        "ada": ("address bob both visitor", "address bob nobody visitor"),
        "bob": ("address both visitor", "address nobody visitor"),
    },
    ("mail.group.message", f"[('mail_group_id.member_partner_ids', 'in', {MINE})]"): {
        "bob": ("bob both", "bob both"),
    },
    # It has no search method: every record is found.
    ("mail.group", SUBSCRIBER): {
        "ada": ("address bob both nobody visitor", "both"),
        "visitor": ("address bob both nobody visitor", ""),
    },
}
CASES = [
    pytest.param(*asked, login, *names, id=f"{asked[0]}-{asked[1]}-{login}")
    for asked, people in EXPECTED.items()
    for login, names in people.items()
]


def _to(name: str, comodel: str) -> Any:
    return field(name, "many2one", comodel=comodel)


def _made(name: str, type_: str, compute: str, search: str | None = None, **more: Any) -> Any:
    return field(name, type_, store=False, compute=compute, search=search, **more)


def _lines(name: str, comodel: str, inverse: str, **more: Any) -> Any:
    return field(name, "one2many", comodel=comodel, inverse=inverse, **more)


def _models() -> list[Any]:
    attendees = _lines("channel_partner_all_ids", "slide.channel.partner", "channel_id", groups=OFFICER)
    values = "_compute_membership_values"
    partners = _made(
        "member_partner_ids", "many2many", "_compute_member_partner_ids", "_search_member_partner_ids",
        comodel="res.partner",
    )  # fmt: skip
    made = [
        model("res.partner", [field("name"), field("active", "boolean")]),
        model("res.company", [field("name")]),
        model("res.users", [field("login"), _to("partner_id", "res.partner"), _to("company_id", "res.company")]),
        model("slide.channel", [
            field("name"), attendees, _made("is_member", "boolean", values, "_search_is_member"),
            _made("is_member_invited", "boolean", values, "_search_is_member_invited"),
        ]),
        model("slide.channel.partner", [
            _to("channel_id", "slide.channel"), _to("partner_id", "res.partner"), field("member_status"),
            field("active", "boolean"),
        ]),
        model("slide.slide", [field("name"), _to("channel_id", "slide.channel")]),
        model("mail.group", [
            field("name"), _lines("member_ids", "mail.group.member", "mail_group_id"), partners,
            _made("is_member", "boolean", "_compute_is_member"),
        ]),
        model("mail.group.member", [_to("mail_group_id", "mail.group"), _to("partner_id", "res.partner")]),
        model("mail.group.message", [field("name"), _to("mail_group_id", "mail.group")]),
    ]  # fmt: skip
    for one in made:
        one.log_access = False
    return made


class Place:
    """The courses, the mailing groups and three people; one record rule, on one model."""

    def __init__(self, version: str, connection: sa.Connection, about: str, domain: str) -> None:
        open_ = ("slide.channel", "slide.slide", "mail.group", "mail.group.message")
        self.policy = policy(
            version,
            models=_models(),
            groups=groups(BASE | {OFFICER: ["base.group_user"]}),
            modules={name: module(name) for name in ("base", "mail_group", "website_slides")},
            rights=[right(f"zz.{name}", name, None, "r") for name in open_],
            rules=[rule("zz.rule", about, domain)],
            companies=[Company(origin=HERE, xmlid="base.main_company", id=1, name="Main")],
        )
        self.schema, self.connection = Schema(self.policy), connection
        create_tables(self.schema, connection)
        self.names: dict[tuple[str, int], str] = {}
        self.add("res.company", name="Main")
        self.partner = {login: self.person(login, group) for login, group in PEOPLE.items()}
        for name, attendees in COURSES.items():
            self.course(name, attendees)
        for name, members in LISTS.items():
            self.mailing(name, members)

    def add(self, model: str, /, **values: Any) -> int:
        id_ = insert(self.schema, self.connection, model, values)
        self.names[model, id_] = values.get("name", "")
        return id_

    def person(self, login: str, group: str) -> int:
        partner = self.add("res.partner", name=login, active=True)
        user = self.add("res.users", login=login, partner_id=partner, company_id=1)
        main = "base.main_company"
        links = (GroupLink(group, HERE),)
        self.policy.users.append(
            User(origin=HERE, login=login, id=user, groups=links, company=main, companies=(main,))
        )
        return partner

    def course(self, name: str, attendees: list[tuple[str, str | None, bool]]) -> None:
        course = self.add("slide.channel", name=name)
        self.add("slide.slide", name=name, channel_id=course)
        for login, status, active in attendees:
            self.add(
                "slide.channel.partner",
                channel_id=course,
                partner_id=self.partner[login],
                member_status=status,
                active=active,
            )

    def mailing(self, name: str, members: list[str | None]) -> None:
        group = self.add("mail.group", name=name)
        self.add("mail.group.message", name=name, mail_group_id=group)
        for login in members:
            self.add(
                "mail.group.member", mail_group_id=group, partner_id=self.partner[login] if login else None
            )

    def named(self, model: str, ids: list[int]) -> str:
        return " ".join(sorted(self.names[model, one] for one in ids))


@contextmanager
def place(version: str, about: str, domain: str) -> Iterator[tuple[Place, Access]]:
    engine = sa.create_engine("sqlite://")
    try:
        with engine.connect() as connection:
            made = Place(version, connection, about, domain)
            store = Store(made.schema, connection)
            yield made, Access(store, Reader(store))
    finally:
        engine.dispose()


@pytest.mark.parametrize("version", ["17.0", "18.0"])
@pytest.mark.parametrize(("about", "domain", "login", "found", "valued"), CASES)
def test_a_rule_that_asks_for_members_finds_and_lets_through_those(
    version: str, about: str, domain: str, login: str, found: str, valued: str
) -> None:
    with place(version, about, domain) as (made, access):
        every = sorted(one for model_, one in made.names if model_ == about)
        for active_test in (True, False):  # no attendee who left counts for either
            session = access.session_of(login).with_active_test(active_test)
            assert made.named(about, access.search(session, about)) == found
            assert made.named(about, access.allowed(session, about, Mode.READ, every)) == valued


@pytest.mark.parametrize(("about", "domain"), [("slide.channel", ENROLLED), ("slide.channel", INVITED)])
def test_whoever_asks_needs_no_right_to_the_attendees(about: str, domain: str) -> None:
    with place("18.0", about, "[]") as (made, access):
        session = access.session_of("bob")
        assert not access.may(session, "slide.channel.partner", Mode.READ)
        assert (
            made.named(about, access.search(session, about, parse(domain)))
            == EXPECTED[about, domain]["bob"][0]
        )


def test_nothing_is_declared_of_them_for_a_version_that_was_not_read() -> None:
    with place("19.0", "slide.channel", "[]") as (made, _):
        for about, name in (
            ("slide.channel", "is_member"),
            ("slide.channel", "is_member_invited"),
            ("mail.group", "is_member"),
            ("mail.group", "member_partner_ids"),
        ):
            assert isinstance(made.schema.field(about, name), Python)
