"""A PostgreSQL server of our own: in a temporary folder, on a socket in it, owned by nobody important.

Where its programs come from: PATH, or Debian's /usr/lib/postgresql. They refuse to run as root, so then the server
runs as another user.
"""

import atexit
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
import pytest

from storage.postgres import prepare

MISSING = "there is no PostgreSQL server here (apt-get install postgresql)"

_SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",  # a power cut is not what we test, and kills lose nothing that was written
    "full_page_writes": "off",
    "max_connections": "150",
    "deadlock_timeout": "200ms",
    "shared_buffers": "64MB",
    "autovacuum_naptime": "10min",
    "timezone": "UTC",
}


def programs() -> Path | None:
    """The folder with initdb and postgres."""
    found = shutil.which("initdb")
    if found is not None:
        return Path(found).resolve().parent
    places = Path("/usr/lib/postgresql").glob("*/bin/initdb")
    return max((place.parent for place in places), key=lambda folder: int(folder.parent.name), default=None)


def need_programs() -> Path:
    """The folder, or a skipped test; in CI a failed one."""
    found = programs()
    if found is None:
        if os.environ.get("CI") == "true":
            pytest.fail(MISSING)
        pytest.skip(MISSING)
    return found


@dataclass
class PgServer:
    """A server; `start` it, and at the end `remove` it."""

    folder: Path
    programs: Path
    user: str | None
    process: "subprocess.Popen[bytes] | None" = field(default=None)
    settings: dict[str, str] = field(default_factory=lambda: dict(_SETTINGS))
    _made: int = 0
    _template: str = ""

    @classmethod
    def made(cls, within: Path | None = None, **settings: str) -> "PgServer":
        """A fresh one, running until this process ends; in `/tmp`, or within a folder that others may enter."""
        place = need_programs()
        folder = Path(tempfile.mkdtemp(prefix="pg-", dir=within))
        user = _somebody() if os.geteuid() == 0 else None
        if user is not None:
            shutil.chown(folder, user)
        server = cls(folder, place, user, settings={**_SETTINGS, **settings})
        server._run("initdb", "-D", str(folder / "data"), "-U", "trapwise", "-A", "trust", "-E", "UTF8", "--no-sync")
        server.start()
        atexit.register(server.remove)
        return server

    def start(self) -> None:
        """Start it, and wait until it takes connections."""
        options = [part for name, value in self.settings.items() for part in ("-c", f"{name}={value}")]
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [self.programs / "postgres", "-D", self.folder / "data", "-k", str(self.folder), *options],
                stdout=log,
                stderr=log,
                user=self.user,
                extra_groups=[] if self.user else None,
                cwd=self.folder,
            )
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                break
            try:
                psycopg.connect(self.url("postgres")).close()
            except psycopg.OperationalError:
                time.sleep(0.02)
            else:
                return
        raise AssertionError(f"PostgreSQL did not start:\n{(self.folder / 'log').read_text()[-3000:]}")

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """End it: SIGINT in order, SIGQUIT as a crash does."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(how)
            self.process.wait(30)

    def restart(self, how: signal.Signals = signal.SIGINT) -> None:
        """End it and start it again."""
        self.stop(how)
        self.start()

    def remove(self) -> None:
        """End it and delete everything."""
        self.stop(signal.SIGQUIT)
        shutil.rmtree(self.folder, ignore_errors=True)

    def url(self, database: str) -> str:
        """The address of one of its databases."""
        return f"postgresql://trapwise@/{database}?host={self.folder}"

    def fresh(self, template: str = "template1") -> str:
        """The address of a database made just now."""
        self._made += 1
        name = f"db{os.getpid()}_{self._made}"
        with psycopg.connect(self.url("postgres"), autocommit=True) as db:
            db.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY file_copy')
        return self.url(name)

    def migrated(self) -> str:
        """The address of a database made just now, with all tables and nothing in them."""
        if not self._template:
            url = self.fresh()
            prepare(url)
            self._template = url.partition("@/")[2].partition("?")[0]
        return self.fresh(self._template)

    def _run(self, program: str, *options: str) -> None:
        done = subprocess.run(
            [self.programs / program, *options],
            capture_output=True,
            user=self.user,
            extra_groups=[] if self.user else None,
            cwd=self.folder,
        )
        assert done.returncode == 0, done.stderr.decode()


def _somebody() -> str:
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name).pw_name
        except KeyError:
            continue
    raise AssertionError("PostgreSQL refuses to run as root, and there is no user nobody")
