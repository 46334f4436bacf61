#!/usr/bin/env python3
"""Wall time of `git commit` of one changed file, with git-bak's hooks and with others.

Each variant is a clone of its own. A round is one commit in every variant, one after the other, so
that a busy moment of the machine meets all of them, and each round begins with another variant, so
that none always runs in another's wake. What a variant adds is the median of its differences to the
commit without hooks of the same round. Compare ratios within a run, never milliseconds of two runs.

On a disk a clone may be lucky or unlucky in where it lies; TMPDIR in memory leaves that out.
"""

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
REFERENCE = HERE / "reference"
CHANGED = "dir-00/file-00.txt"
WARM_UP = 3
# Settings that were written less than two seconds ago are not remembered: no ordinary commit is.
SETTLE = 3


def arguments():
    parser = argparse.ArgumentParser(prog="commit.sh", description=__doc__.split("\n")[0])
    parser.add_argument("--binary", type=Path, required=True,
                        help="the git-bak to measure (commit.sh: the one that install/build.sh builds)")
    parser.add_argument("--files", type=int, default=200, help="files in the repository (default: 200)")
    parser.add_argument("--rounds", type=int, default=40, help="timed commits of each variant (default: 40)")
    return parser.parse_args()


def environment(scratch):
    """The caller's, without its Git settings: those of the repository are all there is."""
    env = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
    env.update(HOME=str(scratch), XDG_CONFIG_HOME=str(scratch), GIT_CONFIG_GLOBAL=os.devnull,
               GIT_CONFIG_NOSYSTEM="1")
    return env


class Repository:
    def __init__(self, path, env):
        self.path = path
        self.env = env

    def git(self, *args):
        command = ["git", *args]
        with tempfile.TemporaryFile() as said:
            done = subprocess.run(command, cwd=self.path, env=self.env, stdin=subprocess.DEVNULL,
                                  stdout=said, stderr=said)
            if done.returncode:
                said.seek(0)
                sys.exit(f"commit.py: {self.path.name}: {' '.join(command)}: exit status {done.returncode}\n"
                         + said.read().decode(errors="replace"))

    def has_ref(self, name):
        return subprocess.run(["git", "rev-parse", "-q", "--verify", name], cwd=self.path, env=self.env,
                              stdout=subprocess.DEVNULL).returncode == 0

    def configure(self):
        for key, value in {"user.name": "Bench", "user.email": "bench@example.invalid", "gc.auto": "0",
                           "maintenance.auto": "false", "commit.gpgSign": "false"}.items():
            self.git("config", key, value)

    def hook(self, name, reference):
        target = self.path / ".git/hooks" / name
        target.parent.mkdir(exist_ok=True)
        shutil.copy(REFERENCE / reference, target)
        target.chmod(0o755)

    def commit(self, number):
        """One more line in one file, and the milliseconds its commit took."""
        with open(self.path / CHANGED, "a", encoding="ascii") as changed:
            changed.write(f"round {number}\n")
        self.git("add", CHANGED)
        start = time.perf_counter()
        self.git("commit", "-qm", f"round {number}")
        return (time.perf_counter() - start) * 1000


def original(scratch, files, env):
    """The repository all variants are clones of: files of some 4 KiB, a hundred to a folder."""
    repository = Repository(scratch / "original", env)
    repository.path.mkdir()
    repository.git("init", "-q")
    repository.configure()
    for number in range(files):
        path = repository.path / f"dir-{number // 100:02}/file-{number % 100:02}.txt"
        path.parent.mkdir(exist_ok=True)
        path.write_text("".join(f"file {number}, line {line}: a little text\n" for line in range(120)))
    repository.git("add", ".")
    repository.git("commit", "-qm", "files")
    return repository


def clone(of, name):
    repository = Repository(of.path.parent / name, of.env)
    of.git("clone", "-q", "--no-hardlinks", str(of.path), str(repository.path))
    repository.configure()
    return repository


def install_git_bak(repository, binary):
    """Installs the hooks as a user does; the names of the hooks that stand there afterwards."""
    done = subprocess.run([binary, "install"], cwd=repository.path, env=repository.env,
                          stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"commit.py: git-bak install: exit status {done.returncode}: {done.stderr.strip()}")
    hooks = repository.path / ".git/hooks"
    return sorted(hook.name for hook in hooks.iterdir() if hook.suffix != ".sample")


def variants(base, binary):
    """What is compared, by name, in the order of a round and of the table."""
    found = {"no hooks": clone(base, "none"), "empty suite": clone(base, "empty")}
    suite = ["pre-commit", "post-commit"]
    if binary.is_file():
        found["git-bak"] = clone(base, "git-bak")
        suite = install_git_bak(found["git-bak"], binary.resolve())
    else:
        print(f"git-bak is left out: there is no {binary}")
    for hook in suite:
        found["empty suite"].hook(hook, "empty")
    found["shell script"] = clone(base, "shell")
    found["shell script"].hook("pre-commit", "shell-pre-commit")
    found["shell script"].hook("post-commit", "shell-post-commit")
    found["stash create"] = clone(base, "stash")
    found["stash create"].hook("pre-commit", "stash-pre-commit")
    return found


def measure(found, rounds):
    time.sleep(SETTLE)
    times = {name: [] for name in found}
    for number in range(WARM_UP + rounds):
        order = list(found.items())
        first = number % len(order)
        for name, repository in order[first:] + order[:first]:
            took = repository.commit(number)
            if number >= WARM_UP:
                times[name].append(took)
    return times


def table(times):
    added = {name: statistics.median(t - none for t, none in zip(took, times["no hooks"]))
             for name, took in times.items()}
    print(f"{'':14}{'commit, ms':>12}{'added, ms':>12}{'of empty':>10}")
    for name, took in times.items():
        row = f"{name:14}{statistics.median(took):12.2f}"
        if name != "no hooks":
            row += f"{added[name]:12.2f}"
            row += f"{added[name] / added['empty suite']:10.2f}" if added["empty suite"] > 0 else f"{'-':>10}"
        print(row)


def main():
    options = arguments()
    if options.rounds < 1 or not 1 <= options.files:
        sys.exit("commit.py: --rounds and --files must be at least 1")
    version = subprocess.run(["git", "--version"], capture_output=True, text=True).stdout.strip()
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        base = original(scratch, options.files, environment(scratch))
        found = variants(base, options.binary)
        times = measure(found, options.rounds)
        print(f"git commit of 1 changed file of {options.files}, medians of {options.rounds} rounds, {version}")
        table(times)
        if "git-bak" in found and not found["git-bak"].has_ref("refs/bak/vault"):
            print("git-bak made no snapshot: its row says nothing")


if __name__ == "__main__":
    main()
