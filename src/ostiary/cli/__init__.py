"""The command line: `ostiary`."""
