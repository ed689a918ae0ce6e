"""A model's fields from their declarations, merged as `Field._get_attrs` and `setup_related` do."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

from ostiary.policy import Field, Model, Origin
from ostiary.sources.addons.declared import Declared
from ostiary.sources.addons.ops import FieldDecl

_TYPE_NAMES = {"image": "binary", "id": "integer"}
# A field class that another one derives from: an override of the derived type keeps what the base said.
_SUPERTYPES = {"image": {"binary"}, "reference": {"selection"}, "many2one_reference": {"integer"}}
_CLEANING = frozenset({
    "sanitize", "sanitize_tags", "sanitize_overridable", "sanitize_output_method", "strip_style", "strip_classes",
})  # fmt: skip
RELATIONAL = {"many2one", "one2many", "many2many"}


def merge_field(name: str, declarations: list[tuple[Declared, FieldDecl]]) -> Field:
    """A field from its declarations, base first (`Field._get_attrs`): the last type drops incompatible ones."""
    last = declarations[-1][1].type
    kept = _SUPERTYPES.get(last, set()) | {last}
    args: dict[str, Any] = {}
    selection: tuple[str, ...] = ()
    first: tuple[Declared, FieldDecl] | None = None
    for declared, item in declarations:
        if item.type not in kept:
            args.clear()
            selection = ()
            first = None
            continue
        args.update(item.args)
        selection = _selection(selection, item.args)
        first = first or (declared, item)
    owner, origin = first or declarations[-1]
    found = _field(name, last, args, owner.origin(origin.line), declarations[-1][0].module)
    if found.type == "selection":
        found.selection = selection
    return found


def _selection(values: tuple[str, ...], args: dict[str, Any]) -> tuple[str, ...]:
    """The values of a selection after one more declaration (`Selection._setup_attrs__`); empty where not known."""
    if "selection" in args:
        values = _texts(args["selection"])
    if "selection_add" not in args or not values:
        return values
    added = _texts(args["selection_add"])
    return _merged(values, added) if added else ()


def _texts(value: Any) -> tuple[str, ...]:
    listed = isinstance(value, list) and all(isinstance(item, str) for item in value)
    return tuple(dict.fromkeys(value)) if listed else ()


def _merged(values: tuple[str, ...], added: tuple[str, ...]) -> tuple[str, ...]:
    """Both sequences in one: added values come after the known one they were written behind (`merge_sequences`)."""
    before: dict[str, list[str]] = {value: [] for value in (*values, *added)}
    for sequence in (values, added):
        for left, right in pairwise(sequence):
            before[right].append(left)
    found: dict[str, None] = {}
    for start in before:
        # Each after all that have to come before it, as long as these don't contradict each other.
        pending, opened = [(start, False)], set[str]()
        while pending:
            value, ready = pending.pop()
            if ready:
                found[value] = None
            elif value not in found and value not in opened:
                opened.add(value)
                pending.append((value, True))
                pending += [(item, False) for item in reversed(before[value]) if item not in found]
    return tuple(found)


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
    found = Field(
        origin=origin,
        name=name,
        type=type_,
        related=related if isinstance(related, str) and related else None,
        compute=compute if isinstance(compute, str) else None,
        store=store,
        readonly=bool(readonly),
        module=module,
    )
    for key, value in args.items():
        if (take := _TAKEN.get(key)) is not None:
            setattr(found, key, take(value))
    if "bypass_search_access" in args and "auto_join" not in args:
        found.auto_join = bool(args["bypass_search_access"])
    if not _CLEANING.isdisjoint(args):
        found.sanitize_usual = _cleans_as_usual(args)
    if "context" in args:
        found.active_test = _active_test(args["context"])
    if type_ in RELATIONAL:
        _relate(found, args)
    return found


def _relate(found: Field, args: dict[str, Any]) -> None:
    found.comodel = text_of(args.get("comodel_name")) or None
    if found.type == "many2one":
        found.ondelete = _ondelete(args)
    elif found.type == "one2many":
        found.inverse = text_of(args.get("inverse_name")) or None
    else:
        found.relation_table = text_of(args.get("relation")) or None
        found.relation_columns = _columns(args)


def _domain(value: Any) -> str | None:
    return value if isinstance(value, str) else (repr(value) if value else None)


def _ondelete(args: dict[str, Any]) -> str | None:
    said = text_of(args.get("ondelete")).lower()
    return said if said in ("set null", "restrict", "cascade") else None


def _cleans_as_usual(args: dict[str, Any]) -> bool:
    """Whether nothing but the usual cleaning of an HTML field is asked for, as far as its result can tell."""
    more = any(args.get(name) for name in ("sanitize_overridable", "strip_style", "strip_classes"))
    asked = (
        args.get("sanitize", True),
        args.get("sanitize_tags", True),
        args.get("sanitize_output_method", "html"),
    )
    return not more and asked in ((True, True, "html"), (False, True, "html"))


def _columns(args: dict[str, Any]) -> tuple[str, str] | None:
    own, other = text_of(args.get("column1")), text_of(args.get("column2"))
    return (own, other) if own and other else None


def _active_test(context: Any) -> bool | None:
    """What a field's context says about archived records: None where it says nothing, or what can't be read."""
    if isinstance(context, dict) and "active_test" in context:
        return bool(context["active_test"])
    return None


def complete_related(
    item: Field, model: Model, models: dict[str, Model], completed: set[int], depth: int = 0
) -> None:
    """A related field takes the groups, comodel and values of its target where it has none itself (`setup_related`)."""
    if not item.related or id(item) in completed or depth > 50:
        return
    completed.add(id(item))
    owner: Model | None = model
    target: Field | None = None
    for step in item.related.split("."):
        target = owner.fields.get(step) if owner else None
        if target is None or owner is None:
            return
        complete_related(target, owner, models, completed, depth + 1)
        owner = models.get(target.comodel) if target.comodel else None
    if target is None or target is item:
        return
    if item.groups is None:
        item.groups = target.groups
    if not (target.sanitize and target.sanitize_usual):
        # It is cleaned as its target is, unless it says so itself.
        item.sanitize_usual = False
    if item.type in RELATIONAL:
        item.comodel = item.comodel or target.comodel
    if item.type == target.type:
        item.selection = item.selection or target.selection


def automatic(declared: Declared) -> list[FieldDecl]:
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


def text_of(value: Any) -> str:
    """A text, or nothing where the value is no text."""
    return value if isinstance(value, str) else ""


# What a field takes from its arguments as it stands, once it is of the right type. Of `groups`, empty stays empty for
# now, where the class says None: a related field then does not take its target's.
_TAKEN: dict[str, Callable[[Any], Any]] = {
    **dict.fromkeys(
        (
            "required",
            "inherited",
            "company_dependent",
            "check_company",
            "compute_sudo",
            "related_sudo",
            "auto_join",
            "translate",
            "sanitize",
        ),
        bool,
    ),
    "string": text_of,
    "groups": text_of,
    "search": lambda value: value if isinstance(value, str) else None,
    "domain": _domain,
    "default": lambda value: text_of(value) or None,
    "copy": lambda value: None if value is None else bool(value),
}
