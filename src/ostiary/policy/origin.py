"""Where a definition was read: a file and line, or a table and id."""

from __future__ import annotations

import msgspec


class Origin(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """The place a definition was read from.

    `path` is the file as the reader named it (relative to the folder that holds the modules,
    `module/security/x.xml`), or a table (`ir_rule`) where a database was read. `line` is
    1-based, or the row's id for a table; 0 when there is none. `module` is the addon whose file this is.
    """

    path: str
    line: int = 0
    module: str = ""

    def __str__(self) -> str:
        return f"{self.path}:{self.line}" if self.line else self.path
