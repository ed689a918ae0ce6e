"""Nothing that is read is run, nothing raises, nothing takes long: whatever the files hold."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import ostiary.sources.addons.indexed  # noqa: F401 - first needed by an example, which it would make a slow one
from ostiary.sources.addons import python_files
from ostiary.sources.addons.cache import decode, encode
from ostiary.sources.addons.csv_data import read_csv
from ostiary.sources.addons.extract import Contents, extract
from ostiary.sources.addons.files import MAX_FILE_BYTES
from ostiary.sources.addons.ops import DataFile, ManifestInfo, ModuleExtract
from ostiary.sources.addons.python_files import read_python
from ostiary.sources.addons.suppressed_xml import xml_comments
from ostiary.sources.addons.values import fold_eval
from ostiary.sources.addons.xml_data import read_xml
from sources.build import BOOK, MODELS, MakeAddon, ReadAddon, data, problems

SECONDS = 8


@pytest.fixture(autouse=True)
def _soon() -> Iterator[None]:
    start = time.monotonic()
    yield
    assert time.monotonic() - start < SECONDS


EXPRESSIONS = st.recursive(
    st.sampled_from(
        ["1", "'a'", "None", "ref('a')", "x", "1e999", "'\\ud800'", "9" * 25, "user.id", "b''", "..."]
    ),
    lambda inner: st.one_of(
        st.builds("[{}, {}]".format, inner, inner),
        st.builds("({}) + ({})".format, inner, inner),
        st.builds("-({}) * ({})".format, inner, inner),
        st.builds("{{'k': {}, {}: 1}}".format, inner, inner),
        st.builds("Command.set({})".format, inner),
        st.builds("Command.create({}, {})".format, inner, inner),
        st.builds("int({})".format, inner),
        st.builds("(4, {}, *{})".format, inner, inner),
    ),
)


@given(st.one_of(st.text(), EXPRESSIONS))
def test_any_expression_folds_to_plain_json(text: str) -> None:
    value = fold_eval(text, "lib")
    assert json.loads(json.dumps(value, allow_nan=False)) == value
    assert json.dumps(value, ensure_ascii=False).encode()


XML = st.one_of(
    st.binary(),
    st.builds(
        lambda tag, name, value, text: (
            f'<odoo><{tag} id="{name}" model="{name}" groups="{value}" eval="{value}" search="{value}" name="write">'
            f'<field name="{name}" eval="{value}">{text}</field><field name="{name}" type="int">{text}</field>'
            f"<{tag}/></{tag}></odoo>"
        ).encode(),
        st.sampled_from(["record", "menuitem", "template", "delete", "function", "data", "field"]),
        st.sampled_from(["ir.rule", "res.groups", "groups", "users", "", ".", "a.b.c"]),
        st.sampled_from(["", "-", ",", "[(4,", "[[6, 0, [ref('x')]]]", "{'a': 1}", "[[1]]", "((((((("]),
        st.sampled_from(["", "x", "9" * 50, "<!-- c -->", "None", "<value eval='1'/>"]),
    ),
)


@given(XML)
def test_any_xml_is_read_or_told(content: bytes) -> None:
    ops, found = read_xml(content, "lib", "x.xml")
    kept = ModuleExtract(manifest=ManifestInfo("lib"), files=[DataFile("x.xml", ops)], problems=found)
    assert decode(encode(kept)) == kept
    assert ops or found or b"record" not in content or b"ir.rule" not in content


@given(st.one_of(st.binary(), st.text('id,:/"\n\r\0model_x').map(str.encode)))
def test_any_csv_is_read_or_told(content: bytes) -> None:
    ops, found = read_csv(content, "lib", "ir.rule.csv")
    kept = ModuleExtract(manifest=ManifestInfo("lib"), files=[DataFile("ir.rule.csv", ops)], problems=found)
    assert decode(encode(kept)) == kept


@given(st.one_of(st.binary(), st.text("class A(Model):\n _name=''\"\\\0#").map(str.encode)))
def test_any_python_is_read_or_told(content: bytes) -> None:
    read = read_python("lib", {"__init__.py": content}.get)
    found, wrong = read.classes, read.problems
    kept = ModuleExtract(manifest=ManifestInfo("lib"), classes=found, problems=wrong)
    assert decode(encode(kept)) == kept


VALUES = st.one_of(st.none(), st.booleans(), st.text(), st.lists(st.one_of(st.integers(), st.text())))
KEYS = st.sampled_from(["data", "depends", "name", "auto_install", "installable"])


@given(st.dictionaries(KEYS, VALUES))
def test_any_manifest_is_read_or_told(manifest: dict[str, Any]) -> None:
    class Files:
        name = shown = "lib"

        def listing(self) -> list[str]:
            return []

        def read(self, path: str) -> bytes | None:
            return repr(manifest).encode("utf-8", "backslashreplace") if path == "__manifest__.py" else None

    found = extract(Contents(Files()))
    assert decode(encode(found)) == found


def test_nothing_is_executed(addon: MakeAddon, read: ReadAddon, tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    call = f"open({str(mark)!r}, 'w')"
    dunder = f"__import__('pathlib').Path({str(mark)!r}).touch()"
    addon("one", manifest="{'name': " + call + ", 'data': [" + dunder + "]}")
    addon(
        "two",
        python=f"{call}\n{MODELS}class A(models.Model):\n _name = {call} or 'x'\n f = fields.Char(groups={dunder})\n",
        files={
            "x.xml": data(
                f'<record id="{{}}" model="ir.rule"><field name="domain_force" eval="{dunder}"/></record>'
                f'<record id="y" model="ir.rule"><field name="model_id" search="{dunder}"/></record>'
                f'<function model="ir.rule" name="write" eval="{dunder}"/><delete model="ir.rule" search="{dunder}"/>'
            )
        },
    )
    assert read().problems
    assert not mark.exists()


def test_entities_do_not_multiply_and_no_other_file_is_read(tmp_path: Path) -> None:
    secret = tmp_path / "secret.dtd"
    secret.write_text('<!ENTITY leaked "LEAKED">')
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10 if n else "ha"}">' for n in range(12))
    record = '<odoo><record id="g" model="res.groups"><field name="name">{}</field></record></odoo>'
    for dtd, text in (
        (f"[{laughs}]", "&l11;"),
        (f'[<!ENTITY e SYSTEM "{secret.as_uri()}">]', "&e;"),
        (f'SYSTEM "{secret.as_uri()}"', "&leaked;"),
        (f'[<!ENTITY % p SYSTEM "{secret.as_uri()}"> %p;]', "&leaked;"),
    ):
        ops, found = read_xml(f"<!DOCTYPE odoo {dtd}>{record.format(text)}".encode(), "lib", "x.xml")
        assert "LEAKED" not in repr(ops)
        assert ops == [] and [item.kind for item in found] == ["malformed-file"]


@pytest.mark.parametrize(
    "text",
    ["(" * 10_000 + ")" * 10_000, "[" * 10_000 + "]" * 10_000, "-" * 10_000 + "1", "not " * 10_000 + "1",
     "1+" * 10_000 + "1", "a" + ".b" * 10_000, "[" + "1," * 60_000 + "]", "{'a':" * 5_000, "f(" * 10_000],
)  # fmt: skip
def test_deep_and_long_expressions(addon: MakeAddon, read: ReadAddon, text: str) -> None:
    fold_eval(text, "lib")
    read_python("lib", {"__init__.py": f"{BOOK}\nX = {text}\n".encode()}.get)
    addon("lib", manifest=f"{{'name': {text}}}", python=BOOK)
    assert read().problems or "1," in text or text.startswith(("-", "1+"))


def test_deep_xml(addon: MakeAddon, read: ReadAddon) -> None:
    deep = "<data>{}</data>"
    for levels in (60, 10_000):
        ops, found = read_xml(
            ("<odoo>" + "<data>" * levels + '<menuitem id="x"/>' + "</data>" * levels + "</odoo>").encode(),
            "m",
            "x",
        )
        assert ops == [] and found
    menus = '<menuitem id="x" name="x">' * 100 + "</menuitem>" * 100
    assert read_xml(deep.format(menus).encode(), "m", "x")[1][0].kind == "limit"


def test_a_chain_of_imports_as_long_as_one_likes() -> None:
    files = {"__init__.py": b"from . import m0"}
    files |= {f"m{n}.py": f"from . import m{n + 1}\n".encode() for n in range(3_000)}
    files["m3000.py"] = BOOK.encode()
    assert [item.name for item in read_python("lib", files.get).classes] == ["lib.book"]


def test_constants_do_not_multiply() -> None:
    source = "A0 = ['x', 'y']\n" + "".join(
        f"A{n + 1} = [A{n}, A{n}]\nB{n} = A{n} + A{n}\n" for n in range(200)
    )
    source += "S0 = 'x' * 3\nT0 = 'xxxxxxxxxx'\n" + "".join(f"T{n + 1} = T{n} + T{n}\n" for n in range(60))
    source += MODELS + "class A(models.Model):\n    _name = 'a'\n    _description = A200\n    _order = T60\n"
    source += "".join(f"    f{n} = fields.Char(string=T10, groups=T10, domain=A9)\n" for n in range(3_000))
    found = read_python("lib", {"__init__.py": source.encode()}.get).classes
    assert len(encode(ModuleExtract(manifest=ManifestInfo("lib"), classes=found))) < 80_000_000


def chain(count: int, body: str) -> str:
    return MODELS + "".join(
        f"class A{n}(models.Model):\n    _name = 'a{n}'\n    {body.format(n - 1)}\n" for n in range(count)
    )


@pytest.mark.parametrize(
    "body", ["_inherit = 'a{}'", "_inherits = {{'a{}': 'p_id'}}", "f = fields.Char(related='a{}.f')"]
)
def test_long_chains_of_models(addon: MakeAddon, read: ReadAddon, body: str) -> None:
    addon("lib", python=chain(600, body))
    assert "a599" in read().models


@pytest.mark.parametrize(
    "text",
    [
        "class A(models.Model):\n _name='a'\n _inherit='b'\nclass B(models.Model):\n _name='b'\n _inherit='a'\n",
        "class A(models.Model):\n _name='a'\n _inherit=['a', 'a']\n",
        "class A(models.Model):\n _name='a'\n _inherits={'b': 'b_id'}\n"
        "class B(models.Model):\n _name='b'\n _inherits={'a': 'a_id', 'b': 'b_id'}\n",
        "class A(A):\n _name='a'\nclass A(A):\n _name='a'\n",
        "class A(models.Model):\n _name='a'\n f=fields.Char(related='f')\n g=fields.Char(related='h')\n"
        " h=fields.Char(related='g')\n",
    ],
)
def test_rings_of_models(addon: MakeAddon, read: ReadAddon, text: str) -> None:
    addon("lib", python=MODELS + text)
    policy = read()
    assert "lib" in policy.modules and policy.problems == []
    assert "a" in policy.models or "class A(A)" in text


def test_diamonds_do_not_multiply(addon: MakeAddon, read: ReadAddon) -> None:
    text = "class A0(models.Model):\n    _name = 'a0'\nclass B0(models.Model):\n    _name = 'b0'\n"
    for n in range(60):
        for name in "AB":
            text += f"class {name}{n + 1}(A{n}, B{n}):\n    _name = '{name.lower()}{n + 1}'\n"
    many = "p = fields.Many2one('a0', related='p.p.p.p.p.p.p.p')\n"
    text += "class C(models.Model):\n    _inherit = 'a0'\n    " + many
    text += "".join(
        f"    q{n} = fields.Many2one('a0', related='{'.'.join([f'q{n + 1}'] * 9)}')\n" for n in range(40)
    )
    addon("lib", python=MODELS + text)
    assert "b60" in read().models


def test_many_classes_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(python_files, "MAX_CLASSES", 3)
    read = read_python("lib", {"__init__.py": chain(5, "pass").encode()}.get)
    found, wrong = read.classes, read.problems
    assert len(found) == 3 and [item.kind for item in wrong] == ["limit"]


def test_groups_in_a_ring(addon: MakeAddon, read: ReadAddon) -> None:
    ring = "".join(
        f'<record id="g{n}" model="res.groups">'
        f'<field name="implied_ids" eval="[(4, ref(\'g{(n + 1) % 3}\'))]"/></record>'
        for n in range(3)
    )
    addon("lib", files={"x.xml": data(ring)})
    assert [link.group for link in read().groups["lib.g2"].implies] == ["lib.g0"]


def test_many_rows_of_any_kind(addon: MakeAddon, read: ReadAddon) -> None:
    rows = "".join(f"x{n},model_nope,n{n},1\n" for n in range(20_000))
    plain = "".join(f"y{n},no such name,1\n" for n in range(10_000))
    groups = "".join(
        f'<record id="g{n}" model="res.groups"><field name="users" eval="[(5,)]"/></record>'
        for n in range(4_000)
    )
    deletes = "".join(f'<delete model="res.groups" id="g{n}"/>' for n in range(4_000))
    files = {
        "ir.model.access.csv": "id,model_id:id,name,perm_read\n" + rows,
        "ir.model.access-2.csv": "id,model_id,perm_read\n" + plain,
        "x.xml": data(groups + deletes),
    }
    addon("lib", python=BOOK, files=files)
    assert len(problems(read(), "unknown-model")) == 30_000


def test_a_long_line_of_what_is_looked_for(addon: MakeAddon, read: ReadAddon) -> None:
    addon(
        "lib",
        python=BOOK
        + "#"
        + "implied_ids" * 50_000
        + "\n#"
        + ".ref('a.b')" * 50_000
        + "\n#"
        + ".ref(" * 50_000,
    )
    assert "lib.book" in read().models


def test_a_large_manifest_and_files_that_are_too_large(addon: MakeAddon, read: ReadAddon) -> None:
    names = [f"data/file_{n}.xml" for n in range(30_000)]
    module = addon("lib", python=BOOK, manifest={"data": [*names, "big.xml"], "description": "x" * 4_000_000})
    (module / "big.xml").write_bytes(b" " * (MAX_FILE_BYTES + 1))
    found = read()
    assert len(problems(found, "missing-file")) == 30_000 and "lib.book" in found.models
    assert len(problems(found, "limit")) == 1


def test_comments_that_follow_each_other_by_the_thousand() -> None:
    text = "<odoo>" + "<data>" * 50_000 + "<!-- ostiary: ignore[a] b -->\n" * 50_000
    assert len(list(xml_comments(text.encode()))) == 50_000


def test_formatted_strings_that_take_the_parser_long() -> None:
    for text in ("f'" + "{x}" * 200_000 + "'", 'rf"""\n' + "y" * 2_000_000 + "{x}" * 4_000 + '"""'):
        found = read_python("lib", {"__init__.py": f"{BOOK}    x = {text}\n".encode()}.get)
        assert [item.kind for item in found.problems] == ["malformed-file"]
