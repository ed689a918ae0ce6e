"""An Odoo database to a Policy."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import msgspec

from ostiary.policy import Note, Origin, Policy, Problem, Semantics
from ostiary.sources.database import contacts, models, parameters, records, screens
from ostiary.sources.database.connect import STATEMENT_SECONDS, Connection, Reading, opened
from ostiary.sources.database.known_code import with_known_code
from ostiary.sources.database.logins import read_logins
from ostiary.sources.database.names import read_names
from ostiary.sources.database.tables import TABLES, Database
from ostiary.sources.database.version import series_of
from ostiary.sources.errors import UnreadableTarget

Progress = Callable[[str, int, int], None]
_STAGE = "Reading the database"
_STEPS = 6


def read_database(
    url: str,
    progress: Progress | None = None,
    *,
    modules: Sequence[str] | None = None,
    statement_seconds: float = STATEMENT_SECONDS,
) -> Policy:
    """The Policy of the Odoo database at a URL (`postgresql://user@host:port/database`).

    It is read in one read-only transaction, which sees all tables as of one moment and takes no lock that another
    program would wait for. `modules` are those that an audit is about; all others are then context. A statement
    that runs longer than `statement_seconds` is given up. `progress(stage, done, total)` is called while reading.

    What only source says (the groups of fields, methods that decide access in Python) is marked as not read: see
    `complete`. Raises UnreadableTarget, in one sentence without credentials, where the database can't be
    read, is not an Odoo's, is being upgraded, or is of a version that is not known.
    """

    if progress:
        progress(_STAGE, 0, _STEPS)
    with opened(url, statement_seconds) as (connection, reading):
        return read_open(connection, reading, progress, modules=modules)


def read_open(
    connection: Connection,
    reading: Reading,
    progress: Progress | None = None,
    *,
    modules: Sequence[str] | None = None,
) -> Policy:
    """As `read_database`, in a transaction that is open already (`connect.opened`): what else is read in it is of
    the same moment."""

    def step(done: int) -> None:
        if progress:
            progress(_STAGE, done, _STEPS)

    database = Database(connection, reading)
    database.look()
    semantics = Semantics.of(series_of(database))
    step(1)
    installed = records.modules(database)
    names = read_names(database)
    by_id = models.model_names(database)
    step(2)
    rights = records.rights(database, names, by_id)
    rules = records.rules(database, names, by_id)
    step(3)
    found = models.models(database, frozenset(right.model for right in rights))
    found = with_known_code(found, installed, semantics.series)
    step(4)
    policy = Policy(
        odoo=semantics.series,
        modules=installed,
        models=found,
        groups=records.groups(database, names),
        rights=rights,
        rules=rules,
        users=records.users(database, names, semantics, read_logins(database)),
        companies=records.companies(database, names),
        contacts=contacts.contacts(database, names),
        parameters=parameters.parameters(database),
        demo=bool(database.rows("ir_module_module", "demo", where="name = 'base' AND demo"))
        if database.has("ir_module_module", "demo")
        else False,
    )
    step(5)
    policy.actions = screens.actions(database, names, by_id)
    policy.menus = screens.menus(database, names)
    policy.views = screens.views(database, names)
    unused = len(database.rows("ir_model_fields_group_rel", "field_id"))
    step(6)
    policy.problems = _dangling(policy)
    policy.notes = [*_notes(unused), *_withheld(database)]
    return policy if modules is None else narrowed(policy, modules, reading.shown)


def narrowed(policy: Policy, modules: Sequence[str], shown: str) -> Policy:
    """The policy with every module but these as context. Raises UnreadableTarget where one is not installed."""
    absent = [name for name in modules if name not in policy.modules]
    if absent:
        raise UnreadableTarget(f"The module {', '.join(absent)} is not installed in {shown}: check the name.")
    marked = {
        name: module if name in modules else msgspec.structs.replace(module, context=True)
        for name, module in policy.modules.items()
    }
    return msgspec.structs.replace(policy, modules=marked)


def _dangling(policy: Policy) -> list[Problem]:
    """Menus whose action is no more."""
    return [
        Problem(
            origin=menu.origin,
            kind="unknown-reference",
            message=f"The action {menu.action} of the menu {menu.xmlid} does not exist.",
        )
        for menu in policy.menus.values()
        if menu.action is not None and menu.action not in policy.actions
    ]


def _notes(unused: int) -> list[Note]:
    """What the database does not say, and what it says without effect."""
    notes = [
        Note(
            origin=Origin(path="ir_model_fields"),
            kind="code-unread",
            message="A database does not hold the groups of fields nor the methods that decide access in Python. "
            "Give the modules' source as --addons-path to have them counted.",
        )
    ]
    if unused:
        message = "Groups were given to fields in the database (ir_model_fields_group_rel). Odoo makes no use of them: "
        notes.append(
            Note(
                origin=Origin(path="ir_model_fields_group_rel"),
                kind="groups-without-effect",
                message=message + "they protect nothing.",
            )
        )
    return notes


def _withheld(database: Database) -> Iterator[Note]:
    """What some checks ask for and this user of the database may not read."""
    for table, columns in sorted(database.withheld.items()):
        if not TABLES[table].spared_by:
            continue
        named = ", ".join(sorted(columns))
        yield Note(
            origin=Origin(path=table),
            kind="not-read",
            message=f"{table} ({named}) may not be read by this user, so {TABLES[table].spared_by} can't report all it "
            f"would: GRANT SELECT ({named}) ON {table} is missing.",
        )
