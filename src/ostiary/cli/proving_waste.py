"""`ostiary prove --waste`: which definitions do nothing?"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ostiary.cli.output import Failure, console, progress, put, say, write
from ostiary.cli.proving import solving
from ostiary.policy import Policy
from ostiary.policy.concerned import for_tests

if TYPE_CHECKING:
    from ostiary.prove import Waste


def refuse(given: Sequence[tuple[str, object]]) -> None:
    """Raises Failure where an option was given that only proofs have a use for."""
    for option, value in given:
        if value:
            raise Failure(
                f"--waste looks at what definitions do for everybody: {option} does not go with it."
            )


def idle_definitions(
    policy: Policy, models: Sequence[str] | None, *, cross_check: bool, shown: bool
) -> list[Waste]:
    """What does nothing, of these models; of all models, save for what modules made for tests define."""
    with solving(), progress(shown) as report:
        from ostiary.prove import Prover
        from ostiary.prove.waste import waste

        with Prover(policy, cross_check=cross_check) as prover:
            found = list(waste(policy, prover, models, report))
    if models is not None:
        return found
    tests = {name for name, module in policy.modules.items() if for_tests(module)}
    theirs = {one.xmlid for one in policy.rights if one.origin.module in tests}
    theirs |= {one.xmlid for one in policy.rules if one.origin.module in tests}
    return [one for one in found if one.definition not in theirs]


def put_waste(
    found: Sequence[Waste],
    policy: Policy,
    *,
    targets: Sequence[str],
    title: str,
    wanted: str,
    output: Path | None,
) -> None:
    """Say what does nothing: on the terminal, or as a file with a summary of it on the terminal."""
    from ostiary.report import proofs_waste, proofs_waste_formats

    if output is None and wanted == "terminal":
        proofs_waste.render(found, policy, console(), targets=targets)
        return
    if wanted == "json":
        text = proofs_waste_formats.as_json(found, policy, targets=targets)
    elif wanted == "sarif":
        text = proofs_waste_formats.as_sarif(found, policy, targets=targets)
    elif wanted == "html":
        text = proofs_waste_formats.as_html(found, policy, targets=targets, title=title)
    else:
        text = proofs_waste.as_text(found, policy, targets=targets)
    if output is None:
        put(text)
        return
    write(output, text)
    if str(output) != "-":
        say(proofs_waste.summary(proofs_waste.idle(found, policy)))
        say(f"The report is {output}.")
