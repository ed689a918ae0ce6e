"""What names stand for, through imports."""

from __future__ import annotations

import ast
from collections.abc import Callable

import pytest

from ostiary.code.program import Constant, File, Function, Program, PyClass

Make = Callable[..., Program]
FILES = {
    "lib/__init__.py": "from . import models, tools\nfrom .tools import helper as handy\n",
    "lib/models/__init__.py": "from . import book\nfrom .book import *\n",
    "lib/models/book.py": "WORD = 'a'\nclass Book:\n    kind = WORD + 'b'\n    def read(self): pass\n",
    "lib/tools.py": "import odoo.addons.lib.models.book as source\nfrom odoo.http import request\ndef helper(): pass\n",
    "shop/__init__.py": (
        "import odoo.addons.lib.models\nfrom odoo.addons import lib\nfrom odoo.addons.lib import handy, models\n"
        "from odoo.addons.lib.models import Book\nfrom odoo import http, _\nfrom odoo.addons.gone.models import Away\n"
        "if True:\n    import json as text\ntry:\n    from ..beyond.more import x\nexcept ImportError:\n    pass\n"
    ),
}


@pytest.mark.parametrize(
    ("name", "kind", "said"),
    [
        ("handy", Function, "helper"),
        ("Book", PyClass, "Book"),
        ("Book.read", Function, "read"),
        ("models.book.Book.read", Function, "read"),
        ("models.Book", PyClass, "Book"),
        ("odoo.addons.lib.models.book.Book", PyClass, "Book"),
        ("lib.tools.source.Book", PyClass, "Book"),
        ("lib.tools.helper", Function, "helper"),
    ],
)
def test_a_function_or_class_is_found_through_imports(
    name: str, kind: type, said: str, program: Make
) -> None:
    made = program(FILES)
    file = made.file("shop", "__init__.py")
    assert file is not None
    found = made.resolve(file, name)
    assert isinstance(found, kind)
    assert getattr(found, "name", "") == said


def test_other_things_that_names_stand_for(program: Make) -> None:
    made = program(FILES)
    file = made.file("shop", "__init__.py")
    assert file is not None
    assert isinstance(made.resolve(file, "models.book"), File)
    assert made.resolve(file, "models.book.WORD") == Constant("a")
    assert made.resolve(file, "Book.kind") == Constant("ab")
    assert made.resolve(file, "lib.tools.request") == "odoo.http.request"
    assert made.resolve(file, "http.route") == "odoo.http.route"
    assert made.resolve(file, "text.dumps") == "json.dumps"
    assert made.resolve(file, "Away.x") == "odoo.addons.gone.models.Away.x"
    assert made.resolve(file, "nothing") is None and made.resolve(file, "Book.nothing") is None


def test_imports_within_a_function(program: Make) -> None:
    made = program(FILES)
    file = made.file("lib", "models/book.py")
    node = ast.parse("from ..tools import helper as h, other").body[0]
    assert file is not None and isinstance(node, ast.ImportFrom)
    names = made.imported(file, node)
    assert names == {"h": "odoo.addons.lib.tools.helper", "other": "odoo.addons.lib.tools.other"}
    assert isinstance(made.resolve_dotted(names["h"]), Function)


def test_a_file_that_no_import_reaches_is_looked_at_when_it_is_asked_for(program: Make) -> None:
    made = program(FILES)
    made.names.indexes["lib"].files = [
        one for one in made.names.indexes["lib"].files if one.path != "tools.py"
    ]
    again = Program(made.policy, made.names.indexes, made.sources.read)
    file = again.file("lib", "tools.py")
    assert file is not None and not file.index.loaded and list(file.functions) == ["helper"]
    assert again.file("lib", "none.py") is None and again.file("gone", "__init__.py") is None


def test_imports_in_a_circle_stand_for_nothing(program: Make) -> None:
    made = program(
        {
            "a/__init__.py": "from odoo.addons.b import x\nfrom odoo.addons.b import *\n",
            "b/__init__.py": "from odoo.addons.a import x\nfrom odoo.addons.a import *\n",
        }
    )
    file = made.file("a", "__init__.py")
    assert file is not None
    assert (
        made.resolve(file, "x") is None
        and made.resolve(file, "x.y") is None
        and made.resolve(file, "z") is None
    )


def test_a_long_chain_of_imports_ends(program: Make) -> None:
    files = {f"m{n}/__init__.py": f"from odoo.addons.m{n + 1} import x\n" for n in range(500)}
    made = program(files | {"m500/__init__.py": "x = 1\n"})
    file = made.file("m0", "__init__.py")
    assert file is not None and made.resolve(file, "x") is None
    near = made.file("m480", "__init__.py")
    assert near is not None and made.resolve(near, "x") == Constant(1)
