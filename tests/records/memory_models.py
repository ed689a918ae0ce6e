"""Models and rows to evaluate domains on in memory: those of the executed conformance cases."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from ostiary.policy import Field, Model, Module, Origin, Policy, Subject
from ostiary.records.memory import Rows
from ostiary.records.schema import Schema
from ostiary.records.session import Session

ORIGIN = Origin(module="zz", path="models.py", line=1)
Data = dict[str, dict[int, dict[str, Any]]]


def field(name: str, type_: str, **more: Any) -> Field:
    return Field(origin=ORIGIN, name=name, type=type_, module="zz", **more)


def model(name: str, *fields: Field, **more: Any) -> Model:
    return Model(origin=ORIGIN, name=name, modules=("zz",), fields={one.name: one for one in fields}, **more)


def models() -> dict[str, Model]:
    name, active = field("name", "char"), field("active", "boolean")
    found = [
        model(
            "zz.rec",
            name,
            field("note", "char"),
            field("num", "integer"),
            field("amount", "float"),
            field("flag", "boolean"),
            field("d", "date"),
            field("dt", "datetime"),
            field("sel", "selection"),
            field("par_id", "many2one", comodel="zz.par"),
            field(
                "tag_ids",
                "many2many",
                comodel="zz.tag",
                relation_table="zz_rec_tags",
                relation_columns=("rec_id", "tag_id"),
            ),
            field("line_ids", "one2many", comodel="zz.line", inverse="rec_id"),
            field("par_num", "integer", related="par_id.num", store=False),
            field("made", "char", compute="_compute_made", store=False),
            active,
        ),
        model("zz.par", name, field("num", "integer"), active),
        model("zz.tag", name, active),
        model("zz.line", name, field("rec_id", "many2one", comodel="zz.rec"), active),
        model(
            "zz.nodes",
            name,
            active,
            field("parent_id", "many2one", comodel="zz.nodes"),
            field("parent_path", "char"),
            parent_store=True,
        ),
        model("zz.noden", name, active, field("parent_id", "many2one", comodel="zz.noden")),
    ]
    return {one.name: one for one in found}


def policy(version: str) -> Policy:
    modules = {"zz": Module(origin=ORIGIN, name="zz")}
    return Policy(odoo=f"{version}.0", modules=modules, models=models())


A, B, C, E, Z = 1, 2, 3, 4, 5
P1, P2 = 1, 2
T1, T2, T3 = 1, 2, 3
LA, LB, LA2 = 1, 2, 3
NAMES = {A: "Abc", B: "abd", C: "C%d", E: "Éd", Z: "Zarch"}


def rows_of_the_cases() -> Data:
    """The records that the cases were executed on."""
    return {
        "zz.par": {P1: {"name": "P1", "num": 5, "active": True}, P2: {"name": "P2", "num": 0, "active": False}},
        "zz.tag": {
            T1: {"name": "t1", "active": True},
            T2: {"name": "t2", "active": True},
            T3: {"name": "t3", "active": False},
        },
        "zz.line": {
            LA: {"name": "la", "rec_id": A, "active": True},
            LB: {"name": "lb", "rec_id": B, "active": False},
            LA2: {"name": "la2", "rec_id": A, "active": True},
        },
        "zz.rec": {
            A: {
                "name": "Abc", "note": "x_y", "num": 1, "flag": True, "d": date(2024, 1, 10),
                "dt": datetime(2024, 1, 10, 12), "sel": "a", "par_id": P1, "tag_ids": [T1, T2], "active": True,
            },
            B: {
                "name": "abd", "note": "xzy", "num": 0, "flag": False, "d": date(2024, 2, 10),
                "dt": datetime(2024, 2, 10), "sel": "b", "par_id": P2, "tag_ids": [T3], "active": True,
            },
            C: {"name": "C%d", "note": "", "num": None, "flag": None, "active": True},
            E: {"name": "Éd", "num": -2, "flag": False, "par_id": P1, "tag_ids": [T2], "active": True},
            Z: {"name": "Zarch", "num": 0, "flag": False, "active": False},
        },
    }  # fmt: skip


def rows(version: str, data: Data) -> Rows:
    return Rows(Schema(policy(version)), data)


SUPERUSER = Session(Subject("superuser", frozenset(), None, True, "superuser"), uid=1, superuser=True)
