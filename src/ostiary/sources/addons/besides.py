"""What a module does besides what it defines: when it is installed, on a schedule, and with the world outside.

It is asked of modules that somebody thinks of installing, and says what is there; nothing of it is executed.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any

import msgspec
from lxml import etree

from ostiary.code.syntax import literal, parse_module
from ostiary.policy.origin import Origin
from ostiary.sources.addons.files import ModuleFiles, inside
from ostiary.sources.addons.locate import MANIFESTS
from ostiary.sources.addons.xml_data import PARSER

HOOKS = {
    "pre_init_hook": "hook",
    "post_init_hook": "hook",
    "post_load": "hook",
    "uninstall_hook": "uninstall",
}
# What reaches another machine, by the name that is imported.
_NETWORK = frozenset({
    "aiohttp", "ftplib", "grpc", "http.client", "httpx", "imaplib", "paramiko", "poplib", "requests", "smtplib",
    "socket", "suds", "telnetlib", "urllib.request", "urllib3", "websocket", "websockets", "xmlrpc.client", "zeep",
})  # fmt: skip
_PROGRAMS = frozenset(
    {"subprocess", "os.system", "os.popen", "pty", "ctypes", "pickle.loads", "marshal.loads"}
)
_SCHEDULED = {"ir.cron": "scheduled", "ir.actions.server": "server-action", "base.automation": "automation"}
_HOST = re.compile(r"\bhttps?://([A-Za-z0-9][A-Za-z0-9.-]{2,100})")
_SCRIPT = re.compile(rb"""<script[^>]{0,300}?\bsrc=["']((?:https?:)?//[^"'\s]{3,200})""", re.IGNORECASE)
_CALL = re.compile(r"(?:\w{1,40} = )?[\w.]{1,80}\(\)")
# More files of one module than this, or larger ones, are not looked through.
_MOST_FILES = 3_000
_LARGEST = 2_000_000
_MOST_NAMED = 6


class Beside(msgspec.Struct, frozen=True):
    """One thing a module does besides what it defines.

    `kind` is `hook` (code at install, or when it is loaded), `uninstall` (code when it is removed), `data-call` (a data
    file calls a method at install), `scheduled`, `server-action` or `automation` (a data file brings what runs later),
    `network` (code that may reach other machines), `programs` (code that may start programs or load what runs),
    `script` (a page loads a script of another host), `requires` (a Python package or program that has to be there) or
    `unread` (a file that could not be looked into). Code in data is only shown where it is one call: it may hold
    secrets.
    """

    kind: str
    text: str
    origin: Origin


def besides(module: ModuleFiles) -> list[Beside]:
    """What a module does besides, in order of its files. Never raises on any content."""
    return list(_besides(module))


def _besides(module: ModuleFiles) -> Iterator[Beside]:
    manifest = next((name for name in MANIFESTS if module.read(name) is not None), MANIFESTS[0])
    source = (module.read(manifest) or b"").decode("utf-8", "replace").removeprefix("\ufeff")
    values = _values(source)
    yield from _manifest(module, manifest, source, values)
    demo = {inside(each) for each in _texts(values.get("demo"))}
    paths = [path for path in module.listing() if path not in demo]
    if len(paths) > _MOST_FILES:
        yield Beside("unread", f"{len(paths) - _MOST_FILES:,} of its files", _at(module, manifest))
    for path in paths[:_MOST_FILES]:
        content = module.read(path) or b""
        if len(content) > _LARGEST:
            yield Beside("unread", "a file that is too large", _at(module, path))
        elif path.endswith(".py"):
            yield from _python(module, path, content)
        elif PurePosixPath(path).suffix.lower() == ".xml":
            yield from _xml(module, path, content)


def _values(source: str) -> dict[str, Any]:
    """What a manifest says; nothing where it is no literal."""
    try:
        values = literal(source)
    except (SyntaxError, ValueError, TypeError, RecursionError, MemoryError):
        return {}
    return values if isinstance(values, dict) else {}


def _texts(value: Any) -> list[str]:
    return [each for each in value if isinstance(each, str)] if isinstance(value, list | tuple) else []


def _at(module: ModuleFiles, path: str, line: int = 0) -> Origin:
    return Origin(f"{module.shown}/{path}", line, module.name)


# -- the manifest ----------------------------------------------------------------------------------------------


def _manifest(module: ModuleFiles, path: str, source: str, values: dict[str, Any]) -> Iterator[Beside]:
    for hook, kind in HOOKS.items():
        if isinstance(values.get(hook), str) and values[hook]:
            yield Beside(kind, f"{hook} runs {values[hook]}()", _at(module, path, _line(source, hook)))
    needs = values.get("external_dependencies")
    for sort, called in (("python", "the Python package"), ("bin", "the program")):
        for each in _texts(needs.get(sort)) if isinstance(needs, dict) else ():
            yield Beside("requires", f"{called} {each}", _at(module, path, _line(source, each)))


def _line(source: str, word: str) -> int:
    return next((at for at, line in enumerate(source.split("\n"), 1) if word in line), 1)


# -- Python ----------------------------------------------------------------------------------------------------


def _python(module: ModuleFiles, path: str, content: bytes) -> Iterator[Beside]:
    try:
        tree = parse_module(content)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        yield Beside("unread", "a file of Python that can't be read", _at(module, path))
        return
    network: dict[str, int] = {}
    programs: dict[str, int] = {}
    hosts: dict[str, None] = {}
    for node in ast.walk(tree):
        for name, line in _named(node):
            if _among(name, _NETWORK):
                network.setdefault(name, line)
            elif _among(name, _PROGRAMS):
                programs.setdefault(name, line)
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            hosts.update(dict.fromkeys(match[1].lower() for match in _HOST.finditer(node.value[:2_000])))
    if network:
        where = f", and names {_listed(sorted(hosts))}" if hosts else ""
        yield Beside(
            "network", f"uses {_listed(sorted(network))}{where}", _at(module, path, min(network.values()))
        )
    if programs:
        yield Beside(
            "programs", f"uses {_listed(sorted(programs))}", _at(module, path, min(programs.values()))
        )


def _named(node: ast.AST) -> Iterator[tuple[str, int]]:
    """The modules that a statement imports, and the dotted names that are used of one."""
    if isinstance(node, ast.Import):
        for alias in node.names:
            yield alias.name, node.lineno
    elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
        yield node.module, node.lineno
        for alias in node.names:
            yield f"{node.module}.{alias.name}", node.lineno
    elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        yield f"{node.value.id}.{node.attr}", node.lineno


def _among(name: str, known: frozenset[str]) -> bool:
    """Whether a dotted name is one of these, or below one."""
    parts = name.split(".")
    return name in known or (len(parts) < 3 and parts[0] in known and name.count(".") == 0)


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
    return ", ".join(names[:_MOST_NAMED]) + more


# -- data files ------------------------------------------------------------------------------------------------


def _xml(module: ModuleFiles, path: str, content: bytes) -> Iterator[Beside]:
    for match in _SCRIPT.finditer(content):
        address = match[1].decode("utf-8", "replace")
        line = content.count(b"\n", 0, match.start()) + 1
        yield Beside("script", f"a page loads {address}", _at(module, path, line))
    if not any(word in content for word in (b"<function", *map(str.encode, _SCHEDULED))):
        return
    try:
        root: Any = etree.fromstring(content, etree.XMLParser(**PARSER))
    except (etree.XMLSyntaxError, ValueError):
        yield Beside("unread", "a file of XML that can't be read", _at(module, path))
        return
    for node in root.iter("record", "function"):
        where = _at(module, path, int(node.sourceline or 0))
        if node.tag == "function":
            called = f"{node.get('model', '?')}.{node.get('name', '?')}()"
            yield Beside("data-call", f"calls {called}", where)
        elif (kind := _SCHEDULED.get(node.get("model", ""))) and (said := _runs(node, kind)):
            yield Beside(kind, said, where)


def _runs(node: Any, kind: str) -> str:
    """What a record brings that runs later; empty for a server action that runs no code."""
    fields = {each.get("name"): each for each in node.iterchildren("field")}

    def text(name: str) -> str:
        return " ".join((fields[name].text or "").split()) if name in fields else ""

    if kind == "server-action" and text("state") != "code" and not text("code"):
        return ""
    called = text("name") or node.get("id") or "without a name"
    code = (fields["code"].text or "").strip() if "code" in fields else ""
    if not code:
        return called
    lines = code.count("\n") + 1
    size = "a line of code" if lines == 1 else f"{lines:,} lines of code"
    return f"{called}: {code if _CALL.fullmatch(code) else size}"
