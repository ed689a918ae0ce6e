"""Access tests of real addons: expectations written by reading five modules of the OCA, held against their wheels.

They run where the wheels lie in the folder `OSTIARY_OCA_WHEELS` and Odoo's sources in `OSTIARY_ODOO_17` and `_18`:

    pip download --no-deps -d wheels odoo-addon-contract==18.0.2.6.2 ...

An expectation whose name begins with `defect` says what the module's author means and the module does not do: it fails,
and the day it passes it is to be renamed.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ostiary.testing.asked import Outcome
from ostiary.testing.database import Databases
from ostiary.testing.reading import read_tests
from ostiary.testing.run import Checked, run_file
from ostiary.testing.target import Targets

OCA = Path(__file__).parent / "oca"
WHEELS = os.environ.get("OSTIARY_OCA_WHEELS", "")
TREES = {series: os.environ.get(f"OSTIARY_ODOO_{series}", "") for series in ("17", "18")}
ADDONS = {
    "contract": ["contract-18.0.2.6.2"],
    "fieldservice_portal": [
        "fieldservice_portal-18.0.1.0.0.9",
        "fieldservice-18.0.5.9.0.3",
        "base_territory-18.0.1.0.0.5",
    ],
    "helpdesk_mgmt": ["helpdesk_mgmt-18.0.1.19.5"],
    "hr_timesheet_portal": ["hr_timesheet_portal-18.0.1.0.0.4"],
    "rma": ["rma-18.0.2.8.4.2"],
    "stock_picking_portal": ["stock_picking_portal-17.0.1.0.1.1"],
}
"""The wheels that a file is about: the first is tested, it depends on the others."""


def wheel(name: str) -> str:
    found = list(Path(WHEELS).glob(f"odoo_addon_{name}-*.whl")) if WHEELS else []
    if not found:
        pytest.skip(f"there is no wheel of {name} in OSTIARY_OCA_WHEELS ({WHEELS or 'which is not set'})")
    return str(found[0])


def defect(one: Checked) -> bool:
    return one.title.removeprefix("never: ").startswith("defect - ")


def test_every_file_is_run() -> None:
    assert {f"{name}.access.yaml" for name in ADDONS} == {path.name for path in OCA.iterdir()}


@pytest.mark.parametrize("name", ADDONS)
def test_a_file_expects_what_can_and_what_cannot_be_done_and_what_must_never_be(name: str) -> None:
    file = read_tests(OCA / f"{name}.access.yaml").file
    assert file.matrix
    assert file.never
    assert any(one.finds for one in file.expect)
    assert any(one.cannot for one in file.expect)


@pytest.mark.parametrize("name", ADDONS)
def test_an_addon_keeps_what_its_author_means_but_for_known_defects(name: str) -> None:
    target, *others = [wheel(one) for one in ADDONS[name]]
    series = ADDONS[name][0].partition("-")[2][:2]
    if not TREES[series]:
        pytest.skip(f"there are no sources of Odoo: set OSTIARY_ODOO_{series}")
    odoo = Path(TREES[series])
    tests = read_tests(OCA / f"{name}.access.yaml")
    targets = Targets([target], addons_path=[*others, str(odoo / "addons"), str(odoo / "odoo" / "addons")])
    with Databases() as databases:
        result = run_file(tests, targets.policy_of(tests), databases)
    wrong = {one.title: one.outcome for one in result.checked if not defect(one)}
    assert {title for title, outcome in wrong.items() if outcome is not Outcome.PASSED} == set()
    assert {one.title for one in result.checked if defect(one) and one.outcome is not Outcome.FAILED} == set()
