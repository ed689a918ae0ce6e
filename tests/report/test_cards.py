"""Like findings together, the summary over them, and the auditors' page."""

from __future__ import annotations

import sys

from ostiary.audit import Confidence, Finding, Severity
from ostiary.audit.finding import Proved
from ostiary.audit.result import Suppressed
from ostiary.policy import Mode
from ostiary.report import brief, cards, coverage
from report.samples import GROUPS, at, finding, findings, garden, problem, result


def many(count: int, **changes: object) -> list[Finding]:
    return [
        finding(fingerprint=f"{number:016x}", message=f"Finding {number}.", **changes)
        for number in range(count)
    ]


def test_like_findings_of_a_module_are_one_card_with_their_common_fix() -> None:
    two = many(2)
    other = finding(module="orchard", fingerprint="a" * 16)
    made = cards.cards([*two, other])
    assert [(len(card.findings), card.modules) for card in made] == [(2, ("garden",)), (1, ("orchard",))]
    assert made[0].heading.endswith("2 findings in garden")
    assert made[0].fix == two[0].fix
    assert made[1].alone is other
    assert made[1].heading == other.message
    assert made[1].fix == ""


def test_fixes_that_differ_stay_with_their_findings() -> None:
    one, two = many(2)
    made = cards.cards([one, finding(fix="Another way.", fingerprint=two.fingerprint)])
    assert made[0].fix == ""


def test_minor_findings_of_all_modules_are_one_card() -> None:
    found = [
        *many(1, severity=Severity.LOW),
        finding(severity=Severity.LOW, module="orchard", fingerprint="a" * 16),
    ]
    (card,) = cards.cards(found)
    assert card.heading.endswith("2 findings in 2 modules")


def test_the_widest_audience_and_the_surest_come_first() -> None:
    made = cards.cards(
        [
            finding(audience=("internal",), check="a"),
            finding(audience=("portal",), check="b", confidence=Confidence.LOW),
            finding(audience=("portal",), check="c"),
            finding(audience=("public", "portal"), check="d"),
        ]
    )
    assert [card.check for card in made] == ["d", "c", "b", "a"]


def test_what_is_over_the_bounds_is_listed_and_then_counted() -> None:
    found = [*many(3, check="x", severity=Severity.HIGH), *many(4, check="y", severity=Severity.LOW)]
    high, low = cards.grades(result(*found), most_full=4, most_listed=1)
    assert (sum(len(card.findings) for card in high.cards), high.listed, high.counted) == (3, (), ())
    assert (sum(len(card.findings) for card in low.cards), len(low.listed), low.counted) == (
        1,
        1,
        (("y", 2),),
    )
    assert low.count == 4


def summary(*found: Finding, **changes: object) -> brief.Brief:
    audited = result(*found, **changes)
    return brief.build(audited, cards.grades(audited))


def test_the_summary_says_who_reaches_what_and_says_it_once() -> None:
    both = finding(audience=("public", "portal"), message="Everything is open.")
    said = summary(both, finding(severity=Severity.LOW, audience=("internal",), fingerprint="b" * 16))
    public, portal, internal = said.concerns
    assert [card.heading for card in public.worst] == ["Everything is open."]
    assert (portal.worst, portal.again, portal.more) == ((), 1, 0)
    assert internal.minor
    assert said.extent == "1 module was audited: garden."


def test_what_is_not_shown_of_an_audience_is_counted() -> None:
    found = [finding(check=f"check-{number}", fingerprint=f"{number:016x}") for number in range(5)]
    (portal,) = summary(*found).concerns
    assert (len(portal.worst), portal.more) == (3, 2)


def test_what_to_do_first_is_a_sentence() -> None:
    def todo(fix: str) -> str:
        return summary(finding(fix=fix)).steps[0].todo

    assert todo("Remove it, or limit it. Then see.") == "Remove it, or limit it."
    assert todo('Limit it:\n<field name="a">b</field>') == 'Limit it: <field name="a">b</field>'
    assert todo("Limit it:\n<record>\n</record>") == "Limit it, as the finding shows."
    assert (
        todo('<record id="x" model="ir.rule">\n</record>')
        == "Limit garden.plant with the record rule that the finding shows."
    )
    assert todo("") == "See the finding."
    minor = summary(finding(severity=Severity.LOW))
    assert minor.steps == ()


def test_steps_are_few_and_the_rest_is_counted() -> None:
    found = [finding(check=f"check-{number}", fingerprint=f"{number:016x}") for number in range(8)]
    said = summary(*found)
    assert (len(said.steps), said.more_steps) == (5, 3)


def test_what_could_not_be_judged_is_said() -> None:
    proof = Proved("isolation", "portal", Mode.READ, "unknown", unknown=("no field",), assumptions=("x",))
    said = summary(finding(confidence=Confidence.LOW, proof=proof), problems=(problem(),)).unjudged
    assert any("low confidence" in each for each in said)
    assert any("proof was not complete" in each for each in said)
    assert any("greenhouse" in each for each in said)
    assert summary(unresolved=()).unjudged == ()


def test_the_auditors_page_counts_what_was_read_and_asked() -> None:
    proof = Proved("isolation", "portal", Mode.READ, "open", assumptions=("No code overrides it.",))
    accepted = Suppressed(finding(), "They may.", at(GROUPS, 3))
    covered = coverage.build(result(*findings(), finding(proof=proof), suppressed=(accepted,)), garden())
    (module,) = covered.modules
    assert (module.name, module.models, module.groups, module.rights, module.rules) == ("garden", 2, 3, 3, 2)
    assert module.path == "garden"
    assert module.files is None
    assert covered.facts == ("base",)
    ran = {each.check.id: (each.found, each.accepted) for each in covered.ran}
    assert ran["share-can-write"] == (2, 1)
    assert ran["rule-invalid"] == (0, 0)
    assert "rule-always-true" in {check.id for check in covered.not_run}
    assert covered.assumed == (("No code overrides it.", 1),)
    versions = dict(covered.versions)
    assert versions["Python"] == ".".join(map(str, sys.version_info[:3]))
    assert versions["Odoo, as read"] == "18.0"
    assert "z3" in versions
