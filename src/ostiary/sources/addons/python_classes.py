"""Model classes in Python, by `ast`: what Odoo's metaclass would see of a class, without importing anything."""

from __future__ import annotations

import ast
import re
from typing import Any

from ostiary.code.syntax import children, storable
from ostiary.sources.addons.defaults import constant, default_of, values_in, values_of
from ostiary.sources.addons.ops import ClassDecl, FieldDecl

KINDS = {
    "Model": "model",
    "TransientModel": "transient",
    "AbstractModel": "abstract",
    "BaseModel": "abstract",
}

# Methods that decide who may see or do what, when a model overrides them.
ACCESS_METHODS = frozenset({
    "_search", "search_fetch", "_check_access", "check_access", "has_access", "_filtered_access",
    "check_access_rights", "check_access_rule", "_filter_access_rules", "_filter_access_rules_python",
    "_apply_ir_rules", "_compute_domain", "_compute_domain_keys", "_eval_context", "_get_rules", "_get_failing",
    "check_field_access_rights", "_has_field_access", "_field_to_sql", "_fetch_query", "_read_group", "read_group",
    "fields_get", "fetch", "read", "search_read", "_table_query", "_check_field_access",
})  # fmt: skip

# Methods that every decision rests on, of the models they belong to. Only what extends such a model overrides them:
# the class that defines it has Odoo's own.
MACHINERY = {
    "ir.model.access": frozenset({"check", "_get_allowed_models", "_get_access_groups"}),
    "res.users": frozenset({
        "has_group", "has_groups", "_has_group", "_get_group_ids", "_get_company_ids", "_is_internal", "_is_portal",
        "_is_public", "_is_admin", "_is_system", "_is_superuser",
    }),
}  # fmt: skip
# What carries a change out: a model's own may refuse some, beside what rights and rules say.
_CHANGING = frozenset({"write", "create", "unlink"})
_ANY_METHODS = ACCESS_METHODS.union(*MACHINERY.values())

_POSITIONAL = {
    "Many2one": ("comodel_name", "string"),
    "One2many": ("comodel_name", "inverse_name", "string"),
    "Many2many": ("comodel_name", "relation", "column1", "column2", "string"),
    "Selection": ("selection", "string"),
    "Reference": ("selection", "string"),
    "Float": ("string", "digits"),
    "Monetary": ("string", "currency_field"),
}
_KEPT_ARGS = frozenset({
    "comodel_name", "inverse_name", "relation", "string", "groups", "related", "compute", "inverse", "search",
    "store", "required", "readonly", "company_dependent", "check_company", "compute_sudo", "related_sudo",
    "auto_join", "bypass_search_access", "translate", "delegate", "domain", "index", "inherited", "definition",
    "group", "implied_group", "column1", "column2", "context", "default", "ondelete", "copy",
    "selection", "selection_add",
    "sanitize", "sanitize_tags", "sanitize_overridable", "sanitize_output_method", "strip_style", "strip_classes",
})  # fmt: skip
_SELECTIONS = frozenset({"selection", "selection_add"})
_ATTRIBUTES = frozenset({
    "_name", "_inherit", "_inherits", "_description", "_auto", "_table", "_abstract", "_transient", "_log_access",
    "_order", "_rec_name", "_parent_name", "_parent_store", "_active_name", "_check_company_auto", "_table_query",
    "_register", "_rec_names_search",
})  # fmt: skip

_FIELD_TYPE = re.compile(r"(?<=[a-z])(?=[A-Z])")


class Constants:
    """Names bound to a constant: text, a number, a list or a dict, each with its size.

    A constant may be named again and again, so that a short file can stand for an endless value: `budget` is what all
    the uses of names in one module may add up to.
    """

    def __init__(self, outer: Constants | None = None) -> None:
        self.outer = outer
        self.known: dict[str, _Sized] = {}
        self.budget: list[int] = outer.budget if outer else [MAX_BUDGET]

    def find(self, name: str) -> _Sized | None:
        found = self.known.get(name)
        if found is None and self.outer is not None:
            found = self.outer.known.get(name)
        if found is None or found[1] > self.budget[0]:
            return None
        self.budget[0] -= found[1]
        return found


def module_constants(tree: ast.Module, budget: list[int] | None = None) -> Constants:
    """Names bound at module level to a constant. `budget` is shared by the files of a module."""
    found = Constants()
    found.budget = budget if budget is not None else found.budget
    for node in tree.body:
        match node:
            case (
                ast.Assign(targets=[ast.Name(id=name)], value=ast.expr() as value)
                | ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value)
            ):
                folded = _sized(value, found)
                if folded is not None:
                    found.known[name] = folded
    return found


_Sized = tuple[Any, int]
_UNKNOWN: Any = object()
_CODE = "<code>"
MAX_DEPTH = 50
MAX_LENGTH = 20_000
MAX_BUDGET = 20_000_000
_MAX_DEPENDS = 200


def _fold(node: ast.expr, names: Constants) -> Any:
    """A constant expression's value, or `_UNKNOWN`. Only text, numbers, lists and dicts of those."""
    folded = _sized(node, names)
    return _UNKNOWN if folded is None else folded[0]


def _sized(node: ast.expr, names: Constants, depth: int = 0) -> _Sized | None:
    """A constant expression's value with its size, None where it is no constant, or too large a one."""
    if depth > MAX_DEPTH:
        return None
    match node:
        case ast.Constant(value=None | bool() | int() | float() | str() as value):
            size = len(value) if isinstance(value, str) else 1
            return (value, size) if size <= MAX_LENGTH and storable(value) else None
        case ast.Name(id=name):
            return names.find(name)
        case ast.List(elts=items) | ast.Tuple(elts=items):
            return _sized_items([_sized(item, names, depth + 1) for item in items])
        case ast.Dict(keys=keys, values=values):
            return _sized_dict(keys, values, names, depth)
        case ast.BinOp(op=ast.Add(), left=left, right=right):
            return _join(_sized(left, names, depth + 1), _sized(right, names, depth + 1))
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            negated = _sized(operand, names, depth + 1)
            return negated and (not negated[0], 1)
        case ast.Call(func=ast.Name(id="_" | "_lt"), args=[ast.Constant(value=str() as text), *_]):
            return (text, len(text)) if len(text) <= MAX_LENGTH and storable(text) else None
    return None


def _sized_items(items: list[_Sized | None]) -> _Sized | None:
    known = [item for item in items if item is not None]
    size = len(known) + sum(item[1] for item in known)
    return ([item[0] for item in known], size) if len(known) == len(items) and size <= MAX_LENGTH else None


def _sized_dict(
    keys: list[ast.expr | None], values: list[ast.expr], names: Constants, depth: int
) -> _Sized | None:
    if not all(keys):
        return None
    found = _sized_items([_sized(key, names, depth + 1) for key in keys if key])
    content = _sized_items([_sized(value, names, depth + 1) for value in values])
    if found is None or content is None or not all(isinstance(key, str) for key in found[0]):
        return None
    size = found[1] + content[1]
    return (dict(zip(found[0], content[0], strict=True)), size) if size <= MAX_LENGTH else None


def _join(first: _Sized | None, second: _Sized | None) -> _Sized | None:
    """The sum of two texts or two lists."""
    if first is None or second is None or first[1] + second[1] > MAX_LENGTH:
        return None
    fits = any(isinstance(first[0], kind) and isinstance(second[0], kind) for kind in (list, str))
    return (first[0] + second[0], first[1] + second[1]) if fits else None


def declare(node: ast.ClassDef, path: str, constants: Constants) -> ClassDecl | None:
    """The declaration a class makes, or None where it is no model class."""
    kind, bases = _bases(node)
    if not kind and not bases:
        return None
    found = ClassDecl(node.name, kind, "", [], {}, [], {}, path, node.lineno, bases)
    _read_body(node, found, Constants(constants))
    attributes = found.attributes
    if attributes.get("_register") is False or not (
        kind or attributes.keys() & {"_name", "_inherit", "_unreadable"}
    ):
        return None
    inherit = attributes.pop("_inherit", [])
    if isinstance(inherit, str):
        # Odoo 19 names a class without `_name` after a textual `_inherit`, but not after a list of one.
        attributes["_inherit_text"] = True
        inherit = [inherit]
    found.inherit = [item for item in inherit if isinstance(item, str)] if isinstance(inherit, list) else []
    name = attributes.pop("_name", None)
    found.name = name if isinstance(name, str) else ""
    decisive = ACCESS_METHODS.union(*[MACHINERY.get(model, ()) for model in _extended(found)])
    found.methods = {method: line for method, line in found.methods.items() if method in decisive}
    if attributes.get("_abstract") is True:
        found.kind = "abstract"
    return found


def _extended(found: ClassDecl) -> list[str]:
    """The models that the class may be an extension of."""
    return [model for model in found.inherit if found.name in ("", model)]


def _read_body(node: ast.ClassDef, found: ClassDecl, names: Constants) -> None:
    """The fields, attributes, access methods and dependencies of a class's body; `names` are its constants so far."""
    for item in node.body:
        match item:
            case ast.Assign(targets=targets, value=value):
                for target in targets:
                    if name := _target(target):
                        _assigned(name, value, found, names)
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
                _assigned(name, value, found, names)
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                if name in _ANY_METHODS:
                    found.methods[name] = item.lineno
                elif name in _CHANGING and _refuses(item):
                    found.guards[name] = item.lineno
                if item.decorator_list and (paths := _depends(item.decorator_list, names)):
                    found.depends[name] = paths


def _refuses(method: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Whether a method raises, or calls what checks: it may keep somebody from what rights and rules give them."""
    waiting: list[ast.AST] = [method]
    while waiting:
        node = waiting.pop()
        match node:
            case ast.Raise():
                return True
            case ast.Call(func=ast.Attribute(attr=name) | ast.Name(id=name)) if "check" in name:
                return True
        waiting += children(node)
    return False


def _depends(decorators: list[ast.expr], names: Constants) -> list[str]:
    """The paths of `@api.depends('a', 'b.c')`; what is no constant is left out."""
    found: list[str] = []
    for one in decorators:
        match one:
            case ast.Call(func=ast.Attribute(attr="depends") | ast.Name(id="depends"), args=args):
                found += (
                    path
                    for path in (_fold(arg, names) for arg in args[:_MAX_DEPENDS])
                    if isinstance(path, str)
                )
    return found


def _assigned(name: str, value: ast.expr, found: ClassDecl, names: Constants) -> None:
    if isinstance(value, ast.Call) and name not in _ATTRIBUTES and (field := _field(name, value, names)):
        found.fields.append(field)
        return
    sized = _sized(value, names)
    if sized is not None:
        names.known[name] = sized
    else:
        names.known.pop(name, None)
    folded = _UNKNOWN if sized is None else sized[0]
    if name in _ATTRIBUTES:
        if folded is not _UNKNOWN:
            found.attributes[name] = folded
        elif name in ("_name", "_inherit", "_inherits"):
            # What the class is about can't be known: said, so that nothing is concluded from its absence.
            found.attributes["_unreadable"] = True
        else:
            # Set to something: `_table_query = ...`, say.
            found.attributes[name] = True


def _bases(node: ast.ClassDef) -> tuple[str, list[str]]:
    """Which of Odoo's base classes a class has (empty if none), and the names of its other bases."""
    kind, others = "", []
    for base in node.bases:
        match base:
            case ast.Attribute(attr=name) | ast.Name(id=name):
                if name in KINDS:
                    kind = kind or KINDS[name]
                elif name != "object":
                    others.append(name)
    return kind, others


def _target(node: ast.expr) -> str | None:
    """The name an assignment binds; `vars()['global'] = ...` is how a keyword becomes a field's name."""
    match node:
        case ast.Name(id=name):
            return name
        case ast.Subscript(
            value=ast.Call(func=ast.Name(id="vars" | "locals")), slice=ast.Constant(value=str() as name)
        ):
            return name
    return None


def _field(name: str, call: ast.Call, names: Constants) -> FieldDecl | None:
    match call.func:
        case ast.Attribute(value=ast.Name(id="fields") | ast.Attribute(attr="fields"), attr=kind):
            pass
        case ast.Name(id=kind) if kind in _FIELD_CLASSES:
            pass
        case _:
            return None
    if not kind[:1].isupper():
        return None
    args: dict[str, Any] = {}
    for key, value in zip(_POSITIONAL.get(kind, ("string",)), call.args, strict=False):
        _argument(args, key, value, names)
    for keyword in call.keywords:
        if keyword.arg is None:
            unpacked = _fold(keyword.value, names)
            if isinstance(unpacked, dict):
                args.update({key: _kept(key, value) for key, value in unpacked.items() if key in _KEPT_ARGS})
        else:
            _argument(args, keyword.arg, keyword.value, names)
    if kind in ("One2many", "Many2many") and isinstance(args.get("domain"), str) and args["domain"] != _CODE:
        # A text is for the web client: for the server the field then has no domain.
        args["domain"] = None
    if args.get("context") == _CODE:
        # What it says of archived records can't be known: neither can which records the field holds.
        args["domain"] = _CODE
    return FieldDecl(name, _FIELD_TYPE.sub("_", kind).lower(), args, call.lineno)


def _argument(args: dict[str, Any], key: str, value: ast.expr, names: Constants) -> None:
    if key not in _KEPT_ARGS:
        return
    if key == "default":
        args[key] = default_of(value, lambda node: _fold(node, names), _UNKNOWN)
        return
    if key in _SELECTIONS:
        args[key] = values_of(value, lambda node: _fold(node, names))
        return
    folded = _context(value, names) if key == "context" else _fold(value, names)
    if folded is not _UNKNOWN:
        args[key] = folded
    elif key in ("compute", "search", "inverse"):
        # A method given by reference or inline; that there is one is what matters.
        args[key] = value.id if isinstance(value, ast.Name) else "<lambda>"
    elif key == "domain":
        args[key] = _CODE
    elif (
        key == "groups"
        and isinstance(value, ast.Name | ast.Attribute)
        and ast.unparse(value).endswith("NO_ACCESS")
    ):
        args[key] = "."
    elif key in (
        "groups",
        "comodel_name",
        "related",
        "inverse_name",
        "group",
        "implied_group",
        "context",
    ) or (key.startswith("sanitize")):
        # An attribute of the class or a call: unknown, which is not the same as absent.
        args[key] = _CODE
    elif key not in ("string", "index", "relation", "column1", "column2", "ondelete", "copy"):
        args[key] = True


def _kept(key: str, value: Any) -> Any:
    """A constant that was unpacked into the arguments, as `_argument` keeps it."""
    if key == "default":
        return constant(value)
    return values_in(value) if key in _SELECTIONS else value


def _context(value: ast.expr, names: Constants) -> Any:
    """Of a field's context only what it says about archived records; `_UNKNOWN` where that can't be read."""
    if not isinstance(value, ast.Dict):
        return _fold(value, names)
    keys = [_fold(key, names) if key else _UNKNOWN for key in value.keys]
    if _UNKNOWN in keys:
        return _UNKNOWN
    found = {
        key: _fold(item, names) for key, item in zip(keys, value.values, strict=True) if key == "active_test"
    }
    return _UNKNOWN if _UNKNOWN in found.values() else found


_FIELD_CLASSES = frozenset({
    "Boolean", "Integer", "Float", "Monetary", "Char", "Text", "Html", "Date", "Datetime", "Binary", "Image",
    "Selection", "Reference", "Many2one", "Many2oneReference", "One2many", "Many2many", "Json", "Properties",
    "PropertiesDefinition", "Id", "Serialized",
})  # fmt: skip
