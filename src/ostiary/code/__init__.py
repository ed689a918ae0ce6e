"""What Python and QWeb do with records: routes, methods, pages. Nothing that is read here is ever executed."""

from ostiary.code.read import read_code

__all__ = ["read_code"]
