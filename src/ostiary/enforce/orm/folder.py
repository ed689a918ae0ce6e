"""A folder of Odoo-style security files, read as the module that it would be in Odoo."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterable
from pathlib import Path

import msgspec

from ostiary.enforce.orm.ties import MappingError
from ostiary.policy import Origin, Policy

_LARGEST = 5_000_000
_MOST = 200
_DATA = (".xml", ".csv")


def read_folder(folder: Path, models: Iterable[str], odoo: str) -> Policy:
    """The Policy of a folder: of a whole module where it has Python, else of its `.xml` and `.csv` files (those first
    that define groups), about the models given.

    Raises MappingError for a folder that is none, and `UnreadableTarget` for one that can't be read.
    """
    # Only an application that reads files needs what reads them.
    from ostiary.sources import open_policy

    if not folder.is_dir():
        raise MappingError(f"{folder} is no folder with security files")
    if any(folder.rglob("*.py")):
        return open_policy([folder], odoo=odoo, cache=False)
    with tempfile.TemporaryDirectory(prefix="ostiary-") as place:
        module = Path(place) / _name(folder)
        names = _copied(folder, module)
        (module / "__manifest__.py").write_text(
            repr({"name": folder.name, "version": f"{odoo}.1.0", "depends": ["base"], "data": names}),
            encoding="utf-8",
        )
        (module / "__init__.py").write_text("from . import models\n", encoding="utf-8")
        classes = [
            f"class M{number}(models.Model):\n    _name = {name!r}\n" for number, name in enumerate(models)
        ]
        (module / "models.py").write_text("\n".join(["from odoo import models", *classes]), encoding="utf-8")
        return _relative(open_policy([module], odoo=odoo, cache=False), f"{place}/")


def _name(folder: Path) -> str:
    """What the module is called: its external ids begin so. A folder `security` is called as what it lies in."""
    folder = folder.resolve()
    name = folder.parent.name if folder.name == "security" else folder.name
    return "".join(one if one.isascii() and (one.isalnum() or one == "_") else "_" for one in name) or "app"


def _copied(folder: Path, module: Path) -> list[str]:
    """The data files, copied; their names in the order in which they are loaded."""
    found = sorted(path for path in folder.rglob("*") if path.suffix in _DATA and path.is_file())
    if not found or len(found) > _MOST:
        raise MappingError(f"{folder} holds {'no' if not found else 'too many'} .xml and .csv files")
    for path in found:
        if path.stat().st_size > _LARGEST:
            raise MappingError(f"{path} is too large for a security file")
        target = module / path.relative_to(folder)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
    names = [path.relative_to(folder).as_posix() for path in found]
    return sorted(names, key=lambda name: (not name.endswith(".xml"), "group" not in name, name))


def _relative(policy: Policy, place: str) -> Policy:
    """The policy with the files named as in the folder: where they were read is gone."""

    def named(origin: Origin) -> Origin:
        return msgspec.structs.replace(origin, path=origin.path.removeprefix(place))

    return msgspec.structs.replace(
        policy,
        groups={
            name: msgspec.structs.replace(
                one,
                origin=named(one.origin),
                implies=tuple(
                    msgspec.structs.replace(link, origin=named(link.origin)) for link in one.implies
                ),
            )
            for name, one in policy.groups.items()
        },
        rights=[msgspec.structs.replace(one, origin=named(one.origin)) for one in policy.rights],
        rules=[
            msgspec.structs.replace(
                one, origin=named(one.origin), domain_origin=one.domain_origin and named(one.domain_origin)
            )
            for one in policy.rules
        ],
        problems=[msgspec.structs.replace(one, origin=named(one.origin)) for one in policy.problems],
    )
