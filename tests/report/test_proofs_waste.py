"""Definitions that do nothing, as they are read: rules first, rights in short, each with why and where."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import msgspec
import pytest

from ostiary.policy import MODES, Mode, Module, Policy
from ostiary.prove import Waste
from ostiary.report import proofs_waste, proofs_waste_formats
from ostiary.report.proofs_waste import Group
from policy.build import right
from report.samples import HOSTILE, at, garden
from report.test_html import Page
from report.test_proofs_formats import SARIF, valid

SCHEMA = Path(__file__).resolve().parents[2] / "docs/waste.schema.json"
PLANT = "garden.plant"


def repeats(name: str = "garden.plant_gardener", by: str = "garden.plant_visitor") -> Waste:
    return Waste(
        "redundant",
        name,
        PLANT,
        f"What it gives, everybody who holds garden.group_gardener has by {by} already.",
        (Mode.READ,),
        (by,),
    )


def waste() -> list[Waste]:
    """One of each group, the rights first, as they are found."""
    return [
        repeats(),
        Waste("grants-nothing", "garden.bed_all", "garden.bed", "It gives none of the four modes."),
        Waste("vacuous", "garden.bed_company", "garden.bed", "It accepts every record.", MODES),
        Waste("shadowed", "garden.plant_own", PLANT, "Everybody it binds may use every record by garden.bed_company.",
              (Mode.READ, Mode.WRITE), ("garden.bed_company",)),
    ]  # fmt: skip


def many(count: int) -> tuple[list[Waste], Policy]:
    """Access rights of two modules that repeat another one, most of them of one module."""
    made = garden()
    rights = [
        msgspec.structs.replace(
            right(f"{module}.one{number:02}", PLANT, "garden.group_gardener", "r"),
            origin=at(f"{module}/rights.csv", number + 2, module),
        )
        for number in range(count)
        for module in ("shed" if number % 4 == 0 else "garden",)
    ]
    policy = garden(rights=[*made.rights, *rights])
    return [repeats(one.xmlid) for one in rights], policy


def test_rules_come_first_and_each_has_why_and_where() -> None:
    text = proofs_waste.as_text(waste(), garden(), targets=["garden"])
    titles = [proofs_waste.title(group)[0].upper() for group in Group]
    places = [text.index(one) for one in titles]
    assert places == sorted(places)
    rule = text[places[0] : places[1]]
    assert (
        "○ garden.bed_company  garden.bed  ·  limits nobody · all modes\n  It accepts every record.\n" in rule
    )
    assert "○ garden.plant_own  garden.plant  ·  overruled · read, write" in rule
    assert "    garden.bed_company  garden/security/rules.xml:12" in rule
    assert "It gives none of the four modes.\n    garden/security/ir.model.access.csv:" in text[places[1] :]
    assert "by garden.plant_visitor already." in text[places[2] :]
    assert (
        "4 definitions do nothing: 2 record rules, 1 access right that gives nothing and 1 access right"
        in text
    )
    assert "All of them can go at once" in text


def test_many_rights_are_grouped_by_module_and_shortened() -> None:
    found, policy = many(20)
    text = proofs_waste.as_text(found, policy)
    assert "  garden · 15\n  ○ one01  garden.plant\n      Given by garden.plant_visitor too.\n" in text
    assert "      garden/rights.csv:3\n" in text
    assert text.index("garden · 15") < text.index("shed · 5")
    assert "    and 12 more\n" in text
    assert "    and 2 more\n" in text
    assert "--format json has all of them." in text
    assert text.count("○ ") == 6
    assert len(json.loads(proofs_waste_formats.as_json(found, policy))["waste"]) == 20
    few, policy = many(3)
    assert proofs_waste.as_text(few, policy).count("already.") == 3


def test_what_hangs_on_a_module_that_need_not_be_there() -> None:
    """Without that module the definition does something: whoever removes it has to know."""
    found, policy = many(1)
    garden_module = policy.modules["garden"]

    def text(*needs: str) -> str:
        shed = Module(origin=at("shed/__manifest__.py"), name="shed", depends=needs)
        return proofs_waste.as_text(
            found, msgspec.structs.replace(policy, modules={"garden": garden_module, "shed": shed})
        )

    said = "It may do something where garden is not installed."
    assert said in " ".join(text("base").split())
    assert "It does nothing only because of modules that need not be there." in " ".join(text("base").split())
    assert "is not installed" not in text("garden")
    assert "need not be there" not in text("garden")
    document = valid(proofs_waste_formats.as_json(found, policy), SCHEMA)
    assert document["waste"][0]["only_with"] == ["garden"]


def test_the_schema_describes_it() -> None:
    document = valid(proofs_waste_formats.as_json(waste(), garden(), targets=["garden"]), SCHEMA)
    assert document["summary"] == {
        "vacuous": 1, "redundant": 1, "shadowed": 1, "never-applies": 0, "grants-nothing": 1,
    }  # fmt: skip
    assert [(one["definition"], one["sort"]) for one in document["waste"]] == [
        ("garden.bed_company", "record-rule"),
        ("garden.plant_own", "record-rule"),
        ("garden.bed_all", "access-right"),
        ("garden.plant_gardener", "access-right"),
    ]
    own = document["waste"][1]
    assert (own["path"], own["by"][0]["line"]) == ("garden/security/rules.xml", 12)
    for key in list(own):
        value = own.pop(key)
        with pytest.raises(jsonschema.ValidationError):
            valid(json.dumps(document), SCHEMA)
        own[key] = value


def test_sarif_has_notes() -> None:
    (run,) = valid(proofs_waste_formats.as_sarif(waste(), garden()), SARIF)["runs"]
    assert [(one["ruleId"], one["level"]) for one in run["results"]] == [
        ("waste-rules", "note"),
        ("waste-rules", "note"),
        ("waste-rights-that-give-nothing", "note"),
        ("waste-rights-that-repeat", "note"),
    ]
    rules = run["tool"]["driver"]["rules"]
    assert all(rules[one["ruleIndex"]]["id"] == one["ruleId"] for one in run["results"])
    place = run["results"][0]["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "garden/security/rules.xml"


def test_the_page_is_whole() -> None:
    text = proofs_waste_formats.as_html(waste(), garden(), targets=["garden"], title="Kew & Co")
    page = Page(text)
    assert page.stack == []
    shown = text.replace("<wbr>", "")
    for said in (
        "Kew &amp; Co",
        "garden.bed_company",
        "Limits nobody. It accepts every record.",
        "rules.xml:12",
    ):
        assert said in shown, said
    ids = [found["id"] for _, found in page.elements if "id" in found]
    assert len(ids) == len(set(ids))
    links = [str(found["href"])[1:] for tag, found in page.elements if tag == "a"]
    assert set(links) <= set(ids)


def test_nothing_to_say() -> None:
    assert "No access right or record rule was found that does nothing." in proofs_waste.as_text([], garden())
    assert valid(proofs_waste_formats.as_json([], garden()), SCHEMA)["waste"] == []
    assert valid(proofs_waste_formats.as_sarif([], garden()), SARIF)["runs"][0]["results"] == []
    assert "No access right or record rule" in proofs_waste_formats.as_html([], garden())


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_command_nothing(name: str) -> None:
    found = [Waste("vacuous", name, name, name, MODES, (name,)), Waste(name, name, name, name)]
    plain = {tag for tag, _ in Page(proofs_waste_formats.as_html(waste(), garden())).elements}
    page = proofs_waste_formats.as_html(found, garden(), title=name)
    assert {tag for tag, _ in Page(page).elements} <= plain
    valid(proofs_waste_formats.as_sarif(found, garden()), SARIF)
    document = proofs_waste_formats.as_json(found[:1], garden())
    assert valid(document, SCHEMA)["waste"][0]["definition"] == name
    for text in (document, page, proofs_waste.as_text(found, garden())):
        assert not any(bad in text for bad in ("\x1b", "\u202e", "\x9b"))
