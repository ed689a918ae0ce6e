"""What a domain says to a reader who does not write domains."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from domain.strategies import domains
from ostiary.domain import Domain, parse, to_english

SEEN = [
    ("[]", "always"),
    ("[(0, '=', 1)]", "never"),
    ("[('user_id', '=', user.id)]", "user_id is the user"),
    ("[('active', '=', True)]", "active is true"),
    ("[('owner_id', '=', False)]", "owner_id is not set"),
    ("[('tag_ids', '!=', False)]", "tag_ids are set"),
    ("[('state', 'in', ['open'])]", "state is 'open'"),
    ("[('state', 'in', ['open', 'late', 'done'])]", "state is one of 'open', 'late' or 'done'"),
    ("[('state', 'not in', ['open', 'late'])]", "state is none of 'open' or 'late'"),
    ("[('state', 'not in', ['open', False])]", "state is not 'open' and is set"),
    ("[('member_ids', 'in', user.partner_id.id)]", "member_ids include the user's partner"),
    ("[('member_ids', 'not in', [user.partner_id.id])]", "member_ids do not include the user's partner"),
    (
        "[('partner_id', 'child_of', [user.commercial_partner_id.id]), "
        "('company_id', 'in', company_ids + [False])]",
        "partner_id is the user's commercial partner or inside its tree, and "
        "company_id is one of the user's active companies or is not set",
    ),
    (
        "[('company_id', 'parent_of', company_ids)]",
        "company_id is one of the user's active companies or a parent of one",
    ),
    (
        "['|', ('a', '=', 1), '&', ('b', '>', 2), ('c', 'ilike', 'x')]",
        "a is 1, or (b is more than 2 and c contains 'x' (in any case))",
    ),
    ("[('a', '=', 1), ('b', '=', 2), ('c', '=', 3)]", "a is 1, b is 2 and c is 3"),
    ("['!', ('a', '<', 1)]", "it is not so that a is less than 1"),
    ("['!', '|', ('a', '=', 1), ('b', '=', 1)]", "not (a is 1 or b is 1)"),
    (
        "[('line_ids', 'any', [('seller_id', '=', user.id), ('done', '=', False)])]",
        "some record of line_ids is one where (seller_id is the user and done is not set)",
    ),
    ("[('shop_id', 'not any', [('open', '=', True)])]", "shop_id is not one where (open is true)"),
    (
        "[(1, '=', 1)] if user.has_group('shop.boss') else [('user_id', '=', user.id)]",
        "if the user is in the group shop.boss, then always; otherwise user_id is the user",
    ),
    ("[('a', '=', user.employee_id.parent_id.id)]", "a is the user's employee's parent"),
    ("[('a', '<', time.strftime('%Y'))]", "a is less than the result of time.strftime of '%Y'"),
    ("[('a', '=', user.x[0])]", "a is a value Ostiary cannot read (`user.x[0]`)"),
    ("make( user )", "a condition Ostiary cannot read (`make( user )`)"),
]


@pytest.mark.parametrize(("text", "english"), SEEN)
def test_english(text: str, english: str) -> None:
    assert to_english(parse(text)) == english


def test_labels_are_asked_for_with_the_whole_path() -> None:
    labels = {"partner_id.name": "Customer's name", "line_ids": "Lines", "line_ids.product_id": "Product"}
    text = "[('partner_id.name', '=', 'x'), ('line_ids', 'any', [('product_id', '=', 3)])]"
    assert to_english(parse(text), labels.__getitem__) == (
        "Customer's name is 'x' and some record of Lines is one where (Product is 3)"
    )


@settings(max_examples=100, deadline=None)
@given(domains())
def test_every_field_is_named(domain: Domain) -> None:
    named: list[str] = []
    text = to_english(domain, lambda path: named.append(path) or f"<{path}>")  # type: ignore[func-returns-value]
    assert all(f"<{path}>" in text for path in named)
    assert text.count("(") == text.count(")") or "'" in text or '"' in text
