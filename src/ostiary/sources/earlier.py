"""What a target was before: the same folders at a git revision, or another target that stands for that state."""

from __future__ import annotations

import os
from collections.abc import Sequence

from ostiary.policy import Policy
from ostiary.sources import git
from ostiary.sources.errors import UnreadableTarget
from ostiary.sources.revision import split_revision
from ostiary.sources.shown import scheme_of


def is_target(base: str) -> bool:
    """Whether a base is a target of its own (a path, `path@rev`, a database), and not a revision of others."""
    if os.path.exists(base) or scheme_of(base):
        return True
    split = split_revision(base)
    return split is not None and os.path.exists(split[0]) and bool(split[0])


def at_revision(targets: Sequence[str], revision: str) -> list[str]:
    """Each target at a revision. Raises UnreadableTarget for a database, which has none."""
    found = []
    for target in targets:
        if scheme_of(target):
            raise UnreadableTarget(
                "A database has no revisions: name a snapshot or another database to compare with."
            )
        found.append(f"{_path(target)}@{revision}")
    return found


def beside(targets: Sequence[str], others: Sequence[str], revision: str) -> list[str]:
    """`others`, those at the revision that lie in the same git repository as one of the targets."""
    tops = {top for target in targets if (top := _top(_path(target)))}
    return [
        f"{_path(other)}@{revision}" if not scheme_of(other) and _top(_path(other)) in tops else other
        for other in others
    ]


def nothing(odoo: str) -> Policy:
    """The policy of a state in which there was nothing yet."""
    return Policy(odoo=odoo)


def _path(target: str) -> str:
    split = split_revision(target)
    return split[0] if split and os.path.exists(split[0]) else target


def _top(path: str) -> str:
    """The top folder of the git work tree that a folder lies in; empty where it is in none, or is no folder."""
    if not os.path.isdir(path):
        return ""
    try:
        return os.fsdecode(git.answer(path, "rev-parse", "--show-toplevel")).removesuffix("\n")
    except git.GitError:
        return ""
