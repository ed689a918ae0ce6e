"""Who asks, and in which companies: what Odoo keeps in an environment."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ostiary.policy import Subject


@dataclass(frozen=True, slots=True)
class Session:
    """A user (or a superuser) at work.

    `uid` is the id of the user's row; None for somebody who only holds groups and has no row. `company` is the
    current company, `companies` the active ones in Odoo's order (`env.company`, `env.companies`). `superuser`
    is superuser mode (`sudo()`), where neither rights nor rules nor field groups are asked. `active_test` is
    the context key: whether archived records are left out of searches and of x2many values. `given` are values that
    somebody who knows them gives for what rules read, by the rule's own text (`user.partner_id.id`): they are then not
    read from rows.
    """

    subject: Subject
    uid: int | None = None
    company: int | None = None
    companies: tuple[int, ...] = ()
    superuser: bool = False
    active_test: bool = True
    given: tuple[tuple[str, object], ...] = ()

    def sudo(self) -> Session:
        """The same user in superuser mode."""
        return self if self.superuser else replace(self, superuser=True)

    def with_active_test(self, active_test: bool) -> Session:
        """The same, seeing archived records or not."""
        return self if self.active_test is active_test else replace(self, active_test=active_test)
