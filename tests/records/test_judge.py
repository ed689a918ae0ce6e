"""One record looked at: verdicts, values, the nearest way in; on the example addons with rows of our own."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
import sqlalchemy as sa
from rich.console import Console

from ostiary.policy import (
    BadQuestion,
    Decision,
    GroupLink,
    Origin,
    Policy,
    Question,
    RecordRule,
    Subject,
    User,
    Verdict,
    decide,
)
from ostiary.records.access import Access
from ostiary.records.create import create_tables, insert
from ostiary.records.errors import Fails
from ostiary.records.judge import RecordJudge
from ostiary.records.memory import Reader
from ostiary.records.schema import Schema
from ostiary.records.store import Store
from ostiary.report import explanation, users_who
from ostiary.sources import open_policy

ESTATE = Path(__file__).parents[2] / "examples" / "estate" / "secured"
HERE = Origin(path="tests/records/test_judge.py")
COMPANY = "base.main_company"
PROPERTY = "estate.property"


class House:
    """The brokerage with two customers, an agent, and a property for each."""

    def __init__(self, connection: sa.Connection, policy: Policy) -> None:
        self.connection = connection
        schema = Schema(policy)
        create_tables(schema, connection)
        self.schema = schema
        add = self.add
        self.company = add("res.company", name="Agency")
        self.other = add("res.company", name="Other agency")
        acme = self.acme = add("res.partner", name="Acme")
        self.ada = add("res.partner", name="Ada", parent_id=acme, commercial_partner_id=acme)
        self.bob = add("res.partner", name="Bob")
        for one in (acme, self.bob):
            connection.execute(
                sa.text("UPDATE res_partner SET commercial_partner_id = id WHERE id = :id"), {"id": one}
            )
        agent = add("res.partner", name="Agent")
        users = []
        for login, partner, group in (
            ("ada", self.ada, "base.group_portal"),
            ("agent", agent, "estate.estate_group_user"),
        ):
            id_ = add(
                "res.users",
                login=login,
                partner_id=partner,
                company_id=self.company,
                company_ids=[self.company],
            )
            users.append(
                User(
                    origin=HERE, login=login, id=id_, groups=(GroupLink(group, HERE),), company=COMPANY,
                    companies=(COMPANY,),
                )
            )  # fmt: skip
        companies = [
            msgspec.structs.replace(one, id=self.company if one.xmlid == COMPANY else None)
            for one in policy.companies
        ]
        self.policy = msgspec.structs.replace(policy, users=users, companies=companies)
        self.agent = users[1].id
        self.bought = add(PROPERTY, name="Mill", buyer_id=acme, company_id=self.company, active=True)
        self.strange = add(PROPERTY, name="Barn", buyer_id=self.bob, company_id=self.company, active=True)
        self.abroad = add(
            PROPERTY, name="Hut", buyer_id=acme, company_id=self.other, active=True, user_id=self.agent
        )

    def add(self, model: str, **values: Any) -> int:
        return insert(self.schema, self.connection, model, values)

    def decide(self, login: str, question: str, policy: Policy | None = None) -> Decision:
        policy = policy or self.policy
        access = self.access(policy)
        asked = Question.parse(question, policy)
        assert asked.model and asked.mode and asked.record
        session = access.session_of(login)
        judge = RecordJudge(access, session, asked.model, asked.mode, asked.record)
        return decide(policy, session.subject, asked, False, judge)

    def access(self, policy: Policy | None = None) -> Access:
        store = Store(Schema(policy or self.policy), self.connection)
        return Access(store, Reader(store))

    def with_rule(self, domain: str, *groups: str) -> Policy:
        rule = RecordRule(
            origin=HERE, xmlid="house.rule", model=PROPERTY, domain_force=domain,
            groups=tuple(GroupLink(one, HERE) for one in groups),
        )  # fmt: skip
        return msgspec.structs.replace(self.policy, rules=[*self.policy.rules, rule])


@pytest.fixture(scope="module")
def house() -> Iterator[House]:
    policy = open_policy([ESTATE], cache=False)
    engine = sa.create_engine("sqlite://")
    with engine.connect() as connection:
        yield House(connection, policy)
    engine.dispose()


def shown(decision: Decision) -> str:
    out = io.StringIO()
    explanation.render(decision, Console(file=out, width=100, no_color=True))
    return out.getvalue()


def test_a_customer_reads_what_they_buy(house: House) -> None:
    decision = house.decide("ada", f"read {PROPERTY}:{house.bought}")
    assert decision.verdict is Verdict.ALLOWED
    assert decision.nearest is None
    text = shown(decision)
    assert text.startswith(f"✓ ALLOWED  read {PROPERTY}:{house.bought}")
    assert "estate.estate_property_rule_portal of base.group_portal accepts this record" in text
    assert f"buyer_id is {house.acme} or inside its tree; here it is {house.acme}" in text


def test_another_customers_record_is_denied_down_to_the_term(house: House) -> None:
    decision = house.decide("ada", f"read {PROPERTY}:{house.strange}")
    assert decision.verdict is Verdict.DENIED
    text = shown(decision)
    assert f"✗ buyer_id is {house.acme} or inside its tree; here it is {house.bob}" in text
    assert "✓ company_id is" in text
    assert decision.nearest == f"buyer_id is {house.acme} or inside its tree"
    assert text.rstrip().endswith(f"Nearest allow: {decision.nearest}")


def test_what_fails_alone_is_the_nearest_way_in(house: House) -> None:
    decision = house.decide("ada", f"read {PROPERTY}:{house.abroad}")
    assert decision.verdict is Verdict.DENIED
    assert decision.nearest == f"company_id is {house.company} (Agency)"


def test_without_a_right_the_nearest_way_in_is_a_group(house: House) -> None:
    decision = house.decide("ada", f"write {PROPERTY}:{house.bought}")
    assert decision.verdict is Verdict.DENIED
    assert decision.nearest == f"a group that has the right to write {PROPERTY}: estate.estate_group_user"


def test_alternatives_stand_under_one_another(house: House) -> None:
    decision = house.decide("agent", f"write {PROPERTY}:{house.strange}")
    assert decision.verdict is Verdict.ALLOWED
    text = shown(decision)
    assert "✓ One of these:" in text
    assert "✓ user_id is not set; here user_id is not set" in text
    assert "✗ user_id is" in text


def test_what_python_computes_is_unknown_with_its_name(house: House) -> None:
    policy = house.with_rule("[('access_url', '=', '/my')]")
    decision = house.decide("agent", f"write {PROPERTY}:{house.strange}", policy)
    assert decision.verdict is Verdict.UNKNOWN
    assert "? Cannot be decided: field access_url of model estate.property is computed by Python." in shown(
        decision
    )


def test_reading_passes_over_what_no_search_can_find(house: House) -> None:
    policy = house.with_rule("[('access_url', '=', '/my')]")
    decision = house.decide("agent", f"read {PROPERTY}:{house.strange}", policy)
    assert decision.verdict is Verdict.ALLOWED
    assert "what check_access would say in Python is not known" in " ".join(shown(decision).split())


def test_a_rule_that_settles_it_makes_the_unknown_one_unimportant(house: House) -> None:
    policy = house.with_rule("[(1, '=', 1)]", "base.group_portal")
    assert house.decide("ada", f"read {PROPERTY}:{house.strange}", policy).verdict is Verdict.ALLOWED


def test_negation_and_paths_are_followed(house: House) -> None:
    policy = house.with_rule("['!', ('buyer_id.name', '=', 'Acme')]")
    decision = house.decide("ada", f"read {PROPERTY}:{house.bought}", policy)
    assert decision.verdict is Verdict.DENIED
    text = shown(decision)
    assert "✗ Not this:" in text
    assert "✓ buyer_id.name is 'Acme'; here it is 'Acme'" in text


def test_no_such_record(house: House) -> None:
    with pytest.raises(Fails, match=r"there is no estate\.property 999"):
        house.decide("ada", f"read {PROPERTY}:999")


def test_a_record_is_only_known_where_records_are(house: House) -> None:
    question = Question.parse(f"read {PROPERTY}:1", house.policy)
    with pytest.raises(BadQuestion, match="of a database"):
        decide(house.policy, Subject.find(house.policy, "portal"), question)


@pytest.mark.parametrize("id_", ["", "0", "-1", "x", "1.5", "99999999999", "١"])
def test_what_is_no_id_is_said(house: House, id_: str) -> None:
    with pytest.raises(BadQuestion, match="is not the id of a record"):
        Question.parse(f"read {PROPERTY}:{id_}", house.policy)


def test_who_is_a_line_for_each_user(house: House) -> None:
    question = Question.parse(f"read {PROPERTY}:{house.strange}", house.policy)
    decisions = [house.decide(login, str(question)) for login in ("ada", "agent")]
    out = io.StringIO()
    users_who.render(question, decisions, Console(file=out, width=110, no_color=True))
    text = out.getvalue()
    assert (
        "✓ agent  internal  estate.estate_property_rule_user accepts it; estate.access_estate_property_user"
        in text
    )
    assert "May not, by record rules: ada." in text
