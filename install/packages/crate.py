"""What Cargo.toml says of git-bak, for every package to say the same."""

import pathlib
import re

TOP = pathlib.Path(__file__).resolve().parents[2]
_PACKAGE = (TOP / 'Cargo.toml').read_text(encoding='utf-8').split('\n[', 2)[0]


def field(name, default=None):
    found = re.search(rf'^{name} = "(.*)"$', _PACKAGE, re.M)
    return found[1] if found else default


NAME, VERSION, SUMMARY, LICENCE = map(field, ('name', 'version', 'description', 'license'))
KEYWORDS = re.findall(r'"(.*?)"', re.search(r'^keywords = .*$', _PACKAGE, re.M)[0])
LICENCES = {name: (TOP / name).read_bytes() for name in ('LICENSE-MIT', 'LICENSE-APACHE')}
SHORT = "Safety net in Git's hooks"
WINGET = 'git-bak.git-bak'
# What a package's own page says.
ABOUT = f"""# {NAME}

{SUMMARY}.

`git bak install`, in a repository, writes its hooks. `git bak help` has all the rest.
"""


def releases():
    """Where this version's archives will be: see `pkg-url` in Cargo.toml."""
    repository = field('repository')
    return repository and f'{repository}/releases/download/v{VERSION}'
