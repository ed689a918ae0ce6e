"""Which fields have one value whoever asks, so that it is read once for all superuser sessions."""

from __future__ import annotations

from ostiary.domain import TRUE
from ostiary.records.errors import RecordsError
from ostiary.records.schema import Column, Inherited, Kind, Lines, Links, Related, Schema, Storage

MAX_STEPS = 12


def is_steady(schema: Schema, kind: Kind, steps: int = 0) -> bool:
    """Whether a field's value, read as superuser, depends on nothing of the session but `active_test`.

    Company-dependent fields and those that a domain defines are not steady, nor is what rests on one.
    """
    try:
        return steps <= MAX_STEPS and _steady(schema, kind, steps + 1)
    except RecordsError:
        return False


def _steady(schema: Schema, kind: Kind, steps: int) -> bool:
    match kind:
        case Column(storage=storage):
            return storage in (Storage.PLAIN, Storage.TRANSLATED)
        case Lines(domain=domain, comodel=str(comodel), inverse=inverse):
            told = is_steady(schema, schema.field(comodel, inverse), steps)
            return told and domain in (None, TRUE) and _active(schema, comodel, steps)
        case Links(domain=domain, comodel=str(comodel)):
            return domain in (None, TRUE) and _active(schema, comodel, steps)
        case Inherited(link=link, name=name):
            return _path(schema, kind.model, (link, name), steps)
        case Related(path=path):
            return _path(schema, kind.model, path, steps)
    return False


def _active(schema: Schema, model: str, steps: int) -> bool:
    name = schema.model(model).active
    return name is None or is_steady(schema, schema.field(model, name), steps)


def _path(schema: Schema, model: str, path: tuple[str, ...], steps: int) -> bool:
    here: str | None = model
    for name in path:
        if here is None or name in ("id", "display_name"):
            return False
        kind = schema.field(here, name)
        if not is_steady(schema, kind, steps):
            return False
        here = kind.comodel
    return True
