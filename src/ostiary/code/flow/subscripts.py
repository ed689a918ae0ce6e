"""`holder[key]`."""

from __future__ import annotations

import ast

from msgspec.structs import replace

from ostiary.code.flow.assigning import element
from ostiary.code.flow.containers import looked_up
from ostiary.code.flow.fields import field_of, model_of
from ostiary.code.flow.requests import part_item
from ostiary.code.flow.run import Run
from ostiary.code.flow.state import State
from ostiary.code.flow.values import (
    Dict,
    Either,
    Env,
    External,
    Plain,
    Records,
    Request,
    Seq,
    Value,
    known,
    mixed,
)
from ostiary.code.flow.words import SECRET


def item(run: Run, state: State, node: ast.Subscript, holder: Value, key: Value) -> Value:
    """What stands at a key, or the model of an environment."""
    match holder:
        case Env():
            return model_of(run, node, holder, key)
        case Records():
            name = known(key)
            if isinstance(name, str):
                return field_of(run, state, node, holder, name)
            return holder
        case Request():
            return part_item(run, state, node, holder, key)
        case Dict():
            return looked_up(state, holder, key)
        case Seq(items=items, rest=rest):
            at = known(key)
            if (
                isinstance(at, int)
                and not isinstance(at, bool)
                and -len(items) <= at < len(items)
                and rest is None
            ):
                return items[at].value
            return element(holder)
        case Either(options=choices):
            found = [item(run, state, node, one, key) for one in choices]
            return found[0] if len(found) == 1 else Either(options=tuple(found), given=holder.given)
        case External(name=name):
            return External(name=f"{name}[]")
        case Plain():
            at = known(key)
            said = isinstance(at, str | int)
            part = mixed(holder, key, key=(*holder.key, at) if holder.key is not None and said else None)

            secret = isinstance(at, str) and bool(SECRET.search(at)) and not holder.given
            return replace(
                part,
                secret=secret or (holder.secret and not holder.given),
                authenticates=holder.authenticates,
            )
    return mixed(holder, key)
