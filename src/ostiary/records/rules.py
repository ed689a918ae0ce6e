"""The record rules that bind a session, evaluated and combined: `ir.rule._compute_domain`.

What is the same for several users is worked out once: the selection of rules once for each set of groups that
matters, a rule's domain once for each set of values of the names it uses, a combination once for each set of
domains it is made of.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from ostiary.domain import (
    FALSE,
    TRUE,
    Domain,
    Subdomain,
    Symbol,
    Term,
    conjunction,
    disjunction,
)
from ostiary.policy import (
    Mode,
    Policy,
    Subject,
    User,
)
from ostiary.records.errors import RecordsError, Refused
from ostiary.records.evaluate import Evaluation
from ostiary.records.selection import Rule, Selection, Selections
from ostiary.records.session import Session
from ostiary.records.symbols import Records, Symbols

if TYPE_CHECKING:
    from ostiary.records.memory.source import Source


class _Context:
    """What was worked out for one session."""

    __slots__ = ("evaluation", "grounds", "symbols", "trusted")

    def __init__(self, source: Source, session: Session, trusted: bool) -> None:
        self.symbols = Symbols(source, session)
        self.evaluation = Evaluation(self.symbols)
        self.trusted = trusted
        self.grounds: dict[Selection, Domain] = {}


class GroundRules:
    """Selects, evaluates and combines rules. It reads what it needs through `source`, once."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.policy: Policy = source.schema.policy
        self._selections = Selections.of(self.policy)
        self._contexts: dict[tuple[object, ...], _Context] = {}
        self._evaluated: dict[tuple[object, ...], Domain] = {}
        self._combined: dict[tuple[object, ...], Domain] = {}
        self._kept: dict[Domain, Domain] = {}

    def selection(self, subject: Subject, model: str, mode: Mode) -> Selection | None:
        """The rules that bind the subject; None where no access right gives the mode. Raises Undecided."""
        return self._selections.selection(subject, model, mode)

    def bound(self, subject: Subject, model: str, mode: Mode) -> Selection:
        """The rules that bind the subject, whatever the access rights say. Raises Undecided as `selection` does."""
        return self._selections.bound(subject, model, mode)

    def ground(self, session: Session, selection: Selection) -> Domain:
        """The rules' domains, evaluated for the session and combined as Odoo does; TRUE where there are none.

        Raises Refused (`company`) where there is a rule and the session's companies aren't the user's.
        """
        if not (selection.global_ or selection.group or selection.parents):
            return TRUE
        key = (session.uid, session.company, session.companies, session.subject.groups)
        context = self._contexts.get(key)
        if context is None:
            context = self._contexts[key] = _Context(self.source, session, self.trusted(session))
        found = context.grounds.get(selection)
        if found is None:
            if selection.bound and not context.trusted:
                raise Refused("company", selection.model, "Access to unauthorized or invalid companies.")
            found = context.grounds[selection] = self._combine(context, selection)
        return found

    def companies_of(self, user: User) -> tuple[int, ...]:
        """The ids of the user's companies that aren't archived, in the order of `res.company`."""
        own = set(user.companies)
        return tuple(
            one.id for one in self.policy.companies if one.xmlid in own and one.active and one.id is not None
        )

    def trusted(self, session: Session) -> bool:
        """Whether the session's companies are the user's."""
        user = session.subject.user
        if user is None or session.superuser:
            return True
        return set(session.companies) <= set(self.companies_of(user))

    # -- evaluating ----------------------------------------------------------------------------------------

    def _evaluate(self, context: _Context, rule: Rule) -> Domain:
        if not rule.symbols and not rule.groups and not rule.whole:
            key: tuple[object, ...] = (id(rule),)
        elif rule.whole or rule.groups:
            key = (id(rule), id(context))
        else:
            key = (id(rule), tuple(_frozen(self._value(context, rule, one)) for one in rule.symbols))
        found = self._evaluated.get(key)
        if found is None:
            found = self._evaluated[key] = self._keep(context.evaluation.domain(rule.domain))
        return found

    def _value(self, context: _Context, rule: Rule, symbol: Symbol) -> object:
        """The value of a name; where it has none, the whole rule is evaluated, which may not need it."""
        try:
            return context.symbols.value(symbol)
        except RecordsError:
            context.evaluation.domain(rule.domain)
            return (id(context), symbol)

    def _combine(self, context: _Context, selection: Selection) -> Domain:
        every: list[Domain] = []
        for link, parent in selection.parents:
            every.append(Term(link, "any", Subdomain(self._combine(context, parent))))
        every += [self._evaluate(context, rule) for rule in selection.global_]
        group = [self._evaluate(context, rule) for rule in selection.group]
        key = (
            len(every),
            *(id(each) for each in (*every[len(selection.parents) :], *group)),
            *every[: len(selection.parents)],
        )
        found = self._combined.get(key)
        if found is None:
            parts = [*every, _any(group)] if group else every
            found = self._combined[key] = self._keep(_all(parts))
        return found

    def _keep(self, domain: Domain) -> Domain:
        """One object for equal domains, so that what is kept under it can be found by identity."""
        return self._kept.setdefault(domain, domain)


def _frozen(value: object) -> object:
    """The value as part of a key; True and 1 are told apart."""
    if isinstance(value, list):
        return ("list", *(_frozen(item) for item in value))
    if isinstance(value, Records):
        return value
    return (type(value), value)


def _all(domains: Iterable[Domain]) -> Domain:
    """`expression.AND`: what is TRUE falls away, and one that is FALSE is the whole."""
    kept: list[Domain] = []
    for domain in domains:
        if domain == FALSE:
            return FALSE
        if domain != TRUE:
            kept.append(domain)
    return conjunction(kept)


def _any(domains: Iterable[Domain]) -> Domain:
    """`expression.OR`: what is FALSE falls away, and one that is TRUE is the whole."""
    kept: list[Domain] = []
    for domain in domains:
        if domain == TRUE:
            return TRUE
        if domain != FALSE:
            kept.append(domain)
    return disjunction(kept)
