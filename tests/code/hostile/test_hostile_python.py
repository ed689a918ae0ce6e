"""Code that is made to take long, to nest deeply or to go round in circles: what it does is said, or that it was not
followed to the end, and the code beside it is read as if it weren't there."""

from __future__ import annotations

from pathlib import Path
from textwrap import indent

import pytest

from ostiary.policy.code import Actor, Choice, Code, Entry, UseKind
from ostiary.report import routes_said
from ostiary.report.routes_reach import listed_of
from ostiary.sources import open_policy
from sources.build import write_addon

HEAD = "from odoo import api, fields, http, models\nfrom odoo.http import request\n"
MODEL = """
class Plot(models.Model):
    _name = 'garden.plot'
    _description = 'Plot'
    name = fields.Char()
    parent_id = fields.Many2one('garden.plot')
    child_ids = fields.One2many('garden.plot', 'parent_id')
"""
PLOT = "plot = request.env['garden.plot'].sudo().browse(plot_id)\n"
LEAK = PLOT + "return plot.name\n"


def controller(name: str, body: str, more: str = "", base: str = "http.Controller") -> str:
    """A controller whose route runs the body. `more` are other methods of it."""
    head = f"@http.route('/{name}/<int:plot_id>', auth='user')\ndef {name}(self, plot_id, **kw):\n"
    return f"class {name.title()}({base}):\n" + indent(more + head + indent(body, "    "), "    ") + "\n"


def nested(depth: int, head: str, inner: str) -> str:
    """`head` with its number that often, each in the one before, around the last line."""
    return "".join(" " * n + head.format(n, n - 1) + "\n" for n in range(depth)) + " " * depth + inner + "\n"


FAN = "".join(
    f"def _f{n}(self, one):\n    " + "; ".join(f"self._f{(n * 7 + m) % 20}(one)" for m in range(20)) + "\n"
    for n in range(20)
)
DEEP = "".join(f"def _h{n}(self, one):\n    return self._h{n + 1}(one)\n" for n in range(60)) + (
    "def _h60(self, one):\n    return one.name\n"
)

# By name the controller of a route that reads a plot by the id in its path, as superuser.
SAID = {
    "plain": controller("plain", LEAK),
    "endless": controller(
        "endless",
        PLOT + "self._one(plot)\nreturn plot.name",
        "def _one(self, it):\n    return self._two(it)\ndef _two(self, it):\n    return self._one(it) or it\n",
    ),
    "fan": controller("fan", PLOT + "plot.name\nself._f0(plot)\nreturn plot.name", FAN),
    "branches": controller(
        "branches", PLOT + nested(60, "if kw.get('a{}'):", "plot.unlink()") + "return plot.name"
    ),
    "loops": controller(
        "loops", PLOT + nested(18, "for a{} in plot.child_ids:", "a1.unlink()") + "return plot.name"
    ),
    "keys": controller(
        "keys", PLOT + "plot.write({" + ",".join(f"'k{n}': kw" for n in range(5_000)) + "})\nreturn plot.name"
    ),
    "tower": controller("tower", PLOT + f"f = {'lambda x: (' * 40}1{')' * 40}\nf(1)\nreturn plot.name"),
    "doubled": controller(
        "doubled",
        PLOT
        + "f0 = lambda x: x\n"
        + "".join(f"f{n} = lambda x: (f{n - 1}(x), f{n - 1}(x))\n" for n in range(1, 40))
        + "f39(1)\nreturn plot.name",
    ),
    "text": controller("text", PLOT + f"q = f'{'{plot_id}' * 2_000}'\nreturn plot.name"),
    "growing": controller("growing", PLOT + "q = kw['q']\n" + "q = q + q\n" * 200 + "return plot.name"),
    "numbers": controller(
        "numbers", PLOT + "a = 'a' * 10**12 % (1,)\nb = 10**10**10\nc = 1 << 10**12\nreturn plot.name"
    ),
    "cases": controller(
        "cases",
        PLOT
        + "match kw:\n"
        + "".join(f"    case {n}:\n        x = {n}\n" for n in range(500))
        + "return plot.name",
    ),
    "tries": controller(
        "tries",
        PLOT
        + "try:\n    x = 1\nexcept Exception:\n    pass\nfinally:\n    x = 2\n" * 300
        + "return plot.name",
    ),
    "many": controller("many", LEAK)
    .replace("'/many/", "[" + "'/x', " * 5_000 + "'/many/")
    .replace(">', auth", ">'], auth"),
    "half": controller("half", LEAK).replace("'/half", "'/\\ud800"),
    "aliases": controller(
        "aliases", "e = request.env\n" + "e = e['garden.plot'].env\n" * 500 + LEAK.replace("request.env", "e")
    ),
    "deep": controller("deep", PLOT + "return self._h0(plot)", DEEP),
}
# Those that are not followed to the end, and say so.
UNSAID = {
    "lines": controller("lines", PLOT + "x = plot_id + 1\n" * 27_000 + "return plot.name"),
    "choices": controller(
        "choices",
        PLOT + "if " + " or ".join(f"kw.get('a{n}')" for n in range(4_000)) + ":\n    pass\n" + "plot.name",
    ),
    "chain": controller("chain", PLOT.strip() + ".parent_id" * 600 + "\nreturn plot.name"),
    "calls": controller("calls", PLOT.strip() + ".sudo()" * 600 + "\nreturn plot.name"),
}


@pytest.fixture(scope="module")
def code(tmp_path_factory: pytest.TempPathFactory) -> Code:
    source = HEAD + MODEL + "\n".join((SAID | UNSAID).values())
    return read(tmp_path_factory.mktemp("hostile"), source)


def read(folder: Path, source: str | bytes, name: str = "garden") -> Code:
    content = source if isinstance(source, bytes) else source.encode("utf-8", "surrogatepass")
    files = {"__init__.py": "from . import models\n", "models.py": content}
    found = open_policy([write_addon(folder, name, files=files)], cache=False, code=True).code
    assert found is not None
    return found


def entry(code: Code, name: str) -> Entry:
    return next(one for one in code.entries if one.name.rpartition(".")[2] == name)


def leaks(one: Entry) -> bool:
    """Whether it reads a plot as superuser, by an id the caller names."""
    return any(
        (use.kind, use.model, use.actor, use.choice)
        == (UseKind.READ, "garden.plot", Actor.SUPERUSER, Choice.CALLER_ID)
        for use in one.uses
    )


@pytest.mark.parametrize("name", SAID)
def test_what_it_does_is_said(code: Code, name: str) -> None:
    assert leaks(entry(code, name))


@pytest.mark.parametrize("name", UNSAID)
def test_what_is_not_followed_is_said(code: Code, name: str) -> None:
    assert entry(code, name).unread


def test_controllers_that_stand_on_each_other(tmp_path: Path) -> None:
    again = "@http.route()\n    def {0}(self, plot_id):\n        return super().{0}(plot_id)\n"
    source = HEAD + MODEL + controller("plain", LEAK)
    source += controller("left", LEAK, base="Right") + controller("right", LEAK, base="Left")
    source += controller("itself", LEAK, base="Itself")
    source += controller("b0", LEAK) + "class A0(B0): pass\n"
    twice = "class A{0}(A{1}, B{1}): pass\nclass B{0}(A{1}, B{1}): pass\n"
    source += "".join(twice.format(n, n - 1) for n in range(1, 20))
    source += controller("c0", LEAK)
    source += "".join(f"class C{n}(C{n - 1}):\n    " + again.format("c0") for n in range(1, 120))
    found = read(tmp_path, source)
    assert leaks(entry(found, "plain"))
    assert leaks(entry(found, "b0"))
    assert entry(found, "c0").route.paths == ("/c0/<int:plot_id>",)  # type: ignore[union-attr]


def test_models_that_stand_on_each_other(tmp_path: Path) -> None:
    model = "class M{0}(models.AbstractModel):\n    _name = 'garden.m{0}'\n    _inherit = {1}\n"
    method = "    def go(self):\n        super().go()\n        return self.sudo().unlink()\n"
    source = HEAD + "".join(
        model.format(n, [f"garden.m{m}" for m in range(40) if m != n][:n]) + method for n in range(40)
    )
    found = read(tmp_path, source)
    assert len(found.entries) == 40
    assert all(any(use.kind is UseKind.UNLINK for use in one.uses) for one in found.entries)


def test_thousands_of_routes(tmp_path: Path) -> None:
    one = "    @http.route('/r{0}/<int:plot_id>', auth='user')\n    def r{0}(self, plot_id):\n        return 1\n"
    source = HEAD + "class Many(http.Controller):\n" + "".join(one.format(n) for n in range(1_500))
    found = read(tmp_path, source + controller("plain", LEAK) + MODEL)
    assert len(found.entries) == 1_501
    assert leaks(entry(found, "plain"))


BROKEN = {
    "null byte": (HEAD + controller("plain", LEAK)).encode() + b"\0",
    "two bytes": (HEAD + controller("plain", LEAK)).encode("utf-16"),
    "four bytes": (HEAD + controller("plain", LEAK)).encode("utf-32"),
    "no such coding": b"# coding: no-such\n" + (HEAD + controller("plain", LEAK)).encode(),
    "half": (HEAD + controller("plain", LEAK)).encode()[:-30],
    "formatted": (HEAD + "q = f'" + "{q}" * 40_000 + "'\n" + controller("plain", LEAK)).encode(),
    "brackets": (HEAD + "q = " + "(" * 5_000 + ")" * 5_000 + "\n" + controller("plain", LEAK)).encode(),
    "minus": (HEAD + "q = " + "-" * 200_000 + "1\n" + controller("plain", LEAK)).encode(),
    "blocks": (HEAD + nested(120, "if q{}:", "pass") + controller("plain", LEAK)).encode(),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_file_that_is_no_python_is_named(tmp_path: Path, name: str) -> None:
    files = {
        "__init__.py": "from . import models, broken\n",
        "models.py": HEAD + MODEL + controller("good", LEAK),
    }
    module = write_addon(tmp_path, "garden", files=files | {"broken.py": BROKEN[name]})
    found = open_policy([module], cache=False, code=True).code
    assert found is not None
    assert leaks(entry(found, "good"))
    assert [Path(origin.path).name for origin in found.unread] == ["broken.py"]


def test_a_helper_in_a_file_that_is_no_python_is_named_by_who_calls_it(tmp_path: Path) -> None:
    body = "return peek(request.env, plot_id)"
    files = {
        "__init__.py": "from . import models\n",
        "models.py": "from .broken import peek, LIMIT\n" + HEAD + MODEL + controller("plain", body),
        "broken.py": "def peek(env, plot_id):\n    return env['garden.plot'].sudo().browse(plot_id).name\nx = ((\n",
    }
    found = open_policy([write_addon(tmp_path, "garden", files=files)], cache=False, code=True).code
    assert found is not None
    one = entry(found, "plain")
    assert (one.unread, one.uses) == (("peek",), ())
    listed = listed_of(open_policy([tmp_path / "garden"], cache=False, code=True), one)
    assert not routes_said.quiet(listed)


@pytest.mark.parametrize("coding", ["latin-1", "utf-8-sig", "cp1252"])
def test_other_encodings_are_read(tmp_path: Path, coding: str) -> None:
    declared = "" if coding == "utf-8-sig" else f"# -*- coding: {coding} -*-\n"
    source = declared + "# \N{LATIN SMALL LETTER E WITH ACUTE}\n" + HEAD + MODEL + controller("plain", LEAK)
    assert leaks(entry(read(tmp_path, source.encode(coding)), "plain"))
