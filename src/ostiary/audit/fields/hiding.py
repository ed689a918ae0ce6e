"""What views hide from an audience: fields that all of them show to some groups only, or not at all.

A group is taken for a role unless it is one that switches a feature on: nobody means to keep a unit of measure secret.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ostiary.audit.asking.readers import subject_of
from ostiary.policy.groups import DEBUG_GROUP, has_groups
from ostiary.policy.memo import remembered
from ostiary.policy.menus import ancestors
from ostiary.policy.origin import Origin
from ostiary.policy.policy import Policy
from ostiary.policy.screens import Menu, View

_FEATURES = frozenset(
    {
        DEBUG_GROUP,
        "base.group_allow_export",
        "base.group_multi_company",
        "base.group_multi_currency",
        "base.group_sanitize_override",
        "website.group_multi_website",
    }
)
_HIDDEN_CATEGORIES = ("module_category_hidden", "module_category_usability", "module_category_extra")


@dataclass(frozen=True, slots=True)
class Hidden:
    """A place that shows a field to some groups: `groups` is the text of the attribute, or those of the view."""

    view: str
    element: str
    groups: str
    origin: Origin


Target = tuple[str, str]


def hidden_fields(policy: Policy) -> dict[Target, tuple[Hidden, ...]]:
    """The fields, by model and name, that no view shows to everybody and some show to some groups."""

    def build() -> dict[Target, tuple[Hidden, ...]]:
        found: dict[Target, list[Hidden]] = {}
        shown: set[Target] = set()
        for view in policy.views.values():
            model = view.model or _model_above(policy, view)
            if not view.active or model is None:
                continue
            groups = ",".join(link.group for link in view.groups)
            for hide in view.hides:
                for field in hide.fields:
                    for target in _targets(policy, model, hide.path, field):
                        place = Hidden(view.xmlid, hide.element, hide.groups, hide.origin)
                        found.setdefault(target, []).append(place)
            for path in view.shows:
                above, _, field = path.rpartition(".")
                for target in _targets(policy, model, above, field):
                    if groups:
                        found.setdefault(target, []).append(Hidden(view.xmlid, "view", groups, view.origin))
                    else:
                        shown.add(target)
        return {target: tuple(places) for target, places in found.items() if target not in shown}

    return remembered(policy, ("audit hidden fields",), build)


def kept_from(policy: Policy, label: str, places: Iterable[Hidden]) -> tuple[Hidden, ...]:
    """The places that keep a field from an audience by a role; none where one of them shows it, or a feature would."""
    held = subject_of(policy, label).groups
    kept: list[Hidden] = []
    for place in places:
        if has_groups(place.groups, held, policy.semantics):
            return ()
        if not _meant(policy, place.groups):
            return ()
        kept.append(place)
    return tuple(kept)


def _meant(policy: Policy, spec: str) -> bool:
    """Whether a specification tells roles apart, as far as its groups were read."""
    names = [name.strip() for name in spec.split(",") if name.strip()]
    return all(is_role(policy, name.removeprefix("!")) for name in names)


def is_role(policy: Policy, group: str) -> bool:
    """Whether a group says what somebody is there for; not where it only switches a feature on, or wasn't read."""
    known = policy.groups.get(group)
    if known is None or known.unresolved or group in _FEATURES or group in _switched(policy):
        return False
    return not known.category.partition(".")[2].startswith(_HIDDEN_CATEGORIES)


def _switched(policy: Policy) -> frozenset[str]:
    """The groups that settings make others imply."""
    return remembered(
        policy, ("audit switched groups",), lambda: frozenset(one.implies for one in policy.toggles)
    )


def _model_above(policy: Policy, view: View) -> str | None:
    """The model of the view that one inherits from, where it says none itself."""
    for _ in range(20):
        above = policy.views.get(view.inherit or "")
        if above is None or above.model:
            return above.model if above else None
        view = above
    return None


def _targets(policy: Policy, model: str, path: str, field: str) -> Iterator[Target]:
    """The field that a path leads to. One that its model doesn't have is looked for in the lists of the view."""
    here: str | None = model
    for step in path.split(".") if path else ():
        known = policy.models.get(here or "")
        link = known.fields.get(step) if known else None
        here = link.comodel if link else None
    owner = policy.models.get(here or "")
    if owner is None:
        return
    if field in owner.fields:
        yield owner.name, field
        return
    for link in owner.fields.values():
        below = policy.models.get(link.comodel or "") if link.type in ("one2many", "many2many") else None
        if below is not None and field in below.fields:
            yield below.name, field


def hidden_menus(policy: Policy, label: str, model: str) -> list[tuple[Menu, tuple[str, ...]]]:
    """The menus that open a model, each with the roles it is for; none where one of them is open to the audience."""
    held = subject_of(policy, label).groups
    found: list[tuple[Menu, tuple[str, ...]]] = []
    for menu in _menus_to(policy).get(model, ()):
        roles = _roles_for(policy, menu, held)
        if roles is None:
            return []
        found.append((menu, roles))
    return found


def _roles_for(policy: Policy, menu: Menu, held: frozenset[str]) -> tuple[str, ...] | None:
    """The roles that a menu, or the nearest one above it, is for; None where the audience or a feature opens it."""
    for xmlid in (menu.xmlid, *ancestors(policy, menu.xmlid)):
        above = policy.menus.get(xmlid)
        groups = tuple(link.group for link in above.groups) if above else ()
        if groups and held.isdisjoint(groups):
            return groups if all(is_role(policy, group) for group in groups) else None
    return None


def _menus_to(policy: Policy) -> dict[str, list[Menu]]:
    """The active menus that open each model."""

    def build() -> dict[str, list[Menu]]:
        found: dict[str, list[Menu]] = {}
        for menu in policy.menus.values():
            action = policy.actions.get(menu.action or "")
            if menu.active and action is not None and action.model:
                found.setdefault(action.model, []).append(menu)
        return found

    return remembered(policy, ("audit menus to models",), build)
