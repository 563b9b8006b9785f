"""A PostgreSQL of our own: a cluster in a folder, thrown away at the end."""

import os
import pathlib
import shutil
import subprocess

from gateway import CALLER_HOST, Failure, free_port


def binaries():
    """The newest server on this machine, or None."""
    found = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: float(path.parts[4]))
    return found[-1].parent if found else None


class Postgres:
    """Durable as an operator has it: what is measured with it waits for the disk."""

    def __init__(self, folder, before=()):
        """`before` are the words that stand before the server's command, for instance `taskset`."""
        self.bin, self.folder, self.before = binaries(), pathlib.Path(folder), list(before)
        if self.bin is None:
            raise Failure("PostgreSQL is missing: apt install postgresql")
        self.port = free_port()
        self.url = f"postgres://postgres@{CALLER_HOST}:{self.port}/postgres"
        self.running = False

    def _as_postgres(self, *words):
        # PostgreSQL refuses to run as root.
        words = [*self.before, *(["runuser", "-u", "postgres", "--"] if os.getuid() == 0 else []), *map(str, words)]
        done = subprocess.run(words, cwd=self.folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, check=False)
        if done.returncode != 0:
            raise Failure(f"{words[-1]}: {done.stdout[-500:]}")

    def start(self):
        self.folder.mkdir()
        if os.getuid() == 0:
            shutil.chown(self.folder, "postgres")
            # Above it lies a folder that is only ours.
            self.folder.parent.chmod(0o755)
        cluster = self.folder / "cluster"
        self._as_postgres(self.bin / "initdb", "-D", cluster, "-U", "postgres", "-A", "trust", "-E", "UTF8",
                          "--locale=C.UTF-8")
        self._as_postgres(self.bin / "pg_ctl", "-D", cluster, "-l", self.folder / "log", "-w", "-o",
                          f"-c listen_addresses={CALLER_HOST} -c port={self.port} -c max_connections=100 "
                          f"-c unix_socket_directories={self.folder}", "start")
        self.running = True
        return self

    @property
    def pid(self):
        return int((self.folder / "cluster/postmaster.pid").read_text().split()[0])

    def sql(self, text, database="postgres"):
        """What a statement answers: a list of rows of text."""
        done = subprocess.run(
            ["psql", "-qAtX", "-v", "ON_ERROR_STOP=1", "-h", CALLER_HOST, "-p", str(self.port), "-U", "postgres",
             "-d", database], input=text, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise Failure(f"psql: {done.stderr.strip()}")
        return [line.split("|") for line in done.stdout.splitlines()]

    def stop(self):
        if self.running:
            self.running = False
            self._as_postgres(self.bin / "pg_ctl", "-D", self.folder / "cluster", "-m", "immediate", "stop")
