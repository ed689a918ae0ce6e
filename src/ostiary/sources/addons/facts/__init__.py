"""What Ostiary knows of Odoo's own modules when the real ones are not at hand.

Hand-written: `modules.toml` says which modules there are and what they depend on; those that say something about access
have a TOML file of their own (see `notation`), which is only read where the module is needed.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Iterable, Mapping
from functools import cache
from importlib import resources
from typing import Any

import msgspec

from ostiary.sources.addons.facts.notation import applies, extract_of
from ostiary.sources.addons.ops import ManifestInfo, ModuleExtract

# What most modules are built on.
USUAL = ("base", "mail", "portal")
_GROUP_OR_MODEL = re.compile(rb"\b([a-z0-9_]+)\.(?:group|model)_")


def manifests(series: str) -> dict[str, ManifestInfo]:
    """The manifests of all modules Ostiary has a summary of, for one series, by name."""
    return {
        name: ManifestInfo(
            name=name,
            title=f"{entry.get('title', name)} (summary)",
            version=series,
            depends=[need for need in entry["depends"] if applies(_index()[need], series)],
            auto_install=entry.get("auto", False),
            path=f"facts/{name if _text(name) else 'modules'}.toml",
        )
        for name, entry in _index().items()
        if applies(entry, series)
    }


def load(series: str, names: Collection[str] = USUAL) -> dict[str, ModuleExtract]:
    """The summaries of these modules, as if they had been read from source, for one series.

    A name Ostiary has no summary of is left out.
    """
    known = manifests(series)
    return {
        name: extract_of(known[name], _content(name), _text(name), series) for name in names if name in known
    }


def likely(extracts: Iterable[ModuleExtract], series: str) -> list[str]:
    """The modules with a summary that an unread dependency of these extracts may well bring.

    What most are built on, and what the extracts speak of: by a group or model's external id, or by the name of a model
    they extend or link to, most of which begin with their module's name.
    """
    found = set(USUAL)
    for extract in extracts:
        found |= {name.decode() for name in _GROUP_OR_MODEL.findall(msgspec.json.encode(extract.files))}
        for declared in extract.classes:
            models = [*declared.inherit, *(str(field.args.get("comodel_name")) for field in declared.fields)]
            found |= {model.partition(".")[0] for model in models}
    return sorted(found & manifests(series).keys())


def with_code(names: Iterable[str]) -> list[str]:
    """Those of the modules whose summary names methods that decide access in Python."""
    return [name for name in names if "overrides" in _text(name)]


@cache
def _index() -> Mapping[str, Mapping[str, Any]]:
    return tomllib.loads(_text("modules"))


@cache
def _content(name: str) -> Mapping[str, Any]:
    return tomllib.loads(_text(name))


@cache
def _text(name: str) -> str:
    """The text of a summary, empty for a module that has none."""
    if not name.replace("_", "").isalnum():
        return ""
    file = resources.files(__package__).joinpath(f"{name}.toml")
    return file.read_text("utf-8") if file.is_file() else ""
