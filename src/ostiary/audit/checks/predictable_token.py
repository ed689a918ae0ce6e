"""predictable-token: see the docstring of the check."""

from __future__ import annotations

from collections.abc import Iterator

from ostiary.audit.code.marked import marked
from ostiary.audit.finding import Confidence, Evidence, Finding, Severity
from ostiary.audit.registry import check
from ostiary.code.marks.names import Sort, entry_sort
from ostiary.policy.code import Mark
from ostiary.policy.policy import Policy


@check(
    "predictable-token",
    "A token, password or code can be guessed",
    Severity.HIGH,
    references=("CWE-338", "CWE-330", "OWASP A02:2021", "ASVS 4.0.3 V6.3.1"),
    tags=("code", "tokens"),
)
def predictable_token(policy: Policy) -> Iterator[Finding]:
    """Looks for tokens, passwords and codes that are drawn from `random`, from the time, or from ids.

    ## What it does

    Looks at what is bound to a name such as `access_token`, `password`, `otp`, `api_key`, or returned by a function
    that is called so: whether it is drawn from the module `random`, from `uuid1`, or made of the time, an id or an
    e-mail address alone. A `code` or `key` counts where something is got for it: coupons, vouchers, invitations,
    verification. `secrets`, `uuid4`, `os.urandom`, `random.SystemRandom` and what a secret goes into (`hmac`) are
    in order; so are colours, samples of data and numbers that open nothing.

    ## Why it is bad

    `random` is made for simulations: who has seen a few of its numbers can work out all that follow, and the ones
    before. The second in which something was made, and its id, are no secret at all.

    ## Example

    ```python
    access_token = fields.Char(
        default=lambda self: "".join(random.choice(string.ascii_letters) for _ in range(20))
    )
    ```

    ## Use instead

    ```python
    access_token = fields.Char(default=lambda self: secrets.token_urlsafe(20))
    ```

    ## References

    - CWE-338: Use of Cryptographically Weak Pseudo-Random Number Generator
    - CWE-330: Use of Insufficiently Random Values
    - OWASP Top 10 2021, A02: Cryptographic Failures
    """
    for mark in marked(policy, "predictable"):
        yield _finding(mark)


def _finding(mark: Mark) -> Finding:
    opens = entry_sort(mark.name) in (Sort.KEY, Sort.PASSWORD)
    return predictable_token.finding(
        at=mark.origin,
        subject=mark.function or mark.name,
        severity=Severity.HIGH if opens else Severity.MEDIUM,
        confidence=Confidence.MEDIUM,
        message=f"{_what(mark)} can be guessed: what it is made of is drawn from random, the time or ids, and whoever "
        f"guesses it {'is let in' if opens else 'gets what it is redeemed for'}.",
        evidence=[Evidence(mark.text, mark.origin)],
        fix="Draw it from the module secrets:\n"
        "import secrets\n"
        "secrets.token_urlsafe(32)\n"
        "A code that people type in: ''.join(secrets.choice(alphabet) for _ in range(12))",
        key=(mark.name,),
    )


def _what(mark: Mark) -> str:
    returned = mark.function.rpartition(".")[2] == mark.name
    return f"What {mark.name}() returns" if returned else f"The value of {mark.name}"
