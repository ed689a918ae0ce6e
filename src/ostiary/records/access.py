"""Access to records: access rights, record rules and Odoo's own Python layers, for a session.

Source: `models._check_access`, `_filtered_access`, `_search` and `ir.rule._compute_domain` (18; 17 and 19 alike
but for what the semantics say).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence, Set
from typing import TYPE_CHECKING

import sqlalchemy as sa

from ostiary.domain import TRUE, Domain
from ostiary.policy import Mode, Subject, User, may_use
from ostiary.policy.fields import UnknownField, find_field
from ostiary.records.errors import Fails, Refused, Undecided
from ostiary.records.layers import Layer, Layers
from ostiary.records.memory import Reader, compile_domain, filtered
from ostiary.records.memory.env import Env
from ostiary.records.rules import GroundRules
from ostiary.records.selection import Selection
from ostiary.records.session import Session
from ostiary.records.shared import shared
from ostiary.records.sql import search as select

if TYPE_CHECKING:
    from ostiary.records.store import Store

_ARCHIVING = frozenset({"active", "x_active"})

MAX_LAYERS = 8
"""How many models deep a Python layer may ask another (a message its document, that its own document, ...)."""


class Access:
    """What sessions may do with the records of one store.

    Everything that was worked out is kept, so one Access must only live as long as its rows stay the same: for
    one transaction. Rights and rules are those of the store's Policy.
    """

    def __init__(self, store: Store, reader: Reader) -> None:
        self.store = store
        self.reader = reader
        self.policy = store.schema.policy
        self.rules = GroundRules(reader)
        self.layers = Layers(self.policy)
        self._depth = 0
        self._passing: dict[tuple[object, ...], list[int]] = {}
        self._finding: dict[tuple[object, ...], list[int]] = {}
        self._shared: dict[tuple[str, Domain], bool] = {}
        self._tests: dict[tuple[object, ...], Callable[[int], bool]] = {}
        self._followers: dict[int, dict[str, set[int]]] | None = None

    # -- sessions ------------------------------------------------------------------------------------------

    def session_of(self, who: User | str, companies: Sequence[int] | None = None) -> Session:
        """The session of a user (or a login) without a choice of companies, or with one.

        Without, the company is the user's and the active companies are all of theirs that aren't archived, in
        the order of `res.company`; with one (Odoo's `allowed_company_ids`), the first is the current one. A
        choice that isn't theirs is only refused where a rule is evaluated, as Odoo does it. Raises
        UnknownSubject for an unknown login and Undecided where the ids of the user or a company weren't read.
        """
        login = who if isinstance(who, str) else who.login
        subject = Subject.of_user(self.policy, login)
        user = subject.user
        if user is None or user.id is None:
            raise Undecided(f"cannot be decided: the id of user {login} was not read")
        allowed = self.companies_of(user)
        own = {one.xmlid: one.id for one in self.policy.companies}.get(user.company or "")
        chosen = tuple(companies) if companies else allowed
        current = chosen[0] if companies else own
        return Session(subject, user.id, current, chosen, superuser=subject.superuser)

    def companies_of(self, user: User) -> tuple[int, ...]:
        """The ids of the user's companies that aren't archived, in the order of `res.company`."""
        return self.rules.companies_of(user)

    # -- the protocol of the evaluators --------------------------------------------------------------------

    def rule_domain(self, session: Session, model: str, mode: Mode) -> Domain:
        """What the record rules leave of a model, ground: TRUE where none applies, and for a superuser.

        Raises Refused (`acl`) where no access right gives the mode, Refused (`company`) where a rule applies and
        the session's companies aren't the user's, Undecided and Fails as `evaluate` does.
        """
        if session.superuser:
            return TRUE
        selection = self.selection(session, model, mode)
        if selection is None:
            raise Refused(
                "acl", model, f"no access right lets {session.subject.phrase} {mode} records of {model}"
            )
        return self.rules.ground(session, selection)

    def rules_alone(self, session: Session, model: str, mode: Mode) -> Domain:
        """As `rule_domain`, without asking for a right."""
        if session.superuser:
            return TRUE
        return self.rules.ground(session, self.rules.bound(session.subject, model, mode))

    def check_field(self, session: Session, model: str, field: str) -> None:
        """Raises Refused (`field`) where the field's groups keep the user from it, Refused (`company`) for a value by
        company where the session's companies aren't the user's, Undecided where the groups were not read, Fails where
        there is no such field. A superuser may use every field.

        The field that archives records is taken to be open where its groups were not read: every search asks for
        it, none of Odoo's own has groups, and one that had would only make Odoo refuse more than is said here.
        """
        if session.superuser:
            return
        try:
            usable = may_use(self.policy, session.subject, model, field)
        except UnknownField:
            raise Fails("ValueError", f"Invalid field {model}.{field}") from None
        if usable is None and not (field in _ARCHIVING or self._open(model, field)):
            raise Undecided.computed(model, field, "has groups that were not read")
        if usable is False:
            raise Refused("field", model, f"field {field} of {model} is not for {session.subject.phrase}")
        definition = find_field(self.policy, model, field)
        if definition is not None and definition.company_dependent:
            # Its value is that of `env.company`, which Odoo checks: of this user, whatever others were told.
            self.store.not_all_noted()
            if not self.rules.trusted(session):
                raise Refused("company", model, "Access to unauthorized or invalid companies.")

    def _open(self, model: str, field: str) -> bool:
        """Whether the field is declared to have no groups."""
        definition = find_field(self.policy, model, field)
        fact = self.store.schema.facts.field(model, definition) if definition is not None else None
        return fact is not None and fact.open

    # -- questions -----------------------------------------------------------------------------------------

    def selection(self, session: Session, model: str, mode: Mode) -> Selection | None:
        """The rules that bind the session; None where no access right gives the mode (`ir.model.access.check`).

        Raises Undecided where what was read doesn't settle either.
        """
        return self.rules.selection(session.subject, model, mode)

    def may(self, session: Session, model: str, mode: Mode) -> bool:
        """Whether an access right gives the mode on the model at all."""
        return session.superuser or self.selection(session, model, mode) is not None

    def allowed(self, session: Session, model: str, mode: Mode, ids: Sequence[int]) -> list[int]:
        """Those of the records that the session may do this with, in the given order: `_filtered_access`.

        Rules are evaluated in memory as superuser, on all the records together. A record that doesn't exist
        passes where no rule reads it, else Fails (`MissingError`) is raised. Raises Undecided where it can't be
        known, and Refused only where Odoo itself raises an AccessError on the way.
        """
        if session.superuser or not ids:
            return list(ids)
        layer = self._layer(model, mode)
        if layer is None:
            return self.by_rules(session, model, mode, ids)
        with self._inside(model):
            return layer.allowed(self, session, mode, ids)

    def by_rules(self, session: Session, model: str, mode: Mode, ids: Sequence[int]) -> list[int]:
        """As `allowed`, by access rights and record rules alone (`models._check_access`)."""
        if session.superuser:
            return list(ids)
        selection = self.selection(session, model, mode)
        if selection is None:
            return []
        domain = self.rules.ground(session, selection)
        if domain == TRUE:
            return list(ids)
        if len(ids) == 1:
            return list(ids) if self._passes(session, model, domain, ids[0]) else []
        key = (model, domain, session.active_test, tuple(ids), *self._asking(session, model, domain))
        found = self._passing.get(key)
        if found is None:
            inside = self._inside_rules(session)
            found = self._passing[key] = filtered(self.reader, self, inside, model, domain, list(ids))
        return list(found)

    def _passes(self, session: Session, model: str, domain: Domain, record: int) -> bool:
        """One record: by a test that is compiled once for each session, since one record is what is asked most."""
        # `ground` gives one object for equal domains, and keeps it.
        who = (session.uid, session.company, session.companies, session.subject.groups)
        key = (model, id(domain), session.active_test, *who)
        test = self._tests.get(key)
        if test is None:
            test = compile_domain(self.reader, self, self._inside_rules(session), model, domain)
            self._tests[key] = test
        try:
            return test(record)
        except (Fails, Refused):
            # Of several errors, Odoo comes to this one first.
            return bool(filtered(self.reader, self, self._inside_rules(session), model, domain, [record]))

    def _inside_rules(self, session: Session) -> Session:
        """Who rules are evaluated as: a superuser, who from 19 on sees archived lines whatever the session says."""
        shown = self.policy.semantics.domain.rule_lines_ignore_active_test
        return session.sudo().with_active_test(False) if shown else session.sudo()

    def _asking(self, session: Session, model: str, domain: Domain) -> tuple[object, ...]:
        """Who asks, as far as it matters to what a domain accepts for a superuser."""
        key = (model, domain)
        found = self._shared.get(key)
        if found is None:
            found = self._shared[key] = shared(self.store.schema, model, domain)
        return () if found else (session.uid, session.company, session.companies, session.subject.groups)

    def forget(self) -> None:
        """Let go of the answers about records that were kept for questions that ask for the same."""
        self._passing.clear()
        self._finding.clear()

    def check(self, session: Session, model: str, mode: Mode, ids: Sequence[int] = ()) -> None:
        """Raises Refused (`acl` or `rule`) as `check_access` raises AccessError; without ids only the access
        rights are asked."""
        if not self.may(session, model, mode):
            raise Refused(
                "acl", model, f"no access right lets {session.subject.phrase} {mode} records of {model}"
            )
        passing = set(self.allowed(session, model, mode, ids))
        stopped = [one for one in ids if one not in passing]
        if stopped:
            named = ", ".join(map(str, stopped[:6]))
            raise Refused("rule", model, f"{session.subject.phrase} may not {mode} {model} {named}")

    def search(
        self, session: Session, model: str, domain: Domain = TRUE, active_test: bool | None = None
    ) -> list[int]:
        """The ids that `search` finds, by SQL and Odoo's own layers, in ascending order.

        `active_test` takes the place of the session's. Raises Refused where no access right lets the session
        read the model or the domain asks for what it may not, Undecided and Fails.
        """
        if active_test is not None:
            session = session.with_active_test(active_test)
        self.store.not_all_noted()
        layer = self._layer(model, None)
        if layer is None or (session.superuser and not layer.always):
            return self.by_select(session, model, domain)
        with self._inside(model):
            return sorted(layer.search(self, session, domain))

    def by_select(self, session: Session, model: str, domain: Domain) -> list[int]:
        """As `search`, by access rights and record rules alone (`models._search`)."""
        if domain != TRUE:
            return self._select(session, model, domain)
        rules = self.rule_domain(session, model, Mode.READ)
        key = (model, rules, session.active_test, *self._asking(session, model, rules))
        found = self._finding.get(key)
        if found is None:
            found = self._finding[key] = self._select(session, model, domain)
        return list(found)

    def _select(self, session: Session, model: str, domain: Domain) -> list[int]:
        rows = self.store.rows(select(self.store, self, session, model, domain))
        found = [row[0] for row in rows]
        if not all(type(one) is int for one in found):
            raise Undecided(
                f"cannot be decided: the rows of model {model} have ids that are no numbers", model
            )
        return sorted(found)

    def lists(self, session: Session, model: str) -> bool:
        """Whether Odoo's own Python decides what `search` finds. Raises Undecided where it does and isn't declared."""
        layer = self._layer(model, None)
        return layer is not None and (layer.always or not session.superuser)

    def decides_search(self, session: Session, model: str) -> bool:
        """Whether a search inside another (`any`) finds other records of the model than rights and rules alone
        say, for a superuser: than the domain alone. Raises Undecided where Python decides that isn't declared."""
        layer = self._layer(model, None)
        if layer is None or (session.superuser and not layer.always):
            return False
        return layer.decides(self, session)

    # -- what layers read ----------------------------------------------------------------------------------

    def values(self, session: Session, model: str, field: str, ids: Collection[int]) -> Mapping[int, object]:
        """The values of a field for these records, as Python reads them. Raises as reading them does."""
        column = Env(self.reader, self, session).column(model, field)
        return {one: column[one] for one in ids}

    def existing(self, model: str, ids: Collection[int]) -> set[int]:
        """Those of the ids that have a row."""
        return {one for one in ids if self.reader.exists(model, one)}

    def followed(self, partner: int) -> Mapping[str, Set[int]]:
        """The ids of the documents that a partner follows, by model (`mail.followers`)."""
        if self._followers is None:
            self._followers = {}
            table = self.store.schema.model("mail.followers").table
            statement = sa.select(table.c.partner_id, table.c.res_model, table.c.res_id)
            for follower, model, document in self.store.rows(statement):
                self._followers.setdefault(follower, {}).setdefault(model, set()).add(document)
        return self._followers.get(partner, {})

    def _layer(self, model: str, mode: Mode | None) -> Layer | None:
        return self.layers.find(model, mode)

    def _inside(self, model: str) -> _Deeper:
        return _Deeper(self, model)


class _Deeper:
    """Counts how deep layers ask each other: a message on an activity on a message ... would never end."""

    def __init__(self, access: Access, model: str) -> None:
        self.access = access
        self.model = model

    def __enter__(self) -> None:
        if self.access._depth >= MAX_LAYERS:
            raise Undecided(
                f"cannot be decided: access to {self.model} rests on too long a chain of records", self.model
            )
        self.access._depth += 1

    def __exit__(self, *_: object) -> None:
        self.access._depth -= 1
