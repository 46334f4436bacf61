"""A wheel: the program as a script of the package, so that pip, pipx and uvx place it where they place scripts.

The manual page and the completions are its data, which pip places in `share` beside the scripts; pipx links the page.
"""

import base64
import hashlib

import archives
import crate

NAME = crate.NAME.replace('-', '_')


def tags(program):
    if program.system == 'windows':
        return ['win_amd64' if program.arch == 'x86_64' else 'win_arm64']
    if program.system == 'darwin':
        return ['macosx_10_12_x86_64' if program.arch == 'x86_64' else 'macosx_11_0_arm64']
    if not program.static:
        # It needs this machine's C library. pip takes such a wheel, PyPI doesn't.
        return [f'linux_{program.arch}']
    return [f'manylinux_2_17_{program.arch}', f'manylinux2014_{program.arch}', f'musllinux_1_1_{program.arch}']


def line(name, content):
    digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b'=').decode()
    return f'{name},sha256={digest},{len(content)}\n'


def make(program, beside, out):
    info, found = f'{NAME}-{crate.VERSION}.dist-info', tags(program)
    metadata = [
        'Metadata-Version: 2.4', f'Name: {crate.NAME}', f'Version: {crate.VERSION}', f'Summary: {crate.SUMMARY}',
        f'License-Expression: {crate.LICENCE}', *(f'License-File: {name}' for name in crate.LICENCES),
        f'Keywords: {",".join(crate.KEYWORDS)}', 'Description-Content-Type: text/markdown', '', crate.ABOUT,
    ]
    says = ['Wheel-Version: 1.0', 'Generator: git-bak', 'Root-Is-Purelib: false', *(f'Tag: py3-none-{tag}' for tag in found), '']
    data = f'{NAME}-{crate.VERSION}.data'
    files = {
        f'{data}/scripts/{program.file_name}': (program.bytes, 0o755),
        **{f'{data}/data/{place}': (content, 0o644) for place, content in beside.items()},
        **{f'{info}/licenses/{name}': (content, 0o644) for name, content in crate.LICENCES.items()},
        f'{info}/METADATA': ('\n'.join(metadata).encode(), 0o644),
        f'{info}/WHEEL': ('\n'.join(says).encode(), 0o644),
    }
    record = ''.join(line(name, content) for name, (content, _) in files.items()) + f'{info}/RECORD,,\n'
    files[f'{info}/RECORD'] = (record.encode(), 0o644)
    file = out / f'{NAME}-{crate.VERSION}-py3-none-{".".join(found)}.whl'
    file.write_bytes(archives.zipped(files))
    return file
