"""Archives: the writing of them, the same bytes each time, and the one that is unpacked below a prefix.

The time of every file is a constant (npm's): what is in a package is known by its version.
"""

import gzip
import io
import tarfile
import zipfile

import crate

WHEN = 499162500


def tar(files):
    """`files`: names with their bytes and modes. Each folder comes before what it holds, as dpkg wants it."""
    folders = {name[:at] for name in files for at in range(1, len(name)) if name[at] == '/'}
    whole = io.BytesIO()
    with tarfile.open(fileobj=whole, mode='w', format=tarfile.USTAR_FORMAT) as archive:
        for name in sorted(folders - {'.'}):
            member = tarfile.TarInfo(name)
            member.type, member.mode, member.mtime = tarfile.DIRTYPE, 0o755, WHEN
            archive.addfile(member)
        for name, (content, mode) in files.items():
            member = tarfile.TarInfo(name)
            member.size, member.mode, member.mtime = len(content), mode, WHEN
            archive.addfile(member, io.BytesIO(content))
    return whole.getvalue()


def ar(files):
    """What a .deb is: the members one after the other, each at an even place."""
    whole = b'!<arch>\n'
    for name, content in files.items():
        whole += f'{name:<16}{WHEN:<12}{0:<6}{0:<6}{100644:<8}{len(content):<10}`\n'.encode() + content + b'\n' * (len(content) % 2)
    return whole


def gz(content):
    return gzip.compress(content, 6, mtime=0)


def zipped(files):
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, 'w', zipfile.ZIP_DEFLATED) as archive:
        for name, (content, mode) in files.items():
            member = zipfile.ZipInfo(name, (1985, 10, 26, 8, 15, 0))
            member.create_system, member.external_attr = 3, (0o100000 | mode) << 16
            archive.writestr(member, content, zipfile.ZIP_DEFLATED)
    return whole.getvalue()


def make(program, beside, out):
    """All below one folder, so that `tar --strip-components=1 -C PREFIX` places it."""
    folder = f'{crate.NAME}-{crate.VERSION}-{program.target}'
    files = {f'bin/{program.file_name}': (program.bytes, 0o755)}
    files.update((place, (content, 0o644)) for place, content in beside.items())
    files.update((f'share/doc/git-bak/{name}', (content, 0o644)) for name, content in crate.LICENCES.items())
    files = {f'{folder}/{name}': file for name, file in files.items()}
    windows = program.system == 'windows'
    file = out / f'{folder}.{"zip" if windows else "tar.gz"}'
    file.write_bytes(zipped(files) if windows else gz(tar(files)))
    return file
