"""The commands that look, beside `git ls-files` of the same repository."""

import datetime
import json

import statistics
import subprocess
import time

BACKED_UP = 1000
LIMIT = 3.0
TAKEN = 30


def table(repository, binary, rounds=20):
    """Prints how long each takes, in the time that `git ls-files` of the same repository takes."""
    repository.git("config", "bak.maxFiles", "0")
    repository.edit(range(BACKED_UP), "edited")
    repository.run(str(binary), "snapshot")
    commands = {"list": [str(binary), "list"], "status": [str(binary), "status"]}
    compare(repository, commands, f"{BACKED_UP} backups", LIMIT, rounds)


def month(repository, binary, rounds=20):
    """Thirty days of 55 snapshots each, every one committed, so that no backup is left on the disk."""
    now = datetime.datetime.now(datetime.timezone.utc)
    for snapshot in range(30 * 55 // 2):
        then = now - datetime.timedelta(days=29) + datetime.timedelta(minutes=snapshot * 29 * 24 * 60 / 825)
        repository.env["GIT_BAK_NOW"] = then.isoformat(timespec="seconds")
        repository.edit([snapshot % 200], f"snapshot {snapshot}")
        repository.git("add", "-u")
        repository.git("commit", "-qm", f"{snapshot}")
    del repository.env["GIT_BAK_NOW"]
    repository.run(str(binary), "fold")
    commands = {"list": [str(binary), "list"], "status": [str(binary), "status"]}
    compare(repository, commands, "30 days of 55 snapshots", LIMIT, rounds)
    back(repository, binary, rounds)


def back(repository, binary, rounds):
    """What a checkout took, brought back: one file, and all of them."""
    names = [str(repository.file(number).relative_to(repository.path)) for number in range(TAKEN)]
    restore, undo = [str(binary), "restore", names[0]], [str(binary), "undo", "--yes"]
    checkout = ["git", "checkout", "-q", "--", *names]
    ratios = {what: [] for what in ["restore", "undo", "undo beside git checkout"]}
    for round_number in range(rounds):
        repository.edit(range(TAKEN), f"taken {round_number}")
        repository.run(*checkout)
        listing, undone = took(repository, ["git", "ls-files"]), took(repository, undo)
        ratios["undo"].append(undone / listing)
        ratios["undo beside git checkout"].append(undone / took(repository, checkout))
        ratios["restore"].append(took(repository, restore) / listing)
        repository.run(*checkout)
    for what, limit in zip(ratios, [5.0, 5.0, 2.0]):
        print(f"git-bak {what}, {TAKEN} files taken: {statistics.median(ratios[what]):.2f} x, at most {limit}")


def took(repository, command):
    """The milliseconds that a command takes."""
    start = time.perf_counter()
    repository.run(*command)
    return (time.perf_counter() - start) * 1000


def events(repository, binary, rounds=20):
    """A hundred thousand events: lines like a real one, over a hundred days."""
    repository.edit([0], "edited")
    repository.git("add", "-u")
    folder = repository.path / ".git/bak/record"
    [today] = folder.iterdir()
    line = json.loads(today.read_text().splitlines()[0])
    for day in range(1, 101):
        then = datetime.date.fromisoformat(today.name) - datetime.timedelta(days=day)
        lines = [json.dumps(dict(line, t=line["t"] - day * 86_400 + number % 3600)) for number in range(1000)]
        (folder / then.isoformat()).write_text("\n".join(lines) + "\n")
    compare(repository, {"log -n 20": [str(binary), "log", "-n", "20"]}, "100,000 events", 5.0, rounds)


def compare(repository, commands, what, limit, rounds, reference=("git", "ls-files")):
    """Prints how long each takes in the time that another command takes, in the same rounds."""
    times = {name: [] for name in ["reference", *commands]}
    for _ in range(rounds):
        for name, command in {"reference": reference, **commands}.items():
            start = time.perf_counter()
            subprocess.run(command, cwd=repository.path, env=repository.env, check=True,
                           stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            times[name].append((time.perf_counter() - start) * 1000)
    others = times.pop("reference")
    for name, took in times.items():
        ratio = statistics.median(one / other for one, other in zip(took, others))
        print(f"git-bak {name}, {what}: {statistics.median(took):.1f} ms, {ratio:.2f} x "
              f"{' '.join(reference)} ({statistics.median(others):.1f} ms), at most {limit}")
