"""What keeps a record rule from working as written: Odoo fails on it, or Python decides what a term selects."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ostiary.domain import Call, Domain, Subdomain, Term, nodes, problems, symbol_uses, terms
from ostiary.policy.definitions import Field, RecordRule
from ostiary.policy.memo import remembered
from ostiary.policy.paths import Missing, Step, origin_of_inherited, walk
from ostiary.policy.policy import Policy

RULES = "ir.rule"
USERS = "res.users"
# Searched by Python, but what they select is documented and the same everywhere; so are all fields of `mail`.
_WELL_KNOWN = frozenset(
    {
        "activity_date_deadline",
        "activity_exception_decoration",
        "activity_state",
        "activity_user_id",
        "all_group_ids",
        "display_name",
        "has_message",
        "message_follower_ids",
        "message_has_error",
        "message_has_sms_error",
        "message_is_follower",
        "message_needaction",
        "message_partner_ids",
        "my_activity_date_deadline",
    }
)
_PURE_ROOTS = frozenset({"time", "datetime", "dateutil", "relativedelta"})
_PURE_METHODS = frozenset({"lower", "upper", "strip", "split", "replace", "strftime"})


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing about a rule, in words that follow its name.

    `fails`: Odoo raises an error for everybody the rule binds; `on_reading` where it does so as soon as it
    evaluates the domain, whatever other rules say. Otherwise Python decides what the term selects.
    """

    text: str
    fails: bool = True
    on_reading: bool = False


def faults(policy: Policy, rule: RecordRule, domain: Domain) -> tuple[Fault, ...]:
    """What is wrong with a rule for somebody for whom its domain comes to `domain` (group tests decided).

    A field is only judged on models that are known in full, see `paths.known_in_full`.
    """
    own = own_names_only(policy, rule)
    key = ("faults", rule.model, domain, own)
    return remembered(policy, key, lambda: tuple(dict.fromkeys(_faults(policy, rule.model, domain, own))))


def own_names_only(policy: Policy, rule: RecordRule) -> bool:
    """Whether a rule may use no other names than Odoo's own.

    Modules add names in Python, by overriding `ir.rule._eval_context`: one that was read, or one that may have been
    left unread.
    """
    rules = policy.models.get(RULES)
    if rules is not None and (rules.code_unread or names_added(policy)):
        return False
    return not rule.origin.module or all_read(policy, rule.origin.module)


def names_added(policy: Policy) -> bool:
    """Whether a module that was read adds names that record rules may use."""
    rules = policy.models.get(RULES)
    return rules is not None and "_eval_context" in rules.overrides


def all_read(policy: Policy, module: str) -> bool:
    """Whether a module and all it depends on are there, be it as a summary."""
    seen: set[str] = set()
    waiting = [module]
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        if name not in policy.modules:
            return False
        waiting.extend(policy.modules[name].depends)
    return True


def _faults(policy: Policy, model: str, domain: Domain, own: bool) -> Iterator[Fault]:
    for problem in problems(domain, policy.semantics.domain):
        if problem.name and not own:
            yield Fault(
                f"{problem.name} is no name of Odoo's own: Python says what it stands for", fails=False
            )
        elif problem.certain:
            yield Fault(problem.message, on_reading=True)
    called = {node.function for node in nodes(domain) if isinstance(node, Call)}
    for use in symbol_uses(domain):
        names = use.symbol.path[:-1] if use.symbol in called else use.symbol.path
        if use.symbol.root != "user" or not names:
            continue
        path = ".".join(names)
        for step in walk(policy, USERS, path, python=True):
            if isinstance(step, Missing):
                text = f"user.{path} names a field {step.name}, which {step.model} doesn't have"
                yield Fault(text, on_reading=use.always)
    for term, _ in terms(domain):
        yield from _term(policy, model, term)


def unknown_calls(domain: Domain) -> tuple[str, ...]:
    """The methods that a domain calls and whose result only running code could tell, as written."""
    found = (node.function for node in nodes(domain) if isinstance(node, Call))
    return tuple(
        dict.fromkeys(
            ".".join((one.root, *one.path))
            for one in found
            if one.path and one.root not in _PURE_ROOTS and one.path[-1] not in _PURE_METHODS
        )
    )


def _term(policy: Policy, model: str, term: Term) -> Iterator[Fault]:
    last: Step | None = None
    for step in walk(policy, model, term.path):
        if isinstance(step, Missing):
            yield Fault(f"{term.path} names a field {step.name}, which {step.model} doesn't have")
            return
        last = step
        if searched_by_python(policy, step.model, step.field):
            text = f"field {step.field.name} of model {step.model} is searched by Python: what it selects is not known"
            yield Fault(text, fails=False)
    if isinstance(term.value, Subdomain) and last is not None and last.field.comodel:
        for inner, _ in terms(term.value.domain):
            yield from _term(policy, last.field.comodel, inner)


def searched_by_python(policy: Policy, model: str, field: Field) -> bool:
    """Whether a method of the field decides which records a term on it selects."""
    there = origin_of_inherited(policy, model, field)
    if there.inherited or there.store or there.related or not there.search:
        return False
    if there.name in _WELL_KNOWN or there.origin.module == "mail":
        return False
    return (there.origin.module, there.name) != ("website", "website_published")
