"""How nearly an addon is judged alone as it is beside all of Odoo: by the bundled summaries, and by the real modules.

    python benchmarks/alone.py TREE ADDON... [--show]

TREE is an Odoo tree, each ADDON a wheel or a folder with one addon, all for the same series. Each is audited twice,
the other addons at hand both times: beside the tree, and without it. Two findings are the same where the check, the
subject, the model, the audience and the severity are; those below low severity don't count. Prints for each addon how
many are found both times, only beside the tree (missing) and only alone (extra), how many of the same have the same
confidence too, and at last the share of findings that are found both times.
"""

from __future__ import annotations

import argparse
import os
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from ostiary.audit import Finding, Severity, audit
from ostiary.sources import open_policy
from ostiary.sources.addons.cache import default_folder

LINE = "{:<64} {:>6} {:>8} {:>6} {:>8}"
Key = tuple[str, ...]


def findings(addon: str, context: Iterable[str]) -> tuple[Counter[Key], Counter[Key]]:
    """What an audit of an addon says, by what makes two findings the same: without and with their confidence."""
    policy = open_policy([addon], addons_path=list(context), cache=default_folder())
    result = audit(policy, min_severity=Severity.LOW)
    if result.errors:
        raise SystemExit(result.errors[0].message)
    keys = [(key(found), str(found.confidence)) for found in result.findings]
    return Counter(same for same, _ in keys), Counter((*same, sure) for same, sure in keys)


def key(found: Finding) -> Key:
    """What two findings share that are the same."""
    return (found.check, str(found.severity), found.subject, found.model or "", ",".join(found.audience))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("tree")
    parser.add_argument("addon", nargs="+")
    parser.add_argument("--show", action="store_true", help="name what differs")
    options = parser.parse_args()
    print(LINE.format("addon", "same", "missing", "extra", "as sure"))
    totals: Counter[str] = Counter()
    for addon in options.addon:
        others = [other for other in options.addon if other != addon]
        (beside, beside_sure), (alone, alone_sure) = (
            findings(addon, context) for context in ([options.tree, *others], others)
        )
        counts = {
            "same": (beside & alone).total(),
            "missing": (beside - alone).total(),
            "extra": (alone - beside).total(),
            "sure": (beside_sure & alone_sure).total(),
        }
        totals.update(counts)
        print(LINE.format(Path(addon).name[:64], *counts.values()), flush=True)
        if options.show:
            for word, differing in (("missing", beside - alone), ("extra", alone - beside)):
                for one in sorted(differing.elements()):
                    print(f"    {word}: {' | '.join(one)}")
    everything = totals["same"] + totals["missing"] + totals["extra"]
    share = f"{100 * totals['same'] / everything:.1f} %" if everything else "nothing was found"
    print(LINE.format(f"{len(options.addon)} addons, {os.path.basename(options.tree)}", *totals.values()))
    print(f"the same: {share} of {everything}")


if __name__ == "__main__":
    main()
