"""Waste: each kind is found where it is so, and not where it only looks so; and all of it can go at once."""

from __future__ import annotations

import random
from itertools import combinations

import msgspec
import pytest

from ostiary.policy import MODES, Mode, Policy, Subject, closure, effective, user_type_conflict
from ostiary.prove import Prover, Waste
from ostiary.prove import implied as logic
from ostiary.prove.implied import Implications
from ostiary.prove.waste import waste
from policy.build import field, model, module, right, rule
from prove.estate import AGENT, AUDITOR, CLIENT, GROUPS, MANAGER, OWN, PROPERTY, TRUE, estate, on_property

DRAFT = "[('state', '=', 'draft')]"
NONE = "[(0, '=', 1)]"


def found(policy: Policy) -> dict[str, Waste]:
    return {one.definition: one for one in waste(policy)}


def kinds(policy: Policy) -> dict[str, str]:
    return {name: one.kind for name, one in found(policy).items()}


# -- group rules -------------------------------------------------------------------------------------------------


def test_a_rule_that_limits_is_no_waste() -> None:
    assert kinds(estate([on_property("own", OWN, AGENT)])) == {}


def test_a_rule_that_accepts_everything_where_nothing_else_limits_is_vacuous() -> None:
    [one] = waste(estate([on_property("all", TRUE, AGENT)]))
    assert (one.kind, one.definition, one.model, one.by) == ("vacuous", "estate.all", PROPERTY, ())
    assert one.modes == MODES
    assert one.why == "It accepts every record, and no other rule limits those it binds."


def test_a_rule_that_accepts_everything_and_widens_another_is_no_waste() -> None:
    assert kinds(estate([on_property("own", OWN, AGENT), on_property("all", TRUE, MANAGER)])) == {}
    # Not even where nobody needs to hold both: an agent may be an auditor too.
    assert kinds(estate([on_property("own", OWN, AGENT), on_property("all", TRUE, AUDITOR)])) == {}


def test_what_only_limits_another_type_of_user_does_not_matter() -> None:
    rights = [right("x.agents", PROPERTY, AGENT, "rwcu"), right("x.clients", PROPERTY, CLIENT, "r")]
    policy = estate([on_property("all", TRUE, AGENT), on_property("clients", OWN, CLIENT)], rights)
    assert kinds(policy) == {"estate.all": "vacuous"}


def test_a_rule_that_another_one_of_the_same_users_cancels_is_shadowed() -> None:
    """A manager is an agent, and what lets every agent use everything leaves nothing for a rule of managers."""
    [one] = waste(estate([on_property("all", TRUE, AGENT), on_property("mine", OWN, MANAGER),
                          on_property("audit", OWN, AUDITOR)]))  # fmt: skip
    assert (one.kind, one.definition, one.by) == ("shadowed", "estate.mine", ("estate.all",))


def test_a_rule_that_adds_nothing_to_those_of_implied_groups_is_redundant() -> None:
    narrow = "[('user_id', '=', user.id), ('state', '=', 'draft')]"
    rules = [on_property("own", OWN, AGENT), on_property("mine", narrow, MANAGER)]
    [one] = waste(estate(rules))
    assert (one.kind, one.definition, one.by) == ("redundant", "estate.mine", ("estate.own",))


def test_only_rules_that_it_takes_are_named() -> None:
    rules = [
        on_property("own", OWN, AGENT),
        on_property("draft", DRAFT, AGENT),
        on_property("mine", OWN, MANAGER),
    ]
    assert found(estate(rules))["estate.mine"].by == ("estate.own",)


def test_rules_that_say_so_together_make_another_redundant() -> None:
    rules = [on_property("draft", DRAFT, AGENT), on_property("rest", "[('state', '!=', 'draft')]", AGENT),
             on_property("mine", OWN, MANAGER)]  # fmt: skip
    one = found(estate(rules))["estate.mine"]
    assert (one.kind, one.by) == ("redundant", ("estate.draft", "estate.rest"))


def test_of_two_equal_rules_the_later_one_is_reported() -> None:
    assert kinds(estate([on_property("first", OWN, AGENT), on_property("second", OWN, AGENT)])) == {
        "estate.second": "redundant"
    }


def test_a_rule_of_two_groups_is_waste_only_where_it_is_for_both() -> None:
    rules = [on_property("own", OWN, AGENT), on_property("both", OWN, MANAGER, AUDITOR)]
    assert kinds(estate(rules)) == {}
    rules = [on_property("own", OWN, AGENT, AUDITOR), on_property("both", OWN, MANAGER, AUDITOR)]
    assert kinds(estate(rules)) == {"estate.both": "redundant"}


def test_a_rule_is_waste_only_where_it_is_in_each_mode_that_somebody_has() -> None:
    rules = [on_property("own", OWN, AGENT, modes="r"), on_property("mine", OWN, MANAGER)]
    assert kinds(estate(rules)) == {}
    [one] = waste(estate(rules, [right("x.read", PROPERTY, AGENT, "r")]))
    assert (one.definition, one.modes) == ("estate.mine", (Mode.READ,))


def test_a_rule_that_accepts_nothing_still_denies_where_it_is_alone() -> None:
    assert kinds(estate([on_property("none", NONE, AGENT)])) == {"estate.access_agent": "grants-nothing"}


def test_a_rule_that_accepts_nothing_beside_others_never_applies() -> None:
    [one] = waste(estate([on_property("own", OWN, AGENT), on_property("none", NONE, MANAGER)]))
    assert (one.kind, one.definition, one.by) == ("never-applies", "estate.none", ("estate.own",))


def test_a_rule_of_users_that_can_have_no_right_never_applies() -> None:
    [one] = waste(estate([on_property("clients", OWN, CLIENT)]))
    assert (one.kind, one.definition) == ("never-applies", "estate.clients")
    assert one.why.startswith("Nobody who holds estate.client can have an access right")
    assert kinds(estate([on_property("audit", OWN, AUDITOR)])) == {}  # an agent may be an auditor


def test_a_rule_in_modes_that_nobody_has_never_applies() -> None:
    policy = estate([on_property("own", OWN, AGENT, modes="u")], [right("x.read", PROPERTY, AGENT, "r")])
    [one] = waste(policy)
    assert (one.kind, one.modes) == ("never-applies", (Mode.UNLINK,))


def test_a_rule_that_binds_those_who_use_what_delegates_to_its_model_applies() -> None:
    link = field("property_id", "many2one", comodel=PROPERTY, required=True)
    flat = model("estate.flat", [link], inherits={PROPERTY: "property_id"}, modules=("estate",))
    rights = [right("x.flat", "estate.flat", CLIENT, "r")]
    assert kinds(estate([on_property("clients", OWN, CLIENT)], rights, models=[flat])) == {}
    assert kinds(estate([on_property("clients", OWN, CLIENT)], [])) == {"estate.clients": "never-applies"}


def test_a_rule_counts_where_a_search_finds_more_by_it() -> None:
    """SQL's `NOT` does not accept what is unset, a test in memory does: only to read is there a difference."""
    outside = "['!', ('buyer_id', 'child_of', 3)]"
    for modes, said in (("w", {"estate.unset": "redundant"}), ("r", {})):
        rules = [on_property("outside", outside, AGENT, modes=modes),
                 on_property("unset", "[('buyer_id', '=', False)]", MANAGER, modes=modes)]  # fmt: skip
        assert kinds(estate(rules)) == said


def test_a_rule_counts_where_a_test_in_memory_accepts_more_by_it() -> None:
    """To SQL, what is not set is neither below nor above; to a test in memory it is."""
    rules = [on_property("above", "['!', ('name', '>=', 'b')]", AGENT),
             on_property("below", "[('name', '<', 'b')]", MANAGER)]  # fmt: skip
    assert kinds(estate(rules)) == {}


def test_a_rule_on_which_odoo_fails_does_something() -> None:
    """Everybody it binds gets an error instead of what the other rule gives them."""
    rules = [
        on_property("all", TRUE, AGENT),
        on_property("faulty", "[('user_id', '=', user.nothing.id)]", MANAGER),
    ]
    assert "estate.faulty" not in kinds(estate(rules))


# -- global rules ------------------------------------------------------------------------------------------------


def test_a_global_rule_that_accepts_everything_is_vacuous() -> None:
    [one] = waste(estate([on_property("all", TRUE)]))
    assert (one.kind, one.why) == ("vacuous", "It accepts every record.")


def test_a_global_rule_that_others_imply_is_redundant() -> None:
    strict = "[('user_id', '=', user.id), ('state', '=', 'draft')]"
    rules = [
        on_property("own", OWN),
        on_property("strict", strict),
        on_property("priced", "[('price', '>', 3)]"),
    ]
    [one] = waste(estate(rules))
    assert (one.kind, one.definition, one.by) == ("redundant", "estate.own", ("estate.strict",))


def test_a_global_rule_of_a_model_that_is_delegated_to_counts() -> None:
    link = field("property_id", "many2one", comodel=PROPERTY, required=True)
    user = field(
        "user_id", "many2one", comodel="res.users", inherited=True, related="property_id.user_id", store=False
    )
    flat = model("estate.flat", [link, user], inherits={PROPERTY: "property_id"}, modules=("estate",))
    rights = [right("x.flat", "estate.flat", AGENT, "rw"), right("x.it", PROPERTY, AGENT, "rwcu")]
    rules = [on_property("own", OWN), rule("estate.flats", "estate.flat", OWN)]
    [one] = waste(estate(rules, rights, models=[flat]))
    assert (one.definition, one.by) == ("estate.flats", ("estate.own",))


def test_a_group_rule_is_judged_on_what_global_rules_leave() -> None:
    rules = [
        on_property("drafts", DRAFT),
        on_property("open", "['|', ('state', '=', 'draft'), ('price', '>', 3)]", AGENT),
    ]
    [one] = waste(estate(rules))
    assert (one.kind, one.definition, one.by) == ("vacuous", "estate.open", ("estate.drafts",))
    assert "that estate.drafts lets through" in one.why


def test_where_global_rules_leave_nothing_group_rules_change_nothing() -> None:
    said = found(estate([on_property("none", NONE), on_property("own", OWN, AGENT)]))
    assert said["estate.own"].kind == "shadowed"
    assert said["estate.own"].why == "It changes nothing: no record passes estate.none."
    assert "estate.none" not in said


# -- access rights -------------------------------------------------------------------------------------------------


def test_a_right_of_no_mode_grants_nothing() -> None:
    rights = [right("x.none", PROPERTY, AGENT, ""), right("x.all", PROPERTY, AGENT)]
    assert kinds(estate(rights=rights)) == {"x.none": "grants-nothing"}


def test_a_right_that_an_implied_group_has_is_redundant() -> None:
    rights = [right("x.manager", PROPERTY, MANAGER, "rw"), right("x.read", PROPERTY, AGENT, "r"),
              right("x.write", PROPERTY, "base.group_user", "w")]  # fmt: skip
    [one] = waste(estate(rights=rights))
    assert (one.kind, one.definition, one.by) == ("redundant", "x.manager", ("x.read", "x.write"))


def test_a_right_that_gives_one_mode_more_is_no_waste() -> None:
    rights = [right("x.manager", PROPERTY, MANAGER, "rw"), right("x.read", PROPERTY, AGENT, "r")]
    assert kinds(estate(rights=rights)) == {}


def test_of_two_equal_rights_the_later_one_is_reported() -> None:
    rights = [right("x.first", PROPERTY, AGENT), right("x.second", PROPERTY, AGENT)]
    assert kinds(estate(rights=rights)) == {"x.second": "redundant"}


def test_a_right_of_everybody_makes_others_redundant_and_not_the_reverse() -> None:
    rights = [right("x.one", PROPERTY, AGENT), right("x.everybody", PROPERTY, None)]
    assert kinds(estate(rights=rights)) == {"x.one": "redundant"}


def test_a_right_to_records_of_which_none_passes_grants_nothing() -> None:
    one = found(estate([on_property("none", NONE)]))["estate.access_agent"]
    assert (one.kind, one.by) == ("grants-nothing", ("estate.none",))


def test_a_right_that_another_group_makes_useful_is_no_waste() -> None:
    """An agent reaches nothing, but one who is an auditor too does."""
    assert kinds(estate([on_property("none", NONE, AGENT), on_property("audit", OWN, AUDITOR)])) == {}


def test_a_right_that_a_rule_may_make_useful_is_no_waste() -> None:
    """A value that can't be read may switch the auditors' rule on."""
    unsure = on_property("audit", OWN, AUDITOR, active=False, uncertain=True)
    assert kinds(estate([on_property("none", NONE, AGENT), unsure])) == {}


def test_rules_that_contradict_each_other_leave_a_right_that_grants_nothing() -> None:
    rules = [
        on_property("set", "[('user_id', '!=', False)]"),
        on_property("unset", "[('user_id', '=', False)]"),
    ]
    assert kinds(estate(rules)) == {"estate.access_agent": "grants-nothing"}


# -- what isn't known ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("domain", ["[('score', '>', 3)]", "[('user_id', 'in', some_function())]"])
def test_nothing_is_said_of_what_can_not_be_read(domain: str) -> None:
    rules = [on_property("odd", domain, AGENT), on_property("same", domain, AGENT)]
    assert kinds(estate(rules)) == {}
    assert kinds(estate([on_property("odd", domain), on_property("same", domain)])) == {}


def test_a_rule_that_may_say_something_else_makes_nothing_waste_and_is_none() -> None:
    rules = [on_property("own", OWN, AGENT, uncertain=True), on_property("same", OWN, AGENT)]
    assert kinds(estate(rules)) == {}
    unsure = [on_property("all", TRUE, AGENT), on_property("off", OWN, AGENT, active=False, uncertain=True)]
    assert kinds(estate(unsure)) == {}


def test_a_right_that_may_say_something_else_leaves_its_model_out() -> None:
    unsure = msgspec.structs.replace(right("x.odd", PROPERTY, AGENT), uncertain=True)
    assert kinds(estate([on_property("all", TRUE, AGENT)], [right("x.all", PROPERTY, AGENT), unsure])) == {}


def test_a_group_that_may_not_imply_another_makes_nothing_redundant() -> None:
    policy = estate([on_property("own", OWN, AGENT), on_property("mine", OWN, MANAGER)])
    assert "estate.mine" in kinds(policy)
    unsure = msgspec.structs.replace(policy.groups[MANAGER], uncertain=True)
    assert kinds(msgspec.structs.replace(policy, groups=policy.groups | {MANAGER: unsure})) == {}


def test_a_model_that_was_not_read_is_left_out() -> None:
    policy = estate([on_property("all", TRUE, AGENT)])
    unread = msgspec.structs.replace(policy.models[PROPERTY], unresolved=True)
    assert kinds(msgspec.structs.replace(policy, models=policy.models | {PROPERTY: unread})) == {}


def test_modules_that_are_only_context_are_not_reported() -> None:
    policy = estate([on_property("own", OWN, AGENT), rule("x.same", PROPERTY, OWN, [AGENT])])
    assert kinds(policy) == {"x.same": "redundant"}
    context = policy.modules | {"x": msgspec.structs.replace(module("x"), context=True)}
    # What such a module says already is waste in one that is asked about, though it was loaded first.
    assert kinds(msgspec.structs.replace(policy, modules=context)) == {"estate.own": "redundant"}


def test_models_narrow_and_progress_is_told() -> None:
    told: list[tuple[str, int, int]] = []
    policy = estate([on_property("all", TRUE, AGENT)])
    assert list(waste(policy, models=["res.partner"])) == []
    assert [
        one.definition for one in waste(policy, models=[PROPERTY], progress=lambda *said: told.append(said))
    ] == ["estate.all"]
    assert told == [("Looking for waste", 0, 1), ("Looking for waste", 1, 1)]


def test_a_solver_is_asked_so_often_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    rules = [
        on_property("own", OWN, AGENT),
        on_property("mine", OWN, MANAGER),
        on_property("draft", DRAFT, AGENT),
    ]
    assert "estate.mine" in kinds(estate(rules))
    monkeypatch.setattr(logic, "MOST_ASKED", 0)
    assert kinds(estate(rules)) == {}


def test_a_solver_that_gives_up_is_not_asked_on(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []

    def giving_up(*said: object, **_: object) -> None:
        asked.append(said)

    monkeypatch.setattr(logic.Solver, "check", giving_up)
    names = [f"draft_{place}" for place in range(6)]
    rules = [on_property(name, f"[('price', '>', {place})]", AGENT) for place, name in enumerate(names)]
    assert kinds(estate(rules)) == {}
    assert len(asked) == logic.MOST_GIVEN_UP


# -- all of it at once ---------------------------------------------------------------------------------------------

_NAMES = ("g.a", "g.b", "g.c")
_DOMAINS = (OWN, TRUE, NONE, DRAFT, "[('state', '!=', 'draft')]",
            "['|', ('state', '=', 'draft'), ('user_id', '=', user.id)]",
            "[('user_id', '=', user.id), ('state', '=', 'draft')]")  # fmt: skip
_SEEDS = range(40)


def any_policy(seed: int) -> Policy:
    chance = random.Random(seed)
    spec: dict[str, list[str]] = {
        **GROUPS,
        "g.a": [],
        "g.b": ["g.a"],
        "g.c": chance.choice(([], ["g.b"], ["base.group_user"])),
    }
    rules = [
        rule(f"x.rule_{place}", PROPERTY, chance.choice(_DOMAINS),
             chance.sample((*_NAMES, "base.group_portal"), chance.choice((0, 1, 1, 1, 2))), chance.choice(("r", "rw")))
        for place in range(chance.randint(2, 5))
    ]  # fmt: skip
    rights = [
        right(f"x.right_{place}", PROPERTY, chance.choice((*_NAMES, None)), chance.choice(("", "r", "rw")))
        for place in range(chance.randint(1, 3))
    ]
    return estate(rules, rights, spec=spec)


@pytest.mark.parametrize("seed", _SEEDS)
def test_without_all_that_is_reported_everybody_can_do_the_same(seed: int) -> None:
    policy = any_policy(seed)
    gone = set(found(policy))
    left = msgspec.structs.replace(
        policy,
        rights=[one for one in policy.rights if one.xmlid not in gone],
        rules=[one for one in policy.rules if one.xmlid not in gone],
    )
    names = (*_NAMES, "base.group_user", "base.group_portal")
    with Prover(policy) as prover:
        implied = Implications(prover, PROPERTY).of
        for size in range(len(names) + 1):
            for groups in combinations(names, size):
                held = closure(policy, groups)
                if user_type_conflict(held):
                    continue
                for mode in (Mode.READ, Mode.WRITE):
                    subject = Subject(name="somebody", groups=held)
                    before = effective(policy, subject, PROPERTY, mode).domain
                    after = effective(left, subject, PROPERTY, mode).domain
                    assert implied([before], after, mode) is not None, (groups, mode, gone)
                    assert implied([after], before, mode) is not None, (groups, mode, gone)


def test_the_seeds_bring_up_every_kind() -> None:
    said = {kind for seed in _SEEDS for kind in kinds(any_policy(seed)).values()}
    assert said == {"vacuous", "redundant", "shadowed", "never-applies", "grants-nothing"}
