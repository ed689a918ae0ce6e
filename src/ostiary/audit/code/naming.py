"""Whether the caller names the fields that are written, and not only what goes into them."""

from __future__ import annotations

import re

from ostiary.audit.code.lines import sent
from ostiary.policy.code import Given, Use

_ANY = "*"
_TEXTS = frozenset({"parameter", "path", "header", "cookie", "url", "file"})
# How code calls all that was sent, handed on and not looked into for one value.
_WHOLE = re.compile(
    r"(?:\*\*|\b(?:params|post|kw|kwargs|form|get_json_data\(\)|jsonrequest|data|payload|body|vals|values|qcontext)\b)"
    r"(?!\s*(?:\.(?:get|pop)\b|\[))"
)


def names_fields(use: Use) -> bool:
    """Whether fields are written whose names are sent."""
    return _ANY in use.fields and any(_names(use, one) for one in sent(use.written))


def handed_on(use: Use) -> bool:
    """Whether a mapping that was sent is handed on whole by the calls on the way to a use, where that can be seen."""
    return any(_WHOLE.search(step.text) for step in use.steps)


def _names(use: Use, one: Given) -> bool:
    """Whether something that was sent may name fields: all that was posted, a mapping that is passed on as it is, or a
    text that stands where a field's name does. A parameter of a form is a text, and no mapping."""
    if not one.name:
        return True
    name = re.escape(one.name)
    texts = (use.text, *(step.text for step in use.steps[-2:]))
    if any(re.search(rf"[{{\[]\s*{name}\s*[:\]]|setattr\(\w+, {name},", text) for text in texts):
        return True
    passed = re.compile(rf"(?:[(,]\s*|\*\*|=\s?){name}\s*[,)]")
    return one.source not in _TEXTS and any(passed.search(text) for text in texts)
