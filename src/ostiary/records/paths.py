"""`parent_path`: the ids from the top of a tree down to a record, as in `1/7/`."""

from __future__ import annotations

import re

from ostiary.records.errors import Undecided

_PATH = re.compile(r"(?:[0-9]{1,18}/)*(?:[0-9]{1,18})?")
_LONGEST = 100_000


def path_ids(path: str) -> list[int]:
    """The ids on a path, the topmost first. Raises Undecided for one that doesn't hold ids alone."""
    if len(path) > _LONGEST or not _PATH.fullmatch(path):
        raise Undecided(f"cannot be decided: {path!r:.40} is no path in a tree")
    return [int(one) for one in path.split("/") if one]
