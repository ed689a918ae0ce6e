"""Routes as Odoo serves them: merged over overrides in Python's order, one object for each controller."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ostiary.code.program import DeclaredRoute, Program
from ostiary.code.program.known_routes import _table
from ostiary.code.program.routes import converters

HEAD = "from odoo import http\nfrom odoo.http import request, route\n"
SHELF = (
    HEAD
    + """
class Shelf(http.Controller):
    @http.route(["/shelf", "/shelf/page/<int:page>"], auth="public", csrf=False, website=True)
    def shelf(self, page=1, **kw):
        return self.helper()

    def helper(self):
        return ""
"""
)
Make = Callable[..., Program]


def served(program: Program) -> dict[str, DeclaredRoute]:
    found = {one.name: one for one in program.routes()}
    assert len(found) == len(program.routes())
    return found


def one(make: Make, body: str, before: str = "") -> DeclaredRoute:
    lines = "".join(f"    {line}\n" for line in body.splitlines())
    (found,) = make({"lib/__init__.py": f"{HEAD}{before}\nclass A(http.Controller):\n{lines}"}).routes()
    return found


def test_what_a_route_says(program: Make) -> None:
    found = served(program({"lib/__init__.py": SHELF}))["lib.Shelf.shelf"]
    assert found.route.paths == ("/shelf", "/shelf/page/<int:page>")
    assert (found.route.auth, found.route.type, found.route.csrf, found.route.website) == (
        "public", "http", False, True,
    )  # fmt: skip
    assert (found.function.parameters, found.function.origin.line) == (("self", "page", "**kw"), 6)


@pytest.mark.parametrize(
    ("said", "auth", "kind", "methods", "csrf"),
    [
        ("'/a'", "user", "http", (), True),
        ("'/a', auth='none', methods=['post', 'GET']", "none", "http", ("GET", "POST"), True),
        ("'/a', type='json', csrf=True", "user", "json", (), False),
        ("'/a', type='jsonrpc'", "user", "jsonrpc", (), False),
        ("'/a', method=['POST'], csrf=0", "user", "http", ("POST",), False),
        ("'/a', auth='bearer'", "bearer", "http", (), True),
        ("'/a', auth=who()", "<code>", "http", (), True),
        ("'/a', csrf=maybe()", "user", "http", (), True),
        ("route='/a', **{'auth': 'public'}", "public", "http", (), True),
    ],
)
def test_what_counts_in_the_end(
    said: str, auth: str, kind: str, methods: tuple[str, ...], csrf: bool, program: Make
) -> None:
    found = one(program, f"@route({said})\ndef a(self): pass").route
    assert found.paths == ("/a",)
    assert (found.auth, found.type, found.methods, found.csrf) == (auth, kind, methods, csrf)


def test_an_auth_that_is_not_known_is_not_taken_for_public(program: Make) -> None:
    assert not one(program, "@route('/a', auth=who())\ndef a(self): pass").route.public


@pytest.mark.parametrize(
    "path",
    [
        "PATH",
        "'/a/' + KIND",
        "'/a/%s' % KIND",
        "f'/a/{KIND}'",
        "[PATH]",
        "[*[PATH]]",
        "own",
        "[own]",
        "far.PATH",
    ],
)
def test_paths_made_of_constants(path: str, program: Make) -> None:
    source = (
        f"{HEAD}from . import far\nKIND = 'book'\nPATH = '/a/book'\n"
        f"class A(http.Controller):\n    own = '/a/book'\n    @route({path})\n    def a(self): pass\n"
    )
    (found,) = program({"lib/__init__.py": source, "lib/far.py": "PATH = '/a/book'\n"}).routes()
    assert found.route.paths == ("/a/book",)


def test_a_constant_of_another_module_and_class(program: Make) -> None:
    source = HEAD + (
        "from odoo.addons.lib.const import Paths as P\n"
        "class A(http.Controller):\n    @route(P.book, auth=P.auth)\n    def a(self): pass\n"
    )
    files = {"lib/__init__.py": "", "lib/const.py": "class Paths:\n    book = '/b'\n    auth = 'public'\n"}
    (found,) = program(files | {"shop/__init__.py": source}).routes()
    assert (found.route.paths, found.route.auth) == (("/b",), "public")


def test_models_of_converters() -> None:
    found = converters(
        (
            "/a/<model('lib.book'):book>/<model(\"lib.shelf\"):shelf>",
            "/b/<int:number>/<string(length=2):name>/<any(x,y):kind>/<own:thing>",
            "/c/<model('lib.page', \"[('book_id', '=', book.id), ('x', 'in', [1])]\"):page>",
            "/d/<model:broken>/<model('x')>",
        )
    )
    assert found == {"book": "lib.book", "shelf": "lib.shelf", "page": "lib.page"}


CHILD = (
    HEAD
    + """
from odoo.addons.lib.controllers.main import Shelf as Base
class More(Base):
    @route({said})
    def shelf(self, page=1, **kw):
        return super().shelf(page, **kw)

    def helper(self):
        return "more"
"""
)
BASE = {"lib/__init__.py": "", "lib/controllers/__init__.py": "", "lib/controllers/main.py": SHELF}


@pytest.mark.parametrize(
    ("said", "paths", "auth", "csrf"),
    [
        ("", ("/shelf", "/shelf/page/<int:page>"), "public", False),
        ("auth='user'", ("/shelf", "/shelf/page/<int:page>"), "user", False),
        ("'/other', csrf=True", ("/other",), "public", True),
    ],
)
def test_an_override_adds_what_it_names(
    said: str, paths: tuple[str, ...], auth: str, csrf: bool, program: Make
) -> None:
    made = program(BASE | {"shop/__init__.py": CHILD.format(said=said)})
    found = served(made)
    assert list(found) == ["shop.More.shelf"]
    route = found["shop.More.shelf"].route
    assert (route.paths, route.auth, route.csrf, route.website) == (paths, auth, csrf, True)
    assert [each.module for each in found["shop.More.shelf"].chain] == ["shop", "lib"]


def test_an_override_without_route_is_served_too(program: Make) -> None:
    plain = CHILD.replace("    @route({said})\n", "")
    (found,) = program(BASE | {"shop/__init__.py": plain}).routes()
    assert (found.name, found.route.auth, found.route.csrf) == ("shop.More.shelf", "public", False)


def test_the_type_is_that_of_the_first_definition(program: Make) -> None:
    (found,) = program(BASE | {"shop/__init__.py": CHILD.format(said="type='json'")}).routes()
    assert (found.route.type, found.route.csrf) == ("http", False)


def test_a_controller_is_made_of_all_its_leaves_the_last_loaded_first(program: Make) -> None:
    more = BASE | {
        "shop/__init__.py": CHILD.format(said=""),
        "zoo/__init__.py": CHILD.format(said="auth='user'"),
    }
    made = program(more)
    (found,) = made.routes()
    assert [each.module for each in found.chain] == ["zoo", "shop", "lib"] and found.route.auth == "user"
    cls = made.file("lib", "controllers/main.py").classes["Shelf"]  # type: ignore[union-attr]
    assert [each.module for each in made.controller_method(cls, "helper")] == ["zoo", "shop", "lib"]


def test_an_override_in_a_module_that_is_not_loaded_does_not_count(program: Make) -> None:
    made = program(BASE | {"shop/__init__.py": CHILD.format(said="auth='user'")})
    made.policy.modules.pop("shop")
    again = Program(made.policy, made.names.indexes, made.sources.read)
    assert [each.name for each in again.routes()] == ["lib.Shelf.shelf"]


def test_a_class_of_two_controllers_is_served_once(program: Make) -> None:
    source = HEAD + (
        "class A(http.Controller):\n    @route('/a')\n    def a(self): pass\n"
        "class B(http.Controller):\n    @route('/b')\n    def b(self): pass\n"
        "class C(B, A):\n    @route()\n    def a(self): pass\n"
    )
    found = served(program({"lib/__init__.py": source}))
    assert sorted(found) == ["lib.B.b", "lib.C.a"]


def test_a_method_without_any_path_is_not_served(program: Make) -> None:
    source = f"{HEAD}class A(http.Controller):\n    @route(auth='public')\n    def a(self): pass\n"
    assert program({"lib/__init__.py": source}).routes() == ()


def test_a_class_below_one_that_was_not_read(program: Make) -> None:
    source = HEAD + (
        "from odoo.addons.portal.controllers.portal import CustomerPortal\n"
        "class Mine(CustomerPortal):\n    @route(['/my/books'], auth='user')\n    def books(self): pass\n"
        "class Other(CustomerPortal):\n    def helper(self): pass\n"
    )
    (found,) = program({"lib/__init__.py": source}).routes()
    assert (found.name, found.route.paths) == ("lib.Mine.books", ("/my/books",))
    assert found.unread == ("odoo.addons.portal.controllers.portal.CustomerPortal",)


UNREAD = HEAD + (
    "from odoo.addons.{module}.controllers.portal import {base}\n"
    "class Mine({base}):\n    @route({said})\n    def {method}(self): pass\n"
)


@pytest.mark.parametrize(
    ("module", "base", "method", "said", "paths", "auth", "kind"),
    [
        ("portal", "CustomerPortal", "home", "", ("/my",), "user", "http"),
        ("website_sale", "WebsiteSale", "home", "", ("/my",), "user", "http"),
        (
            "website_sale",
            "WebsiteSale",
            "cart_update_json",
            "",
            ("/shop/cart/update_json",),
            "public",
            "json",
        ),
        ("portal", "CustomerPortal", "home", "auth='public'", ("/my",), "public", "http"),
        ("portal", "CustomerPortal", "home", "'/mine'", ("/mine",), "user", "http"),
        ("portal", "CustomerPortal", "other", "", (), "<inherited>", "http"),
        ("portal", "CustomerPortal", "other", "auth='public'", (), "public", "http"),
        ("gone", "CustomerPortal", "home", "website=True", (), "<inherited>", "http"),
        ("portal", "Portal", "home", "", (), "<inherited>", "http"),
    ],
)
def test_an_override_of_what_was_not_read(
    module: str,
    base: str,
    method: str,
    said: str,
    paths: tuple[str, ...],
    auth: str,
    kind: str,
    program: Make,
) -> None:
    source = UNREAD.format(module=module, base=base, method=method, said=said)
    (found,) = program({"lib/__init__.py": source}).routes()
    assert (found.route.paths, found.route.auth, found.route.type) == (paths, auth, kind)


def test_what_is_known_of_odoos_routes_is_well_formed() -> None:
    for name, known in _table().items():
        assert known["modules"] and known.get("above", name) in _table()
        for said in known.get("routes", {}).values():
            auth, kind, path = said.split(" ")
            assert auth in ("user", "public", "none") and kind in ("http", "json") and path.startswith("/")


def test_what_is_no_controller_serves_nothing(program: Make) -> None:
    source = HEAD + "class A:\n    @route('/a')\n    def a(self): pass\n\n@route('/b')\ndef b(self): pass\n"
    assert program({"lib/__init__.py": source}).routes() == ()


def test_classes_that_derive_from_each_other_in_a_circle(program: Make) -> None:
    first = HEAD + "from odoo.addons.b import B\nclass A(B):\n    @route('/a')\n    def a(self): pass\n"
    second = (
        HEAD
        + "from odoo.addons.a import A\nclass B(A, http.Controller):\n    @route('/b')\n    def b(self): pass\n"
    )
    assert program({"a/__init__.py": first, "b/__init__.py": second}).routes() == ()
