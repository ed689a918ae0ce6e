"""What the bundled summaries know of Odoo's own Python: methods of a few models that decide access.

A database holds no code. That these models have such methods is known all the same, so that nothing is said of them as
if access rights and rules were all there is.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

import msgspec

from ostiary.policy import Model, Origin
from ostiary.sources.addons.facts import load, with_code


def with_known_code(models: Mapping[str, Model], modules: Collection[str], series: str) -> dict[str, Model]:
    """The models with the overrides that the summaries of the installed modules name."""
    found = dict(models)
    for name, extract in load(series, with_code(modules)).items():
        for one in extract.classes:
            model = found.get(one.name)
            if model is None or not model.code_unread or not one.methods:
                continue
            origins = {
                method: Origin(path=f"ostiary:{one.path}", line=line, module=name)
                for method, line in one.methods.items()
            }
            found[one.name] = msgspec.structs.replace(model, overrides={**origins, **model.overrides})
    return found
