"""The repositories that are compared: clones of one original, each with hooks of its own."""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

REFERENCE = Path(__file__).resolve().parent / "reference"
HOOKS = ["post-index-change", "pre-commit", "post-commit", "post-checkout"]


def environment(scratch):
    """The caller's, without its Git settings: those of the repository are all there is."""
    env = {key: value for key, value in os.environ.items() if not key.startswith(("GIT_", "BAK_"))}
    env.update(HOME=str(scratch), XDG_CONFIG_HOME=str(scratch), GIT_CONFIG_GLOBAL=os.devnull,
               GIT_CONFIG_NOSYSTEM="1")
    return env


class Repository:
    def __init__(self, path, env):
        self.path = path
        self.env = env
        # What the timed command is given to, to look at it.
        self.before = []
        # The git-bak that is installed.
        self.binary = None

    def run(self, *command, **env):
        """Runs a command that must succeed."""
        with tempfile.TemporaryFile() as said:
            done = subprocess.run(command, cwd=self.path, env=self.env | env, stdin=subprocess.DEVNULL,
                                  stdout=said, stderr=said)
            if done.returncode:
                said.seek(0)
                words = " ".join(map(str, command))
                sys.exit(f"bench.py: {self.path}: {words[:200]}: exit status {done.returncode}\n"
                         + said.read().decode(errors="replace"))

    def git(self, *args):
        self.run("git", *args)

    def alone(self, *args):
        """Git without git-bak and without other hooks."""
        self.run("git", "-c", "core.hooksPath=/dev/null", *args, GIT_BAK="0")

    def has_record(self):
        return any(self.path.glob(".git/bak/record/*"))

    def configure(self):
        for key, value in {"user.name": "Bench", "user.email": "bench@example.invalid", "gc.auto": "0",
                           "maintenance.auto": "false", "commit.gpgSign": "false"}.items():
            self.git("config", key, value)

    def hook(self, name, reference):
        target = self.path / ".git/hooks" / name
        target.parent.mkdir(exist_ok=True)
        shutil.copy(REFERENCE / reference, target)
        target.chmod(0o755)

    def file(self, number):
        """The file of that number: a hundred to a folder."""
        return self.path / f"dir-{number // 100:04}/file-{number % 100:02}.txt"

    def edit(self, numbers, text):
        """One more line in each of these files."""
        for number in numbers:
            with open(self.file(number), "a", encoding="ascii") as file:
                file.write(text + "\n")

    def twin(self, name):
        """A clone of the same commits without hooks."""
        return clone(self, f"{self.path.name}-{name}")

    def remove(self):
        shutil.rmtree(self.path)


def original(scratch, files, lines, env):
    """The repository that all variants are clones of: so many files of so many lines of 34 bytes."""
    repository = Repository(scratch / f"original-{files}", env)
    repository.path.mkdir()
    repository.git("init", "-q")
    repository.configure()
    for number in range(files):
        path = repository.file(number)
        path.parent.mkdir(exist_ok=True)
        path.write_text("".join(f"file {number:6}, line {line:4}: some text\n" for line in range(lines)))
    repository.git("add", ".")
    repository.git("commit", "-qm", "files")
    repository.git("gc", "-q")
    return repository


def clone(of, name):
    repository = Repository(of.path.parent / name.replace(" ", "-"), of.env)
    of.git("clone", "-q", "--no-hardlinks", str(of.path), str(repository.path))
    repository.configure()
    return repository


def variant(of, name, binary):
    """A clone with the hooks of that name."""
    repository = clone(of, name)
    if name == "git-bak":
        repository.binary = binary
        repository.run(str(binary), "install")
        check(repository)
    elif name == "empty suite":
        for hook in HOOKS:
            repository.hook(hook, "empty")
    elif name == "shell script":
        repository.hook("pre-commit", "shell-pre-commit")
        repository.hook("post-commit", "shell-post-commit")
    elif name == "lstat alone":
        for hook in HOOKS:
            repository.hook(hook, "empty")
        build_lstat(repository.path / ".git/hooks/pre-commit")
    elif name == "stash create":
        repository.hook("pre-commit", "stash-pre-commit")
    return repository


def build_lstat(target):
    """Builds the hook that does no more than nobody can leave out; an empty one without a C compiler."""
    source = Path(__file__).resolve().parent / "lstat.c"
    target.unlink()
    build = ["cc", "-O2", "-static", "-o", str(target), str(source), "-lpthread"]
    try:
        subprocess.run(build, check=True, stderr=subprocess.DEVNULL)
    except (OSError, subprocess.CalledProcessError):
        print("the next row's lstat column is missing: no C compiler that links statically")


def check(repository):
    """The empty suite is to be what git-bak installs, no more and no less."""
    hooks = repository.path / ".git/hooks"
    found = {hook.name for hook in hooks.iterdir() if hook.suffix != ".sample"}
    if found != set(HOOKS):
        sys.exit(f"bench.py: git-bak installs {sorted(found)}, not {sorted(HOOKS)}")
