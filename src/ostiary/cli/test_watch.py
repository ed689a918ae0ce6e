"""Running access tests again when something changes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import NoReturn

from ostiary.cli.output import Failure, console, say

_SUFFIXES = (".yaml", ".yml", ".py", ".xml", ".csv")


def watching(places: Sequence[Path], once: Callable[[], int], read: Callable[[], Iterable[str]]) -> NoReturn:
    """Run, then again after each change of a file below the places, the addons they lie in, or those that were read.
    Ends by an interruption. Raises Failure where nothing can be watched."""
    try:
        from watchfiles import watch
    except ModuleNotFoundError:
        raise Failure("--watch needs watchfiles: install it with 'pip install watchfiles'.") from None
    folders = _folders(places)
    _run(once)
    folders = _folders([*places, *(Path(one) for one in read() if Path(one).exists())])
    say(f"Watching {', '.join(map(str, folders))}; end it with Ctrl-C.", style="dim", error=True)
    for changes in watch(
        *folders, watch_filter=lambda _, path: path.endswith(_SUFFIXES), raise_interrupt=True
    ):
        named = sorted({Path(path).name for _, path in changes})
        console(error=True).rule(f"{', '.join(named[:3])}{' and others' if len(named) > 3 else ''}")
        _run(once)
    raise KeyboardInterrupt


def _run(once: Callable[[], int]) -> None:
    """Run the tests; a mistake is said, and ends nothing: it is being mended."""
    try:
        once()
    except Failure as error:
        say(f"ostiary: {error}", style="red", error=True)


def _folders(places: Sequence[Path]) -> list[Path]:
    """What is watched: no folder that lies in another."""
    from ostiary.testing.find import addons_of

    found: set[Path] = set()
    for place in places:
        if not place.exists():
            raise Failure(f"There is no {place}: name a file of access tests or a folder that holds some.")
        here = place.resolve()
        addon, folder = addons_of(here / "any" if here.is_dir() else here)
        found.add(addon or folder or (here if here.is_dir() else here.parent))
        found.add(here if here.is_dir() else here.parent)
    return sorted(one for one in found if not any(other in one.parents for other in found))
