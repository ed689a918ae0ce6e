"""Model classes in Python, by `ast`: what Odoo's metaclass would see of a class, without importing anything."""

from __future__ import annotations

import ast
import re
from typing import Any

from ostiary.sources.addons.ops import ClassDecl, FieldDecl

Constants = dict[str, Any]
"""Names bound to a constant text, number, list or dict."""

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
    "group", "implied_group",
})  # fmt: skip
_ATTRIBUTES = frozenset({
    "_name", "_inherit", "_inherits", "_description", "_auto", "_table", "_abstract", "_transient", "_log_access",
    "_order", "_rec_name", "_parent_name", "_parent_store", "_active_name", "_check_company_auto", "_table_query",
    "_register",
})  # fmt: skip

_FIELD_TYPE = re.compile(r"(?<=[a-z])(?=[A-Z])")


def module_constants(tree: ast.Module) -> Constants:
    """Names bound once at module level to a constant text, number or list of texts."""
    found: Constants = {}
    for node in tree.body:
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                folded = _fold(value, found)
                if folded is not _UNKNOWN:
                    found[name] = folded
    return found


_UNKNOWN: Any = object()
MAX_DEPTH = 50
MAX_LENGTH = 100_000


def _fold(node: ast.expr, names: Constants, depth: int = 0) -> Any:
    """A constant expression's value, or `_UNKNOWN`. Only text, numbers, lists and dicts of those."""
    if depth > MAX_DEPTH:
        return _UNKNOWN
    match node:
        case ast.Constant(value=None | bool() | int() | float() | str() as value):
            return value
        case ast.Name(id=name):
            return names.get(name, _UNKNOWN)
        case ast.List(elts=items) | ast.Tuple(elts=items):
            folded = [_fold(item, names, depth + 1) for item in items]
            return _UNKNOWN if any(item is _UNKNOWN for item in folded) else folded
        case ast.Dict(keys=keys, values=values):
            return _fold_dict(keys, values, names, depth)
        case ast.BinOp(op=ast.Add(), left=left, right=right):
            return _join(_fold(left, names, depth + 1), _fold(right, names, depth + 1))
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            negated = _fold(operand, names, depth + 1)
            return _UNKNOWN if negated is _UNKNOWN else not negated
        case ast.Call(func=ast.Name(id="_" | "_lt"), args=[ast.Constant(value=str() as text), *_]):
            return text
    return _UNKNOWN


def _fold_dict(keys: list[ast.expr | None], values: list[ast.expr], names: Constants, depth: int) -> Any:
    result: dict[str, Any] = {}
    for key, item in zip(keys, values, strict=True):
        name = _fold(key, names, depth + 1) if key else _UNKNOWN
        content = _fold(item, names, depth + 1)
        if not isinstance(name, str) or content is _UNKNOWN:
            return _UNKNOWN
        result[name] = content
    return result


def _join(first: Any, second: Any) -> Any:
    """The sum of two texts or two lists; bounded, since a constant may be added to itself again and again."""
    if isinstance(first, list) and isinstance(second, list) and len(first) + len(second) < MAX_LENGTH:
        return first + second
    if isinstance(first, str) and isinstance(second, str) and len(first) + len(second) < MAX_LENGTH:
        return first + second
    return _UNKNOWN


def declare(node: ast.ClassDef, path: str, constants: Constants) -> ClassDecl | None:
    """The declaration a class makes, or None where it is no model class."""
    kind, bases = _bases(node)
    if not kind and not bases:
        return None
    found = ClassDecl(node.name, kind, "", [], {}, [], {}, path, node.lineno, bases)
    _read_body(node, found, dict(constants))
    attributes = found.attributes
    if attributes.get("_register") is False or not (kind or attributes.keys() & {"_name", "_inherit"}):
        return None
    inherit = attributes.pop("_inherit", [])
    if isinstance(inherit, str):
        # Odoo 19 names a class without `_name` after a textual `_inherit`, but not after a list of one.
        attributes["_inherit_text"] = True
        inherit = [inherit]
    found.inherit = [item for item in inherit if isinstance(item, str)] if isinstance(inherit, list) else []
    name = attributes.pop("_name", None)
    found.name = name if isinstance(name, str) else ""
    if attributes.get("_abstract") is True:
        found.kind = "abstract"
    return found


def _read_body(node: ast.ClassDef, found: ClassDecl, names: Constants) -> None:
    """The fields, attributes and access methods of a class's body; `names` are the constants known so far."""
    for item in node.body:
        match item:
            case ast.Assign(targets=targets, value=value):
                for target in targets:
                    if name := _target(target):
                        _assigned(name, value, found, names)
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
                _assigned(name, value, found, names)
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) if name in ACCESS_METHODS:
                found.methods[name] = item.lineno


def _assigned(name: str, value: ast.expr, found: ClassDecl, names: Constants) -> None:
    if isinstance(value, ast.Call) and name not in _ATTRIBUTES and (field := _field(name, value, names)):
        found.fields.append(field)
        return
    folded = _fold(value, names)
    if folded is not _UNKNOWN:
        names[name] = folded
    if name in _ATTRIBUTES:
        if folded is not _UNKNOWN:
            found.attributes[name] = folded
        elif name not in ("_name", "_inherit", "_inherits"):
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
                args.update({key: value for key, value in unpacked.items() if key in _KEPT_ARGS})
        else:
            _argument(args, keyword.arg, keyword.value, names)
    return FieldDecl(name, _FIELD_TYPE.sub("_", kind).lower(), args, call.lineno)


def _argument(args: dict[str, Any], key: str, value: ast.expr, names: Constants) -> None:
    if key not in _KEPT_ARGS:
        return
    folded = _fold(value, names)
    if folded is not _UNKNOWN:
        args[key] = folded
    elif key in ("compute", "search", "inverse"):
        # A method given by reference or inline; that there is one is what matters.
        args[key] = value.id if isinstance(value, ast.Name) else "<lambda>"
    elif key == "domain":
        args[key] = "<code>"
    elif (
        key == "groups"
        and isinstance(value, ast.Name | ast.Attribute)
        and ast.unparse(value).endswith("NO_ACCESS")
    ):
        args[key] = "."
    elif key in ("groups", "comodel_name", "related", "inverse_name", "group", "implied_group"):
        # An attribute of the class or a call: unknown, which is not the same as absent.
        args[key] = "<code>"
    elif key not in ("string", "index", "relation"):
        args[key] = True


_FIELD_CLASSES = frozenset({
    "Boolean", "Integer", "Float", "Monetary", "Char", "Text", "Html", "Date", "Datetime", "Binary", "Image",
    "Selection", "Reference", "Many2one", "Many2oneReference", "One2many", "Many2many", "Json", "Properties",
    "PropertiesDefinition", "Id", "Serialized",
})  # fmt: skip
