"""The executed cases of domains: what `filtered_domain` of 17.0, 18.0 and 19.0 answered."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ostiary.domain import from_python
from ostiary.records.errors import RecordsError
from ostiary.records.memory import filtered
from records.memory_models import (
    LA,
    LB,
    NAMES,
    P1,
    P2,
    SUPERUSER,
    T1,
    T2,
    T3,
    A,
    B,
    C,
    E,
    Z,
    rows,
    rows_of_the_cases,
)

CASES = Path(__file__).parents[3] / "shared" / "odoo" / "cases.json"
VERSIONS = ("17", "18", "19")

# What each case is called there, and its domain.
DOMAINS: dict[str, list[Any]] = {
    "num=0": [("num", "=", 0)],
    "num=False": [("num", "=", False)],
    "num!=0": [("num", "!=", 0)],
    "num!=1": [("num", "!=", 1)],
    "num>=0": [("num", ">=", 0)],
    "num<1": [("num", "<", 1)],
    "num<0": [("num", "<", 0)],
    "num in[0]": [("num", "in", [0])],
    "num in[1,False]": [("num", "in", [1, False])],
    "num not in[1]": [("num", "not in", [1])],
    "num not in[1,False]": [("num", "not in", [1, False])],
    "num in[]": [("num", "in", [])],
    "num not in[]": [("num", "not in", [])],
    "flag=True": [("flag", "=", True)],
    "flag!=True": [("flag", "!=", True)],
    "flag=False": [("flag", "=", False)],
    "flag!=False": [("flag", "!=", False)],
    "flag in[True,False]": [("flag", "in", [True, False])],
    "note=False": [("note", "=", False)],
    "note=''": [("note", "=", "")],
    "note!=False": [("note", "!=", False)],
    "note!=''": [("note", "!=", "")],
    "note!=xzy": [("note", "!=", "xzy")],
    "note not in[xzy]": [("note", "not in", ["xzy"])],
    "note in[xzy,False]": [("note", "in", ["xzy", False])],
    "note like x_y": [("note", "like", "x_y")],
    "note =like x_y": [("note", "=like", "x_y")],
    r"note =like x\_y": [("note", "=like", r"x\_y")],
    r"note like x\_y": [("note", "like", r"x\_y")],
    "name ilike ab": [("name", "ilike", "ab")],
    "name like ab": [("name", "like", "ab")],
    "name not ilike ab": [("name", "not ilike", "ab")],
    "note not like z": [("note", "not like", "z")],
    "name like %": [("name", "like", "%")],
    "name ilike ''": [("name", "ilike", "")],
    "name not ilike ''": [("name", "not ilike", "")],
    "note ilike False": [("note", "ilike", False)],
    "name ilike ed": [("name", "ilike", "ed")],
    "name =ilike abc": [("name", "=ilike", "abc")],
    "note =like ''": [("note", "=like", "")],
    "d<2024-02": [("d", "<", "2024-02-01")],
    "!d<2024-02": ["!", ("d", "<", "2024-02-01")],
    "d=False": [("d", "=", False)],
    "d!=2024-01-10": [("d", "!=", "2024-01-10")],
    "!num<0": ["!", ("num", "<", 0)],
    "dt>2024-01-10": [("dt", ">", "2024-01-10")],
    "dt<=2024-01-10": [("dt", "<=", "2024-01-10")],
    "dt=2024-01-10": [("dt", "=", "2024-01-10")],
    "dt=2024-02-10": [("dt", "=", "2024-02-10")],
    "dt>=2024-02-10": [("dt", ">=", "2024-02-10")],
    "sel!=a": [("sel", "!=", "a")],
    "sel=?False": [("sel", "=?", False)],
    "sel=?''": [("sel", "=?", "")],
    "sel=?a": [("sel", "=?", "a")],
    "!sel=?False": ["!", ("sel", "=?", False)],
    "num=?0": [("num", "=?", 0)],
    "par=P1id": [("par_id", "=", P1)],
    "par!=P1id": [("par_id", "!=", P1)],
    "par not in[P1]": [("par_id", "not in", [P1])],
    "par not in[P1,False]": [("par_id", "not in", [P1, False])],
    "par in[]": [("par_id", "in", [])],
    "par=False": [("par_id", "=", False)],
    "par=0": [("par_id", "=", 0)],
    "par=str P": [("par_id", "=", "P1")],
    "par ilike p": [("par_id", "ilike", "p")],
    "par not ilike P1": [("par_id", "not ilike", "P1")],
    "par != P1 str": [("par_id", "!=", "P1")],
    "par in [P1,P2] str": [("par_id", "in", ["P1", "P2"])],
    "par.name=P2(arch)": [("par_id.name", "=", "P2")],
    "par.name!=P1": [("par_id.name", "!=", "P1")],
    "!par.name=P1": ["!", ("par_id.name", "=", "P1")],
    "par.num=0": [("par_id.num", "=", 0)],
    "par.name=False": [("par_id.name", "=", False)],
    "par any[]": [("par_id", "any", [])],
    "par not any P1": [("par_id", "not any", [("name", "=", "P1")])],
    "par.active=False": [("par_id.active", "=", False)],
    "par_num=0 (related)": [("par_num", "=", 0)],
    "par_num=5": [("par_num", "=", 5)],
    "par_num!=5": [("par_num", "!=", 5)],
    "tag=t2": [("tag_ids", "=", T2)],
    "tag in[t2]": [("tag_ids", "in", [T2])],
    "tag not in[t2]": [("tag_ids", "not in", [T2])],
    "tag in[t3 arch]": [("tag_ids", "in", [T3])],
    "tag=False": [("tag_ids", "=", False)],
    "tag!=False": [("tag_ids", "!=", False)],
    "tag in[False]": [("tag_ids", "in", [False])],
    "tag in[t1,False]": [("tag_ids", "in", [T1, False])],
    "tag not in[False]": [("tag_ids", "not in", [False])],
    "tag.name=t3(arch)": [("tag_ids.name", "=", "t3")],
    "tag.name!=t2": [("tag_ids.name", "!=", "t2")],
    "!tag.name=t2": ["!", ("tag_ids.name", "=", "t2")],
    "tag ilike t2": [("tag_ids", "ilike", "t2")],
    "tag not ilike t2": [("tag_ids", "not ilike", "t2")],
    "tag=str t3": [("tag_ids", "=", "t3")],
    "tag any []": [("tag_ids", "any", [])],
    "tag not any []": [("tag_ids", "not any", [])],
    "tag not any t2": [("tag_ids", "not any", [("name", "=", "t2")])],
    "line=False": [("line_ids", "=", False)],
    "line!=False": [("line_ids", "!=", False)],
    "line in[lb arch]": [("line_ids", "in", [LB])],
    "line.name=lb(arch)": [("line_ids.name", "=", "lb")],
    "line not in[la]": [("line_ids", "not in", [LA])],
    "line any active False": [("line_ids", "any", [("active", "=", False)])],
    "line a&b separate": [("line_ids.name", "=", "la"), ("line_ids.name", "=", "la2")],
    "implicit and": [("num", "=", 1), ("flag", "=", True)],
    "or": ["|", ("num", "=", 1), ("sel", "=", "b")],
    "true": [(1, "=", 1)],
    "false": [(0, "=", 1)],
    "empty": [],
    "active in domain": [("active", "in", [True, False]), ("name", "=", "Zarch")],
    "active=False": [("active", "=", False)],
    "id in [a,False]": [("id", "in", [A, False])],
    "id=False": [("id", "=", False)],
    "id!=False": [("id", "!=", False)],
    "id=a": [("id", "=", A)],
    "par child_of": [("par_id", "child_of", [P1])],
    "op upper": [("name", "ILIKE", "ab")],
    "num>False": [("num", ">", False)],
    "d>False": [("d", ">", False)],
    "num='1' str": [("num", "=", "1")],
    "in scalar": [("num", "in", 1)],
    "flag=1": [("flag", "=", 1)],
    "par in False": [("par_id", "in", False)],
    "=list": [("num", "=", [1, 0])],
    "<>": [("num", "<>", 1)],
    "bad op": [("num", "~", 1)],
    "bad field": [("nope", "=", 1)],
    "any!": [("par_id", "any!", [("name", "=", "P1")])],
}

needs_cases = pytest.mark.skipif(
    not CASES.is_file(), reason="the executed cases (../shared/odoo/cases.json) are not here"
)


def answer(version: str, domain: list[Any], ids: list[int], model: str = "zz.rec") -> str:
    """The names of what passes, or the class of the error, as the cases write them."""
    source = rows(version, rows_of_the_cases() | tree())
    try:
        found = filtered(source, None, SUPERUSER, model, from_python(domain), ids)
    except RecordsError as error:
        return "!" + getattr(error, "error", "AccessError")
    return ",".join(NODES[one] if model != "zz.rec" else NAMES[one] for one in found)


@needs_cases
@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("name", DOMAINS)
def test_python_answers_as_odoo_did(name: str, version: str) -> None:
    expected = json.loads(CASES.read_text())["D.py  " + name][version]
    assert answer(version, DOMAINS[name], [A, B, C, E]) == expected.partition(":")[0]


NODES = {1: "r", 2: "k", 3: "g", 4: "o"}


def tree() -> dict[str, dict[int, dict[str, Any]]]:
    """A root, its archived child, a grandchild, and another root."""
    found = {
        1: {"name": "r", "active": True, "parent_id": None, "parent_path": "1/"},
        2: {"name": "k", "active": False, "parent_id": 1, "parent_path": "1/2/"},
        3: {"name": "g", "active": True, "parent_id": 2, "parent_path": "1/2/3/"},
        4: {"name": "o", "active": True, "parent_id": None, "parent_path": "4/"},
    }
    return {"zz.nodes": found, "zz.noden": found}


@needs_cases
@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("model", ["zz.nodes", "zz.noden"])
def test_python_finds_a_tree_as_odoo_did(model: str, version: str) -> None:
    expected = json.loads(CASES.read_text())[f"H {model}"][version]["py"]
    assert answer(version, [("id", "child_of", 1)], [1, 2, 3, 4], model) == expected


def test_the_names_of_the_cases_are_those_of_the_rows() -> None:
    assert {number: row["name"] for number, row in rows_of_the_cases()["zz.rec"].items()} == NAMES
    assert set(NAMES) == {A, B, C, E, Z}
    assert P2 == 2
