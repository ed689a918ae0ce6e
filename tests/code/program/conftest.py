"""A Program of a few lines of source, without a folder."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from textwrap import dedent

import pytest

from ostiary.code.program import ModuleIndex, Program, scan_source
from ostiary.policy import Module, Origin, Policy

MakeProgram = Callable[..., Program]


@pytest.fixture
def program() -> MakeProgram:
    """Makes the program of some files (`{"module/path.py": "source"}`). Modules are loaded in the order in which they
    come, and so are the files of each."""
    return _made


def _made(sources: Mapping[str, str | bytes], odoo: str = "18.0", context: tuple[str, ...] = ()) -> Program:
    contents = {
        path: one if isinstance(one, bytes) else dedent(one).encode() for path, one in sources.items()
    }
    indexes: dict[str, ModuleIndex] = {}
    for path, content in contents.items():
        module, _, inner = path.partition("/")
        index = indexes.setdefault(module, ModuleIndex(module))
        index.files.append(scan_source(module, inner, content))
    modules = {
        name: Module(origin=Origin(f"{name}/__manifest__.py", 1, name), name=name, context=name in context)
        for name in indexes
    }
    policy = Policy(odoo=odoo, modules=modules)
    return Program(policy, indexes, lambda module, path: contents.get(f"{module}/{path}"))
