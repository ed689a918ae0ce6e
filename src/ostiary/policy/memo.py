"""What was worked out once about a Policy and is kept with it.

A Policy is a value that is never changed, so a closure or an index that was derived from it stays true.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import TypeVar

from ostiary.policy.policy import Policy

T = TypeVar("T")


def remembered(policy: Policy, key: Hashable, build: Callable[[], T]) -> T:
    """What `build()` gives, called once for this policy and key. The key's first part names the question."""
    memory: dict[Hashable, T] = policy.__dict__.setdefault("_remembered", {})
    try:
        return memory[key]
    except KeyError:
        value = memory[key] = build()
        return value
