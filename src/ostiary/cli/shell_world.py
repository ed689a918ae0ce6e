"""Where `ostiary shell` works: a database in memory with people and records, or an Odoo's own, to be read only."""

from __future__ import annotations

import contextlib
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ostiary.cli.output import Failure
from ostiary.policy import Policy, Subject, closure, user_type_conflict
from ostiary.policy.subject import SUPERUSER, WORDS

if TYPE_CHECKING:
    from ostiary.enforce import Environment, Records
    from ostiary.testing.data_files import DataRecord
    from ostiary.testing.reading import Tests
    from ostiary.testing.world import World

_IN_MEMORY = "in memory, gone at the end"


@dataclass
class Place:
    """An environment to work in, and what the banner says of it. `logins` are the users one may become, `named` the
    records that have a name, by it."""

    env: Environment
    rows: str
    logins: list[str]
    counts: dict[str, int]
    named: dict[str, tuple[str, int]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def ref(self, name: str, env: Environment) -> Records:
        """The record that goes by a name of the file of records, or by an external id. Raises MissingError."""
        from ostiary.enforce import MissingError

        found = self.named.get(name)
        if found is None and not self.named:
            return env.ref(name)
        if found is None:
            near = get_close_matches(name, self.named, n=2, cutoff=0.6)
            raise MissingError(
                f"there is no record {name}" + (f"; did you mean {' or '.join(near)}?" if near else "")
            )
        return env[found[0]].browse(found[1])


# ------------------------------------------------------------------------------------ who there is


def group_logins(policy: Policy, also: str = "") -> dict[str, str]:
    """A login for each group that what was read defines, and for the user types: the group's name in small letters
    (`Agent`: `agent`), with its module in front where two have the same. `also` is another group that gets one."""
    found = {word: group for word, group in WORDS.items() if group in policy.groups}
    own = [
        group
        for group in policy.groups.values()
        if not _context(policy, group.xmlid) or group.xmlid == also
        if group.xmlid not in found.values()
    ]
    short = Counter(_slug(group.name or group.xmlid) for group in own)
    for group in own:
        login = _slug(group.name or group.xmlid)
        if short[login] > 1 or login in found:
            login = f"{_slug(group.xmlid.partition('.')[0])}_{login}"
        if login in found:
            login = _slug(group.xmlid)
        found[login] = group.xmlid
    return found


def _context(policy: Policy, xmlid: str) -> bool:
    module = policy.modules.get(xmlid.partition(".")[0])
    return module is None or module.context or module.facts


def _slug(name: str) -> str:
    words = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_") or "group"
    return words if words[0].isalpha() else f"g_{words}"


def _wanted(policy: Policy, as_: str, known: Sequence[str], logins: dict[str, str]) -> str:
    """The login that `--as` means: a login, or a group. Raises Failure with near misses."""
    if as_ in known:
        return as_
    group = WORDS.get(as_, as_)
    by_group = {xmlid: login for login, xmlid in logins.items()}
    if group in by_group:
        if by_group[group] in known:
            return by_group[group]
        types = user_type_conflict(closure(policy, [group]))
        if types:
            raise Failure(f"Nobody can be {as_}: they would be of two user types, {' and '.join(types)}.")
    near = get_close_matches(as_, [*known, *policy.groups], n=2, cutoff=0.6)
    hint = f"; did you mean {' or '.join(near)}?" if near else f"; there are {', '.join(known)}."
    raise Failure(f"There is nobody called {as_} here{hint}")


# ------------------------------------------------------------------------------------ in memory


@contextlib.contextmanager
def in_memory(
    policy: Policy,
    as_: str,
    companies: Sequence[str],
    *,
    records: Path | None,
    targets: Sequence[str],
    strict: bool,
) -> Iterator[Place]:
    """A database in memory with the policy's users, one for each group, and records: of a file of access tests, or of
    the addons' own data and demo files. Raises Failure."""
    from ostiary.enforce import EnforceError, Environment
    from ostiary.enforce.people import taken_whole
    from ostiary.records.errors import RecordsError
    from ostiary.testing.database import Databases
    from ostiary.testing.mistakes import InvalidTests
    from ostiary.testing.world import people_of, world_of

    logins = group_logins(policy, WORDS.get(as_, as_))
    notes: list[str] = []
    try:
        tests, data = _asked_for(policy, logins, records, targets, notes)
        users = [*policy.users, *people_of(tests, policy)[0]]
        known = [user.login for user in users if user.active and user.xmlid != SUPERUSER]
        login = _wanted(policy, as_, known, logins)
        with Databases() as databases, world_of(tests, taken_whole(policy), databases, data) as world:
            chosen = [_company(world, one) for one in companies] or None
            env = Environment(world.connection, world.policy, user=login, companies=chosen, strict=strict)
            theirs = [one for one in known if one in logins]
            others = [one for one in known if one not in logins]
            yield Place(env, _IN_MEMORY, [*others, *theirs], _counted(world), world.things, notes)
    except InvalidTests as error:
        raise Failure(" ".join(error.mistakes[:5])) from None
    except (EnforceError, RecordsError) as error:
        raise Failure(f"No database can be filled from these definitions: {error}.") from None


def _asked_for(
    policy: Policy, logins: dict[str, str], records: Path | None, targets: Sequence[str], notes: list[str]
) -> tuple[Tests, dict[str, DataRecord]]:
    """What the database is filled with, as a file of access tests. Raises InvalidTests."""
    from dataclasses import replace

    import msgspec

    from ostiary.testing.reading import parse_tests, read_tests

    if records is None:
        tests = parse_tests(b"version: 1\ndemo: true\n", Path("shell.access.yaml"), "the addons' data files")
    else:
        tests = read_tests(records)
    file = tests.file
    taken = {*file.users, *file.companies, *policy.user_by_login}
    taken |= {name for names in file.records.values() for name in names}
    users: dict[str, Any] = {
        login: group
        for login, group in logins.items()
        if login not in taken and not user_type_conflict(closure(policy, [group]))
    }
    tests = replace(tests, file=msgspec.structs.replace(file, users={**users, **file.users}))
    return tests, _data(policy, targets, notes) if file.demo else {}


def _data(policy: Policy, targets: Sequence[str], notes: list[str]) -> dict[str, DataRecord]:
    """The records of the addons' files, where there are files to read."""
    from ostiary.sources import UnreadableTarget
    from ostiary.testing.data_files import data_records

    try:
        return data_records(targets, policy, demo=True)
    except (UnreadableTarget, OSError) as error:
        notes.append(f"No data files were read: {error}")
        return {}


def _company(world: World, name: str) -> int:
    found = world.things.get(name)
    if found is not None and found[0] == "res.company":
        return found[1]
    if name.isdecimal() and ("res.company", int(name)) in world.labels:
        return int(name)
    known = [label for (model, _), label in world.labels.items() if model == "res.company"]
    raise Failure(f"There is no company {name} here; there are {', '.join(sorted(known))}.")


def _counted(world: World) -> dict[str, int]:
    """How many records there are of each model that has some, but for those that make up people."""
    found = Counter(model for model, _ in world.things.values() if not model.startswith(("res.", "ir.")))
    return dict(sorted(found.items()))


# ------------------------------------------------------------------------------------ an Odoo's database


@contextlib.contextmanager
def in_database(
    policy: Policy, access: Any, as_: str, companies: Sequence[str], *, strict: bool
) -> Iterator[Place]:
    """The rows of an Odoo's own database, of one moment; they are only read."""
    from ostiary.cli.rows import company_id
    from ostiary.enforce import Environment

    known = sorted(user.login for user in policy.users if user.active)
    subject = Subject.find(policy, as_)
    user: str | Subject = subject if subject.user is None else subject.user.login
    chosen = [company_id(policy, one) for one in companies] or None
    store = access.store
    env = Environment(
        store.connection,
        policy,
        user=user,
        companies=chosen,
        strict=strict,
        catalog=store.schema.catalog,
        isolation=None,
    )
    yield Place(env, "of the database, which is only read", known, {})
