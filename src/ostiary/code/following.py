"""Every entry followed, in several processes where there are many."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import msgspec

from ostiary.code.forked import in_processes
from ostiary.policy.code import Entry

if TYPE_CHECKING:
    from ostiary.code.program import Declared, Program

Progress = Callable[[str, int, int], None]

# Below this many parcels of entries, starting processes costs more than it saves.
_WORTH_IT = 4
_PARCEL = 20
_decoder = msgspec.msgpack.Decoder(list[Entry])
_encoder = msgspec.msgpack.Encoder()


def followed(
    program: Program,
    declared: Sequence[Declared],
    progress: Progress | None = None,
    meanwhile: Callable[[], None] | None = None,
) -> list[Entry]:
    """An entry for each of what a client may call, in the order given; those of interest with what they do.

    `meanwhile` is called once, when the first are followed: others follow the rest where there are processes for it.
    """
    from ostiary.code.entries import entry_of, of_interest

    entries = [entry_of(one) for one in declared]
    waiting = [number for number, one in enumerate(declared) if of_interest(one)]
    parcels = [waiting[at : at + _PARCEL] for at in range(0, len(waiting), _PARCEL)]

    def work(parcel: int) -> bytes:
        return _encoder.encode([_followed(program, declared[number]) for number in parcels[parcel]])

    for parcel, encoded in in_processes(len(parcels), work, _WORTH_IT):
        if meanwhile and not parcel:
            meanwhile()
        for number, entry in zip(parcels[parcel], _decoder.decode(encoded), strict=True):
            entries[number] = entry
        if progress:
            progress("Following code", parcel + 1, len(parcels))
    if meanwhile and not parcels:
        meanwhile()
    return entries


def _followed(program: Program, declared: Declared) -> Entry:
    from ostiary.code.entries import entry_of
    from ostiary.code.flow import follow

    entry = entry_of(declared)
    try:
        found = follow(program, declared)
    except (RecursionError, MemoryError):
        entry.unread = ("Its code is too deeply nested.",)
        return entry
    entry.uses, entry.unread, entry.read = tuple(found.uses), tuple(found.unread), True
    return entry
