"""A Debian package: `apt install ./FILE`."""

import os
import subprocess

import archives
import crate


def said(*command):
    """What a command says that may not be there."""
    try:
        return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout.decode().strip()
    except OSError:
        return ''


def maintainer():
    """As Debian's own tools do: who builds it answers for it."""
    name = os.environ.get('DEBFULLNAME') or said('git', 'config', 'user.name') or 'git-bak'
    address = os.environ.get('DEBEMAIL') or said('git', 'config', 'user.email') or 'root@localhost'
    return f'{name} <{address}>'


def control(program, size, arch):
    needs = 'git (>= 1:2.39)'
    if not program.static:
        # This machine's C library, or a newer one.
        needs += f', libc6 (>= {said("dpkg-query", "-W", "-f", "${Version}", "libc6") or "2.36"})'
    return f"""Package: {crate.NAME}
Version: {crate.VERSION}
Architecture: {arch}
Maintainer: {maintainer()}
Installed-Size: {size // 1024 + 1}
Depends: {needs}
Section: vcs
Priority: optional
Description: {crate.SHORT}
 {crate.SUMMARY}.
"""


def make(program, beside, out):
    files = {'usr/bin/git-bak': (program.bytes, 0o755)}
    for place, content in beside.items():
        if '/man/' in place:
            place, content = f'{place}.gz', archives.gz(content)
        # Where zsh looks on Debian.
        files['usr/' + place.replace('site-functions', 'vendor-completions')] = (content, 0o644)
    documents = {
        'README.md': (crate.TOP / 'README.md').read_bytes(),
        'changelog.gz': archives.gz((crate.TOP / 'CHANGELOG.md').read_bytes()),
        'copyright': b''.join(crate.LICENCES.values()),
    }
    documents.update((f'docs/{page.name}', page.read_bytes()) for page in sorted(crate.TOP.glob('docs/*.md')))
    files.update((f'usr/share/doc/git-bak/{name}', (content, 0o644)) for name, content in documents.items())
    arch = 'amd64' if program.arch == 'x86_64' else 'arm64'
    about = control(program, sum(len(content) for content, _ in files.values()), arch)
    file = out / f'{crate.NAME}_{crate.VERSION}_{arch}.deb'
    file.write_bytes(archives.ar({
        'debian-binary': b'2.0\n',
        'control.tar.gz': archives.gz(archives.tar({'./control': (about.encode(), 0o644)})),
        'data.tar.gz': archives.gz(archives.tar({f'./{name}': file for name, file in files.items()})),
    }))
    return file
