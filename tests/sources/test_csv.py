"""CSV files as an import takes them."""

from __future__ import annotations

from typing import Any

import pytest

from ostiary.policy import Policy
from ostiary.sources.addons.csv_data import read_csv
from sources.build import BOOK, MODELS, MakeAddon, ReadAddon, problems, right

PATH = "security/ir.model.access.csv"


@pytest.fixture
def load(addon: MakeAddon, read: ReadAddon) -> Any:
    def make(content: str | bytes, path: str = PATH) -> Policy:
        addon("lib", python=BOOK, files={path: content})
        return read()

    return make


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("1", True), ("0", False), ("", False), ("True", True), ("TRUE", True), ("False", False), ("no", False),
        ("yes", True), ("off", True), ("2", True), (" 0", True),
    ],
)  # fmt: skip
def test_booleans_are_those_of_an_import(load: Any, cell: str, expected: bool) -> None:
    policy = load(f"id,model_id:id,perm_write\nx,model_lib_book,{cell}\n")
    assert bool(right(policy, "lib.x").modes) is expected


def test_an_empty_cell_of_active_is_false_and_a_missing_column_is_the_default(load: Any) -> None:
    assert not right(load("id,model_id:id,active\nx,model_lib_book,\n"), "lib.x").active
    assert right(load("id,model_id:id\nx,model_lib_book\n"), "lib.x").active


@pytest.mark.parametrize("mark", [":", "/"])
def test_references(load: Any, mark: str) -> None:
    policy = load(
        f'"id","name","model_id{mark}id","group_id{mark}id","perm_read"\r\n'
        'a,"Say ""so"", in\ntwo lines",model_lib_book,base.group_user,1\r\n'
        "\r\n"
        ",,,,\r\n"
        "lib.b,B,lib.model_lib_book,,0\r\n"
    )
    first, second = right(policy, "lib.a"), right(policy, "lib.b")
    assert (first.name, first.group, first.origin.line) == ('Say "so", in\ntwo lines', "base.group_user", 2)
    assert (second.group, second.modes, second.origin.line) == (None, (), 6)
    assert policy.problems == []


def test_plain_columns_hold_names(load: Any) -> None:
    policy = load("id,model_id,perm_read\nx,lib.book,1\n")
    assert right(policy, "lib.x").model == "lib.book"


def test_the_files_name_says_the_model_up_to_a_dash(load: Any) -> None:
    policy = load('id,name,implied_ids:id\ng,G,"base.group_user,base.group_portal"\n', "res.groups-more.csv")
    assert [link.group for link in policy.groups["lib.g"].implies] == ["base.group_user", "base.group_portal"]


@pytest.mark.parametrize(
    ("content", "message", "line", "fatal"),
    [
        (b"\xef\xbb\xbfid,model_id:id\nx,model_lib_book\n", "byte order mark", 1, True),
        (b"id,name\nx,a\ny,\xe9\n", "not UTF-8", 3, True),
        (b"\nid,name\nx,y\n", "first line is blank", 1, True),
        (b"id,name\nx,y,z\n", "3 cells, the header 2", 2, False),
        (b"id,name,group_id:id\n\nx,y\n", "2 cells, the header 3", 3, True),
        (b"id,name,active\nx,y\n", "2 cells, the header 3", 2, False),
        (b"name,model_id:id\nx,model_lib_book\n", "no `id` column", 1, False),
        (b"id,name\rx,y\n", "malformed", 0, True),
    ],
)
def test_what_is_wrong_with_a_file(content: bytes, message: str, line: int, fatal: bool) -> None:
    _, found = read_csv(content, "lib", PATH)
    assert len(found) == 1 and message in found[0].message
    assert (found[0].line, found[0].fatal) == (line or found[0].line, fatal)


def test_a_byte_order_mark_does_not_hide_what_the_file_was_meant_to_say(load: Any) -> None:
    assert right(load("\ufeffid,model_id:id,perm_read\nx,model_lib_book,1\n"), "lib.x").modes


@pytest.mark.parametrize("content", ["", "id,name\n", "\n\n"])
def test_a_file_without_rows(content: str) -> None:
    assert read_csv(content.encode(), "lib", PATH)[0] == []


def test_an_unknown_model_is_a_problem_at_its_row(load: Any) -> None:
    policy = load("id,model_id:id,perm_read\na,model_lib_book,1\nb,model_nope,1\nc,lib.whatever,1\n")
    found = problems(policy, "unknown-model")
    assert [(item.origin.line, item.fatal) for item in found] == [(3, True), (4, True)]
    assert [item.xmlid for item in policy.rights if item.origin.module == "lib"] == ["lib.a"]


def test_a_model_of_a_module_that_was_not_read_is_unresolved_once(load: Any) -> None:
    policy = load("id,model_id:id\na,sale.model_sale_order\nb,sale.model_sale_order\n")
    assert [(item.kind, item.name) for item in policy.unresolved] == [("model", "sale.order")]
    assert policy.models["sale.order"].unresolved and policy.problems == []


def test_an_external_id_that_may_be_of_two_models_is_of_the_one_the_module_has(
    addon: MakeAddon, read: ReadAddon
) -> None:
    addon("one", python=MODELS + "class A(models.Model):\n    _name = 'a.b_c'\n")
    addon(
        "two",
        python=MODELS + "class A(models.Model):\n    _name = 'a_b.c'\n",
        manifest={"depends": ["one"]},
        files={PATH: "id,model_id:id,perm_read\nx,model_a_b_c,1\ny,one.model_a_b_c,1\n"},
    )
    policy = read()
    assert [right(policy, name).model for name in ("two.x", "two.y")] == ["a_b.c", "a.b_c"]
    assert policy.problems == []


def test_a_module_owns_a_model_it_only_extends(addon: MakeAddon, read: ReadAddon) -> None:
    addon("one", python=BOOK)
    extends = MODELS + "class B(models.Model):\n    _inherit = 'lib.book'\n"
    addon(
        "two",
        python=extends,
        manifest={"depends": ["one"]},
        files={PATH: "id,model_id:id\nx,model_lib_book\n"},
    )
    addon("three", manifest={"depends": ["one"]}, files={PATH: "id,model_id:id\nx,model_lib_book\n"})
    policy = read()
    assert right(policy, "two.x").model == "lib.book"
    found = problems(policy, "unknown-model")
    assert [item.origin.module for item in found] == ["three"] and "one.model_lib_book" in found[0].message


def test_a_file_nothing_loads_is_told_with_what_it_would_have_defined(
    addon: MakeAddon, read: ReadAddon
) -> None:
    rows = "id,model_id:id,perm_read\nx,model_lib_book,1\n"
    addon("lib", python=BOOK, manifest={"data": []}, files={PATH: rows, "hooks.py": f"# {PATH}\n"})
    found = read().unloaded
    assert [(item.path, item.mentioned) for item in found] == [(PATH, False)]
    assert found[0].origin.path.endswith(f"lib/{PATH}")
    assert [(item.xmlid, item.model) for item in found[0].rights] == [("lib.x", "lib.book")]
