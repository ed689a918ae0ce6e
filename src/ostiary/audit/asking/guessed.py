"""What a rule compares of the user that was not read, so that a proof about it rests on a guess (see `as_read`)."""

from __future__ import annotations

from ostiary.domain import Symbol, Term, nodes, symbols
from ostiary.policy.definitions import RecordRule
from ostiary.policy.fields import AUTOMATIC
from ostiary.policy.paths import field_of, known_in_full
from ostiary.policy.policy import Policy

_USER = "res.users"
_ENDS = frozenset({*AUTOMATIC, "ids", "env"})


def guessed_of_user(policy: Policy, rule: RecordRule) -> tuple[tuple[str, str], ...]:
    """The fields, as model and name, that a rule reads of the user and that no module that was read defines.

    A field that its model certainly lacks is not among them: that is a fault of the rule, not a guess.
    """
    found = [
        missing
        for node in nodes(rule.domain)
        if isinstance(node, Term)
        for symbol in symbols(node.value)
        if (missing := _missing(policy, symbol)) is not None
    ]
    return tuple(dict.fromkeys(found))


def _missing(policy: Policy, symbol: Symbol) -> tuple[str, str] | None:
    if symbol.root != "user":
        return None
    here: str | None = _USER
    for name in symbol.path:
        if here is None or name in _ENDS or name.startswith("_"):
            return None
        field = field_of(policy, here, name)
        if field is None:
            return None if known_in_full(policy, here) else (here, name)
        here = field.comodel
    return None


def to_be_named(policy: Policy, module: str) -> tuple[str, ...]:
    """The modules that were not read and that a module, or what it depends on, depends on."""
    needs = {module}
    waiting = [module]
    while waiting:
        known = policy.modules.get(waiting.pop())
        for need in known.depends if known else ():
            if need not in needs:
                needs.add(need)
                waiting.append(need)
    return tuple(sorted(name for name in needs if name not in policy.modules))
