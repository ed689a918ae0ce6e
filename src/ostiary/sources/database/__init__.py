"""A Policy from an Odoo PostgreSQL database: read-only, nothing locked, credentials never shown."""

from ostiary.sources.database.complete import complete
from ostiary.sources.database.read import read_database
from ostiary.sources.database.url import is_database, shown_url

__all__ = ["complete", "is_database", "read_database", "shown_url"]
