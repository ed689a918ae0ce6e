"""Which modules count as installed, and in which order they are loaded."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ostiary.policy import Policy
from ostiary.sources import UnreadableTarget
from ostiary.sources.addons.ops import ManifestInfo
from ostiary.sources.addons.order import loading_order, select, stuck
from sources.build import MakeAddon, ReadAddon, problems, write_addon


def own(policy: Policy) -> list[str]:
    return [name for name, module in policy.modules.items() if not module.facts]


def manifests(graph: dict[str, list[str]]) -> dict[str, ManifestInfo]:
    return {name: ManifestInfo(name=name, depends=needs) for name, needs in graph.items()}


def test_depth_then_name() -> None:
    graph = manifests({"base": [], "z": ["base"], "a": ["z"], "m": ["base"], "b": ["m", "base"]})
    assert loading_order(graph, graph, False) == ["base", "m", "z", "a", "b"]


def test_odoo_19_loads_test_modules_right_after_what_they_need() -> None:
    graph = manifests({"base": [], "a": ["base"], "test_a": ["a"], "b": ["base"], "c": ["a"]})
    assert loading_order(graph, graph, True) == ["base", "a", "test_a", "b", "c"]
    assert loading_order(graph, graph, False) == ["base", "a", "b", "c", "test_a"]


@given(st.lists(st.lists(st.integers(0, 14), max_size=4), min_size=1, max_size=15), st.booleans())
def test_a_dependency_always_comes_first(needs: list[list[int]], test_after: bool) -> None:
    """Also among random loops: whatever does not need a loop is in order, and nothing is lost."""
    names = [f"test_m{number}" if number % 3 == 0 else f"m{number}" for number in range(len(needs))]
    graph = {
        names[number]: [names[need] for need in wanted if need < len(names)]
        for number, wanted in enumerate(needs)
    }
    order = loading_order(graph, manifests(graph), test_after)
    looping = set(stuck(graph, manifests(graph)))
    assert sorted(order) == sorted(names)
    for name in set(names) - looping:
        assert all(order.index(need) < order.index(name) for need in graph[name])
    assert all(set(graph[name]) & looping for name in looping)


@given(st.lists(st.lists(st.integers(0, 9), max_size=3), min_size=10, max_size=10))
def test_without_loops_nothing_is_stuck(needs: list[list[int]]) -> None:
    graph = {f"m{n}": [f"m{need}" for need in wanted if need < n] for n, wanted in enumerate(needs)}
    assert stuck(graph, manifests(graph)) == []


def test_modules_that_depend_on_each_other_are_a_problem(addon: MakeAddon, read: ReadAddon) -> None:
    addon("a", manifest={"depends": ["b"]})
    addon("b", manifest={"depends": ["a"]})
    addon("c", manifest={"depends": ["b"]})
    addon("fine")
    policy = read()
    assert [item.origin.module for item in problems(policy, "dependency-loop")] == ["a", "b", "c"]
    assert own(policy)[0] == "fine"


def test_only_named_modules_and_what_they_need(addon: MakeAddon, read: ReadAddon) -> None:
    addon("a")
    addon("b", manifest={"depends": ["a"]})
    addon("c", manifest={"depends": ["b"]})
    assert own(read(modules=["b"])) == ["a", "b"]
    with pytest.raises(UnreadableTarget, match="no module nowhere"):
        read(modules=["b", "nowhere"])


def test_context_is_read_as_far_as_it_is_needed(tmp_path: Path, addon: MakeAddon, read: ReadAddon) -> None:
    addon("shop", manifest={"depends": ["lib"]})
    for name in ("lib", "unneeded", "shop"):
        write_addon(tmp_path / "context", name)
    policy = read(addons_path=[tmp_path / "context"])
    assert own(policy) == ["lib", "shop"]
    assert [policy.modules[name].context for name in own(policy)] == [True, False]
    assert policy.modules["shop"].origin.path == f"{tmp_path}/addons/shop/__manifest__.py"


def test_what_installs_itself_does_so_again_and_again(
    tmp_path: Path, addon: MakeAddon, read: ReadAddon
) -> None:
    addon("shop", manifest={"depends": ["lib"]})
    context: dict[str, dict[str, Any]] = {
        "lib": {},
        "bridge": {"depends": ["shop", "lib"], "auto_install": True},
        "beyond": {"depends": ["bridge", "extra"], "auto_install": ["bridge"]},
        "extra": {},
        "last": {"depends": ["extra"], "auto_install": True},
        "local": {"depends": ["lib"], "auto_install": True, "countries": ["be"]},
        "waiting": {"depends": ["lib", "other"], "auto_install": True},
        "other": {},
        "lame": {"depends": ["lib", "absent"], "auto_install": ["lib"]},
    }
    for name, manifest in context.items():
        write_addon(tmp_path / "context", name, manifest=manifest)
    found = set(own(read(addons_path=[tmp_path / "context"])))
    assert found == {"lib", "shop", "bridge", "beyond", "extra", "last"}
    assert set(own(read(addons_path=[tmp_path / "context"], modules=["shop"]))) == {"lib", "shop"}


@given(
    st.lists(st.lists(st.integers(0, 9), min_size=1, max_size=3), min_size=10, max_size=10), st.integers(0, 9)
)
def test_what_is_chosen_is_closed(needs: list[list[int]], start: int) -> None:
    graph = manifests({f"m{n}": [f"m{need}" for need in wanted] for n, wanted in enumerate(needs)})
    for number, manifest in enumerate(graph.values()):
        manifest.auto_install = number % 2 == 0
    chosen = select([f"m{start}"], graph, graph)
    assert f"m{start}" in chosen
    for name, manifest in graph.items():
        closed = set(manifest.depends) <= chosen
        assert closed if name in chosen else not (manifest.auto_install and closed)


@pytest.mark.parametrize(
    ("version", "series"),
    [("17.0.1.0.0", "17.0"), ("19.0.1.0.0", "19.0"), ("1.0", "18.0"), ("11.0.1.0.0", "18.0")],
)
def test_the_series_is_told_by_the_versions(
    addon: MakeAddon, read: ReadAddon, version: str, series: str
) -> None:
    addon("lib", manifest={"version": version})
    policy = read()
    assert policy.odoo == series
    assert any(note.kind == "version-assumed" for note in policy.notes) == (series == "18.0")
    assert read(odoo="17.0").odoo == "17.0"


def test_an_unknown_series_is_refused(addon: MakeAddon, read: ReadAddon) -> None:
    addon("lib")
    with pytest.raises(UnreadableTarget, match=r"12\.0"):
        read(odoo="12.0")


def test_an_odoo_tree_says_its_own_series(tmp_path: Path, read: ReadAddon) -> None:
    write_addon(tmp_path / "tree" / "odoo" / "addons", "base", manifest={"depends": [], "version": "1.3"})
    (tmp_path / "tree" / "odoo" / "release.py").write_text(
        "X = Y = 'final'\nversion_info = (17, 0, 0, Y, 0, '')\n"
    )
    policy = read(tmp_path / "tree")
    assert (policy.odoo, policy.notes) == ("17.0", [])


@pytest.mark.parametrize(
    ("manifest", "message", "line"),
    [
        ("\n\n{'name': 'x',\n 'data': [}\n", "malformed", 4),
        ("[1]", "not a dictionary", 1),
        ("{'name': open('x')}", "no literal", 0),
        ("\ufeff{'name': 'x'}", "byte order mark", 1),
        ("", "malformed", 0),
    ],
)
def test_a_malformed_manifest(
    addon: MakeAddon, read: ReadAddon, manifest: str, message: str, line: int
) -> None:
    addon("lib", manifest=manifest)
    found = problems(read(), "malformed-file")
    assert len(found) == 1 and message in found[0].message
    assert found[0].fatal and (found[0].origin.line == line or not line)


def test_a_manifest_may_be_of_the_old_name_and_hold_odd_escapes(addon: MakeAddon, read: ReadAddon) -> None:
    module = addon("lib", manifest='{"name": "a\\d", "version": "17.0.1.0.0"}')
    (module / "__manifest__.py").rename(module / "__openerp__.py")
    policy = read()
    assert policy.modules["lib"].title == "a\\d" and policy.problems == []
