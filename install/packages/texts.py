"""The manual page and the completions, as the program itself writes them."""

import platform
import subprocess
import sys

# Where they lie below a prefix.
PLACES = {
    'share/man/man1/git-bak.1': ['man'],
    'share/bash-completion/completions/git-bak': ['completions', 'bash'],
    'share/zsh/site-functions/_git-bak': ['completions', 'zsh'],
    'share/fish/vendor_completions.d/git-bak.fish': ['completions', 'fish'],
}


def written_by(programs):
    """By the first of them that runs on this machine."""
    for program in (each for each in programs if each.system == platform.system().lower()):
        try:
            return {place: subprocess.run([program.path.resolve(), *words], stdout=subprocess.PIPE, check=True).stdout
                    for place, words in PLACES.items()}
        except OSError:
            continue
    sys.exit('none of these programs runs here: the manual page is written by one of them')
