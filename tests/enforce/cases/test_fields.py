"""Executed cases of field groups, asked of verbs (section 7)."""

from __future__ import annotations

from typing import Any

from enforce.cases.asking import Asking, Cases, Filled, run
from ostiary.policy import field_groups
from records.cases import REC, every
from records.fixture import needs_cases

pytestmark = needs_cases

SECRET = ("secret", "=", "S")


def abc(case: Asking, login: str = "iu") -> Any:
    return case.record(REC, "Abc", login)


def found(case: Asking, *domain: Any, order: str | None = None) -> str:
    return case.shown(case(REC, "iu").search(list(domain), order=order))


def created(case: Asking, values: dict[str, Any], **context: Any) -> Any:
    return case(REC, "iu", **context).create(values).sudo().secret


def fields_of(case: Asking, login: str | None = None) -> dict[str, Any]:
    return case(REC, login).fields_get()


def case_cached(case: Asking) -> Any:
    """One record cache for all: 17 and 18 give what somebody else has read."""
    record = abc(case)
    assert record.sudo().secret == "S"
    return record.secret


def case_set(case: Asking) -> None:
    abc(case).secret = "q"


def case_rule(case: Asking) -> str:
    case.rule(REC, "[('secret', '=', 'S')]")
    return found(case)


CASES: Cases = {
    135: ("F read explicit", lambda c: abc(c).read(["secret"])),
    136: ("F read all omits", lambda c: "secret" in abc(c).read()[0]),
    137: (
        "F fields_get omits",
        lambda c: ["secret" in fields_of(c, "iu"), "never" in fields_of(c, "sysu"), "never" in fields_of(c)],
    ),
    138: ("F read NO_ACCESS as system", lambda c: abc(c, "sysu").read(["never"])),
    139: ("F write", lambda c: abc(c).write({"secret": "x"})),
    140: ("F create", lambda c: created(c, {"name": "n", "secret": "x"})),
    141: ("F create via default_ ctx", lambda c: created(c, {"name": "n"}, default_secret="x")),
    142: ("F domain", lambda c: found(c, SECRET)),
    143: ("F domain m2m restricted", lambda c: found(c, ("stag_ids", "in", [c.ids["t1"]]))),
    144: ("F domain dotted via comodel field", lambda c: found(c, ("par_id.secret", "=", "s3"))),
    145: ("F order", lambda c: found(c, order="secret")),
    146: ("F groupby", lambda c: len(c(REC, "iu")._read_group([], ["secret"], ["__count"]))),
    147: ("F aggregate", lambda c: len(c(REC, "iu")._read_group([], [], ["secret:count"]))),
    148: (
        "F related of restricted has groups",
        lambda c: [field_groups(c.policy, REC, "par_secret").spec, "par_secret" in fields_of(c, "iu")],
    ),
    149: ("F attr direct", lambda c: abc(c).secret),
    150: ("F attr after sudo cached", case_cached),
    151: ("F attr set", case_set),
    152: ("F new() value", lambda c: c(REC, "iu").new({"secret": "q"}).secret),
    153: ("F copy by unprivileged", lambda c: c.shown(abc(c).copy())),
    154: ("F filtered_domain on restricted", lambda c: c.shown(abc(c).filtered_domain([SECRET]))),
    155: ("F rule on restricted field", case_rule),
}


@every(CASES)
def test_fields(tables: Filled, number: int) -> None:
    run(tables, *CASES[number])


@every(["F name_search ok"])
def test_a_search_by_name_needs_no_restricted_field(tables: Filled, number: str) -> None:
    run(tables, number, lambda c: len(c(REC, "iu").name_search("Abc")))
