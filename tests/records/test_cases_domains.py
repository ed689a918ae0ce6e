"""The executed cases of domains: a user's that cross models, trees, and every operator (sections 5, 10 and 11)."""

from __future__ import annotations

from typing import Any

from records.cases import (
    CREATE,
    LINE,
    PAR,
    READ,
    REC,
    TAG,
    UNLINK,
    USER,
    WRITE,
    Case,
    Cases,
    Tables,
    every,
    run,
)
from records.fixture import needs_cases
from records.test_memory_cases import DOMAINS

pytestmark = needs_cases

FALSE = "[(0, '=', 1)]"
PLAIN = "zz.plain"

# ------------------------------------------------------------------------------------ 5. crossing models

PAR_5 = ("par_id.num", "=", 5)


def closed(case: Case, model: str = PAR) -> Case:
    """The case without access rights on a model."""
    case.close(model)
    return case


def ruled(case: Case, model: str, domain: str, **more: Any) -> Case:
    case.rule(model, domain, **more)
    return case


def abc(case: Case, field: str) -> Any:
    return case.value("iu", REC, case.ids["Abc"], field)


def groups_of(case: Case, field: str) -> dict[Any, list[int]]:
    """The records that the user finds, by the field's value, or by each of its values."""
    found: dict[Any, list[int]] = {}
    for id_ in case.search("iu"):
        value = case.value("iu", REC, id_, field)
        for one in (value or (False,)) if isinstance(value, tuple) else (value,):
            found.setdefault(one, []).append(id_)
    return found


def case_groups_of_tags(case: Case) -> list[list[Any]]:
    groups = groups_of(ruled(case, TAG, "[('name', '=', 't1')]"), "tag_ids")
    return [[case.names(TAG, [one]) if one else False, len(found)] for one, found in groups.items()]


def case_line_of_a_parent(case: Case) -> bool:
    case.right(LINE, USER, READ, WRITE, UNLINK)
    return case.create("iu", LINE, name="n", rec_id=case.ids["abd"]) > 0


CROSSING: Cases = {
    96: ("U user domain dotted no comodel ACL", lambda c: closed(c).found("iu", [PAR_5])),
    97: (
        "U user domain OR with forbidden comodel",
        lambda c: closed(c).found("iu", ["|", ("num", "=", 1), PAR_5]),
    ),
    98: ("U user domain dotted comodel rule", lambda c: ruled(c, PAR, FALSE).found("iu", [PAR_5])),
    99: ("U user domain NOT dotted comodel rule", lambda c: ruled(c, PAR, FALSE).found("iu", ["!", PAR_5])),
    100: (
        "U user m2o in ids no comodel ACL",
        lambda c: closed(c).found("iu", [("par_id", "in", [c.ids["P1"]])]),
    ),
    101: ("U user m2o = str no comodel ACL", lambda c: closed(c).found("iu", [("par_id", "=", "P1")])),
    102: (
        "U user m2m in ids no comodel ACL",
        lambda c: closed(c, TAG).found("iu", [("tag_ids", "in", [c.ids["t1"]])]),
    ),
    103: (
        "U user m2m !=False no comodel ACL",
        lambda c: closed(c, TAG).found("iu", [("tag_ids", "!=", False)]),
    ),
    104: (
        "U user o2m in ids no comodel ACL",
        lambda c: closed(c, LINE).found("iu", [("line_ids", "in", [c.ids["la"]])]),
    ),
    105: (
        "U user o2m !=False comodel rule false",
        lambda c: ruled(c, LINE, FALSE).found("iu", [("line_ids", "!=", False)]),
    ),
    107: ("U groupby m2o no comodel ACL", lambda c: len(groups_of(closed(c), "par_id"))),
    108: ("U groupby m2m comodel rule", case_groups_of_tags),
    109: ("U related sudo field, no comodel ACL read", lambda c: abc(closed(c), "par_num")),
    110: ("U related nosudo field, no comodel ACL read", lambda c: abc(closed(c), "par_num_nosudo")),
    111: ("U related sudo search, no comodel ACL", lambda c: closed(c).found("iu", [("par_num", "=", 5)])),
    112: (
        "U related nosudo search, no comodel ACL",
        lambda c: closed(c).found("iu", [("par_num_nosudo", "=", 5)]),
    ),
    # The name of what a many2one leads to is read as superuser.
    113: ("U m2o value read no comodel ACL", lambda c: c.names(PAR, [abc(closed(c), "par_id")])),
    114: ("U m2o field of corecord no ACL", lambda c: c.value("iu", PAR, abc(closed(c), "par_id"), "name")),
    115: ("U m2m read no comodel ACL", lambda c: len(abc(closed(c, TAG), "tag_ids"))),
    116: (
        "U m2m (no active field) read no comodel ACL",
        lambda c: len(abc(closed(c, PLAIN), "plain_ids")),
    ),
    117: (
        "U m2m read comodel rule filters",
        lambda c: len(abc(ruled(c, TAG, "[('name', '=', 't1')]"), "tag_ids")),
    ),
    118: ("U o2m read no comodel ACL", lambda c: len(abc(closed(c, LINE), "line_ids"))),
    119: (
        "U o2m read comodel rule filters",
        lambda c: len(abc(ruled(c, LINE, "[('name', '=', 'la')]"), "line_ids")),
    ),
    122: (
        "U m2o set to unreadable (rule)",
        lambda c: ruled(c, PAR, FALSE).write("iu", REC, c.ids["abd"], par_id=c.ids["P1"]),
    ),
    # A line is put on a record by writing the line.
    123: (
        "U o2m link unwritable line (rule)",
        lambda c: ruled(c, LINE, FALSE, modes=(WRITE, CREATE, UNLINK)).write(
            "iu", LINE, c.ids["la"], rec_id=c.ids["abd"]
        ),
    ),
    124: ("U o2m create line w/o create ACL", lambda c: case_line_of_a_parent(closed(c, LINE))),
}


@every(CROSSING)
def test_crossing_models(tables: Tables, number: int, version: str) -> None:
    run(tables, *CROSSING[number])


# Cases without a number.
MORE: dict[str, Any] = {
    "U user child_of m2o no comodel ACL": lambda c: closed(c).found(
        "iu", [("par_id", "parent_of", [c.ids["P1"]])]
    ),
    "R active_test name_search": lambda c: c.search("iu", [("display_name", "ilike", "Zar")]),
    "R in-domain or-active nested": lambda c: c.found(None, ["|", ("active", "=", False), ("num", "=", 1)]),
    "R any-subdomain active does not disable": lambda c: c.found(
        None, [("par_id", "any", [("active", "=", False)])]
    ),
}


@every(MORE)
def test_more_domains(tables: Tables, number: str) -> None:
    run(tables, number, MORE[number])


# ------------------------------------------------------------------------------------ 10. trees


def tree(case: Case, model: str) -> dict[str, str]:
    """A root `r`, its archived child `k`, a grandchild `g`, and another root `o`: what finds which of them."""
    root = case.insert(model, name="r")
    child = case.insert(model, name="k", parent_id=root, active=False)
    leaf = case.insert(model, name="g", parent_id=child)
    other = case.insert(model, name="o")

    def found(*domain: Any, **more: Any) -> str:
        return case.found(None, domain, model, **more)

    return {
        "child_of": found(("id", "child_of", root)),
        "child_of_inactive_test": found(("id", "child_of", root), active_test=False),
        "parent_of": found(("id", "parent_of", leaf)),
        "child_of_False": found(("id", "child_of", False)),
        "child_of_[]": found(("id", "child_of", [])),
        "not child_of": found("!", ("id", "child_of", root)),
        "by name": found(("id", "child_of", "r")),
        "parent_id child_of": found(("parent_id", "child_of", root)),
        "py": case.filtered(None, [("id", "child_of", root)], root, child, leaf, other, model=model),
    }


TREES: Cases = {
    186: ("H zz.nodes", lambda c: tree(c, "zz.nodes")),
    187: ("H zz.noden", lambda c: tree(c, "zz.noden")),
}


@every(TREES)
def test_trees(tables: Tables, number: int) -> None:
    run(tables, *TREES[number])


# ------------------------------------------------------------------------------------ 11. operators

# In the order of the cases; ids in the domains are those of the fixture.
OPERATORS = dict(enumerate(DOMAINS, 188))
FOUR = ("Abc", "abd", "C%d", "Éd")


@every(OPERATORS)
def test_operators(tables: Tables, number: int) -> None:
    """Searched with SQL, and filtered in Python."""
    name = OPERATORS[number]
    run(tables, f"D.sql {name}", lambda c: c.found(None, DOMAINS[name]))
    run(tables, f"D.py  {name}", lambda c: c.filtered(None, DOMAINS[name], *(c.ids[one] for one in FOUR)))


@every([176])
def test_a_user_can_not_pass_by_the_rights(tables: Tables, number: int) -> None:
    domain = [("par_id", "any!", [("num", "=", 5)])]
    run(tables, "P rpc any! in domain", lambda c: c.count("iu", domain))
