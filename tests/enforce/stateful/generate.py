"""Random small policies, and random things to do under them: everything from one `random.Random`."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random
from typing import Any

from enforce.stateful.definitions import field as plain
from enforce.stateful.definitions import many2many, many2one, model, one2many, policy_of, right, rule
from enforce.stateful.oracle import CAR, COLUMNS, DOC, LENT, LINE, MODELS, NODE, TAG, Name, Rule
from ostiary.policy import MODES, Mode, Model, Policy

GROUPS = ("w.g1", "w.g2", "w.g3")
LOGINS = ("ann", "bob", "eve")
COMPANIES = ("h.c1", "h.c2")
_MODE_NAMES = tuple(str(mode) for mode in MODES)
_SECRETS = ("", "", "w.g2", "!w.g1", "w.g1,w.g3", "w.g2,!w.g3")


@dataclass
class World:
    """A policy, and what the oracle is told of it."""

    policy: Policy
    rights: set[tuple[str, str | None, str]]
    rules: list[Rule]
    secret: str
    held: dict[str, frozenset[str]] = field(default_factory=dict)
    companies: dict[str, tuple[str, ...]] = field(default_factory=dict)


def models(secret: str) -> list[Model]:
    name, num = plain("name", "char"), plain("num", "integer")
    owner, company = many2one("owner_id", "res.users"), many2one("company_id", "res.company")
    lent = {"store": False, "inherited": True, "related_sudo": False}
    return [
        model(
            DOC, name, num, plain("secret", "char", groups=secret or None), owner, company,
            plain("active", "boolean"), many2one("node_id", NODE), one2many("line_ids", LINE, "doc_id"),
            many2many("tag_ids", TAG, "w_doc_tag", "doc_id", "tag_id"), order="id",
        ),
        model(
            NODE, name, owner, company, many2one("parent_id", NODE, ondelete="cascade"),
            plain("parent_path", "char"), parent_store=True, order="id",
        ),
        model(TAG, name, owner, order="id"),
        model(LINE, num, owner, many2one("doc_id", DOC, ondelete="cascade"), order="id"),
        model(
            CAR, plain("plate", "char"), many2one("node_id", NODE, required=True, ondelete="cascade"),
            plain("name", "char", related="node_id.name", **lent),
            many2one("owner_id", "res.users", related="node_id.owner_id", **lent),
            many2one("company_id", "res.company", related="node_id.company_id", **lent),
            many2one("parent_id", NODE, related="node_id.parent_id", **lent),
            inherits={NODE: "node_id"}, order="id",
        ),
    ]  # fmt: skip


def world(random: Random, version: str) -> World:
    """A policy: three groups that imply each other somehow, three users, rights and rules."""
    implied = {
        one: tuple(other for other in GROUPS if other != one and random.random() < 0.25) for one in GROUPS
    }
    users = {
        login: (
            tuple(group for group in GROUPS if random.random() < 0.45),
            random.choice([COMPANIES[:1], COMPANIES[1:], COMPANIES, COMPANIES[::-1]]),
        )
        for login in LOGINS
    }
    secret = random.choice(_SECRETS)
    rights: set[tuple[str, str | None, str]] = set()
    for name in MODELS:
        for mode in _MODE_NAMES:
            if random.random() < (0.85 if mode == "read" else 0.7):
                rights.add((name, random.choice([None, None, *GROUPS]), mode))
    rules = [_rule(random) for _ in range(random.randint(0, 6))]
    given = [right("res.users", None, "r"), right("res.company", None, "r")]
    given += [
        right(name, group, mode[0])
        for name, group, mode in sorted(rights, key=lambda one: tuple(map(str, one)))
    ]
    policy = policy_of(
        models(secret),
        given,
        [
            rule(number, one.model, repr(one.domain), *one.groups, modes=[Mode(mode) for mode in one.modes])
            for number, one in enumerate(rules)
        ],
        groups={"base.group_user": (), **implied},
        users=users,
        companies=COMPANIES,
        version=version,
    )
    held = {login: _closure(implied, groups) for login, (groups, _) in users.items()}
    return World(policy, rights, rules, secret, held, {login: users[login][1] for login in users})


def _closure(implied: dict[str, tuple[str, ...]], groups: tuple[str, ...]) -> frozenset[str]:
    found: set[str] = set()
    todo = list(groups)
    while todo:
        one = todo.pop()
        if one not in found:
            found.add(one)
            todo += implied[one]
    return frozenset(found)


def _rule(random: Random) -> Rule:
    name = random.choice([DOC, DOC, DOC, NODE, NODE, TAG, LINE, CAR])
    modes = _MODE_NAMES if random.random() < 0.5 else tuple(m for m in _MODE_NAMES if random.random() < 0.6)
    groups = () if random.random() < 0.4 else tuple(g for g in GROUPS if random.random() < 0.5)
    return Rule(name, domain(random, name, of_rule=True), groups, modes or ("read",))


# ------------------------------------------------------------------------------------ domains


def domain(
    random: Random, name: str, *, of_rule: bool = False, trees: bool = True, depth: int = 2
) -> list[Any]:
    """A domain on a model. That of a rule may say `user.id` and its like. `trees`: with `child_of`."""
    if of_rule and random.random() < 0.08:
        return random.choice([[], [(1, "=", 1)], [(0, "=", 1)]])
    found: list[Any] = []
    for _ in range(random.choice([1, 1, 1, 2])):
        found += _tree(random, name, of_rule, trees, depth)
    return found


def _tree(random: Random, name: str, of_rule: bool, trees: bool, depth: int) -> list[Any]:
    chance = random.random()
    if depth and chance < 0.35:
        two = [_tree(random, name, of_rule, trees, depth - 1) for _ in range(2)]
        return [random.choice("&|||"), *two[0], *two[1]]
    if chance < 0.45:
        return ["!", _term(random, name, of_rule, trees=False)]
    return [_term(random, name, of_rule, trees=trees)]


def _term(random: Random, name: str, of_rule: bool, *, trees: bool = True) -> tuple[Any, ...]:
    """A term. A name like `x2many = False` or a tree has no opposite that both evaluators agree on."""
    choices = ["owner_id", "owner_id"]
    if name in (DOC, NODE, CAR):
        choices += ["company_id", "name"]
    if (
        name == CAR and not trees
    ):  # before 19 "not" through a link of `_inherits` keeps out what is unset, in SQL alone
        return ("plate", *_test(random, "plate", of_rule, trees))
    if name == DOC:
        choices += ["num", "active", "node_id", "secret", *(["tag_ids"] if trees else [])]
        choices += [
            "node_id.owner_id",
            "node_id.company_id",
            "tag_ids.owner_id",
            "line_ids.num",
            "line_ids.owner_id",
        ]
    elif name == LINE:
        choices = [
            "owner_id",
            "num",
            "doc_id.owner_id",
            "doc_id.active",
            "doc_id.node_id.owner_id",
            "doc_id.num",
        ]
    elif name == NODE:
        choices += ["parent_id.owner_id"]
    elif name == CAR:
        choices = (
            ["plate", "node_id.owner_id", "node_id.name"] if not of_rule else ["plate", "node_id.owner_id"]
        )
    path = random.choice(choices)
    last = path.rpartition(".")[2]
    if last == "tag_ids":
        return (path, random.choice(["=", "!="]), False)
    return (path, *_test(random, last, of_rule, trees))


def _test(random: Random, last: str, of_rule: bool, trees: bool) -> tuple[str, Any]:
    if last == "num":
        return random.choice(["=", "!=", "<", ">", "<=", ">="]), random.randint(0, 3)
    if last == "active":
        return "=", random.random() < 0.7
    if last in ("name", "secret", "plate"):
        operator = random.choice(["=", "!=", "ilike", "in"])
        return operator, random.choice("abc") if operator != "in" else ["a", random.choice(["b", False])]
    if last == "node_id":
        return ("child_of", [random.choice([1, 2])]) if trees else ("!=", False)
    if last == "owner_id":
        operator = random.choice(["=", "=", "!=", "in", "not in"])
        one: Any = Name("user.id") if of_rule and random.random() < 0.8 else random.choice([1, 2, 3, False])
        return operator, [one, random.choice([1, False])] if "in" in operator else one
    if of_rule and random.random() < 0.8:
        name = random.choice(["company_ids", "company_ids + [False]", "user.company_ids.ids", "company_id"])
        return (
            ("=", Name(name)) if name == "company_id" else (random.choice(["in", "in", "not in"]), Name(name))
        )
    return random.choice(["=", "!="]), random.choice([1, 2, False])


# ------------------------------------------------------------------------------------ values


def values(random: Random, name: str, ids: dict[str, list[int]], *, deep: bool = True) -> dict[str, Any]:
    """Values for a record; x2many commands among them where `deep`."""
    names = [*COLUMNS[name], *(LENT if name == CAR else ())]
    if name == DOC and deep:
        names += ["line_ids", "tag_ids"]
    wanted = [one for one in names if random.random() < 0.4]
    if name == NODE and "parent_id" in wanted and random.random() < 0.5:
        wanted.remove("parent_id")
    found = {one: _value(random, one, ids) for one in wanted}
    if name == CAR and found.get("node_id") in (1, 2):
        found.pop("parent_id", None)  # domains name these two: nothing above them takes them along
    return found


def _value(random: Random, name: str, ids: dict[str, list[int]]) -> Any:
    if name == "num":
        return random.randint(0, 3)
    if name == "active":
        return random.random() < 0.7
    if name in ("name", "secret", "plate"):
        return random.choice(["a", "b", "c", "abc", False, "%_'\"\\"])
    if name in ("owner_id", "company_id"):
        return random.choice([1, 2, 3, False] if name == "owner_id" else [1, 2, False])
    if name in ("node_id", "parent_id", "doc_id"):
        there = ids[NODE if name != "doc_id" else DOC]
        return random.choice([*there, False]) if name != "node_id" or not there else random.choice(there)
    other = LINE if name == "line_ids" else TAG
    commands = [_command(random, other, ids) for _ in range(random.randint(1, 2))]
    # One that deletes stands alone: whether a record that is gone may be written to is another question.
    return next(([one] for one in commands if one[0] in (2, 3, 5, 6)), commands)


def _command(random: Random, other: str, ids: dict[str, list[int]]) -> tuple[Any, ...]:
    there = ids[other]
    code = random.choice([0, 0, 1, 2, 3, 4, 4, 5, 6] if there else [0, 5])
    if code == 0:
        return (0, 0, values(random, other, ids))
    if code == 1:
        return (1, random.choice(there), values(random, other, ids))
    if code == 5:
        return (5,)
    if code == 6:
        return (6, 0, random.sample(there, random.randint(0, min(3, len(there)))))
    return (code, random.choice(there))
