"""Methods of models: the order in which Odoo looks them up, and which of them a client may call."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ostiary.code.program import DeclaredMethod, Program

HEAD = "from odoo import api, models\nfrom odoo.addons.lib import tools\n"
Make = Callable[..., Program]
MIXIN = HEAD + "class Kept(models.AbstractModel):\n    _name = 'lib.kept'\n    def keep(self): pass\n"
BOOK = HEAD + (
    "class Book(models.Model):\n    _name = 'lib.book'\n    _inherit = ['lib.kept']\n"
    "    def keep(self): pass\n    def lend(self): pass\n"
)
MORE = (
    HEAD
    + "class Book(models.Model):\n    _inherit = 'lib.book'\n    def keep(self): pass\n    def lend(self): pass\n"
)


def methods(made: Program) -> dict[str, DeclaredMethod]:
    return {f"{one.function.module}/{one.name}": one for one in made.rpc_methods()}


def risky(make: Make, body: str, **files: str) -> bool:
    source = HEAD + "class Book(models.Model):\n    _name = 'lib.book'\n" + "".join(
        f"    {line}\n" for line in body.splitlines()
    )  # fmt: skip
    made = make({"lib/__init__.py": source, "lib/tools.py": files.get("tools", "")})
    return methods(made)["lib/lib.book.lend"].risky


def test_definitions_come_in_the_order_of_odoos_registry(program: Make) -> None:
    made = program(
        {"lib/__init__.py": MIXIN, "lib/book.py": BOOK, "shop/__init__.py": MORE, "zoo/__init__.py": MORE}
    )
    assert [each.module for each in made.model_method("lib.book", "lend")] == ["zoo", "shop", "lib"]
    chain = made.model_method("lib.book", "keep")
    assert [f"{each.module}/{each.file.path}" for each in chain] == [
        "zoo/__init__.py", "shop/__init__.py", "lib/book.py", "lib/__init__.py",
    ]  # fmt: skip
    assert made.model_method("lib.book", "nothing") == () == made.model_method("lib.gone", "lend")


def test_each_definition_is_declared_with_what_it_overrides(program: Make) -> None:
    found = methods(program({"lib/__init__.py": MIXIN, "lib/book.py": BOOK, "shop/__init__.py": MORE}))
    assert sorted(found) == [
        "lib/lib.book.keep", "lib/lib.book.lend", "lib/lib.kept.keep", "shop/lib.book.keep", "shop/lib.book.lend",
    ]  # fmt: skip
    assert [each.module for each in found["shop/lib.book.keep"].chain] == ["shop", "lib", "lib"]
    assert [each.module for each in found["lib/lib.book.lend"].chain] == ["lib"]


def test_context_modules_declare_nothing_but_are_called(program: Make) -> None:
    made = program(
        {"lib/__init__.py": MIXIN, "lib/book.py": BOOK, "shop/__init__.py": MORE}, context=("lib",)
    )
    found = methods(made)
    assert {one.function.module for one in found.values()} == {"shop"}
    assert len(found["shop/lib.book.keep"].chain) == 3


@pytest.mark.parametrize(
    ("definition", "series", "callable_"),
    [
        ("def lend(self): pass", "18.0", True),
        ("def _lend(self): pass", "18.0", False),
        ("def init(self): pass", "18.0", False),
        ("def init(self): pass", "19.0", False),
        ("@api.private\ndef lend(self): pass", "18.0", True),
        ("@api.private\ndef lend(self): pass", "19.0", False),
        ("@property\ndef lend(self): pass", "18.0", False),
        ("@staticmethod\ndef lend(): pass", "18.0", False),
    ],
)
def test_what_may_be_called(definition: str, series: str, callable_: bool, program: Make) -> None:
    body = "".join(f"    {line}\n" for line in definition.splitlines())
    source = f"{HEAD}class Book(models.Model):\n    _name = 'lib.book'\n{body}"
    assert bool(program({"lib/__init__.py": source}, odoo=series).rpc_methods()) is callable_


def test_what_is_private_anywhere_is_private(program: Make) -> None:
    private = BOOK.replace("    def lend", "    @api.private\n    def lend")
    files = {"lib/__init__.py": MIXIN, "lib/book.py": private, "shop/__init__.py": MORE}
    assert "shop/lib.book.lend" not in methods(program(files, odoo="19.0"))
    assert "shop/lib.book.lend" in methods(program(files, odoo="18.0"))


@pytest.mark.parametrize(
    ("definition", "static"),
    [
        ("@api.model\ndef lend(self): pass", True),
        ("@api.model_create_multi\ndef create(self, given): pass", True),
        ("def create(self, given): pass", True),
        ("@api.depends('x')\ndef lend(self): pass", False),
    ],
)
def test_whether_it_takes_records(definition: str, static: bool, program: Make) -> None:
    body = "".join(f"    {line}\n" for line in definition.splitlines())
    (found,) = program(
        {"lib/__init__.py": f"{HEAD}class B(models.Model):\n    _name = 'b'\n{body}"}
    ).rpc_methods()
    assert found.static is static


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ("def lend(self):\n    return self.write({})", False),
        ("def lend(self):\n    return self.sudo().write({})", True),
        ("def lend(self):\n    self.env.cr.execute('x')", True),
        ("def lend(self):\n    return self._do()\ndef _do(self):\n    self.sudo()", True),
        (
            "def lend(self):\n    self._do()\ndef _do(self):\n    self._more()\ndef _more(self):\n    self.sudo()",
            True,
        ),
        ("def lend(self):\n    return tools.do(self)", True),
        ("def lend(self):\n    return self._loop()\ndef _loop(self):\n    self._loop()", False),
        (
            "def write(self, v):\n    self._do()\ndef lend(self):\n    pass\ndef _do(self):\n    self.sudo()",
            False,
        ),
    ],
)
def test_what_is_worth_following(body: str, found: bool, program: Make) -> None:
    assert risky(program, body, tools="def do(records):\n    return records.sudo()\n") is found


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ("self._do()", False),
        ("self.sudo()", True),
        ("self.sudo().note = 1\n        return super().write(values)", False),
        ("self.sudo().note = 1\n        return super(Book, self).write(values)", False),
        ("return super(Book, self.sudo()).write(values)", True),
        ("return super().sudo().write(values)", True),
        ("self.sudo()\n        return super().unlink()", True),
    ],
)
def test_overrides_of_odoos_own_methods_come_to_what_those_check(
    body: str, found: bool, program: Make
) -> None:
    source = HEAD + (
        "class Book(models.Model):\n    _name = 'lib.book'\n"
        f"    def write(self, values):\n        {body}\n    def _do(self):\n        self.sudo()\n"
    )
    assert methods(program({"lib/__init__.py": source}))["lib/lib.book.write"].risky is found


@pytest.mark.parametrize(
    ("series", "head", "name"),
    [
        ("18.0", "class LibBook(models.Model):", "LibBook"),
        ("19.0", "class LibBook(models.Model):", "lib.book"),
        ("18.0", "class A(models.Model):\n    _inherit = ['lib.book']", "lib.book"),
        ("19.0", "class LibBook(models.Model):\n    _inherit = ['lib.other']", "lib.book"),
        ("19.0", "class A(models.Model):\n    _inherit = 'lib.book'", "lib.book"),
    ],
)
def test_the_model_of_a_class_without_a_name(series: str, head: str, name: str, program: Make) -> None:
    source = f"{HEAD}{head}\n    def lend(self): pass\n"
    (found,) = program({"lib/__init__.py": source}, odoo=series).rpc_methods()
    assert found.model == name


def test_models_that_inherit_from_each_other(program: Make) -> None:
    source = HEAD + (
        "class A(models.Model):\n    _name = 'a'\n    _inherit = ['b']\n    def lend(self): pass\n"
        "class B(models.Model):\n    _name = 'b'\n    _inherit = ['a']\n    def lend(self): pass\n"
    )
    made = program({"lib/__init__.py": source})
    assert len(made.model_method("a", "lend")) == 2 and len(made.rpc_methods()) == 2


def test_methods_of_a_plain_class_that_a_model_derives_from(program: Make) -> None:
    source = HEAD + (
        "class Plain:\n    def lend(self): return self.sudo()\n"
        "class Book(Plain, models.Model):\n    _name = 'lib.book'\n"
    )
    made = program({"lib/__init__.py": source})
    assert [one.qualified for one in made.model_method("lib.book", "lend")] == ["Plain.lend"]


def test_a_class_with_a_method_twice_has_the_last(program: Make) -> None:
    source = HEAD + (
        "class Book(models.Model):\n    _name = 'lib.book'\n    def lend(self): pass\n"
        "    def lend(self): return self.sudo()\n"
    )
    (found,) = program({"lib/__init__.py": source}).rpc_methods()
    assert found.function.origin.line == 6 and found.risky
