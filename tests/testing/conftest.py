"""What the tests of access tests share: the addons of the example, read once, and files that are about them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from database.conftest import server
from ostiary.testing.database import Databases
from ostiary.testing.reading import parse_tests
from ostiary.testing.run import FileResult, run_file
from ostiary.testing.target import Targets

__all__ = ["server"]

ROOT = Path(__file__).resolve().parents[2]
ESTATE = ROOT / "examples" / "estate" / "secured"
PEOPLE = """\
companies: {north: {}, south: {}}
users:
  anna: estate.estate_group_user
  bob: estate.estate_group_user
  maria: {groups: estate.estate_group_manager, companies: [north, south]}
  joel: {groups: portal, partner: joel_home}
records:
  res.partner:
    acme: {name: ACME, is_company: true}
    joel_home: {name: Joel, parent_id: acme}
  estate.property:
    house: {name: House, user_id: anna, company_id: north, buyer_id: acme, expected_price: 5}
    flat: {name: Flat, user_id: false, company_id: north, expected_price: 5}
    villa: {name: Villa, user_id: bob, company_id: south, expected_price: 5}
"""
Ran = Callable[..., FileResult]


@pytest.fixture(scope="session")
def targets() -> Targets:
    return Targets([str(ESTATE)], cache=False)


@pytest.fixture(scope="session")
def databases() -> Iterator[Databases]:
    with Databases() as made:
        yield made


@pytest.fixture(scope="session")
def run(targets: Targets, databases: Databases) -> Ran:
    """Run a file about the estate, of the people and records above and what is given. `alone`: without those."""

    def ran(text: str, *, alone: bool = False, on: Databases | None = None, **options: object) -> FileResult:
        tests = parse_tests(
            (text if alone else PEOPLE + text).encode(), Path("a.access.yaml"), "a.access.yaml"
        )
        policy = targets.policy_of(tests)
        return run_file(tests, policy, on or databases, **options)  # type: ignore[arg-type]

    return ran


def outcomes(result: FileResult) -> dict[str, str]:
    """The outcome of each expectation, by its title."""
    return {one.title: one.outcome.value for one in result.checked}
