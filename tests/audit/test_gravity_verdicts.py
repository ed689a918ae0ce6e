"""How grave a finding is, and what it tells to write, where that was once wrong; each on a fresh addon."""

from __future__ import annotations

from pathlib import Path

import pytest

from audit.test_verdicts import found, rule
from ostiary.audit import Finding, Severity
from ostiary.audit.weighing.private_facts import private_name

PUBLIC = "base.group_public"
CODE = """
class Booth(models.Model):
    _name = 'shop.booth'
    _description = 'Booth'
    order_id = fields.Many2one('shop.order')
    renter_id = fields.Many2one('res.partner')


class Vote(models.Model):
    _name = 'shop.vote'
    _description = 'Vote'
    user_id = fields.Many2one('res.users')


class Notice(models.Model):
    _name = 'shop.notice'
    _description = 'Notice'
    author_id = fields.Many2one('res.partner')
    res_partner_id = fields.Many2one('res.partner')
"""


def about(findings: list[Finding], check: str) -> list[Finding]:
    return [one for one in findings if one.check == check and one.model != "shop.tag"]


@pytest.mark.parametrize(
    ("model", "visitors", "portal"),
    [
        ("model_shop_booth", Severity.CRITICAL, Severity.HIGH),
        ("model_shop_vote", Severity.MEDIUM, Severity.MEDIUM),
    ],
)
def test_visitors_are_worse_where_the_record_itself_is_about_a_customer(
    tmp_path: Path, model: str, visitors: Severity, portal: Severity
) -> None:
    check = "share-model-without-rule"
    [one] = about(found(tmp_path / "visitors", group=PUBLIC, model=model, code=CODE), check)
    [other] = about(found(tmp_path / "portal", model=model, code=CODE), check)
    assert (one.severity, other.severity) == (visitors, portal)


@pytest.mark.parametrize(
    ("link", "severity"),
    [
        ("required=True, ondelete='cascade'", Severity.HIGH),
        ("required=True", Severity.INFO),
        ("ondelete='cascade'", Severity.INFO),
    ],
)
def test_what_is_there_as_long_as_a_document_is_part_of_it(
    tmp_path: Path, link: str, severity: Severity
) -> None:
    code = f"""
class Answer(models.Model):
    _name = 'shop.answer'
    _description = 'Answer'
    order_id = fields.Many2one('shop.order', {link})
    text = fields.Text()
"""
    findings = found(tmp_path, model="model_shop_answer", code=code)
    [one] = about(findings, "share-model-without-rule")
    assert one.severity is severity


def test_visitors_are_worse_where_they_write_whatever_the_record_is_about(tmp_path: Path) -> None:
    findings = found(tmp_path, group=PUBLIC, model="model_shop_vote", modes="1,1,0,0", code=CODE)
    [one] = about(findings, "share-can-write")
    assert one.severity is Severity.CRITICAL


def test_records_of_the_one_user_that_all_visitors_are_matter_little(tmp_path: Path) -> None:
    own = rule("own", "[('user_id', '=', user.id)]", PUBLIC, "model_shop_vote")
    findings = found(tmp_path, own, group=PUBLIC, model="model_shop_vote", modes="1,1,0,1", code=CODE)
    [one] = about(findings, "share-can-write")
    assert one.severity is Severity.LOW
    assert one.message == (
        "Public visitors may change and delete records of Vote (shop.vote): these are of the one user that all "
        "visitors are, so that each changes what any other made."
    )


def test_publishing_one_record_does_not_publish_the_customers_of_another(tmp_path: Path) -> None:
    shown = rule("shown", "[('order_id.website_published', '=', True)]", model="model_shop_booth")
    [one] = about(
        found(tmp_path / "a", shown, model="model_shop_booth", code=CODE), "share-model-without-rule"
    )
    assert (one.severity, "order_id.website_published is true" in one.message) == (Severity.LOW, True)
    own = rule("own", "[('website_published', '=', True)]")
    assert not about(found(tmp_path / "b", own), "share-model-without-rule")


def test_a_rule_for_other_modes_is_left_as_it_is(tmp_path: Path) -> None:
    writing = rule(
        "writing", "[('res_partner_id', '=', user.partner_id.id)]", model="model_shop_notice"
    ).replace("</record>", '<field name="perm_read" eval="False"/></record>')
    findings = found(tmp_path, writing, model="model_shop_notice", modes="1,1,0,0", code=CODE)
    [one] = about(findings, "share-model-without-rule")
    assert one.fix is not None
    assert "[('res_partner_id', 'child_of', user.commercial_partner_id.id)]" in one.fix
    assert 'name="perm_write" eval="False"' in one.fix
    assert "perm_read" not in one.fix


def test_what_a_rule_lets_read_is_not_narrowed_to_mend_what_it_lets_change(tmp_path: Path) -> None:
    shown = rule("shown", "[('state', '=', 'a')]")
    [one] = about(found(tmp_path, shown, modes="1,1,0,0"), "share-can-write")
    assert one.fix is not None
    assert "In shop.shown, which also says what they read:\n" in one.fix
    assert '<field name="perm_write" eval="False"/>\nand beside:\n<record' in one.fix
    assert '    <field name="perm_read" eval="False"/>' in one.fix


def test_a_rule_that_binds_others_too_is_not_changed_for_them(tmp_path: Path) -> None:
    portal, insiders = "(4, ref('base.group_portal'))", "(4, ref('base.group_user'))"
    both = rule("shown", "[('state', '=', 'a')]").replace(portal, f"{portal}, {insiders}")
    [one] = about(found(tmp_path, both), "share-model-without-rule")
    assert one.fix is not None
    assert "shop.shown is for base.group_user too: take base.group_portal out" in one.fix


@pytest.mark.parametrize(
    ("name", "what"),
    [
        ("treatment", "health"),
        ("treatment_plan", "health"),
        ("gst_treatment", None),
        ("disabled_rating_warning", None),
        ("disability", "health"),
        ("identification_id", "identity papers"),
        ("tax_identification_number", None),
        ("passport_placeholder", None),
    ],
)
def test_names_that_only_look_like_a_private_fact(name: str, what: str | None) -> None:
    assert private_name(name) == what


def test_what_a_module_that_was_not_read_may_limit_is_not_said_to_be_open(tmp_path: Path) -> None:
    findings = found(tmp_path, model="harbour.model_harbour_berth", modes="0,1,0,0")
    [one] = about(findings, "share-can-write")
    assert str(one.confidence) == "low"
    assert "any record" not in one.message
    assert "was not read and may have one" in one.message


@pytest.mark.parametrize(
    ("body", "severity"),
    [
        ("        return super().write(values)", Severity.CRITICAL),
        (
            "        if self.partner_id != self.env.user.partner_id:\n            raise AccessError('no')",
            Severity.HIGH,
        ),
        ("        self._check_owner()\n        return super().write(values)", Severity.HIGH),
    ],
)
def test_a_write_of_its_own_may_refuse(tmp_path: Path, body: str, severity: Severity) -> None:
    code = f"    def write(self, values):\n{body}\n"
    (one,) = [each for each in found(tmp_path, modes="1,1,0,0", code=code) if each.check == "share-can-write"]
    assert one.severity is severity
    told = [step.text for step in one.evidence if "of its own" in step.text]
    assert bool(told) is (severity is not Severity.CRITICAL)
