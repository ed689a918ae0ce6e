"""Verdicts that readers of real modules found wrong or unclear, each on a fresh addon."""

from __future__ import annotations

from pathlib import Path

import pytest

from audit.test_verdicts import found, rule
from ostiary.audit import Confidence, Severity, audit
from ostiary.audit.weighing.private_facts import private_fact
from ostiary.audit.weighing.secrets import Secret, secret_of
from ostiary.policy import Field, Model, Origin, Policy
from ostiary.sources import open_policy
from ostiary.sources.addons.ops import RecordOp, ValueOp
from ostiary.sources.addons.references import References

AT = Origin(path="groups.xml", line=1, module="annex")
DEPOT = """
class Depot(models.Model):
    _name = 'shop.depot'
    _description = 'Depot'
    company_id = fields.Many2one('res.company')
    partner_id = fields.Many2one('res.partner', {label!r})
"""
COMPANY = "[('company_id', 'in', company_ids)]"


@pytest.mark.parametrize(("label", "severity"), [("Renter", Severity.HIGH), ("Address", Severity.MEDIUM)])
def test_where_a_thing_is_says_nothing_about_a_customer(
    tmp_path: Path, label: str, severity: Severity
) -> None:
    companies = rule("companies", COMPANY, None, "model_shop_depot")
    findings = found(tmp_path, companies, model="model_shop_depot", code=DEPOT.format(label=label))
    [one] = [one for one in findings if one.check == "rule-company-only"]
    assert one.severity is severity
    assert ("other customers' included" in one.message) == (severity is Severity.HIGH)


@pytest.mark.parametrize(("depended", "found"), [(None, 0), (frozenset({"annex", "library"}), 1)])
def test_the_order_behind_a_module_that_was_not_read_is_not_judged(
    depended: frozenset[str] | None, found: int
) -> None:
    references = References(lambda module: depended)
    op = RecordOp(
        model="res.groups",
        xmlid="group_porter",
        values=[ValueOp("implied_ids", {"$ref": "library.group_desk"}, 2)],
        line=1,
    )
    references.seen(op, "annex.group_porter", AT, {})
    known = {"annex.group_porter": None, "library.group_desk": None}
    assert len(list(references.problems(known, {"annex": None, "library": None}))) == found


def test_an_early_name_of_the_module_itself_is_judged_whatever_was_read() -> None:
    references = References(lambda module: None)
    op = RecordOp("res.groups", "group_a", [ValueOp("implied_ids", {"$ref": "annex.group_b"}, 2)], 1)
    references.seen(op, "annex.group_a", AT, {})
    assert len(list(references.problems({"annex.group_b": None}, {"annex": None}))) == 1


@pytest.mark.parametrize(
    ("name", "type_", "fact"),
    [
        ("iban", "char", "bank details"),
        ("bank_account_link", "selection", None),
        ("show_bank_account_digits", "integer", None),
        ("gender", "selection", "private life"),
    ],
)
def test_a_setting_about_a_private_thing_is_none(name: str, type_: str, fact: str | None) -> None:
    assert private_fact(Field(origin=AT, name=name, type=type_)) == fact


@pytest.mark.parametrize(
    ("name", "readonly", "kind"),
    [
        ("dropbox_token", True, Secret.LINK),
        ("dropbox_token", False, Secret.KEY),
        ("oauth_access_token", True, Secret.KEY),
    ],
)
def test_a_token_that_nobody_types_in_opens_something_here(name: str, readonly: bool, kind: Secret) -> None:
    users = Model(origin=AT, name="res.users")
    told = secret_of(Policy(odoo="18.0"), users, Field(origin=AT, name=name, type="char", readonly=readonly))
    assert told is not None
    assert told[0] is kind


def test_what_is_encrypted_is_said_to_be() -> None:
    gateway = Model(origin=AT, name="shop.gateway")
    told = secret_of(Policy(odoo="18.0"), gateway, Field(origin=AT, name="api_key_encrypted", type="char"))
    assert told is not None
    assert "encrypted: whatever decrypts it" in told[1]


def test_a_name_that_a_module_left_unread_may_define_is_no_certain_fault(tmp_path: Path) -> None:
    branches = rule("branches", "[('id', 'in', branch_ids)]")
    [sure] = [one for one in found(tmp_path, branches) if one.check == "rule-invalid"]
    assert (sure.severity, sure.confidence) == (Severity.HIGH, Confidence.HIGH)
    manifest = tmp_path / "shop" / "__manifest__.py"
    manifest.write_text(manifest.read_text().replace("'portal'", "'portal', 'branches'"))
    result = audit(open_policy([tmp_path], odoo="18.0", cache=False), select=["rule-invalid"])
    [unsure] = result.findings
    assert (unsure.severity, unsure.confidence) == (Severity.LOW, Confidence.LOW)
    assert "unless a module that was not read defines it" in unsure.message
