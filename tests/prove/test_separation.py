"""Invariants proved and broken: for exact groups, for any other groups, and held against every combination there is."""

from __future__ import annotations

import random
from itertools import combinations
from typing import Any

import msgspec
import pytest

from ostiary.domain import to_odoo
from ostiary.policy import Mode, Origin, Policy, Subject, closure, user_type_conflict
from ostiary.prove import InvalidInvariants, Invariant, Proof, Prover, Sort, Verdict
from ostiary.prove import separation as room
from ostiary.prove.members import Members
from policy.build import field, model, right, rule
from prove.estate import (
    AGENT,
    AUDITOR,
    CLIENT,
    ELSES,
    GROUPS,
    MANAGER,
    OWN,
    PROPERTY,
    TRUE,
    estate,
    on_property,
)

BROKEN = (Verdict.OPEN, Verdict.CONDITIONAL)


def invariant(**changes: Any) -> Invariant:
    given = {"name": "a", "who": AGENT, "model": PROPERTY, "mode": Mode.WRITE, "never": ELSES}
    return Invariant(**(given | changes))


def prove(policy: Policy, **changes: Any) -> Proof:
    with Prover(policy) as prover:
        return prover.separation(invariant(**changes))


# -- exactly the groups that are named -------------------------------------------------------------------------


def test_an_agent_kept_to_their_own_never_writes_anothers() -> None:
    proof = prove(estate([on_property("own", OWN, AGENT)]))
    assert (proof.verdict, proof.question, proof.audience) == (Verdict.ISOLATED, "separation", AGENT)
    assert (proof.invariant, proof.rules, proof.witness) == ("a", ("estate.own",), None)


def test_a_record_is_held_against_both_domains_in_one_way() -> None:
    """A search finds a house through an archived contact, and a test in memory sees no contact there: never both."""
    house = model(
        "estate.house", [field("guest_ids", "many2many", comodel="res.partner")], modules=("estate",)
    )
    policy = estate(
        [
            rule(
                "estate.guests",
                "estate.house",
                "[('guest_ids', 'in', [user.partner_id.id])]",
                (AGENT,),
                "rwcu",
            )
        ],
        [right("estate.access_house", "estate.house", AGENT, "r")],
        models=[house],
    )
    empty = {"model": "estate.house", "mode": Mode.READ, "never": "[('guest_ids', '=', False)]"}
    assert prove(policy, **empty).verdict is Verdict.ISOLATED
    assert prove(policy, **empty, with_any_groups=True).verdict is Verdict.ISOLATED


def test_an_agent_without_rules_writes_anothers() -> None:
    proof = prove(estate())
    assert proof.verdict is Verdict.OPEN
    assert proof.witness is not None
    assert proof.witness.reproduced
    assert proof.witness.groups == ()
    owner = proof.witness.record.values["user_id"]
    assert owner not in (None, proof.witness.user.id)


def test_what_it_takes_of_the_record_is_said() -> None:
    rules = [on_property("own", OWN, AGENT), on_property("drafts", "[('state', '=', 'draft')]", AGENT)]
    proof = prove(estate(rules))
    assert proof.verdict is Verdict.CONDITIONAL
    assert proof.condition is not None
    assert "draft" in str(proof.condition.domain)
    assert proof.witness is not None
    assert proof.witness.record.values["state"] == "draft"


def test_other_groups_count_only_where_it_is_said() -> None:
    policy = estate([on_property("own", OWN, AGENT), on_property("all", TRUE, MANAGER)])
    assert prove(policy).verdict is Verdict.ISOLATED
    assert prove(policy, with_any_groups=True).verdict in BROKEN


def test_a_group_without_a_right_holds_of_itself_and_that_is_said() -> None:
    proof = prove(estate(), who="portal")
    assert proof.verdict is Verdict.NO_ACCESS
    assert any("may not write any record" in one for one in proof.assumptions)


def test_a_domain_that_no_record_satisfies_proves_nothing() -> None:
    for any_groups in (False, True):
        proof = prove(
            estate(), never="[('user_id', '=', False), ('user_id', '!=', False)]", with_any_groups=any_groups
        )
        assert proof.verdict is Verdict.UNKNOWN
        assert proof.unknown[0].kind == "empty-domain"
        assert proof.unknown[0].text == "no record can satisfy its domain, so it says nothing"


@pytest.mark.parametrize("any_groups", [False, True])
def test_a_field_of_the_user_that_was_not_read_is_named_with_what_was_probably_meant(
    any_groups: bool,
) -> None:
    policy = estate()
    users = msgspec.structs.replace(policy.models["res.users"], partial=True)
    policy = msgspec.structs.replace(policy, models={**policy.models, "res.users": users})
    never = "[('buyer_id', '=', user.partner_idd.id)]"
    proof = prove(policy, never=never, with_any_groups=any_groups)
    assert proof.verdict is Verdict.UNKNOWN
    assert [(one.kind, one.text) for one in proof.unknown] == [
        ("field-unread", "the invariant names user.partner_idd.id, and field partner_idd of model res.users was not"
         " read (did you mean partner_id?)"),
    ]  # fmt: skip


@pytest.mark.parametrize("any_groups", [False, True])
def test_what_can_not_be_read_is_never_taken_for_kept(any_groups: bool) -> None:
    rules = [on_property("own", OWN, AGENT), on_property("odd", "[('score', '>', 3)]", AGENT)]
    proof = prove(estate(rules), with_any_groups=any_groups)
    assert proof.verdict is Verdict.UNKNOWN
    assert any("score" in f"{one.name} {one.text}" for one in proof.unknown)


@pytest.mark.parametrize("any_groups", [False, True])
def test_a_rule_that_may_say_something_else_is_never_taken_for_kept(any_groups: bool) -> None:
    proof = prove(estate([on_property("own", OWN, AGENT, uncertain=True)]), with_any_groups=any_groups)
    assert proof.verdict is Verdict.UNKNOWN
    assert proof.unknown[0].name == "estate.own"


@pytest.mark.parametrize("any_groups", [False, True])
def test_a_right_that_may_say_something_else_is_never_taken_for_kept(any_groups: bool) -> None:
    unread = msgspec.structs.replace(right("estate.odd", PROPERTY, AGENT, "r"), uncertain=True)
    proof = prove(estate(rights=[unread]), with_any_groups=any_groups)
    assert proof.verdict is Verdict.UNKNOWN
    assert proof.unknown[0].name == "estate.odd"


def test_every_mode_is_asked_by_itself() -> None:
    policy = estate([on_property("own", OWN, AGENT, modes="wu")])
    found = {mode: prove(policy, mode=mode).verdict for mode in Mode}
    assert found[Mode.WRITE] is found[Mode.UNLINK] is Verdict.ISOLATED
    assert found[Mode.READ] is found[Mode.CREATE] is Verdict.OPEN


def test_portal_public_and_internal_are_words_for_groups() -> None:
    policy = estate(rights=[right("x.all", PROPERTY, None, "w")])
    for word in ("portal", "public", "internal"):
        proof = prove(policy, who=word)
        assert (proof.audience, proof.verdict) == (word, Verdict.OPEN)


def test_an_invariant_that_can_not_be_asked_is_refused() -> None:
    with pytest.raises(
        InvalidInvariants, match=r"there is no model estate\.propert; did you mean estate.property"
    ):
        prove(estate(), model="estate.propert")


def test_a_witness_that_records_do_not_place_among_its_records_is_a_defect(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Refusing(room.Stage):
        def ask(self, *_: object, **__: object) -> bool:
            return False

    monkeypatch.setattr(room, "Stage", Refusing)
    proof = prove(estate())
    assert proof.verdict is Verdict.UNKNOWN
    assert proof.defect
    assert proof.witness is None


# -- whatever other groups ---------------------------------------------------------------------------------------


def test_the_fewest_other_groups_are_named() -> None:
    spec = {**GROUPS, "estate.boss": [MANAGER], "estate.spare": []}
    rules = [
        on_property("own", OWN, AGENT),
        on_property("all", TRUE, MANAGER),
        on_property("bosses", TRUE, "estate.boss"),
    ]
    proof = prove(estate(rules, spec=spec), with_any_groups=True)
    assert proof.verdict in BROKEN
    assert proof.witness is not None
    assert proof.witness.groups == (MANAGER,)
    assert proof.witness.reproduced
    assert proof.condition is not None
    assert proof.condition.user == (f"the user also holds {MANAGER}",)
    assert proof.condition.sort is Sort.PLAIN


def test_each_other_way_in_is_named() -> None:
    rules = [
        on_property("own", OWN, AGENT),
        on_property("all", TRUE, MANAGER),
        on_property("audit", TRUE, AUDITOR),
    ]
    proof = prove(estate(rules), with_any_groups=True)
    assert proof.condition is not None
    assert proof.condition.user == (f"the user also holds {AUDITOR} or {MANAGER}",)


def test_what_it_takes_of_the_record_with_each_of_the_groups_is_said() -> None:
    rules = [on_property("own", OWN, AGENT), on_property("drafts", "[('state', '=', 'draft')]", MANAGER),
             on_property("cheap", "[('price', '<', 3)]", AUDITOR)]  # fmt: skip
    proof = prove(estate(rules), with_any_groups=True)
    assert proof.verdict is Verdict.CONDITIONAL
    assert proof.condition is not None
    assert proof.condition.user == (f"the user also holds {AUDITOR} or {MANAGER}",)
    assert sorted(to_odoo(one) for one in proof.condition.alternatives) == [
        "[('price', '<', 3)]", "[('state', '=', 'draft')]",
    ]  # fmt: skip


def test_a_way_in_without_condition_comes_first() -> None:
    rules = [on_property("own", OWN, AGENT), on_property("all", TRUE, MANAGER),
             on_property("drafts", "[('state', '=', 'draft')]", AUDITOR)]  # fmt: skip
    proof = prove(estate(rules), with_any_groups=True)
    assert proof.verdict is Verdict.OPEN
    assert proof.witness is not None
    assert proof.witness.groups == (MANAGER,)


def test_two_groups_together_may_be_what_it_takes() -> None:
    """One group brings the right, another one the rule."""
    rights = [right("x.read", PROPERTY, AGENT, "r"), right("x.write", PROPERTY, "estate.writer", "w")]
    rules = [on_property("own", OWN, AGENT), on_property("audit", TRUE, AUDITOR)]
    policy = estate(rules, rights, spec={**GROUPS, "estate.writer": []})
    proof = prove(policy, with_any_groups=True)
    assert proof.verdict in BROKEN
    assert proof.witness is not None
    assert proof.witness.groups == (AUDITOR, "estate.writer")
    assert prove(policy, with_any_groups=True, unless=(AUDITOR,)).verdict is Verdict.ISOLATED


def test_who_holds_an_excused_group_is_left_out() -> None:
    rules = [on_property("own", OWN, AGENT), on_property("all", TRUE, MANAGER)]
    assert prove(estate(rules), with_any_groups=True, unless=(MANAGER,)).verdict is Verdict.ISOLATED


def test_who_holds_what_brings_an_excused_group_is_left_out() -> None:
    spec = {**GROUPS, "estate.boss": [MANAGER]}
    rules = [on_property("own", OWN, AGENT), on_property("all", TRUE, "estate.boss")]
    policy = estate(rules, spec=spec)
    assert prove(policy, with_any_groups=True).verdict in BROKEN
    assert prove(policy, with_any_groups=True, unless=(MANAGER,)).verdict is Verdict.ISOLATED


def test_user_types_exclude_each_other() -> None:
    """A portal user can't be an agent too; somebody of no type may be either."""
    policy = estate([on_property("clients", "[('buyer_id', '=', user.partner_id.id)]", CLIENT)])
    asked = {"never": "[('buyer_id', '=', False)]", "with_any_groups": True}
    assert prove(policy, who="portal", **asked).verdict is Verdict.NO_ACCESS
    assert prove(policy, who=AUDITOR, **asked).verdict in BROKEN


def test_groups_of_two_user_types_are_never_held_together() -> None:
    """It would take the right of an agent and the rule of a client."""
    rights = [right("x.write", PROPERTY, AGENT, "w")]
    rules = [on_property("own", OWN, AUDITOR), on_property("clients", TRUE, CLIENT)]
    policy = estate(rules, rights)
    assert prove(policy, who=AUDITOR, with_any_groups=True).verdict is Verdict.ISOLATED
    loose = estate(rules, rights, spec={**GROUPS, CLIENT: []})
    assert prove(loose, who=AUDITOR, with_any_groups=True).verdict in BROKEN


def test_a_rule_that_only_some_are_bound_by_opens_what_it_limits_for_others() -> None:
    """Without a rule of theirs, users with the right reach everything: the right alone is a way in."""
    rights = [right("x.all", PROPERTY, "estate.agent", "w")]
    policy = estate([on_property("own", OWN, "estate.auditor")], rights)
    assert prove(policy, with_any_groups=True).witness is not None
    bound = estate([on_property("own", OWN, "estate.agent", "estate.auditor")], rights)
    assert prove(bound, with_any_groups=True).verdict is Verdict.ISOLATED


def test_a_domain_that_asks_for_groups_is_followed_for_each() -> None:
    text = f"[(1, '=', 1)] if user.has_group('{AUDITOR}') else {OWN}"
    policy = estate([on_property("odd", text)])
    proof = prove(policy, with_any_groups=True)
    assert prove(policy).verdict is Verdict.ISOLATED
    assert proof.verdict in BROKEN
    assert proof.witness is not None
    assert proof.witness.groups == (AUDITOR,)
    assert prove(policy, with_any_groups=True, unless=(AUDITOR,)).verdict is Verdict.ISOLATED


def test_rules_of_a_parent_that_is_delegated_to_count_for_other_groups_too() -> None:
    link = field("property_id", "many2one", comodel=PROPERTY, required=True)
    flat = model("estate.flat", [link, field("user_id", "many2one", comodel="res.users", inherited=True,
                                             related="property_id.user_id", store=False)],
                 inherits={PROPERTY: "property_id"}, modules=("estate",))  # fmt: skip
    rules = [on_property("own", OWN, AGENT), on_property("all", TRUE, MANAGER)]
    policy = estate(rules, [right("x.flat", "estate.flat", AGENT, "w")], models=[flat])
    asked = {"model": "estate.flat", "with_any_groups": True}
    assert prove(policy, **asked, unless=(MANAGER,)).verdict is Verdict.ISOLATED
    broken = prove(policy, **asked)
    assert broken.verdict in BROKEN
    assert broken.witness is not None
    assert broken.witness.groups == (MANAGER,)


def test_hundreds_of_groups_are_one_question() -> None:
    names = [f"many.g{place}" for place in range(120)]
    spec = {**GROUPS, **{name: names[:place][-1:] for place, name in enumerate(names)}}
    rules = [on_property("own", OWN, AGENT), *(on_property(f"r{name}", OWN, name) for name in names)]
    assert prove(estate(rules, spec=spec), with_any_groups=True).verdict is Verdict.ISOLATED
    rules.append(on_property("all", TRUE, names[5]))
    proof = prove(estate(rules, spec=spec), with_any_groups=True)
    assert proof.witness is not None
    assert proof.witness.groups == (names[5],)


def test_an_override_in_python_is_taken_for_granted_aloud() -> None:
    policy = estate([on_property("own", OWN, AGENT)])
    there = policy.models[PROPERTY]
    override = {"_search": Origin(path="estate/models.py", line=3)}
    models = policy.models | {PROPERTY: msgspec.structs.replace(there, overrides=override)}
    for any_groups in (False, True):
        proof = prove(
            msgspec.structs.replace(policy, models=models), mode=Mode.READ, with_any_groups=any_groups
        )
        assert proof.verdict is Verdict.ISOLATED
        assert any("also decides in Python (_search)" in one for one in proof.assumptions)


@pytest.mark.parametrize("any_groups", [False, True])
def test_of_a_module_that_was_only_summed_up_no_access_is_unknown(any_groups: bool) -> None:
    policy = estate([on_property("own", OWN, AGENT)])
    modules = policy.modules | {"estate": msgspec.structs.replace(policy.modules["estate"], facts=True)}
    policy = msgspec.structs.replace(policy, modules=modules)
    proof = prove(policy, with_any_groups=any_groups)
    assert proof.verdict is Verdict.ISOLATED
    assert any("Only a summary of module estate was read" in one for one in proof.assumptions)
    proof = prove(policy, who="portal", with_any_groups=any_groups)
    assert proof.verdict is Verdict.UNKNOWN
    assert proof.unknown[0].kind == "summary"


@pytest.mark.parametrize("version", ["17.0", "18.0", "19.0"])
def test_every_version_decides(version: str) -> None:
    rules = [on_property("own", OWN, AGENT), on_property("all", TRUE, MANAGER)]
    policy = estate(rules, version=version)
    assert prove(policy).verdict is Verdict.ISOLATED
    proof = prove(policy, with_any_groups=True)
    assert proof.witness is not None
    assert (proof.witness.groups, proof.witness.reproduced) == ((MANAGER,), True)


# -- against every combination -------------------------------------------------------------------------------------

_NAMES = ("g.a", "g.b", "g.c", "g.d")
_DOMAINS = (OWN, TRUE, "[('state', '=', 'draft')]", "[('state', '!=', 'draft')]", "[(0, '=', 1)]",
            f"[(1, '=', 1)] if user.has_group('g.d') else {OWN}")  # fmt: skip


def any_policy(seed: int) -> Policy:
    chance = random.Random(seed)
    spec: dict[str, list[str]] = {**GROUPS}
    for place, name in enumerate(_NAMES):
        above = [*_NAMES[:place], "base.group_user", "base.group_portal"]
        spec[name] = chance.sample(above, chance.choice((0, 0, 1, 1, 2)))
        if {"base.group_user", "base.group_portal"} <= closed(spec, name):
            spec[name] = []
    rules = [
        rule(f"x.rule_{place}", PROPERTY, chance.choice(_DOMAINS),
             chance.sample(_NAMES, chance.choice((0, 1, 1, 2))), chance.choice(("w", "rwcu")))
        for place in range(chance.randint(1, 4))
    ]  # fmt: skip
    rights = [
        right(
            f"x.right_{place}",
            PROPERTY,
            chance.choice((*_NAMES, None) if place else _NAMES),
            chance.choice(("w", "rw")),
        )
        for place in range(chance.randint(1, 2))
    ]
    return estate(rules, rights, spec=spec)


def closed(spec: dict[str, list[str]], name: str) -> set[str]:
    found = {name}
    for other in spec.get(name, ()):
        found |= closed(spec, other)
    return found


def by_hand(policy: Policy, about: Invariant) -> bool:
    """Whether an exact invariant is broken for some combination of groups that may be held."""
    names = [*_NAMES, "base.group_user", "base.group_portal", "base.group_public"]
    with Prover(policy) as prover:
        for size in range(len(names) + 1):
            for others in combinations(names, size):
                held = closure(policy, (about.who, *others))
                if user_type_conflict(held) or not held.isdisjoint(about.unless):
                    continue
                proof = room._exactly(prover, about, Subject(name=about.who, groups=held))
                assert proof.verdict is not Verdict.UNKNOWN
                if proof.verdict in BROKEN:
                    return True
    return False


@pytest.mark.parametrize("seed", range(24))
def test_one_question_about_all_groups_answers_as_every_combination_by_itself(seed: int) -> None:
    policy = any_policy(seed)
    about = invariant(who="g.a", never="[('user_id', '!=', user.id)]", unless=("g.c",) if seed % 3 == 0 else (),
                      with_any_groups=True)  # fmt: skip
    if "g.c" in about.unless and "g.c" in closure(policy, ("g.a",)):
        about = invariant(who="g.a", never=about.never, with_any_groups=True)
    with Prover(policy) as prover:
        proof = prover.separation(about)
    assert proof.verdict is not Verdict.UNKNOWN
    assert (proof.verdict in BROKEN) is by_hand(policy, about)
    if proof.witness is not None:
        held = closure(policy, ("g.a", *proof.witness.groups))
        assert held.isdisjoint(about.unless)
        assert not user_type_conflict(held)
        for name in proof.witness.groups:  # none of them could be spared
            rest = closure(policy, ("g.a", *(one for one in proof.witness.groups if one != name)))
            with Prover(policy) as prover:
                less = room._exactly(prover, about, Subject(name="g.a", groups=rest))
            assert less.verdict not in BROKEN


def test_the_seeds_bring_up_both_answers() -> None:
    found = set()
    for seed in range(24):
        with Prover(any_policy(seed)) as prover:
            about = invariant(who="g.a", never="[('user_id', '!=', user.id)]", with_any_groups=True)
            found.add(prover.separation(about).verdict)
    assert {Verdict.ISOLATED, Verdict.NO_ACCESS} & found
    assert set(BROKEN) & found


def test_only_groups_that_matter_and_are_possible_are_left_open() -> None:
    policy = estate([on_property("all", TRUE, MANAGER), on_property("clients", OWN, CLIENT)])
    members = Members(policy, [AGENT], PROPERTY, Mode.WRITE)
    assert members.free == (MANAGER,)
    assert members.answer(AGENT) is True
    assert members.answer(CLIENT) is False
    assert members.answer(MANAGER) is None
    assert Members(policy, [AGENT], PROPERTY, Mode.WRITE, excused=frozenset({MANAGER})).free == ()


def test_a_second_solver_agrees() -> None:
    with Prover(estate([on_property("own", OWN, AGENT)]), cross_check=True) as prover:
        assert prover.separation(invariant(with_any_groups=True)).checked
        assert prover.separation(invariant()).checked
