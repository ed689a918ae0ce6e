"""`python -m ostiary` is the command `ostiary`."""

from ostiary.cli.app import main

if __name__ == "__main__":
    main()
