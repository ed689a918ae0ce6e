"""Groups that settings say portal users are given: which of them can be, and what is said of the others."""

from __future__ import annotations

from difflib import get_close_matches

from ostiary.policy.groups import closure
from ostiary.policy.policy import Policy
from ostiary.policy.semantics import INTERNAL, USER_TYPES


def can_be_given(policy: Policy, group: str) -> bool:
    """Whether portal users can hold a group: it is there, and brings no user type of its own."""
    return group in policy.groups and closure(policy, (group,)).isdisjoint(USER_TYPES)


def audience_said(policy: Policy, group: str, by: str) -> str:
    """What a report says of one such group of the settings called `by`."""
    if can_be_given(policy, group):
        return f"{by} says that portal users are given the group {group}."
    if group in policy.groups:
        kind = "internal" if INTERNAL in closure(policy, (group,)) else "share"
        why = f"it makes {kind} users by itself"
    elif _read_whole(policy, group):
        why = "there is no such group"
    else:
        why = "its module was not read whole"
    return f"{by} names {group} as a group that portal users are given; {why}, so this was not heeded."


def no_such_audience(policy: Policy, group: str) -> str:
    """One sentence where a group is none of its module's, which was read whole; empty where it is one or may be."""
    if group in policy.groups or not _read_whole(policy, group):
        return ""
    near = get_close_matches(group, sorted(policy.groups), n=1, cutoff=0.6)
    hint = f"did you mean {near[0]}?" if near else f"the module {_module(group)} was read and has none."
    return f"There is no group called {group}; {hint}"


def _module(group: str) -> str:
    return group.partition(".")[0]


def _read_whole(policy: Policy, group: str) -> bool:
    """Whether all groups of the module that a group is named after are known."""
    name = _module(group)
    module = policy.modules.get(name)
    if module is None or module.facts:
        return False
    return not any(problem.origin.module == name for problem in policy.problems)
