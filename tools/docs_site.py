"""Build the documentation as a site that can be read and searched without a server.

    python tools/docs_site.py [--into out/site]

The pages are the Markdown files of the repository as they are, at the same places beside each other, so that the links
that work in the repository work on the site. What is generated from the code (the pages of the checks and commands)
must be up to date. Sphinx with MyST turns them into HTML; every warning of theirs is an error.
"""

import argparse
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# What the documentation links to outside of `docs/`.
BESIDE = ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "LICENSE", "action.yml", ".pre-commit-hooks.yaml")
FOLDERS = ("docs", "examples", "changelog.d", "requirements")
# The order of the pages; folders are listed whole.
CHAPTERS: dict[str, tuple[str, ...]] = {
    "Using Ostiary": (
        "docs/report",
        "docs/configuration",
        "docs/suppressions",
        "docs/ci",
        "docs/routes",
        "docs/vet",
        "docs/prove",
        "docs/invariants",
        "docs/cli",
        "docs/facts",
    ),
    "Checks": ("docs/checks/index",),
    "Inside": ("CONTRIBUTING", "docs/architecture", "docs/decisions/README", "CHANGELOG"),
}
LINK = re.compile(r"(?<!!)\[(?P<words>[^\[\]]*)\]\((?P<target>[^()\s]+)\)")
CONF = """
project = "Ostiary"
author = copyright = "The Ostiary contributors"
extensions = ["myst_parser"]
html_theme = "furo"
html_title = "Ostiary"
html_show_sourcelink = False
html_copy_source = False
html_show_sphinx = False
html_last_updated_fmt = None
myst_heading_anchors = 4
myst_links_external_new_tab = True
exclude_patterns = ["changelog.d/[!R]*"]
# Diagrams are shown as their text, since the library that draws them is fetched from elsewhere.
suppress_warnings = ["misc.highlighting_failure", "toc.not_included"]
"""


def main() -> int:
    """Build the site; the exit code is that of Sphinx."""
    parser = argparse.ArgumentParser(description="Build the documentation site.")
    parser.add_argument("--into", type=Path, default=ROOT / "out" / "site", help="the folder (out/site)")
    into: Path = parser.parse_args().into
    for command in (["ostiary.audit.pages", "--check"], ["ostiary.cli.pages", "--check"]):
        done = subprocess.run([sys.executable, "-m", *command], cwd=ROOT, check=False)
        if done.returncode:
            return done.returncode
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder)
        lay_out(source)
        command = ["-m", "sphinx", "-W", "--keep-going", "-q", "-b", "html", str(source), str(into)]
        built = subprocess.run([sys.executable, *command], check=False)
    if built.returncode == 0:
        print(f"The site begins at {into / 'index.html'}.")
    return built.returncode


def lay_out(source: Path) -> None:
    """Put the pages, a first page and Sphinx's configuration into a folder."""
    for name in BESIDE:
        if (ROOT / name).is_file():
            shutil.copy(ROOT / name, source / name)
    for name in FOLDERS:
        keep = shutil.ignore_patterns("*.py", "*.pyc", "__pycache__", ".*")
        shutil.copytree(ROOT / name, source / name, ignore=keep)
    for page in source.rglob("*.md"):
        page.write_text(only_to_pages(page, source), encoding="utf-8")
    # The README is the first page, and leads to all others.
    text = (source / "README.md").read_text("utf-8")
    (source / "README.md").unlink()
    (source / "index.md").write_text(text + contents(), encoding="utf-8")
    (source / "conf.py").write_text(CONF, encoding="utf-8")


def only_to_pages(page: Path, source: Path) -> str:
    """The text of a page in which a link to what is not on the site (a folder, a source file) is only its words."""

    def kept(link: re.Match[str]) -> str:
        target = link["target"].partition("#")[0]
        if target and (page.parent / target).resolve() == (source / "README.md").resolve():
            return f"[{link['words']}]({link['target'].replace('README.md', 'index.md')})"
        there = not target or re.match(r"[a-z][a-z+.-]*:", target) or (page.parent / target).is_file()
        return (
            link[0]
            if there and (page.parent / target).resolve().is_relative_to(source.resolve())
            else link["words"]
        )

    return LINK.sub(kept, page.read_text("utf-8"))


def contents() -> str:
    """The lists of the pages that the side of each page shows, each page once."""
    listed = {page for pages in CHAPTERS.values() for page in pages}
    more = sorted(
        page
        for path in (ROOT / "docs").glob("*.md")
        if (page := f"docs/{path.stem}") not in listed and path.stem != "README"
    )
    text = ""
    for title, pages in CHAPTERS.items():
        named = [*pages, *(more if title == "Using Ostiary" else ())]
        if title == "Checks":
            named += sorted(f"docs/checks/{path.stem}" for path in (ROOT / "docs/checks").glob("*-*.md"))
        if title == "Inside":
            named += sorted(f"docs/decisions/{path.stem}" for path in (ROOT / "docs/decisions").glob("0*.md"))
        body = "\n".join(f"/{page}" for page in named)
        text += f"\n```{{toctree}}\n:caption: {title}\n:maxdepth: 1\n:hidden:\n\n{body}\n```\n"
    return text


if __name__ == "__main__":
    sys.exit(main())
