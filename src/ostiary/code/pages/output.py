"""When a page puts something out as it is: `ir.qweb › _compile_directive_out`, and the converters of fields.

Whatever is no `Markup` is escaped. The value of an HTML field is one, and was cleaned when it was written unless the
field says `sanitize=False`.
"""

from __future__ import annotations

import ast
import re

from ostiary.code.pages.expressions import parsed
from ostiary.code.pages.live import Live
from ostiary.code.pages.values import Sort, Value
from ostiary.policy.fields import find_field
from ostiary.policy.policy import Policy

HANDLERS = re.compile(r"t-attf?-(?:on\w+|srcdoc)")
_TEXTS = frozenset({"char", "text", "html", "reference", "json", "properties"})


def widget_of(node: Live) -> str:
    """The widget that an element names for its value; empty where it names none."""
    said = node.get("t-options-widget")
    if said is not None:
        tree = parsed(said)
        return tree.value if isinstance(tree, ast.Constant) and isinstance(tree.value, str) else "?"
    tree = parsed(node.get("t-options") or node.get("t-field-options") or node.get("t-esc-options") or "None")
    if not isinstance(tree, ast.Dict):
        return ""
    for key, value in zip(tree.keys, tree.values, strict=True):
        if isinstance(key, ast.Constant) and key.value == "widget":
            return value.value if isinstance(value, ast.Constant) and isinstance(value.value, str) else "?"
    return ""


def raw_of(policy: Policy, value: Value, directive: str, widget: str) -> str:
    """What makes a value come out without escaping; empty where it does not, or where nothing in it could do harm."""
    if value.escaped or value.sort not in (Sort.FIELD, Sort.GIVEN, Sort.OTHER):
        return ""
    field = find_field(policy, value.owner, value.field) if value.sort is Sort.FIELD else None
    if field is not None and (field.type not in _TEXTS or (field.type == "html" and field.sanitize)):
        return ""
    if widget and widget != "html":
        return ""
    if directive == "t-raw":
        how = "t-raw"
    elif value.raw:
        how = value.raw
    elif widget == "html":
        how = "widget html"
    elif field is not None and field.type == "html" and not value.by:
        how = directive
    else:
        return ""
    return f"{how}, through {value.by}()" if value.by else how
