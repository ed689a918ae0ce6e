"""What Ostiary knows of `base`, `mail` and `portal` when the real ones are not at hand.

One hand-written TOML file a module, in the terms of this package: groups, models with the fields that access turns on,
rights, rules, users, companies. A model is `complete` where all its fields are listed; any other is a summary,
on which a field that isn't listed is unknown, not wrong. Entries with `until` or `since` belong to some series only.

A field is a line of words: its type, for relational ones the comodel (and the inverse of a one2many), then flags:
`related=a.b`, `groups=x.y`, `stored`, `computed`, `searchable`, `required`, `company`.
"""

from __future__ import annotations

import tomllib
from importlib import resources
from typing import Any

from ostiary.sources.addons import values
from ostiary.sources.addons.ops import (
    ClassDecl,
    DataFile,
    FieldDecl,
    ManifestInfo,
    ModuleExtract,
    Op,
    RecordOp,
    ValueOp,
)

MODULES = ("base", "mail", "portal")
_RELATIONAL = {"many2one", "one2many", "many2many"}
_FLAGS = {"required": "required", "stored": "store", "company": "check_company"}


def load(series: str) -> dict[str, ModuleExtract]:
    """The summaries by module name, as if they had been read from source, for one series."""
    return {name: _extract(name, series) for name in MODULES}


def _extract(name: str, series: str) -> ModuleExtract:
    text = resources.files(__package__).joinpath(f"{name}.toml").read_text("utf-8")
    content = tomllib.loads(text)
    lines = _Lines(text)
    classes = [
        _class(name, model, facts, lines)
        for model, facts in content.get("model", {}).items()
        if _applies(facts, series)
    ]
    ops: list[Op] = []
    for kind, maker in (
        ("group", _group),
        ("company", _company),
        ("user", _user),
        ("right", _right),
        ("rule", _rule),
    ):
        for entry in content.get(kind, ()):
            if _applies(entry, series):
                ops.append(maker(name, entry, lines))
    manifest = ManifestInfo(
        name=name,
        title=content["title"],
        version=series,
        depends=content.get("depends", []),
        path=f"facts/{name}.toml",
    )
    return ModuleExtract(manifest=manifest, classes=classes, files=[DataFile(manifest.path, ops)])


class _Lines:
    """Where an entry stands in the file, so that an explanation can point at it."""

    def __init__(self, text: str) -> None:
        self.lines = text.splitlines()

    def of(self, start: str) -> int:
        return next((number for number, line in enumerate(self.lines, 1) if line.startswith(start)), 1)


def _applies(entry: dict[str, Any], series: str) -> bool:
    if series == "next":
        return "until" not in entry
    return str(entry.get("since", "")) <= series <= str(entry.get("until", "99.0"))


def _class(module: str, model: str, facts: dict[str, Any], lines: _Lines) -> ClassDecl:
    line = lines.of(f'[model."{model}"')
    kind = facts.get("kind", "model")
    attributes: dict[str, Any] = {"_description": facts.get("description", model)}
    if not facts.get("complete"):
        attributes["_partial"] = True
    if "inherits" in facts:
        attributes["_inherits"] = facts["inherits"]
    if facts.get("parent_store"):
        attributes["_parent_store"] = True
    fields = [_field(field, text, line) for field, text in facts.get("fields", {}).items()]
    inherit = list(facts.get("inherit", []))
    if facts.get("extends"):
        inherit.insert(0, model)
    name = model
    methods = dict.fromkeys(facts.get("overrides", []), line)
    return ClassDecl(model, kind, name, inherit, attributes, fields, methods, f"facts/{module}.toml", line)


def _field(name: str, text: str, line: int) -> FieldDecl:
    words = text.split()
    type_ = words.pop(0)
    args: dict[str, Any] = {}
    if type_ in _RELATIONAL:
        args["comodel_name"] = words.pop(0)
        if type_ == "one2many" and words and "=" not in words[0]:
            args["inverse_name"] = words.pop(0)
    for word in words:
        key, given, value = word.partition("=")
        if given:
            args[key] = value
        elif key == "computed":
            args["compute"] = f"_compute_{name}"
        elif key == "searchable":
            args["search"] = f"_search_{name}"
        else:
            args[_FLAGS[key]] = True
    return FieldDecl(name, type_, args, line)


def _record(model: str, module: str, entry: dict[str, Any], found: dict[str, Any], lines: _Lines) -> RecordOp:
    line = lines.of(f'id = "{entry["id"]}"')
    ops = [ValueOp(name, value, line) for name, value in found.items()]
    return RecordOp(model, values.qualified(entry["id"], module), ops, line, True)


def _links(names: list[str], module: str) -> list[Any]:
    return [[4, values.ref(values.qualified(name, module)), 0] for name in names]


def _group(module: str, entry: dict[str, Any], lines: _Lines) -> RecordOp:
    found = {"name": entry["name"], "implied_ids": _links(entry.get("implies", []), module)}
    if entry.get("user_type"):
        found["category_id"] = values.ref("base.module_category_user_type")
    return _record("res.groups", module, entry, found, lines)


def _company(module: str, entry: dict[str, Any], lines: _Lines) -> RecordOp:
    return _record("res.company", module, entry, {"name": entry["name"]}, lines)


def _user(module: str, entry: dict[str, Any], lines: _Lines) -> RecordOp:
    found = {
        "login": entry["login"],
        "name": entry["name"],
        "active": entry.get("active", True),
        "groups_id": _links(entry["groups"], module),
        "company_id": values.ref("base.main_company"),
    }
    return _record("res.users", module, entry, found, lines)


def _model_ref(model: str, module: str) -> dict[str, str]:
    return values.ref(f"{module}.model_{model.replace('.', '_')}")


def _right(module: str, entry: dict[str, Any], lines: _Lines) -> RecordOp:
    found: dict[str, Any] = {"name": entry["id"], "model_id": _model_ref(entry["model"], module)}
    if "group" in entry:
        found["group_id"] = values.ref(values.qualified(entry["group"], module))
    found.update({f"perm_{mode}": mode in entry["modes"] for mode in ("read", "write", "create", "unlink")})
    return _record("ir.model.access", module, entry, found, lines)


def _rule(module: str, entry: dict[str, Any], lines: _Lines) -> RecordOp:
    found: dict[str, Any] = {
        "name": entry["id"],
        "model_id": _model_ref(entry["model"], module),
        "domain_force": entry["domain"],
        "groups": _links(entry.get("groups", []), module),
    }
    modes = entry.get("modes", ["read", "write", "create", "unlink"])
    found.update({f"perm_{mode}": mode in modes for mode in ("read", "write", "create", "unlink")})
    return _record("ir.rule", module, entry, found, lines)
