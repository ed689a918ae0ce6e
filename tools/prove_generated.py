"""Hold the prover against enumeration and its formulas against the evaluators, on generated rules, for some minutes.

    python tools/prove_generated.py [--minutes N] [--seed N] [--only formulas|verdicts|differences]

Every case has a seed, so that it can be made again. What is wrong is printed with the smallest domain that still shows
it, then what was counted. Exits with 1 where anything was wrong.
"""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))
    sys.exit(import_module("prove.generated_run").main())
