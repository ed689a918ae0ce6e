"""Audit damaged addons: whatever is in a file, an audit ends in bounded time and memory, with findings or one sentence.

    python tools/fuzz_audit.py MODULE_OR_WHEEL [...] --minutes 10 --seed 1 [--addons-path TREE]

Each round takes a real module, damages some of its files (bytes, lines, cells, names, encodings, deep nesting, very
long values), and audits it in a process of its own with a limit on time and memory. A traceback, a check that stopped
and a run out of time or memory are faults: what was said is kept by seed in the folder for temporary files.
"""

import argparse
import multiprocessing
import os
import random
import resource
import shutil
import sys
import tempfile
import time
import traceback
import zipfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path

SECONDS = 60
MEGABYTES = 3_000
_KINDS = (".py", ".xml", ".csv")
_WORDS = (
    b"base.group_portal",
    b"base.group_user",
    b"[(1,'=',1)]",
    b"user.partner_id.id",
    b"('a','in',",
    b"eval=",
    b"ref=",
    b"<record",
    b"</record>",
    b"<!--",
    b"]]>",
    b"&lol;",
    b"\x00",
    b"\xff\xfe",
    b"\xef\xbb\xbf",
    "\u202e".encode(),
    b"999999999999999999999999",
    b"True",
    b"False",
    b"_inherit = ",
    b"_name = ",
    b"related='a.b.c.d'",
    b'"""',
    b"ostiary: ignore[",
    b",",
    b"\r",
)

Damage = Callable[[bytes, random.Random], bytes]


def flip(content: bytes, chance: random.Random) -> bytes:
    """Change single bytes."""
    found = bytearray(content)
    for _ in range(chance.randint(1, 20)):
        found[chance.randrange(len(found))] = chance.randrange(256)
    return bytes(found)


def cut(content: bytes, chance: random.Random) -> bytes:
    """End the file early."""
    return content[: chance.randrange(len(content))]


def insert(content: bytes, chance: random.Random) -> bytes:
    """Put words of Odoo's files where they don't belong."""
    for _ in range(chance.randint(1, 6)):
        at = chance.randrange(len(content) + 1)
        content = content[:at] + chance.choice(_WORDS) + content[at:]
    return content


def lines(content: bytes, chance: random.Random) -> bytes:
    """Drop, repeat and shuffle lines."""
    found = content.split(b"\n")
    for _ in range(chance.randint(1, 8)):
        at = chance.randrange(len(found))
        what = chance.randrange(3)
        if what == 0 and len(found) > 1:
            del found[at]
        elif what == 1:
            found[at:at] = [found[at]] * chance.choice((1, 3, 200))
        else:
            other = chance.randrange(len(found))
            found[at], found[other] = found[other], found[at]
    return b"\n".join(found)


def names(content: bytes, chance: random.Random) -> bytes:
    """Give one word of the file another's place everywhere, so that definitions refer to each other wrongly."""
    words = [word for word in set(content.replace(b'"', b" ").replace(b"'", b" ").split()) if len(word) > 3]
    if len(words) < 2:
        return flip(content, chance)
    words.sort()
    return content.replace(chance.choice(words), chance.choice(words))


def nest(content: bytes, chance: random.Random) -> bytes:
    """Nest deeply, or grow one value."""
    depth = chance.choice((50, 2_000, 60_000))
    grown = chance.choice(
        (b"(" * depth, b"<a>" * depth, b"[" * depth + b"]" * depth, b"x" * depth * 10, b"-" * depth)
    )
    at = chance.randrange(len(content) + 1)
    return content[:at] + grown + content[at:]


def encode(content: bytes, chance: random.Random) -> bytes:
    """Write the file in another encoding than it says."""
    text = content.decode("utf-8", "replace")
    return text.encode(chance.choice(("utf-16", "utf-7", "latin-1", "utf-32", "cp037")), "replace")


DAMAGES: tuple[Damage, ...] = (flip, cut, insert, lines, names, nest, encode)


def damaged(content: bytes, chance: random.Random) -> bytes:
    """The content with one to three damages."""
    for _ in range(chance.randint(1, 3)):
        if content:
            content = chance.choice(DAMAGES)(content, chance)
    return content[:20_000_000]


def laid_out(source: Path, folder: Path) -> Path:
    """A copy of a module's folder, or the first module of a wheel."""
    if source.is_dir():
        shutil.copytree(source, folder / source.name)
        return folder / source.name
    with zipfile.ZipFile(source) as archive:
        archive.extractall(folder)
    return next(path.parent for path in sorted(folder.rglob("__manifest__.py")))


def one(source: Path, seed: int, context: list[str]) -> None:
    """Damage a module and audit it. Ends the process: 0 for an audit, 3 for one sentence, 4 for a fault."""
    resource.setrlimit(resource.RLIMIT_AS, (MEGABYTES * 1_000_000,) * 2)
    sys.stderr = open(os.devnull, "w")  # noqa: SIM115
    try:
        os._exit(_audited(source, seed, context))
    except BaseException:
        with open(f"{tempfile.gettempdir()}/ostiary-fuzz-{seed}.txt", "w", encoding="utf-8") as file:
            traceback.print_exc(file=file)
        os._exit(4)


def _audited(source: Path, seed: int, context: list[str]) -> int:
    from ostiary.audit import audit
    from ostiary.report.formats import Format, Report, content
    from ostiary.sources import UnreadableTarget, open_policy

    chance = random.Random(seed)  # noqa: S311
    with tempfile.TemporaryDirectory() as folder:
        module = laid_out(source, Path(folder))
        files = sorted(path for path in module.rglob("*") if path.suffix in _KINDS and path.is_file())
        for path in chance.sample(files, min(len(files), chance.randint(1, 6))):
            path.write_bytes(damaged(path.read_bytes(), chance))
        try:
            policy = open_policy([module], addons_path=context, odoo="18.0", cache=False)
        except UnreadableTarget:
            return 3
        result = audit(policy)
        if result.errors:
            raise RuntimeError("; ".join(error.message for error in result.errors))
        report = Report(result, policy, targets=[str(module)])
        for wanted in (
            Format.TERMINAL,
            Format.JSON,
            Format.SARIF,
            Format.HTML,
            Format.JUNIT,
            Format.MARKDOWN,
        ):
            content(report, wanted)
    return 0


def main() -> int:
    """Go on for so many minutes and print what came of it; 1 where there were faults."""
    parser = argparse.ArgumentParser(description="Audit damaged addons.")
    parser.add_argument("source", nargs="+", type=Path)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--addons-path", action="append", default=[])
    options = parser.parse_args()
    import ostiary.audit.asking.proofs
    import ostiary.report.html  # noqa: F401  (imported once, before processes are forked)

    ends: Counter[str] = Counter()
    faults: list[str] = []
    context = multiprocessing.get_context("fork")
    until = time.monotonic() + 60 * options.minutes
    seed = options.seed
    while time.monotonic() < until:
        source = options.source[seed % len(options.source)]
        process = context.Process(target=one, args=(source, seed, options.addons_path))
        process.start()
        process.join(SECONDS)
        if process.is_alive():
            process.kill()
            process.join()
            ends["out of time"] += 1
            faults.append(f"seed {seed} ({source}): more than {SECONDS} s")
        else:
            code = process.exitcode
            word = {0: "audited", 3: "one sentence"}.get(code if code is not None else -1, "fault")
            ends[word] += 1
            if word == "fault":
                faults.append(f"seed {seed} ({source}): exit {code}")
        seed += 1
    print(", ".join(f"{count:,} {word}" for word, count in ends.most_common()))
    for fault in faults:
        print(fault)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
