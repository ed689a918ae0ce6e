"""The order in which a model's classes count is the one Python gives to the registry's classes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ostiary.sources.addons.declared import Declared
from ostiary.sources.addons.models import Registry
from ostiary.sources.addons.ops import ClassDecl

MODELS = ("a", "b", "c", "d", "e", "f")
classes = st.lists(
    st.tuples(st.sampled_from(MODELS), st.lists(st.sampled_from(MODELS), max_size=3, unique=True)),
    max_size=10,
)


def pythons(declared: list[tuple[str, list[str]]]) -> dict[str, list[str]] | None:
    """Each model's classes in the order of a registry made of real classes; None where Python refuses."""
    bases: dict[str, list[type | str]] = {}
    for number, (name, inherit) in enumerate(declared):
        ordered: list[type | str] = [type(f"class{number}", (), {})]
        for parent in inherit:
            ordered += bases[parent] if parent == name else [parent]
        bases[name] = [item for at, item in enumerate(ordered) if item not in ordered[at + 1 :]]
    made: dict[str, type] = {}

    def make(name: str, path: tuple[str, ...]) -> type:
        if name in path:
            raise TypeError("a ring")
        if name not in made:
            parents = [make(item, (*path, name)) if isinstance(item, str) else item for item in bases[name]]
            made[name] = type(name, tuple(parents), {})
        return made[name]

    try:
        return {
            name: [item.__name__ for item in make(name, ()).__mro__ if item.__name__.startswith("class")]
            for name in bases
        }
    except TypeError:
        return None


def read(declared: list[tuple[str, list[str]]]) -> dict[str, list[str]]:
    registry = Registry(False)
    for number, (name, inherit) in enumerate(declared):
        decl = ClassDecl(f"class{number}", "abstract", name, inherit, {}, [], {}, "x.py", number)
        registry.add(Declared(decl, "m", "x.py"))
    registry.models()
    return {name: [item.decl.class_name for item in registry.order_of(name)] for name, _ in declared}


@given(classes)
def test_it_is_pythons_order(drawn: list[tuple[str, list[str]]]) -> None:
    known: set[str] = set()
    declared: list[tuple[str, list[str]]] = []
    for name, inherit in drawn:
        # As in Odoo, a parent is there before its children are, and a model that is there is extended.
        parents = [parent for parent in inherit if parent in known and parent != name]
        declared.append((name, [name, *parents] if name in known else parents))
        known.add(name)
    expected = pythons(declared)
    if expected is not None:
        assert read(declared) == expected


@pytest.mark.parametrize(
    ("declared", "order"),
    [
        (
            [("a", []), ("b", ["a"]), ("c", ["a"]), ("d", ["b", "c"])],
            ["class3", "class1", "class2", "class0"],
        ),
        ([("a", []), ("d", ["a"]), ("a", ["a"])], ["class1", "class2", "class0"]),
        ([("a", []), ("b", []), ("d", ["a"]), ("d", ["d", "b"])], ["class3", "class2", "class0", "class1"]),
    ],
)
def test_known_orders(declared: list[tuple[str, list[str]]], order: list[str]) -> None:
    assert read(declared)["d"] == order == (pythons(declared) or {})["d"]
