"""model-without-access-right: see the docstring of the check."""

from __future__ import annotations

from collections.abc import Iterator

from ostiary.audit.asking.wording import at_most, model_ref, model_words
from ostiary.audit.finding import Evidence, Finding, Severity
from ostiary.audit.registry import check
from ostiary.policy.definitions import AccessRight, Kind, Model
from ostiary.policy.policy import Policy
from ostiary.policy.semantics import INTERNAL

_SHOWN = 4


@check(
    "model-without-access-right",
    "A model has no access right at all",
    Severity.LOW,
    references=("CWE-284", "OWASP A01:2021", "ASVS 4.0.3 V4.1.5"),
    tags=("rights",),
)
def model_without_access_right(policy: Policy) -> Iterator[Finding]:
    """Looks for models that nobody was given an access right on.

    ## What it does

    Reports every model and wizard (not abstract models) for which no row of `ir.model.access` exists
    in any of the modules read. A row that grants nothing counts as one, as it does for Odoo. An inactive one doesn't:
    Odoo counts it and logs no warning, but nobody may use the model through it. Where the rows
    are written in a file that the manifest doesn't load, that file is reported instead: see
    [security-file-not-loaded](security-file-not-loaded.md).

    ## Why it is bad

    Nobody may use the model, administrators included, and Odoo logs a warning at each installation. The
    usual ways out are worse than the gap: `sudo()` wherever the model is used, or a row without a group
    that opens it to everybody.

    ## Example

    ```python
    class Visit(models.Model):
        _name = "estate.visit"
    ```

    with no row for `model_estate_visit` in `security/ir.model.access.csv`.

    ## Use instead

    ```csv
    id,name,model_id:id,group_id:id,perm_read,perm_write,perm_create,perm_unlink
    access_visit_user,visit user,model_estate_visit,base.group_user,1,0,0,0
    ```

    A wizard needs `1,1,1,0`. Where only code in superuser mode is meant to use it, say so with a row that grants
    nothing.

    ## References

    - CWE-284: Improper Access Control
    - OWASP Top 10 2021, A01: Broken Access Control
    """
    given = {right.model for right in policy.rights if right.active}
    given |= {right.model for file in policy.unloaded for right in file.rights}
    for model in policy.models.values():
        if model.abstract or model.unresolved or model.name in given:
            continue
        inactive = [right for right in policy.rights if right.model == model.name]
        why = "no module gives an access right on it"
        evidence = [
            Evidence(f"{model.name} is defined here, and no row of ir.model.access names it", model.origin)
        ]
        if inactive:
            why = f"all its access rights are inactive ({at_most([right.xmlid for right in inactive])})"
            evidence = [
                Evidence(
                    f"{model.name} is defined here; Odoo counts inactive rows, so it logs no warning",
                    model.origin,
                ),
                *(
                    Evidence(f"access right {right.xmlid} on {right.model} is inactive", right.origin)
                    for right in inactive[:_SHOWN]
                ),
            ]
        yield model_without_access_right.finding(
            at=model.origin,
            subject=model.name,
            model=model.name,
            message=f"Nobody may use {model_words(policy, model.name)}: {why}, "
            "so that only code in superuser mode gets to its records, and administrators don't.",
            evidence=evidence,
            fix=_fix(policy, model, inactive),
        )


def _fix(policy: Policy, model: Model, inactive: list[AccessRight]) -> str:
    """The row to add: one that a wizard can be filled in with, or that only reads."""
    module = model.origin.module
    name = model.name.replace(".", "_")
    modes = "1,1,1,0" if model.kind is Kind.TRANSIENT else "1,0,0,0"
    row = f"access_{name}_user,{model.name} user,{model_ref(policy, model.name, module)},{INTERNAL},{modes}"
    way = f"Set active to True on {inactive[0].xmlid}, or add" if inactive else "Add"
    return f"{way} to {module}/security/ir.model.access.csv:\n{row}"
