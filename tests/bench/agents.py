"""What an agent waits for before each of its steps, and what another place costs a commit, each beside its reference."""

import json
import statistics
import subprocess
import time

from repositories import clone
from rows import commit, timed

ROUNDS = 40


def started(repository, command, event=None):
    """The milliseconds that a program took which is fed the event."""
    text = json.dumps(event).encode() if event else b""
    start = time.perf_counter()
    subprocess.run(command, cwd=repository.path, env=repository.env, input=text, check=True,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return (time.perf_counter() - start) * 1000


def event(repository, tool, **given):
    return {"session_id": "0a1b2c3d-bench", "cwd": str(repository.path), "hook_event_name": "PreToolUse",
            "tool_name": tool, "tool_input": given}


def row(name, limit, of, reference, rounds=ROUNDS):
    """Both in each round, by turns the first; the ratio is that of the rounds."""
    times = []
    for number in range(-3, rounds):
        order = [of, reference] if number % 2 else [reference, of]
        took = {do: do(number) for do in order}
        if number >= 0:
            times.append((took[of], took[reference]))
    ratio = statistics.median(one / other for one, other in times)
    ours, theirs = (statistics.median(column) for column in zip(*times))
    print(f"{name:52}{ours:9.2f}{theirs:9.2f}{ratio:8.2f} x  <= {limit}", flush=True)


def table(repository, binary):
    files = sum(1 for _ in repository.path.glob("dir-*/*.txt"))
    hook = [str(binary), "hook", "agent", "claude"]
    harmless = event(repository, "Bash", command="git status && ls -la | head")
    unknown = event(repository, "Bash", command="make all")
    path = repository.file(0)
    edit = event(repository, "Edit", file_path=str(path))

    def after_an_edit(do):
        def once(number):
            repository.edit([0], f"round {number} {time.perf_counter()}")
            return do()
        return once

    print(f"{f'an agent, {files} files':52}{'git-bak':>9}{'beside':>9}")
    row("a harmless command / an empty program", 2.0, lambda _: started(repository, hook, harmless),
        lambda _: started(repository, ["/bin/true"], harmless), ROUNDS * 3)
    snapshot = [str(binary), "snapshot", str(path)]
    row("an edit / git bak snapshot FILE", 1.5, after_an_edit(lambda: started(repository, hook, edit)),
        after_an_edit(lambda: started(repository, snapshot)))
    row("a command that isn't known / git stash create", 1.2,
        after_an_edit(lambda: started(repository, hook, unknown)),
        after_an_edit(lambda: timed(repository, "stash", "create")))


def remote(repository, binary):
    """A commit with another place and one without."""
    plain = clone(repository, f"{repository.path.name}-plain")
    plain.run(str(binary), "install")
    place = repository.path.parent / "bak.git"
    repository.git("init", "-q", "--bare", str(place))
    repository.git("config", "bak.remote", f"file://{place}")
    time.sleep(3)
    once = commit([0])
    row("a commit with bak.remote / one without", 1.05, lambda number: once(repository, number),
        lambda number: once(plain, number), ROUNDS * 3)
    plain.remove()
