"""What the checks make of a proof: the verdict, the witness they carry, and what they say where there is none."""

from __future__ import annotations

from pathlib import Path

import pytest

from ostiary.audit import Confidence, Finding, Severity, audit
from ostiary.audit.asking import proofs as asked
from ostiary.audit.asking.as_read import as_read
from ostiary.policy import Mode, Policy
from ostiary.policy.paths import field_of
from ostiary.prove import Prover, Verdict
from ostiary.sources import open_policy

OWN = "[('partner_id', '=', user.partner_id.id)]"
ABOUT_OTHERS = ("share-model-without-rule", "rule-on-empty-value", "rule-shared-attribute")
MODELS = """
from odoo import fields, models


class Club(models.Model):
    _name = "shop.club"

    name = fields.Char()
    member_ids = fields.Many2many("res.partner")


class Partner(models.Model):
    _inherit = "res.partner"

    club_ids = fields.One2many("shop.member", "partner_id")
    keeper_id = fields.Many2one("res.users")


class Member(models.Model):
    _name = "shop.member"

    partner_id = fields.Many2one("res.partner")
    club_id = fields.Many2one("shop.club")


class Order(models.Model):
    _name = "shop.order"
    _description = "Order"

    name = fields.Char()
    state = fields.Char()
    active = fields.Boolean()
    website_published = fields.Boolean()
    partner_id = fields.Many2one("res.partner")
    user_id = fields.Many2one("res.users")
    club_id = fields.Many2one("shop.club")
    company_id = fields.Many2one("res.company")
"""


def rule(name: str, domain: str, *, model: str = "model_shop_order", group: str = "base.group_portal") -> str:
    groups = f'<field name="groups" eval="[(4, ref(\'{group}\'))]"/>' if group else ""
    domain = domain.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return (
        f'<record id="{name}" model="ir.rule"><field name="name">{name}</field>'
        f'<field name="model_id" ref="{model}"/><field name="domain_force">{domain}</field>{groups}</record>'
    )


def policy_of(
    tmp_path: Path,
    *rules: str,
    model: str = "model_shop_order",
    modes: str = "1,0,0,0",
    depends: str = "portal",
) -> Policy:
    """An addon with a few models, one access right for portal users, and these rules."""
    addon = tmp_path / "shop"
    (addon / "security").mkdir(parents=True)
    (addon / "__init__.py").write_text("from . import models\n")
    files = ["security/rules.xml", "security/ir.model.access.csv"]
    (addon / "__manifest__.py").write_text(repr({"name": "Shop", "depends": [depends], "data": files}))
    (addon / "models.py").write_text(MODELS)
    (addon / files[0]).write_text(f"<odoo>{''.join(rules)}</odoo>")
    (addon / files[1]).write_text(
        "id,name,model_id:id,group_id:id,perm_read,perm_write,perm_create,perm_unlink\n"
        f"access_order,order,{model},base.group_portal,{modes}\n"
    )
    return open_policy([tmp_path], odoo="18.0", cache=False)


def found(policy: Policy, *checks: str) -> list[Finding]:
    result = audit(
        policy, select=checks or ("share-model-without-rule", "rule-always-true", "rule-company-only")
    )
    assert not result.errors
    return [finding for finding in result.findings if finding.check != "unreadable-definition"]


def one(policy: Policy, *checks: str) -> Finding:
    (finding,) = found(policy, *checks)
    return finding


def test_a_finding_carries_the_record_that_shows_it(tmp_path: Path) -> None:
    finding = one(policy_of(tmp_path, rule("r", "[('state', '=', 'done')]")))
    proof = finding.proof
    assert proof is not None
    assert (proof.verdict, proof.sort, proof.condition) == (
        "conditional",
        "plain",
        "state is 'done'",
    )
    assert proof.witness is not None
    assert proof.witness.reproduced
    assert proof.witness.record.model == "shop.order"
    assert proof.witness.record.values["state"] == "done"
    assert proof.witness.record.values["partner_id"] != proof.witness.user.values["partner_id"]


def test_what_is_in_order_has_no_finding(tmp_path: Path) -> None:
    assert found(policy_of(tmp_path, rule("r", OWN))) == []


def test_a_user_who_lacks_what_is_compared_sees_what_is_nobodys(tmp_path: Path) -> None:
    policy = policy_of(tmp_path, rule("r", "[('partner_id', 'in', [user.partner_id.parent_id.id])]"))
    finding = one(policy, *ABOUT_OTHERS)
    assert (finding.check, finding.severity) == ("rule-on-empty-value", Severity.MEDIUM)
    assert "partner_id is not set" in finding.message
    assert finding.path.endswith("rules.xml")


def test_customers_of_one_keeper_have_him_in_common(tmp_path: Path) -> None:
    policy = policy_of(tmp_path, rule("r", "[('user_id', '=', user.partner_id.keeper_id.id)]"))
    finding = one(policy, *ABOUT_OTHERS)
    assert (finding.check, finding.severity) == ("rule-shared-attribute", Severity.HIGH)
    assert finding.proof is not None
    assert finding.proof.sort in ("shared", "unset")


def test_the_club_of_a_member_is_the_members(tmp_path: Path) -> None:
    domain = "[('club_id', 'in', user.partner_id.club_ids.club_id.ids)]"
    policy = policy_of(tmp_path, rule("r", domain), modes="1,1,0,0")
    assert asked.isolation(policy, "portal", "shop.order", Mode.READ).verdict is Verdict.CONDITIONAL
    assert found(policy, "share-model-without-rule", "share-can-write") == []


def test_the_rule_that_lets_others_in_is_named(tmp_path: Path) -> None:
    policy = policy_of(tmp_path, rule("own", OWN), rule("done", "[('state', '=', 'done')]"))
    finding = one(policy)
    line = (tmp_path / "shop/security/rules.xml").read_text().splitlines()[finding.line - 1]
    assert 'id="done"' in line
    assert asked.lets_strangers_in(
        asked.alone(policy, "portal", policy.rules_by_model["shop.order"][1], Mode.READ, others=True)
    )
    assert not asked.lets_strangers_in(
        asked.alone(policy, "portal", policy.rules_by_model["shop.order"][0], Mode.READ, others=True)
    )


def test_only_the_group_rule_that_compares_companies_is_reported(tmp_path: Path) -> None:
    rules = (rule("own", OWN), rule("firm", "[('company_id', 'in', company_ids), ('active', '=', True)]"))
    finding = one(policy_of(tmp_path, *rules))
    assert (finding.check, finding.subject) == ("rule-company-only", "shop.firm")


def test_a_rule_that_accepts_all_cancels_one_that_does_not(tmp_path: Path) -> None:
    finding = one(policy_of(tmp_path, rule("own", OWN), rule("all", "[('id', '>', 0)]")))
    assert (finding.check, finding.subject) == ("rule-always-true", "shop.all")
    assert "cancels" in finding.message
    assert "shop.own" in finding.message


def test_a_rule_that_says_active_holds_back_what_is_archived(tmp_path: Path) -> None:
    finding = one(policy_of(tmp_path, rule("r", "[('active', '=', True)]")))
    assert (finding.check, finding.severity) == ("rule-always-true", Severity.HIGH)
    assert "holds back archived ones only" in finding.message


@pytest.mark.parametrize(
    ("domain", "check"),
    [
        (OWN, None),
        ("[('owner_ids', 'in', user.partner_id.ids)]", None),
        ("[('order_id.partner_id', 'child_of', user.commercial_partner_id.id)]", None),
        ("[('order_ids', 'any', [('user_id', '=', user.id)])]", None),
        ("[('company_id', 'in', company_ids)]", "rule-company-only"),
        ("[('partner_id', '!=', user.partner_id.id)]", "rule-always-true"),
    ],
)
def test_a_model_that_was_not_read_is_what_its_rules_say(
    tmp_path: Path, domain: str, check: str | None
) -> None:
    policy = policy_of(
        tmp_path,
        rule("r", domain, model="fleet.model_fleet_car"),
        model="fleet.model_fleet_car",
        depends="fleet",
    )
    assert field_of(policy, "fleet.car", "partner_id") is None
    findings = found(policy)
    assert [finding.check for finding in findings] == ([] if check is None else [check])
    assert all(finding.confidence is Confidence.LOW for finding in findings)


def test_what_was_read_in_full_is_asked_as_it_is(tmp_path: Path) -> None:
    policy = policy_of(tmp_path, rule("r", "[('nothing_id', '=', user.id)]"))
    assert field_of(as_read(policy), "shop.order", "nothing_id") is None


def test_unknown_is_never_taken_for_safe(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object) -> None:
        raise RuntimeError("out of ideas")

    monkeypatch.setattr(Prover, "isolation", fails)
    finding = one(policy_of(tmp_path, rule("r", OWN)))
    assert finding.confidence is Confidence.LOW
    assert "can't be decided" in finding.message
    assert "out of ideas" in finding.message
    assert finding.proof is not None
    assert finding.proof.unknown


def test_the_prover_is_closed_and_its_answers_stay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    closed: list[Prover] = []
    close = Prover.close

    def noted(prover: Prover) -> None:
        closed.append(prover)
        close(prover)

    monkeypatch.setattr(Prover, "close", noted)
    policy = policy_of(tmp_path, rule("r", "[('state', '=', 'done')]"))
    first = found(policy)
    assert closed
    assert all(prover._stage is None for prover in closed)
    monkeypatch.setattr(Prover, "isolation", lambda *_: pytest.fail("asked again"))
    assert found(policy) == first


def test_share_groups_with_the_same_rules_share_an_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    policy = policy_of(tmp_path, rule("r", OWN))
    portal = asked.isolation(policy, "portal", "shop.order", Mode.READ)
    monkeypatch.setattr(Prover, "isolation", lambda *_: pytest.fail("asked again"))
    other = asked.isolation(policy, "base.group_portal", "shop.order", Mode.READ)
    assert (portal.audience, other.audience) == ("portal", "base.group_portal")
    assert portal.verdict is other.verdict is Verdict.ISOLATED


def test_a_group_that_nobody_defines_can_be_asked_about(tmp_path: Path) -> None:
    policy = policy_of(tmp_path, rule("r", OWN))
    proof = asked.silo(policy, "away.group_nobody", "res.partner", Mode.READ)
    assert proof.audience == "away.group_nobody"
