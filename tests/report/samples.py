"""Small hand-made policies and audit results that the report and command-line tests share."""

from __future__ import annotations

from ostiary.audit import AuditResult, Confidence, Evidence, Finding, Severity
from ostiary.audit.run import Summary
from ostiary.policy.definitions import (
    MODES,
    AccessRight,
    Group,
    GroupLink,
    Implication,
    Mode,
    Model,
    Module,
    Problem,
    RecordRule,
    Unresolved,
)
from ostiary.policy.origin import Origin
from ostiary.policy.policy import Policy


def at(path: str, line: int = 0, module: str = "garden") -> Origin:
    return Origin(path, line, module)


RIGHTS = "garden/security/ir.model.access.csv"
RULES = "garden/security/rules.xml"
GROUPS = "garden/security/groups.xml"


def garden(**changes: object) -> Policy:
    """Two models, a share group of its own, an internal group, and a portal that can read too much."""
    base = at("base/security/base_groups.xml", 3, "base")
    values: dict[str, object] = {
        "odoo": "18.0",
        "modules": {
            "base": Module(
                origin=at("base/__manifest__.py", 0, "base"), name="base", context=True, facts=True
            ),
            "garden": Module(
                origin=at("garden/__manifest__.py"), name="garden", title="Garden", depends=("base",)
            ),
        },
        "models": {
            "garden.plant": Model(
                origin=at("garden/models/plant.py", 8),
                name="garden.plant",
                description="Plant",
                modules=("garden",),
            ),
            "garden.bed": Model(
                origin=at("garden/models/bed.py", 5),
                name="garden.bed",
                description="Flower Bed",
                modules=("garden",),
            ),
            "res.partner": Model(
                origin=at("base/models/res_partner.py", 9, "base"),
                name="res.partner",
                description="Contact",
                modules=("base",),
            ),
        },
        "groups": {
            "base.group_user": Group(origin=base, xmlid="base.group_user", name="Internal User"),
            "base.group_portal": Group(
                origin=base,
                xmlid="base.group_portal",
                name="Portal",
                share=True,
                implies=(Implication("garden.group_visitor", at(GROUPS, 22)),),
            ),
            "base.group_public": Group(origin=base, xmlid="base.group_public", name="Public", share=True),
            "garden.group_visitor": Group(origin=at(GROUPS, 4), xmlid="garden.group_visitor", name="Visitor"),
            "garden.group_gardener": Group(
                origin=at(GROUPS, 9),
                xmlid="garden.group_gardener",
                name="Gardener",
                implies=(Implication("base.group_user", at(GROUPS, 12)),),
            ),
            "garden.group_friend": Group(
                origin=at(GROUPS, 15),
                xmlid="garden.group_friend",
                name="Friend",
                implies=(Implication("base.group_portal", at(GROUPS, 18)),),
            ),
        },
        "rights": [
            AccessRight(
                origin=at(RIGHTS, 2),
                xmlid="garden.plant_visitor",
                model="garden.plant",
                group="garden.group_visitor",
                modes=(Mode.READ, Mode.WRITE),
            ),
            AccessRight(
                origin=at(RIGHTS, 3),
                xmlid="garden.plant_gardener",
                model="garden.plant",
                group="garden.group_gardener",
                modes=MODES,
            ),
            AccessRight(
                origin=at(RIGHTS, 4),
                xmlid="garden.bed_all",
                model="garden.bed",
                group=None,
                modes=(Mode.READ,),
            ),
        ],
        "rules": [
            RecordRule(
                origin=at(RULES, 3),
                xmlid="garden.plant_own",
                name="Own plants",
                model="garden.plant",
                domain_force="[('partner_id', 'child_of', user.commercial_partner_id.id)]",
                groups=(GroupLink("base.group_portal", at(RULES, 8)),),
                modes=(Mode.READ,),
            ),
            RecordRule(
                origin=at(RULES, 12),
                xmlid="garden.bed_company",
                name="Company",
                model="garden.bed",
                domain_force="[('company_id', 'in', company_ids + [False])]",
            ),
        ],
        "unresolved": [
            Unresolved(
                origin=at("garden/__manifest__.py", 6),
                kind="module",
                name="greenhouse",
                needed_by=("garden",),
            ),
        ],
    }
    values.update(changes)
    return Policy(**values)  # type: ignore[arg-type]


def finding(**changes: object) -> Finding:
    values: dict[str, object] = {
        "check": "share-can-write",
        "severity": Severity.HIGH,
        "confidence": Confidence.HIGH,
        "audience": ("portal",),
        "module": "garden",
        "model": "garden.plant",
        "subject": "garden.plant_visitor",
        "path": RIGHTS,
        "line": 2,
        "message": "Portal users can change every Plant (garden.plant): the access right gives write, and no record "
        "rule limits it.",
        "evidence": (
            Evidence("base.group_portal implies garden.group_visitor", at(GROUPS, 22)),
            Evidence("garden.plant_visitor gives garden.group_visitor read and write", at(RIGHTS, 2)),
            Evidence("no record rule of garden.plant applies to write"),
        ),
        "fix": "Take perm_write from garden.plant_visitor, or limit it with a record rule:\n"
        '<record id="garden_plant_rule_portal" model="ir.rule">\n'
        "    <field name=\"domain_force\">[('partner_id', 'child_of', user.commercial_partner_id.id)]</field>\n"
        "</record>",
        "references": ("CWE-285", "OWASP A01:2021"),
        "fingerprint": "0123456789abcdef",
    }
    values.update(changes)
    return Finding(**values)  # type: ignore[arg-type]


def findings() -> tuple[Finding, ...]:
    return (
        finding(
            check="portal-reaches-internal",
            severity=Severity.CRITICAL,
            model=None,
            subject="base.group_portal",
            path=GROUPS,
            line=22,
            message="Portal users become internal users.",
            evidence=(),
            fix="Remove the link.",
            fingerprint="00000000000000aa",
            references=("CWE-269",),
        ),
        finding(),
        finding(
            check="access-right-without-group",
            severity=Severity.MEDIUM,
            audience=("everyone",),
            model="garden.bed",
            subject="garden.bed_all",
            line=4,
            message="Everybody, without logging in, can read Flower Bed (garden.bed).",
            evidence=(Evidence("garden.bed_all has no group", at(RIGHTS, 4)),),
            fix="Give the access right a group.",
            fingerprint="00000000000000bb",
        ),
        finding(
            check="missing-company-rule",
            severity=Severity.LOW,
            confidence=Confidence.LOW,
            audience=("internal",),
            subject="garden.plant",
            path="garden/models/plant.py",
            line=8,
            evidence=(),
            message="Plant (garden.plant) has a company but no record rule compares it.",
            fix="Add a global record rule.",
            fingerprint="00000000000000cc",
        ),
    )


def result(*found: Finding, policy: Policy | None = None, **changes: object) -> AuditResult:
    policy = policy or garden()
    values: dict[str, object] = {
        "findings": found,
        "checks": tuple(
            sorted({"share-can-write", "portal-reaches-internal", "rule-invalid", *(f.check for f in found)})
        ),
        "errors": (),
        "summary": Summary(odoo=policy.odoo, modules=1, context=1, models=2, groups=3, rights=3, rules=2),
        "unresolved": tuple(policy.unresolved),
        "problems": tuple(policy.problems),
    }
    values.update(changes)
    return AuditResult(**values)  # type: ignore[arg-type]


def problem(message: str = "This XML is not well formed.", **changes: object) -> Problem:
    values: dict[str, object] = {
        "kind": "malformed-file",
        "message": message,
        "fatal": True,
        "origin": at(RULES, 30),
    }
    values.update(changes)
    return Problem(**values)  # type: ignore[arg-type]


HOSTILE = (
    "<script>alert(1)</script>",
    "\u202egnp.exe\u202c",
    "[bold red]markup[/] [link=https://example.org]x[/link]",
    "\x1b[31mred\x1b[0m\x07\x9b2J",
    "x" * 10_000,
    "\"'>{{ 7*7 }}{% raw %}",
    "javascript:alert(1)",
    "\ud800 lonely",
    "a\u0000b\u2028c\u2066d",
)
