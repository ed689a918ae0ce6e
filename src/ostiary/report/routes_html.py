"""An inventory of routes or methods as one HTML page that needs nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from markupsafe import Markup

from ostiary import __version__
from ostiary.policy import Policy
from ostiary.policy.code import EntryKind
from ostiary.report import routes_said as said_of
from ostiary.report import routes_words
from ostiary.report.html import digest, environment, page_part, project
from ostiary.report.proofs_asked import unread
from ostiary.report.routes_inventory import Inventory
from ostiary.report.routes_reach import Ease

TONES = {
    Ease.UNCHECKED: "critical",
    Ease.NOT_FOLLOWED: "medium",
    Ease.LET_PASS: "low",
    Ease.PAST_RIGHTS: "info",
    Ease.OWN_RIGHTS: "good",
}
SHORT = {
    Ease.UNCHECKED: "nothing seen that checks",
    Ease.NOT_FOLLOWED: "not followed to the end",
    Ease.LET_PASS: "past rights, checked",
    Ease.PAST_RIGHTS: "past rights",
    Ease.OWN_RIGHTS: "own rights",
}


def render(found: Inventory, policy: Policy, *, targets: Sequence[str] = (), title: str = "") -> str:
    """The page. `title` names the project, by default its modules."""
    style = page_part("report.css") + page_part("proofs.css") + page_part("routes.css")
    script = page_part("routes.js")
    values: dict[str, Any] = {
        "version": __version__,
        "title": title or project(policy, targets),
        "targets": [str(target) for target in targets],
        "style": Markup(style),  # noqa: S704 - our own file
        "script": Markup(script),  # noqa: S704 - our own file
        "style_hash": digest(style),
        "script_hash": digest(script),
        "policy": policy,
        "found": found,
        "heading": "Routes" if found.kind is EntryKind.ROUTE else "Methods over RPC",
        "summary": said_of.summary(found),
        "notes": [*said_of.notes(found, policy), *unread(policy)],
        **words(),
    }
    return environment().get_template("routes.html.j2").render(values)


def words() -> dict[str, Any]:
    """What templates that show an inventory ask for."""
    return {
        "routes": said_of,
        "route_words": routes_words,
        "eases": sorted(Ease, reverse=True),
        "tone": TONES.__getitem__,
        "short": SHORT.__getitem__,
        "Ease": Ease,
        "EntryKind": EntryKind,
    }
