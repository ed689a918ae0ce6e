"""In which order files of tests are given to the processes of a run (`--dist loadfile --no-loadscope-reorder`)."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

# The longest first, so that no process is left with one at the end. A file that is missing here is only run later.
LONGEST = (
    "records/test_oracle_decisions.py",
    "prove/test_oracle_proofs.py",
    "records/test_users_oracle.py",
    "records/test_memory_oracle.py",
    "records/test_sql_oracle.py",
    "cli/test_errors.py",
    "cli/test_commands.py",
    "cli/test_prove.py",
    "enforce/test_stateful.py",
    "enforce/test_portal_app.py",
    "enforce/test_concurrent.py",
    "records/test_agreement.py",
    "cli/test_only_new.py",
    "cli/test_decisions.py",
    "prove/test_generated.py",
    "database/test_versions.py",
)
HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the files that take long first; within a file, and among the others, the order stays."""
    if "PYTEST_XDIST_WORKER" in os.environ:
        place = {HERE / name: number for number, name in enumerate(LONGEST)}
        items.sort(key=lambda item: place.get(item.path, len(LONGEST)))
