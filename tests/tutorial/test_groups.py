"""The tutorial, "Groups": agents and managers are roles, and a manager is an agent too."""

from __future__ import annotations

from ostiary.enforce import Command
from ostiary.policy import closure
from tutorial.estate import INVOICE, Estate, refused

AGENT, MANAGER = "estate.estate_group_user", "estate.estate_group_manager"
ELSEWHERE = ("account.group_account_invoice", "account.group_account_manager", "account.group_account_readonly",
             "base.group_system", "base.group_erp_manager")  # fmt: skip


def test_groups_a_manager_is_an_agent_and_an_agent_is_an_employee(estate: Estate) -> None:
    assert {AGENT, "base.group_user"} <= closure(estate.policy, [MANAGER])
    assert MANAGER not in closure(estate.policy, [AGENT])
    manager, agent = estate.as_("mia").user, estate.as_("ada").user
    assert manager.has_group(MANAGER)
    assert manager.has_group(AGENT)
    assert agent.has_group(AGENT)
    assert not agent.has_group(MANAGER)


def test_groups_the_administrator_is_a_manager(estate: Estate) -> None:
    admin = estate.as_("admin")
    assert admin.user.has_group(MANAGER)
    assert estate.seen_by("admin") == {"Cottage", "Loft", "Barn"}


def test_groups_the_new_agent_has_no_access_to_invoicing_or_administration(estate: Estate) -> None:
    env = estate.as_("kim")
    assert env.user.has_group(AGENT)
    assert [group for group in ELSEWHERE if env.user.has_group(group)] == []
    for model in (INVOICE, "res.users", "res.groups", "ir.rule"):
        with refused("acl"):
            env[model].check_access("write")


def test_groups_are_given_to_employees(estate: Estate) -> None:
    admin = estate.as_("admin")
    made = admin["res.users"].create(
        {
            "login": "zoe",
            "partner_id": admin["res.partner"].create({"name": "Zoe"}).id,
            "company_id": admin.company.id,
            "company_ids": [Command.link(admin.company.id)],
            "groups_id": [Command.link(admin.ref("base.group_user").id)],
        }
    )
    with refused("acl"):
        estate.seen_by("zoe")
    made.write({"groups_id": [Command.link(admin.ref(AGENT).id)]})
    assert estate.as_("zoe").user.has_group(AGENT)
    assert estate.seen_by("zoe") == {"Barn"}


def test_groups_nobody_makes_themselves_a_manager(estate: Estate) -> None:
    agent = estate.as_("ada")
    with refused("acl"):
        agent["res.users"].browse(agent.uid).write({"groups_id": [Command.link(agent.ref(MANAGER).id)]})
