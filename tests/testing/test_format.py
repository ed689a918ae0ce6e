"""What may be written in a file of access tests, and what is said of what may not."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from ostiary.prove.bounded_yaml import MOST_BYTES, read_yaml
from ostiary.testing.find import NoTests, addons_of, files_at
from ostiary.testing.format import schema
from ostiary.testing.mistakes import InvalidTests
from ostiary.testing.reading import parse_tests, read_tests
from ostiary.testing.target import Targets
from testing.conftest import ROOT, Ran, outcomes

SCHEMA = ROOT / "docs" / "access-tests.schema.json"
PAGE = ROOT / "docs" / "access-tests.md"


def refused(text: str | bytes) -> str:
    """What is said of a file that can't be read, without its name."""
    with pytest.raises(InvalidTests) as caught:
        parse_tests(text if isinstance(text, bytes) else text.encode(), Path("a.access.yaml"), "a")
    (message,) = caught.value.mistakes
    assert message.endswith((".", "?"))
    return message.removeprefix("a:")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "1: the file is empty."),
        ("version: 2", "1: this Ostiary reads version 1 of access tests, not 2."),
        ("version: 1\nexpet: []", "2: there is no `expet` here; did you mean expect?"),
        ("users:\n  anna: {grups: portal}", "2: there is no `grups` here; did you mean groups?"),
        ("users:\n  anna: {}", "2: `groups` is missing."),
        ("users:\n  Anna: portal", "2: `Anna` is not named as it should be: a name has small letters (a to z), "
         "digits and underscores."),
        ("records:\n  a.b:\n    house: 3", "3: `house` is a number, and should be a mapping or nothing."),
        ("expect:\n - who: anna\n   can: {raed: house}", "3: there is no `raed` here; did you mean read?"),
        ("expect:\n - {who: anna, can: {read: {}}}", "2: `read` is empty."),
        ("expect:\n - can: {read: house}", "2: `who` is missing."),
        ("users: {a: portal, a: portal}", "1: `a` is given twice."),
        ("users: &x {a: portal}\ncompanies: *x", "2: aliases (*x) are not read."),
        ("users: !!python/object:os.system {}", "1: tags (tag:yaml.org,2002:python/object:os.system) are not read."),
        (b"\xff", "1: the file is not UTF-8."),
        (b"#" * (MOST_BYTES + 1), f"1: the file is larger than {MOST_BYTES // 1024} KiB."),
    ],
)  # fmt: skip
def test_a_mistake_is_one_sentence_with_its_line(text: str | bytes, said: str) -> None:
    assert refused(text) == said


def test_every_mistake_in_the_form_is_told_of_at_once() -> None:
    text = """\
users:
  anna: {grups: portal}
  Bob: portal
records: []
expect:
  - {who: anna, can: {raed: house}}
  - {can: {read: house}}
why: x
"""
    with pytest.raises(InvalidTests) as caught:
        parse_tests(text.encode(), Path("a.access.yaml"), "a")
    assert [one.split(":")[1] for one in caught.value.mistakes] == ["2", "3", "6", "7", "4", "8"]


def test_a_file_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(InvalidTests, match=r"none\.yaml: No such file or directory\.$"):
        read_tests(tmp_path / "none.yaml")


# -- the schema and the page -----------------------------------------------------------------------------------


def published() -> Any:
    return json.loads(SCHEMA.read_text("utf-8"))


def test_the_published_schema_is_that_of_the_reader() -> None:
    assert published() == schema()
    jsonschema.Draft202012Validator.check_schema(published())


def blocks() -> list[str]:
    """The examples of the page."""
    return re.findall(r"```yaml\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)


@pytest.mark.parametrize("text", blocks())
def test_the_examples_of_the_page_fit_the_schema_and_the_reader(text: str) -> None:
    jsonschema.validate(read_yaml(text.encode()).value, published())
    parse_tests(text.encode(), Path("a.access.yaml"), "a")


def test_the_example_of_the_page_passes_and_comes_to_what_the_page_says(run: Ran) -> None:
    result = run(blocks()[0], alone=True)
    assert set(outcomes(result).values()) == {"passed"}
    assert f"{len(result.checked)} passed" in PAGE.read_text("utf-8")


@pytest.mark.parametrize(
    "value",
    [
        {"expet": []},
        {"version": 2},
        {"users": {"anna": {}}},
        {"users": {"Anna": "portal"}},
        {"records": {"a.b": {"house": 3}}},
        {"expect": [{"can": {"read": "house"}}]},
        {"expect": [{"who": "anna", "can": {"raed": "house"}}]},
    ],
)
def test_what_the_reader_refuses_the_schema_refuses_too(value: object) -> None:
    refused(json.dumps(value))
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(value, published())


# -- finding files and addons ----------------------------------------------------------------------------------


def test_files_are_found_by_their_ending_and_by_their_folder(tmp_path: Path) -> None:
    for name in (
        "a/b.access.yaml",
        "a/access/any.yaml",
        "a/other.yaml",
        ".git/c.access.yaml",
        "a/static/d.access.yaml",
    ):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("")
    (tmp_path / "a/none").mkdir()
    assert [one.relative_to(tmp_path).as_posix() for one in files_at([tmp_path])] == [
        "a/access/any.yaml",
        "a/b.access.yaml",
    ]
    assert files_at([tmp_path / "a/other.yaml"]) == [tmp_path / "a/other.yaml"]
    with pytest.raises(NoTests, match="There are no access tests in"):
        files_at([tmp_path / "a/none"])
    with pytest.raises(NoTests, match="There is no"):
        files_at([tmp_path / "b"])


def test_a_file_is_about_the_addon_it_lies_in_or_those_beside_it(tmp_path: Path) -> None:
    addon = tmp_path / "addons" / "shop"
    addon.mkdir(parents=True)
    (addon / "__manifest__.py").write_text("{'name': 'Shop', 'version': '18.0.1.0.0'}")
    assert addons_of(addon / "access" / "a.yaml") == (addon, tmp_path / "addons")
    assert addons_of(tmp_path / "addons" / "a.access.yaml") == (None, tmp_path / "addons")
    tests = parse_tests(b"{}", addon / "a.access.yaml", "a")
    place = Targets(cache=False).place_of(tests)
    assert [Path(one).resolve() for one in place.targets] == [addon]
    assert [Path(one).resolve() for one in place.addons_path] == [tmp_path / "addons"]
    alone = parse_tests(b"{}", Path("/a.access.yaml"), "a")
    with pytest.raises(InvalidTests, match="there is no addon here or in the folders above"):
        Targets(cache=False).place_of(alone)


def test_a_database_is_no_target(tmp_path: Path) -> None:
    tests = parse_tests(b"target: postgresql://localhost/x", tmp_path / "a.access.yaml", "a")
    with pytest.raises(InvalidTests, match="is no path"):
        Targets(cache=False).place_of(tests)
