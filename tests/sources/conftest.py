"""Write addons, and read them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from ostiary.policy import Policy
from ostiary.sources import open_policy
from sources.build import MakeAddon, ReadAddon, write_addon


@pytest.fixture
def addon(tmp_path: Path) -> MakeAddon:
    """Write a module below the test's folder `addons`."""

    def make(name: str, **parts: Any) -> Path:
        return write_addon(tmp_path / "addons", name, **parts)

    return make


@pytest.fixture
def read(tmp_path: Path) -> ReadAddon:
    """The Policy of the test's folder `addons`, or of other targets, without a cache."""

    def policy(*targets: str | os.PathLike[str], **options: Any) -> Policy:
        options.setdefault("cache", False)
        return open_policy(targets or [tmp_path / "addons"], **options)

    return policy


@pytest.fixture(scope="session")
def odoo_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where what is read of a whole Odoo is kept for the tests that need it."""
    return tmp_path_factory.mktemp("odoo-cache")
