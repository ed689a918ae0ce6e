"""The pages that entries render, each with what it shows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from ostiary.code.pages.called import Definitions, World
from ostiary.code.pages.found import Found
from ostiary.code.pages.templates import Templates
from ostiary.code.pages.values import PLAIN, scope_of
from ostiary.code.pages.walk import Walker
from ostiary.policy.code import Entry, Page, Passed, Use, UseKind
from ostiary.policy.policy import Policy

_MAX_PAGES = 20_000


@dataclass(slots=True)
class _Rendered:
    """A template rendered with values of which the same is known. `entries` do so.

    `plain` and `unknown` are names that those who call it have set: see `Shared`.
    """

    template: str
    values: tuple[Passed, ...] = ()
    entries: dict[str, None] = field(default_factory=dict)
    plain: set[str] = field(default_factory=set)
    unknown: set[str] = field(default_factory=set)


def pages(
    policy: Policy, templates: Templates, entries: Iterable[Entry], definitions: Definitions | None = None
) -> list[Page]:
    """What each template shows that an entry renders, one page for each way in which its values differ.

    A template that is called with nothing that is the page's own, as a layout may be, is a page by itself,
    of all entries that come to it. Last come those that put something out without escaping and that nothing which was
    read renders. `definitions` gives what defines a model's method, so that what pages call is followed. Never raises.
    """
    walker = Walker(World(policy, definitions) if definitions else World(policy), templates)
    found: list[Page] = []
    shared: dict[str, _Rendered] = {}
    trees: set[str] = set()
    for one in _rendered(templates, entries).values():
        result = walker.page(one.template, scope_of(one.values))
        found.append(_page(templates, one, result))
        trees |= result.trees
        _share(shared, result, one)
    _walk_shared(walker, templates, shared, found, trees)
    found += _unseen(policy, walker, templates, trees)
    return found[:_MAX_PAGES]


def _rendered(templates: Templates, entries: Iterable[Entry]) -> dict[object, _Rendered]:
    """The templates that entries render, with the values they give them."""
    found: dict[object, _Rendered] = {}
    for entry in entries:
        for use in entry.uses:
            template = templates.known(use.template) if use.kind is UseKind.RENDER and use.template else ""
            if template:
                one = found.setdefault((template, _signature(use)), _Rendered(template, use.values))
                one.entries[entry.name] = None
    return found


def _signature(use: Use) -> object:
    """What tells the values of one rendering from those of another; who was let in there counts, not where."""
    return tuple(
        (
            one.name,
            one.model,
            one.actor,
            one.choice,
            one.given,
            one.exact,
            one.raw,
            tuple(guard.kind for guard in one.guards),
        )
        for one in use.values
    )


def _page(templates: Templates, one: _Rendered, found: Found) -> Page:
    return Page(
        template=one.template,
        origin=templates.place(one.template),
        entries=tuple(one.entries),
        values=one.values,
        shown=found.shown,
        raw=found.raw,
        unread=found.unread,
    )


def _share(shared: dict[str, _Rendered], found: Found, one: _Rendered) -> list[str]:
    """Note what pages call that is the same on all of them; those that are called for more entries than before."""
    more: list[str] = []
    for call in sorted(found.shared, key=lambda call: call.template):
        known = shared.setdefault(call.template, _Rendered(call.template))
        if not one.entries.keys() <= known.entries.keys():
            more.append(call.template)
        known.entries.update(one.entries)
        known.plain |= call.plain
        known.unknown |= call.unknown
    return more


def _walk_shared(
    walker: Walker, templates: Templates, shared: dict[str, _Rendered], found: list[Page], trees: set[str]
) -> None:
    """Go through what pages call and that is the same on all of them, and what that calls in turn."""
    done: dict[str, Found] = {}
    waiting = list(shared)
    while waiting:
        xmlid = waiting.pop(0)
        one = shared[xmlid]
        if xmlid not in done:
            done[xmlid] = walker.page(xmlid, dict.fromkeys(one.plain - one.unknown, (PLAIN,)))
            trees |= done[xmlid].trees
        waiting += _share(shared, done[xmlid], one)
    found += [
        _page(templates, shared[xmlid], result)
        for xmlid, result in done.items()
        if result.shown or result.raw or result.unread
    ]


def _unseen(policy: Policy, walker: Walker, templates: Templates, trees: set[str]) -> Iterator[Page]:
    """The declarations of audited modules that put something out as it is, in templates that nothing renders."""
    seen = {(one.xmlid, one.module, one.path) for xmlid in trees for one in templates.tree(xmlid).places}
    for one in templates.views.values():
        module = policy.modules.get(one.module)
        if not one.raw or (one.xmlid, one.module, one.path) in seen or module is None or module.context:
            continue
        result = walker.alone(templates.alone(one))
        if result.raw and templates.active(one.xmlid):
            yield Page(
                template=one.xmlid, origin=templates.place(one.xmlid), raw=result.raw, unread=result.unread
            )
