"""What `git bak run` adds to a command that changes nothing, beside `git status` of the same repository."""

import listing


def table(repository, binary, rounds=20):
    """Prints it for a working tree as Git writes it, and for one of lines that end in CR LF where Git has LF."""
    command = {"run": [str(binary), "run", "--", "true"]}
    repository.edit([0], "edited")
    listing.compare(repository, command, "10,000 files", 2.0, rounds, ["git", "status"])
    repository.git("stash", "-q")
    repository.git("config", "core.autocrlf", "true")
    repository.git("rm", "-qr", "--cached", ".")
    repository.git("reset", "-q", "--hard")
    repository.edit([0], "edited")
    listing.compare(repository, command, "10,000 files with CR LF", 4.0, rounds, ["git", "status"])
