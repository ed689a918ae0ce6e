"""What access rights and record rules leave of a model in one mode, as one condition on its rows.

Rights add, and without one nothing is open; global rules all hold; of the rules of groups that the user
holds, one; those of `_inherits` parents as if they were global (`ir.rule._compute_domain`). Which groups that
are is asked when the statement runs.
"""

from __future__ import annotations

from collections.abc import Iterable

import sqlalchemy as sa
from sqlalchemy.sql.elements import False_, True_

from ostiary.domain import TRUE, Domain
from ostiary.enforce.rls import functions
from ostiary.enforce.rls.agreement import in_both, searchable
from ostiary.enforce.rls.asking import Case, cases
from ostiary.enforce.rls.compiler import Renderer
from ostiary.enforce.rls.refusals import Refusal, because
from ostiary.enforce.rls.store import Superuser, Unopened
from ostiary.enforce.rls.symbolic import domain_of, holds, session_of
from ostiary.policy import Mode, Policy, RecordRule, closure, model_unread
from ostiary.policy.rights import rights_on, summary_of, uncertain_rights
from ostiary.policy.rules import parents_of
from ostiary.records.errors import RecordsError, Undecided
from ostiary.records.session import Session
from ostiary.records.sql import many2one, tree, x2many
from ostiary.records.sql.dialects import Condition
from ostiary.records.sql.scope import Scope

_MAX_PARENTS = 8


class Conditions:
    """The conditions of one policy's models, in the words of one script."""

    def __init__(self, store: Unopened, renderer: Renderer) -> None:
        self.store = store
        self.renderer = renderer
        self.policy: Policy = store.schema.policy
        self.access = Superuser(self.policy)
        self.session = session_of(renderer)

    def of(self, model: str, mode: Mode) -> Condition | None:
        """The condition, None where no right gives the mode to anybody. Raises Refusal, by name."""
        with because(model, mode):
            return self._of(model, mode)

    def _of(self, model: str, mode: Mode) -> Condition | None:
        self._certain(model)
        layer = self.access.layers.find(model, None if mode is Mode.READ else mode)
        if layer is not None:
            more = f" ({layer.says.rstrip('.')})" if layer.says else ""
            raise Undecided(
                f"cannot be decided: Odoo's own Python decides on it beside rights and rules{more}"
            )
        rights = rights_on(self.policy, model, mode)
        if not rights:
            return None
        groups = frozenset(right.group for right in rights if right.group is not None)
        everybody = len(groups) < len({right.group for right in rights})
        granted = f"({functions.UID} IS NOT NULL)" if everybody else holds(groups)
        floor = None if everybody else tuple(sorted(groups))
        found = self.store.schema.model(model)
        scope = Scope(self.store, self.access, self._session(mode), found, found.table)
        rules = _Rules(self, model, mode, floor)
        return every([_said(granted), *rules.trusted(), rules.condition(scope, model, (model,))])

    def _session(self, mode: Mode) -> Session:
        """Records are read with archived lines in sight (`fetch`), and checked for the rest without, up to
        18."""
        shown = mode is Mode.READ or self.policy.semantics.domain.rule_lines_ignore_active_test
        return self.session.with_active_test(not shown)

    def _certain(self, model: str) -> None:
        """Raises Undecided where not all rights and rules of the model were read."""
        if model_unread(self.policy, model):
            raise Undecided("cannot be decided: the module that defines it was not read")
        module = summary_of(self.policy, model)
        if module is not None:
            raise Undecided(f"cannot be decided: of module {module} only a summary was read")
        if self.policy.models[model].code_unread:
            raise Undecided(
                "cannot be decided: its classes were not read, and their Python may decide on it too"
            )
        for right in uncertain_rights(self.policy, model):
            raise Undecided(f"cannot be decided: access right {right.xmlid} could not be read in full")


class _Rules:
    """The rules of one model and mode. `floor` are the groups of which everybody with the right holds one,
    None where the right is everybody's."""

    def __init__(self, conditions: Conditions, model: str, mode: Mode, floor: tuple[str, ...] | None) -> None:
        self.conditions = conditions
        self.policy = conditions.policy
        self.model = model
        self.mode = mode
        self.floor = floor

    def trusted(self) -> list[Condition]:
        """Where a rule binds, Odoo asks whether the chosen companies are the user's."""
        everywhere = list(self._everywhere(self.model, ()))
        if not everywhere:
            return []
        groups = {name for rule in everywhere for name in rule.group_names}
        if any(rule.is_global for rule in everywhere) or self._certain(groups):
            return [_said(functions.ALLOWED)]
        return [_said(f"({functions.ALLOWED} OR NOT {holds(groups)})")]

    def _everywhere(self, model: str, path: tuple[str, ...]) -> Iterable[RecordRule]:
        yield from self._rules_of(model)
        for parent in parents_of(self.policy, model):
            if parent not in path and len(path) < _MAX_PARENTS:
                yield from self._everywhere(parent, (*path, model))

    def _rules_of(self, model: str) -> list[RecordRule]:
        for rule in self.policy.rules:
            if rule.model == model and (rule.uncertain or rule.groups_uncertain):
                raise Refusal(self.model, self.mode, "it could not be read in full", rule.xmlid)
        return [rule for rule in self.policy.rules_by_model.get(model, ()) if self.mode in rule.modes]

    def _certain(self, groups: Iterable[str]) -> bool:
        """Whether everybody with the right holds one of the groups."""
        wanted = set(groups)
        return self.floor is not None and all(wanted & closure(self.policy, (one,)) for one in self.floor)

    def condition(self, scope: Scope, model: str, path: tuple[str, ...]) -> Condition:
        """What the rules of the model and of its parents accept."""
        rules = self._rules_of(model)
        parts = [
            self._parent(scope, parent, link, path) for parent, link in parents_of(self.policy, model).items()
        ]
        parts += [self._rule(scope, rule) for rule in rules if rule.is_global]
        group = [rule for rule in rules if not rule.is_global]
        if group:
            parts.append(self._any(scope.under_or() if len(group) > 1 else scope, group))
        return every(parts)

    def _any(self, scope: Scope, rules: list[RecordRule]) -> Condition:
        everyone = {name for rule in rules for name in rule.group_names}
        arms = []
        for rule in rules:
            found = self._rule(scope, rule)
            certain = self._certain(rule.group_names)
            arms.append(found if certain else every([_said(holds(rule.group_names)), found]))
        if not self._certain(everyone):
            arms.append(_said(f"(NOT {holds(everyone)})"))
        return some(arms)

    def _parent(self, scope: Scope, parent: str, link: str, path: tuple[str, ...]) -> Condition:
        if parent in path or not list(self._everywhere(parent, path)):
            return sa.true()
        if len(path) > _MAX_PARENTS:
            raise Undecided(f"cannot be decided: it delegates over more than {_MAX_PARENTS} models")
        if model_unread(self.policy, parent) or summary_of(self.policy, parent):
            raise Undecided(f"cannot be decided: not all rules of {parent}, which it delegates to, were read")
        kind = scope.schema.field(scope.model.name, link)
        if self.mode is not Mode.READ and not getattr(kind, "required", False):
            raise Undecided(f"cannot be decided: a record without {link} is not the same to SQL and Python")
        sub = x2many.Sub(also=lambda inner: self.condition(inner, parent, (*path, parent)))
        return many2one.any_of(scope, kind, sub, negative=False)

    def _rule(self, scope: Scope, rule: RecordRule) -> Condition:
        """One rule: its domain behind what it depends on."""
        about = f"record rule {rule.xmlid}"
        renderer = self.conditions.renderer
        try:
            found = cases(lambda answers: domain_of(scope, renderer, answers, rule.domain, about))
            inside = scope if len(found) == 1 else scope.under_or()
            return some([self._case(inside, case) for case in found])
        except RecordsError as error:
            raise Refusal.of(self.model, self.mode, error, rule.xmlid) from None

    def _case(self, scope: Scope, case: Case[Domain]) -> Condition:
        domain = case.outcome
        searchable(scope.schema, scope.model.name, domain)
        if self.mode is not Mode.READ and domain != TRUE:
            domain = in_both(scope.schema, scope.model.name, domain)
        return every([*[_said(guard) for guard in case.guards], tree.condition(scope, domain)])


def _said(sql: str) -> Condition:
    """A condition on who asks, in words that are ready."""
    return sa.literal_column(sql, sa.Boolean())


def every(parts: list[Condition]) -> Condition:
    """All of them, without what is always true."""
    if any(isinstance(part, False_) for part in parts):
        return sa.false()
    kept = [part for part in parts if not isinstance(part, True_)]
    return sa.and_(*kept) if kept else sa.true()


def some(parts: list[Condition]) -> Condition:
    """Any of them, without what is never true."""
    if any(isinstance(part, True_) for part in parts):
        return sa.true()
    kept = [part for part in parts if not isinstance(part, False_)]
    return sa.or_(*kept) if kept else sa.false()
