"""A program, and for which machines it is: read from the file itself, so that no package can hold another's."""

import struct
import sys

ARCHITECTURES = {62: 'x86_64', 183: 'aarch64', 0x01000007: 'x86_64', 0x0100000C: 'aarch64', 0x8664: 'x86_64', 0xAA64: 'aarch64'}
INTERPRETER = 3  # the part of an ELF file that names who loads its libraries


class Program:
    """`system`: linux, darwin, windows; `arch`: as Rust calls it; `static`: on Linux, whether it needs no library."""

    def __init__(self, path):
        self.path = path
        self.bytes = path.read_bytes()
        self.static = False
        try:
            self.system, machine = self._read()
            self.arch = ARCHITECTURES[machine]
        except (struct.error, KeyError, TypeError):
            sys.exit(f'{path}: no program for Linux, macOS or Windows on x86_64 or aarch64')

    def _read(self):
        start = self.bytes[:4]
        if start == b'\x7fELF':
            self.static = INTERPRETER not in self._parts()
            return 'linux', struct.unpack_from('<H', self.bytes, 18)[0]
        if start == b'\xcf\xfa\xed\xfe':
            return 'darwin', struct.unpack_from('<I', self.bytes, 4)[0]
        if start[:2] == b'MZ':
            header = struct.unpack_from('<I', self.bytes, 60)[0]
            return 'windows', struct.unpack_from('<H', self.bytes, header + 4)[0]
        return None

    def _parts(self):
        at, = struct.unpack_from('<Q', self.bytes, 32)
        size, count = struct.unpack_from('<HH', self.bytes, 54)
        return [struct.unpack_from('<I', self.bytes, at + n * size)[0] for n in range(count)]

    @property
    def file_name(self):
        return 'git-bak.exe' if self.system == 'windows' else 'git-bak'

    @property
    def target(self):
        """As Rust calls it. A static program of Linux runs wherever one for musl does, and is called so."""
        vendor = {'linux': 'unknown-linux-musl' if self.static else 'unknown-linux-gnu',
                  'darwin': 'apple-darwin', 'windows': 'pc-windows-msvc'}
        return f'{self.arch}-{vendor[self.system]}'
