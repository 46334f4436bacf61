"""The rows of the table: for each kind of work the repository it is done in, how it is prepared and timed."""

import shutil
import time
from dataclasses import dataclass, field
from typing import Callable

EMPTY, SHELL, STASH, LSTAT = "empty suite", "shell script", "stash create", "lstat alone"
BIG_FILE = "big.bin"
BIG_BYTES = 100 << 20


def timed(repository, *args):
    """The milliseconds that a Git command took."""
    start = time.perf_counter()
    repository.run(*repository.before, "git", *args)
    return (time.perf_counter() - start) * 1000


def commit(numbers):
    def once(repository, round_number):
        repository.edit(numbers, f"round {round_number}")
        repository.git("add", "-u")
        return timed(repository, "commit", "-qm", f"round {round_number}")
    return once


def commit_all(numbers):
    def once(repository, round_number):
        repository.edit(numbers, f"round {round_number}")
        return timed(repository, "commit", "-qam", f"round {round_number}")
    return once


def commit_big(repository, round_number):
    with open(repository.path / BIG_FILE, "r+b") as file:
        file.write(f"round {round_number}".encode())
    repository.git("add", BIG_FILE)
    return timed(repository, "commit", "-qm", f"round {round_number}")


def make_big(repository):
    # It can't be made smaller, as most big files can't.
    block = bytes((n * n * 31 + n // 7) % 251 for n in range(1 << 20))
    with open(repository.path / BIG_FILE, "wb") as file:
        for number in range(BIG_BYTES >> 20):
            file.write(bytes([number]) + block[1:])
    repository.git("config", "core.compression", "0")
    repository.git("add", BIG_FILE)
    repository.git("commit", "-qnm", "big")


def add(repository, round_number):
    """A second `git add` of an edited file: the first one after a commit is no different."""
    repository.edit([0], f"round {round_number}")
    return timed(repository, "add", str(repository.file(0)))


def status(repository, round_number):
    """A file that is not as it was makes Git write the index, and call the hook, once it is found the same."""
    repository.edit([0], f"round {round_number}")
    repository.file(1).touch()
    return timed(repository, "status")


def look(repository, round_number):
    del round_number
    return timed(repository, "status")


def add_converted(repository, round_number):
    """The file's bytes are not those of Git's object."""
    with open(repository.file(0), "ab") as file:
        file.write(f"round {round_number}\r\n".encode())
    return timed(repository, "add", str(repository.file(0)))


def with_line_ends(repository):
    repository.git("config", "core.autocrlf", "true")
    path = repository.file(0)
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))


def add_many(repository, round_number):
    for number in range(10_000):
        path = repository.path / f"new-{round_number}" / f"{number // 100:03}" / f"{number:05}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"round {round_number}, file {number}\n" * 20)
    took = timed(repository, "add", "-A")
    repository.alone("commit", "-qm", f"round {round_number}")
    return took


def make_reftable(repository):
    """Made anew with a reftable: a clone keeps no format of another, and Git 2.47 migrates no reflogs."""
    shutil.rmtree(repository.path / ".git/logs", ignore_errors=True)
    repository.git("refs", "migrate", "--ref-format=reftable")


def with_monitor(repository):
    """Git's own monitor of the file system runs, and nobody stands between it and Git."""
    # Folders that are younger than the monitor are looked into.
    time.sleep(0.1)
    repository.git("config", "--replace-all", "core.fsmonitor", "true")
    repository.git("status")


def with_monitor_passed_on(repository):
    """Where git-bak is, Git's own monitor was there before it."""
    if repository.binary:
        with_monitor(repository)
        repository.run(str(repository.binary), "install")


def with_version_4(repository):
    repository.git("update-index", "--index-version", "4")


def make_branches(repository):
    """`topic` has a hundred commits on top of `main`'s parent, `main` one of its own; `other` many files changed."""
    repository.git("branch", "-M", "main")
    repository.git("switch", "-qc", "topic")
    for number in range(100):
        repository.edit([number], "topic")
        repository.alone("commit", "-qam", f"topic {number}")
    repository.git("switch", "-q", "main")
    repository.edit([150], "main")
    repository.alone("commit", "-qam", "main")
    repository.git("branch", "other", "topic")
    repository.git("switch", "-q", "topic")


def rebase(repository, round_number):
    del round_number
    took = timed(repository, "rebase", "-q", "main")
    repository.alone("reset", "-q", "--hard", "other")
    return took


def switch(repository, round_number):
    return timed(repository, "switch", "-q", "main" if round_number % 2 == 0 else "topic")


@dataclass
class Row:
    name: str
    files: int
    once: Callable
    # At most so many times what the reference adds.
    limit: float | None
    reference: str
    rounds: int
    also: list = field(default_factory=list)
    settings: dict = field(default_factory=dict)
    prepare: Callable = lambda repository: None
    # Of the whole command, and not of what is added to it.
    is_whole: bool = False
    # Git 2.55 and later have it on Linux.
    needs_monitor: bool = False

    def variants(self):
        names = ["no hooks", "git-bak", EMPTY, self.reference, *self.also]
        return list(dict.fromkeys(names))


ROWS = [
    Row("commit, 1 file of 200", 200, commit([0]), 2.0, EMPTY, 60, [SHELL, STASH]),
    Row("commit, 1 file of 10,000", 10_000, commit([0]), 2.0, EMPTY, 40, [SHELL, STASH, LSTAT]),
    Row("commit, 1 file of 100,000, bak.scope=staged", 100_000, commit([0]), 2.0, EMPTY, 15,
        settings={"bak.scope": "staged"}),
    Row("commit, 1 file of 100,000", 100_000, commit([0]), 0.75, SHELL, 15, [LSTAT]),
    Row("commit, fsmonitor, 1 file of 10,000", 10_000, commit([0]), 1.7, EMPTY, 40, prepare=with_monitor,
        needs_monitor=True),
    Row("commit, fsmonitor, 1 file of 100,000", 100_000, commit([0]), 2.0, EMPTY, 15, prepare=with_monitor,
        needs_monitor=True),
    Row("commit, 1,000 files of 10,000", 10_000, commit(range(1000)), 1.0, STASH, 10),
    Row("commit, 400 files of 10,000", 10_000, commit(range(400)), 0.25, SHELL, 10),
    Row("commit, one 100 MiB file", 200, commit_big, 0.1, SHELL, 8, prepare=make_big),
    Row("commit -a, 1 file of 200", 200, commit_all([0]), 2.5, EMPTY, 40, [SHELL, STASH]),
    Row("commit -a, 1,000 files of 10,000", 10_000, commit_all(range(1000)), None, STASH, 8),
    Row("add, 1 file of 200", 200, add, 2.5, EMPTY, 60),
    Row("add, 1 file of 10,000", 10_000, add, 2.5, EMPTY, 40),
    Row("add, index version 4, 1 file of 100,000", 100_000, add, 2.5, EMPTY, 15, prepare=with_version_4),
    Row("add, line ends converted, 1 file of 200", 200, add_converted, 3.0, EMPTY, 40, prepare=with_line_ends),
    Row("add -A, 10,000 new files", 200, add_many, 1.2, EMPTY, 4, is_whole=True,
        # What goes on when the command has ended is no part of it, and would disturb the next round.
        settings={"gc.autoDetach": "false"}),
    Row("add, reftable, 1 file of 200", 200, add, 2.5, EMPTY, 40, prepare=make_reftable, is_whole=True),
    Row("status, 200", 200, look, 2.5, EMPTY, 60, is_whole=True),
    Row("status, 10,000", 10_000, look, 1.3, EMPTY, 40, is_whole=True),
    Row("status, fsmonitor passed on, 10,000", 10_000, look, 0.6, EMPTY, 40, prepare=with_monitor_passed_on,
        is_whole=True, needs_monitor=True, settings={"core.untrackedCache": "true"}),
    Row("status after an edit, 10,000", 10_000, status, 2.0, EMPTY, 40),
    Row("rebase of 100 commits, 10,000", 10_000, rebase, 2.0, EMPTY, 5, prepare=make_branches),
    Row("switch, 10,000", 10_000, switch, 2.0, EMPTY, 40, prepare=make_branches),
]
