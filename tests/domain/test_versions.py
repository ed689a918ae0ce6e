"""Versions as data, the table of operators, and the problems of a domain."""

from __future__ import annotations

import pytest

from ostiary.domain import OPERATORS, DomainSemantics, Problem, find_operator, parse, problems

VERSIONS = ("17", "18", "19", "next")


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("17", "17"), ("17.0", "17"), (17, "17"), (18.0, "18"), ("18.0", "18"), ("saas~18.2", "18"),
        ("saas-18.4", "18"), ("18.0+e", "18"), ("saas~19.1", "19"), ("saas~19.4", "next"), ("master", "next"),
        ("next", "next"), (" 19.0 ", "19"),
    ],
)  # fmt: skip
def test_versions_are_found(given: str | int | float, expected: str) -> None:
    assert DomainSemantics.of(given).version == expected


@pytest.mark.parametrize("unknown", ["16.0", "20", "", "x", "saas~", "1817", 3, "17x"])
def test_an_unknown_version_is_an_error_that_names_it(unknown: str | int) -> None:
    with pytest.raises(ValueError, match="unknown Odoo version") as caught:
        DomainSemantics.of(unknown)
    assert repr(unknown) in str(caught.value)
    assert "18" in str(caught.value)


def test_complements_are_mutual_and_of_the_same_sort() -> None:
    for row in OPERATORS.values():
        if row.complement is None:
            continue
        other = OPERATORS[row.complement]
        assert other.takes == row.takes
        assert other.complement in (row.name, row.same_as)
        assert row.negative != other.negative or row.name in ("<", "<=", ">", ">=")


@pytest.mark.parametrize(
    ("name", "valid"),
    [
        ("=", VERSIONS), ("<>", VERSIONS), ("==", VERSIONS[2:]), ("not =like", VERSIONS[2:]),
        ("any", VERSIONS), ("any!", VERSIONS[2:]), ("ILIKE", VERSIONS[2:]), ("NOT IN", VERSIONS[2:]), ("near", ()),
    ],
)  # fmt: skip
def test_where_an_operator_is_valid(name: str, valid: tuple[str, ...]) -> None:
    assert tuple(v for v in VERSIONS if DomainSemantics.of(v).operator(name)) == valid


def test_the_complement_depends_on_the_version() -> None:
    assert DomainSemantics.of(18).complement("=like") is None
    assert DomainSemantics.of(19).complement("=like") == "not =like"
    assert DomainSemantics.of(19).complement("IN") == "not in"
    assert DomainSemantics.of(18).complement("IN") is None
    assert DomainSemantics.of(18).complement("child_of") is None


def test_sorts_of_operators() -> None:
    hierarchical = {name for name, row in OPERATORS.items() if row.hierarchical}
    assert hierarchical == {"child_of", "parent_of"}
    assert {name for name, row in OPERATORS.items() if row.takes_list} == {"in", "not in"}
    assert {name for name, row in OPERATORS.items() if row.internal} == {"any!", "not any!"}
    assert find_operator("ANY") is OPERATORS["any"]
    assert find_operator("near") is None


def found(text: str, version: str = "18") -> list[Problem]:
    return problems(parse(text), DomainSemantics.of(version))


@pytest.mark.parametrize(
    ("text", "refused_in"),
    [
        ("[('a', '=', uid)]", VERSIONS),
        ("[('a', '=', user.id)]", ()),
        ("[('a', '<', time.strftime('%Y'))]", ("19",)),
        ("[('a', '<', datetime.date)]", VERSIONS),
        ("[('a', '=', context_today())]", VERSIONS),
        ("[('a', '=', user.__class__.x)]", VERSIONS),
        ("[('a', 'in', website.company_id.ids)]", ()),
        ("[('a', 'in', list(map(str, company_ids)))]", ()),
        ("[('a', 'any', [('b', '=', ref('x.y'))])]", VERSIONS),
        ("[('a', 'ILIKE', 'x')]", ("17", "18")),
        ("[('a', '==', 1)]", ("17", "18")),
        ("[('a', '<>', 1)]", ("17", "18")),
        ("[('a', 'any!', [])]", VERSIONS),
        ("[('a', 'near', 1)]", VERSIONS),
        ("['|', ('a', '=', 1)]", VERSIONS),
        ("[('a', '=', [c.name for c in user.company_ids])]", ()),
    ],
)
def test_what_odoo_refuses(text: str, refused_in: tuple[str, ...]) -> None:
    assert tuple(v for v in VERSIONS if any(p.certain for p in found(text, v))) == refused_in


@pytest.mark.parametrize(
    ("text", "versions"),
    [
        ("[('state', 'in', 'draft')]", ("17", "18")),
        ("[('user_id', 'in', user.id)]", ("17", "18")),
        ("[('user_ids', 'in', user.id)]", ()),
        ("[('user_id', 'in', [user.id])]", ()),
        ("[('state', '=', ['draft'])]", VERSIONS),
        ("[('a', '==', 1)]", ("19", "next")),
        ("[('a', 'IN', [1])]", ("19", "next")),
        ("[('day', '<', False)]", VERSIONS),
        ("[('a', '=', uid if user.x else 1)]", VERSIONS),
        ("[('a', '=', datetime.now().year)]", VERSIONS),
    ],
)
def test_what_odoo_may_refuse_or_misread(text: str, versions: tuple[str, ...]) -> None:
    assert tuple(v for v in VERSIONS if any(not p.certain for p in found(text, v))) == versions


def test_problems_say_where_and_what_to_do() -> None:
    text = "[('a', '=', 1), ('b', '=', uid)]"
    [problem] = found(text)
    assert problem.position == text.index("('b'")
    assert problem.message == "the name 'uid' is not known in a record rule in Odoo 18 (use user.id)"


def test_names_of_another_place_can_be_given() -> None:
    domain = parse("[('a', '=', uid), ('b', '=', user.id)]")
    [problem] = problems(domain, DomainSemantics.of(18), names={"uid"})
    assert "'user' is not known in this place" in problem.message


def test_an_unreadable_value_is_searched_for_unknown_names() -> None:
    messages = [problem.message for problem in found("[('a', '=', [x for x in env[0]][1])]")]
    assert any("'env'" in message for message in messages)
    assert not any("'x'" in message for message in messages)
