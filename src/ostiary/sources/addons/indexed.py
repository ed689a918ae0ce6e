"""What a module's files hold for those who follow its code: kept as one value, read when asked for."""

from __future__ import annotations

import ast
import contextlib

import msgspec

from ostiary.code.pages.declared import templates
from ostiary.code.program import FileIndex, ModuleIndex, scan

_encoder = msgspec.msgpack.Encoder()
_decoder: msgspec.msgpack.Decoder[ModuleIndex | None] = msgspec.msgpack.Decoder(ModuleIndex | None)


class Indexer:
    """Gathers the index of one module."""

    def __init__(self, module: str) -> None:
        self.index = ModuleIndex(module)

    def python(self, path: str, content: bytes, tree: ast.Module | None) -> None:
        """Take a Python file; `tree` is None where it is no Python."""
        found = FileIndex(path, broken=True)
        if tree is not None:
            # Deeper than anybody writes: what it does is not known, which is no reason to lose its models.
            with contextlib.suppress(RecursionError, MemoryError):
                found = scan(self.index.name, path, content, tree)
        self.index.files.append(found)

    def data(self, path: str, content: bytes | None) -> None:
        """Take a data file."""
        if content is not None:
            self.index.templates += templates(content, self.index.name, path)

    def encoded(self) -> msgspec.Raw:
        """The index, as it is kept."""
        return msgspec.Raw(_encoder.encode(self.index))


def index_of(encoded: msgspec.Raw) -> ModuleIndex | None:
    """The index that was kept; None of a module that was not read."""
    return _decoder.decode(encoded)
