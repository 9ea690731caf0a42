"""A PostgreSQL server of one's own, in a temporary folder, for tests: nothing installed, nothing left behind."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

DEBIAN = Path("/usr/lib/postgresql")
SECONDS = 60


def find_binaries() -> Path | None:
    """Return the folder that holds initdb and pg_ctl, or None where PostgreSQL is not installed."""
    homes = [] if (found := shutil.which("initdb")) is None else [Path(os.path.realpath(found)).parent]
    homes += sorted(DEBIAN.glob("*/bin"), reverse=True)
    return next((home for home in homes if (home / "initdb").exists() and (home / "pg_ctl").exists()), None)


class TemporaryPostgres:
    """A running server. url: of its database `motet`, whose user `motet` may do everything in it.

    flush: whether commits reach the disk. They need not where only processes are stopped, and no machine.
    """

    def __init__(self, binaries: Path, folder: Path, *, flush: bool = False) -> None:
        self.data = folder / "data"
        self._binaries = binaries
        self._folder = folder
        self._flush = flush
        self._user = _unprivileged()
        self._port = _free_port()
        self.url = f"postgresql://motet:a-p%40ss@127.0.0.1:{self._port}/motet"

    def create(self) -> None:
        """Make the server's files and its database."""
        if self._user is not None:  # the server refuses to run as root
            who = pwd.getpwnam(self._user)
            os.chown(self._folder, who.pw_uid, who.pw_gid)
        secret = self._folder / "secret"
        secret.write_text("a-p@ss", encoding="utf-8")
        secret.chmod(0o644)
        login = ["--username=motet", f"--pwfile={secret}", "--auth=scram-sha-256"]
        self._run("initdb", f"--pgdata={self.data}", "--encoding=UTF8", "--no-sync", *login)
        self.start()
        self._run("createdb", "--host=127.0.0.1", f"--port={self._port}", "--username=motet", "motet")

    def start(self) -> None:
        """Start the server on the loopback address, and wait until it answers."""
        options = f"-p {self._port} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c shared_buffers=16MB"
        if not self._flush:
            options += " -c fsync=off -c full_page_writes=off"
        log = self._folder / "log"
        self._run("pg_ctl", f"--pgdata={self.data}", f"--log={log}", "--options", options, "--wait", "start")

    def stop(self, mode: str = "fast") -> None:
        """Stop the server. mode: `fast`, or `immediate` for one that had no time to tidy up."""
        self._run("pg_ctl", f"--pgdata={self.data}", f"--mode={mode}", "--wait", "stop")

    def _run(self, program: str, *arguments: str) -> None:
        command = [str(self._binaries / program), *arguments]
        if self._user is not None:
            command = ["runuser", "-u", self._user, "--", *command]
        environment = {**os.environ, "PGPASSWORD": "a-p@ss", "LC_ALL": "C.UTF-8"}
        log = self._folder.with_name(self._folder.name + ".said")
        with log.open("wb") as said:  # a pipe would stay open as long as the server runs
            done = subprocess.run(command, stdout=said, stderr=said, timeout=SECONDS, env=environment, cwd="/")
        told = log.read_text(encoding="utf-8", errors="replace")
        log.unlink()
        if done.returncode:
            raise RuntimeError(f"{program} failed: {told.strip()[-500:]}")


@contextmanager
def temporary_postgres(*, flush: bool = False) -> Iterator[TemporaryPostgres]:
    """Run a server until the end of the block. Raises RuntimeError where none can be had."""
    binaries = find_binaries()
    if binaries is None:
        raise RuntimeError("PostgreSQL is not installed (no initdb and pg_ctl); on Debian: apt install postgresql")
    home = Path(tempfile.mkdtemp(prefix="motet-postgres-"))
    home.chmod(0o755)
    (home / "server").mkdir()
    server = TemporaryPostgres(binaries, home / "server", flush=flush)
    try:
        server.create()
        yield server
    finally:
        if (server.data / "postmaster.pid").exists():
            server.stop("immediate")
        shutil.rmtree(home, ignore_errors=True)


def _unprivileged() -> str | None:
    """Return whom to become for the server's sake: nobody else, unless we are root."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return next((name for name in ("postgres", "nobody") if name in names), None)


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])
