"""Words that say that a text is for the company's own people, in labels and in views."""

from __future__ import annotations

import re

KIND = "internal"
"""The kind of mark that says of a field (`name` is `model.field`) that a view calls it so."""

INTERNAL = re.compile(
    r"\b(?:internal|private|confidential|staff)\s+(?:use|assessment|comments?|evaluation|feedback|memo|notes?"
    r"|observations?|remarks?)\b|\bnot\s+(?:visible|shown)\s+(?:to|for)\b",
    re.IGNORECASE,
)
