"""What keeps a question about records from being answered, told apart by whose fault it is."""

from __future__ import annotations


class RecordsError(Exception):
    """A question about records that has no answer. The message is one sentence."""


class Undecided(RecordsError):
    """Ostiary can't know: the answer rests on something that only running Odoo's Python would tell.

    Never to be taken for yes or no. `model` and `field` name what stands in the way (`field` is empty where it
    is the model itself).
    """

    def __init__(self, text: str, model: str = "", field: str = "") -> None:
        super().__init__(text)
        self.model = model
        self.field = field

    @classmethod
    def computed(cls, model: str, field: str, why: str = "is computed by Python") -> Undecided:
        """`cannot be decided: field X of model Y is computed by Python`."""
        return cls(f"cannot be decided: field {field} of model {model} {why}", model, field)


class Refused(RecordsError):
    """Odoo raises an AccessError. `kind` is `acl`, `rule`, `field` or `company`."""

    def __init__(self, kind: str, model: str, text: str) -> None:
        super().__init__(text)
        self.kind = kind
        self.model = model


class Fails(RecordsError):
    """Odoo raises an error of another sort for this domain. `error` is its class name (`ValueError`, ...)."""

    def __init__(self, error: str, text: str) -> None:
        super().__init__(text)
        self.error = error
