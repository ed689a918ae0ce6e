"""The notation of the bundled summaries: one TOML file a module, short enough to be written and checked by hand.

- `[groups]`: `id = "Name > implied groups"`; another module's group (`"base.group_user"`) needs no name.
- `[rights]`: `"model" = "group modes, group modes"`, with modes as letters of `rwcu`; the group `*` is everybody.
  A third word is the right's own name, for one that other modules patch.
- `[rules]`: `id = "model groups modes: domain"`; without groups it is for everybody, without modes for all of them.
  `off` among them says that it ships inactive; without a domain another module's rule is switched off.
- `[model."name"]`: `description`, `kind`, `inherit` (mixins), `inherits` (delegation), `parent_store`, `auto`,
  `log_access`, `overrides` (methods that decide access), and a table `fields`.
- `[[user]]`, `[[company]]`: the records that `base` brings.

A group of the module itself may be named without the module. A model is `complete` where all its fields are listed; any
other is a summary, on which a field that isn't listed is unknown, not wrong; one that `extends` was defined elsewhere.
A field is a line of words: its type, for relational ones the comodel (and the inverse of a one2many), then flags:
`related=a.b`, `groups=x.y`, `string=Label` (one word), `stored`, `computed`, `searchable`, `required`,
`company` (of the same company).

What belongs to some series only has `until` or `since` (models), or stands in a table whose name says so, or `in` one:
`["rights until 18.0"]`, `[model."name"."fields since 19.0"]`, `"inherit until 18.0" = ["a.mixin"]`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from ostiary.policy import MODES
from ostiary.sources.addons import values
from ostiary.sources.addons.defaults import CODE
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

_RELATIONAL = {"many2one", "one2many", "many2many"}
_FLAGS = {"required": "required", "stored": "store", "company": "check_company"}
_USER_TYPES = ("base.group_user", "base.group_portal", "base.group_public")
_WORDS = {*_FLAGS, "computed", "searchable"}
_MODES = {str(mode)[0]: str(mode) for mode in MODES}
_ONLY_MODES = re.compile("[rwcu]+")
_ATTRIBUTES = ("parent_store", "auto", "log_access")
_OFF = "off"
_TABLE = re.compile(r"(?P<name>\w+)(?: (?P<bound>until|since|in) (?P<series>[\d.]+))?")


def extract_of(manifest: ManifestInfo, content: Mapping[str, Any], text: str, series: str) -> ModuleExtract:
    """What a summary says of a module in one series, as if it had been read from source."""
    summary = _Summary(manifest, content, text, series)
    ops = [*summary.groups(), *summary.people(), *summary.rights(), *summary.rules()]
    return ModuleExtract(
        manifest=manifest, classes=list(summary.classes()), files=[DataFile(manifest.path, ops)]
    )


def applies(entry: Mapping[str, Any], series: str) -> bool:
    """Whether an entry with `until` or `since` belongs to a series; the one after the last known is beyond all."""
    if series == "next":
        return "until" not in entry
    return str(entry.get("since", "")) <= series <= str(entry.get("until", "99.0"))


def _tables(holder: Mapping[str, Any], name: str, series: str) -> Iterator[tuple[str, Any]]:
    """The tables (or lists) of a name that belong to a series, each with its whole name."""
    for title, table in holder.items():
        match = _TABLE.fullmatch(title)
        if match is None or match["name"] != name:
            continue
        bounds = ("since", "until") if match["bound"] == "in" else (match["bound"],)
        if applies(dict.fromkeys(bounds, match["series"]) if match["bound"] else {}, series):
            yield title, table


class _Summary:
    """One module's summary, in the terms of this package."""

    def __init__(self, manifest: ManifestInfo, content: Mapping[str, Any], text: str, series: str) -> None:
        self.module = manifest.name
        self.path = manifest.path
        self.content = content
        self.series = series
        self.lines = _lines(text)

    # -- models ------------------------------------------------------------------------------------

    def classes(self) -> Iterator[ClassDecl]:
        for model, said in self.content.get("model", {}).items():
            if applies(said, self.series):
                yield self._class(model, said)

    def _class(self, model: str, said: Mapping[str, Any]) -> ClassDecl:
        header = f'model."{model}"'
        line = self.lines.get((header, ""), 1)
        extends = said.get("extends", False)
        attributes: dict[str, Any] = {} if extends else {"_description": said.get("description", model)}
        if not said.get("complete"):
            attributes["_partial"] = True
        delegated = {
            parent: link
            for _, some in _tables(said, "inherits", self.series)
            for parent, link in some.items()
        }
        if delegated:
            attributes["_inherits"] = delegated
        attributes |= {f"_{key}": said[key] for key in _ATTRIBUTES if key in said}
        fields = []
        for title, table in _tables(said, "fields", self.series):
            place = f"{header}.{title}" if title == "fields" else f'{header}."{title}"'
            fields += [
                _field(name, words, self.lines.get((place, name), line)) for name, words in table.items()
            ]
        inherit = [model] if extends else []
        for _, names in _tables(said, "inherit", self.series):
            inherit += names
        methods = {name: line for _, names in _tables(said, "overrides", self.series) for name in names}
        return ClassDecl(
            model, said.get("kind", "model"), model, inherit, attributes, fields, methods, self.path, line
        )

    # -- records -----------------------------------------------------------------------------------

    def _entries(self, name: str) -> Iterator[tuple[str, str, int]]:
        """The entries of a table with their lines."""
        for title, table in _tables(self.content, name, self.series):
            place = title if title == name else f'"{title}"'
            for key, words in table.items():
                yield key, words, self.lines.get((place, key), 1)

    def groups(self) -> Iterator[Op]:
        for name, words, line in self._entries("groups"):
            title, _, implied = words.partition(">")
            found: dict[str, Any] = {"name": title.strip(), "implied_ids": self._links(implied.split())}
            if f"{self.module}.{name}" in _USER_TYPES:
                found["category_id"] = values.ref("base.module_category_user_type")
            if not title.strip():
                del found["name"]
            yield self._record("res.groups", name, found, line)

    def people(self) -> Iterator[Op]:
        for company in self.content.get("company", ()):
            line = self.lines.get(("", company["id"]), 1)
            yield self._record("res.company", company["id"], {"name": company["name"]}, line)
        for user in self.content.get("user", ()):
            found = {
                "login": user["login"],
                "name": user["name"],
                "active": user.get("active", True),
                "groups_id": self._links(user["groups"]),
                "company_id": values.ref("base.main_company"),
            }
            yield self._record("res.users", user["id"], found, self.lines.get(("", user["id"]), 1))

    def rights(self) -> Iterator[Op]:
        for model, words, line in self._entries("rights"):
            for right in words.split(","):
                group, modes, *given = right.split()
                mangled = f"{model}_{group}".replace(".", "_").replace("*", "all")
                name = given[0] if given else f"access_{mangled}"
                found: dict[str, Any] = {"name": model, "model_id": self._model(model)}
                if group != "*":
                    found["group_id"] = values.ref(values.qualified(group, self.module))
                yield self._record("ir.model.access", name, found | _flags(modes, default=""), line)

    def rules(self) -> Iterator[Op]:
        for name, words, line in self._entries("rules"):
            head, _, domain = words.partition(":")
            model, *rest = head.split()
            groups = [word for word in rest if word != _OFF and not _ONLY_MODES.fullmatch(word)]
            modes = "".join(word for word in rest if _ONLY_MODES.fullmatch(word))
            found: dict[str, Any] = {"active": False} if _OFF in rest else {}
            if domain:
                found |= {
                    "name": name,
                    "model_id": self._model(model),
                    "domain_force": domain.strip(),
                    "groups": self._links(groups),
                } | _flags(modes, default="rwcu")
            yield self._record("ir.rule", name, found, line)

    def _record(self, model: str, name: str, found: Mapping[str, Any], line: int) -> RecordOp:
        ops = [ValueOp(key, value, line) for key, value in found.items()]
        return RecordOp(model, values.qualified(name, self.module), ops, line, True)

    def _links(self, names: list[str]) -> list[Any]:
        return [[4, values.ref(values.qualified(name, self.module)), 0] for name in names]

    def _model(self, model: str) -> dict[str, str]:
        return values.ref(f"{self.module}.model_{model.replace('.', '_')}")


def _flags(letters: str, default: str) -> dict[str, bool]:
    """`perm_read` and its like, of letters; no letters mean the default."""
    return {f"perm_{mode}": letter in (letters or default) for letter, mode in _MODES.items()}


def _field(name: str, text: str, line: int) -> FieldDecl:
    words = text.split()
    type_ = words.pop(0)
    args: dict[str, Any] = {}
    if type_ in _RELATIONAL:
        args["comodel_name"] = words.pop(0)
        if type_ == "one2many" and words and "=" not in words[0] and words[0] not in _WORDS:
            args["inverse_name"] = words.pop(0)
    for word in words:
        key, given, value = word.partition("=")
        if given:
            args[key] = repr(value) if key == "default" else value
        elif key == "computed":
            args["compute"] = f"_compute_{name}"
        elif key == "searchable":
            args["search"] = f"_search_{name}"
        else:
            args[_FLAGS[key]] = True
    if args.get("required") and "compute" not in args and "related" not in args:
        # A summary says few defaults, and what has to have a value mostly has one.
        args.setdefault("default", CODE)
    return FieldDecl(name, type_, args, line)


def _lines(text: str) -> dict[tuple[str, str], int]:
    """Where each table and each key stands, so that an explanation can point at it; a user by its `id`."""
    found: dict[tuple[str, str], int] = {}
    header = ""
    for number, line in enumerate(text.splitlines(), 1):
        key, given, value = line.partition(" = ")
        if line.startswith("["):
            header = line.strip().strip("[]")
            found[header, ""] = number
        elif given and key == "id":
            found["", value.strip().strip('"')] = number
        elif given:
            found[header, key.strip('"')] = number
    return found
