"""What the vault takes on the disk, beside what Git itself takes for the same work."""

import random
import subprocess

TEXT = "text.txt"


def size(repository):
    """The kilobytes of all files in the Git directory."""
    took = subprocess.run(["du", "-sk", "--apparent-size", ".git"], cwd=repository.path, capture_output=True,
                          text=True, check=True)
    return int(took.stdout.split()[0])


def versions(repository):
    """A hundred commits of a text of 250 KB of which a line changes each time."""
    chance = random.Random(7)
    lines = ["".join(chance.choices("abcdefghijklmnopqrstuvwxyz      ", k=60)) for _ in range(4200)]
    for number in range(100):
        lines[chance.randrange(len(lines))] = f"version {number}"
        (repository.path / TEXT).write_text("\n".join(lines) + "\n")
        repository.git("add", TEXT)
        repository.git("commit", "-qm", f"{number}")


def table(repository, binary):
    """Prints the size of the whole Git directory in that of one without git-bak."""
    plain = repository.twin("plain")
    for each in [plain, repository]:
        versions(each)
    ratio = size(repository) / size(plain)
    print(f"disk, 100 versions of 250 KB, nobody packed: {size(repository)} KB, {ratio:.2f} x without, at most 1.1")
    for each in [plain, repository]:
        each.git("gc", "-q", "--prune=now")
    repository.run(str(binary), "fold")
    ratio = size(repository) / size(plain)
    print(f"disk, 100 versions of 250 KB, both packed: {size(repository)} KB, {ratio:.2f} x without, at most 2.0")
    plain.remove()
    large(repository, binary)


def large(repository, binary):
    """Twelve versions of an untracked file that can't be made smaller, where the vault may take 100 MB."""
    repository.git("config", "bak.vaultMaxSize", "100m")
    for number in range(12):
        (repository.path / "large.bin").write_bytes(random.Random(number).randbytes(20 << 20))
        repository.run(str(binary), "snapshot", "large.bin")
    repository.run(str(binary), "fold")
    took = subprocess.run(["du", "-sk", "--apparent-size", ".git/bak"], cwd=repository.path, capture_output=True,
                          text=True, check=True)
    print(f"disk, 12 versions of 20 MB, vaultMaxSize=100m: {int(took.stdout.split()[0]) / 1000:.0f} MB, at most 110")
