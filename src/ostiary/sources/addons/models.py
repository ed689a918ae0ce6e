"""Models from class declarations, merged as Odoo's registry does.

A model's registry class inherits from all classes that define and extend it (the latest first) and from the
registry classes of the other models it inherits from; fields are collected along Python's method resolution order.
Source: `odoo/models.py` of 17.0 and 18.0, `odoo/orm/model_classes.py` of 19.0; `odoo/fields.py › Field._get_attrs`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from ostiary.policy import Field, Kind, Model, Origin
from ostiary.sources.addons.ops import ClassDecl, FieldDecl

_TYPE_NAMES = {"image": "binary", "id": "integer"}
# A field class that another one derives from: an override of the derived type keeps what the base said.
_SUPERTYPES = {"image": {"binary"}, "reference": {"selection"}, "many2one_reference": {"integer"}}
_MAX_BASES = 200
_RELATIONAL = {"many2one", "one2many", "many2many"}


@dataclass(slots=True, eq=False)
class Declared:
    """A class declaration in its module. `name` is the model's, set when the class is registered."""

    decl: ClassDecl
    module: str
    path: str
    name: str = ""
    kind: str = ""
    parents: list[str] = field(default_factory=list)
    python_bases: list[Declared] = field(default_factory=list)
    automatic: list[FieldDecl] | None = None

    def linear(self) -> list[Declared]:
        """The class and the model classes it derives from in Python, most derived first."""
        found: dict[Declared, None] = {}
        pending = [self]
        for _ in range(_MAX_BASES):
            if not pending:
                break
            declared = pending.pop()
            # A class that is reached twice comes after all that derive from it.
            found.pop(declared, None)
            found[declared] = None
            pending.extend(reversed(declared.python_bases))
        return list(found)

    def origin(self, line: int) -> Origin:
        return Origin(path=self.path, line=line, module=self.module)


@dataclass(slots=True)
class _Class:
    """A registry class: its bases are declarations and other registry classes' names, as in `__base_classes`."""

    name: str
    bases: list[Declared | str]
    defined: bool
    declared: list[Declared] = field(default_factory=list)


class Registry:
    """Class declarations in loading order, to models."""

    def __init__(self, dotted_names: bool) -> None:
        self.dotted_names = dotted_names
        self.classes: dict[str, _Class] = {}
        self.missing: dict[str, Origin] = {}
        # Model classes by Python name, for a class that derives from another model class in Python.
        self._python: dict[str, list[Declared]] = {}
        # Modules with a class whose model can't be told: they may define or extend any.
        self.unreadable: set[str] = set()
        self._mro: dict[str, list[Declared | str]] = {}

    def add(self, declared: Declared) -> None:
        """Register one class, as `_build_model`. A model that is extended but not defined is unresolved."""
        decl = declared.decl
        if decl.attributes.get("_unreadable"):
            self.unreadable.add(declared.module)
            if not (decl.name or decl.inherit):
                return
        declared.python_bases = [
            base for base in (self._python_base(item, declared) for item in decl.bases) if base
        ]
        if not decl.kind and not declared.python_bases:
            return
        declared.kind = decl.kind or declared.python_bases[0].kind
        self._python.setdefault(decl.class_name, []).append(declared)
        name = decl.name or self._default_name(decl)
        declared.name = name
        parents = [*decl.inherit, *(["base"] if name != "base" else [])]
        for parent in parents:
            if parent not in self.classes and parent != "base":
                self.missing.setdefault(parent, declared.origin(decl.line))
                self.classes[parent] = _Class(parent, [], defined=False)
        current = self.classes.get(name)
        extends = name in parents
        if current is None or not extends:
            current = self.classes[name] = _Class(name, [], defined=True)
        declared.parents = [parent for parent in decl.inherit if parent != name]
        bases: list[Declared | str] = [declared]
        for parent in parents:
            if parent == name:
                bases += current.bases
            elif parent in self.classes:
                bases.append(parent)
        current.bases = _last_ordered(bases)
        current.declared.append(declared)

    def _python_base(self, class_name: str, declared: Declared) -> Declared | None:
        """The model class a Python base names: of the same file, else module, else the only one of that name."""
        known = self._python.get(class_name, [])
        for same in ("path", "module"):
            near = [item for item in known if getattr(item, same) == getattr(declared, same)]
            if near:
                return near[-1]
        return known[0] if len(known) == 1 else None

    def _default_name(self, decl: ClassDecl) -> str:
        """The model a class without `_name` is about: what it inherits from, or a name made of the class's own."""
        if len(decl.inherit) == 1 and (not self.dotted_names or decl.attributes.get("_inherit_text")):
            return decl.inherit[0]
        return (
            re.sub(r"(?<=[^_])([A-Z])", r".\1", decl.class_name).lower()
            if self.dotted_names
            else decl.class_name
        )

    def declared(self, name: str) -> list[Declared]:
        """The classes that define or extend a model, in loading order."""
        return self.classes[name].declared if name in self.classes else []

    def models(self) -> dict[str, Model]:
        """All models by name. Fields of `_inherits` parents are added last, as Odoo does."""
        for name in _parents_first(
            self.classes, lambda name: [base for base in self.classes[name].bases if isinstance(base, str)]
        ):
            self._linearize(name, ())
        merged = {name: self._merge(name) for name in self.classes}
        done: set[str] = set()
        for name in _parents_first(merged, lambda name: list(merged[name].inherits)):
            self._inherit_fields(name, merged, done, ())
        completed: set[int] = set()
        for model in merged.values():
            _name_roles(model)
            for item in model.fields.values():
                _complete_related(item, model, merged, completed)
        for model in merged.values():
            for item in model.fields.values():
                item.groups = item.groups or None
        return merged

    # -- one model ---------------------------------------------------------------------------------

    def order_of(self, name: str) -> list[Declared]:
        """The declarations of a model and of all it inherits from, most derived first (Python's C3 order)."""
        return [item for item in self._linearize(name, ()) if isinstance(item, Declared)]

    def _linearize(self, name: str, path: tuple[str, ...]) -> list[Declared | str]:
        known = self._mro.get(name)
        if known is not None:
            return list(known)
        bases = self.classes[name].bases
        usable = [base for base in bases if not (isinstance(base, str) and (base in path or base == name))]
        sequences: list[list[Declared | str]] = [
            self._linearize(base, (*path, name)) if isinstance(base, str) else [*base.linear()]
            for base in usable
        ]
        result: list[Declared | str] = [name, *_c3(sequences, usable)]
        self._mro[name] = result
        return list(result)

    def _merge(self, name: str) -> Model:
        own = self.classes[name]
        order = self.order_of(name)
        attributes: dict[str, Any] = {}
        inherits: dict[str, str] = {}
        for declared in reversed(order):
            attributes.update(
                {key: value for key, value in declared.decl.attributes.items() if key not in _OWN}
            )
            value = declared.decl.attributes.get("_inherits")
            if isinstance(value, dict):
                inherits.update({str(parent): str(link) for parent, link in value.items()})
        for declared in own.declared:
            attributes.update({key: value for key, value in declared.decl.attributes.items() if key in _OWN})
        kinds = {declared.kind for declared in order}
        kind = next((kind for kind in ("transient", "model", "abstract") if kind in kinds), "model")
        auto = bool(attributes.get("_auto", kind != "abstract"))
        fields = self._fields(order, own, kind)
        for item in fields.values():
            if item.type == "many2one" and item.comodel and _delegates(order, item.name):
                inherits.setdefault(item.comodel, item.name)
        first = own.declared[0] if own.declared else None
        origin = first.origin(first.decl.line) if first else self.missing.get(name, Origin(path=""))
        methods: dict[str, Origin] = {}
        for declared in reversed(order):
            for method, line in declared.decl.methods.items():
                methods[method] = declared.origin(line)
        query = bool(attributes.get("_table_query")) or methods.pop("_table_query", None) is not None
        return Model(
            origin=origin,
            name=name,
            description=_text(attributes.get("_description")) or name,
            kind=Kind(kind),
            auto=auto,
            table=_text(attributes.get("_table")) or name.replace(".", "_"),
            table_query=query,
            inherit=_unique(parent for declared in own.declared for parent in declared.parents),
            inherits=inherits,
            fields=fields,
            modules=_unique(declared.module for declared in own.declared),
            rec_name=_text(attributes.get("_rec_name")) or None,
            parent_name=_text(attributes.get("_parent_name")) or "parent_id",
            parent_store=bool(attributes.get("_parent_store", False)),
            active_name=_text(attributes.get("_active_name")) or None,
            order=_text(attributes.get("_order")) or "id",
            check_company_auto=bool(attributes.get("_check_company_auto", False)),
            log_access=bool(attributes.get("_log_access", auto)),
            overrides=methods,
            unresolved=not own.defined,
            partial=self._partial(name, order),
        )

    def _partial(self, name: str, order: list[Declared]) -> bool:
        """Whether fields may exist that are not known: a part of the model comes from a summary, or was not read."""
        missing = any(
            not self.classes[item].defined
            for item in self._linearize(name, ())
            if isinstance(item, str) and item != "base"
        )
        return missing or any(
            declared.decl.attributes.keys() & {"_partial", "_unreadable"} for declared in order
        )

    def _fields(self, order: list[Declared], own: _Class, kind: str) -> dict[str, Field]:
        found: dict[str, list[tuple[Declared, FieldDecl]]] = {}
        for declared in reversed(order):
            if declared.automatic is None:
                declared.automatic = _automatic(declared)
            for automatic in declared.automatic:
                found.setdefault(automatic.name, []).append((declared, automatic))
            for item in declared.decl.fields:
                found.setdefault(item.name, []).append((declared, item))
        return {name: _merge_field(name, declarations) for name, declarations in found.items()}

    # -- _inherits ---------------------------------------------------------------------------------

    def _inherit_fields(
        self, name: str, merged: dict[str, Model], done: set[str], path: tuple[str, ...]
    ) -> None:
        """Add the fields of delegated parents: related to the link's field, never stored."""
        if name in done or name in path:
            return
        model = merged[name]
        for parent, link in model.inherits.items() if not model.abstract else ():
            if parent not in merged:
                continue
            self._inherit_fields(parent, merged, done, (*path, name))
            for item in merged[parent].fields.values():
                if item.name not in model.fields:
                    model.fields[item.name] = Field(
                        origin=item.origin,
                        name=item.name,
                        type=item.type,
                        string=item.string,
                        comodel=item.comodel,
                        groups=item.groups,
                        related=f"{link}.{item.name}",
                        store=False,
                        readonly=item.readonly,
                        inherited=True,
                        company_dependent=False,
                        related_sudo=False,
                        module=item.module,
                    )
        done.add(name)


def _name_roles(model: Model) -> None:
    """Which fields name a record and archive it, when the model does not say: known once all fields are there."""
    if not model.rec_name and "name" in model.fields:
        model.rec_name = "name"
    if not model.active_name:
        model.active_name = next((name for name in ("active", "x_active") if name in model.fields), None)


# Taken from the model's own classes, never from those it inherits from (`_build_model_attributes`).
_OWN = {"_description", "_table"}


def _merge_field(name: str, declarations: list[tuple[Declared, FieldDecl]]) -> Field:
    """A field from its declarations, base first (`Field._get_attrs`): the last type drops incompatible ones."""
    last = declarations[-1][1].type
    kept = _SUPERTYPES.get(last, set()) | {last}
    args: dict[str, Any] = {}
    first: tuple[Declared, FieldDecl] | None = None
    for declared, item in declarations:
        if item.type not in kept:
            args.clear()
            first = None
            continue
        args.update(item.args)
        first = first or (declared, item)
    owner, origin = first or declarations[-1]
    return _field(name, last, args, owner.origin(origin.line), declarations[-1][0].module)


def _field(name: str, declared_type: str, args: dict[str, Any], origin: Origin, module: str) -> Field:
    type_ = _TYPE_NAMES.get(declared_type, declared_type)
    related = args.get("related")
    if isinstance(related, list):
        related = ".".join(str(part) for part in related)
    compute = args.get("compute")
    if type_ == "properties" and not related:
        # Computed from the definition on another record, and stored all the same.
        args.setdefault("store", True)
        compute = compute or "_compute"
    derived = bool(compute or related)
    readonly = args.get("readonly", bool(related) or (bool(compute) and not args.get("inverse")))
    store = bool(args.get("store", not derived))
    domain = args.get("domain")
    return Field(
        origin=origin,
        name=name,
        type=type_,
        string=_text(args.get("string")),
        comodel=_text(args.get("comodel_name")) or None if type_ in _RELATIONAL else None,
        inverse=_text(args.get("inverse_name")) or None if type_ == "one2many" else None,
        # Empty, for now, where the class says None: a related field then does not take its target's.
        groups=_text(args["groups"]) if "groups" in args else None,
        related=related if isinstance(related, str) and related else None,
        compute=compute if isinstance(compute, str) else None,
        search=args["search"] if isinstance(args.get("search"), str) else None,
        store=store,
        required=bool(args.get("required", False)),
        readonly=bool(readonly),
        inherited=bool(args.get("inherited", False)),
        company_dependent=bool(args.get("company_dependent", False)),
        check_company=bool(args.get("check_company", False)),
        compute_sudo=bool(args["compute_sudo"]) if "compute_sudo" in args else None,
        related_sudo=bool(args.get("related_sudo", True)),
        auto_join=bool(args.get("auto_join", args.get("bypass_search_access", False))),
        translate=bool(args.get("translate", False)),
        relation_table=_text(args.get("relation")) or None if type_ == "many2many" else None,
        domain=domain if isinstance(domain, str) else (repr(domain) if domain else None),
        module=module,
    )


def _complete_related(
    item: Field, model: Model, models: dict[str, Model], completed: set[int], depth: int = 0
) -> None:
    """A related field takes the groups and comodel of its target where it does not say its own (`setup_related`)."""
    if not item.related or id(item) in completed or depth > 50:
        return
    completed.add(id(item))
    owner: Model | None = model
    target: Field | None = None
    for step in item.related.split("."):
        target = owner.fields.get(step) if owner else None
        if target is None or owner is None:
            return
        _complete_related(target, owner, models, completed, depth + 1)
        owner = models.get(target.comodel) if target.comodel else None
    if target is None or target is item:
        return
    if item.groups is None:
        item.groups = target.groups
    if item.type in _RELATIONAL:
        item.comodel = item.comodel or target.comodel


def _parents_first(names: Iterable[str], parents: Callable[[str], list[str]]) -> list[str]:
    """The names with each one's parents before it, so that long chains need no deep recursion."""
    known = dict.fromkeys(names)
    order: dict[str, None] = {}
    seen: set[str] = set()
    for start in known:
        pending = [(start, False)]
        while pending:
            name, ready = pending.pop()
            if ready:
                order[name] = None
            elif name not in seen:
                seen.add(name)
                pending.append((name, True))
                pending += [(item, False) for item in parents(name) if item in known and item not in seen]
    return list(order)


def _automatic(declared: Declared) -> list[FieldDecl]:
    """`id`, `display_name` and the log fields, which Odoo adds to the class that defines a model."""
    decl = declared.decl
    if declared.kind == "abstract" or declared.name in decl.inherit:
        return []
    stated = {item.name for item in decl.fields}
    fields = [FieldDecl("id", "id", {"readonly": True, "string": "ID"}, decl.line)]
    if "display_name" not in stated:
        args = {
            "compute": "_compute_display_name",
            "search": "_search_display_name",
            "string": "Display Name",
        }
        fields.append(FieldDecl("display_name", "char", args, decl.line))
    if decl.attributes.get("_log_access", decl.attributes.get("_auto", True)):
        user = {"comodel_name": "res.users", "readonly": True}
        log = (("create_uid", "many2one", user), ("create_date", "datetime", {"readonly": True}),
               ("write_uid", "many2one", user), ("write_date", "datetime", {"readonly": True}))  # fmt: skip
        fields += [
            FieldDecl(name, kind, dict(args), decl.line) for name, kind, args in log if name not in stated
        ]
    return fields


def _delegates(order: list[Declared], name: str) -> bool:
    return any(
        item.name == name and item.args.get("delegate") for declared in order for item in declared.decl.fields
    )


def _c3(sequences: list[list[Declared | str]], bases: list[Declared | str]) -> list[Declared | str]:
    """C3 linearization; where Python would refuse, the plain order of the bases, each class once at its last place."""
    distinct: list[list[Declared | str]] = []
    for sequence in sequences:
        # One that another one ends with says nothing new.
        if sequence and not any(other[-len(sequence) :] == sequence for other in distinct):
            distinct.append(sequence)
    joined = [item for sequence in distinct for item in sequence]
    if len(set(joined)) == len(joined):
        return joined
    pending = [sequence for sequence in (*sequences, list(bases)) if sequence]
    heads = [0] * len(pending)
    # How often a class still stands behind another one: only a class that does not may come next.
    behind = Counter(item for sequence in pending for item in sequence[1:])
    result: list[Declared | str] = []
    remaining = sum(len(sequence) for sequence in pending)
    while remaining:
        ready = (
            sequence[head] for sequence, head in zip(pending, heads, strict=True) if head < len(sequence)
        )
        chosen = next((item for item in ready if not behind[item]), None)
        if chosen is None:
            return _last_ordered([item for sequence in pending for item in sequence])
        result.append(chosen)
        for index, sequence in enumerate(pending):
            if heads[index] < len(sequence) and sequence[heads[index]] == chosen:
                heads[index] += 1
                remaining -= 1
                if heads[index] < len(sequence):
                    behind[sequence[heads[index]]] -= 1
    return result


def _last_ordered(items: list[Declared | str]) -> list[Declared | str]:
    """Each item once, at its last place (Odoo's `LastOrderedSet`)."""
    kept: dict[Declared | str, None] = {}
    for item in items:
        kept.pop(item, None)
        kept[item] = None
    return list(kept)


def _unique(items: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(items))


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
