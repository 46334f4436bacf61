"""The memory of a hook at its peak, beside Git's own for the same commit."""

import os
import subprocess


def peak(repository, command, env=None):
    """The most memory that one process had, in KiB, without its children's (see wait4(2))."""
    child = subprocess.Popen(command, cwd=repository.path, env={**repository.env, **(env or {})},
                             stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    return usage.ru_maxrss


def table(repository, binary):
    """Prints the peak of the hooks of a commit, one after the other, and of the commit itself."""
    repository.edit([0], "for memory")
    repository.git("-c", "core.hooksPath=/dev/null", "add", "-u")
    hooks = {
        "post-index-change": ["0", "0"],
        "pre-commit": [],
    }
    found = {name: peak(repository, [str(binary), "hook", name, *args]) for name, args in hooks.items()}
    own = peak(repository, ["git", "-c", "core.hooksPath=/dev/null", "commit", "-qm", "memory"])
    found["post-commit"] = peak(repository, [str(binary), "hook", "post-commit"])
    said = ", ".join(f"{name} {kib / 1024:.1f}" for name, kib in found.items())
    print(f"memory at its peak, 100,000 files, MiB: {said}; git commit itself {own / 1024:.1f}")
