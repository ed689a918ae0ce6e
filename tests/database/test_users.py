"""What is read of users, their contacts and the settings: what the checks ask for, as far as it may be read."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from database.server import Server
from database.test_errors import database_of, role
from ostiary.audit import audit
from ostiary.policy import Policy
from ostiary.sources import snapshot
from ostiary.sources.database import read_database
from ostiary.sources.database.parameters import KEYS

Make = Callable[..., str]
MORE = (
    "ALTER TABLE res_users ADD create_date timestamp",
    "ALTER TABLE res_company ADD partner_id int",
    "ALTER TABLE res_partner ADD commercial_partner_id int, ADD is_company bool, ADD customer_rank int,"
    " ADD supplier_rank int, ADD email_normalized varchar",
    "CREATE TABLE res_users_log (id serial, create_uid int, create_date timestamp)",
    "CREATE TABLE hr_employee (id serial, user_id int, active bool)",
    "CREATE TABLE ir_config_parameter (id serial, key varchar, value text)",
    "CREATE TABLE website (id serial, auth_signup_uninvited varchar)",
    "UPDATE res_users SET create_date = '2024-02-03 04:05:06'",
    "UPDATE res_company SET partner_id = 3 WHERE id = 1",
    "INSERT INTO res_partner (id, name) VALUES (9, 'Reader Inc')",
    "UPDATE res_partner SET commercial_partner_id = CASE id WHEN 2 THEN 9 ELSE id END, is_company = id = 9,"
    " customer_rank = id, email_normalized = 'private-' || id || '@Example.com'",
    "INSERT INTO res_users_log (create_uid, create_date) VALUES (2, '2025-01-01 10:00'), (2, '2025-03-04 23:59')",
    "INSERT INTO hr_employee (user_id, active) VALUES (2, true), (3, false), (NULL, true)",
    "INSERT INTO ir_config_parameter (key, value) VALUES ('database.secret', 'the-secret'),"
    " ('web.base.url', 'https://example.com'), ('base.login_cooldown_after', '0')",
    "INSERT INTO website (auth_signup_uninvited) VALUES ('b2c'), (NULL)",
)


@pytest.fixture(params=["17.0", "18.0", "19.0"])
def policy(request: pytest.FixtureRequest, make: Make) -> Policy:
    return read_database(make(request.param, *MORE))


def test_days_are_read_and_no_times(policy: Policy) -> None:
    ada, visitor = policy.user_by_login["ada"], policy.user_by_login["visitor"]
    assert (ada.created, ada.last_login, ada.last_activity) == (date(2024, 2, 3), date(2025, 3, 4), None)
    assert (ada.employee, visitor.employee, visitor.last_login) == (True, False, None)


def test_devices_are_read_from_18(make: Make) -> None:
    policy = read_database(
        make(
            "18.0",
            *MORE,
            "CREATE TABLE res_device_log (user_id int, last_activity timestamp, ip_address varchar)",
            "INSERT INTO res_device_log VALUES (2, '2025-06-07 08:09', '203.0.113.7')",
        )
    )
    assert policy.user_by_login["ada"].last_activity == date(2025, 6, 7)
    assert b"203.0.113.7" not in snapshot.dump(policy)


def test_contacts_of_users_and_companies_with_their_entities(policy: Policy) -> None:
    assert sorted(policy.contacts) == [
        "base.partner_root",
        "res.partner(2)",
        "res.partner(3)",
        "res.partner(9)",
    ]
    ada, entity = policy.contacts["res.partner(2)"], policy.contacts["res.partner(9)"]
    assert (ada.entity, ada.is_company, ada.customer, ada.email_domain) == (
        "res.partner(9)",
        False,
        True,
        "example.com",
    )
    assert (entity.name, entity.is_company, entity.origin.line) == ("Reader Inc", True, 9)
    assert [company.partner for company in policy.companies if company.partner] == ["res.partner(3)"]


def test_only_the_parameters_of_the_list_are_read(policy: Policy) -> None:
    assert policy.parameters is not None
    assert {key: one.value for key, one in policy.parameters.items()} == {
        "base.login_cooldown_after": "0",
        "web.base.url": "https://example.com",
        "website(1).auth_signup_uninvited": "b2c",
        "website(2).auth_signup_uninvited": "",
    }
    saved = snapshot.dump(policy)
    assert b"the-secret" not in saved
    assert b"private-" not in saved
    assert not any("secret" in key or "token" in key for key in KEYS)


def test_a_snapshot_holds_it_all(policy: Policy, tmp_path: Path) -> None:
    snapshot.save(policy, tmp_path / "policy.json")
    assert snapshot.load(tmp_path / "policy.json") == policy


def test_what_a_database_does_not_have_is_no_matter(make: Make) -> None:
    policy = read_database(make("18.0"))
    assert (policy.contacts, policy.parameters) == ({}, None)
    assert "not-read" not in {note.kind for note in policy.notes}


def test_what_may_not_be_read_is_said_and_the_rest_is_read(server: Server, make: Make) -> None:
    url = make("18.0", *MORE)
    with role(
        server,
        database_of(url),
        "GRANT SELECT ON ALL TABLES IN SCHEMA public TO {role}",
        "REVOKE SELECT ON res_users, res_partner, res_users_log, ir_config_parameter FROM {role}",
        "GRANT SELECT (id, login, active, partner_id, company_id) ON res_users TO {role}",
        "GRANT SELECT (id, name) ON res_partner TO {role}",
    ) as reader:
        policy = read_database(reader)
    ada = policy.user_by_login["ada"]
    assert (ada.name, ada.created, ada.last_login, ada.employee) == ("Ada", None, None, True)
    assert (policy.contacts, policy.parameters) == ({}, None)
    said = [note.message for note in policy.notes if note.kind == "not-read"]
    assert said == [
        "ir_config_parameter (id, key, value) may not be read by this user, so weak-parameter can't report all it "
        "would: GRANT SELECT (id, key, value) ON ir_config_parameter is missing.",
        "res_partner (commercial_partner_id, customer_rank, email_normalized, is_company, supplier_rank) may not be "
        "read by this user, so internal-user-is-customer can't report all it would: GRANT SELECT "
        "(commercial_partner_id, customer_rank, email_normalized, is_company, supplier_rank) ON res_partner is "
        "missing.",
        "res_users (create_date) may not be read by this user, so dormant-privileged-user can't report all it would: "
        "GRANT SELECT (create_date) ON res_users is missing.",
        "res_users_log (create_date, create_uid) may not be read by this user, so dormant-privileged-user can't report "
        "all it would: GRANT SELECT (create_date, create_uid) ON res_users_log is missing.",
    ]
    assert audit(policy).errors == ()
