"""template-raw-output: see the docstring of the check."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ostiary.audit.asking.facts import in_context
from ostiary.audit.asking.wording import audience_words
from ostiary.audit.code.pages import Visit, visits
from ostiary.audit.code.wording import given_words
from ostiary.audit.code.writers import inside_writer, outside_writer, writable
from ostiary.audit.finding import Confidence, Evidence, Finding, Severity
from ostiary.audit.registry import check
from ostiary.policy.code import Page, Raw
from ostiary.policy.fields import find_field
from ostiary.policy.policy import Policy

_THROUGH = ", through "


@check(
    "template-raw-output",
    "A template puts out text without escaping it",
    Severity.HIGH,
    references=("CWE-79", "CWE-80", "OWASP A03:2021", "ASVS 4.0.3 V5.3.3"),
    tags=("code", "pages"),
)
def template_raw_output(policy: Policy) -> Iterator[Finding]:
    """Looks for templates that put out text as HTML that somebody else may have written.

    ## What it does

    QWeb escapes whatever `t-out` and `t-esc` put out, unless it is already `Markup`. The check looks for what goes
    round that: `t-raw`, `Markup(...)` in an expression, `t-options` with the widget `html`, HTML fields
    declared with `sanitize=False`, and values put into an event handler (`t-attf-onclick`). It follows the value to
    where it comes from, through the values the route gives to the page, `t-set`, `t-call` and `t-foreach`, with
    inherited views applied, and asks who can write it:

    - the request itself, or a field that portal users or visitors can write, by their rights or through a
      route: severity high;
    - a text field that only employees can write: severity low; an HTML field that says it is not to be cleaned:
      information, since somebody wanted that;
    - what could not be told: low confidence.

    Numbers, dates, constants, what was rendered in the template, `t-out="0"` and HTML fields that Odoo cleans when they
    are written are not reported.

    ## Why it is bad

    Whoever writes the text writes a script that runs for everybody who opens the page, with their session: an employee
    who reads a customer's request then does what the customer wants.

    ## Example

    ```xml
    <!-- clinic.request.message is a Text field that the patient fills in -->
    <div t-raw="request_sudo.message"/>
    ```

    ## Use instead

    ```xml
    <div t-out="request_sudo.message"/>
    <!-- or, to keep its lines -->
    <div t-field="request_sudo.message"/>
    ```

    For text with markup in it, use an HTML field that Odoo cleans, and in Python `Markup("<b>%s</b>") % text`, which
    escapes what it puts in.

    ## References

    - CWE-79: Improper Neutralization of Input During Web Page Generation
    - CWE-80: Improper Neutralization of Script-Related HTML Tags in a Web Page
    - OWASP Top 10 2021, A03: Injection
    - Odoo documentation: QWeb Templates, Data output; Security in Odoo, Unescaped output
    """
    by_page = {id(visit.page): visit for visit in visits(policy)}
    worst: dict[tuple[object, ...], _Judged] = {}
    for page in policy.code.pages if policy.code else ():
        for raw in page.raw:
            if in_context(policy, raw.origin.module):
                continue
            if raw.how.startswith("t-att") and not (
                raw.given or outside_writer(policy, raw.model, raw.field)
            ):
                continue
            judged = _judge(policy, page, raw, by_page.get(id(page)))
            key = (raw.origin, raw.text)
            if key not in worst or judged.rank > worst[key].rank:
                worst[key] = judged
    for judged in worst.values():
        yield _finding(judged)


@dataclass(frozen=True, slots=True)
class _Judged:
    """How grave one place is: `what` it puts out, `who` can write that, and the evidence for it."""

    page: Page
    raw: Raw
    visit: Visit | None
    severity: Severity
    confidence: Confidence
    what: str
    who: str
    because: tuple[Evidence, ...] = ()
    model: str | None = None

    @property
    def rank(self) -> tuple[int, int]:
        return (self.confidence.rank * (self.severity > Severity.LOW), self.severity.rank)


def _judge(policy: Policy, page: Page, raw: Raw, visit: Visit | None) -> _Judged:
    unclear = _THROUGH in raw.how
    if raw.given:
        return _Judged(
            page,
            raw,
            visit,
            Severity.HIGH if visit else Severity.MEDIUM,
            _of_request(raw, visit, unclear=unclear),
            given_words(raw.given),
            "",
        )
    if raw.model and raw.field:
        return _of_field(policy, page, raw, visit, unclear=unclear)
    said = (
        Evidence("what the page is given there is not known")
        if page.entries
        else Evidence(f"nothing that was read renders {page.template}, so that its values are not known")
    )
    return _Judged(page, raw, visit, Severity.LOW, Confidence.LOW, raw.text, "", (said,))


def _of_request(raw: Raw, visit: Visit | None, *, unclear: bool) -> Confidence:
    """How certain it is that what the caller sends comes out as it is."""
    if unclear or visit is None:
        return Confidence.LOW
    return Confidence.HIGH if len(raw.given) == 1 else Confidence.MEDIUM


def _of_field(policy: Policy, page: Page, raw: Raw, visit: Visit | None, *, unclear: bool) -> _Judged:
    field = find_field(policy, raw.model, raw.field)
    name = f"{raw.field} of {raw.model}"
    because: list[Evidence] = []
    if field is not None:
        cleaned = ", and Odoo does not clean what is written into it" if field.type == "html" else ""
        because.append(Evidence(f"{name} is a field of type {field.type}{cleaned}", field.origin))
    writer = outside_writer(policy, raw.model, raw.field)
    if writer is not None:
        who = audience_words((writer.label,))
        confidence = Confidence.LOW if unclear else Confidence.HIGH
        because.append(writer.how)
        return _Judged(
            page,
            raw,
            visit,
            Severity.HIGH,
            confidence,
            name,
            f", and {who} can write it",
            tuple(because),
            raw.model,
        )
    inside = inside_writer(policy, raw.model)
    certain = field is not None and writable(field) and inside is not None and not unclear
    # Somebody has said that scripts are wanted there.
    wanted = field is not None and field.type == "html"
    return _Judged(
        page,
        raw,
        visit,
        Severity.INFO if wanted else Severity.LOW,
        Confidence.MEDIUM if certain and not wanted else Confidence.LOW,
        name,
        ", and employees can write it" if certain else "",
        tuple(because),
        raw.model,
    )


def _finding(judged: _Judged) -> Finding:
    raw, visit = judged.raw, judged.visit
    runs = (
        "a script in a link runs for whoever follows it"
        if raw.given
        else "a script in it runs for whoever opens it"
    )
    evidence = [Evidence(f"{_how(raw)} in {judged.page.template}: {raw.text}", raw.origin), *judged.because]
    if visit is not None:
        evidence += visit.evidence()
    return template_raw_output.finding(
        at=raw.origin,
        subject=judged.page.template,
        model=judged.model,
        audience=visit.audience if visit else (),
        severity=judged.severity,
        confidence=judged.confidence,
        message=f"The page {judged.page.template} puts out {judged.what} without escaping it ({_how(raw)})"
        f"{judged.who}: {runs}.",
        evidence=evidence,
        fix=_fix(raw),
        key=(raw.how, raw.text),
    )


def _how(raw: Raw) -> str:
    return "widget='html'" if raw.how.startswith("widget") else raw.how


def _fix(raw: Raw) -> str:
    how = raw.how.partition(_THROUGH)[0]
    if how.startswith("t-att"):
        name = how.partition("-")[2].partition("-")[2]
        return (
            f"Put the value into an attribute of its own, and read it in JavaScript instead of {name}:\n"
            f't-att-data-value="{raw.text if "{" not in raw.text else "..."}"'
        )
    if how == "t-raw":
        return (
            f'Let QWeb escape it:\nt-out="{raw.text}"\n'
            "Text that is meant to hold markup belongs in an HTML field, which Odoo cleans as it is written."
        )
    if how == "Markup":
        return (
            "Leave out Markup(...), so that QWeb escapes the value, or put the value into constant markup, which "
            "escapes it:\nMarkup('<b>%s</b>') % value"
        )
    if how.startswith("widget"):
        return f"Leave out the widget, so that QWeb escapes the text, or use widget 'text':\nt-out=\"{raw.text}\""
    return f"Leave out sanitize=False of {raw.field}, or let nobody write it who may not write scripts."
