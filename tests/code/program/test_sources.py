"""Trees of functions, parsed when they are asked for, with the lines of their file; and source that is no good."""

from __future__ import annotations

import ast
from collections.abc import Callable

import pytest

from ostiary.code.program import Program, scan_source

Make = Callable[..., Program]
SOURCE = '''\
"""A file."""
import os

WORDS = ("a",
         "b")


def top(a, *args, b=1, **kw):
    return a


@decorated(
    1,
)
@route("/x")
async def later():
    text = """
no indentation
"""
    return text


class A:

    if os:
        def within(self):
            return 1 \\
                + 2

    @property
    def last(self): return 2
'''


@pytest.mark.parametrize("ending", [b"\n", b"\r\n", b"\r"])
@pytest.mark.parametrize("cookie", ["", "# -*- coding: utf-8 -*-\n", "# -*- coding: latin-1 -*-\n"])
def test_a_function_has_the_tree_that_it_has_in_its_file(ending: bytes, cookie: str, program: Make) -> None:
    content = (cookie + SOURCE + "# é\n").encode("latin-1" if "latin" in cookie else "utf-8")
    made = program({"lib/__init__.py": content.replace(b"\n", ending)})
    file = made.file("lib", "__init__.py")
    assert file is not None and file.tree is not None
    whole = {
        node.name: ast.dump(node, include_attributes=True)
        for node in ast.walk(file.tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }
    functions = [*file.functions.values(), *file.classes["A"].methods.values()]
    assert [one.name for one in functions] == ["top", "later", "within", "last"]
    for one in functions:
        assert one.node is not None and ast.dump(one.node, include_attributes=True) == whole[one.name]
        assert one.node is one.node
    assert file.functions["top"].parameters == ("a", "b", "*args", "**kw")
    assert file.functions["later"].decorators == ("route",)


def test_a_function_whose_file_is_gone_or_changed_has_no_tree(program: Make) -> None:
    made = program({"lib/__init__.py": SOURCE})
    for content in (None, b"", b"x = (", b"def other(): pass\n" * 40):
        again = Program(made.policy, made.names.indexes, lambda module, path, content=content: content)  # type: ignore[misc]
        file = again.file("lib", "__init__.py")
        assert file is not None and file.functions["top"].node is None


@pytest.mark.parametrize(
    "content",
    [
        b"def (",
        b"\x00",
        b"\xff\xfe\xff",
        b"(" * 100_000,
        b"x = " + b"-" * 50_000 + b"1",
        b"# coding: nonsense\n",
        b"  x",
    ],
)
def test_source_that_is_no_python_is_broken_and_raises_nothing(content: bytes, program: Make) -> None:
    assert scan_source("lib", "a.py", content).broken
    made = program({"lib/__init__.py": content})
    file = made.file("lib", "__init__.py")
    assert file is not None and file.tree is None and made.routes() == () == made.rpc_methods()


@pytest.mark.parametrize(
    "content",
    [
        "class A" + "(B)" + ":\n    pass\n" + "class B(A):\n    pass\n",
        "X = " + " + ".join(["'a'"] * 900) + "\n",
        "X = 'a'\n" + "X = X + X\n" * 200,
        "X = ['a']\n" + "X = X + X\n" * 200,
        "X = f'{X}{X}'\n" * 50,
        "X = '%s' * 3 % X\nY = '%s%s' % (X, X)\nZ = '%(a)s' % {'a': 1}\n",
        "X = 10**100\nY = float('nan')\nZ = '\\ud800'\n",
        "class A(" + ", ".join(f"B{n}" for n in range(3_000)) + "): pass\n",
        "def f(" + ", ".join(f"a{n}" for n in range(3_000)) + "): pass\n",
        "from ........ import x\nfrom . import *\nimport a.b.c\n",
        "class A:\n" + "    def f(self): pass\n" * 8_000,
    ],
)
def test_odd_source_is_bounded(content: str) -> None:
    found = scan_source("lib", "a.py", content.encode())
    assert not found.broken
    assert sum(len(str(value)) for value in found.constants.values()) < 200_000
