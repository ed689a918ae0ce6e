"""Commands on x2many fields: `(0, 0, values)` and its like, done with the rights of whoever writes.

Source: `One2many.write_real`, `Many2many.write_real`, `_RelationalMulti._check_sudo_commands`. A one2many is its
lines: what changes them is a write on each. A many2many is rows of its own: linking asks no right before 19, and
what the user can't see is not unlinked.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from ostiary.domain import TRUE
from ostiary.enforce.errors import InvalidError, ValidationError
from ostiary.enforce.values import linking
from ostiary.enforce.verbs import checks
from ostiary.policy import Mode
from ostiary.records.errors import Undecided
from ostiary.records.schema import Lines, Links

if TYPE_CHECKING:
    from ostiary.enforce.environment import Environment
    from ostiary.enforce.recordset import Records

CREATE, UPDATE, DELETE, UNLINK, LINK, CLEAR, SET = range(7)

GUARDED = frozenset(
    {
        "ir.actions.act_url", "ir.actions.act_window", "ir.actions.act_window_close", "ir.actions.actions",
        "ir.actions.client", "ir.actions.report", "ir.actions.server", "ir.asset", "ir.config_parameter", "ir.cron",
        "ir.default", "ir.logging", "ir.mail_server", "ir.model", "ir.model.access", "ir.model.constraint",
        "ir.model.data", "ir.model.fields", "ir.model.fields.selection", "ir.model.relation", "ir.module.category",
        "ir.module.module", "ir.module.module.dependency", "ir.module.module.exclusion", "ir.profile", "ir.property",
        "ir.rule", "ir.sequence", "ir.sequence.date_range", "ir.ui.menu", "ir.ui.view", "res.groups", "res.lang",
        "res.partner", "res.users", "res.users.apikeys",
    }
)  # fmt: skip
"""Models on which commands are never done as superuser (`_allow_sudo_commands = False`)."""

_MAX = 100_000


class Command:
    """The commands by name, as Odoo's `Command`."""

    @staticmethod
    def create(values: Mapping[str, Any]) -> tuple[int, int, Mapping[str, Any]]:
        """A new record, linked."""
        return (CREATE, 0, values)

    @staticmethod
    def update(id: int, values: Mapping[str, Any]) -> tuple[int, int, Mapping[str, Any]]:
        """Write to a linked record."""
        return (UPDATE, id, values)

    @staticmethod
    def delete(id: int) -> tuple[int, int, int]:
        """Delete a linked record."""
        return (DELETE, id, 0)

    @staticmethod
    def unlink(id: int) -> tuple[int, int, int]:
        """Take the link away."""
        return (UNLINK, id, 0)

    @staticmethod
    def link(id: int) -> tuple[int, int, int]:
        """Link a record."""
        return (LINK, id, 0)

    @staticmethod
    def clear() -> tuple[int, int, int]:
        """Take all links away."""
        return (CLEAR, 0, 0)

    @staticmethod
    def set(ids: Sequence[int]) -> tuple[int, int, Sequence[int]]:
        """Link these records and no others."""
        return (SET, 0, ids)


def apply(
    env: Environment, model: str, name: str, ids: Sequence[int], value: Any, *, creating: bool = False
) -> None:
    """Do the commands given for a field of records. `creating`: they are new, so there is nothing to take away."""
    kind = env.schema.field(model, name)
    asked = _commands(kind.model, name, value)
    if not asked:
        return
    comodel = _comodel(env, str(kind.comodel))
    if isinstance(kind, Lines):
        _lines(env, kind, comodel, ids, asked, creating=creating)
    elif isinstance(kind, Links):
        _links(env, kind, comodel, ids, asked, creating=creating)


def _comodel(env: Environment, model: str) -> Records:
    """The comodel as commands act on it: never as superuser where that would give away rights."""
    if env.su and model in GUARDED and not env.subject.superuser:
        origin = env.origin.subject
        return env.derived(subject=env.subject if origin.superuser else origin, su=False)[model]
    return env[model]


def _commands(model: str, name: str, value: Any) -> list[tuple[Any, ...]]:
    """The value as a list of commands. Ids alone mean that these are all."""
    from ostiary.enforce.recordset import Records

    if isinstance(value, Records):
        return [(SET, 0, value.ids)]
    if value in (None, False):
        return [(CLEAR,)]
    if not isinstance(value, list | tuple) or len(value) > _MAX:
        raise InvalidError(f"{model}.{name} takes a list of commands")
    if value and all(type(one) is int for one in value):
        return [(SET, 0, list(value))]
    found = []
    for one in value:
        if not isinstance(one, list | tuple) or not one or type(one[0]) is not int or one[0] not in range(7):
            raise InvalidError(f"{model}.{name} takes commands such as (4, id), and not {one!r:.60}")
        found.append(_whole(model, name, tuple(one)))
    return found


def _whole(model: str, name: str, command: tuple[Any, ...]) -> tuple[Any, ...]:
    """A command with its values checked."""
    code = command[0]
    needs_id = code in (UPDATE, DELETE, UNLINK, LINK)
    if needs_id and (len(command) < 2 or type(command[1]) is not int):
        raise InvalidError(f"command {code} on {model}.{name} needs the id of a record")
    if code in (CREATE, UPDATE) and (len(command) < 3 or not isinstance(command[2], Mapping)):
        raise InvalidError(f"command {code} on {model}.{name} needs values")
    if code == SET:
        ids = command[2] if len(command) > 2 else ()
        if not isinstance(ids, list | tuple) or not all(type(one) is int for one in ids):
            raise InvalidError(f"command 6 on {model}.{name} needs a list of ids")
    return command


# ------------------------------------------------------------------------------------ one2many


def _lines(
    env: Environment,
    kind: Lines,
    comodel: Records,
    ids: Sequence[int],
    asked: list[tuple[Any, ...]],
    *,
    creating: bool,
) -> None:
    from ostiary.enforce.verbs.creating import create

    inverse = kind.inverse
    if kind.model_field is not None:
        raise Undecided.computed(kind.model, kind.name, "is linked by Python")
    if kind.active_test is not None:
        comodel = comodel.with_context(active_test=kind.active_test)
    last = ids[-1]
    whole = not creating  # whether what there is may be replaced: not what was linked or created just now
    for command in asked:
        code = command[0]
        if code == CREATE:
            create(comodel, [{**command[2], inverse: one} for one in ids], inverse)
        elif code == UPDATE:
            comodel.browse(command[1]).write(command[2])
        elif code == DELETE:
            comodel.browse(command[1]).unlink()
        elif code == UNLINK:
            _let_go(env, kind, comodel.browse(command[1]))
        elif code == LINK:
            _take(env, kind, comodel, [command[1]], last, creating=creating)
        elif whole:
            _replace(env, kind, comodel, ids, list(command[2]) if code == SET else [])
        elif code == SET:
            _take(env, kind, comodel, command[2], last, creating=creating)
        whole = whole and code not in (CREATE, LINK)


def _replace(
    env: Environment, kind: Lines, comodel: Records, ids: Sequence[int], kept: Sequence[int]
) -> None:
    """Let go of the lines that the session finds, but for those that are kept: these are written to, also where they
    are linked already."""
    lines = comodel.search([(kind.inverse, "in", list(ids)), ("id", "not in", list(kept))])
    if kind.domain not in (None, TRUE):
        with checks.explained(env, kind.model, Mode.READ):
            own = env.values.sudo().active_test(False).test(comodel._name, kind.domain)
            lines = comodel.browse([one for one in lines.ids if own(one)])
    if lines:
        _let_go(env, kind, lines)
    if kept:
        comodel.browse(list(dict.fromkeys(kept))).write({kind.inverse: ids[-1]})


def _let_go(env: Environment, kind: Lines, lines: Records) -> None:
    """Lines that can't be without the record are deleted with the link; others only lose it."""
    definition = env.policy.models[str(kind.comodel)].fields.get(kind.inverse)
    if definition is not None and definition.ondelete == "cascade":
        lines.unlink()
    else:
        lines.write({kind.inverse: False})


def _take(
    env: Environment, kind: Lines, comodel: Records, ids: Iterable[int], owner: int, *, creating: bool
) -> None:
    """Link lines that the session doesn't see linked yet: they are read, then written to."""
    held: set[int] = set()
    if not creating:
        with checks.explained(env, kind.model, Mode.READ):
            held.update(env.values.lines(kind)(owner))
    lines = comodel.browse([one for one in dict.fromkeys(ids) if one not in held])
    if lines:
        lines.mapped(kind.inverse)  # what doesn't exist, or is hidden, is not linked
        lines.write({kind.inverse: owner})


# ------------------------------------------------------------------------------------ many2many


def _links(
    env: Environment,
    kind: Links,
    comodel: Records,
    ids: Sequence[int],
    asked: list[tuple[Any, ...]],
    *,
    creating: bool,
) -> None:
    old = _linked(env, kind, [] if creating else ids)
    old = {one: old.get(one, {}) for one in ids}
    new = {one: dict.fromkeys(others) for one, others in old.items()}
    for command in asked:
        code = command[0]
        if code == CREATE:
            made = comodel.create(command[2]).id
            for one in ids:
                new[one][made] = None
        elif code == UPDATE:
            comodel.browse(command[1]).write(command[2])
        elif code == DELETE:
            comodel.browse(command[1]).unlink()
            for links in (*new.values(), *old.values()):
                links.pop(command[1], None)
        elif code == UNLINK:
            for one in ids:
                new[one].pop(command[1], None)
        elif code == LINK:
            for one in ids:
                new[one][command[1]] = None
        else:
            kept = list(command[2]) if code == SET else []
            for one in ids:
                new[one] = dict.fromkeys(kept)
    _store(env, kind, old, new)


def _linked(env: Environment, kind: Links, ids: Sequence[int]) -> dict[int, dict[int, None]]:
    """What is linked now, as far as the session sees it: what it doesn't, and what is archived, it can't unlink."""
    with checks.explained(env, kind.model, Mode.READ):
        seen = env.values.lines(kind)
        return {one: dict.fromkeys(seen(one)) for one in ids}


def _store(
    env: Environment, kind: Links, old: dict[int, dict[int, None]], new: dict[int, dict[int, None]]
) -> None:
    """Write what has changed into the relation table."""
    assert kind.own is not None
    assert kind.other is not None
    transaction = env.transaction
    added = [(one, other) for one, others in new.items() for other in others if other not in old[one]]
    gone = [(one, other) for one, others in old.items() for other in others if other not in new[one]]
    if added:
        _check_added(env, kind, sorted({other for _, other in added}))
        there = _pairs(env, kind, [one for one, _ in added])
        rows = [
            {kind.own.name: one, kind.other.name: other} for one, other in added if (one, other) not in there
        ]
        if rows:
            transaction.execute(sa.insert(kind.own.table), rows)
    for one, other in gone:
        transaction.execute(sa.delete(kind.own.table).where(kind.own == one, kind.other == other))
    if added or gone:
        transaction.changed()


def _check_added(env: Environment, kind: Links, others: list[int]) -> None:
    comodel = str(kind.comodel)
    table = env.schema.model(comodel)
    store = env.transaction.store
    there = {
        row[0]
        for row in store.rows(sa.select(table.id).where(store.sql.among(table.id, others, sa.Integer())))
    }
    missing = [one for one in others if one not in there]
    if missing:
        raise ValidationError(
            f"{kind.model}.{kind.name} can't hold {comodel} {missing[0]}, which does not exist"
        )
    if not env.su and (env.strict or env.schema.semantics.links_ask_for_right):
        linking.check_readable(env, kind.model, kind.name, comodel, others)


def _pairs(env: Environment, kind: Links, ids: Sequence[int]) -> set[tuple[int, int]]:
    """The links there are, also those that the session doesn't see."""
    assert kind.own is not None
    assert kind.other is not None
    store = env.transaction.store
    among = store.sql.among(kind.own, sorted(set(ids)), sa.Integer())
    asked: Any = sa.select(kind.own, kind.other).where(among)
    return {(row[0], row[1]) for row in store.rows(asked)}
