"""Environment: who asks, in which companies, over which transaction; the way to recordsets."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType, TracebackType
from typing import TYPE_CHECKING, Any, Self

import sqlalchemy as sa

from ostiary.enforce import people, who
from ostiary.enforce.bypasses import OWN, QUIET, Bypass
from ostiary.enforce.errors import AccessError, InvalidError, MissingError, UnknownModel, translated
from ostiary.enforce.rows.shared_schema import schema_of
from ostiary.enforce.rows.transaction import Transaction
from ostiary.policy import Policy, Subject, User
from ostiary.records.access import Access
from ostiary.records.errors import Undecided
from ostiary.records.memory.env import Env
from ostiary.records.schema import Catalog, Schema, read_catalog
from ostiary.records.session import Session

if TYPE_CHECKING:
    from ostiary.enforce.recordset import Records

COMPANIES = "allowed_company_ids"
ISOLATION = "REPEATABLE READ"
"""What Odoo uses on PostgreSQL: a transaction sees the rows of one moment, and two that change a row collide."""

Context = Mapping[str, Any]


class Environment:
    """A user at work on the records of a database, with exactly the access that a Policy gives.

    ```python
    with Environment(engine, policy, user="agent@example.com") as env:
        mine = env["estate.property"].search([("state", "=", "new")], order="name", limit=80)
        mine[:1].write({"state": "sold"})
    ```

    `bind` is an engine (a connection is opened when it is first needed), an open connection, whose transaction then is
    the caller's to end, or a URL. `policy` is what `install` or a source gave. `user` is a login, a `User` of the
    application's own, a `Subject`, the id of a row of `res.users`, or None for OdooBot, who passes everything.
    `companies` are the ids of the active companies, the first one current; without them they are the user's.
    `context` is Odoo's: `active_test`, `default_<field>`, ...

    `strict` is what an application wants, and adds to Odoo what it lacks: a record is also checked after it was
    written, so that nobody writes one out of their own reach; field groups count on create in every version, and
    for values that somebody else has read before; nobody links a record that they may not read; superuser mode needs
    a reason. `strict=False` is Odoo's behaviour in the Policy's version, to the letter.

    `isolation` is PostgreSQL's: in the usual one nobody writes a row that another transaction has changed since it was
    checked. What rules read of *other* rows (the owner of a line's document) is only guarded so by `SERIALIZABLE`.

    As a context manager it commits at the end, rolls back on an exception, and gives the connection back. It belongs
    to one thread; any number may share an engine.

    Raises UnknownUser for a login that nobody has, AccessError and others of `errors` for operations, and
    Undecided for what only running Odoo's Python would tell.
    """

    def __init__(
        self,
        bind: sa.Engine | sa.Connection | str,
        policy: Policy,
        *,
        user: str | int | User | Subject | None = None,
        companies: Sequence[int] | None = None,
        context: Context | None = None,
        strict: bool = True,
        catalog: Catalog | None = None,
        isolation: str | None = ISOLATION,
    ) -> None:
        if isinstance(bind, str):
            bind = _engine(bind)
        self.policy = policy
        self.strict = strict
        self.transaction = Transaction(bind, schema_of(policy, catalog), isolation)
        self.su = False
        self.reason = ""
        self.context: Context = MappingProxyType(dict(context or {}))
        self._session: Session | None = None
        self._session_of: Access | None = None
        with translated():
            self.subject = who.subject_of(self, user)
        self.uid: int | None = self.subject.user.id if self.subject.user is not None else None
        if companies is not None:
            self.context = MappingProxyType({**self.context, COMPANIES: tuple(companies)})
        self.su = self.subject.superuser
        self.origin = self

    @classmethod
    def of_odoo(cls, bind: sa.Engine | str, policy: Policy, **more: Any) -> Self:
        """An Environment on an Odoo's own database, which is only read. `policy` is that of the same database (with the
        source of its modules, where field groups should be known); the rest is as for an Environment."""
        engine = _engine(bind) if isinstance(bind, str) else bind
        with translated(), engine.connect() as connection:
            catalog = read_catalog(connection)
        return cls(engine, policy, catalog=catalog, **more)

    # -- the unit of work ----------------------------------------------------------------------------------

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if self.transaction.own:
                self.rollback() if kind is not None else self.commit()
        finally:
            self.close()

    def commit(self) -> None:
        """Keep what was done. Raises ConcurrencyError where another transaction was faster."""
        self.transaction.commit()

    def rollback(self) -> None:
        """Undo all that was not committed."""
        self.transaction.rollback()

    def close(self) -> None:
        """Give the connection back; what was not committed is rolled back."""
        self.transaction.close()

    @contextlib.contextmanager
    def unit(self) -> Iterator[Self]:
        """All or nothing: an exception that leaves the block undoes everything that was done in it."""
        with self.transaction.savepoint():
            yield self

    def execute(self, sql: str, parameters: Mapping[str, Any] | None = None, *, reason: str) -> Sequence[Any]:
        """Run SQL, which no access right and no rule looks at, and return its rows (none where it gives none).

        `reason` says why that is right; it is kept in `bypasses` with the place in the code. Values belong into
        `parameters` (`:name` in the text).
        """
        if not _said(reason):
            raise InvalidError("raw SQL passes every access right: say why that is right in `reason`")
        self.transaction.bypasses.note("sql", "", self.subject.name, reason)
        found = self.transaction.execute(sa.text(sql), dict(parameters or {}))
        rows = found.all() if found.returns_rows else []
        self.transaction.changed()
        self.transaction.tables = None
        return rows

    def note(self, verb: str, model: str) -> None:
        """Keep in `bypasses` what is done now, where it is done as superuser."""
        if (
            not self.su
            or self.reason is QUIET
            or (self.reason is OWN and (verb, model) == ("read", "res.users"))
        ):
            return
        self.transaction.bypasses.note(verb, model, self.subject.name, self.reason)

    @property
    def bypasses(self) -> tuple[Bypass, ...]:
        """What was done as superuser or in SQL in this transaction's life, and where in the code."""
        return self.transaction.bypasses.all()

    # -- who -----------------------------------------------------------------------------------------------

    def derived(
        self,
        *,
        subject: Subject | None = None,
        su: bool | None = None,
        context: Context | None = None,
        reason: str | None = None,
    ) -> Environment:
        """The same transaction for somebody else, in another mode or with another context."""
        made = object.__new__(type(self))
        made.policy, made.strict, made.transaction = self.policy, self.strict, self.transaction
        made.subject = subject if subject is not None else self.subject
        made.uid = made.subject.user.id if made.subject.user is not None else None
        made.su = (self.su if su is None else su) or made.subject.superuser
        made.context = self.context if context is None else MappingProxyType(dict(context))
        made.reason = (self.reason if reason is None else reason) if made.su else ""
        made.origin = self.origin
        made._session = made._session_of = None
        return made

    def sudo(self, flag: bool = True, *, reason: str = "") -> Environment:
        """Superuser mode: no access right, rule or field group is asked (`sudo(False)` goes back).

        `reason` says why that is right here, and is required where the environment is strict. Entering the mode drops
        `default_*` keys, as in Odoo.
        """
        if flag == self.su:
            return self if not flag or not reason else self.derived(reason=reason)
        if not flag:
            return self.derived(su=False)
        self._check_reason(reason)
        context = {key: value for key, value in self.context.items() if not key.startswith("default_")}
        return self.derived(su=True, context=context, reason=reason)

    def with_user(
        self, user: str | int | User | Subject | Records | None, *, reason: str = ""
    ) -> Environment:
        """Somebody else, not in superuser mode. The context is kept, companies too, as in Odoo.

        OdooBot is always in superuser mode: to become that user takes a `reason`, as `sudo` does.
        """
        from ostiary.enforce.recordset import Records

        subject = who.subject_of(self, user.id if isinstance(user, Records) else user)
        if subject.superuser and not self.subject.superuser:
            self._check_reason(reason)
        return self.derived(subject=subject, su=False, reason=reason)

    def _check_reason(self, reason: str) -> None:
        if self.strict and not _said(reason):
            raise InvalidError(
                "superuser mode passes every access right: say why that is right, as in sudo(reason='...')"
            )

    def with_context(self, context: Context | None = None, /, **values: Any) -> Environment:
        """The context with other values; a mapping takes its place, but for the companies, as in Odoo."""
        base: dict[str, Any] = dict(self.context if context is None else context)
        if context is not None and COMPANIES not in base and COMPANIES in self.context:
            base[COMPANIES] = self.context[COMPANIES]
        return self.derived(context={**base, **values})

    def with_company(self, company: int | Records) -> Environment:
        """This company is the current one. Where none were chosen before, it is the only active one, as in Odoo."""
        one = _company_id(company)
        if not one:
            return self
        chosen = [other for other in self.context.get(COMPANIES) or () if other != one]
        return self.with_context(**{COMPANIES: (one, *chosen)})

    def with_companies(self, companies: Sequence[int] | Records) -> Environment:
        """These companies are the active ones, the first one current."""
        ids = tuple(_company_id(one) for one in companies)
        return self.with_context(**{COMPANIES: ids})

    # -- what is asked below -------------------------------------------------------------------------------

    @property
    def access(self) -> Access:
        return self.transaction.access

    @property
    def schema(self) -> Schema:
        return self.transaction.schema

    @property
    def session(self) -> Session:
        """Who asks, as `ostiary.records` takes it."""
        access = self.transaction.access
        if self._session is None or self._session_of is not access:
            self._session = self._make_session(access)
            self._session_of = access
        return self._session

    def _make_session(self, access: Access) -> Session:
        user = self.subject.user
        chosen = self.context.get(COMPANIES)
        if chosen and not isinstance(chosen, list | tuple):
            raise InvalidError(f"{COMPANIES} is a list of ids of companies, and not {chosen!r:.60}")
        own: int | None = None
        allowed: tuple[int, ...] = ()
        if user is not None:
            own = next((one.id for one in self.policy.companies if one.xmlid == user.company), None)
            if not chosen:
                allowed = access.companies_of(user)
        active_test = self.context.get("active_test", True)
        return Session(
            self.subject,
            self.uid,
            chosen[0] if chosen else own,
            tuple(chosen) if chosen else allowed,
            superuser=self.su,
            active_test=bool(active_test),
        )

    @property
    def values(self) -> Env:
        """The values of fields as this session reads them."""
        access = self.transaction.access
        return Env(access.reader, access, self.session)

    # -- records -------------------------------------------------------------------------------------------

    def __getitem__(self, model: str) -> Records:
        """The empty recordset of a model. Raises UnknownModel (a KeyError) where there is none."""
        from ostiary.enforce.recordset import Records

        if model not in self.policy.models:
            raise UnknownModel(model, self.policy.models)
        return Records(self, model, ())

    def __contains__(self, model: object) -> bool:
        return model in self.policy.models

    @property
    def user(self) -> Records:
        """The user's row of `res.users`, in superuser mode, as in Odoo."""
        if self.uid is None:
            raise Undecided(f"cannot be decided: {self.subject.phrase} is nobody in particular")
        return self.derived(su=True, reason=OWN)["res.users"].browse(self.uid)

    @property
    def company(self) -> Records:
        """The current company. Raises AccessError where it is not the user's."""
        return self.companies[:1] if self.context.get(COMPANIES) else self._company()

    def _company(self) -> Records:
        own = self.session.company
        return self["res.company"].browse(own if own is not None else ())

    @property
    def companies(self) -> Records:
        """The active companies. Raises AccessError where one of them is not the user's."""
        session = self.session
        user = self.subject.user
        if self.context.get(COMPANIES) and not self.su and user is not None:
            foreign = set(session.companies) - set(self.access.companies_of(user))
            if foreign:
                named = ", ".join(map(str, sorted(foreign)))
                who = self.subject.phrase
                raise AccessError(
                    f"{who[:1].upper()}{who[1:]} may not work in company {named}: "
                    "it is not theirs, or is archived.",
                    kind="company",
                    model="res.company",
                )
        return self["res.company"].browse(session.companies)

    def ref(self, xmlid: str) -> Records:
        """The record with an external id: of a group, a company, a user, or given to `install`. Raises MissingError."""
        found = people.reference(self.transaction, xmlid)
        if found is None:
            raise MissingError(f"no record goes by {xmlid} here")
        return self[found[0]].browse(found[1])

    def __repr__(self) -> str:
        mode = ", superuser" if self.su and not self.subject.superuser else ""
        return f"<Environment of {self.subject.name}{mode}>"


def _said(reason: object) -> bool:
    """Whether a reason is given."""
    return isinstance(reason, str) and bool(reason.strip())


def _company_id(company: int | Records) -> int | Any:
    from ostiary.enforce.recordset import Records

    if isinstance(company, Records) and company._name == "res.company":
        return company.id
    if type(company) is not int:
        raise InvalidError(f"a company is a record of res.company or its id, and not {company!r:.60}")
    return company


def _engine(url: str) -> sa.Engine:
    """An engine of an Environment's own, which keeps no connection once that is closed; psycopg for PostgreSQL."""
    asked = sa.make_url(url)
    if asked.drivername in ("postgresql", "postgres"):
        asked = asked.set(drivername="postgresql+psycopg")
    pool = sa.NullPool if asked.get_backend_name() == "postgresql" else None
    return sa.create_engine(asked, poolclass=pool)


__all__ = ["COMPANIES", "Environment"]
