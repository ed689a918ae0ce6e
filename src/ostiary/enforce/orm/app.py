"""App: what an engine and a policy come to, worked out once and shared by all sessions on them."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import Any
from weakref import WeakKeyDictionary

import sqlalchemy as sa
from sqlalchemy.util import LRUCache

from ostiary.enforce.orm.face import Face
from ostiary.enforce.orm.policy import ties_of
from ostiary.enforce.orm.schema import MappedSchema
from ostiary.policy import Policy
from ostiary.records.session import Session

FACES = 500
"""How many users' faces are kept, those that were used last."""

STATEMENTS = 3_000
"""How many compiled statements are kept, of all users together."""


class App:
    """An engine and a policy. `statements` keeps what was compiled, `face` what each user may see."""

    def __init__(self, engine: sa.Engine, policy: Policy) -> None:
        self.policy = policy
        self.ties = ties_of(policy)
        self.schema = MappedSchema(policy, self.ties)
        self.names = frozenset(name.lower() for name in self.schema.metadata.tables)
        self.statements: Any = LRUCache(STATEMENTS)
        self._faces: OrderedDict[tuple[object, ...], Face] = OrderedDict()
        self._lock = threading.Lock()
        # A dialect learns what its server can do when it first connects.
        if not hasattr(engine.dialect, "server_version_info"):
            with engine.connect():
                pass

    def face(self, engine: sa.Engine, who: Session, functions: frozenset[str]) -> Face:
        """What the user may see, as it was last worked out."""
        with self._lock:
            key = _key(who, functions)
            found = self._faces.pop(key, None)
            if found is None:
                found = Face(self, engine.dialect, who, functions)
                while len(self._faces) >= FACES:
                    self._faces.popitem(last=False)
            self._faces[key] = found
            return found

    def renew(self, engine: sa.Engine, old: Face) -> Face:
        """A new face in the place of one that shows what is no longer so."""
        with self._lock:
            key = _key(old.who, old.functions)
            kept = self._faces.get(key)
            if kept is None or kept is old:
                kept = self._faces[key] = Face(self, engine.dialect, old.who, old.functions)
            return kept


def _key(who: Session, functions: frozenset[str]) -> tuple[object, ...]:
    """Whose face it is. Rules read False and 0 differently, which are equal: so values are also told by their words."""
    return (who, repr(who.given), functions)


_APPS: WeakKeyDictionary[sa.Engine, dict[int, App]] = WeakKeyDictionary()
_MAKING = threading.Lock()


def app_of(engine: sa.Engine, policy: Policy) -> App:
    """The App of an engine and a policy, made once for as long as the engine lives."""
    with _MAKING:
        apps = _APPS.setdefault(engine, {})
        found = apps.get(id(policy))  # the App keeps the policy, so that its id stays its own
        if found is None:
            found = apps[id(policy)] = App(engine, policy)
        return found
