"""Models from class declarations, merged as Odoo's registry does.

A model's registry class inherits from all classes that define and extend it (the latest first) and from the
registry classes of the other models it inherits from; fields are collected along Python's method resolution order.
Source: `odoo/models.py` of 17.0 and 18.0, `odoo/orm/model_classes.py` of 19.0; `odoo/fields.py › Field._get_attrs`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from ostiary.policy import Field, Kind, Model, Origin
from ostiary.sources.addons.declared import Declared, last_ordered, linearize
from ostiary.sources.addons.fields import automatic, complete_related, merge_field, text_of
from ostiary.sources.addons.ops import ClassDecl, FieldDecl


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
        current.bases = last_ordered(bases)
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
                complete_related(item, model, merged, completed)
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
        result: list[Declared | str] = [name, *linearize(sequences, usable)]
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
        auto = _auto(order, kind)
        fields = self._fields(order, own, kind)
        delegates = _delegates(order)
        for item in fields.values():
            if item.type == "many2one" and item.comodel and item.name in delegates:
                inherits.setdefault(item.comodel, item.name)
        first = own.declared[0] if own.declared else None
        origin = first.origin(first.decl.line) if first else self.missing.get(name, Origin(path=""))
        methods: dict[str, Origin] = {}
        for declared in reversed(order):
            for method, line in declared.decl.methods.items():
                if (name, method, declared.module) not in _KNOWN_NAMES:
                    methods[method] = declared.origin(line)
        query = bool(attributes.get("_table_query")) or methods.pop("_table_query", None) is not None
        return Model(
            origin=origin,
            name=name,
            description=text_of(attributes.get("_description")) or name,
            kind=Kind(kind),
            auto=auto,
            table=text_of(attributes.get("_table")) or name.replace(".", "_"),
            table_query=query,
            inherit=_unique(parent for declared in own.declared for parent in declared.parents),
            inherits=inherits,
            fields=fields,
            modules=_unique(declared.module for declared in own.declared),
            rec_name=text_of(attributes.get("_rec_name")) or None,
            names_search=_names(attributes.get("_rec_names_search")),
            parent_name=text_of(attributes.get("_parent_name")) or "parent_id",
            parent_store=bool(attributes.get("_parent_store", False)),
            active_name=text_of(attributes.get("_active_name")) or None,
            order=text_of(attributes.get("_order")) or "id",
            check_company_auto=bool(attributes.get("_check_company_auto", False)),
            log_access=bool(attributes.get("_log_access", auto)),
            overrides=methods,
            guards={
                method: declared.origin(line)
                for declared in own.declared
                for method, line in declared.decl.guards.items()
            },
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
                declared.automatic = automatic(declared)
            for added in declared.automatic:
                found.setdefault(added.name, []).append((declared, added))
            for item in declared.decl.fields:
                found.setdefault(item.name, []).append((declared, item))
        merged = {name: merge_field(name, declarations) for name, declarations in found.items()}
        depends = _depends(order)
        for field_ in merged.values():
            if field_.compute in depends:
                field_.depends = depends[field_.compute]
        return merged

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
                        selection=item.selection,
                    )
        done.add(name)


def _depends(order: list[Declared]) -> dict[str, tuple[str, ...]]:
    """The dependencies of each method: those that any class names, as `Field.get_depends` collects them."""
    found: dict[str, dict[str, None]] = {}
    for declared in reversed(order):
        for method, paths in declared.decl.depends.items():
            found.setdefault(method, {}).update(dict.fromkeys(paths))
    return {method: tuple(paths) for method, paths in found.items()}


def _name_roles(model: Model) -> None:
    """Which fields name a record and archive it, when the model does not say: known once all fields are there."""
    if not model.rec_name and "name" in model.fields:
        model.rec_name = "name"
    if not model.active_name:
        model.active_name = next((name for name in ("active", "x_active") if name in model.fields), None)


# Taken from the model's own classes, never from those it inherits from (`_build_model_attributes`).
_OWN = {"_description", "_table"}
# The names that record rules may use by these overrides are Odoo's own, which `domain/semantics` holds.
_KNOWN_NAMES = frozenset({("ir.rule", "_eval_context", "base"), ("ir.rule", "_eval_context", "website")})


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


def _delegates(order: list[Declared]) -> set[str]:
    """The fields that any class gives `delegate=True`."""
    return {item.name for declared in order for item in declared.decl.fields if item.args.get("delegate")}


def _names(value: Any) -> tuple[str, ...] | None:
    """`_rec_names_search`: None where no class sets it, empty where it is set to something that can't be read."""
    if not value:
        return None
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        return ()
    return tuple(value)


def _auto(order: list[Declared], kind: str) -> bool:
    """`_auto`. Odoo's own `Model`, which says True, comes before the mixins behind the last class of the model."""
    last = max((place for place, declared in enumerate(order) if declared.kind != "abstract"), default=-1)
    found = (
        declared.decl.attributes["_auto"]
        for declared in order[: last + 1]
        if "_auto" in declared.decl.attributes
    )
    return bool(next(found, kind != "abstract"))


def _unique(items: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(items))
