"""One module's files to one `ModuleExtract`: pure, independent of other modules, and so cached and parallel."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import PurePosixPath

from ostiary.sources.addons.csv_data import read_csv
from ostiary.sources.addons.files import ModuleFiles, inside
from ostiary.sources.addons.manifest import read_manifest
from ostiary.sources.addons.ops import DataFile, ModuleExtract, Op, ProblemOp, RecordOp, UnloadedOp
from ostiary.sources.addons.python_files import read_classes
from ostiary.sources.addons.xml_data import read_xml

# What a hook touches when it changes who may do what.
_HOOK_TOUCHES = re.compile(rb"ir\.rule|ir\.model\.access|res\.groups|implied_ids|groups_id|group_ids|ir_rule")
_REF_CALL = re.compile(rb"""\.ref\(\s*['"]([\w]+\.[\w]+|[\w]+)['"]""")
_IMPLIED = re.compile(rb"""implied_ids[^\n]*\.ref\(\s*['"](\w+\.\w+)['"]""")
_SECURITY_MODELS = {"ir.model.access", "ir.rule", "res.groups"}


class Contents:
    """The bytes of a module's files, read once and kept for as long as the module is being read."""

    def __init__(self, files: ModuleFiles) -> None:
        self.files = files
        self.known: dict[str, bytes | None] = {}
        self.name = files.name
        self.shown = files.shown

    def listing(self) -> list[str]:
        return self.files.listing()

    def read(self, path: str) -> bytes | None:
        if path not in self.known:
            self.known[path] = self.files.read(path)
        return self.known[path]


def extract(files: Contents) -> ModuleExtract:
    """Everything one module says about access. Never raises on any content."""
    manifest, problems = read_manifest(files)
    found = ModuleExtract(manifest=manifest, problems=problems)
    if not manifest.installable:
        return found
    listing = files.listing()
    found.classes, python_problems, python_files = read_classes(manifest.name, files.read)
    found.problems += python_problems
    named: set[str] = set()
    for demo, paths in ((False, manifest.data), (True, manifest.demo)):
        for path in paths:
            clean = inside(path)
            if clean is None:
                message = f"The manifest names {path!r}, which lies outside the module."
                found.problems.append(ProblemOp("missing-file", message, manifest.path))
                continue
            named.add(clean)
            if file := _data_file(clean, demo, files, found):
                found.files.append(file)
    sources = {path: files.read(path) or b"" for path in python_files}
    _unloaded(listing, named, sources, files, found)
    _hooks(sources, found)
    _implied(sources, found)
    found.refs = _looked_up(sources)
    return found


def _data_file(path: str, demo: bool, files: Contents, found: ModuleExtract) -> DataFile | None:
    suffix = PurePosixPath(path).suffix.lower()
    if suffix not in (".xml", ".csv"):
        return None
    content = files.read(path)
    if content is None:
        message = f"The manifest names {path}, which is not there (or too large to read)."
        found.problems.append(
            ProblemOp("missing-file", message, found.manifest.path, _line_of(path, files, found))
        )
        return None
    reader = read_csv if suffix == ".csv" else read_xml
    ops, problems = reader(content, found.manifest.name, path)
    found.problems += problems
    return DataFile(path, ops, demo) if ops else None


def _line_of(text: str, files: Contents, found: ModuleExtract) -> int:
    content = files.read(found.manifest.path) or b""
    at = content.find(text.encode())
    return content.count(b"\n", 0, at) + 1 if at >= 0 else 0


def _unloaded(
    listing: list[str], named: set[str], sources: Mapping[str, bytes], files: Contents, found: ModuleExtract
) -> None:
    """Access definitions that lie in the module and that nothing loads."""
    for path in listing:
        pure = PurePosixPath(path)
        is_rights = pure.stem.split("-")[0] in _SECURITY_MODELS and pure.suffix == ".csv"
        if path in named or not (
            is_rights or (path.startswith("security/") and pure.suffix in (".xml", ".csv"))
        ):
            continue
        reader = read_csv if pure.suffix == ".csv" else read_xml
        ops, problems = reader(files.read(path) or b"", found.manifest.name, path)
        kept: list[Op] = [op for op in ops if isinstance(op, RecordOp) and op.model in _SECURITY_MODELS]
        if kept or problems:
            mentioned = any(pure.name.encode() in source for source in sources.values())
            found.unloaded.append(UnloadedOp(DataFile(path, kept), mentioned))


def _hooks(sources: Mapping[str, bytes], found: ModuleExtract) -> None:
    """Note install hooks that may change access: they are code, so what they do is not known."""
    for hook in found.manifest.hooks:
        definition = re.compile(rb"^def\s+" + re.escape(hook.encode()) + rb"\b", re.MULTILINE)
        for path, source in sources.items():
            match = definition.search(source)
            if match is None:
                continue
            end = re.search(rb"\n(?=[^\s#)])", source[match.end() :])
            body = source[match.end() : match.end() + end.start()] if end else source[match.end() :]
            if _HOOK_TOUCHES.search(body):
                line = source.count(b"\n", 0, match.start()) + 1
                message = (
                    f"The hook {hook} changes groups, rights or rules in Python; what it does is not known."
                )
                found.notes.append(ProblemOp("hook", message, path, line, False))


def _implied(sources: Mapping[str, bytes], found: ModuleExtract) -> None:
    """Note code that makes groups imply another: which groups, and when, is not known without running it."""
    for path, source in sources.items():
        for match in _IMPLIED.finditer(source):
            line = source.count(b"\n", 0, match.start()) + 1
            message = (
                f"{match[1].decode()} may come to be implied by other groups: this code writes implied_ids."
            )
            found.notes.append(ProblemOp("implied-by-code", message, path, line, False))


def _looked_up(sources: Mapping[str, bytes]) -> dict[str, tuple[str, int]]:
    """The external ids of `env.ref('...')` calls."""
    found: dict[str, tuple[str, int]] = {}
    for path, source in sources.items():
        for match in _REF_CALL.finditer(source):
            xmlid = match[1].decode()
            if xmlid not in found:
                found[xmlid] = (path, source.count(b"\n", 0, match.start()) + 1)
    return found
