"""Reading the text of domains."""

from __future__ import annotations

import datetime

import pytest

from ostiary.domain import (
    FALSE,
    TRUE,
    And,
    Call,
    Choice,
    Concat,
    Domain,
    Each,
    HasGroup,
    IfElse,
    Literal,
    Negated,
    Not,
    Opaque,
    OpaqueValue,
    Or,
    Sequence,
    Subdomain,
    Symbol,
    Term,
    Truthy,
    Value,
    from_python,
    line_and_column,
    opaques,
    parse,
)


def term(name: str, value: object = 1) -> Term:
    return Term(name, "=", Literal(value))  # type: ignore[arg-type]


A, B, C, D = term("a"), term("b"), term("c"), term("d")
TA, TB, TC, TD = (f"('{name}', '=', 1)" for name in "abcd")
SELLER = HasGroup("shop.seller")
ASKS = "user.has_group('shop.seller')"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", TRUE),
        (" \n\t ", TRUE),
        ("[]", TRUE),
        ("()", TRUE),
        ("[(1, '=', 1)]", TRUE),
        ("[(True, '=', 1.0)]", TRUE),
        ("[[0, '=', 1]]", FALSE),
        (f"[{TA}]", A),
        (f"({TA},)", A),
        (f"[{TA}, {TB}]", And((A, B))),
        (f"['|', {TA}, {TB}, {TC}]", And((Or((A, B)), C))),
        (f"[{TA}, '|', {TB}, {TC}]", And((A, Or((B, C))))),
        (f"['|', '|', {TA}, {TB}, {TC}]", Or((A, B, C))),
        (f"['|', {TA}, '|', {TB}, {TC}]", Or((A, B, C))),
        (f"['|', '&', {TA}, {TB}, '!', {TC}]", Or((And((A, B)), Not(C)))),
        (f"['!', '|', {TA}, {TB}]", Not(Or((A, B)))),
        (f"\n   [  # only mine\n  {TA},\n ]\n", A),
        (f"[{TA}] + [{TB}]", And((A, B))),
        (f"['|'] + [{TA}] + [{TB}]", Or((A, B))),
        (f"[{TA}] if True else [{TB}]", A),
        (f"[{TA}] if {ASKS} else [{TB}]", IfElse(SELLER, A, B)),
        (f"{ASKS} and [{TA}] or [{TB}]", IfElse(SELLER, A, B)),
        (f"[{TA}] + ([{TB}] if {ASKS} else [])", And((A, IfElse(SELLER, B, TRUE)))),
        (f"['|', {TA}] + ([{TB}] if {ASKS} else [{TC}])", Or((A, IfElse(SELLER, B, C)))),
        (
            f"['|', {TA}] + ([{TB}, {TC}] if {ASKS} else [{TD}])",
            IfElse(SELLER, And((Or((A, B)), C)), Or((A, D))),
        ),
        (f"['|' if {ASKS} else '&', {TA}, {TB}]", IfElse(SELLER, Or((A, B)), And((A, B)))),
        (f"[{TA} if not {ASKS} else {TB}]", IfElse(Negated(SELLER), A, B)),
        ("[(name, '=', 1) for name in ('a', 'b')]", And((A, B))),
        (f"[*[{TA}], {TB}]", And((A, B))),
        ("[('x', 'any', [('a', '=', 1)])]", Term("x", "any", Subdomain(A))),
    ],
)
def test_structure(text: str, expected: Domain) -> None:
    assert parse(text) == expected


USER_COMPANIES = Symbol("user", ("company_ids", "ids"))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("user.partner_id.id", Symbol("user", ("partner_id", "id"))),
        ("company_ids", Symbol("company_ids")),
        ("user.sudo().partner_id.id", Symbol("user", ("partner_id", "id"))),
        ("user.mapped('company_ids.id')", USER_COMPANIES),
        ("user.company_ids.mapped('partner_id').ids", Symbol("user", ("company_ids", "partner_id", "ids"))),
        ("[c.id for c in user.company_ids]", USER_COMPANIES),
        ("list(user.company_ids.ids)", USER_COMPANIES),
        ("[x * 2 for x in (1, 2, 3) if x != 2]", Sequence((Literal(2), Literal(6)))),
        ("company_ids + [False]", Concat((Symbol("company_ids"), Sequence((Literal(False),))))),
        ("[1] + [2] + [user.id]", Sequence((Literal(1), Literal(2), Symbol("user", ("id",))))),
        ("{'x', 'x'}", Sequence((Literal("x"), Literal("x")))),
        ("'a' 'b' + 'c'", Literal("abc")),
        ("'%s-%d' % ('x', 3)", Literal("x-3")),
        ("'{}.{}'.format('x', 3)", Literal("x.3")),
        ("2 * 3 - 7", Literal(-1)),
        (
            "True if user.id else False",
            Choice(Truthy(Symbol("user", ("id",))), Literal(True), Literal(False)),
        ),
        (ASKS, Choice(SELLER, Literal(True), Literal(False))),
        ("user.x or 3", Choice(Truthy(Symbol("user", ("x",))), Symbol("user", ("x",)), Literal(3))),
        ("time.strftime('%Y')", Call(Symbol("time", ("strftime",)), (Literal("%Y"),))),
        (
            "[c.name for c in user.company_ids if c.active]",
            Each(
                Symbol("c", ("name",)),
                "c",
                Symbol("user", ("company_ids",)),
                Truthy(Symbol("c", ("active",))),
            ),
        ),
        # an empty partner gives False in the comprehension and nothing in `.ids`: it is not folded
        (
            "[c.partner_id.id for c in user.company_ids]",
            Each(Symbol("c", ("partner_id", "id")), "c", Symbol("user", ("company_ids",))),
        ),
    ],
)
def test_values(text: str, expected: Value) -> None:
    assert parse(f"[('f', '=', {text})]") == Term("f", "=", expected)


@pytest.mark.parametrize(
    "text",
    [
        "user.company_ids[0].id",
        "lambda: 1",
        "10 ** 10 ** 10",
        "'%1000000000d' % 1",
        "1 / 0",
        "user.id - 1",
        "f'{user.name}'",
        "b'x'",
        "{'a': 1}",
        "[x[0] for x in (1, 2)]",
        "'{:>9999999}'.format(1)",
        "('a' * 99999) * 99999",
    ],
)
def test_values_that_stay_unknown(text: str) -> None:
    domain = parse(f"[('f', '=', {text})]")
    assert isinstance(domain, Term)
    assert isinstance(domain.value, OpaqueValue)
    assert domain.value.text in text
    assert domain.value.why.endswith((".", "it", "domain"))


def test_a_group_asked_of_a_comprehension_variable_is_not_the_users() -> None:
    domain = parse("[('f', 'in', [user.has_group('shop.seller') for user in user.child_ids])]")
    assert isinstance(domain, Term)
    assert isinstance(domain.value, Each)
    assert domain.value.element == Call(Symbol("user", ("has_group",)), (Literal("shop.seller"),))


def test_long_but_flat_domains_are_read() -> None:
    terms = [f"('field_{number}', '!=', user.partner_id.id or -1)" for number in range(2_000)]
    domain = parse(f"[{', '.join(terms)}]")
    assert isinstance(domain, And)
    assert len(domain.items) == 2_000
    assert isinstance(parse(" + ".join(f"[{term}]" for term in terms[:250])), And)


def test_false_none_and_zero_are_three_values() -> None:
    values = [Literal(False), Literal(None), Literal(0), Literal(""), Literal(0.0)]
    assert len(set(values)) == 5
    assert Literal(True) != Literal(1)


@pytest.mark.parametrize(
    ("text", "why", "invalid"),
    [
        (f"['|', {TA}]", "lacks an operand", True),
        ("['!']", "lacks an operand", True),
        (TA, "neither an operator", True),
        ("[('a', '=')]", "three parts", True),
        ("[(1, '=', 0)]", "only (1, '=', 1)", True),
        ("[('a', 'near', 1)]", "not an operator", True),
        ("[('', '=', 1)]", "empty", True),
        ("[(name, '=', 1)]", "only known by running it", False),
        ("[('a', op, 1)]", "only known by running it", False),
        ("[extra, ('a', '=', 1)]", "only known by running it", False),
        ("make(user)", "only known by running it", False),
        ("False", "not a list", True),
        ("{}", "not a list", True),
        ("[('a', '=', 1)", "not valid Python", True),
        (f"[{TA}] and user.x", "'and'/'or'", False),
    ],
)
def test_what_is_no_domain_says_why(text: str, why: str, invalid: bool) -> None:
    [part] = list(opaques(parse(text)))
    assert isinstance(part, Opaque)
    assert why in part.why
    assert part.invalid is invalid
    assert part.text in text


def test_a_bad_term_leaves_the_others_readable() -> None:
    domain = parse(f"['|', {TA}, (field, '=', 1), {TB}]")
    assert isinstance(domain, And)
    first, second = domain.items
    assert isinstance(first, Or)
    assert first.items[0] == A
    assert isinstance(first.items[1], Opaque)
    assert second == B


def test_positions_are_characters_of_the_given_text() -> None:
    text = "\n  [\r\n  ('é', '=', 'ü'), ('b', '=', x[0]),\r ('c', '=', 1)]"
    domain = parse(text)
    assert isinstance(domain, And)
    for item, start in zip(domain.items, ("('é'", "('b'", "('c'"), strict=True):
        assert isinstance(item, Term)
        assert item.position == text.index(start)
    [opaque] = list(opaques(domain))
    assert opaque.position == text.index("x[0]")
    assert line_and_column(text, text.index("('c'")) == (4, 2)


def test_from_python_reads_what_text_cannot_hold() -> None:
    day = datetime.date(2024, 2, 29)
    moment = datetime.datetime(2024, 2, 29, 13, 5, 9)
    assert from_python([("d", "=", day), ("t", "=", moment)]) == And(
        (term("d", "2024-02-29"), term("t", "2024-02-29 13:05:09"))
    )
    strange = from_python([("d", "=", object())])
    assert isinstance(strange, Term)
    assert isinstance(strange.value, OpaqueValue)


@pytest.mark.parametrize("empty", [None, False, "", [], ()])
def test_no_domain_at_all_accepts_everything(empty: object) -> None:
    assert from_python(empty) == TRUE


@pytest.mark.parametrize("bad", [True, 3, "x", {}, [1], ["x"], ["|", ("a", "=", 1)], [("a", "=")], [None]])
def test_from_python_never_guesses(bad: object) -> None:
    assert list(opaques(from_python(bad)))
