"""The PDF: whole, tagged, the same from run to run, and nothing in it is markup."""

from __future__ import annotations

import json
import re
import sys

import pytest

from ostiary.audit import Evidence
from ostiary.policy import Group, Implication, Model, Module, Origin
from ostiary.report import pdf
from ostiary.report.excerpt import Reader
from report.samples import GROUPS, HOSTILE, at, finding, findings, garden, problem, result

typst = pytest.importorskip("typst")


def said(**changes: object) -> str:
    """All that the pages say, as JSON."""
    policy = garden()
    document = pdf.document(
        result(*findings(), policy=policy, **changes),
        policy,
        targets=["garden"],
        title="Garden",
        date="May 2026",
        least=None,
        reader=Reader(),
    )
    return json.dumps(document).replace("\\u200b", "")


def test_it_is_a_tagged_pdf_with_a_title_and_bookmarks() -> None:
    made = pdf.render(result(*findings()), garden(), targets=["garden"], title="Acme", date="May 2026")
    assert made.startswith(b"%PDF-1.7")
    assert b"/StructTreeRoot" in made
    assert b"Access audit of Acme" in made
    bookmarks = re.findall(rb"/Title\(([^)]*)\)", made)
    for heading in (b"Summary", b"Findings", b"Access matrix", b"Groups", b"Checks", b"Method and limits"):
        assert heading in bookmarks


def test_it_holds_no_time_and_is_the_same_from_run_to_run() -> None:
    made = [pdf.render(result(*findings()), garden()) for _ in range(2)]
    assert made[0] == made[1]
    assert b"CreationDate" not in made[0]


def test_all_that_the_page_says_is_in_it() -> None:
    text = said(problems=(problem(),))
    for part in (
        "Portal users become internal users.",
        "base.group_portal implies garden.group_visitor",
        "garden/security/ir.model.access.csv:2",
        "Remove the link.",
        "user.commercial_partner_id.id",
        "This XML is not well formed.",
        "greenhouse",
        "CWE-269",
        "May 2026",
    ):
        assert part in text


@pytest.mark.parametrize(
    "hostile", [*HOSTILE, "日本語 العربية עברית कि 😀", "#panic() *a* _b_ $x$ `c` @d <e> //"]
)
def test_hostile_names_and_names_in_any_script_are_text(hostile: str) -> None:
    origin = Origin(hostile, 3, hostile)
    groups = {
        **garden().groups,
        hostile: Group(
            origin=at(GROUPS), xmlid=hostile, name=hostile, implies=(Implication("base.group_user", origin),)
        ),
    }
    policy = garden(
        groups=groups,
        modules={hostile: Module(origin=origin, name=hostile, title=hostile, version=hostile)},
        models={hostile: Model(origin=origin, name=hostile, description=hostile)},
    )
    found = finding(
        check=hostile,
        audience=(hostile,),
        message=hostile,
        path=hostile,
        model=hostile,
        module=hostile,
        fix=f"{hostile}\n    {hostile}",
        evidence=(Evidence(hostile, origin),),
        references=(hostile,),
    )
    audited = result(found, found, policy=policy, problems=(problem(hostile),))
    made = pdf.render(audited, policy, targets=[hostile], title=hostile, date=hostile)
    assert made.startswith(b"%PDF")


def test_an_empty_audit_has_its_pages_too() -> None:
    empty = garden(models={}, groups={}, rights=[], rules=[], modules={}, unresolved=[])
    assert pdf.render(result(policy=empty), empty).startswith(b"%PDF")


def test_many_findings_are_listed_and_then_counted() -> None:
    many = [finding(fingerprint=f"{number:016x}") for number in range(pdf.MOST_FULL + pdf.MOST_LISTED + 5)]
    made = pdf.document(result(*many), garden(), targets=[], title="x", date="", least=None, reader=Reader())
    (grade,) = made["grades"]
    assert sum(len(card["findings"]) for card in grade["cards"]) == pdf.MOST_FULL
    assert len(grade["listed"]) == pdf.MOST_LISTED
    assert grade["counted"] == [["share-can-write", "5 findings"]]


def test_without_the_extra_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "typst", None)
    with pytest.raises(pdf.Unavailable, match=r"pip install 'ostiary\[pdf\]'"):
        pdf.check()
