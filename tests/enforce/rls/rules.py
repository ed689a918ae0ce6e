"""Rules of many shapes. Each is one copy of the model's; `groups` are those of the rule, none for a global one."""

from __future__ import annotations

import random

DOMAINS = (
    "[]",
    "[(0, '=', 1)]",
    "[('user_id', '=', user.id)]",
    "['|', ('user_id', '=', user.id), ('user_id', '=', False)]",
    "[('user_id', '!=', user.id)]",
    "['!', ('user_id', '=', user.id)]",
    "[('user_id', 'not in', [user.id, False])]",
    "[('company_id', 'in', company_ids)]",
    "[('company_id', 'in', company_ids + [False])]",
    "[('company_id', 'not in', company_ids)]",
    "[('company_id', '=', company_id)]",
    "[('company_id', '=', user.company_id.id)]",
    "[('company_id', 'in', user.company_ids.ids)]",
    "[('partner_id', '=', user.partner_id.id)]",
    "[('partner_id', 'child_of', user.partner_id.commercial_partner_id.id)]",
    "[('partner_id', 'child_of', user.commercial_partner_id.id)]",
    "[('partner_id.commercial_partner_id', '=', user.partner_id.commercial_partner_id.id)]",
    "['|', ('partner_id.parent_id', '=', user.partner_id.id), ('flag', '=', True)]",
    "[('partner_id', '=', user.partner_id.parent_id.id)]",
    "[('tree_id', 'child_of', %(tree)s)]",
    "[('tree_id', 'parent_of', %(tree)s)]",
    "[('tree_id.user_id', '=', user.id)]",
    "['|', ('tree_id.user_id', '=', user.id), ('amount', '>', 0)]",
    "[('tree_id.code', '=', 'x'), ('state', 'in', ['a', False])]",
    "[('name', '=', user.login)]",
    "[('name', '=', \"x'\\\\\\\\%%\")]",
    "[('state', '=', 'a')] if user.has_group('zz.boss') else [('user_id', '=', user.id)]",
    "[('amount', '>=', 1)] if user.partner_id.parent_id else [('amount', '<', 1)]",
    "[('flag', '=', user.share)]",
    "[('flag', '!=', False)]",
    "[('amount', '<', 1), ('ratio', '!=', 2.0)]",
    "[('day', '<', '2023-01-01')]",
    "[('parent_id.user_id', '=', user.id)]",
    "[('id', '=', user.id)]",
    "[('company_id', '=', 1)] if user.company_id.id == 1 else [('company_id', '!=', 1)]",
    "[('user_id', 'in', [x for x in user.company_ids.ids])]",
    "['!', '|', ('user_id', '=', user.id), ('state', '=', 'a')]",
    "['!', '&', ('flag', '=', True), ('company_id', 'in', company_ids)]",
    # What only reading can be held for, in some version, and then for which no record can be made.
    "[('company_id', 'child_of', company_ids)]",
    "[('company_id', 'parent_of', company_ids)]",
    "[('name', 'ilike', user.login)]",
    "[('tag_ids', '=', False)]",
    "[('tag_ids', 'in', %(tag)s)]",
    "[('tag_ids.user_ids', 'in', user.id)]",
    "[('tag_ids.user_ids', '=', user.id)]",
    "[('tag_ids', 'not in', %(tag)s)]",
    "[('child_ids.user_id', '=', user.id)]",
    "[('parent_id', 'child_of', %(first)s)]",
    "[('id', 'child_of', %(first)s)]",
)

REFUSED = (
    ("[('computed', '=', 'x')]", "computed"),
    ("[('day', '<', time.strftime('%Y-%m-%d'))]", "strftime"),
    ("[('user_id', 'in', user.company_id.undeclared())]", "undeclared"),
    ("[('amount', '=', user.partner_id.color)]", ""),
    ("[('amount', '=', len(company_ids))]", "len"),
    ("[('user_id', '=', 2147000000)]", "2147000000"),
    ("[('missing', '=', 1)]", "missing"),
    ("not a domain", "domain"),
    ("[('tree_id', 'child_of', 'root')]", "looked up"),
)


def paired() -> list[list[tuple[str, tuple[str, ...]]]]:
    """All the domains, two for one model: one binds agents, the other portal users."""
    agents, portal = ("zz.agent",), ("base.group_portal",)
    return [
        [(one, agents), *[(other, portal) for other in DOMAINS[index + 1 : index + 2]]]
        for index, one in enumerate(DOMAINS)
        if index % 2 == 0
    ]


def generated(count: int, seed: int = 6) -> list[list[tuple[str, tuple[str, ...]]]]:
    """Combinations of rules for one model each."""
    dice = random.Random(seed)
    found = []
    for _ in range(count):
        rules = []
        for _ in range(dice.randint(1, 4)):
            groups = dice.choice(
                [(), ("zz.agent",), ("zz.boss",), ("base.group_portal",), ("zz.boss", "base.group_portal")]
            )
            rules.append((dice.choice(DOMAINS), groups))
        found.append(rules)
    return found
