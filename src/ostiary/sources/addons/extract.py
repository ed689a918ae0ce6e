"""One module's files to one `ModuleExtract`: pure, independent of other modules, and so cached and parallel."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath

from ostiary.code.syntax import in_utf8
from ostiary.sources.addons.csv_data import read_csv
from ostiary.sources.addons.files import SKIPPED_FOLDERS, ModuleFiles, inside
from ostiary.sources.addons.locate import MANIFESTS
from ostiary.sources.addons.manifest import read_manifest
from ostiary.sources.addons.ops import DataFile, ModuleExtract, Op, ProblemOp, RecordOp, UnloadedOp
from ostiary.sources.addons.python_files import read_python
from ostiary.sources.addons.suppressed import suppressions
from ostiary.sources.addons.xml_data import read_xml

# What a hook touches when it changes who may do what.
_HOOK_TOUCHES = re.compile(rb"ir\.rule|ir\.model\.access|res\.groups|implied_ids|groups_id|group_ids|ir_rule")
_REF_CALL = re.compile(rb"""\.ref\(\s{0,200}['"](\w+(?:\.\w+)?)['"]""")
_IMPLIED = re.compile(rb"""implied_ids[^\n]{0,300}?\.ref\(\s{0,20}['"](\w+\.\w+)['"]""")
_FIRST = "__init__.py"
_NO_INIT = "The module has no __init__.py, so that Odoo runs none of its Python; all of it is read here."
# Beyond this many problems, the line of a file that is not there is no longer looked up.
MAX_PLACED = 200
_SKIPPED_IMPORT = re.compile(rb"import[^\n]*\b(?:" + "|".join(sorted(SKIPPED_FOLDERS)).encode() + rb")\b")
MAX_MODULE_BYTES = 400_000_000
_DATA_NAME = re.compile(rb"""['"]([^'"\n]{1,500}\.(?:xml|csv))['"]""", re.IGNORECASE)
_SECURITY_MODELS = {"ir.model.access", "ir.rule", "res.groups"}


class Contents:
    """The bytes of a module's files, read once and kept for as long as the module is being read."""

    def __init__(self, files: ModuleFiles) -> None:
        self.files = files
        self.known: dict[str, bytes | None] = {}
        self.name = files.name
        self.shown = files.shown
        self.size = 0

    def listing(self) -> list[str]:
        return self.files.listing()

    def read(self, path: str) -> bytes | None:
        if path not in self.known:
            content = self.files.read(path) if self.size < MAX_MODULE_BYTES else None
            self.size += len(content or b"")
            self.known[path] = content
        return self.known[path]

    def read_all(self) -> dict[str, bytes | None]:
        """Every file that may count: those listed, and those the manifest or an import names elsewhere."""
        found: dict[str, bytes | None] = {}

        def read(path: str) -> bytes | None:
            found[path] = self.read(path)
            return found[path]

        for path in (*self.listing(), *MANIFESTS, "__init__.py"):
            read(path)
        named = b"".join(found[path] or b"" for path in MANIFESTS)
        for match in _DATA_NAME.finditer(named):
            if clean := inside(match[1].decode("utf-8", "replace")):
                read(clean)
        imported = found["__init__.py"] or b""
        if _SKIPPED_IMPORT.search(imported):
            read_python(self.name, read)
        return found

    def beyond(self) -> bool:
        """Whether something else was read than what `read_all` of another reader would: a folder behind a link, say."""
        listed = set(self.listing())
        others = {path for path, content in self.known.items() if content is not None and path not in listed}
        if not others:
            return False
        return not others <= Contents(self.files).read_all().keys()


def extract(files: Contents) -> ModuleExtract:
    """Everything one module says about access. Never raises on any content."""
    manifest, problems = read_manifest(files)
    found = ModuleExtract(manifest=manifest, problems=problems)
    if not manifest.installable:
        return found
    from ostiary.sources.addons.indexed import Indexer  # what is kept is read without it

    listing = files.listing()
    code = Indexer(manifest.name)
    starts = _starts(files, listing)
    if starts != [_FIRST]:
        found.notes.append(ProblemOp("no-init", _NO_INIT, manifest.path, 1, False))
    python = read_python(manifest.name, files.read, code.python, starts)
    found.classes = python.classes
    found.problems += python.problems
    found.problems += _closed(listing, files)
    named: set[str] = set()
    there = frozenset(listing)
    for demo, paths in ((False, manifest.data), (True, manifest.demo)):
        for path in paths:
            clean = inside(path)
            if clean is None:
                message = f"The manifest names {path!r}, which lies outside the module."
                found.problems.append(ProblemOp("missing-file", message, manifest.path))
                continue
            named.add(clean)
            if file := _data_file(clean, demo, files, there, found):
                found.files.append(file)
            if not demo and clean.lower().endswith(".xml"):
                code.data(clean, files.read(clean))
    found.code = code.encoded()
    sources = {path: _source(path, files) for path in python.files}
    _unloaded(listing, named, sources, files, found)
    _hooks(sources, found)
    _implied(sources, found)
    found.refs = _looked_up(sources)
    found.suppressions = suppressions(files.known)
    return found


def _closed(listing: list[str], files: Contents) -> list[ProblemOp]:
    """Python that is imported, is there and can't be opened: what it does is not known."""
    closed = [path for path in listing if path.endswith(".py") and files.known.get(path, b"") is None]
    return [
        ProblemOp("limit", "The file can't be opened, or is too large; not read.", path)
        for path in closed[:MAX_PLACED]
    ]


def _starts(files: Contents, listing: list[str]) -> list[str]:
    """The files that Odoo runs first: the package's own. Where there is none it would run nothing, and a module whose
    code is left out of sight is not what is asked about: every file is looked at then."""
    others = [path for path in listing if path.endswith(".py") and path not in MANIFESTS]
    return [_FIRST] if files.read(_FIRST) is not None or not others else sorted(others)


def _source(path: str, files: Contents) -> bytes:
    content = files.read(path) or b""
    try:
        return in_utf8(content)
    except (SyntaxError, ValueError):
        return content


def _data_file(
    path: str, demo: bool, files: Contents, there: frozenset[str], found: ModuleExtract
) -> DataFile | None:
    suffix = PurePosixPath(path).suffix.lower()
    if suffix not in (".xml", ".csv"):
        return None
    content = files.read(path)
    if content is None:
        # Odoo goes on without its demo data where that can't be loaded.
        what = f"{path} as demo data" if demo else path
        closed = path in there
        message = f"The manifest names {what}, which is {'too large, or closed' if closed else 'not there'}."
        line = _line_of(path, files, found)
        kind = "limit" if closed else "missing-file"
        found.problems.append(ProblemOp(kind, message, found.manifest.path, line, not demo))
        return None
    reader = read_csv if suffix == ".csv" else read_xml
    # Demo data is never updated.
    ops, problems = reader(content, found.manifest.name, path, demo)
    found.problems += problems
    return DataFile(path, ops, demo) if ops else None


def _line_of(text: str, files: Contents, found: ModuleExtract) -> int:
    if len(found.problems) > MAX_PLACED:
        return 0
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
        name = hook.encode()
        definition = re.compile(rb"^def\s+" + re.escape(name) + rb"\b", re.MULTILINE)
        for path, source in sources.items():
            match = definition.search(source) if name in source else None
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
        for match, line in _matches(_IMPLIED, source):
            message = (
                f"{match[1].decode()} may come to be implied by other groups: this code writes implied_ids."
            )
            found.notes.append(ProblemOp("implied-by-code", message, path, line, False))


def _looked_up(sources: Mapping[str, bytes]) -> dict[str, tuple[str, int]]:
    """The external ids of `env.ref('...')` calls."""
    found: dict[str, tuple[str, int]] = {}
    for path, source in sources.items():
        for match, line in _matches(_REF_CALL, source):
            found.setdefault(match[1].decode(), (path, line))
    return found


def _matches(pattern: re.Pattern[bytes], source: bytes) -> Iterator[tuple[re.Match[bytes], int]]:
    """Each match and its line, in one walk over the file."""
    line, at = 1, 0
    for match in pattern.finditer(source):
        line += source.count(b"\n", at, match.start())
        at = match.start()
        yield match, line
