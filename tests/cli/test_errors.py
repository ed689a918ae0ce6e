"""What goes wrong is said in one sentence, with the right exit code, and leaves nothing behind."""

from __future__ import annotations

import os
import pty
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from cli.conftest import Run
from ostiary.cli import app, auditing, output


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["audit"], "Missing argument"),
        (["audit", "nowhere"], "nowhere"),
        (["audit", "open", "--nope"], "No such option"),
        (["audit", "open", "--format", "xml"], "'--format' / '-f': 'xml' is not one of 'terminal', "),
        (["decisions", "open", "--mode", "raed"], "'--mode': 'raed' is not one of 'read', 'write', "),
        (["audit", "open", "--select", "share-can-wite"], "did you mean share-can-write"),
        (["audit", "open", "-o", "no/such/folder.html"], "there is no folder no/such"),
        (["audit", "open", "-o", "mended"], "mended is a folder"),
        (["explain", "open", "--as", "portl", "--can", "read garden.plant"], "did you mean portal"),
        (["explain", "open", "--as", "portal", "--can", "read garden.plants"], "did you mean garden.plant"),
        (["explain", "open", "--as", "portal", "--can", "fly"], "A question is"),
        (["explain", "open", "--as", "portal"], "Missing option '--can'"),
        (["who", "open", "read"], "Name what to read and then the question"),
        (["matrix", "open", "--model", "nothing.*"], "No model is called nothing.*"),
        (["snapshot", "open", "-o", "s.txt"], "ends in .json"),
        (["checks", "share-can-wite"], "did you mean share-can-write"),
        (["audti"], "No such command"),
        (["audit", "open\x1b[31m"], "open\\x1b[31m"),
    ],
)
def test_wrong_usage_is_one_sentence(ostiary: Run, arguments: list[str], says: str) -> None:
    ran = ostiary(*arguments)
    assert ran.code == 2
    assert ran.out == ""
    assert says in ran.err
    assert ran.err.startswith("ostiary: ")
    assert ran.err.count("\n") == 1
    assert "\x1b" not in ran.err


@pytest.mark.parametrize("url", ["postgresql://u:SECRET@127.0.0.1:1/odoo", "postgresql//u:SECRET@h/odoo"])
@pytest.mark.parametrize(
    "arguments",
    [
        ["explain", "URL", "--as", "portal", "--can", "read garden.plant"],
        ["audit", "open", "--addons-path", "URL"],
        ["audit", "open", "--modules", "URL"],
        ["audit", "open", "--odoo", "URL"],
        ["audit", "open", "-o", "URL/report.html"],
        ["explain", "open", "--as", "URL", "--can", "read garden.plant"],
        ["explain", "open", "--as", "portal", "--can", "read URL"],
        ["who", "read", "garden.plant", "URL"],
        ["matrix", "open", "--model", "URL"],
        ["checks", "URL"],
        ["URL"],
    ],
)
def test_no_error_shows_a_password(ostiary: Run, arguments: list[str], url: str) -> None:
    ran = ostiary(*(each.replace("URL", url) for each in arguments))
    assert ran.code == 2
    assert "SECRET" not in ran.out + ran.err


def test_a_broken_snapshot(ostiary: Run, here: Path) -> None:
    (here / "s.json").write_text("{", encoding="utf-8")
    ran = ostiary("audit", "s.json")
    assert ran.code == 2
    assert "no Ostiary snapshot" in ran.err


def test_something_unexpected(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def fail(*arguments: object, **options: object) -> None:
        raise RuntimeError("the sky\x1b[31m\nfell")

    monkeypatch.setattr(auditing, "read", fail)
    monkeypatch.delenv("OSTIARY_DEBUG", raising=False)
    assert app.run(["audit", "."]) == 2
    said = " ".join(capsys.readouterr().err.split())
    assert "RuntimeError: the sky\\x1b[31m fell" in said
    assert "OSTIARY_DEBUG=1" in said
    monkeypatch.setenv("OSTIARY_DEBUG", "1")
    with pytest.raises(RuntimeError):
        app.run(["audit", "."])


def test_interrupted(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def interrupt(*arguments: object, **options: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(auditing, "read", interrupt)
    assert app.run(["audit", "."]) == 130
    assert capsys.readouterr().err == "ostiary: Interrupted.\n"


def test_a_reader_that_leaves_is_no_error(environment: dict[str, str], here: Path) -> None:
    for command in ("audit open", "audit open -f html", "checks share-can-write", "matrix open --model '*'"):
        script = (
            f"set -o pipefail; {sys.executable} -m ostiary {command} | head -c 1; exit ${{PIPESTATUS[0]}}"
        )
        done = subprocess.run(
            ["bash", "-c", script], cwd=here, env=environment, capture_output=True, timeout=120
        )
        assert done.stderr == b""
        assert done.returncode in (0, 1, app.PIPE_CLOSED)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full here")
def test_a_full_disk(environment: dict[str, str], here: Path) -> None:
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "ostiary", "audit", "open", "-f", "json"],
            cwd=here,
            env=environment,
            stdout=full,
            stderr=subprocess.PIPE,
            timeout=120,
        )
    assert done.returncode == 2
    assert done.stderr == b"ostiary: The output can't be written: No space left on device.\n"


def test_a_file_is_written_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "report.json"
    target.write_text("before", encoding="utf-8")
    target.chmod(0o640)

    def interrupt(self: Path, other: Path) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", interrupt)
        with pytest.raises(KeyboardInterrupt):
            output.write(target, "after")
    assert target.read_text(encoding="utf-8") == "before"
    assert [each.name for each in tmp_path.iterdir()] == ["report.json"]
    output.write(target, "after")
    assert target.read_text(encoding="utf-8") == "after"
    assert target.stat().st_mode & 0o777 == 0o640
    assert [each.name for each in tmp_path.iterdir()] == ["report.json"]


def test_a_link_is_followed_and_a_device_written(tmp_path: Path) -> None:
    (tmp_path / "real.json").write_text("", encoding="utf-8")
    (tmp_path / "link.json").symlink_to(tmp_path / "real.json")
    output.write(tmp_path / "link.json", "x")
    assert (tmp_path / "link.json").is_symlink()
    assert (tmp_path / "real.json").read_text(encoding="utf-8") == "x"
    output.write(Path(os.devnull), "x")
    assert not Path(os.devnull).is_file()


def test_an_error_leaves_the_old_report(ostiary: Run, here: Path) -> None:
    (here / "r.json").write_text("before", encoding="utf-8")
    assert ostiary("audit", "nowhere", "-o", "r.json").code == 2
    assert (here / "r.json").read_text(encoding="utf-8") == "before"


def on_a_terminal(
    arguments: list[str], environment: dict[str, str], folder: Path, stop: bool = False
) -> tuple[int, str]:
    """Run with a terminal for all three streams; `stop` interrupts it as Ctrl-C does."""
    main, other = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "ostiary", *arguments],
        cwd=folder,
        stdin=other,
        stdout=other,
        stderr=other,
        env={**environment, "TERM": "xterm-256color", "COLUMNS": "80"},
        start_new_session=True,
        # Where the tests run in the background of a shell, an interrupt is ignored by all that they start.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),  # noqa: PLW1509
    )
    os.close(other)
    said = b""
    if stop:
        said = os.read(main, 65536)  # it tells how far it is, so everything is loaded
        time.sleep(0.5)
        process.send_signal(signal.SIGINT)
    while True:
        try:
            piece = os.read(main, 65536)
        except OSError:
            break
        if not piece:
            break
        said += piece
    os.close(main)
    return process.wait(timeout=60), said.decode("utf-8", "replace")


def test_colours_and_pages_on_a_terminal(environment: dict[str, str], here: Path) -> None:
    code, said = on_a_terminal(["audit", "open", "--no-progress"], environment, here)
    assert code == 1
    assert "\x1b[1;31m" in said or "\x1b[31m" in said
    code, said = on_a_terminal(["audit", "open", "--no-progress"], {**environment, "NO_COLOR": "1"}, here)
    assert "\x1b[31m" not in said
    assert "\x1b[1;31m" not in said
    code, said = on_a_terminal(["checks", "share-can-write"], environment, here)
    assert code == 0
    assert "## What it does" not in said
    assert "What it does" in said


def test_interrupting_for_real(environment: dict[str, str], here: Path) -> None:
    os.mkfifo(here / "slow.json")
    code, said = on_a_terminal(["audit", "open", "-o", "slow.json"], environment, here, stop=True)
    assert code == 130
    assert "Interrupted." in said
    assert "Traceback" not in said


def test_interrupted_while_text_is_run_as_code(environment: dict[str, str], here: Path) -> None:
    lines = [
        "from ostiary.cli import app",
        "app.app = lambda **_: exec('raise KeyboardInterrupt')",
        "app.main([])",
    ]
    (here / "stopped.py").write_text("\n".join(lines))
    command = [sys.executable, "-m", "stopped"]
    done = subprocess.run(command, cwd=here, env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, "Interrupted." in done.stderr) == (130, True)


def test_terminated(environment: dict[str, str], here: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "ostiary", "audit", "open", "-f", "html"],
        cwd=here,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout is not None
    # More is written than a pipe holds, so it waits for us now.
    assert process.stdout.read(1) == b"<"
    process.terminate()
    assert process.communicate(timeout=60)[1] == b""
    assert process.returncode == app.TERMINATED
