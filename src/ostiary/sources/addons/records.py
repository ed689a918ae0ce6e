"""Records from data files, applied in Odoo's order to a table of external ids.

Only the last state counts, as in a database after installing: later files patch earlier records, links are added and
removed by commands, deletes remove. Each value keeps the place that wrote it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ostiary.code.syntax import literal
from ostiary.policy import Note, Origin, Problem
from ostiary.sources.addons import values
from ostiary.sources.addons.ops import DataFile, DeleteOp, FunctionOp, RecordOp, ValueOp
from ostiary.sources.addons.overwritten import Overwrites
from ostiary.sources.addons.references import Depended, References

# Fields that hold links, by model: the name used here for each name in 17, 18 and 19.
LINKS: dict[str, dict[str, str]] = {
    "res.groups": {"implied_ids": "implied"},
    "res.users": {"groups_id": "groups", "group_ids": "groups", "company_ids": "companies"},
    "ir.rule": {"groups": "groups"},
    "ir.ui.menu": {"groups_id": "groups", "group_ids": "groups"},
    "ir.ui.view": {"groups_id": "groups", "group_ids": "groups"},
    "ir.actions.act_window": {"groups_id": "groups", "group_ids": "groups"},
    "ir.actions.report": {"groups_id": "groups", "group_ids": "groups"},
    "ir.actions.server": {"groups_id": "groups", "group_ids": "groups"},
    "ir.actions.client": {"groups_id": "groups", "group_ids": "groups"},
    "ir.actions.act_url": {"groups_id": "groups", "group_ids": "groups"},
}
# Links written from the other side: model and field to the model of the linked records and their field.
INVERSE: dict[tuple[str, str], tuple[str, str]] = {
    ("res.groups", "users"): ("res.users", "groups"),
    ("res.groups", "user_ids"): ("res.users", "groups"),
    ("res.groups", "implied_by_ids"): ("res.groups", "implied"),
    ("res.groups", "rule_groups"): ("ir.rule", "groups"),
    ("res.groups", "menu_access"): ("ir.ui.menu", "groups"),
    ("res.groups", "view_access"): ("ir.ui.view", "groups"),
}
# Fields that refer to a kind of record that is kept here: of any other, it can't be told whether it is there.
_KEPT_REFERENCES = {"group_id", "company_id", "inherit_id", "user_id", "action"}
# One2many fields whose lines may be created from the other side.
LINES: dict[tuple[str, str], tuple[str, str]] = {
    ("res.groups", "model_access"): ("ir.model.access", "group_id"),
    ("ir.model", "access_ids"): ("ir.model.access", "model_id"),
    ("ir.model", "rule_ids"): ("ir.rule", "model_id"),
}


@dataclass(slots=True)
class Record:
    """A record's last state. `links` map a link field to external ids and the place of each.

    `uncertain` names the link fields that a value which can't be known statically may have changed.
    """

    model: str
    xmlid: str
    origin: Origin
    noupdate: bool
    values: dict[str, tuple[Any, Origin]] = field(default_factory=dict)
    links: dict[str, dict[str, Origin]] = field(default_factory=dict)
    uncertain: set[str] = field(default_factory=set)

    def get(self, name: str) -> Any:
        found = self.values.get(name)
        return found[0] if found else None

    def text(self, name: str) -> str:
        value = self.get(name)
        return value if isinstance(value, str) else ""

    def flag(self, name: str, default: bool) -> bool:
        """A boolean field's value; one that can't be known counts as the default."""
        if name not in self.values:
            return default
        known = values.truthy(self.get(name))
        return default if known is None else known


class Store:
    """The records known so far, by external id."""

    def __init__(self, known_modules: set[str], depended: Depended = lambda module: None) -> None:
        """`known_modules` are those read whole: a record of theirs that isn't there does not exist.

        `depended` gives all that a module depends on.
        """
        self.known_modules = known_modules
        self.references = References(depended)
        self.overwrites = Overwrites()
        self.records: dict[str, Record] = {}
        self.problems: list[Problem] = []
        self.notes: list[Note] = []
        # Links written from the other side before the record they name exists: (xmlid, field, target, place).
        self.forward: dict[str, list[tuple[str, str, Origin]]] = {}
        # Which records have a link to a record: a delete or a clear need not go through all of them.
        self._holders: dict[str, set[str]] = {}
        self._anonymous = 0

    def load(self, file: DataFile, module: str, path: str) -> None:
        """Carry out one file's operations, in order."""
        for op in file.ops:
            origin = Origin(path=path, line=op.line, module=module)
            self.overwrites.noupdate = not isinstance(op, DeleteOp) and op.noupdate
            match op:
                case RecordOp():
                    self.record(op, module, origin)
                case DeleteOp():
                    self.delete(op, origin)
                case FunctionOp():
                    self.function(op, origin)

    def record(self, op: RecordOp, module: str, origin: Origin) -> None:
        xmlid = op.xmlid or self._nameless(op, module)
        record = self.records.get(xmlid)
        owner = xmlid.partition(".")[0]
        if record is None and op.model == "ir.model" and ".model_" in xmlid:
            # A model's own record is made from its Python; patching it changes nothing here.
            return
        if record is not None and record.model != op.model:
            message = (
                f"{xmlid} is a record of {record.model} already, and can't be one of {op.model} as well."
            )
            self.problem("taken-id", message, origin, fatal=True)
            return
        # A patch of a module that was not read is kept, as a part of a record that is not known whole.
        if record is None and owner != module and not op.forcecreate and owner in self.known_modules:
            # In a noupdate block with forcecreate="0" it is skipped quietly; else Odoo stops here.
            if not (op.noupdate and op.forcecreate is False):
                message = f"The record patches {xmlid}, which does not exist."
                self.problem("unknown-reference", message, origin, fatal=True)
            return
        if op.forcecreate is False and self._unresolved_reference(op):
            return
        if module in self.known_modules:
            self.references.seen(op, xmlid, origin, self.records)
        with self.overwrites.watched(record, origin):
            self._write_all(record, op, xmlid, module, origin)

    def _write_all(
        self, record: Record | None, op: RecordOp, xmlid: str, module: str, origin: Origin
    ) -> None:
        if record is None:
            record = Record(op.model, xmlid, origin, op.noupdate)
            self.records[xmlid] = record
            self._default_groups(record, op)
            for name, target, place in self.forward.pop(xmlid, ()):
                self._connect(record, name, target, place)
        for value in op.values:
            place = Origin(path=origin.path, line=value.line or origin.line, module=module)
            self.write(record, value, place)

    def _default_groups(self, record: Record, op: RecordOp) -> None:
        """A user created without groups gets those of `base.default_user` (17, 18), or is internal (19)."""
        if record.model != "res.users" or any(
            LINKS["res.users"].get(value.name) == "groups" for value in op.values
        ):
            return
        template = self.records.get("base.default_user")
        groups = list(template.links.get("groups", {})) if template else ["base.group_user"]
        for group in groups:
            self._connect(record, "groups", group, record.origin)

    def _nameless(self, op: RecordOp, module: str) -> str:
        self._anonymous += 1
        return f"{module}.__nameless_{op.model.replace('.', '_')}_{self._anonymous}"

    def _unresolved_reference(self, op: RecordOp) -> bool:
        """Whether a record that need not be created has a reference that Odoo could not resolve."""
        for value in op.values:
            xmlid = values.as_ref(value.value)
            kept = value.name in _KEPT_REFERENCES or (
                value.name == "parent_id" and op.model in ("ir.ui.menu", "res.company")
            )
            if kept and xmlid and xmlid not in self.records and xmlid.partition(".")[0] in self.known_modules:
                return True
        return False

    def write(self, record: Record, op: ValueOp, origin: Origin) -> None:
        link = LINKS.get(record.model, {}).get(op.name)
        if link:
            self.link(record, link, op.value, origin)
        elif (record.model, op.name) in INVERSE:
            self.link_back(record, *INVERSE[record.model, op.name], op.value, origin)
        elif (record.model, op.name) in LINES:
            self.lines(record, op.name, op.value, origin)
        else:
            record.values[op.name] = (op.value, origin)

    def link(self, record: Record, name: str, value: Any, origin: Origin) -> None:
        """Apply x2many commands to a record's links."""
        links = record.links.setdefault(name, {})
        value = self._created(record, name, value, origin)
        for verb, target in commands(value):
            match verb:
                case "add" if target:
                    self._connect(record, name, target, origin)
                case "remove" if target:
                    links.pop(target, None)
                case "clear":
                    links.clear()
                    record.uncertain.discard(name)
                case "unknown":
                    record.uncertain.add(name)
                    message = f"The value of {record.xmlid}'s {name} can't be known without running code."
                    self.problem("unreadable-value", message, origin)

    def _created(self, record: Record, name: str, value: Any, origin: Origin) -> Any:
        """The commands with each record that is created or changed in place made, and linked by its name."""
        if not isinstance(value, list):
            return value
        model = "res.company" if name == "companies" else "res.groups"
        found: list[Any] = []
        for command in value:
            match command:
                case [0, _, dict() as given] if "$code" not in given:
                    op = RecordOp(
                        model,
                        "",
                        [ValueOp(key, item, origin.line) for key, item in given.items()],
                        origin.line,
                    )
                    xmlid = self._nameless(op, origin.module)
                    op.xmlid = xmlid
                    self.record(op, origin.module, origin)
                    found.append([4, values.ref(xmlid), 0])
                case [1, target, dict() as given] if values.as_ref(target) in self.records:
                    for key, item in given.items():
                        self.write(
                            self.records[str(values.as_ref(target))], ValueOp(key, item, origin.line), origin
                        )
                case [0 | 1, *_]:
                    found.append(values.code("a record that only code knows"))
                case _:
                    found.append(command)
        return found

    def _connect(self, record: Record, name: str, target: str, origin: Origin) -> None:
        record.links.setdefault(name, {}).setdefault(target, origin)
        self._holders.setdefault(target, set()).add(record.xmlid)

    def _linked_to(self, xmlid: str) -> list[Record]:
        """The records that have, or had, a link to this one."""
        return [self.records[name] for name in self._holders.get(xmlid, ()) if name in self.records]

    def link_back(self, record: Record, model: str, name: str, value: Any, origin: Origin) -> None:
        """Apply commands written from the linked records' other side (`res.groups.users`)."""
        for verb, target in commands(value):
            if verb == "clear":
                for other in self._linked_to(record.xmlid):
                    if other.model == model:
                        other.links.get(name, {}).pop(record.xmlid, None)
            elif verb == "add" and target:
                other_record = self.records.get(target)
                unread = target.partition(".")[0] not in self.known_modules
                if other_record is None and unread and model == "res.groups":
                    # A part of a group that is not known whole, as a patch of it would be.
                    other_record = self.records[target] = Record(model, target, origin, False)
                if other_record is None:
                    self.forward.setdefault(target, []).append((name, record.xmlid, origin))
                else:
                    with self.overwrites.watched(other_record, origin):
                        self._connect(other_record, name, record.xmlid, origin)
            elif verb == "remove" and target in self.records:
                with self.overwrites.watched(self.records[target], origin):
                    self.records[target].links.get(name, {}).pop(record.xmlid, None)
            elif verb == "unknown":
                message = f"A value of {record.xmlid} can't be known without running code."
                self.problem("unreadable-value", message, origin)

    def lines(self, record: Record, field_name: str, value: Any, origin: Origin) -> None:
        """Create one2many lines written inside their parent."""
        model, back = LINES[record.model, field_name]
        for command in value if isinstance(value, list) else ():
            if (
                isinstance(command, list)
                and len(command) == 3
                and command[0] == 0
                and isinstance(command[2], dict)
            ):
                line = [ValueOp(name, item, origin.line) for name, item in command[2].items()]
                line.append(ValueOp(back, values.ref(record.xmlid), origin.line))
                self.record(RecordOp(model, "", line, origin.line), origin.module, origin)

    def delete(self, op: DeleteOp, origin: Origin) -> None:
        """`<delete>`: by external id, or by a simple search over what the files say."""
        if op.xmlid:
            self._remove(op.xmlid, origin)
        if op.search:
            found = self.search(op.model, op.search)
            if found is None:
                message = (
                    f"Records of {op.model} are deleted by a search that can't be followed: {op.search[:120]}"
                )
                self.notes.append(Note(origin=origin, kind="delete", message=message))
            for xmlid in found or ():
                self._remove(xmlid, origin)

    def _remove(self, xmlid: str, origin: Origin) -> None:
        removed = self.records.pop(xmlid, None)
        if removed is not None:
            self.overwrites.deleted(removed, origin)
            for other in self._linked_to(xmlid):
                for links in other.links.values():
                    links.pop(xmlid, None)
            self._holders.pop(xmlid, None)

    def search(self, model: str, domain: str) -> list[str] | None:
        """External ids found by plain `=`/`in` terms over values the files give; None for any other domain."""
        try:
            terms = literal(domain.strip())
        except (ValueError, SyntaxError, TypeError, RecursionError, MemoryError):
            return None
        if not isinstance(terms, list) or not all(
            isinstance(term, tuple | list) and len(term) == 3 for term in terms
        ):
            return None
        found = []
        for record in list(self.records.values()):
            if record.model == model:
                matches = [_matches(record, *term) for term in terms]
                if None in matches:
                    return None
                if all(matches):
                    found.append(record.xmlid)
        return found

    def function(self, op: FunctionOp, origin: Origin) -> None:
        """`<function>` is noted. A plain `write` of constants on named records is data in another form, and applied."""
        if (
            op.name == "write"
            and isinstance(op.args, list)
            and len(op.args) == 2
            and isinstance(op.args[1], dict)
        ):
            targets = [values.as_ref(item) for item in _flat(op.args[0])]
            known = [self.records[xmlid] for xmlid in targets if xmlid in self.records]
            if targets and len(known) == len(targets) and not values.holds_code(op.args[1]):
                for record in known:
                    with self.overwrites.watched(record, origin):
                        for name, value in op.args[1].items():
                            self.write(record, ValueOp(name, value, origin.line), origin)
                return
        message = f"<function> calls {op.model}.{op.name}; what it changes is not known without running it."
        self.notes.append(Note(origin=origin, kind="function", message=message))

    def problem(self, kind: str, message: str, origin: Origin, fatal: bool = False) -> None:
        self.problems.append(Problem(origin=origin, kind=kind, message=message, fatal=fatal))

    def of_model(self, *models: str) -> Iterator[Record]:
        wanted = set(models)
        return (record for record in self.records.values() if record.model in wanted)


def commands(value: Any) -> Iterator[tuple[str, str | None]]:
    """x2many commands as `("add"|"remove"|"clear"|"unknown", external id)`, in order."""
    if values.is_code(value) or values.as_search(value) is not None:
        yield "unknown", None
        return
    if (
        value is False
        or value is None
        or (isinstance(value, list) and value and values.as_ref(value[0]) is not None)
    ):
        # Nothing, or records instead of commands: they take the place of what was there.
        yield "clear", None
    for command in value if isinstance(value, list) else ():
        match command:
            case [4 | 3 | 2 as number, target, *_]:
                xmlid = values.as_ref(target)
                if xmlid is None:
                    yield "unknown", None
                else:
                    yield ("add" if number == 4 else "remove"), xmlid
            case [5, *_]:
                yield "clear", None
            case [6, _, list() as targets]:
                yield "clear", None
                for target in targets:
                    xmlid = values.as_ref(target)
                    yield ("add", xmlid) if xmlid else ("unknown", None)
            case [6, _, _]:
                yield "clear", None
                yield "unknown", None
            case {"$ref": str(xmlid)}:
                yield "add", xmlid
            case [0 | 1, *_]:
                pass
            case _:
                yield "unknown", None


def _flat(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _matches(record: Record, name: Any, operator: Any, wanted: Any) -> bool | None:
    """Whether a record satisfies a term, None where that can't be told from the files."""
    value = record.get(str(name))
    if str(name) not in record.values or isinstance(value, dict | list):
        return None if str(name) not in ("name",) or isinstance(value, dict | list) else False
    if operator == "=":
        return bool(value == wanted)
    if operator == "in" and isinstance(wanted, list | tuple):
        return value in wanted
    return None
