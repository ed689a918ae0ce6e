"""The tutorial as access tests in YAML: all hold on the secured estate, and it is known which fail on `open`.

`OSTIARY_UPDATE_SNAPSHOTS=1 pytest tests/tutorial/test_access_files.py` writes `open.txt` anew: read what changed.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from examples.estate.tutorial.people import ESTATE

from ostiary.testing.database import Databases
from ostiary.testing.reading import read_tests
from ostiary.testing.run import FileResult, run_file
from ostiary.testing.target import Targets

FAILING = Path(__file__).with_name("open.txt")
FILES = {path.name: path for path in sorted((ESTATE / "access").glob("*.access.yaml"))}
UPDATE = "OSTIARY_UPDATE_SNAPSHOTS"


@pytest.fixture(scope="module")
def databases() -> Iterator[Databases]:
    with Databases() as made:
        yield made


@pytest.fixture(scope="module")
def secured() -> Targets:
    return Targets()


@pytest.fixture(scope="module")
def as_left() -> Targets:
    return Targets([str(ESTATE / "open")])


def run(name: str, targets: Targets, databases: Databases) -> FileResult:
    tests = read_tests(FILES[name], name)
    return run_file(tests, targets.policy_of(tests), databases, most_explained=0)


@pytest.mark.parametrize("name", FILES)
def test_the_secured_estate_meets_every_expectation(
    name: str, secured: Targets, databases: Databases
) -> None:
    result = run(name, secured, databases)
    assert [one.title for one in result.checked if one.outcome != "passed"] == []
    assert len(result.checked) > 10


def test_the_open_estate_fails_these_expectations_and_no_others(
    as_left: Targets, databases: Databases
) -> None:
    lines = []
    for name in FILES:
        found = [one for one in run(name, as_left, databases).checked if one.outcome != "passed"]
        lines += [name, *sorted(f"  {one.outcome}: {one.title}" for one in found)]
        assert found, f"{name} does not tell the open estate from the secured one"
    text = "\n".join(lines) + "\n"
    if os.environ.get(UPDATE):
        FAILING.write_text(text, encoding="utf-8")
    assert text == FAILING.read_text(encoding="utf-8")
