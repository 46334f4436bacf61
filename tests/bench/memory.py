"""The memory of a hook at its peak, beside Git's own for the same commit."""

import shutil
import subprocess
import tempfile


def peak(repository, *command):
    """The most memory that one process had, in MiB. A child of this process would count this one's, too."""
    with tempfile.NamedTemporaryFile() as said:
        repository.run("time", "--format=%M", "--output", said.name, *command)
        return int(said.read()) / 1024


def table(repository, binary):
    """Prints the peak of the hooks of a commit, one after the other, and of the commit itself."""
    if not shutil.which("time"):
        print("the memory of a hook was not measured: it needs GNU time")
        return
    repository.edit([0], "for memory")
    repository.alone("add", "-u")
    program = subprocess.run(["git", "--exec-path"], capture_output=True, text=True, check=True)
    repository.env = {**repository.env, "GIT_EXEC_PATH": program.stdout.strip()}
    hook = [str(binary), "hook"]
    found = {"post-index-change": peak(repository, *hook, "post-index-change", "0", "0"),
             "pre-commit": peak(repository, *hook, "pre-commit")}
    without = ["-c", "core.hooksPath=/dev/null", "-c", "core.fsmonitor=false"]
    own = peak(repository, "git", *without, "commit", "-qm", "memory")
    found["post-commit"] = peak(repository, *hook, "post-commit")
    said = ", ".join(f"{name} {mib:.1f}" for name, mib in found.items())
    print(f"memory at its peak, 100,000 files, MiB: {said}; git commit itself {own:.1f}")
