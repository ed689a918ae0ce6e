"""Who works at the estate: two agencies, their agents, a manager of both, and people who are no agents."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa

from ostiary.enforce import Environment, install, new_company, new_user
from ostiary.policy import Company, Policy, User
from ostiary.sources import open_policy

ESTATE = Path(__file__).resolve().parent.parent

CITY, HARBOUR = "base.main_company", "estate_app.harbour"
AGENT, MANAGER = "estate.estate_group_user", "estate.estate_group_manager"

COMPANIES: tuple[Company, ...] = (
    new_company(CITY, "City Agency"),
    new_company(HARBOUR, "Harbour Agency"),
)
USERS: tuple[User, ...] = (
    new_user("ada", [AGENT], name="Ada, the old agent", company=CITY),
    new_user("ben", [AGENT], name="Ben, her colleague", company=CITY),
    new_user("mia", [MANAGER], name="Mia, the manager", company=CITY, companies=[HARBOUR]),
    new_user("kim", [AGENT], name="Kim, the new agent", company=HARBOUR),
    new_user("demo", ["base.group_user"], name="Demo, an employee", company=CITY),
    new_user("buyer", ["base.group_portal"], name="A customer", company=CITY),
)
MODELS = (
    "account.move",
    "estate.property",
    "estate.property.offer",
    "estate.property.tag",
    "estate.property.type",
)


def read_policy(state: str = "secured") -> Policy:
    """The definitions of `secured`, or of `open`."""
    return open_policy([ESTATE / state], odoo="18.0")


def set_up(bind: sa.Engine | sa.Connection, policy: Policy) -> Policy:
    """Make the tables and the people, where they are not there yet; the policy that knows their ids."""
    return install(bind, policy, users=USERS, companies=COMPANIES, models=MODELS)


def fill(env: Environment) -> None:
    """A few properties, made by the manager with a manager's rights: Ada's, Ben's and nobody's in the city, nobody's
    at the harbour."""
    house = env["estate.property.type"].create({"name": "House"})
    env["estate.property.tag"].create({"name": "Cosy"})
    harbour = env.ref(HARBOUR)
    properties = env["estate.property"]
    for name, agent in (("Cottage", "ada"), ("Loft", "ben"), ("Barn", None)):
        agent_id = env.ref(f"__user__.{agent}").id if agent else False
        properties.create(
            {"name": name, "user_id": agent_id, "expected_price": 100_000, "property_type_id": house.id}
        )
    properties.with_company(harbour).create({"name": "Villa", "user_id": False, "expected_price": 900_000})
