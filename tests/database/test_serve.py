"""`make serve`: what is said and left behind where it is interrupted, and where it is not."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from postgres import _User

from database.server import NoServer, Server

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def folder() -> Iterator[Path]:
    """For what the server writes; another user than root reaches it."""
    made = Path(tempfile.mkdtemp(prefix="ostiary-serve-"))
    made.chmod(0o755)
    yield made
    shutil.rmtree(made)


@contextmanager
def serving(dump: Path, folder: Path) -> Iterator[subprocess.Popen[str]]:
    running = subprocess.Popen(
        [sys.executable, "-W", "error", "tools/serve_dump.py", str(dump)],
        cwd=ROOT,
        env={**os.environ, "TMPDIR": str(folder)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        yield running
    finally:
        running.kill()
        running.communicate()


def ended(running: subprocess.Popen[str], signal_: signal.Signals, folder: Path) -> tuple[int, str]:
    """The exit code and the rest of the error output, after a signal to all that the terminal holds."""
    os.killpg(running.pid, signal_)
    said = running.communicate(timeout=60)[1]
    assert list(folder.iterdir()) == []
    return running.returncode, said


@pytest.mark.parametrize("signal_", [signal.SIGINT, signal.SIGTERM])
def test_interrupted_while_the_server_is_made(
    server: Server, tmp_path: Path, folder: Path, signal_: signal.Signals
) -> None:
    (tmp_path / "odoo.dump").write_bytes(b"PGDMP")
    with serving(tmp_path / "odoo.dump", folder) as running:
        while not list(folder.iterdir()):
            assert running.poll() is None
        assert ended(running, signal_, folder) == (130, "Interrupted.\n")


def test_interrupted_while_the_dump_is_restored(server: Server, tmp_path: Path, folder: Path) -> None:
    pipe = tmp_path / "odoo.dump"
    os.mkfifo(pipe)
    with serving(pipe, folder) as running:
        # The tool looks at the head; pg_restore then waits for a writer that does not come.
        pipe.write_bytes(b"PGDMP")
        assert running.stderr is not None
        assert running.stderr.readline() == f"Restoring {pipe} ...\n"
        assert ended(running, signal.SIGINT, folder) == (130, "Interrupted.\n")


def test_ended_while_it_serves(server: Server, tmp_path: Path, folder: Path) -> None:
    dump = tmp_path / "odoo.dump"
    with server.database() as name:
        with server.connect(name) as connection:
            connection.execute("CREATE TABLE ir_module_module (id int)")
        made = [f"{server.programs}/pg_dump", "-Fc", "-f", str(dump), server.url(name)]
        subprocess.run(made, check=True)
    with serving(dump, folder) as running:
        assert running.stdout is not None and running.stderr is not None
        url = running.stdout.readline().strip()
        assert re.fullmatch(r"postgresql://postgres:\w+@127\.0\.0\.1:\d+/odoo", url)
        with psycopg.connect(url) as connection:
            assert connection.execute("SELECT count(*) FROM ir_module_module").fetchone() == (0,)
        code, said = ended(running, signal.SIGINT, folder)
        assert code == 0
        assert "the password in it is made up for this run only" in said


def test_a_file_that_is_no_dump(tmp_path: Path, folder: Path) -> None:
    (tmp_path / "odoo.dump").write_bytes(b"-- SQL")
    with serving(tmp_path / "odoo.dump", folder) as running:
        said = running.communicate(timeout=60)[1]
        assert running.returncode == 2
        assert "is no dump in PostgreSQL's custom format" in said


@pytest.mark.skipif(shutil.which("make") is None, reason="there is no make here")
def test_make_serve_without_a_dump() -> None:
    ran = subprocess.run(["make", "serve", "DUMP="], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert ran.returncode == 2
    assert ran.stderr.startswith("Name the dump to serve, as in 'make serve DUMP=odoo.dump'.\n")


@pytest.mark.parametrize(
    ("command", "why"),
    [
        (("sh", "-c", "echo one; echo two; exit 1"), "sh does not run here: two"),
        (("sh", "-c", "exit 3"), "sh does not run here: it ended with code 3"),
        (("sh", "-c", "kill -TERM $$"), "sh does not run here: it was ended by SIGTERM"),
        (("./nothing",), "nothing does not run here: No such file or directory"),
    ],
)
def test_a_program_that_does_not_run_is_said_plainly(
    tmp_path: Path, command: tuple[str, ...], why: str
) -> None:
    with pytest.raises(NoServer) as caught:
        _User().run(tmp_path, *command)
    assert str(caught.value) == why
