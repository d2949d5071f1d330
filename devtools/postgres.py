"""A private PostgreSQL cluster that only listens on a socket of its own.

Commands that use it hold a shared lock on ``.dev/postgres.lease`` for as long as
they live: the last one to leave stops the server, unless it was asked to stay.
"""

import contextlib
import fcntl
import hashlib
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from . import stamps
from .console import step
from .errors import DISK_FULL, NO_DISK, DevError
from .paths import DEV, LOGS, ROOT
from .system_packages import postgres_bin

PORT = 5432  # only a part of the socket's name: no TCP port is opened
USER = "odoo"
MAX_SOCKET_PATH = 100
LEASE = DEV / "postgres.lease"
KEEP = DEV / "postgres.keep"
STAMP = "postgres"
# Development data can be made again: speed before durability.
SETTINGS = {
    "listen_addresses": "''",
    "port": str(PORT),
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "shared_buffers": "512MB",
    "max_connections": "100",
    "max_wal_size": "2GB",
    "random_page_cost": "1.1",
    "jit": "off",
    "log_min_messages": "warning",
    "timezone": "UTC",
}


def _owner() -> str | None:
    """PostgreSQL refuses to run as root: the account it runs as instead, if any."""
    if os.geteuid() != 0:
        return None
    try:
        return pwd.getpwnam("postgres").pw_name
    except KeyError:
        return pwd.getpwnam("nobody").pw_name


def _reachable(folder: Path) -> bool:
    """Whether another account may walk down to a folder."""
    return all(parent.stat().st_mode & 0o001 for parent in [folder, *folder.parents])


def home() -> Path:
    """The cluster's folder: below ``.dev/``, or outside when its account cannot get there."""
    if _owner() is None or _reachable(DEV if DEV.exists() else ROOT):
        return DEV / "postgres"
    digest = hashlib.sha256(str(ROOT).encode()).hexdigest()[:10]
    return Path("/var/tmp") / f"optica_cobranca-{digest}" / "postgres"


def socket_dir() -> Path:
    """The folder of the socket; sockets must have short names, so it may be a temporary one."""
    folder = home() / "run"
    if len(str(folder)) <= MAX_SOCKET_PATH:
        return folder
    digest = hashlib.sha256(str(ROOT).encode()).hexdigest()[:10]
    return Path(tempfile.gettempdir()) / f"optica_cobranca-{digest}"


def environment() -> dict[str, str]:
    """Variables by which every PostgreSQL client finds the cluster."""
    return {"PGHOST": str(socket_dir()), "PGPORT": str(PORT), "PGUSER": USER}


def _tool(name: str) -> str:
    folder = postgres_bin()
    if folder is None:
        raise DevError("PostgreSQL is not installed: run `./dev setup`.")
    return str(folder / name)


def _identity() -> dict[str, Any]:
    """The arguments that make ``subprocess`` run a program as PostgreSQL's account."""
    owner = _owner()
    if owner is None:
        return {}
    return {"user": owner, "group": pwd.getpwnam(owner).pw_gid, "extra_groups": []}


def _as_owner(command: list[str], log: str) -> None:
    """Run a server command as PostgreSQL's account; its output goes to a log."""
    LOGS.mkdir(parents=True, exist_ok=True)
    path = LOGS / f"{log}.log"
    env = {key: value for key, value in os.environ.items() if not key.startswith("PG")}
    with path.open("w") as out:
        result = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            cwd="/",
            env=env,
            check=False,
            start_new_session=True,  # Ctrl-C is for us, who then stop the server in good order
            **_identity(),
        )
    if result.returncode:
        output = path.read_text(errors="replace") + _server_log()
        if DISK_FULL.search(output):
            raise DevError(NO_DISK)
        lines = [line.strip() for line in output.splitlines() if line.strip()] or ["no output"]
        verb = "stop" if log == "pg_stop" else "start"
        raise DevError(f"PostgreSQL does not {verb} ({lines[-1]}): see {path}, {home() / 'log'}.")


def _server_log() -> str:
    try:
        return (home() / "log").read_text(errors="replace")[-4000:]
    except OSError:
        return ""


def _own(folder: Path) -> None:
    """Give a folder to PostgreSQL's account, whatever root's umask is."""
    if not folder.parent.exists():
        folder.parent.mkdir(parents=True)
        folder.parent.chmod(0o755)
    folder.mkdir(exist_ok=True)
    folder.chmod(0o700)
    if owner := _owner():
        shutil.chown(folder, owner, pwd.getpwnam(owner).pw_gid)


def ensure() -> None:
    """Create the cluster, once; settings may change later without losing its databases."""
    data = home() / "data"
    inputs = stamps.fingerprint(str(data), _tool("initdb"))
    if stamps.is_done(STAMP, inputs) and (data / "PG_VERSION").exists():
        return
    stamps.clear(STAMP)
    with step("creating a private PostgreSQL cluster"):
        stop()
        shutil.rmtree(home(), ignore_errors=True)
        _own(home())
        flags = ["--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"]
        _as_owner([_tool("initdb"), "-D", str(data), "-U", USER, *flags], "initdb")
    stamps.mark(STAMP, inputs)


def is_running() -> bool:
    """Whether the cluster answers."""
    command = [_tool("pg_isready"), "-q", "-h", str(socket_dir()), "-p", str(PORT)]
    return subprocess.run(command, check=False).returncode == 0


def start() -> None:
    """Start the server unless it runs."""
    if is_running():
        return
    _own(socket_dir())
    settings = {**SETTINGS, "unix_socket_directories": socket_dir()}
    options = " ".join(f"-c {name}={value}" for name, value in settings.items())
    where = ["-D", str(home() / "data"), "-l", str(home() / "log"), "-o", options]
    _as_owner([_tool("pg_ctl"), *where, "-w", "-t", "60", "start"], "pg_start")


def stop() -> bool:
    """Stop the server, ending open sessions; say whether there was one."""
    control = [_tool("pg_ctl"), "-D", str(home() / "data")]
    status = subprocess.run(
        [*control, "status"], capture_output=True, cwd="/", check=False, **_identity()
    )
    if status.returncode == 0:
        _as_owner([*control, "-m", "fast", "-w", "stop"], "pg_stop")
    return status.returncode == 0


@contextlib.contextmanager
def running() -> Iterator[None]:
    """The server runs inside this block; the last user to leave stops it."""
    DEV.mkdir(exist_ok=True)
    with LEASE.open("w") as lease:
        with _gate():
            fcntl.flock(lease, fcntl.LOCK_SH)
            start()
        try:
            yield
        finally:
            with _gate():
                fcntl.flock(lease, fcntl.LOCK_UN)
                _stop_if_unused(lease)


@contextlib.contextmanager
def _gate() -> Iterator[None]:
    """Starting and stopping happen one at a time."""
    with (DEV / "postgres.gate").open("w") as gate:
        fcntl.flock(gate, fcntl.LOCK_EX)
        yield


def _stop_if_unused(lease: IO) -> None:
    if KEEP.exists():
        return
    try:
        fcntl.flock(lease, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return
    stop()
