"""Who is shown a page, with whose rights its records are read, and how it comes from one record to another."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ostiary.audit.asking.facts import groups_held, in_context
from ostiary.audit.code.callers import caller_at, passing
from ostiary.audit.code.wording import entry_said
from ostiary.audit.finding import Evidence
from ostiary.policy.code import Actor, Entry, GuardKind, Page, Passed, Shown, Use, UseKind
from ostiary.policy.definitions import Field
from ostiary.policy.fields import find_field
from ostiary.policy.groups import has_groups
from ostiary.policy.memo import remembered
from ostiary.policy.origin import Origin
from ostiary.policy.policy import Policy

OUT = frozenset({"field", "out", "attribute"})
"""How a field is used whose value the page puts out."""
_ENV = re.compile(r"^(?P<root>.*?env\['(?P<model>[\w.]+)'\])")
_FILTERS = frozenset({"filtered", "filtered_domain", "browse", "_filter_access_rules"})
_OURS = frozenset({"user_id", "website", "res_company"})


@dataclass(frozen=True, slots=True)
class Visit:
    """A page as those get it who are held back least, who are `public` or `portal`. `use` renders it, for `entry`."""

    page: Page
    entry: Entry
    use: Use
    label: str
    known: bool

    @property
    def audience(self) -> tuple[str, ...]:
        """As findings name them."""
        return (self.label,)

    def who(self, shown: Shown) -> str:
        """Who sees something on it, at the beginning of a sentence."""
        if self.label != "public":
            return "Portal users"
        value = value_of(self.page, shown)
        checked = {guard.kind for guard in value.guards} if value else set()
        by_link = not checked.isdisjoint((GuardKind.DOCUMENT, GuardKind.TOKEN, GuardKind.TOKEN_UNSAFE))
        return "Portal users, and whoever has the link," if by_link else "Visitors and portal users"

    def evidence(self) -> Iterator[Evidence]:
        """How it comes to be shown to them."""
        yield Evidence(entry_said(self.entry), self.entry.origin)
        others = len(self.page.entries) - 1
        more = f", and so {'do' if others > 1 else 'does'} {others} more" if others > 0 else ""
        yield Evidence(f"it renders {self.use.template or self.page.template}{more}", self.use.origin)


def visits(policy: Policy) -> tuple[Visit, ...]:
    """The pages that routes render for visitors or portal users, each with the route that asks least of them."""

    def find() -> tuple[Visit, ...]:
        code = policy.code
        if code is None:
            return ()
        entries = {entry.name: entry for entry in code.entries}
        found = (_visit(policy, page, entries) for page in code.pages)
        return tuple(one for one in found if one is not None)

    return remembered(policy, ("audit visits",), find)


def _visit(policy: Policy, page: Page, entries: dict[str, Entry]) -> Visit | None:
    best: Visit | None = None
    for name in page.entries:
        entry = entries.get(name)
        for use in _renderings(entry, page) if entry is not None else ():
            if entry is None or entry.route is None or _insiders_only(policy, entry, use):
                continue
            caller = caller_at(entry, use)
            one = Visit(page, entry, use, caller.label, caller.known)
            if best is None or (one.label == "public", one.known) > (best.label == "public", best.known):
                best = one
    return best


def _renderings(entry: Entry, page: Page) -> list[Use]:
    """Where an entry renders a page, or something that has it in it."""
    found = [use for use in entry.uses if use.kind is UseKind.RENDER]
    return [use for use in found if use.template == page.template] or found


def _insiders_only(policy: Policy, entry: Entry, use: Use) -> bool:
    """Whether a page is rendered only for those who hold a group that portal users don't."""
    return any(guard.kind is GuardKind.GROUP for guard in passing(policy, entry, use))


def shown_to(policy: Policy, label: str, groups: str) -> bool:
    """Whether an audience sees what is for some groups; all specifications joined by `;` must hold."""
    held = groups_held(policy, label)
    return all(has_groups(spec, held, policy.semantics) for spec in groups.split(";") if spec)


def value_of(page: Page, shown: Shown) -> Passed | None:
    """The value of the page that a path starts from."""
    return next((one for one in page.values if one.name == shown.root and one.model), None)


def actor_of(page: Page, shown: Shown) -> Actor:
    """With whose rights the records at the end of a path are read."""
    actor = Actor.SUPERUSER if shown.root == "res_company" else Actor.CALLER
    if (value := value_of(page, shown)) is not None:
        actor = value.actor
    for step in shown.path.split("."):
        if step == "sudo()":
            actor = Actor.SUPERUSER
        elif step in ("sudo(False)", "with_user()"):
            actor = Actor.CALLER
    return actor


def searched(shown: Shown) -> str:
    """The model that the page itself looks for records of, by `env[...]`; empty where it is given them."""
    match = _ENV.match(shown.path)
    return match["model"] if match else ""


def narrowed(shown: Shown) -> bool:
    """Whether a path goes through a filter, so that not all of the records are shown."""
    names = [step.partition("(")[0] for step in _ENV.sub("env", shown.path).split(".") if step.endswith(")")]
    search = bool(searched(shown))
    return any(name in _FILTERS or (name == "search" and not search) for name in names)


def tied_to_user(shown: Shown) -> bool:
    """Whether a path goes through a search, or a filter, that names who asks."""
    return any(step.endswith("(user)") for step in shown.path.split("."))


def steps(policy: Policy, shown: Shown) -> list[tuple[str, Field]]:
    """The fields that a path goes through, each with its model; nothing where one of them isn't known."""
    path = _ENV.sub("env", shown.path)
    names = [step for step in path.split(".")[1:] if not step.endswith(")")]
    models = [*shown.through, shown.model]
    if len(names) != len(models):
        return []
    found = [(model, find_field(policy, model, name)) for model, name in zip(models, names, strict=True)]
    return (
        [(model, field) for model, field in found if field is not None]
        if all(one for _, one in found)
        else []
    )


def place(policy: Policy, visit: Visit, origin: Origin) -> Origin | None:
    """The line to change: that of the page, or of what renders it; None where both are others' modules."""
    if not in_context(policy, origin.module):
        return origin
    return None if in_context(policy, visit.entry.module) else visit.use.origin


def own(shown: Shown) -> bool:
    """Whether a path starts from what every page has: who asks, the website, the company."""
    return shown.root in _OURS
