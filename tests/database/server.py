"""The PostgreSQL that tests start; see tools/postgres.py."""

from postgres import NoServer, Server, shared, start, stop

__all__ = ["NoServer", "Server", "shared", "start", "stop"]
