"""The command `ostiary`, also `python -m ostiary`."""

import sys


def main() -> None:
    """Run the command line; one that is interrupted while it is still being loaded ends as quietly as later on."""
    try:
        from ostiary.cli.app import main as run
        from ostiary.cli.stack import with_room
    except KeyboardInterrupt:
        exec("")  # noqa: S102 - else CPython ends by the signal, where it came while a text was run: see `cli/app.py`
        sys.exit(130)
    with_room(run)


if __name__ == "__main__":
    main()
