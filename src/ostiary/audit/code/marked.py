"""What lines of code show by themselves, without those of tests."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ostiary.audit.asking.facts import in_context
from ostiary.policy.code import Mark
from ostiary.policy.policy import Policy

# Files whose secrets open nothing: tests, and what is only loaded to show something.
_TRIED = re.compile(
    r"(?:^|/)(?:tests?|demo|populate|benchmarks?)(?:/|$)|(?:^|/)test_[^/]*\.py$|(?:^|/)test_[^/]*/"
)


def marked(policy: Policy, kind: str) -> Iterator[Mark]:
    """The marks of a kind in the audited modules, by module, file and line; none where code was not read."""
    for mark in policy.code.marks if policy.code else ():
        if mark.kind == kind and not in_context(policy, mark.origin.module) and not tried(mark):
            yield mark


def tried(mark: Mark) -> bool:
    """Whether a mark stands in a test, or in data that is only there to be looked at."""
    path = mark.origin.path
    below = path.rpartition(f"/{mark.origin.module}/")[2] if mark.origin.module else path
    return mark.origin.module.startswith("test_") or _TRIED.search(below) is not None
