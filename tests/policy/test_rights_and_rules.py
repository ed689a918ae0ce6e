"""Access rights and record rules: what is selected, how it combines, and what must never happen."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ostiary.domain import FALSE, TRUE, parse, to_odoo
from ostiary.policy import (
    MODES,
    Kind,
    Policy,
    Subject,
    Verdict,
    applicable,
    closure,
    effective,
    granting,
    matrix,
    may,
    parents_of,
)
from policy.build import (
    BASE,
    CREATE,
    READ,
    UNLINK,
    WRITE,
    accepts,
    field,
    groups,
    model,
    policy,
    right,
    rule,
    user,
)

A, B, USER = "zz.a", "zz.b", "base.group_user"
GROUPS = groups({A: [USER], B: [], **BASE})


def subject_of(*names: str, superuser: bool = False) -> Subject:
    return Subject("somebody", closure(policy(groups=GROUPS), names), superuser=superuser)


def zz(rights: list = [], rules: list = [], **more: object) -> Policy:  # noqa: B006
    more.setdefault("models", [model("zz.thing")])
    return policy(groups=GROUPS, rights=rights, rules=rules, **more)


# ------------------------------------------------------------------------------------ access rights


def test_granting_takes_matching_active_rows_in_order() -> None:
    rows = [
        right("zz.all", "zz.thing", None), right("zz.b", "zz.thing", B), right("zz.user", "zz.thing", USER, "rw"),
        right("zz.off", "zz.thing", USER, active=False), right("zz.write", "zz.thing", USER, "w"),
        right("zz.other", "zz.else", USER),
    ]  # fmt: skip
    made = zz(rows)
    assert [one.xmlid for one in granting(made, subject_of(A), "zz.thing", READ)] == ["zz.all", "zz.user"]
    assert [one.xmlid for one in granting(made, subject_of(A), "zz.thing", WRITE)] == ["zz.user", "zz.write"]
    assert granting(made, subject_of(A), "zz.thing", UNLINK) == ()
    assert may(made, subject_of(superuser=True), "zz.thing", UNLINK) is True


@pytest.mark.parametrize("kind", list(Kind))
def test_every_kind_of_model_obeys_the_same_rows(kind: Kind) -> None:
    models = [model("zz.thing", kind=kind)]
    assert may(zz(models=models), subject_of(A), "zz.thing", READ) is False
    assert may(zz([right("zz.r", "zz.thing", USER)], models=models), subject_of(A), "zz.thing", READ) is True


rows = st.lists(
    st.builds(
        lambda group, modes, active: (group, "".join(sorted(modes)), active),
        st.sampled_from([None, A, B, USER]), st.sets(st.sampled_from("rwcu")), st.booleans(),
    ),
    max_size=5,
)  # fmt: skip
held = st.sets(st.sampled_from([A, B, USER, "base.group_portal"]))


@given(rows, held, st.sampled_from([A, B]), st.sampled_from(MODES))
def test_another_group_never_loses_an_access_right(
    table: list, names: set[str], more: str, mode: object
) -> None:
    made = zz([right(f"zz.r{n}", "zz.thing", g, m, active=on) for n, (g, m, on) in enumerate(table)])
    before = granting(made, subject_of(*names), "zz.thing", mode)
    after = granting(made, subject_of(*names, more), "zz.thing", mode)
    assert {one.xmlid for one in before} <= {one.xmlid for one in after}
    letter = str(mode)[0]
    closed = subject_of(*names).groups
    assert bool(before) is any(on and letter in m and (g is None or g in closed) for g, m, on in table)


# ------------------------------------------------------------------------------------ record rules

OPEN = [right("zz.r", "zz.thing", None, "rwcu")]
DOMAINS = ["", "[(0,'=',1)]", "[('x','=',1)]", "[('y','=',2)]", "['|',('x','=',1),('z','=',3)]"]


def test_applicable_selects_by_group_mode_and_activity() -> None:
    made = zz(OPEN, [
        rule("zz.global", "zz.thing", DOMAINS[2]), rule("zz.mine", "zz.thing", DOMAINS[3], [A]),
        rule("zz.theirs", "zz.thing", DOMAINS[2], [B]), rule("zz.shared", "zz.thing", DOMAINS[2], [B, USER]),
        rule("zz.write", "zz.thing", DOMAINS[2], modes="w"), rule("zz.off", "zz.thing", DOMAINS[1], active=False),
    ])  # fmt: skip
    found = applicable(made, subject_of(A), "zz.thing", READ)
    assert [one.xmlid for one in found.group] == ["zz.mine", "zz.shared"]
    assert [one.xmlid for one in found.global_] == ["zz.global"]
    assert found.uncertain == ()
    assert not list(applicable(made, subject_of(A, superuser=True), "zz.thing", READ).everywhere())


def test_effective_is_permissions_and_restrictions() -> None:
    made = zz(OPEN, [
        rule("zz.global", "zz.thing", DOMAINS[2]), rule("zz.mine", "zz.thing", DOMAINS[3], [A]),
    ])  # fmt: skip
    found = effective(made, subject_of(A), "zz.thing", READ)
    assert [one.definition.xmlid for one in found.permissions] == ["zz.mine"]
    assert [one.definition.xmlid for one in found.restrictions] == ["zz.global"]
    assert [one.xmlid for one in found.definitions] == ["zz.r", "zz.mine", "zz.global"]
    assert to_odoo(found.domain) == "[('x', '=', 1), ('y', '=', 2)]"
    assert found.verdict is Verdict.FILTERED
    without = effective(made, subject_of(B), "zz.thing", READ)
    assert [one.definition.xmlid for one in without.permissions] == ["zz.r"]
    assert to_odoo(without.domain) == "[('x', '=', 1)]"


def test_nothing_is_left_where_nothing_is_granted() -> None:
    found = effective(zz([], [rule("zz.all", "zz.thing", "")]), subject_of(A), "zz.thing", READ)
    assert (found.permissions, found.domain, found.verdict) == ((), FALSE, Verdict.DENIED)


def test_superuser_is_bound_by_nothing() -> None:
    found = effective(
        zz([], [rule("zz.no", "zz.thing", DOMAINS[1])]), subject_of(superuser=True), "zz.thing", READ
    )
    assert (found.domain, found.verdict, found.definitions) == (TRUE, Verdict.ALLOWED, ())


@pytest.mark.parametrize("version,debug,expected", [
    ("17.0", False, Verdict.ALLOWED), ("17.0", True, Verdict.ALLOWED), ("18.0", False, Verdict.DENIED),
    ("18.0", True, Verdict.ALLOWED), ("19.0", False, Verdict.DENIED), ("19.0", True, Verdict.ALLOWED),
])  # fmt: skip
def test_a_rule_that_asks_for_the_debug_group(version: str, debug: bool, expected: Verdict) -> None:
    text = "[(1,'=',1)] if user.has_group('base.group_no_one') else [(0,'=',1)]"
    made = policy(version, models=[model("zz.thing")], rights=OPEN, rules=[rule("zz.if", "zz.thing", text)])
    internal = Subject.of_group(made, USER)
    effective(made, internal, "zz.thing", READ, not debug)
    assert effective(made, internal, "zz.thing", READ, debug).verdict is expected


def test_two_users_with_the_same_relevant_groups_but_other_answers_are_told_apart() -> None:
    text = "[('x','=',1)] if user.has_group('zz.b') else [(0,'=',1)]"
    made = zz(OPEN, [rule("zz.if", "zz.thing", text)])
    assert effective(made, subject_of(A), "zz.thing", READ).verdict is Verdict.DENIED
    assert effective(made, subject_of(A, B), "zz.thing", READ).verdict is Verdict.FILTERED


rule_sets = st.lists(
    st.tuples(st.sampled_from(DOMAINS), st.sampled_from([(), (A,), (B,), (A, B)])), max_size=4
)


def solutions(domain: object) -> set[tuple[int, int, int]]:
    """The records (x, y, z) that satisfy a domain of equalities."""
    cube = [(x, y, z) for x in (1, 9) for y in (2, 9) for z in (3, 9)]
    return {(x, y, z) for x, y, z in cube if accepts(domain, {"x": x, "y": y, "z": z})}


@given(rule_sets, held, st.sampled_from(DOMAINS))
def test_a_global_rule_never_widens(table: list, names: set[str], more: str) -> None:
    rules = [rule(f"zz.r{n}", "zz.thing", text, list(bound)) for n, (text, bound) in enumerate(table)]
    before = solutions(effective(zz(OPEN, rules), subject_of(*names), "zz.thing", READ).domain)
    wider = zz(OPEN, [*rules, rule("zz.more", "zz.thing", more)])
    after = solutions(effective(wider, subject_of(*names), "zz.thing", READ).domain)
    assert after == before & solutions(parse(more))


@given(rule_sets, held)
def test_combination_is_all_globals_and_any_group_rule(table: list, names: set[str]) -> None:
    rules = [rule(f"zz.r{n}", "zz.thing", text, list(bound)) for n, (text, bound) in enumerate(table)]
    subject = subject_of(*names)
    expected = solutions(TRUE)
    mine = [solutions(parse(text)) for text, bound in table if bound and subject.groups & set(bound)]
    if mine:
        expected &= set().union(*mine)
    for text, bound in table:
        if not bound:
            expected &= solutions(parse(text))
    assert solutions(effective(zz(OPEN, rules), subject, "zz.thing", READ).domain) == expected


# ------------------------------------------------------------------------------------ _inherits


def delegating(version: str = "18.0", store: bool = True, rules: list | None = None) -> Policy:
    return policy(
        version,
        models=[
            model("zz.top"),
            model("zz.middle", [field("top_id", "many2one", comodel="zz.top")], inherits={"zz.top": "top_id"}),
            model(
                "zz.thing", [field("middle_id", "many2one", comodel="zz.middle", store=store)],
                inherits={"zz.middle": "middle_id"},
            ),
        ],
        rights=[right("zz.r", "zz.thing", USER)],
        rules=[rule("zz.top", "zz.top", "[('x','=',1)]")] if rules is None else rules,
    )  # fmt: skip


def test_rules_of_parents_bind_at_any_distance() -> None:
    found = effective(delegating(), Subject.of_group(delegating(), USER), "zz.thing", READ)
    assert to_odoo(found.domain) == "[('middle_id', 'any', [('top_id', 'any', [('x', '=', 1)])])]"
    assert [one.xmlid for one in found.definitions] == ["zz.r", "zz.top"]
    assert found.restrictions[0].link == "middle_id"
    assert found.restrictions[0].inner[0].link == "top_id"


@pytest.mark.parametrize("version,bound", [("17.0", True), ("18.0", True), ("19.0", False)])
def test_19_skips_parents_whose_link_is_not_stored(version: str, bound: bool) -> None:
    made = delegating(version, store=False)
    assert (parents_of(made, "zz.thing") == {"zz.middle": "middle_id"}) is bound
    filtered = effective(made, Subject.of_group(made, USER), "zz.thing", READ).verdict is Verdict.FILTERED
    assert filtered is bound


def test_a_parent_that_restricts_nothing_leaves_no_trace() -> None:
    made = delegating(
        rules=[rule("zz.all", "zz.top", "[(1,'=',1)]"), rule("zz.w", "zz.top", "[('x','=',1)]", modes="w")]
    )
    assert effective(made, Subject.of_group(made, USER), "zz.thing", READ).domain == TRUE


def test_group_rules_of_a_parent_are_any_of_too() -> None:
    rules = [
        rule("zz.1", "zz.top", "[('x','=',1)]", [USER]),
        rule("zz.2", "zz.top", "", ["base.group_system"]),
    ]
    made = delegating(rules=rules)
    assert effective(made, Subject.of_group(made, USER), "zz.thing", READ).verdict is Verdict.FILTERED
    assert effective(made, Subject.of_group(made, "base.group_system"), "zz.thing", READ).domain == TRUE


def test_delegation_in_a_circle_ends() -> None:
    made = policy(
        models=[model("zz.a", inherits={"zz.b": "b_id"}), model("zz.b", inherits={"zz.a": "a_id"})],
        rights=[right("zz.r", "zz.a", USER)],
        rules=[rule("zz.ra", "zz.a", "[('x','=',1)]"), rule("zz.rb", "zz.b", "[('y','=',1)]")],
    )
    found = effective(made, Subject.of_group(made, USER), "zz.a", READ)
    assert to_odoo(found.domain) == "[('x', '=', 1), ('b_id', 'any', [('y', '=', 1)])]"


def test_delegation_comes_with_a_mixin() -> None:
    made = policy(
        models=[
            model("zz.alias"), model("zz.mixin", kind=Kind.ABSTRACT, inherits={"zz.alias": "alias_id"}),
            model("zz.thing", inherit=("zz.mixin",)),
        ],
        rights=OPEN, rules=[rule("zz.r", "zz.alias", "[('x','=',1)]")],
    )  # fmt: skip
    found = effective(made, Subject.of_group(made, USER), "zz.thing", READ)
    assert to_odoo(found.domain) == "[('alias_id', 'any', [('x', '=', 1)])]"


# ------------------------------------------------------------------------------------ matrix


def test_matrix_has_a_row_for_each_subject_and_model_with_records() -> None:
    made = policy(
        groups=GROUPS,
        models=[
            model("zz.thing"),
            model("zz.mixin", kind=Kind.ABSTRACT),
            model("zz.wiz", kind=Kind.TRANSIENT),
        ],
        rights=[right("zz.r", "zz.thing", USER, "rw"), right("zz.w", "zz.wiz", "base.group_portal", "c")],
        rules=[rule("zz.own", "zz.thing", "[('create_uid','=',user.id)]", modes="w")],
        users=[user("ann", A), user("bob", "base.group_portal")],
    )
    rows = matrix(made, [Subject.of_user(made, login) for login in ("ann", "bob")])
    assert [(row.model, row.subject) for row in rows] == [
        ("zz.thing", "ann"), ("zz.thing", "bob"), ("zz.wiz", "ann"), ("zz.wiz", "bob"),
    ]  # fmt: skip
    denied = dict.fromkeys(MODES, Verdict.DENIED)
    assert rows[0].verdicts == denied | {READ: Verdict.ALLOWED, WRITE: Verdict.FILTERED}
    assert rows[1].verdicts == rows[2].verdicts == denied
    assert rows[3].verdicts == denied | {CREATE: Verdict.ALLOWED}
    assert [row.model for row in matrix(made, [subject_of(A)], ["zz.mixin"])] == ["zz.mixin"]
