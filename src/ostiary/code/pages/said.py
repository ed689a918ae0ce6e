"""What the views of the backend say of fields that pages show: that they are for the company itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any

from ostiary.code.insiders import INTERNAL, KIND
from ostiary.code.pages.templates import Templates
from ostiary.code.pages.xml import line_of
from ostiary.policy.code import Mark, Page
from ostiary.policy.fields import find_field
from ostiary.policy.origin import Origin
from ostiary.policy.policy import Policy
from ostiary.policy.screens import View

# A file that says such a thing has one of these words; to look for them is much faster than to parse it.
_WORDS = (b"internal", b"private", b"confidential", b"staff", b"visible", b"shown")
_TEXTS = frozenset({"char", "text", "html"})
_AROUND = frozenset({"page", "group", "div", "notebook"})
_OUT = frozenset({"field", "out", "attribute"})
_SAID = ("string", "placeholder", "help")
_MOST_ABOVE = 4
_MAX_FIELDS = 5_000


def internal_words(policy: Policy, templates: Templates, pages: Iterable[Page]) -> list[Mark]:
    """The text fields on pages that a view of the backend says are for employees, by its words at them, each once.

    Only views of the modules that were read say something. `name` is `model.field`, `text` the words.
    """
    wanted = _texts(policy, pages)

    @cache
    def maybe(module: str, path: str) -> bool:
        content = (templates.read(module, path) or b"").lower()
        return any(word in content for word in _WORDS)

    found: dict[str, Mark] = {}
    for view in policy.views.values():
        names = wanted.get(view.model or "")
        shows = names.intersection(_fields(view)) if names else ()
        for name in sorted(shows):
            if f"{view.model}.{name}" in found or not maybe(view.origin.module, _path(templates, view)):
                continue
            mark = _mark(templates, view, name)
            if mark is not None:
                found[mark.name] = mark
    return sorted(found.values(), key=lambda one: one.name)


def _texts(policy: Policy, pages: Iterable[Page]) -> dict[str, set[str]]:
    """The text fields that pages put out, by model."""
    found: dict[str, set[str]] = {}
    pairs = {
        (one.model, one.field) for page in pages if page.entries for one in page.shown if one.as_ in _OUT
    }
    for model, name in sorted(pairs)[:_MAX_FIELDS]:
        field = find_field(policy, model, name)
        if field is not None and field.type in _TEXTS:
            found.setdefault(model, set()).add(name)
    return found


def _fields(view: View) -> Iterator[str]:
    yield from view.shows
    for hide in view.hides:
        yield from hide.fields


def _mark(templates: Templates, view: View, name: str) -> Mark | None:
    module = view.origin.module
    file = templates.file(module, _path(templates, view))
    arch = file.arches.get(view.xmlid) if file else None
    for node in arch.iter("field") if arch is not None else ():
        words = (
            next((one for one in _words(node) if INTERNAL.search(one)), None)
            if node.get("name") == name
            else None
        )
        if words is not None and file is not None:
            line = line_of(file.lines, "field", int(node.sourceline or 0))
            text = " ".join(words.split())[:80]
            return Mark(KIND, Origin(view.origin.path, line, module), f"{view.model}.{name}", text)
    return None


def _path(templates: Templates, view: View) -> str:
    """The file of a view, within its module."""
    return view.origin.path.removeprefix(templates.shown(view.origin.module, ""))


def _words(node: Any) -> Iterator[str]:
    """What is written at a field, before it, or over what it stands in."""
    for attribute in _SAID:
        yield node.get(attribute) or ""
    before = node.getprevious()
    if before is not None and before.tag in ("separator", "label"):
        yield before.get("string") or ""
    above = node.getparent()
    for _ in range(_MOST_ABOVE):
        if above is None or above.tag not in _AROUND:
            return
        yield above.get("string") or ""
        above = above.getparent()
