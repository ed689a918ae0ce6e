"""Comments that accept findings: where they are seen, what they stand at, and that no content stops the reading."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ostiary.sources import open_policy
from ostiary.sources.addons import suppressed
from ostiary.sources.addons.csv_data import read_csv
from ostiary.sources.addons.ops import SuppressionOp
from ostiary.sources.addons.suppressed import suppressions

HEAD = "id,name,model_id:id,group_id:id,perm_read\n"


def read(name: str, text: str) -> list[SuppressionOp]:
    return suppressions({name: text.encode()})


def spans(name: str, text: str) -> dict[str, tuple[int, int, int]]:
    """Line, first and last line of each comment, by the check it names."""
    return {op.checks[0]: (op.line, op.first, op.last) for op in read(name, text)}


def test_python_comments_stand_at_statements() -> None:
    text = """\
from odoo import fields, models

# ostiary: ignore[above-class] why
@decorated
class A(models.Model):  # ostiary: ignore[behind-class] why
    # ostiary: ignore[in-head] why
    _name = "a"
    one = fields.Char(
        string="x",  # ostiary: ignore[inside] why
    )
    two = fields.Char()  # ostiary: ignore[behind] why
    # ostiary: ignore[above] why
    # and more words
    three = fields.Char(
    )
    # ostiary: ignore[nothing] why

    def method(self):  # ostiary: ignore[method] why
        try:
            pass
        except ValueError:
            return 1  # ostiary: ignore[deep] why
"""
    assert spans("a.py", text) == {
        "above-class": (3, 4, 6),
        "behind-class": (5, 4, 6),
        "in-head": (6, 4, 7),
        "inside": (9, 8, 10),
        "behind": (11, 11, 11),
        "above": (12, 14, 15),
        "nothing": (16, 0, 0),
        "method": (18, 18, 18),
        "deep": (22, 22, 22),
    }


def test_xml_comments_stand_at_records() -> None:
    text = """\
<?xml version="1.0"?>
<odoo>
  <!-- ostiary: ignore[before] why -->
  <record id="a" model="ir.rule">
    <field name="x">1 &lt; 2</field>
  </record> <!-- ostiary: ignore[behind] why -->
  <!-- ostiary: ignore[block] a block of data is no definition -->
  <data noupdate="1">
    <!-- ostiary: ignore[stacked] over
         two lines -->
    <!-- and another -->
    <record id="b"
       model="x>y"><!-- ostiary: ignore[inside] why -->
      <field name="arch"><form><!-- ostiary: ignore[deep] why --><b a='"'/></form></field>
    </record>

    <!-- ostiary: ignore[gap] why -->

    <menuitem id="m"> <!-- ostiary: ignore[menu] why -->
      <!-- ostiary: ignore[child] why -->
      <menuitem id="n"/>
    </menuitem>
  </data>
  <!-- ostiary: ignore[last] why -->
</odoo>
"""
    assert spans("a.xml", text) == {
        "before": (3, 4, 6),
        "behind": (6, 4, 6),
        "block": (7, 0, 0),
        "stacked": (9, 12, 15),
        "inside": (13, 12, 15),
        "deep": (14, 12, 15),
        "gap": (17, 0, 0),
        "menu": (19, 19, 22),
        "child": (20, 21, 21),
        "last": (24, 0, 0),
    }


def test_a_comment_before_the_root_stands_at_the_file() -> None:
    start = '<?xml version="1.0"?>\n<!DOCTYPE odoo [<!ENTITY a "b">]>\n'
    text = start + "<!-- ostiary: ignore[all] why -->\n<odoo>\n</odoo>\n"
    assert spans("a.xml", text) == {"all": (3, 1, 5)}


def test_csv_cells_stand_at_rows() -> None:
    text = (
        HEAD + 'a,b,c,d,1,"# ostiary: ignore[quoted] why, and more"\n\n'
        'b,"two\nlines",c,d,1,# ostiary: ignore[plain] why, and more\n'
        "# ostiary: ignore[row] this is a record,b,c,d,1\n"
    )
    assert spans("a.csv", text) == {"quoted": (2, 2, 2), "plain": (4, 4, 5)}
    assert [op.reason for op in read("a.csv", text)] == ["why, and more", "why, and more"]


def test_a_comment_is_no_superfluous_cell() -> None:
    row = "a,b,model_x,d,1,# ostiary: ignore[a] why, and more\n"
    ops, problems = read_csv((HEAD + row).encode(), "m", "security/ir.model.access.csv")
    plain, _ = read_csv((HEAD + "a,b,model_x,d,1\n").encode(), "m", "security/ir.model.access.csv")
    assert (ops, problems) == (plain, [])
    _, problems = read_csv((HEAD + "a,b,model_x,d,1,0\n").encode(), "m", "security/ir.model.access.csv")
    assert [problem.kind for problem in problems] == ["malformed-row"]


@pytest.mark.parametrize(
    ("comment", "checks", "reason"),
    [
        ("# ostiary: ignore[a, b ,a] because", ["a", "b"], "because"),
        ("#ostiary:ignore[a]because", ["a"], "because"),
        ("# ostiary: ignore[a]: because of #12  # noqa: E501", ["a"], "because of #12"),
        ("# noqa: E501  # ostiary: ignore[a] - because", ["a"], "because"),
        ("# ostiary: ignore[a] ...", ["a"], ""),
        ("# ostiary: ignore[a]", ["a"], ""),
        ("# ostiary: ignore", [], ""),
        ("# ostiary: ignore because", [], "because"),
        ("# ostiary: ignore[] because", [], "because"),
    ],
)
def test_what_a_comment_says(comment: str, checks: list[str], reason: str) -> None:
    assert [(op.checks, op.reason) for op in read("a.py", f"x = 1  {comment}\n")] == [(checks, reason)]


@pytest.mark.parametrize(
    "text",
    [
        "# ostiary: see the docs",
        "# ostiary: ignored[a] why",
        's = "# ostiary: ignore[a] why"',
        "# ignore[a] why",
    ],
)
def test_what_is_no_such_comment(text: str) -> None:
    assert read("a.py", text + "\n") == []


def test_other_files_have_none() -> None:
    assert read("a.js", "// ostiary: ignore[a] why") == []


def test_malformed_python_keeps_the_comments_behind_its_lines() -> None:
    assert spans("a.py", "x = (1  # ostiary: ignore[a] why\n") == {"a": (1, 1, 1)}


def test_there_is_an_end_to_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(suppressed, "MAX_COMMENTS", 3)
    assert len(read("a.py", "x = 1  # ostiary: ignore[a] why\n" * 10)) == 3
    [op] = read("a.py", f"x = 1  # ostiary: ignore[{'a,' * 999}] {'why ' * 999}\n")
    assert len(op.reason) <= suppressed.MAX_REASON
    assert op.checks == ["a"]


@given(
    st.sampled_from(["a.py", "a.xml", "a.csv"]),
    st.lists(
        st.sampled_from(
            ["<!--", "-->", "<a", ">", '"', "'", "<record ", "</record>", "<odoo>", "</odoo>", "#", "\n", "[", "(", ",",
             " ostiary: ignore[a] why ", "class A:\n", "<![CDATA[", "]]>", "<?", "?>", "<!DOCTYPE", "\0", "\ufeff", "é"]
        ),
        max_size=40,
    ),
)  # fmt: skip
def test_no_content_stops_the_reading(name: str, parts: list[str]) -> None:
    content = ("ostiary:" + "".join(parts)).encode()
    lines = content.count(b"\n") + 1
    for cut in (content, content[:-1] + b"\xff"):
        for op in suppressions({name: cut}):
            assert 0 <= op.first <= op.last <= lines
            assert 1 <= op.line <= lines


@pytest.mark.parametrize("bad", ["<!--", '<a b="', "<a ", "<!DOCTYPE [", "<?", "<a x='\"'", "<![CDATA["])
def test_unclosed_xml_is_given_up_at_once(bad: str) -> None:
    """Each of these would take minutes if every beginning were searched to the end of the file."""
    text = '<odoo><record id="a"><!-- ostiary: ignore[a] why --></record>' + bad * 300_000
    assert spans("a.xml", text) == {"a": (1, 1, 1)}


def test_a_policy_has_the_comments_of_its_modules(tmp_path: Path) -> None:
    addon = tmp_path / "addons" / "library"
    addon.mkdir(parents=True)
    (addon / "__init__.py").write_text("from . import models\n")
    (addon / "__manifest__.py").write_text(
        "{'name': 'Library', 'version': '18.0.1.0.0', 'depends': ['base'], 'data': ['rules.xml']}"
    )
    (addon / "models.py").write_text(
        "from odoo import models\n\n\nclass Book(models.Model):  # ostiary: ignore[a] why\n    _name = 'library.book'\n"
    )
    (addon / "unused.py").write_text("x = 1  # ostiary: ignore[b] nothing imports this file\n")
    (addon / "rules.xml").write_text(
        '<odoo>\n<!-- ostiary: ignore[c] why -->\n<record id="a" model="ir.rule"/></odoo>'
    )
    policy = open_policy([tmp_path / "addons"], cache=tmp_path / "cache")
    again = open_policy([tmp_path / "addons"], cache=tmp_path / "cache")
    found = [
        (each.origin.path.rpartition("/")[2], each.origin.line, each.checks) for each in policy.suppressions
    ]
    assert found == [("models.py", 4, ("a",)), ("rules.xml", 2, ("c",))]
    assert {each.origin.module for each in policy.suppressions} == {"library"}
    assert again.suppressions == policy.suppressions
