#!/usr/bin/env python3
"""A table of contacts is imported, killed (kill -9) in the middle, and goes on.

    sip-test/imports.py [--binary target/release/whence] [--rows 1000000] [--kills 2]

Brings a table by the API, kills the gateway while rows are
written, starts it again, and waits. Then there must be one contact for each row, one line
of the report for each, and no file in the folder of imports. Nor has the gateway needed more memory than
it may for a table of any length. Tells rows a second and the most memory that it had. The last
line is `N passed, N failed`.
"""

import argparse
import json
import pathlib
import sys
import tempfile
import time

from gateway import Failure, Gateway, Line

# By so much the gateway may grow over an import, however many rows that has: several times what it takes.
GROWTH_MAX_MIB = 192
HEADINGS = "Nom;Prénom;Téléphone;E-mail;Adresse;CP;Ville\r\n"
FAMILY = ["Martin", "Bernard", "Dubois", "Thomas", "Robert", "Richard", "Petit", "Durand", "Leroy", "Moreau"]
GIVEN = ["Ada", "Zoé", "Marie", "Jean", "Louise", "Paul", "Emma", "Hugo", "Alice", "Léo"]


def table(path, rows):
    """Everybody has a phone and an e-mail of their own; names are as different as a city's."""
    with path.open("w", encoding="cp1252", newline="") as file:
        file.write(HEADINGS)
        for n in range(rows):
            # Names differ from their beginning on, by which contacts are compared.
            family = f"{chr(97 + n // 10 % 26)}{chr(97 + n // 260 % 26)}{chr(97 + n // 6760 % 26)}{FAMILY[n % 10]}".title()
            file.write(f"{family};{GIVEN[n // 7 % 10]};06{n:08d};p{n}@example.org;{n % 90 + 1} rue du Four;"
                       f"{n % 95 * 1000 + 1000:05d};Lyon\r\n")


class Memory:
    """What a gateway has when an import begins or goes on, and by how much it grows until it is over or killed."""

    def __init__(self):
        self.most_mib, self.growth_mib, self.before = 0, 0, 0

    def begin(self, process):
        self.before = memory_mib(process, "VmRSS")

    def look(self, process):
        most = memory_mib(process, "VmHWM")
        self.most_mib = max(self.most_mib, most)
        self.growth_mib = max(self.growth_mib, most - self.before)


def memory_mib(process, what):
    status = pathlib.Path(f"/proc/{process.pid}/status").read_text()
    return int(status.split(f"{what}:")[1].split()[0]) // 1024


def run(options, folder):
    gateway = Gateway(options.binary, folder, [Line("desk", "+33199001001")])
    scopes = "contacts:write,contacts:read,calls:read"
    gateway.key = gateway.command("key", "create", "--name", "import", "--scopes", scopes).split()[-1]
    headers = {"Authorization": f"Bearer {gateway.key}"}
    gateway.start()
    memory = Memory()
    memory.begin(gateway.process)
    try:
        file = folder / "clients.csv"
        table(file, options.rows)
        with file.open("rb") as body:
            began = time.monotonic()
            status, answer = gateway.ask("POST", "/api/v1/imports?name=clients.csv", body,
                                         headers | {"Content-Type": "text/csv", "Content-Length": str(file.stat().st_size)})
        if status != 201:
            raise Failure(f"the file is answered with {status}: {answer[:300]!r}")
        print(f"{file.stat().st_size >> 20} MiB brought in {time.monotonic() - began:.1f} s")
        path = f"imports/{json.loads(answer)['id']}"
        status, answer = gateway.ask("POST", f"/api/v1/{path}/start", "{}", headers | {"Content-Type": "application/json"})
        if status != 200:
            raise Failure(f"the start is answered with {status}: {answer[:300]!r}")
        began, kills = time.monotonic(), 0
        while True:
            time.sleep(0.5)
            told = gateway.get(path)
            memory.look(gateway.process)
            if told["state"] != "importing":
                break
            if told["done_bytes"] * (options.kills + 1) > told["bytes"] * (kills + 1):
                kills += 1
                print(f"killed at {told['counts']['created']} rows")
                gateway.kill()
                gateway.start()
                memory.begin(gateway.process)
        seconds = time.monotonic() - began
        print(f"{options.rows} rows in {seconds:.0f} s: {options.rows / seconds:.0f} a second, "
              f"at most {memory.most_mib} MiB, {memory.growth_mib} more than before")
        if memory.growth_mib > GROWTH_MAX_MIB:
            raise Failure(f"the gateway grows by {memory.growth_mib} MiB, more than {GROWTH_MAX_MIB}")
        if told["state"] != "imported" or told["counts"]["created"] != options.rows:
            raise Failure(f"the import ends as {told}")
        if kills != options.kills:
            raise Failure(f"it was over after {kills} kills; take more rows")
        lines = gateway.ask("GET", f"/api/v1/{path}/report", headers=headers)[1].count(b"\n")
        rows = gateway.ask("GET", "/api/v1/contacts.csv", headers=headers)[1].count(b"\n")
        if (lines, rows) != (options.rows + 1, options.rows + 1):
            raise Failure(f"{lines} lines of the report, {rows} of the export")
        if list((folder / "imports").iterdir()):
            raise Failure("a file is left in the folder of imports")
        gateway.stop()
    finally:
        gateway.kill()


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--binary", type=pathlib.Path, default=pathlib.Path("target/release/whence"))
    options.add_argument("--rows", type=int, default=1_000_000)
    options.add_argument("--kills", type=int, default=2)
    options = options.parse_args()
    options.binary = options.binary.resolve()
    with tempfile.TemporaryDirectory(prefix="whence-import-") as folder:
        try:
            run(options, pathlib.Path(folder))
        except Failure as failure:
            print(f"FAILED: {failure}")
            print("0 passed, 1 failed")
            return 1
    print("1 passed, 0 failed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
