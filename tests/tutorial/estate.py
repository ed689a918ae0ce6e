"""What the tests of the tutorial ask: as whom, of which property, and how a refusal is told from a right."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import msgspec
import pytest
import sqlalchemy as sa

from ostiary.enforce import AccessError, Environment, Records
from ostiary.policy import Origin, Policy, Question, RecordRule, User, Verdict, decide

PROPERTY, TYPE, TAG, INVOICE = (
    "estate.property",
    "estate.property.type",
    "estate.property.tag",
    "account.move",
)
HERE = Origin(path="tests/tutorial")


@dataclass(frozen=True)
class Estate:
    """A filled estate, over a connection that is rolled back after the test."""

    connection: sa.Connection
    policy: Policy

    def as_(self, user: str | User, policy: Policy | None = None, **options: Any) -> Environment:
        return Environment(self.connection, policy or self.policy, user=user, **options)

    def property(self, name: str, user: str = "mia") -> Records:
        """The property of a name, for a user: not looked at with their eyes yet."""
        found = self.as_("mia")[PROPERTY].search([("name", "=", name)]).ensure_one()
        return self.as_(user)[PROPERTY].browse(found.ids)

    def seen_by(self, user: str | User, policy: Policy | None = None, **options: Any) -> set[str]:
        """The names of the properties that a user finds."""
        return set(self.as_(user, policy, **options)[PROPERTY].search([]).mapped("name"))

    def sees_menu(self, user: str, menu: str) -> bool:
        decision = decide(self.policy, self.as_(user).subject, Question(menu=f"estate.estate_menu_{menu}"))
        return decision.verdict is Verdict.ALLOWED

    def with_rules(self, change: Callable[[RecordRule], RecordRule | None], *more: RecordRule) -> Policy:
        """The policy with its rules changed: those for which `change` gives None are dropped."""
        kept = [rule for one in self.policy.rules if (rule := change(one)) is not None]
        return msgspec.structs.replace(self.policy, rules=[*kept, *more])

    def without(self, *rules: str) -> Policy:
        """The policy without these rules, by their external ids."""
        missing = set(rules) - {rule.xmlid for rule in self.policy.rules}
        assert not missing, f"there are no such rules: {missing}"
        return self.with_rules(lambda rule: None if rule.xmlid in rules else rule)

    def with_manager_not_an_agent(self, policy: Policy | None = None) -> Policy:
        """The policy in which managers are employees, and no agents."""
        policy = policy or self.policy
        manager = policy.groups["estate.estate_group_manager"]
        implies = tuple(
            msgspec.structs.replace(link, group="base.group_user")
            if link.group == "estate.estate_group_user"
            else link
            for link in manager.implies
        )
        assert implies != manager.implies
        apart = msgspec.structs.replace(manager, implies=implies)
        return msgspec.structs.replace(policy, groups={**policy.groups, apart.xmlid: apart})


@contextmanager
def refused(kind: str) -> Iterator[None]:
    """What is done inside is refused, for this kind of reason."""
    with pytest.raises(AccessError) as error:
        yield
    assert error.value.kind == kind
