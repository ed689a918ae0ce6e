"""What the checks on users, settings and edits say where it is close."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from ostiary.audit import Finding, Severity, audit
from ostiary.audit.asking.parameters import Settings, open_signup
from ostiary.audit.groups.users import topmost
from ostiary.audit.rules.effects import Change, compared
from ostiary.domain import parse
from ostiary.policy import (
    AccessRight,
    Company,
    Contact,
    Edit,
    Group,
    GroupLink,
    Implication,
    Mode,
    Model,
    Module,
    Origin,
    Parameter,
    Policy,
    RecordRule,
    User,
)
from ostiary.sources.database.parameters import KEYS

AT = Origin("res_users", 1)
PORTAL, INTERNAL, PUBLIC = "base.group_portal", "base.group_user", "base.group_public"


def group(xmlid: str, *implies: str) -> Group:
    return Group(origin=AT, xmlid=xmlid, implies=tuple(Implication(name, AT) for name in implies))


def user(login: str, *groups: str, **said: Any) -> User:
    said.setdefault("id", 50)
    return User(origin=AT, login=login, groups=tuple(GroupLink(name, AT) for name in groups), **said)


def policy(*groups: Group, **said: Any) -> Policy:
    types = (group(PORTAL), group(INTERNAL), group(PUBLIC))
    said.setdefault("modules", {"shop": Module(origin=AT, name="shop")})
    said.setdefault("models", {"shop.order": Model(origin=AT, name="shop.order", modules=("shop",))})
    return Policy(odoo="19.0", groups={one.xmlid: one for one in (*types, *groups)}, **said)


def right(group: str | None, *modes: Mode, **said: Any) -> AccessRight:
    said = {"xmlid": f"shop.{group}", "origin": Origin("ir_model_access", 1, "shop"), **said}
    return AccessRight(model="shop.order", group=group, modes=modes, **said)


def found(check: str, given: Policy) -> tuple[Finding, ...]:
    result = audit(given, select=[check])
    assert result.errors == ()
    return result.findings


# -- portal-user-extra-groups ------------------------------------------------------------------------------


def test_where_membership_is_not_stored_closed_what_is_implied_is_held_too() -> None:
    given = policy(
        group("shop.head", "shop.clerk"),
        group("shop.clerk"),
        rights=[right("shop.clerk", Mode.READ, Mode.WRITE)],
        users=[user("eve", PORTAL, "shop.head")],
    )
    (finding,) = found("portal-user-extra-groups", given)
    assert "holds shop.head as well" in finding.message
    assert finding.severity is Severity.HIGH
    assert finding.evidence[0].text == "eve holds shop.head, which implies shop.clerk"


def test_what_every_portal_user_has_is_no_extra() -> None:
    given = policy(
        Group(origin=AT, xmlid=PORTAL, implies=(Implication("shop.feature", AT),)),
        group("shop.feature"),
        users=[user("eve", PORTAL, "shop.feature")],
    )
    assert found("portal-user-extra-groups", given) == ()


def test_demo_users_of_a_source_tree_are_not_real_ones() -> None:
    given = policy(group("shop.clerk"), users=[user("demo", PORTAL, "shop.clerk", id=None)])
    assert found("portal-user-extra-groups", given) == ()


def test_a_right_whose_rules_let_nothing_through_gives_nothing() -> None:
    nothing = RecordRule(origin=AT, xmlid="shop.none", model="shop.order", domain_force="[(0, '=', 1)]")
    given = policy(
        group("shop.clerk"),
        rights=[right("shop.clerk", Mode.READ)],
        rules=[nothing],
        users=[user("eve", PORTAL, "shop.clerk")],
    )
    (finding,) = found("portal-user-extra-groups", given)
    assert finding.severity is Severity.INFO


def test_of_groups_in_a_circle_one_is_named() -> None:
    given = policy(group("a.one", "a.two"), group("a.two", "a.one"), group("a.top", "a.one"))
    assert topmost(given, ["a.one", "a.two"]) == ("a.one",)
    assert topmost(given, ["a.one", "a.two", "a.top"]) == ("a.top",)


# -- internal-user-is-customer -----------------------------------------------------------------------------


def contact(xmlid: str, **said: Any) -> Contact:
    return Contact(origin=AT, **{"xmlid": xmlid, "name": xmlid, "entity": xmlid, **said})


def addresses(*more: Contact, **said: Any) -> Policy:
    contacts = (
        contact("ours", is_company=True, email_domain="ours.example"),
        contact("mary", email_domain="them.example"),
        contact("them", is_company=True),
        *more,
    )
    return policy(
        contacts={one.xmlid: one for one in contacts},
        companies=[Company(origin=AT, xmlid="base.main_company", partner="ours")],
        users=[user("mary", INTERNAL, partner="mary"), *said.get("users", ())],
    )


def test_a_domain_that_customers_of_several_companies_have_says_nothing() -> None:
    theirs = contact("ann", entity="them", email_domain="them.example")
    other = contact("bob", email_domain="them.example")
    ann, bob = user("ann", PORTAL, partner="ann"), user("bob", PORTAL, partner="bob")
    again = user("cat", PORTAL, partner="ann")
    assert found("internal-user-is-customer", addresses(theirs, users=[ann])) == ()
    assert len(found("internal-user-is-customer", addresses(theirs, users=[ann, again]))) == 1
    assert found("internal-user-is-customer", addresses(theirs, other, users=[ann, again, bob])) == ()


def test_contacts_that_were_not_read_say_nothing() -> None:
    assert found("internal-user-is-customer", policy(users=[user("mary", INTERNAL, partner="mary")])) == ()


# -- dormant-privileged-user -------------------------------------------------------------------------------


@pytest.mark.parametrize(("days", "said"), [(180, 0), (181, 1)])
def test_the_newest_login_is_today(days: int, said: int) -> None:
    today = date(2001, 2, 3)
    given = policy(
        group("base.group_erp_manager"),
        users=[
            user("now", INTERNAL, last_login=today),
            user("then", "base.group_erp_manager", last_login=today - timedelta(days)),
        ],
    )
    assert len(found("dormant-privileged-user", given)) == said


def test_a_group_that_may_change_users_is_privileged() -> None:
    writes = AccessRight(origin=AT, xmlid="x.y", model="res.users", group="shop.head", modes=(Mode.WRITE,))
    given = policy(
        group("shop.head"),
        rights=[writes],
        users=[
            user("now", INTERNAL, last_login=date(2001, 2, 3)),
            user("head", "shop.head", created=date(1999, 1, 1)),
            user("clerk", INTERNAL, created=date(1999, 1, 1)),
        ],
    )
    (finding,) = found("dormant-privileged-user", given)
    assert (finding.subject, finding.severity) == ("head", Severity.MEDIUM)


def test_where_nobody_ever_logged_in_nothing_is_said() -> None:
    given = policy(
        group("base.group_system"), users=[user("a", "base.group_system", created=date(1999, 1, 1))]
    )
    assert found("dormant-privileged-user", given) == ()


# -- weak-parameter ----------------------------------------------------------------------------------------


def settings(*modules: str, **values: str) -> Policy:
    keys = {name.replace("__", "."): value for name, value in values.items()}
    parameters = {key: Parameter(origin=AT, key=key, value=value) for key, value in keys.items()}
    return policy(modules={name: Module(origin=AT, name=name) for name in modules}, parameters=parameters)


def weak(given: Policy) -> set[str]:
    return {finding.subject for finding in found("weak-parameter", given)}


def test_where_parameters_were_not_read_nothing_is_said() -> None:
    assert found("weak-parameter", policy()) == ()


def test_only_keys_of_the_list_are_asked_for() -> None:
    given = settings("auth_signup", "portal", "auth_signup")
    asked: set[str] = set()

    class Watched(dict[str, Parameter]):
        def __contains__(self, key: object) -> bool:
            asked.add(str(key))
            return True

        def get(self, key: str, default: Any = None) -> Any:
            asked.add(key)
            return Parameter(origin=AT, key=key, value="1")

    given.parameters = Watched()
    found("weak-parameter", given)
    assert asked
    assert asked <= set(KEYS)


def test_what_odoo_does_without_a_parameter_is_judged() -> None:
    assert weak(settings()) == {"auth_totp.policy", "auth_password_policy.minlength", "web.base.url.freeze"}


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"base__login_cooldown_after": "0"}, True),
        ({"base__login_cooldown_after": "5", "base__login_cooldown_duration": "0"}, True),
        ({"base__login_cooldown_after": "1000"}, True),
        ({"base__login_cooldown_after": "10"}, False),
        ({"base__login_cooldown_after": "many"}, False),
    ],
)
def test_cooldown(values: dict[str, str], said: bool) -> None:
    assert ("base.login_cooldown_after" in weak(settings(**values))) is said


def test_a_password_policy_counts_where_its_module_is_installed() -> None:
    key, values = "auth_password_policy.minlength", {"auth_password_policy__minlength": "12"}
    assert key in weak(settings(**values))
    assert key not in weak(settings("auth_password_policy", **values))


def test_a_website_says_who_may_register_before_the_parameter() -> None:
    given = settings("auth_signup", "website", auth_signup__invitation_scope="b2c")
    assert given.parameters is not None

    def site(number: int, scope: str) -> None:
        assert given.parameters is not None
        key = f"website({number}).auth_signup_uninvited"
        given.parameters[key] = Parameter(origin=AT, key=key, value=scope)

    site(1, "b2b")
    assert open_signup(Settings(given, given.parameters)) == ()
    site(2, "")
    assert open_signup(Settings(given, given.parameters)) == ("auth_signup.invitation_scope",)
    site(3, "b2c")
    assert len(open_signup(Settings(given, given.parameters))) == 2


# -- orphan-rule and edited-rule ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("was", "now", "change"),
    [
        ("[('a', '=', 1)]", "[ ('a','=',1) ]", None),
        ("[('a', '=', 1)]", "[]", Change.WIDER),
        ("[]", "[('a', '=', 1)]", Change.NARROWER),
        ("[('a', '=', 1)]", "['|', ('a', '=', 1), ('b', '=', 2)]", Change.WIDER),
        ("['|', ('a', '=', 1), ('b', '=', 2)]", "[('b', '=', 2)]", Change.NARROWER),
        ("[('a', '=', 1), ('b', '=', 2)]", "[('b', '=', 2)]", Change.WIDER),
        (
            "[('c', '=', 3), ('a', '=', 1)]",
            "[('c', '=', 3), '|', ('a', '=', 1), ('b', '=', 2)]",
            Change.WIDER,
        ),
        ("[('a', '=', 1)]", "[('a', '=', 2)]", Change.OTHER),
        ("[('a', '=', 1), ('b', '=', 2)]", "[('a', '=', 3), ('b', '=', 4)]", Change.OTHER),
        ("[(0, '=', 1)]", "[('a', '=', 1)]", Change.WIDER),
    ],
)
def test_more_fewer_or_other_records(was: str, now: str, change: Change | None) -> None:
    assert compared(parse(was), parse(now)) is change


def test_what_source_says_is_never_an_orphan() -> None:
    at = Origin("shop/security/ir.model.access.csv", 2, "elsewhere")
    assert found("orphan-rule", policy(rights=[right(PORTAL, Mode.WRITE, origin=at)])) == ()


def test_a_group_that_only_a_right_names_is_looked_at_too() -> None:
    said = RecordRule(origin=AT, xmlid="shop.company", model="shop.order", domain_force="[('a', '=', 1)]")
    given = policy(
        group("shop.clerk", INTERNAL),
        group("shop.head", "shop.clerk"),
        rights=[right("shop.clerk", Mode.READ, Mode.WRITE)],
        edits=[Edit(origin=AT, xmlid="shop.company", rule=said)],
    )
    (finding,) = found("edited-rule", given)
    assert "Users of shop.clerk may now read and change every record of shop.order" in finding.message
    assert finding.severity is Severity.MEDIUM


def test_a_rule_that_became_stricter_is_information() -> None:
    said = RecordRule(origin=AT, xmlid="shop.rule", model="shop.order", domain_force="[]")
    stored = RecordRule(
        origin=Origin("ir_rule", 1, "shop"),
        xmlid="shop.rule",
        model="shop.order",
        domain_force="[('a', '=', 1)]",
    )
    given = policy(
        rights=[right(PORTAL, Mode.READ)],
        rules=[stored],
        edits=[Edit(origin=AT, xmlid="shop.rule", rule=said)],
    )
    (finding,) = found("edited-rule", given)
    assert finding.severity is Severity.INFO
    assert "Portal users may no longer read some records of shop.order" in finding.message
