"""Follow damaged code: whatever Python and pages hold, reading and auditing them ends in bounded time and memory.

    python tools/fuzz_code.py [MODULE...] --minutes 10 --seed 1

Each round makes a module at random (see made_code.py), or takes one of those named in every other round, moves parts of
its syntax trees and elements about, damages some of its files as fuzz_audit.py does, and then reads it with its code,
audits it and writes reports, in a process of its own with a limit on processor time and memory. A traceback, a check
that stopped, and a run out of time or memory are faults: what was said is kept by seed in the folder for temporary
files. In every tenth round the code is read twice, and must come out the same.
"""

from __future__ import annotations

import argparse
import ast
import multiprocessing
import multiprocessing.connection
import os
import random
import resource
import shutil
import sys
import tempfile
import time
import traceback
import warnings
from collections import Counter
from pathlib import Path

from fuzz_audit import damaged, laid_out
from lxml import etree
from made_code import Maker

SECONDS = 30
WALL = 300
MEGABYTES = 3_000
_KINDS = (".py", ".xml")
_FAULT, _SENTENCE = 4, 3


class Mover(ast.NodeTransformer):
    """Puts some expressions and blocks of a tree where others were."""

    def __init__(self, tree: ast.AST, chance: random.Random) -> None:
        nodes = list(ast.walk(tree))
        self.chance = chance
        self.expressions = [node for node in nodes if isinstance(node, ast.expr) and _loaded(node)]
        self.blocks = [node for node in nodes if isinstance(node, ast.stmt)]
        self.often = chance.choice((0.002, 0.01, 0.05))

    def visit(self, node: ast.AST) -> ast.AST:
        if self.chance.random() < self.often:
            if isinstance(node, ast.expr) and _loaded(node) and self.expressions:
                return self.chance.choice(self.expressions)
            if isinstance(node, ast.stmt) and not isinstance(node, ast.ClassDef):
                return self.chance.choice(self.blocks)
        return super().generic_visit(node)


def _loaded(node: ast.expr) -> bool:
    return isinstance(getattr(node, "ctx", ast.Load()), ast.Load) and not isinstance(
        node, ast.Starred | ast.Slice | ast.JoinedStr | ast.FormattedValue
    )


def moved_python(source: bytes, chance: random.Random) -> bytes:
    """A file whose syntax tree was changed, or as it is where it has none."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(source)
            return ast.unparse(Mover(tree, chance).visit(tree)).encode("utf-8", "replace")
    except (SyntaxError, ValueError, RecursionError, AttributeError, TypeError):
        return source


def moved_xml(source: bytes, chance: random.Random) -> bytes:
    """A file some of whose elements and attributes stand elsewhere, or as it is where it can't be read."""
    try:
        root = etree.fromstring(source)
    except etree.XMLSyntaxError:
        return source
    for _ in range(chance.randint(1, 10)):
        elements = list(root.iter(etree.Element))
        one, other = chance.choice(elements), chance.choice(elements)
        if chance.random() < 0.5:
            one.attrib.update({key: value for key, value in other.attrib.items() if key != "id"})
        else:
            copied = etree.fromstring(etree.tostring(one, with_tail=False))
            if len(elements) < 3_000:
                other.append(copied)
    return etree.tostring(root)


def lay_out(source: Path | None, seed: int, folder: Path) -> Path:
    """The module of a seed, changed and damaged."""
    chance = random.Random(seed)  # noqa: S311
    if source is None:
        module = folder / "garden"
        for name, content in Maker(seed).files().items():
            (module / name).parent.mkdir(parents=True, exist_ok=True)
            (module / name).write_text(content, encoding="utf-8")
    else:
        module = laid_out(source, folder)
    files = sorted(path for path in module.rglob("*") if path.suffix in _KINDS and path.is_file())
    for path in files:
        if path.name != "__manifest__.py" and chance.random() < 0.6:
            move = moved_python if path.suffix == ".py" else moved_xml
            path.write_bytes(move(path.read_bytes(), chance))
    if chance.random() < 0.5:
        for path in chance.sample(files, min(len(files), chance.randint(1, 2))):
            path.write_bytes(damaged(path.read_bytes(), chance))
    return module


def one(source: Path | None, seed: int, told: multiprocessing.connection.Connection) -> None:
    """Follow the module of a seed and tell what came of it. Ends the process."""
    resource.setrlimit(resource.RLIMIT_AS, (MEGABYTES * 1_000_000,) * 2)
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS + 5))
    sys.stderr = open(os.devnull, "w")  # noqa: SIM115
    try:
        with tempfile.TemporaryDirectory() as folder:
            counts = _followed(lay_out(source, seed, Path(folder)), seed)
        told.send(counts)
        os._exit(0 if counts else _SENTENCE)
    except BaseException:
        with open(f"{tempfile.gettempdir()}/ostiary-fuzz-code-{seed}.txt", "w", encoding="utf-8") as file:
            traceback.print_exc(file=file)
        os._exit(_FAULT)


def _followed(module: Path, seed: int) -> dict[str, int]:
    import msgspec

    from ostiary.audit import audit
    from ostiary.report.formats import Format, Report, content
    from ostiary.sources import UnreadableTarget, open_policy

    try:
        policy = open_policy([module], odoo="18.0", cache=False, code=True)
    except UnreadableTarget:
        return {}
    code = policy.code
    if code is None:
        raise RuntimeError("no code")
    if seed % 10 == 0:
        again = open_policy([module], odoo="18.0", cache=False, code=True).code
        if msgspec.json.encode(again) != msgspec.json.encode(code):
            raise RuntimeError("the code comes out differently the second time")
    result = audit(policy)
    if result.errors:
        raise RuntimeError("; ".join(error.message for error in result.errors))
    report = Report(result, policy, targets=[str(module)])
    for wanted in (Format.TERMINAL, Format.JSON, Format.SARIF, Format.HTML):
        content(report, wanted)
    return {
        "modules": 1,
        "entries": len(code.entries),
        "uses": sum(len(entry.uses) for entry in code.entries),
        "pages": len(code.pages),
        "fields shown": sum(len(page.shown) for page in code.pages),
        "findings": len(result.findings),
        "not followed to the end": sum(bool(entry.unread) for entry in code.entries),
    }


def main() -> int:
    """Go on for so many minutes and print what came of it; 1 where there were faults."""
    parser = argparse.ArgumentParser(description="Follow damaged code.")
    parser.add_argument("source", nargs="*", type=Path)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=0, help="end after so many")
    options = parser.parse_args()
    import ostiary.audit.asking.proofs
    import ostiary.code.flow
    import ostiary.code.pages
    import ostiary.report.html  # noqa: F401  (imported once, before processes are forked)

    ends: Counter[str] = Counter()
    counted: Counter[str] = Counter()
    faults: list[str] = []
    slowest = (0.0, 0)
    context = multiprocessing.get_context("fork")
    until = time.monotonic() + 60 * options.minutes
    seed = options.seed
    while time.monotonic() < until and not (options.rounds and seed >= options.seed + options.rounds):
        source = options.source[seed // 2 % len(options.source)] if options.source and seed % 2 else None
        before = _child_seconds()
        receive, send = context.Pipe(duplex=False)
        process = context.Process(target=one, args=(source, seed, send))
        process.start()
        send.close()
        process.join(WALL)
        if process.is_alive():
            process.kill()
            process.join()
        word = {0: "audited", _SENTENCE: "one sentence", _FAULT: "fault"}.get(
            process.exitcode if process.exitcode is not None else -1, "out of time or memory"
        )
        if word == "audited":
            counted.update(receive.recv())
        elif word != "one sentence":
            faults.append(f"seed {seed} ({source or 'made'}): {word}, exit {process.exitcode}")
            print(faults[-1], flush=True)
        ends[word] += 1
        slowest = max(slowest, (_child_seconds() - before, seed))
        seed += 1
    print(", ".join(f"{count:,} {word}" for word, count in ends.most_common()))
    print(", ".join(f"{count:,} {word}" for word, count in counted.items()))
    print(f"slowest: {slowest[0]:.1f} s of processor time, seed {slowest[1]}")
    for path in Path(tempfile.gettempdir()).glob("tmp*/garden"):
        shutil.rmtree(path.parent, ignore_errors=True)  # of processes that were stopped
    return 1 if faults else 0


def _child_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    sys.exit(main())
