#!/usr/bin/env python3
"""Wall time that git-bak adds to Git's commands, beside what other hooks add to the same.

Each variant is a clone of its own. A round is the same work in every variant, one after the other, so that a
busy moment of the machine meets all of them, and each round begins with another variant, so that none always
runs in another's wake. What a variant adds is the median of its differences to the same work without hooks in
the same round. Compare ratios within a run, never milliseconds of two runs.

Run it twice: TMPDIR in memory leaves out the luck of where a clone lies on a disk, and TMPDIR on a disk shows
what making a file costs.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import agents  # noqa: E402
import counts  # noqa: E402
import disk  # noqa: E402
import listing  # noqa: E402
import memory  # noqa: E402
import running  # noqa: E402
from repositories import environment, original, variant  # noqa: E402
from rows import ROWS  # noqa: E402

WARM_UP = 3
# Settings that were written less than two seconds ago are not remembered: no ordinary commit is.
SETTLE = 3
# Lines of a file: about 4 KiB, less where there are very many.
LINES = {200: 120, 10_000: 120, 100_000: 12}


def arguments():
    tables = "".join(f"\n  {name}" for name in
                     ["list", "month", "events", "run", "disk", "memory", "agent", "remote"])
    rows = "\n".join(f"  {row.name}" for row in ROWS) + tables
    parser = argparse.ArgumentParser(
        prog="bench.sh", description=__doc__.split("\n")[0], epilog=f"rows:\n{rows}",
        formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rows", nargs="*", metavar="ROW",
                        help="only rows whose name begins so (default: all)")
    parser.add_argument("--binary", type=Path, required=True,
                        help="the git-bak to measure (bench.sh: the one that install/build.sh builds)")
    parser.add_argument("--rounds", type=int, help="timed rounds (default: by row)")
    return parser.parse_args()


class Originals:
    """The repositories that are cloned, made when first needed."""

    def __init__(self, scratch):
        self.scratch = scratch
        self.env = environment(scratch)
        self.made = {}

    def of(self, files):
        if files not in self.made:
            self.made[files] = original(self.scratch, files, LINES[files], self.env)
        return self.made[files]


def measure(row, originals, binary, rounds):
    """The milliseconds of each round, by variant, and what one more round does."""
    found = {name: variant(originals.of(row.files), name, binary) for name in row.variants()}
    for repository in found.values():
        row.prepare(repository)
        for key, value in row.settings.items():
            repository.git("config", key, value)
    time.sleep(SETTLE)
    times = {name: [] for name in found}
    for number in range(WARM_UP + rounds):
        order = list(found.items())
        first = number % len(order)
        for name, repository in order[first:] + order[:first]:
            took = row.once(repository, number)
            if number >= WARM_UP:
                times[name].append(took)
    if not found["git-bak"].has_record() and not row.name.startswith(("switch", "status", "rebase")):
        print("git-bak made no snapshot: the next row says nothing")
    counted = counts.of(row, found, WARM_UP + rounds)
    for repository in found.values():
        if row.needs_monitor:
            subprocess.run(["git", "fsmonitor--daemon", "stop"], cwd=repository.path, capture_output=True)
        repository.remove()
    return times, counted


def line(row, times):
    """One row of the table: what each variant adds, and git-bak's in the reference's."""
    plain = statistics.median(times["no hooks"])
    added = {name: statistics.median(t - none for t, none in zip(took, times["no hooks"]))
             for name, took in times.items() if name != "no hooks"}
    cells = [f"{added[name]:9.2f}" if name in added else f"{'':>9}"
             for name in ["git-bak", "empty suite", "shell script", "stash create", "lstat alone"]]
    limit = f"<= {row.limit}" if row.limit else ""
    if row.is_whole:
        ratio = statistics.median(t / none for t, none in zip(times["git-bak"], times["no hooks"]))
        return f"{row.name:44}{plain:9.2f}" + "".join(cells) + f"{ratio:8.2f} x {'without':13}{limit}"
    reference = added[row.reference]
    ratio = f"{added['git-bak'] / reference:.2f}" if reference > 0 else "-"
    return f"{row.name:44}{plain:9.2f}" + "".join(cells) + f"{ratio:>8} x {row.reference:13}{limit}"


def has_monitor():
    """Whether Git has a monitor of the file system here: on Linux from 2.55."""
    version = subprocess.run(["git", "version"], capture_output=True, text=True).stdout.split()[2]
    return tuple(int(number) for number in version.split(".")[:2]) >= (2, 55)


def chosen(options, name):
    return not options.rows or any(name.startswith(row) for row in options.rows)


def main():
    options = arguments()
    binary = options.binary.resolve()
    if not binary.is_file():
        sys.exit(f"bench.py: there is no {binary}")
    if options.rounds is not None and options.rounds < 1:
        sys.exit("bench.py: --rounds must be at least 1")
    version = subprocess.run(["git", "--version"], capture_output=True, text=True).stdout.strip()
    place = subprocess.run(["stat", "-f", "-c", "%T", tempfile.gettempdir()], capture_output=True, text=True)
    print(f"milliseconds, medians; {version}; {os.cpu_count()} processors; {place.stdout.strip()}")
    print(f"{'':44}{'without':>9}" + "".join(f"{name:>9}" for name in ["git-bak", "empty", "shell", "stash", "lstat"]))
    with tempfile.TemporaryDirectory() as folder:
        originals = Originals(Path(folder))
        for row in ROWS:
            if not chosen(options, row.name):
                continue
            if row.needs_monitor and not has_monitor():
                print(f"{row.name:44} left out: this Git has no monitor of its own")
                continue
            times, counted = measure(row, originals, binary, options.rounds or row.rounds)
            print(line(row, times), counted, sep="\n" if counted else "", flush=True)
        for name, table, files in [("list", listing.table, 10_000), ("month", listing.month, 200),
                                   ("events", listing.events, 200), ("run", running.table, 10_000),
                                   ("disk", disk.table, 200), ("memory", memory.table, 100_000),
                                   ("agent", agents.table, 200), ("agent", agents.table, 10_000),
                                   ("remote", agents.remote, 200)]:
            if chosen(options, name):
                repository = variant(originals.of(files), "git-bak", binary)
                table(repository, binary)
                repository.remove()


if __name__ == "__main__":
    main()
