"""secret-in-code: see the docstring of the check."""

from __future__ import annotations

from collections.abc import Iterator

from ostiary.audit.code.marked import marked
from ostiary.audit.finding import Confidence, Evidence, Finding, Severity
from ostiary.audit.registry import check
from ostiary.code.marks.values import FIRST_TRIED, PASSWORD, SECRET
from ostiary.policy.code import Mark
from ostiary.policy.policy import Policy


@check(
    "secret-in-code",
    "A password or key is written in the source",
    Severity.HIGH,
    references=("CWE-798", "CWE-259", "OWASP A07:2021", "ASVS 4.0.3 V2.10.4"),
    tags=("code", "secrets"),
)
def secret_in_code(policy: Policy) -> Iterator[Finding]:
    """Looks for passwords, API keys, tokens and private keys that stand in Python.

    ## What it does

    Looks at what is bound to a name such as `password`, `api_key`, `client_secret`, `access_token`, compared with
    it, or given where something is signed (`hmac.new`, `jwt.encode`, `Fernet`), and for what services give out by
    its shape: keys of AWS, Stripe, GitHub, Google and others, private keys, an address with a password in it. Left
    out are places to fill in, names of settings and fields, labels, headers, what is in tests and demo data, and
    keys of a sandbox. The secret is never shown, only its name and length.

    ## Why it is bad

    Whoever reads the source has it: everybody, where the module is published, and every copy of the repository for
    ever. All databases that run the module share it, and it can't be changed without a new version.

    ## Example

    ```python
    API_KEY = "f3b1c9…"
    requests.get(url, headers={"Authorization": API_KEY})
    ```

    ## Use instead

    ```python
    api_key = self.env["ir.config_parameter"].sudo().get_param("clinic.api_key")
    ```

    ## References

    - CWE-798: Use of Hard-coded Credentials
    - CWE-259: Use of Hard-coded Password
    - OWASP Top 10 2021, A07: Identification and Authentication Failures
    """
    for mark in marked(policy, "secret"):
        yield _finding(mark)


def _finding(mark: Mark) -> Finding:
    named = f"{mark.name} is" if mark.name else "This text holds"
    where = f" in {mark.function}" if mark.function else ""
    severity, confidence = _worth(mark)
    return secret_in_code.finding(
        at=mark.origin,
        subject=mark.name or mark.function or mark.origin.module,
        severity=severity,
        confidence=confidence,
        message=f"{named} {mark.text}, written in the source{where}: whoever reads the source has it, and it is the "
        "same in every database.",
        evidence=[Evidence(f"{mark.name or 'text'}: {mark.text}; it is not shown here", mark.origin)],
        fix="Revoke it, since it has been read. Keep the new one in a setting (ir.config_parameter, read with sudo), "
        'in a field with groups="base.group_system", or in the server\'s configuration file (odoo.tools.config).',
        key=(mark.function,),
    )


def _worth(mark: Mark) -> tuple[Severity, Confidence]:
    """What is given out by services can't be mistaken; what only looks like a secret may be one that opens nothing."""
    if mark.text.startswith(FIRST_TRIED):
        return Severity.LOW, Confidence.HIGH
    if mark.text.startswith((PASSWORD, SECRET)):
        return Severity.MEDIUM if mark.text.startswith(PASSWORD) else Severity.HIGH, Confidence.MEDIUM
    return Severity.HIGH, Confidence.HIGH
