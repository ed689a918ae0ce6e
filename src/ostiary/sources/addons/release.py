"""Which Odoo the modules are for: said by the user, by an Odoo tree at hand, or by the modules' versions."""

from __future__ import annotations

import ast
import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path

from ostiary.code.syntax import parse_module
from ostiary.policy import Note, Origin, Policy, Semantics
from ostiary.sources.addons.files import FolderFiles, ModuleFiles
from ostiary.sources.addons.locate import MANIFESTS
from ostiary.sources.addons.manifest import series_of
from ostiary.sources.errors import UnreadableTarget

DEFAULT_SERIES = "18.0"
_NAMED = 3
_VERSION = re.compile(rb"""^[^#\n]*['"]version['"]\s*:\s*['"]([^'"\n]{1,40})['"]""", re.MULTILINE)


def series_to_read(
    odoo: str | None, targeted: Sequence[ModuleFiles], context: Sequence[ModuleFiles]
) -> tuple[str, list[Note]]:
    """The series to decide by, and notes on what was assumed or does not fit.

    An Odoo tree among the modules decides over the modules' own versions, since its definitions are of one series.
    Raises UnreadableTarget where `odoo` is no series Ostiary knows.
    """
    if odoo is not None:
        try:
            return Semantics.of(odoo).series, []
        except ValueError:
            raise UnreadableTarget(
                f"Ostiary does not know Odoo {odoo}: it knows 17.0, 18.0 and 19.0."
            ) from None
    own = _most_said(targeted)
    release = next((found for module in (*targeted, *context) if (found := _release(module))), None)
    if release is not None:
        if own is None or own == release:
            return release, []
        message = (
            f"The modules are for Odoo {own}, and the Odoo at hand is {release}: it was read as {release}."
        )
        return release, [_note("version-mismatch", message, targeted)]
    series = own or _most_said(context)
    if series is not None:
        return series, []
    message = f"No module says which Odoo it is for; {DEFAULT_SERIES} is assumed. Say it with --odoo."
    said = _counted((*targeted, *context)).most_common(1)
    if said:
        message = f"The modules are for Odoo {said[0][0]}, which is not known here: they were read as {DEFAULT_SERIES}."
    return DEFAULT_SERIES, [_note("version-assumed", message, targeted)]


def other_series(policy: Policy, targeted: Sequence[ModuleFiles]) -> list[Note]:
    """A note on the modules of a policy, context or not, whose own version names another series than it was read as."""
    others: dict[str, list[str]] = defaultdict(list)
    for module in policy.modules.values():
        said = None if module.facts else series_of(module.version)
        if said and _known(said) != policy.odoo:
            others[said].append(module.name)
    if not others:
        return []
    listed = " and ".join(
        f"{_some(sorted(names))} (Odoo {series})" for series, names in sorted(others.items())
    )
    message = f"Modules for another Odoo were read as {policy.odoo}: {listed}. Read each series on its own."
    return [_note("version-mixed", message, targeted)]


def _some(names: Sequence[str]) -> str:
    """The first few of the names, and how many more there are."""
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more


def _note(kind: str, message: str, targeted: Sequence[ModuleFiles]) -> Note:
    first = targeted[0]
    return Note(
        origin=Origin(path=f"{first.shown}/__manifest__.py", line=1, module=first.name),
        kind=kind,
        message=message,
    )


def _most_said(modules: Sequence[ModuleFiles]) -> str | None:
    """The series most of the modules' versions begin with, None where none says a known one."""
    return next((known for series, _ in _counted(modules).most_common() if (known := _known(series))), None)


def _counted(modules: Sequence[ModuleFiles]) -> Counter[str]:
    """How many modules say each series, known or not."""
    counted: Counter[str] = Counter()
    for module in modules:
        content = next((found for name in MANIFESTS if (found := module.read(name)) is not None), b"")
        if (match := _VERSION.search(content)) and (series := series_of(match[1].decode("utf-8", "replace"))):
            counted[series] += 1
    return counted


def _known(version: str) -> str | None:
    try:
        return Semantics.of(version).series
    except ValueError:
        return None


def _release(module: ModuleFiles) -> str | None:
    """The series of the Odoo tree that holds this module, if it is `base` in a folder."""
    if module.name != "base" or not isinstance(module, FolderFiles):
        return None
    base = Path(module.folder).resolve()
    for release in (base.parents[1] / "release.py", base.parents[1] / "odoo" / "release.py"):
        try:
            tree = parse_module(release.read_bytes()[:100_000])
        except (OSError, SyntaxError, ValueError, RecursionError, MemoryError):
            continue
        for node in tree.body:
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Tuple):
                parts = [str(item.value) for item in node.value.elts if isinstance(item, ast.Constant)]
                names = [target.id for target in node.targets if isinstance(target, ast.Name)]
                if "version_info" in names and len(parts) >= 2:
                    # A release between two series is written `("saas~18", 2)`.
                    return _known(f"{parts[0]}.{parts[1]}")
    return None
