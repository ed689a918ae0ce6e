"""The frame of an audit: which checks run, what happens when one stops, and what a finding is known by."""

from __future__ import annotations

import shutil
import sys
import types
from collections.abc import Iterator
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import msgspec
import pytest

from ostiary.audit import (
    AuditResult,
    Check,
    Confidence,
    Finding,
    Severity,
    UnknownCheck,
    all_checks,
    audit,
    check,
    registry,
    run,
)
from ostiary.policy import AccessRight, Group, Implication, Mode, Model, Module, Origin, Policy, Problem
from ostiary.sources import open_policy

HERE = Path(__file__).parent
AT = Origin("shop/security/x.xml", 3, "shop")


@check("always-one", "One finding", Severity.MEDIUM, references=("CWE-284",))
def always_one(policy: Policy) -> Iterator[Finding]:
    """Reports one thing."""
    yield always_one.finding(at=AT, subject="shop.thing", message="A thing.", fix="Mend it.")


@check("stops", "Stops halfway", Severity.LOW)
def stops(policy: Policy) -> Iterator[Finding]:
    """Reports one thing, and stops."""
    yield stops.finding(at=AT, subject="shop.thing", message="A thing.", fix="Mend it.")
    raise ZeroDivisionError("no more")


def policy_of(**facts: Any) -> Policy:
    facts.setdefault("modules", {"shop": Module(origin=AT, name="shop")})
    return Policy(odoo="18.0", **facts)


@pytest.fixture
def only(monkeypatch: pytest.MonkeyPatch) -> Any:
    def use(*checks: Check) -> None:
        found = registry.Catalogue(tuple(sorted(checks, key=lambda one: one.id)), ())
        monkeypatch.setattr(run, "catalogue", lambda: found)

    return use


@pytest.fixture
def plugins(monkeypatch: pytest.MonkeyPatch) -> Any:
    registry.catalogue.cache_clear()

    def install(*points: EntryPoint) -> None:
        monkeypatch.setattr(registry, "entry_points", lambda group: list(points))
        registry.catalogue.cache_clear()

    yield install
    registry.catalogue.cache_clear()


def point(name: str, value: str) -> EntryPoint:
    return EntryPoint(name, value, registry.ENTRY_POINTS)


# ------------------------------------------------------------------------------------------------ running


def test_a_check_that_stops_is_named_and_the_others_run(only: Any) -> None:
    only(always_one, stops)
    result = audit(policy_of())
    assert result.checks == ("always-one", "stops")
    assert [(error.check, error.message) for error in result.errors] == [
        ("stops", "The check stops stopped: ZeroDivisionError: no more")
    ]
    assert sorted(finding.check for finding in result.findings) == ["always-one", "stops"]


def test_select_and_ignore(only: Any) -> None:
    only(always_one, stops)
    assert audit(policy_of(), select=["always-one"]).checks == ("always-one",)
    assert audit(policy_of(), ignore=["stops"]).checks == ("always-one",)


def test_an_unknown_check_is_refused_with_a_near_one() -> None:
    with pytest.raises(
        UnknownCheck, match=r"no check called rule-always-treu; did you mean rule-always-true"
    ):
        audit(policy_of(), select=["rule-always-treu"])
    with pytest.raises(UnknownCheck, match=r"no check called zzz; the checks are access-right-without-group"):
        audit(policy_of(), ignore=["zzz"])


def test_what_was_not_read_is_said_whatever_is_selected() -> None:
    policy = policy_of(
        problems=[Problem(origin=AT, kind="malformed-file", message="It is broken.", fatal=True)]
    )
    assert [f.check for f in audit(policy, select=["share-can-write"]).findings] == ["unreadable-definition"]
    assert not audit(policy, ignore=["unreadable-definition"]).findings


def test_the_least_severity(only: Any) -> None:
    only(always_one, stops)
    assert [f.check for f in audit(policy_of(), min_severity=Severity.MEDIUM).findings] == ["always-one"]
    assert audit(policy_of()).count()[Severity.LOW] == 1


def test_progress(only: Any) -> None:
    only(always_one, stops)
    seen: list[tuple[str, int, int]] = []
    audit(policy_of(), progress=lambda name, done, total: seen.append((name, done, total)))
    assert seen == [("always-one", 0, 2), ("stops", 1, 2), ("", 2, 2)]


def test_modules_that_are_only_context_are_not_reported(only: Any) -> None:
    only(always_one)
    context = {"shop": Module(origin=AT, name="shop", context=True)}
    result = audit(policy_of(modules=context))
    assert result.findings == ()
    assert (result.summary.modules, result.summary.context) == (0, 1)


def test_modules_made_for_tests_are_information(only: Any) -> None:
    only(always_one)
    tests = {"shop": Module(origin=AT, name="shop", category="Hidden/Tests")}
    assert [f.severity for f in audit(policy_of(modules=tests)).findings] == [Severity.INFO]


def test_severities_and_confidences_are_ordered() -> None:
    assert sorted(Severity) == [
        Severity.INFO,
        Severity.LOW,
        Severity.MEDIUM,
        Severity.HIGH,
        Severity.CRITICAL,
    ]
    assert Severity.CRITICAL > Severity.HIGH >= Severity.HIGH
    assert Confidence.LOW < Confidence.MEDIUM < Confidence.HIGH
    assert max(Severity) is Severity.CRITICAL


# ------------------------------------------------------------------------------------------------ plugins


def test_checks_of_other_distributions(plugins: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    module = types.ModuleType("other_checks")
    module.always_one = always_one  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "other_checks", module)
    plugins(point("others", "other_checks"), point("one", "other_checks:always_one"))
    found = {one.id: one for one in all_checks()}
    assert found["always-one"].origin == "other_checks:always_one"
    assert [error.message for error in registry.catalogue().errors] == [
        "The check always-one of other_checks is skipped: "
        "the check always-one of other_checks:always_one has that name."
    ]
    assert "always-one" in audit(policy_of()).checks


def test_a_broken_distribution_is_named_and_nothing_else_suffers(plugins: Any) -> None:
    plugins(point("gone", "no_such_module_at_all"), point("odd", "sys:version"))
    result = audit(policy_of())
    assert [error.check for error in result.errors] == ["gone", "odd"]
    assert "ModuleNotFoundError" in result.errors[0].message
    assert len(result.checks) == len([one for one in all_checks() if one.origin == "ostiary"])


def test_our_checks_have_kebab_case_ids_and_one_file_each() -> None:
    for one in all_checks():
        if one.origin == "ostiary":
            assert one.run.__module__ == f"ostiary.audit.checks.{one.id.replace('-', '_')}"
            assert one.references


# ------------------------------------------------------------------------------------------------ findings


def test_a_fingerprint_is_made_of_names_alone() -> None:
    def finding(at: Origin = AT, **other: Any) -> Finding:
        return always_one.finding(
            at=at,
            message="A thing.",
            fix="Mend it.",
            **{"subject": "shop.thing", "model": "shop.order", **other},
        )

    one = finding()
    assert len(one.fingerprint) == 16
    assert int(one.fingerprint, 16) >= 0
    assert finding(at=Origin("elsewhere/y.xml", 99, "shop")).fingerprint == one.fingerprint
    others = [
        finding(subject="shop.other"),
        finding(model="shop.line"),
        finding(audience=("portal",)),
        finding(key=("read",)),
    ]
    assert len({one.fingerprint, *(other.fingerprint for other in others)}) == 5


def test_findings_that_look_alike_get_fingerprints_of_their_own(only: Any) -> None:
    @check("twice", "Twice", Severity.LOW)
    def twice(policy: Policy) -> Iterator[Finding]:
        for line in (9, 4):
            yield twice.finding(
                at=Origin("a.xml", line, "shop"), subject="x", message="A thing.", fix="Mend it."
            )

    only(twice)
    first, again = audit(policy_of()), audit(policy_of())
    assert len({finding.fingerprint for finding in first.findings}) == 2
    assert [f.fingerprint for f in first.findings] == [f.fingerprint for f in again.findings]


def everything(folder: Path) -> AuditResult:
    return audit(open_policy([folder], odoo="18.0", cache=False))


def test_fingerprints_stay_when_lines_and_files_move(tmp_path: Path) -> None:
    source = HERE / "share-can-write" / "bad"
    before = everything(source)
    shutil.copytree(source, tmp_path / "elsewhere")
    for path in (tmp_path / "elsewhere").rglob("*"):
        if path.suffix == ".csv":
            head, *rows = path.read_text().splitlines()
            path.write_text("\n".join([head, *reversed(rows)]) + "\n")
        elif path.suffix == ".xml":
            path.write_text(path.read_text().replace("<odoo>", "<odoo>\n\n\n"))
    after = everything(tmp_path / "elsewhere")
    assert {finding.fingerprint for finding in after.findings} == {
        finding.fingerprint for finding in before.findings
    }
    assert [(one.fingerprint, one.line) for one in after.findings] != [
        (one.fingerprint, one.line) for one in before.findings
    ]


def test_every_finding_has_a_fingerprint_of_its_own_and_the_order_is_fixed() -> None:
    folders = sorted(path for path in HERE.glob("*/bad*"))
    for folder in folders[::4]:
        result = everything(folder)
        prints = [finding.fingerprint for finding in result.findings]
        assert len(set(prints)) == len(prints)
        assert everything(folder) == result
        assert list(result.findings) == sorted(result.findings, key=lambda finding: -finding.severity.rank)


def test_the_result_can_be_written_as_json() -> None:
    result = everything(HERE / "share-can-write" / "bad")
    assert msgspec.json.decode(msgspec.json.encode(result), type=AuditResult) == result


def test_a_policy_made_by_hand_needs_no_source() -> None:
    order = Model(origin=AT, name="shop.order", modules=("shop",))
    right = AccessRight(
        origin=AT, xmlid="shop.access", model="shop.order", group="shop.group_buyer", modes=(Mode.WRITE,)
    )
    portal = Group(
        origin=AT,
        xmlid="base.group_portal",
        implies=(Implication("shop.group_buyer", Origin("shop/groups.xml", 8)),),
    )
    policy = policy_of(
        models={"shop.order": order},
        rights=[right],
        groups={"base.group_portal": portal, "shop.group_buyer": Group(origin=AT, xmlid="shop.group_buyer")},
    )
    (finding,) = audit(policy, select=["share-can-write"]).findings
    assert finding.audience == ("portal",)
    assert str(finding.evidence[0].origin) == "shop/groups.xml:8"
    assert finding.severity is Severity.HIGH


def test_models_that_inherit_in_circles_stop_no_check() -> None:
    one = Model(origin=AT, name="a", modules=("shop",), inherit=("b",), inherits={"b": "b_id"})
    two = Model(origin=AT, name="b", modules=("shop",), inherit=("a",), inherits={"a": "a_id"})
    rights = [
        AccessRight(
            origin=AT,
            xmlid=f"shop.{name}",
            model=name,
            group="base.group_portal",
            modes=(Mode.READ, Mode.WRITE),
        )
        for name in "ab"
    ]
    circle = Group(origin=AT, xmlid="base.group_portal", implies=(Implication("base.group_portal", AT),))
    result = audit(
        policy_of(models={"a": one, "b": two}, rights=rights, groups={"base.group_portal": circle})
    )
    assert result.errors == ()
    assert {finding.check for finding in result.findings} == {"share-can-write", "share-model-without-rule"}
