"""The commands that look: `git bak list` and `git bak status` with a thousand backups, beside `git ls-files`."""

import statistics
import subprocess
import time

BACKED_UP = 1000
LIMIT = 3.0


def table(repository, binary, rounds=20):
    """Prints how long each takes, in the time that `git ls-files` of the same repository takes."""
    repository.git("config", "bak.maxFiles", "0")
    repository.edit(range(BACKED_UP), "edited")
    repository.run(str(binary), "snapshot")
    commands = {"ls-files": ["git", "ls-files"], "list": [str(binary), "list"],
                "status": [str(binary), "status"]}
    times = {name: [] for name in commands}
    for _ in range(rounds):
        for name, command in commands.items():
            start = time.perf_counter()
            subprocess.run(command, cwd=repository.path, env=repository.env, check=True,
                           stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
            times[name].append((time.perf_counter() - start) * 1000)
    reference = statistics.median(times.pop("ls-files"))
    for name, took in times.items():
        ratio = statistics.median(t / reference for t in took)
        print(f"git-bak {name}, {BACKED_UP} backups: {statistics.median(took):.1f} ms, {ratio:.2f} x "
              f"git ls-files ({reference:.1f} ms), at most {LIMIT}")
