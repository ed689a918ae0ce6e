"""Placing the nodes of a directed graph in layers, left to right, with few crossings.

The classic four steps: turn links that close a cycle around, give every node a layer, order the nodes within
the layers by where their neighbours are, then move each towards its neighbours as far as the others allow.
Same input, same picture.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

Point = tuple[float, float]
Edge = tuple[str, str]
_SWEEPS = 12


@dataclass(frozen=True, slots=True)
class Size:
    """How large things are drawn, in pixels: a node's height, and the gaps between nodes and between layers."""

    height: float = 40
    gap: float = 14
    between: float = 72
    margin: float = 12


@dataclass(frozen=True, slots=True)
class Layout:
    """Where everything is: the left upper corner of each node, the points each edge passes, the whole size."""

    nodes: dict[str, Point]
    edges: dict[Edge, tuple[Point, ...]]
    width: float
    height: float


@dataclass(slots=True)
class _Layered:
    """Layers of nodes and of stand-ins where an edge passes a layer."""

    layers: list[list[Hashable]]
    right: dict[Hashable, list[Hashable]] = field(default_factory=dict)
    left: dict[Hashable, list[Hashable]] = field(default_factory=dict)
    routes: dict[Edge, list[Hashable]] = field(default_factory=dict)


def layout(widths: Mapping[str, float], edges: Iterable[Edge], size: Size | None = None) -> Layout:
    """Place the nodes, given with their widths; an edge points from a left layer to a right one."""
    size = size or Size()
    known = [
        edge
        for edge in dict.fromkeys(edges)
        if edge[0] in widths and edge[1] in widths and edge[0] != edge[1]
    ]
    forward = _without_cycles(list(widths), known)
    graph = _layered(list(widths), forward)
    _order(graph)
    tops = _tops(graph, size)
    lefts, column = [], size.margin
    for layer in graph.layers:
        lefts.append(column)
        column += max((widths[node] for node in layer if isinstance(node, str)), default=0.0) + size.between
    depth = {node: at for at, layer in enumerate(graph.layers) for node in layer}
    nodes = {node: (lefts[depth[node]], tops[node]) for node in widths}
    middle = size.height / 2
    paths: dict[Edge, tuple[Point, ...]] = {}
    for edge in known:
        first, *between, last = graph.routes[_facing(edge, forward)]
        points = [(nodes[str(first)][0] + widths[str(first)], tops[first] + middle)]
        for step in between:
            across, down = depth[step], tops[step] + middle
            points += [(lefts[across], down), (lefts[across + 1] - size.between, down)]
        points.append((nodes[str(last)][0], tops[last] + middle))
        paths[edge] = tuple(points if edge[0] == first else reversed(points))
    bottom = max(tops.values(), default=0.0) + size.height + size.margin
    return Layout(nodes, paths, column - size.between + size.margin, bottom)


def _facing(edge: Edge, forward: set[Edge]) -> Edge:
    return edge if edge in forward else (edge[1], edge[0])


def _without_cycles(nodes: Sequence[str], edges: Sequence[Edge]) -> set[Edge]:
    """The edges, with those that lead back to a node being visited turned around."""
    after: dict[str, list[str]] = {node: [] for node in nodes}
    for start, end in edges:
        after[start].append(end)
    state: dict[str, int] = {}
    forward: set[Edge] = set()
    for root in nodes:
        if root in state:
            continue
        state[root] = 1
        stack = [(root, iter(after[root]))]
        while stack:
            node, rest = stack[-1]
            following = next(rest, None)
            if following is None:
                state[node] = 2
                stack.pop()
            elif state.get(following) == 1:
                forward.add((following, node))
            else:
                forward.add((node, following))
                if following not in state:
                    state[following] = 1
                    stack.append((following, iter(after[following])))
    return forward


def _layered(nodes: Sequence[str], edges: set[Edge]) -> _Layered:
    """Each node as far right as what it points to allows, what points nowhere rightmost."""
    after: dict[str, list[str]] = {node: [] for node in nodes}
    waiting = dict.fromkeys(nodes, 0)
    before: dict[str, list[str]] = {node: [] for node in nodes}
    for start, end in sorted(edges):
        after[start].append(end)
        before[end].append(start)
        waiting[start] += 1
    rank = dict.fromkeys(nodes, 0)
    ready = [node for node in nodes if not waiting[node]]
    while ready:
        node = ready.pop()
        for other in before[node]:
            rank[other] = max(rank[other], rank[node] + 1)
            waiting[other] -= 1
            if not waiting[other]:
                ready.append(other)
    last = max(rank.values(), default=0)
    graph = _Layered([[] for _ in range(last + 1)])
    for node in nodes:
        graph.layers[last - rank[node]].append(node)
    for start, end in sorted(edges):
        route: list[Hashable] = [start]
        for at in range(last - rank[start] + 1, last - rank[end]):
            route.append((start, end, at))
            graph.layers[at].append((start, end, at))
        route.append(end)
        graph.routes[start, end] = route
        for one, next_one in pairwise(route):
            graph.right.setdefault(one, []).append(next_one)
            graph.left.setdefault(next_one, []).append(one)
    return graph


def _order(graph: _Layered) -> None:
    """Order each layer by the mean place of its neighbours, to and fro; keep the order with the fewest crossings."""
    best, fewest = [list(layer) for layer in graph.layers], _crossings(graph)
    for sweep in range(_SWEEPS):
        forth = sweep % 2 == 0
        neighbours = graph.left if forth else graph.right
        span = range(1, len(graph.layers)) if forth else range(len(graph.layers) - 2, -1, -1)
        for at in span:
            beside = graph.layers[at - 1 if forth else at + 1]
            place = {node: index for index, node in enumerate(beside)}
            means = {}
            for index, node in enumerate(graph.layers[at]):
                near = [place[other] for other in neighbours.get(node, ())]
                means[node] = (sum(near) / len(near) if near else float(index), index)
            graph.layers[at].sort(key=means.__getitem__)
        crossings = _crossings(graph)
        if crossings < fewest:
            best, fewest = [list(layer) for layer in graph.layers], crossings
    graph.layers = best


def _crossings(graph: _Layered) -> int:
    total = 0
    for layer, beside in pairwise(graph.layers):
        place = {node: index for index, node in enumerate(beside)}
        ends = [
            other for node in layer for other in sorted(place[near] for near in graph.right.get(node, ()))
        ]
        seen: list[int] = []
        for end in ends:
            total += sum(1 for other in seen if other > end)
            seen.append(end)
    return total


def _tops(graph: _Layered, size: Size) -> dict[Hashable, float]:
    """The upper edge of each node, near the mean of its neighbours and no nearer to the next than the gap."""

    def room(node: Hashable) -> float:
        return size.height + size.gap if isinstance(node, str) else size.gap

    tops: dict[Hashable, float] = {}
    for layer in graph.layers:
        down = 0.0
        for node in layer:
            tops[node] = down
            down += room(node)
    for sweep in range(_SWEEPS):
        both = sweep >= _SWEEPS - 2
        order = graph.layers if sweep % 2 == 0 else graph.layers[::-1]
        for layer in order:
            wanted = []
            for node in layer:
                near = [] if not both and sweep % 2 else graph.left.get(node, [])
                near = near + (graph.right.get(node, []) if both or sweep % 2 else [])
                wanted.append(sum(tops[other] for other in near) / len(near) if near else tops[node])
            tops.update(zip(layer, _spread(wanted, [room(node) for node in layer]), strict=True))
    least = min(tops.values(), default=0.0)
    return {node: top - least + size.margin for node, top in tops.items()}


def _spread(wanted: Sequence[float], rooms: Sequence[float]) -> list[float]:
    """The places nearest to those wanted that keep the order and leave each its room (pool adjacent violators)."""
    offsets = [0.0]
    for room in rooms[:-1]:
        offsets.append(offsets[-1] + room)
    pools: list[tuple[float, int]] = []
    for want, offset in zip(wanted, offsets, strict=False):
        pools.append((want - offset, 1))
        while len(pools) > 1 and pools[-2][0] > pools[-1][0]:
            (one, few), (other, more) = pools[-2:]
            pools[-2:] = [((one * few + other * more) / (few + more), few + more)]
    flat = [mean for mean, count in pools for _ in range(count)]
    return [mean + offset for mean, offset in zip(flat, offsets, strict=False)]
