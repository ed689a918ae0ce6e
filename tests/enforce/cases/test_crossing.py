"""Executed cases of what crosses models: domains, orders, groups, values and commands (section 5)."""

from __future__ import annotations

from typing import Any

from enforce.cases.asking import Asking, Cases, Filled, run
from records.cases import CREATE, LINE, PAR, READ, REC, TAG, UNLINK, USER, WRITE, every
from records.fixture import needs_cases

pytestmark = needs_cases

FALSE = "[(0, '=', 1)]"
T1 = "[('name', '=', 't1')]"
PLAIN = "zz.plain"
PAR_5 = ("par_id.num", "=", 5)


def closed(case: Asking, model: str = PAR) -> Asking:
    """The case without access rights on a model."""
    case.close(model)
    return case


def ruled(case: Asking, model: str, domain: str, **more: Any) -> Asking:
    case.rule(model, domain, **more)
    return case


def found(case: Asking, *domain: Any, order: str | None = None) -> str:
    return case.shown(case(REC, "iu").search(list(domain), order=order))


def read(case: Asking, field: str) -> Any:
    return case.record(REC, "Abc", "iu").read([field])[0][field]


def groups(case: Asking, field: str) -> Any:
    return case(REC, "iu")._read_group([], [field], ["__count"])


def case_groups_of_tags(case: Asking) -> list[Any]:
    by_tag = groups(ruled(case, TAG, T1), "tag_ids")
    return [[tag.id and tag.sudo().name, count] for tag, count in by_tag]


def written(case: Asking, name: str, **values: Any) -> Any:
    return case.record(REC, name, "iu").write(values)


def case_all_tags_taken_away(case: Asking) -> str:
    """Those that the user doesn't see stay."""
    written(ruled(case, TAG, T1), "Abc", tag_ids=[(5,)])
    case.invalidate()
    return case.shown(case.record(REC, "Abc").tag_ids)


def case_new_line(case: Asking) -> Any:
    case.close(LINE)
    case.right(LINE, USER, READ, WRITE, UNLINK)
    return written(case, "abd", line_ids=[(0, 0, {"name": "n"})])


CASES: Cases = {
    96: ("U user domain dotted no comodel ACL", lambda c: found(closed(c), PAR_5)),
    97: (
        "U user domain OR with forbidden comodel",
        lambda c: found(closed(c), "|", ("num", "=", 1), PAR_5),
    ),
    98: ("U user domain dotted comodel rule", lambda c: found(ruled(c, PAR, FALSE), PAR_5)),
    99: ("U user domain NOT dotted comodel rule", lambda c: found(ruled(c, PAR, FALSE), "!", PAR_5)),
    100: (
        "U user m2o in ids no comodel ACL",
        lambda c: found(closed(c), ("par_id", "in", [c.ids["P1"]])),
    ),
    101: ("U user m2o = str no comodel ACL", lambda c: found(closed(c), ("par_id", "=", "P1"))),
    102: (
        "U user m2m in ids no comodel ACL",
        lambda c: found(closed(c, TAG), ("tag_ids", "in", [c.ids["t1"]])),
    ),
    103: ("U user m2m !=False no comodel ACL", lambda c: found(closed(c, TAG), ("tag_ids", "!=", False))),
    104: (
        "U user o2m in ids no comodel ACL",
        lambda c: found(closed(c, LINE), ("line_ids", "in", [c.ids["la"]])),
    ),
    105: (
        "U user o2m !=False comodel rule false",
        lambda c: found(ruled(c, LINE, FALSE), ("line_ids", "!=", False)),
    ),
    106: ("U order by m2o no comodel ACL", lambda c: found(closed(c), order="par_id")),
    107: ("U groupby m2o no comodel ACL", lambda c: len(groups(closed(c), "par_id"))),
    108: ("U groupby m2m comodel rule", case_groups_of_tags),
    109: ("U related sudo field, no comodel ACL read", lambda c: read(closed(c), "par_num")),
    110: ("U related nosudo field, no comodel ACL read", lambda c: read(closed(c), "par_num_nosudo")),
    111: ("U related sudo search, no comodel ACL", lambda c: found(closed(c), ("par_num", "=", 5))),
    112: (
        "U related nosudo search, no comodel ACL",
        lambda c: found(closed(c), ("par_num_nosudo", "=", 5)),
    ),
    113: ("U m2o value read no comodel ACL", lambda c: read(closed(c), "par_id")[1]),
    114: ("U m2o field of corecord no ACL", lambda c: closed(c).record(REC, "Abc", "iu").par_id.name),
    115: ("U m2m read no comodel ACL", lambda c: len(read(closed(c, TAG), "tag_ids"))),
    116: (
        "U m2m (no active field) read no comodel ACL",
        lambda c: len(read(closed(c, PLAIN), "plain_ids")),
    ),
    117: ("U m2m read comodel rule filters", lambda c: len(read(ruled(c, TAG, T1), "tag_ids"))),
    118: ("U o2m read no comodel ACL", lambda c: len(read(closed(c, LINE), "line_ids"))),
    119: (
        "U o2m read comodel rule filters",
        lambda c: len(read(ruled(c, LINE, "[('name', '=', 'la')]"), "line_ids")),
    ),
    120: (
        "U m2m link unreadable (rule)",
        lambda c: written(ruled(c, TAG, T1), "abd", tag_ids=[(4, c.ids["t2"])]),
    ),
    121: ("U m2m set [] removes hidden?", case_all_tags_taken_away),
    122: (
        "U m2o set to unreadable (rule)",
        lambda c: written(ruled(c, PAR, FALSE), "abd", par_id=c.ids["P1"]),
    ),
    123: (
        "U o2m link unwritable line (rule)",
        lambda c: written(
            ruled(c, LINE, FALSE, modes=(WRITE, CREATE, UNLINK)), "abd", line_ids=[(4, c.ids["la"])]
        ),
    ),
    124: ("U o2m create line w/o create ACL", case_new_line),
}


@every(CASES)
def test_crossing(tables: Filled, number: int) -> None:
    run(tables, *CASES[number])


@every(["U user child_of m2o no comodel ACL"])
def test_what_has_no_parent_has_no_ancestors(tables: Filled, number: str) -> None:
    run(tables, number, lambda c: found(closed(c), ("par_id", "parent_of", [c.ids["P1"]])))
