"""What one module's files say, before anything is resolved: the unit that is cached.

A file is turned into plain operations in file order (`RecordOp`, `DeleteOp`, `FunctionOp`) and class
declarations (`ClassDecl`). Values are plain JSON values (see `values`), so that an extract can be
stored and read back without running anything.
"""

from __future__ import annotations

from typing import Any

import msgspec


class ProblemOp(msgspec.Struct, array_like=True):
    """Something in a file that could not be read; becomes a `Problem` with its place."""

    kind: str
    message: str
    path: str
    line: int = 0
    fatal: bool = True


class ValueOp(msgspec.Struct, array_like=True):
    """One field of a record, as written: `value` is a plain JSON value of `values`."""

    name: str
    value: Any
    line: int


class RecordOp(msgspec.Struct, array_like=True, tag="record"):
    """Create or patch a record. `forcecreate` is None where the file does not say."""

    model: str
    xmlid: str
    values: list[ValueOp]
    line: int
    noupdate: bool = False
    forcecreate: bool | None = None


class DeleteOp(msgspec.Struct, array_like=True, tag="delete"):
    """A `<delete>`: the record of an external id, or those a search finds."""

    model: str
    xmlid: str
    search: str
    line: int


class FunctionOp(msgspec.Struct, array_like=True, tag="function"):
    """A `<function>` call: `args` is a plain JSON value, or unreadable."""

    model: str
    name: str
    args: Any
    line: int
    noupdate: bool = False


Op = RecordOp | DeleteOp | FunctionOp


class DataFile(msgspec.Struct, array_like=True):
    """One data file, in the order its operations are carried out. `demo` files are loaded only on request."""

    path: str
    ops: list[Op]
    demo: bool = False


class FieldDecl(msgspec.Struct, array_like=True):
    """`name = fields.Type(...)`: the arguments that matter here, as written; `<...>` where not constant."""

    name: str
    type: str
    args: dict[str, Any]
    line: int


class ClassDecl(msgspec.Struct, array_like=True):
    """One Python class that defines or extends a model.

    `kind` is `model`, `transient` or `abstract`, from the base class; `attributes` are the `_x = constant`
    assignments; `name` is empty where the class does not say `_name`; `bases` are its Python bases other than
    Odoo's, and `kind` is empty where it has none of Odoo's; `methods` are those that decide access in Python,
    with their lines; `depends` are the paths that methods name in `@api.depends`; `guards` those of
    `write`, `create` and `unlink` that may refuse.
    """

    class_name: str
    kind: str
    name: str
    inherit: list[str]
    attributes: dict[str, Any]
    fields: list[FieldDecl]
    methods: dict[str, int]
    path: str
    line: int
    bases: list[str] = []
    depends: dict[str, list[str]] = {}
    guards: dict[str, int] = {}


class SuppressionOp(msgspec.Struct, array_like=True):
    """A comment that accepts findings, and the first and last line it stands at (0, 0: none)."""

    checks: list[str]
    reason: str
    path: str
    line: int
    first: int
    last: int


class UnloadedOp(msgspec.Struct, array_like=True):
    """A file of `security/` that the manifest does not name, with what it would have defined."""

    file: DataFile
    mentioned: bool


class ManifestInfo(msgspec.Struct):
    """The parts of a manifest that matter for access."""

    name: str
    title: str = ""
    version: str = ""
    depends: list[str] = []
    category: str = ""
    data: list[str] = []
    demo: list[str] = []
    auto_install: bool | list[str] = False
    countries: list[str] = []
    installable: bool = True
    application: bool = False
    hooks: list[str] = []
    path: str = ""


class ModuleExtract(msgspec.Struct):
    """Everything read from one module. Paths are relative to the module's folder."""

    manifest: ManifestInfo
    classes: list[ClassDecl] = []
    files: list[DataFile] = []
    unloaded: list[UnloadedOp] = []
    problems: list[ProblemOp] = []
    notes: list[ProblemOp] = []
    # External ids that Python code looks up, with the first place: what an inactive rule may be switched on by.
    refs: dict[str, tuple[str, int]] = {}
    suppressions: list[SuppressionOp] = []
    # A `ModuleIndex` or nil, encoded: most who read a policy don't follow its code.
    code: msgspec.Raw = msgspec.Raw(b"\xc0")
