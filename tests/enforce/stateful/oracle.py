"""What Odoo gives and refuses, once more, in plain Python: rows are dictionaries, domains lists, and nothing of Ostiary
is asked. It knows five small models and only those kinds of domains that `generate` makes.

Each operation changes `rows` and `links` or raises Denied; whoever calls it keeps a copy to go back to.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

DOC, NODE, TAG, LINE, CAR = MODELS = ("w.doc", "w.node", "w.tag", "w.line", "w.car")
COLUMNS: dict[str, tuple[str, ...]] = {
    DOC: ("name", "num", "secret", "owner_id", "company_id", "active", "node_id"),
    NODE: ("name", "owner_id", "company_id", "parent_id"),
    TAG: ("name", "owner_id"),
    LINE: ("num", "owner_id", "doc_id"),
    CAR: ("plate", "node_id"),
}
LENT = ("name", "owner_id", "company_id", "parent_id")
"""What a car has of its node."""
TO = {"node_id": NODE, "parent_id": NODE, "doc_id": DOC, "owner_id": "res.users", "company_id": "res.company"}
_DELEGATED = (CAR, "node_id")
"""A link of `_inherits`, which a search follows without asking for rights (`auto_join`)."""
NUMBERS, TEXTS = ("num", "id"), ("name", "secret", "plate")
NOT = {"=": "!=", "!=": "=", "in": "not in", "not in": "in", "<": ">=", ">=": "<", ">": "<=", "<=": ">",
       "ilike": "not ilike", "not ilike": "ilike"}  # fmt: skip


class Denied(Exception):
    """The user may not, or it makes no sense."""


class Name(str):
    """A name that a rule's text says, such as `user.id`."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


@dataclass
class Rule:
    model: str
    domain: list[Any]
    groups: tuple[str, ...]
    modes: tuple[str, ...]


@dataclass
class Who:
    """Somebody at work: `held` is what their groups come to."""

    uid: int
    held: frozenset[str]
    company: int
    companies: tuple[int, ...]
    own_company: int
    own_companies: tuple[int, ...]
    su: bool = False

    def value(self, given: Any) -> Any:
        if isinstance(given, list):
            return [self.value(one) for one in given]
        if not isinstance(given, Name):
            return given
        return {
            "user.id": self.uid,
            "company_id": self.company,
            "company_ids": list(self.companies),
            "company_ids + [False]": [*self.companies, False],
            "user.company_id.id": self.own_company,
            "user.company_ids.ids": list(self.own_companies),
        }[str(given)]


@dataclass
class Oracle:
    """`secret` are the groups of that field. `next_id` says which id a new row gets."""

    rights: set[tuple[str, str | None, str]]
    rules: list[Rule]
    secret: str
    strict: bool
    series: int
    next_id: Callable[[str], int]
    rows: dict[str, dict[int, dict[str, Any]]] = field(default_factory=lambda: {one: {} for one in MODELS})
    links: set[tuple[int, int]] = field(default_factory=set)

    def saved(self) -> tuple[Any, Any]:
        return copy.deepcopy(self.rows), set(self.links)

    def back(self, saved: tuple[Any, Any]) -> None:
        self.rows, self.links = copy.deepcopy(saved[0]), set(saved[1])

    # -- what is allowed -----------------------------------------------------------------------------------

    def right(self, who: Who, model: str, mode: str) -> bool:
        if who.su:
            return True
        if model in ("res.users", "res.company"):
            return mode == "read"
        return any((model, group, mode) in self.rights for group in (None, *who.held))

    def ask(self, who: Who, model: str, mode: str) -> None:
        if not self.right(who, model, mode):
            raise Denied(f"{mode} {model}: right")

    def within(self, who: Who, model: str, mode: str, id_: int) -> bool:
        """Whether record rules let a record through."""
        if who.su or model.startswith("res."):
            return True
        bound = [rule for rule in self.rules if rule.model == model and mode in rule.modes]
        if not all(self.accepts(model, id_, rule.domain, who) for rule in bound if not rule.groups):
            return False
        mine = [rule for rule in bound if who.held.intersection(rule.groups)]
        if mine and not any(self.accepts(model, id_, rule.domain, who) for rule in mine):
            return False
        return model != CAR or self.within(who, NODE, mode, self.rows[CAR][id_]["node_id"])

    def check(self, who: Who, model: str, mode: str, ids: Iterable[int]) -> None:
        for one in ids:
            if not who.su and one not in self.rows.get(model, (one,)):
                raise Denied(f"{mode} {model} {one}: missing")
            if not self.within(who, model, mode, one):
                raise Denied(f"{mode} {model} {one}: rule")

    def visible(self, who: Who, model: str) -> set[int]:
        return {one for one in self.rows[model] if self.within(who, model, "read", one)}

    def may_use(self, who: Who, name: str) -> bool:
        if who.su or name != "secret" or not self.secret:
            return True
        names = self.secret.split(",")
        if any(one[0] == "!" and one[1:] in who.held for one in names):
            return False
        positive = [one for one in names if one[0] != "!"]
        return not positive or bool(who.held.intersection(positive))

    def use(self, who: Who, names: Iterable[str]) -> None:
        for name in names:
            if not self.may_use(who, name):
                raise Denied(f"field {name}")

    # -- domains -------------------------------------------------------------------------------------------

    def accepts(self, model: str, id_: int, domain: list[Any], who: Who, seen_by: Who | None = None) -> bool:
        """Whether the domain holds for a record. `seen_by`: what paths lead to must be theirs to read."""
        rest = list(domain)
        found = True
        while rest:  # what stands side by side is joined by "and"
            found = self._part(model, id_, rest, who, seen_by, turned=False) and found
        return found

    def _part(self, model: str, id_: int, rest: list[Any], who: Who, by: Who | None, *, turned: bool) -> bool:
        head = rest.pop(0)
        if head == "!":
            return self._part(model, id_, rest, who, by, turned=not turned)
        if head in ("&", "|"):
            one = self._part(model, id_, rest, who, by, turned=turned)
            two = self._part(model, id_, rest, who, by, turned=turned)
            return (one and two) if (head == "&") is not turned else (one or two)
        path, operator, value = head
        return self._term(model, id_, path, operator, who.value(value), by, turned=turned)

    def _term(
        self, model: str, id_: int, path: str, operator: str, value: Any, by: Who | None, *, turned: bool
    ) -> bool:
        if path in (0, 1):
            return bool(path) is not turned
        name, _, further = path.partition(".")
        if further:
            other, ids = self.leads(model, id_, name)
            if by is not None and not by.su and (model, name) != _DELEGATED:
                self.ask(by, other, "read")
                ids = [one for one in ids if self.within(by, other, "read", one)]
            found = any(self._term(other, one, further, operator, value, by, turned=False) for one in ids)
            return found is not turned
        if turned:
            operator = NOT[operator]
        if name in ("tag_ids", "line_ids"):
            return bool(self.leads(model, id_, name)[1]) is (operator == "!=")
        return self._compare(name, self.value(model, id_, name), operator, value)

    def _compare(self, name: str, held: Any, operator: str, value: Any) -> bool:
        if operator == "child_of":
            return held is not None and held in self.below(value)
        if name in NUMBERS:
            held = held or 0
        elif name in TEXTS:
            held, value = held or "", [one or "" for one in value] if isinstance(value, list) else value or ""
        else:
            held = held or False
        if operator == "<":
            return bool(held < value)
        if operator == ">":
            return bool(held > value)
        if operator in ("<=", ">="):
            return not self._compare(name, held, NOT[operator], value)
        if operator in ("!=", "not in", "not ilike"):
            return not self._compare(name, held, NOT[operator], value)
        if operator == "ilike":
            return value.lower() in held.lower()
        return held in value if operator == "in" else held == (value or type(held)())

    def value(self, model: str, id_: int, name: str) -> Any:
        if name == "id":
            return id_
        if model == CAR and name in LENT:
            return self.rows[NODE][self.rows[CAR][id_]["node_id"]][name]
        return self.rows[model][id_][name]

    def leads(self, model: str, id_: int, name: str) -> tuple[str, list[int]]:
        if name == "tag_ids":
            return TAG, sorted(tag for doc, tag in self.links if doc == id_)
        if name == "line_ids":
            return LINE, sorted(one for one, row in self.rows[LINE].items() if row["doc_id"] == id_)
        held = self.value(model, id_, name)
        return TO[name], [held] if held else []

    def below(self, ids: Any) -> set[int]:
        found: set[int] = set()
        todo = list(ids) if isinstance(ids, list) else [ids]
        while todo:
            one = todo.pop()
            if one in found:
                continue
            found.add(one)
            todo += [other for other, row in self.rows[NODE].items() if row["parent_id"] == one]
        return found

    # -- finding and reading -------------------------------------------------------------------------------

    def search(self, who: Who, model: str, domain: list[Any]) -> list[int]:
        self.ask(who, model, "read")
        for term in domain:
            if isinstance(term, tuple) and isinstance(term[0], str):
                self.use(who, [term[0]])
                self._ask_along(who, model, term[0])
        archived = model == DOC and not any(term[0] == "active" for term in domain)
        return sorted(
            one
            for one, row in self.rows[model].items()
            if self.within(who, model, "read", one)
            and not (archived and not row["active"])
            and self.accepts(model, one, domain, who, who)
        )

    def _ask_along(self, who: Who, model: str, path: str) -> None:
        name, _, further = path.partition(".")
        if further:
            other = {"tag_ids": TAG, "line_ids": LINE}.get(name) or TO[name]
            if (model, name) != _DELEGATED:
                self.ask(who, other, "read")
            self._ask_along(who, other, further)

    def read(self, who: Who, model: str, ids: Sequence[int], names: Sequence[str]) -> list[dict[str, Any]]:
        self.ask(who, model, "read")
        self.use(who, names)
        there = [one for one in dict.fromkeys(ids) if one in self.rows[model]]
        self.check(who, model, "read", there)
        if there and model == CAR and set(names) & set(LENT):
            self.ask(who, NODE, "read")
        return [{"id": one, **{name: self.shown(who, model, one, name) for name in names}} for one in there]

    def shown(self, who: Who, model: str, id_: int, name: str) -> Any:
        if name == "tag_ids":
            return self.seen_tags(who, id_)
        if name == "line_ids":
            self.ask(who, LINE, "read")
            return [one for one in self.leads(model, id_, name)[1] if self.within(who, LINE, "read", one)]
        held = self.value(model, id_, name)
        if name in NUMBERS:
            return held or 0
        return held if held is not None else False

    def seen_tags(self, who: Who, doc: int) -> list[int]:
        if self.series >= 19:
            self.ask(who, TAG, "read")
        return [one for one in self.leads(DOC, doc, "tag_ids")[1] if self.within(who, TAG, "read", one)]

    # -- changing ------------------------------------------------------------------------------------------

    def create(self, who: Who, model: str, values: dict[str, Any], *, owner: str = "") -> int:
        """`owner` is the field that leads to the record whose line this is: that link is nobody's choice."""
        self.ask(who, model, "create")
        if self.strict or self.series >= 19:
            self.use(who, values)
        values = dict(values)
        lent = {name: values.pop(name) for name in LENT if model == CAR and name in values}
        if model == CAR and not values.get("node_id"):
            # What the user doesn't give is no link that they make.
            made = self.create(who, NODE, lent)
            row: dict[str, Any] = {"plate": values.get("plate") or None, "node_id": made}
        else:
            if lent:
                self.write(who, NODE, [values["node_id"]], lent)
            row = {name: values.get(name) or None for name in COLUMNS[model]}
            self._link(who, {name: value for name, value in values.items() if name != owner})
        if "num" in row:
            row["num"] = row["num"] or 0
        if model == DOC:
            row["active"] = bool(values.get("active", True))
        id_ = self.next_id(model)
        self.rows[model][id_] = row
        self._commands(who, [id_], values, new=True)
        self.check(who, model, "create", [id_])
        return id_

    def write(self, who: Who, model: str, ids: Sequence[int], values: dict[str, Any]) -> None:
        if not ids:
            return
        self.ask(who, model, "write")
        self.check(who, model, "write", ids)
        self.use(who, values)
        self._link(who, values if model != CAR else {k: v for k, v in values.items() if k not in LENT})
        for one in ids:
            for name in COLUMNS[model]:
                if name in values:
                    self.rows[model][one][name] = self._kept(name, values[name])
        if "parent_id" in values and model == NODE:
            for one in ids:
                if values["parent_id"] in self.below(one):
                    raise Denied("it would lie below itself")
        lent = {name: value for name, value in values.items() if model == CAR and name in LENT}
        if lent:
            self.write(who, NODE, list(dict.fromkeys(self.rows[CAR][one]["node_id"] for one in ids)), lent)
        self._commands(who, ids, values)
        if self.strict:
            self.check(who, model, "write", [one for one in ids if one in self.rows[model]])

    def _kept(self, name: str, value: Any) -> Any:
        if name == "num":
            return value or 0
        if name == "active":
            return bool(value)
        if name == "node_id" and value is False:
            return None
        return value if value is not False else None

    def _link(self, who: Who, values: dict[str, Any]) -> None:
        """Who makes a link must be able to read what it leads to."""
        for name, value in values.items():
            if name in TO and value and self.strict and not who.su:
                self._readable(who, TO[name], value)

    def _readable(self, who: Who, model: str, one: int) -> None:
        if model == "res.users" and one == who.uid:
            return
        self.ask(who, model, "read")
        self.check(who, model, "read", [one])

    def _commands(self, who: Who, ids: Sequence[int], values: dict[str, Any], *, new: bool = False) -> None:
        for name, value in values.items():
            if name == "line_ids":
                self._lines(who, ids, value, new=new)
            elif name == "tag_ids" and value:
                self._tags(who, ids, value)

    def _lines(self, who: Who, ids: Sequence[int], commands: list[Any], *, new: bool) -> None:
        last = ids[-1]
        for code, *more in commands:
            if code == 0:
                for one in ids:
                    self.create(who, LINE, {**more[1], "doc_id": one}, owner="doc_id")
            elif code == 1:
                self.write(who, LINE, more[:1], more[1])
            elif code in (2, 3):
                self.unlink(who, LINE, more[:1])  # a line goes with its document
            else:
                kept = more[1] if code == 6 else more[:1] if code == 4 else []
                if code != 4 and not new:
                    self.ask(who, LINE, "read")
                    gone = [
                        one
                        for one in sorted(self.visible(who, LINE))
                        if self.rows[LINE][one]["doc_id"] in ids and one not in kept
                    ]
                    if gone:
                        self.unlink(who, LINE, gone)
                self._take(who, kept, [] if new else self.leads(DOC, last, "line_ids")[1], last)

    def _take(self, who: Who, lines: Sequence[int], there: Sequence[int], doc: int) -> None:
        if there:
            self.ask(who, LINE, "read")
        held = [one for one in there if self.within(who, LINE, "read", one)]
        others = [one for one in dict.fromkeys(lines) if one not in held]
        if others:
            self.read(who, LINE, others, ["doc_id"])
            self.write(who, LINE, others, {"doc_id": doc})

    def _tags(self, who: Who, ids: Sequence[int], commands: list[Any]) -> None:
        # Where nothing is linked, nobody asks for what is.
        old = {one: self.seen_tags(who, one) if self.leads(DOC, one, "tag_ids")[1] else [] for one in ids}
        new = {one: set(held) for one, held in old.items()}
        for command in commands:
            self._tag(who, command, old, new)
        for one in ids:
            for tag in new[one]:
                if tag not in old[one] and not who.su and (self.strict or self.series >= 19):
                    self._readable(who, TAG, tag)
            self.links |= {(one, tag) for tag in new[one]}
            self.links -= {(one, tag) for tag in old[one] if tag not in new[one]}

    def _tag(self, who: Who, command: Any, old: dict[int, list[int]], new: dict[int, set[int]]) -> None:
        code, *more = command
        if code == 0:
            made = self.create(who, TAG, more[1])
        elif code == 1:
            self.write(who, TAG, more[:1], more[1])
        elif code == 2:
            self.unlink(who, TAG, more[:1])
        for one, held in new.items():
            if code in (0, 4):
                held.add(made if code == 0 else more[0])
            elif code in (2, 3):
                held.discard(more[0])
            elif code in (5, 6):
                new[one] = set(more[1]) if code == 6 else set()
            if code == 2:
                old[one] = [tag for tag in old[one] if tag != more[0]]

    def unlink(self, who: Who, model: str, ids: Sequence[int]) -> None:
        if not ids:
            return
        self.ask(who, model, "unlink")
        self.check(who, model, "unlink", ids)
        self._delete(model, ids)

    def _delete(self, model: str, ids: Iterable[int]) -> None:
        for one in ids:
            if self.rows[model].pop(one, None) is None:
                continue
            if model == DOC:
                self._delete(LINE, [line for line, row in self.rows[LINE].items() if row["doc_id"] == one])
                self.links = {link for link in self.links if link[0] != one}
            elif model == TAG:
                self.links = {link for link in self.links if link[1] != one}
            elif model == NODE:
                for row in self.rows[DOC].values():
                    row["node_id"] = None if row["node_id"] == one else row["node_id"]
                for other, name in ((NODE, "parent_id"), (CAR, "node_id")):
                    self._delete(other, [id_ for id_, row in self.rows[other].items() if row[name] == one])

    def copy(self, who: Who, model: str, id_: int) -> int:
        self.ask(who, model, "create")
        names = [*COLUMNS[model], *(("tag_ids",) if model == DOC else ())]
        if model == CAR:
            names = ["plate", *LENT]
        values = self.read(who, model, [id_], names)[0]
        del values["id"]
        if model == DOC:
            values["tag_ids"] = [(6, 0, values["tag_ids"])]
        return self.create(who, model, values)
