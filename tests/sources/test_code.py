"""What code does is read with a policy where that is wanted, from whatever holds the modules; and it is kept."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from ostiary.code import following
from ostiary.policy.code import Code, EntryKind
from ostiary.sources import snapshot
from ostiary.sources.addons import read as reading
from ostiary.sources.database.complete import complete
from ostiary.sources.database.read import narrowed
from sources.build import MODELS, MakeAddon, ReadAddon, data

CONTROLLER = """from odoo import http
from odoo.http import request

class Books(http.Controller):
    @http.route("/book/<int:book>", auth="public")
    def book(self, book):
        return request.render("lib.page", {"book": request.env["lib.book"].sudo().browse(book)})
"""
MODEL = (
    MODELS
    + """
class Book(models.Model):
    _name = "lib.book"
    title = fields.Char()
    note = fields.Html()

    def lend(self):
        return self.sudo().write({"title": "lent"})

    def plain(self):
        return True
"""
)
PAGE = data('<template id="page"><t t-field="book.title"/><t t-out="book.note"/></template>')
FILES = {
    "__init__.py": "from . import models, controllers\n",
    "models.py": MODEL,
    "controllers.py": CONTROLLER,
    "page.xml": PAGE,
}


@pytest.fixture
def lib(addon: MakeAddon) -> Path:
    return addon("lib", files=FILES)


def code(read: ReadAddon, *targets: Any, **options: Any) -> Code:
    found = read(*targets, **({"code": True} | options)).code
    assert found is not None
    return found


def said(found: Code) -> list[tuple[str, bool, tuple[str, ...]]]:
    return [(one.name, one.read, tuple(use.kind for use in one.uses)) for one in found.entries]


def places(found: Code) -> set[str]:
    return {one.origin.path for one in found.entries} | {page.origin.path for page in found.pages}


def test_code_is_read_only_where_it_is_wanted(lib: Path, read: ReadAddon) -> None:
    assert read().code is None
    assert [one.name for one in code(read).entries] == [
        "lib.Books.book", "lib.book.lend", "lib.book.plain",
    ]  # fmt: skip


def test_what_entries_say(lib: Path, read: ReadAddon) -> None:
    route, lend, plain = code(read).entries
    assert route.kind is EntryKind.ROUTE and route.route is not None and route.read
    assert (route.route.auth, route.parameters, route.method) == ("public", ("book",), "book")
    assert (route.origin.line, route.module) == (6, "lib") and route.origin.path.endswith(
        "lib/controllers.py"
    )
    assert (lend.kind, lend.model, lend.method, lend.read) == (EntryKind.RPC, "lib.book", "lend", True)
    assert any(use.actor == "superuser" for use in lend.uses)
    assert not plain.read and plain.uses == ()


def test_pages_are_those_that_routes_render(lib: Path, read: ReadAddon) -> None:
    (page,) = code(read).pages
    assert (page.template, page.entries) == ("lib.page", ("lib.Books.book",))
    assert {one.field for one in page.shown} == {"title", "note"}


def test_code_from_an_archive_and_a_revision_is_that_of_the_folder(
    lib: Path, read: ReadAddon, tmp_path: Path
) -> None:
    found = said(code(read))
    archive = shutil.make_archive(str(tmp_path / "lib"), "zip", lib.parent)
    assert said(code(read, archive)) == found

    def git(*words: str) -> None:
        subprocess.run(["git", "-C", lib.parent, *words], check=True, capture_output=True)

    git("init", "-q")
    git("add", ".")
    git("-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qm", "x")
    shutil.rmtree(lib)
    at = code(read, f"{lib.parent}@HEAD")
    assert said(at) == found
    assert all(place.startswith(str(lib.parent)) for place in places(at))


def test_a_snapshot_keeps_it(lib: Path, read: ReadAddon, tmp_path: Path) -> None:
    policy = read(code=True)
    snapshot.save(policy, tmp_path / "kept.json")
    assert read(tmp_path / "kept.json").code == policy.code


def test_context_modules_are_followed_but_declare_nothing(
    lib: Path, read: ReadAddon, addon: MakeAddon
) -> None:
    child = CONTROLLER.replace("http.Controller", "Base").replace("class Books", "class More").replace(
        "from odoo import http\n", "from odoo import http\nfrom odoo.addons.lib.controllers import Books as Base\n"
    )  # fmt: skip
    mine = addon("mine", files={"__init__.py": child}, manifest={"depends": ["lib"]})
    context = lib.parent.parent / "context"
    context.mkdir()
    lib.rename(context / "lib")
    found = code(read, mine, addons_path=[context])
    assert [one.name for one in found.entries] == ["mine.More.book"]
    assert [origin.path.rpartition("lib/")[2] for origin in found.entries[0].overrides] == ["controllers.py"]


def test_what_was_read_is_kept_and_is_the_same(
    lib: Path, read: ReadAddon, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = tmp_path / "cache"
    read(cache=cache)
    cold = code(read, cache=cache)

    def again(*_: object, **__: object) -> Code:
        raise AssertionError

    with monkeypatch.context() as patched:
        patched.setattr(reading, "read_code", again)
        assert code(read, cache=cache) == cold
        assert read(cache=cache).code is None
    (lib / "controllers.py").write_text(CONTROLLER.replace("public", "user"))
    changed = code(read, cache=cache)
    assert changed.entries[0].route is not None and changed.entries[0].route.auth == "user"


def test_several_processes_find_the_same_in_the_same_order(
    lib: Path, read: ReadAddon, monkeypatch: pytest.MonkeyPatch
) -> None:
    models = MODEL + "".join(f"    def lend{n}(self):\n        return self.sudo().note\n" for n in range(60))
    (lib / "models.py").write_text(models)
    alone = code(read)
    monkeypatch.setattr(following, "_WORTH_IT", 2)
    monkeypatch.setattr(following, "_PARCEL", 3)
    assert code(read) == alone and len(alone.entries) == 63


@pytest.mark.parametrize(
    "files",
    [
        {"controllers.py": "class A(\n"},
        {"controllers.py": "\x00"},
        {"page.xml": "<odoo><template"},
        {"controllers.py": "from . import controllers\nfrom .controllers import *\n" + CONTROLLER},
        {"models.py": MODEL + "    def deep(self):\n        return " + "self.sudo(" * 150 + ")" * 150 + "\n"},
        {"models.py": MODEL + "    def deep(self):\n        self.sudo()" + ".x" * 150 + "\n"},
    ],
)
def test_broken_files_never_stop_it(files: Mapping[str, str], addon: MakeAddon, read: ReadAddon) -> None:
    addon("lib", files=FILES | dict(files))
    found = code(read)
    broken = [origin.path.rpartition("/")[2] for origin in found.unread]
    assert broken == (
        ["controllers.py"] if files.get("controllers.py", "from").startswith(("class", "\0")) else []
    )


def test_a_database_takes_the_code_of_its_modules_source(read: ReadAddon, addon: MakeAddon) -> None:
    addon("lib", files=FILES)
    addon("shop", files=FILES | {"models.py": MODEL.replace("lib.book", "shop.book")})
    source = read(code=True)
    found = complete(narrowed(read(), ["shop"], "the database"), source).code
    assert found is not None and {one.module for one in found.entries} == {"shop"}
    assert complete(read(), source).code == source.code and complete(read(), read()).code is None
