"""Domains as logic: the records of a question, what is known of them, and domains as formulas about them."""

from ostiary.prove.encode.encoder import Encoder
from ostiary.prove.encode.expand import Expander
from ostiary.prove.encode.items import Const, Many, One, Plain, Unreadable
from ostiary.prove.encode.scalars import NeedsTexts
from ostiary.prove.encode.smt import FALSE, TRUE, TooLarge, conj, disj, equal, implies, neg
from ostiary.prove.encode.values import Who
from ostiary.prove.encode.world import Opaque, Rec, World

__all__ = [
    "FALSE", "TRUE", "Const", "Encoder", "Expander", "Many", "NeedsTexts", "One", "Opaque", "Plain", "Rec",
    "TooLarge", "Unreadable", "Who", "World", "conj", "disj", "equal", "implies", "neg",
]  # fmt: skip
