"""What is made once the archives are: their sums, Homebrew's formula, winget's manifest."""

import hashlib

import crate


def sha256(file):
    return hashlib.sha256(file.read_bytes()).hexdigest()


def sums(made, out):
    """For `sha256sum --check`."""
    file = out / 'SHA256SUMS'
    file.write_bytes(''.join(f'{sha256(each)}  {each.name}\n' for each in made).encode())
    return file


def formula(archives, releases, page):
    """Homebrew's: the machine's archive, as it is."""
    lines = [
        'class GitBak < Formula', f'  desc "{crate.SHORT}"', f'  homepage "{page}"', f'  version "{crate.VERSION}"',
        '  license any_of: ["MIT", "Apache-2.0"]', '',
    ]
    for system, part in (('macos', 'apple-darwin'), ('linux', 'unknown-linux-musl')):
        found = [(cpu, file) for cpu, arch in (('arm', 'aarch64'), ('intel', 'x86_64'))
                 for file in archives if f'-{arch}-{part}.' in file.name]
        if not found:
            return {}
        lines.append(f'  on_{system} do')
        for cpu, file in found:
            lines += [f'    on_{cpu} do', f'      url "{releases}/{file.name}"', f'      sha256 "{sha256(file)}"', '    end']
        lines.append('  end')
    lines += [
        '', '  def install', '    bin.install "bin/git-bak"', '    man1.install "share/man/man1/git-bak.1"',
        '    bash_completion.install "share/bash-completion/completions/git-bak"',
        '    zsh_completion.install "share/zsh/site-functions/_git-bak"',
        '    fish_completion.install "share/fish/vendor_completions.d/git-bak.fish"', '  end', '',
        '  test do', '    assert_match version.to_s, shell_output("#{bin}/git-bak --version")', '  end', 'end', '',
    ]
    return {'git-bak.rb': '\n'.join(lines)}


def manifests(archives, releases, page):
    """winget's three, by the names that it wants."""
    head = f'PackageIdentifier: {crate.WINGET}\nPackageVersion: {crate.VERSION}\n'
    installers = ''
    for arch, cpu in (('x86_64', 'x64'), ('aarch64', 'arm64')):
        for file in (file for file in archives if f'-{arch}-pc-windows' in file.name):
            installers += (
                f'- Architecture: {cpu}\n  InstallerUrl: {releases}/{file.name}\n  InstallerSha256: {sha256(file).upper()}\n'
                f'  NestedInstallerFiles:\n  - RelativeFilePath: {file.stem}\\bin\\git-bak.exe\n    PortableCommandAlias: git-bak\n'
            )
    if not installers:
        return {}
    texts = {
        '': ('version', 'DefaultLocale: en-US\n'),
        '.installer': ('installer', f'InstallerType: zip\nNestedInstallerType: portable\nInstallers:\n{installers}'),
        '.locale.en-US': ('defaultLocale', f'PackageLocale: en-US\nPublisher: git-bak\nPackageName: git-bak\nPackageUrl: {page}\n'
                          f'License: {crate.LICENCE}\nShortDescription: {crate.SHORT}\n'),
    }
    return {f'{crate.WINGET}{part}.yaml': f'{head}{text}ManifestType: {kind}\nManifestVersion: 1.6.0\n'
            for part, (kind, text) in texts.items()}


def make(archives, releases, out):
    page = releases.split('/releases/')[0]
    texts = {**formula(archives, releases, page), **manifests(archives, releases, page)}
    for name, text in texts.items():
        (out / name).write_bytes(text.encode())
    return [out / name for name in texts]
