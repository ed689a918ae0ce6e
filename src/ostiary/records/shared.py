"""Whether a ground domain means the same whoever asks, so that its answer may be shared."""

from __future__ import annotations

from ostiary.domain import TRUE, Domain, Literal, Sequence, Subdomain, Term, Value, symbols, terms
from ostiary.records.errors import RecordsError
from ostiary.records.schema import Column, Inherited, Kind, Lines, Links, Related, Schema, Storage

_MAX_HOPS = 40
_PLAIN = (Storage.PLAIN, Storage.TRANSLATED)


def shared(schema: Schema, model: str, domain: Domain) -> bool:
    """Whether the domain accepts the same records for every superuser session with one `active_test`.

    False where that isn't certain: a field's value or search depends on the company or the user.
    """
    return _Walk(schema).domain(model, domain)


class _Walk:
    """Follows the fields of a domain; counts its steps, since fields may rest on one another in a circle."""

    def __init__(self, schema: Schema) -> None:
        self.schema = schema
        self.steps = 0

    def domain(self, model: str, domain: Domain) -> bool:
        if domain == TRUE:
            return True
        if next(symbols(domain), None) is not None:
            return False
        try:
            return all(self.term(model, term) for term, _ in terms(domain))
        except RecordsError:
            return False

    def term(self, model: str, term: Term) -> bool:
        names = term.path.split(".")
        end = self.path(model, names)
        if end is None:
            return False
        if end.comodel is None:
            return True
        if isinstance(term.value, Subdomain):
            return self.domain(end.comodel, term.value.domain)
        return not _named(term.value)

    def path(self, model: str, names: list[str]) -> Kind | None:
        """The field at the end of a path; None where the way there depends on who asks."""
        kind: Kind | None = None
        for name in names:
            self.steps += 1
            if self.steps > _MAX_HOPS:
                return None
            if kind is not None:
                if kind.comodel is None:
                    return kind  # a part of a date, or of properties
                model = kind.comodel
            kind = self.schema.field(model, name)
            if not self.plain(kind):
                return None
        return kind

    def plain(self, kind: Kind) -> bool:
        if isinstance(kind, Column):
            return kind.storage in _PLAIN
        if isinstance(kind, Lines | Links):
            if isinstance(kind, Lines) and self.path(str(kind.comodel), [kind.inverse]) is None:
                return False
            return kind.domain is None or self.domain(str(kind.comodel), kind.domain)
        if isinstance(kind, Inherited):
            return self.path(kind.model, [kind.link, kind.name]) is not None
        if isinstance(kind, Related):
            return self.path(kind.model, list(kind.path)) is not None
        return False


def _named(value: Value) -> bool:
    """Whether the value finds records by name, which is a search of its own."""
    if isinstance(value, Sequence):
        return any(_named(item) for item in value.items)
    return isinstance(value, Literal) and isinstance(value.value, str)
