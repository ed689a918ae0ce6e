"""Which Odoo a tree is, from its `release.py`."""

from __future__ import annotations

import ast
from pathlib import Path


def release_of(base: Path) -> str | None:
    """The series (`18.0`) of the Odoo tree that holds the module `base`, None where it does not say."""
    for release in (base.parents[1] / "release.py", base.parents[1] / "odoo" / "release.py"):
        try:
            tree = ast.parse(release.read_bytes()[:100_000])
        except (OSError, SyntaxError, ValueError, RecursionError, MemoryError):
            continue
        for node in tree.body:
            match node:
                case ast.Assign(
                    targets=[ast.Name(id="version_info")],
                    value=ast.Tuple(
                        elts=[
                            ast.Constant(value=int() | str() as major),
                            ast.Constant(value=int() as minor),
                            *_,
                        ]
                    ),
                ):
                    return str(major) if "saas" in str(major) else f"{major}.{minor}"
    return None
