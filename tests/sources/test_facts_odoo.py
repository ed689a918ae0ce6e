"""The bundled summaries against Odoo's own source, where a tree of it is at hand: what they say is so."""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from ostiary.domain import to_odoo
from ostiary.policy import Policy, RecordRule
from ostiary.sources import open_policy
from ostiary.sources.addons import facts
from sources.build import write_addon

TREES = {
    series: os.environ.get(f"OSTIARY_ODOO_{series.removesuffix('.0')}", "") for series in ("17.0", "18.0")
}

pytestmark = pytest.mark.slow

Right = tuple[str, str | None, str]


@cache
def odoo(series: str) -> Policy:
    """The whole tree; all of its modules count as installed."""
    if not TREES[series]:
        pytest.skip(f"OSTIARY_ODOO_{series.removesuffix('.0')} names no Odoo {series} tree")
    return open_policy([TREES[series]], odoo=series, cache=False)


@pytest.fixture
def summed_up(tmp_path: Path, series: str) -> Policy:
    """All the summaries of a series together."""
    write_addon(tmp_path, "desk", manifest={"depends": list(facts.manifests(series))})
    return open_policy([tmp_path], odoo=series, cache=False)


def written() -> set[str]:
    """The modules that have a file of their own."""
    return {Path(entry.name).stem for entry in Path(facts.__file__).parent.glob("*.toml")} - {"modules"}


def rights(policy: Policy) -> dict[Right, set[str]]:
    """What each module gives each group on a model, of the modules that have a summary."""
    given: dict[Right, set[str]] = {}
    for right in policy.rights:
        if right.active and right.modes and right.origin.module in written():
            key = (right.model, right.group, right.origin.module)
            given.setdefault(key, set()).update(map(str, right.modes))
    return given


def said(rule: RecordRule) -> tuple[object, ...]:
    return (rule.model, frozenset(rule.group_names), frozenset(rule.modes), to_odoo(rule.domain), rule.active)


# Modules with no summary of their own patch these, and a tree has all modules.
PATCHED = {
    "account.account_analytic_line_rule_billing_user",
    "gamification.goal_gamification_manager_visibility",
    "survey.survey_user_input_rule_survey_user_read",
    *(f"fleet.fleet_rule_{of}_visibility_user" for of in ("contract", "service", "odometer", "vehicle")),
}


@pytest.mark.parametrize("series", TREES)
def test_the_rights_on_a_model_that_is_summed_up_are_all_there_and_are_odoos(
    series: str, summed_up: Policy
) -> None:
    stated, real = rights(summed_up), rights(odoo(series))
    wanted = {key: modes for key, modes in real.items() if key[0] in summed_up.models}
    assert len(stated) > 400 and stated == wanted


@pytest.mark.parametrize("series", TREES)
def test_the_rules_on_a_model_that_is_summed_up_are_all_there_and_are_odoos(
    series: str, summed_up: Policy
) -> None:
    real = {
        rule.xmlid: said(rule)
        for rule in odoo(series).rules
        if rule.origin.module in written() and rule.model in summed_up.models
    }
    stated = {rule.xmlid: said(rule) for rule in summed_up.rules}
    # What ships inactive and is switched on by code is left out of the summaries.
    real = {name: rule for name, rule in real.items() if rule[-1] or name in stated}
    wrong = {name for name in real.keys() | stated.keys() if real.get(name) != stated.get(name)}
    assert len(stated) > 200 and wrong - PATCHED == set()


@pytest.mark.parametrize("series", TREES)
def test_the_groups_imply_what_odoos_do(series: str, summed_up: Policy) -> None:
    wrong = []
    for group in summed_up.groups.values():
        stated = {link.group for link in group.implies}
        real = {
            link.group
            for link in (
                odoo(series).groups[group.xmlid].implies if group.xmlid in odoo(series).groups else ()
            )
            if link.origin.module in written()
        }
        if group.xmlid not in odoo(series).groups or stated != real:
            wrong.append(group.xmlid)
    assert wrong == []


# SQL views and logs say their own `create_uid`; Odoo makes these related by `_inherits` in another way.
OTHERWISE = {"ir.logging", "res.users.log", "product.product", "account.payment"}


def differing(stated: Policy, real: Policy) -> Iterator[str]:
    for model in stated.models.values():
        known = real.models.get(model.name)
        if known is None or known.unresolved:
            yield model.name
            continue
        if model.kind is not known.kind or set(model.inherit) - set(known.inherit) - {"format.address.mixin"}:
            yield f"{model.name}: kind or mixins"
        for field in model.fields.values() if model.name not in OTHERWISE else ():
            same = known.fields.get(field.name)
            if same is None or (field.type, field.comodel) != (same.type, same.comodel):
                yield f"{model.name}.{field.name}"
            elif (field.groups or "").split(",") != (same.groups or "").split(
                ","
            ) and field.module in written():
                yield f"{model.name}.{field.name}: groups"


@pytest.mark.parametrize("series", TREES)
def test_the_models_and_fields_are_odoos(series: str, summed_up: Policy) -> None:
    assert sorted(differing(summed_up, odoo(series))) == []
