"""Packages for npm: one for each platform, which npm takes only there, and one that starts whichever came."""

import json
import pathlib

import archives
import crate

MANUAL = 'share/man/man1/git-bak.1'  # npm links it where it installs for the user


def platform(program):
    """As Node calls it."""
    system = 'win32' if program.system == 'windows' else program.system
    return system, 'x64' if program.arch == 'x86_64' else 'arm64'


def name(program):
    system, arch = platform(program)
    return f'@{crate.NAME}/{system}-{arch}'


def packed(about, files, out):
    about = {'name': None, 'version': crate.VERSION, 'description': f'{crate.SUMMARY}.', 'license': crate.LICENCE, **about}
    if crate.field('repository'):
        about['repository'] = {'type': 'git', 'url': f'git+{crate.field("repository")}.git'}
    files = {
        'package.json': ((json.dumps(about, indent=2) + '\n').encode(), 0o644),
        'README.md': (crate.ABOUT.encode(), 0o644),
        **{licence: (content, 0o644) for licence, content in crate.LICENCES.items()},
        **files,
    }
    archive = out / f'{about["name"].lstrip("@").replace("/", "-")}-{crate.VERSION}.tgz'
    archive.write_bytes(archives.gz(archives.tar({f'package/{path}': file for path, file in files.items()})))
    return archive


def make(program, out):
    system, arch = platform(program)
    # In an archive, as Yarn would have it, no program can be started.
    about = {'name': name(program), 'os': [system], 'cpu': [arch], 'preferUnplugged': True}
    return packed(about, {f'bin/{program.file_name}': (program.bytes, 0o755)}, out)


def choosing(programs, beside, out):
    start = (pathlib.Path(__file__).parent / 'start.js').read_bytes()
    about = {
        'name': crate.NAME,
        'keywords': crate.KEYWORDS,
        'bin': {'git-bak': 'bin/git-bak.js'},
        'man': [MANUAL],
        'engines': {'node': '>=16'},
        'optionalDependencies': {name(program): crate.VERSION for program in programs},
    }
    return packed(about, {'bin/git-bak.js': (start, 0o755), MANUAL: (beside[MANUAL], 0o644)}, out)
