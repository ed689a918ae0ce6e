"""Which Python files of a module count, and what a class in them says."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import pytest

from ostiary.sources.addons.ops import ClassDecl
from ostiary.sources.addons.python_files import read_python
from sources.build import BOOK, MODELS, MakeAddon, ReadAddon, problems


def model(name: str) -> str:
    return f"{MODELS}class A(models.Model):\n    _name = '{name}'\n"


def names(files: dict[str, str]) -> list[str]:
    read = read_python("lib", lambda path: files[path].encode() if path in files else None)
    found, wrong = read.classes, read.problems
    assert wrong == []
    return [item.name for item in found]


def declared(body: str, before: str = "", head: str = "class A(models.Model):") -> ClassDecl:
    source = f"{MODELS}{before}\n{head}\n" + "".join(f"    {line}\n" for line in body.splitlines())
    read = read_python("lib", {"__init__.py": source.encode()}.get)
    found, wrong = read.classes, read.problems
    assert wrong == [], wrong
    return found[0]


@pytest.mark.parametrize(
    ("statement", "reached"),
    [
        ("from . import a", ["a"]),
        ("from . import b, a", ["b", "a"]),
        ("from .a import A", ["a"]),
        ("from .p import c", ["p", "p.c"]),
        ("from .p.c import x", ["p", "p.c"]),
        ("from .p import nothing", ["p"]),
        ("from .nothing import a", []),
        ("import odoo.addons.lib.a", ["a"]),
        ("import odoo.addons.lib.p.c as x", ["p", "p.c"]),
        ("from odoo.addons.lib import b", ["b"]),
        ("from odoo.addons.lib.p import c", ["p", "p.c"]),
        ("from odoo.addons import lib", []),
        ("from odoo.addons.other import a", []),
        ("import a", []),
        ("from .. import a", []),
        ("if True:\n    from . import a\nelse:\n    from . import b", ["a", "b"]),
        (
            "try:\n    from . import a\nexcept ImportError:\n    from . import b\nelse:\n    from . import p",
            ["a", "b", "p"],
        ),
        (
            "try:\n    from . import a\nexcept* ImportError:\n    pass\nfinally:\n    from . import b",
            ["a", "b"],
        ),
        ("with x:\n    from . import a", ["a"]),
        ("for x in y:\n    from . import a", ["a"]),
        ("def f():\n    from . import a", []),
        ("from . import both", ["both package"]),
    ],
)
def test_imports_are_followed_in_the_order_python_runs_them(statement: str, reached: list[str]) -> None:
    files = {
        "__init__.py": statement,
        "a.py": model("a"),
        "b.py": model("b"),
        "p/__init__.py": model("p"),
        "p/c.py": model("p.c"),
        "both.py": model("both module"),
        "both/__init__.py": model("both package"),
    }
    assert names(files) == reached


def test_a_package_without_init_and_imports_in_a_ring() -> None:
    files = {
        "__init__.py": "from . import a\nfrom .space import d\n",
        "a.py": "from . import b\nfrom . import a\n" + model("a"),
        "b.py": "from . import a\n" + model("b"),
        "space/d.py": "from .. import a\n" + model("d"),
    }
    assert names(files) == ["b", "a", "d"]


@pytest.mark.parametrize(
    ("body", "before", "expected"),
    [
        ("_inherit = 'a.b'", "", ("", ["a.b"])),
        ("_inherit = ['a.b', 'c']", "", ("", ["a.b", "c"])),
        ("_inherit = ('a.b', 'c')", "", ("", ["a.b", "c"])),
        ("_name = 'x'\n_inherit = _name", "", ("x", ["x"])),
        ("_name = 'x'\n_inherit = [_name, 'y']", "", ("x", ["x", "y"])),
        ("_name = NAME", "NAME = 'x'", ("x", [])),
        ("_name = NAME", "NAME: str = 'x' + '.y'", ("x.y", [])),
        ("_name: str = 'x'", "", ("x", [])),
        ("_name = _description = 'x'", "", ("x", [])),
    ],
)
def test_the_name_of_a_model(body: str, before: str, expected: tuple[str, list[str]]) -> None:
    found = declared(body, before)
    assert (found.name, found.inherit) == expected


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        ("class A(models.Model):", "model"),
        ("class A(models.TransientModel):", "transient"),
        ("class A(AbstractModel):", "abstract"),
        ("class A(odoo.models.Model):", "model"),
        ("class A(Mixin, models.Model):", "model"),
        ("class A(models.BaseModel):", "abstract"),
    ],
)
def test_the_kind_of_a_model(head: str, kind: str) -> None:
    assert declared("_name = 'x'", head=head).kind == kind


@pytest.mark.parametrize(
    ("text", "type_", "args"),
    [
        ("fields.Char('T')", "char", {"string": "T"}),
        ("fields.Many2one('res.partner', 'P')", "many2one", {"comodel_name": "res.partner", "string": "P"}),
        ("fields.One2many('a.b', 'c_id')", "one2many", {"comodel_name": "a.b", "inverse_name": "c_id"}),
        (
            "fields.Many2many('a', 'rel', 'x', 'y', 'S')",
            "many2many",
            {"comodel_name": "a", "relation": "rel", "column1": "x", "column2": "y", "string": "S"},
        ),
        (
            "fields.One2many('a', 'b', domain='[(1, 2, 3)]')",
            "one2many",
            {"comodel_name": "a", "inverse_name": "b", "domain": None},
        ),
        (
            "fields.Many2one('a', domain='[(1, 2, 3)]')",
            "many2one",
            {"comodel_name": "a", "domain": "[(1, 2, 3)]"},
        ),
        (
            "fields.Char(context={'active_test': False, 'other': unknown()})",
            "char",
            {"context": {"active_test": False}},
        ),
        (
            "fields.One2many('a', 'b', context={'active_test': unknown()})",
            "one2many",
            {"comodel_name": "a", "inverse_name": "b", "context": "<code>", "domain": "<code>"},
        ),
        ("fields.Char(groups='a.b,!c.d')", "char", {"groups": "a.b,!c.d"}),
        ("fields.Char(groups=None)", "char", {"groups": None}),
        ("fields.Char(groups=G)", "char", {"groups": "base.group_user"}),
        ("fields.Char(groups=f'{G}')", "char", {"groups": "<code>"}),
        ("fields.Char(groups=G + ',a.b')", "char", {"groups": "base.group_user,a.b"}),
        ("fields.Char(groups=fields.NO_ACCESS)", "char", {"groups": "."}),
        ("fields.Char(compute='_c', store=True)", "char", {"compute": "_c", "store": True}),
        ("fields.Char(compute=lambda s: s)", "char", {"compute": "<lambda>"}),
        ("fields.Char(**{'groups': 'a.b'})", "char", {"groups": "a.b"}),
        ("fields.Char(**unknown)", "char", {}),
        ("fields.Many2oneReference(model_field='m')", "many2one_reference", {}),
        ("odoo.fields.Integer()", "integer", {}),
        ("Html()", "html", {}),
    ],
)
def test_the_arguments_of_a_field(text: str, type_: str, args: dict[str, Any]) -> None:
    found = declared(f"_name = 'x'\nf = {text}", "G = 'base.group_user'").fields
    assert [(item.name, item.type, item.args, item.line) for item in found] == [("f", type_, args, 5)]


def test_names_that_are_keywords_and_what_is_no_field() -> None:
    found = declared(
        "_name = 'x'\nvars()['global'] = fields.Char()\na = b = fields.Char()\nc: str = fields.Char()\n"
        "d = other.Char()\ne = fields.lower()\nf = 1"
    ).fields
    assert [item.name for item in found] == ["global", "a", "b", "c"]


def test_methods_that_decide_access_are_noted_with_their_lines() -> None:
    assert declared("_name = 'x'\ndef _search(self):\n    pass\ndef other(self):\n    pass").methods == {
        "_search": 5
    }


@pytest.mark.parametrize(
    ("names", "found"),
    [
        ("_inherit = 'res.users'", {"_search", "has_group"}),
        ("_inherit = ['mail.thread', 'res.users']", {"_search", "has_group"}),
        ("_name = 'res.users'\n_inherit = ['res.users', 'x']", {"_search", "has_group"}),
        ("_inherit = 'ir.model.access'", {"_search", "check"}),
        ("_name = 'res.users'", {"_search"}),  # Odoo's own
        ("_name = 'other'\n_inherit = 'res.users'", {"_search"}),
        ("_inherit = 'other'", {"_search"}),
    ],
)
def test_what_every_decision_rests_on_is_noted_where_its_model_is_extended(
    names: str, found: set[str]
) -> None:
    methods = "".join(f"\ndef {name}(self):\n    pass" for name in ("_search", "has_group", "check"))
    assert declared(names + methods).methods.keys() == found


@pytest.mark.parametrize("value", ["some()", "X", "'a' * 2"])
def test_a_name_that_can_not_be_known_defines_no_model(addon: MakeAddon, read: ReadAddon, value: str) -> None:
    addon("lib", python=f"{MODELS}class A(models.Model):\n    _name = {value}\n    _description = 'A'\n")
    assert [name for name, item in read().models.items() if item.origin.module == "lib"] == []


def test_a_broken_file_is_said_with_its_line_and_the_rest_is_read(addon: MakeAddon, read: ReadAddon) -> None:
    broken = "from odoo import models\n\nclass B(models.Model):\n    _name = \n"
    addon("lib", files={"__init__.py": "from . import bad, good\n", "bad.py": broken, "good.py": BOOK})
    policy = read()
    assert "lib.book" in policy.models
    assert [(item.origin.path.rpartition("/")[2], item.origin.line) for item in problems(policy)] == [
        ("bad.py", 4)
    ]
    assert problems(policy)[0].fatal


def test_a_file_in_another_encoding_that_says_so() -> None:
    files = {"__init__.py": b"# -*- coding: latin-1 -*-\nclass A(models.Model):\n    _name = 'caf\xe9'\n"}
    read = read_python("lib", files.get)
    found, wrong = read.classes, read.problems
    assert [item.name for item in found] == ["café"] and wrong == []
    files = {"__init__.py": b"class A(models.Model):\n    _name = 'caf\xe9'\n"}
    assert [item.kind for item in read_python("lib", files.get).problems] == ["malformed-file"]


def test_odd_escapes_are_nobodys_affair() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert declared("_name = 'x'\nf = fields.Char(string='\\d')").fields[0].args == {"string": "\\d"}


def test_lines_are_those_of_the_file(addon: MakeAddon, read: ReadAddon, tmp_path: Path) -> None:
    addon("lib", python="\n\n" + BOOK.replace("class", "@decorated(\n)\nclass"))
    found = read().models["lib.book"]
    lines = (tmp_path / "addons/lib/models.py").read_text().splitlines()
    assert lines[found.origin.line - 1].startswith("class Book")
    assert "title" in lines[found.fields["title"].origin.line - 1]


@pytest.mark.parametrize(
    ("cookie", "hidden"),
    [
        ("# coding: unicode_escape\n", "cl\\x61ss A"),
        ("# coding: raw_unicode_escape\n", "cl\\u0061ss A"),
        ("# -*- coding: UTF-7 -*-\n", "cl+AGE-ss A"),
        ("\n# vim: set fileencoding=utf_7 :\r\n", "cl+AGE-ss A"),
        ("# coding: latin-1\n# coding: utf-7\n", "class A"),
    ],
)
def test_an_encoding_in_which_words_look_otherwise_hides_none(cookie: str, hidden: str) -> None:
    source = cookie + model("lib.a").replace("class A", hidden)
    seen: dict[str, bytes] = {}
    files = {"__init__.py": b"from . import a", "a.py": source.encode("ascii")}
    found = read_python("lib", files.get, lambda path, content, tree: seen.update({path: content}))
    assert [item.name for item in found.classes] == ["lib.a"] and found.problems == []
    # Whoever looks for words in the source of the file finds them too, on the same lines.
    assert seen["a.py"].splitlines()[found.classes[0].line - 1].startswith(b"class A")


@pytest.mark.parametrize(
    ("cookie", "said"),
    [
        ("punycode", "can't be parsed: its encoding, punycode, is not read."),
        ("no-such", "is malformed: unknown encoding: no-such."),
        ("hex", "is malformed: unknown encoding: hex."),
    ],
)
def test_an_encoding_that_is_not_read_is_said(cookie: str, said: str) -> None:
    # Decoding as much as this takes an encoding of Python's own minutes.
    source = f"# coding: {cookie}\n{model('lib.a')}" + "x = 1 -\u00e4\n" * 200_000
    files = {"__init__.py": b"from . import a", "a.py": source.encode("latin-1")}
    found = read_python("lib", files.get)
    assert found.classes == []
    assert [one.message for one in found.problems if one.message.startswith(f"The Python {said}")]
