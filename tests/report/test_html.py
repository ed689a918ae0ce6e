"""The HTML report: whole, offline, escaped, and usable without scripts."""

from __future__ import annotations

import base64
import hashlib
import re
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import pytest

from ostiary.audit import Evidence
from ostiary.audit.result import Suppressed
from ostiary.policy import AccessRight, Group, Implication, Mode, Model, Module, Origin
from ostiary.report import cards, html
from ostiary.report.excerpt import reading
from ostiary.report.markdown import to_html
from report.samples import GROUPS, HOSTILE, RIGHTS, at, finding, findings, garden, problem, result

VOID = {"meta", "input", "link", "br", "hr", "img", "wbr"}


class Page(HTMLParser):
    """What a page is made of; complains of elements that do not nest."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text: dict[str, list[str]] = {}
        self.stack: list[str] = []
        self.feed(text)
        self.close()
        assert self.stack == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.stack.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.stack.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.stack:
            self.text.setdefault(self.stack[-1], []).append(data)

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


def page(*found: object, **changes: object) -> Page:
    policy = changes.pop("policy", None) or garden()
    return Page(html.render(result(*found, policy=policy, **changes), policy, targets=["garden"]))  # type: ignore[arg-type]


def test_it_is_whole() -> None:
    shown = page(*findings(), problems=(problem(),))
    headings = [each.strip() for tag in ("h1", "h2") for each in shown.text[tag]]
    assert headings == [
        "Garden",
        "Summary",
        "Findings",
        "Access matrix",
        "Groups",
        "What was audited, and with what",
        "Checks",
        "Method and limits",
    ]
    assert sum(each.get("class", "").startswith("finding ") for each in shown.all("article")) == 4  # type: ignore[union-attr]
    assert any("greenhouse" in each for each in shown.text["li"])


def test_nothing_is_fetched() -> None:
    shown = page(*findings())
    assert {tag for tag, _ in shown.elements} & {
        "link",
        "img",
        "iframe",
        "object",
        "embed",
        "base",
        "video",
    } == set()
    for _, attributes in shown.elements:
        assert "src" not in attributes
        assert "style" not in attributes
        assert not [name for name in attributes if name.startswith("on")]
        target = attributes.get("href") or "#"
        assert target.startswith(("#", "https://cwe.mitre.org/"))
    css = "".join(shown.text["style"])
    assert "url(" not in css
    assert "@import" not in css


def test_only_our_own_style_and_script_may_run() -> None:
    text = html.render(result(*findings()), garden())
    rules = re.search(r'Content-Security-Policy" content="([^"]+)"', text)
    assert rules is not None
    assert "default-src 'none'" in rules[1]
    for tag in ("style", "script"):
        content = re.findall(rf"<{tag}>(.*?)</{tag}>", text, re.DOTALL)
        assert len(content) == 1
        digest = base64.b64encode(hashlib.sha256(content[0].encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in rules[1]


def test_ids_are_unique_and_links_lead_somewhere() -> None:
    shown = page(*findings(), policy=garden())
    ids = [attributes["id"] for _, attributes in shown.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    for each in shown.all("a"):
        target = each.get("href") or ""
        if target.startswith("#check-"):
            continue
        assert not target.startswith("#") or target[1:] in ids


def test_headings_skip_no_level() -> None:
    levels = [int(tag[1]) for tag, _ in page(*findings()).elements if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1
    assert all(below <= above + 1 for above, below in pairwise(levels))


def test_it_is_the_same_from_run_to_run() -> None:
    assert html.render(result(*findings()), garden()) == html.render(result(*findings()), garden())


def test_models_of_modules_that_were_not_read_are_named_once() -> None:
    models = dict(garden().models)
    models["hot.house"] = Model(origin=at("garden/models/hot.py", 3), name="hot.house", unresolved=True)
    right = AccessRight(origin=at(RIGHTS, 9), xmlid="garden.hot", model="hot.house", modes=(Mode.READ,))
    shown = page(policy=garden(models=models, rights=[*garden().rights, right]))
    assert any(
        "Not known, since the modules that define them were not read" in each for each in shown.text["p"]
    )
    assert shown.text["code"].count("hot") == 1


def test_a_date_and_title_are_shown_as_given() -> None:
    text = html.render(result(), garden(), title="Acme <ERP>", date="May 2026")
    assert "Acme &lt;ERP&gt;" in text
    assert "May 2026" in text


def test_nothing_found_is_said_with_its_limits() -> None:
    shown = page()
    assert any("None of the checks found anything" in each for each in shown.text["p"])
    assert any("not a proof" in each for each in shown.text["p"])


@pytest.mark.parametrize("hostile", HOSTILE)
def test_hostile_names_are_text(hostile: str) -> None:
    origin = Origin(hostile, 3, hostile)
    groups = {
        **garden().groups,
        hostile: Group(
            origin=at(GROUPS), xmlid=hostile, name=hostile, implies=(Implication("base.group_user", origin),)
        ),
    }
    policy = garden(
        odoo="18.0",
        groups=groups,
        modules={hostile: Module(origin=origin, name=hostile, title=hostile)},
        models={hostile: Model(origin=origin, name=hostile, description=hostile)},
    )
    found = finding(
        check=hostile,
        audience=(hostile,),
        message=hostile,
        path=hostile,
        model=hostile,
        module=hostile,
        fix=hostile,
        subject=hostile,
        evidence=(Evidence(hostile, origin),),
        references=(hostile, f"CWE-{hostile}"),
    )
    text = html.render(
        result(found, policy=policy, problems=(problem(hostile),)),
        policy,
        targets=[hostile],
        title=hostile,
        date=hostile,
    )
    shown = Page(text)
    assert len(shown.all("script")) == 1
    assert "alert(1)" not in "".join(shown.text["script"])
    assert "\u202e" not in text
    assert "\x1b" not in text
    assert "49" not in "".join(shown.text["h4"])
    assert len(text) < 200_000
    for each in shown.all("a"):
        assert not (each.get("href") or "").lower().startswith("javascript")
    text.encode("utf-8")


def test_a_checks_page_holds_no_html_of_its_own() -> None:
    made = to_html(
        "# T\n\n<script>x</script> [a](javascript:alert(1)) ![p](https://example.org/p.png)\n\n```xml\n<a/>\n```"
    )
    assert "<script>" not in made
    assert 'href="javascript' not in made
    assert "<img" not in made
    assert "&lt;a/&gt;" in made


def test_lines_around_each_place_are_shown_and_the_guilty_one_is_marked(tmp_path: Path) -> None:
    module = tmp_path / "garden"
    (module / "security").mkdir(parents=True)
    (module / "__manifest__.py").write_text("{'name': 'Garden'}")
    (module / "security/rules.xml").write_text("<odoo>\n<b>&amp;<script>alert(1)</script></b>\n</odoo>\n")
    found = finding(path=f"{module}/security/rules.xml", line=2)
    with reading([str(module)]) as reader:
        text = html.render(result(found), garden(), reader=reader)
    shown = Page(text)
    assert len(shown.all("figure")) == 1
    assert "the line to change: " in shown.text["span"]
    assert "<b>&amp;<script>alert(1)</script></b>\n" in "".join(shown.text["span"])
    assert len(shown.all("script")) == 1


def test_like_findings_share_a_card_and_each_can_be_linked_to() -> None:
    two = [finding(fingerprint="a" * 16), finding(fingerprint="b" * 16, message="Another.")]
    shown = page(*two)
    assert len(shown.all("article")) == 1
    ids = {attributes.get("id") for _, attributes in shown.elements}
    assert {"f-" + "a" * 16, "f-" + "b" * 16} <= ids


def test_accepted_findings_are_shown_with_their_reasons() -> None:
    accepted = Suppressed(finding(message="Known."), "Visitors may <see> it.", at(GROUPS, 9))
    shown = page(*findings(), suppressed=(accepted,))
    assert any("Visitors may <see> it." in each for each in shown.text["td"])
    assert f"{GROUPS}:9" in "".join(shown.text["code"])


def test_too_many_findings_are_listed_and_then_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cards.grades, "__defaults__", (3, 4))
    many = [finding(fingerprint=f"{number:016x}") for number in range(10)]
    text = html.render(result(*many), garden())
    assert "4 more findings, a line each" in text
    assert "--format json" in text
    assert "share-can-write</a>: 3 findings" in text


def test_the_matrix_can_be_filtered_by_what_each_audience_may_do() -> None:
    shown = page()
    plant = next(each for each in shown.all("tbody") if "a" in (each.get("data-reach") or ""))
    marks = (plant["data-reach"] or "").split(" ")
    assert plant["data-module"] == "garden"
    assert len(marks) == 5
    assert all(re.fullmatch("[asnu]{4}", each) for each in marks)
    options = [each.get("value") for each in shown.all("option")]
    assert {"reach", "change", "open"} <= set(options)
