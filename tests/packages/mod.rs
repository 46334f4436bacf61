//! The packages of install/packages, made of the program under test, installed with the real tools into scratch
//! places, without a network: each starts git-bak, and when it is gone its hooks let Git go on.
//!
//! The tools are not on every machine, so these tests are ignored unless they are asked for: `.ci/run` installs them.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use crate::pair::ours;
use crate::scratch::{BAK, Ran, Scratch};

mod names;
mod npm;

/// Where the archives are said to be.
const RELEASES: &str = "https://example.invalid/git-bak/releases/download/v0";

/// The beginning of a file, enough to say for which machine it is.
fn header(start: &[u8], at: usize, machine: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0; 256];
    bytes[..start.len()].copy_from_slice(start);
    bytes[at..at + machine.len()].copy_from_slice(machine);
    bytes
}

/// Programs for the other platforms, as far as a package's maker looks at them.
fn others() -> BTreeMap<&'static str, Vec<u8>> {
    let windows = |machine: &[u8]| {
        let mut bytes = header(b"MZ", 132, machine);
        bytes[60] = 128;
        bytes
    };
    let mac: &[u8] = b"\xcf\xfa\xed\xfe";
    BTreeMap::from([
        ("arm64.elf", header(b"\x7fELF", 18, &[183, 0])),
        ("x64.mac", header(mac, 4, &[7, 0, 0, 1])),
        ("arm64.mac", header(mac, 4, &[12, 0, 0, 1])),
        ("x64.exe", windows(&[0x64, 0x86])),
        ("arm64.exe", windows(&[0x64, 0xaa])),
    ])
}

/// Runs the maker of packages: in this folder, of these programs.
fn build(out: &Path, programs: &[PathBuf]) -> Ran {
    let s = Scratch::empty();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("install/packages/build");
    let mut command = s.command("python3");
    Ran::of(
        &command
            .arg(script)
            .arg(out)
            .args(programs)
            .args(["--releases", RELEASES])
            .output()
            .unwrap(),
    )
}

/// The folder with all packages: of the program under test, and of what passes for it elsewhere.
fn packages() -> &'static Path {
    static MADE: OnceLock<PathBuf> = OnceLock::new();
    MADE.get_or_init(|| {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("packages");
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(folder.join("programs")).unwrap();
        let mut programs = vec![PathBuf::from(BAK)];
        for (name, bytes) in others() {
            programs.push(folder.join("programs").join(name));
            fs::write(programs.last().unwrap(), bytes).unwrap();
        }
        build(&folder.join("out"), &programs).expect_success();
        folder.join("out")
    })
}

/// The package of this machine whose name has both.
fn package(start: &str, end: &str) -> PathBuf {
    let entries = fs::read_dir(packages()).unwrap().map(|entry| entry.unwrap().path());
    let name = |file: &PathBuf| file.file_name().unwrap().to_string_lossy().into_owned();
    let mut found =
        entries.filter(|file| name(file).starts_with(start) && name(file).ends_with(end));
    found.next().unwrap_or_else(|| panic!("no {start}…{end}"))
}

/// A repository with one commit, whose PATH has these folders and no other git-bak.
fn repository(folders: &[&str]) -> Scratch {
    let mut s = Scratch::empty();
    let mut path: Vec<PathBuf> = folders.iter().map(|folder| s.root().join(folder)).collect();
    path.extend(std::env::split_paths(&std::env::var_os("PATH").unwrap()));
    s.set_env("PATH", std::env::join_paths(path).unwrap());
    for (key, value) in [
        ("PIP_NO_INDEX", "1"),
        ("NPM_CONFIG_OFFLINE", "true"),
        ("NPM_CONFIG_UPDATE_NOTIFIER", "false"),
    ] {
        s.set_env(key, value);
    }
    s.write("a.txt", "one\n");
    s.git(["add", "."]);
    s.git(["commit", "-qm", "first"]);
    s
}

/// Runs a line of the shell in the repository's parent; `$OUT` has the packages.
fn sh(s: &Scratch, line: &str) -> Ran {
    let mut command = s.command("sh");
    command.current_dir(s.root()).env("OUT", packages()).args(["-c", line]);
    Ran::of(&command.output().unwrap())
}

/// Commits another version, and returns what git-bak said.
fn commit(s: &Scratch) -> Vec<String> {
    s.write("a.txt", s.read("a.txt") + "more\n");
    s.git(["add", "a.txt"]);
    let ran = s.git(["commit", "-qm", "next"]);
    ours(&ran).into_iter().map(str::to_owned).collect()
}

/// Installs the hooks with `start`, a line that begins git-bak; a commit is backed up, until `gone` takes the
/// package away: then each hook says one line, and Git goes on.
fn hooks_live_as_long_as_the_package(s: &Scratch, start: &str, gone: &str) {
    sh(s, &format!("cd repo && {start} install")).expect_success();
    let said = commit(s);
    assert!(!said.iter().any(|line| line.contains("not found")), "{said:?}");
    sh(s, gone).expect_success();
    let said = commit(s);
    assert_eq!(said.len(), 2, "{said:?}");
    assert!(said[0].contains("not found, no backups were made: reinstall it"), "{said:?}");
}

/// What `git help bak` opens is below this prefix.
fn assert_page_placed(s: &Scratch, prefix: &str) {
    let page = s.read(&format!("../{prefix}/share/man/man1/git-bak.1"));
    assert_eq!(page, s.git(["bak", "man"]).stdout);
}

fn version() -> String {
    format!("git-bak {}\n", env!("CARGO_PKG_VERSION"))
}

#[test]
#[ignore = "needs python3 with venv: .ci/run installs it"]
fn pip_installs_the_wheel_and_takes_it_out() {
    let s = repository(&["venv/bin"]);
    let installed =
        sh(&s, r#"python3 -m venv venv && venv/bin/pip install --find-links "$OUT" git-bak"#);
    installed.expect_success();
    assert_eq!(s.git(["bak", "--version"]).stdout, version());
    // All that it says is there is there, as it says.
    let broken = sh(&s, "venv/bin/pip check && venv/bin/pip show -f git-bak").expect_success();
    assert!(broken.stdout.contains("bin/git-bak\n"), "{broken:#?}");
    hooks_live_as_long_as_the_package(&s, "git-bak", "venv/bin/pip uninstall -y git-bak");
    assert!(!s.root().join("venv/bin/git-bak").exists());
}

/// A tool of `tests/packages/requirements.txt`.
fn tool(name: &str) -> String {
    let tools = std::env::var("GIT_BAK_TEST_TOOLS");
    let tools = tools.expect("GIT_BAK_TEST_TOOLS names no folder: .ci/run makes one");
    format!("'{tools}/venv/bin/{name}'")
}

#[test]
#[ignore = "needs pipx: .ci/run installs it"]
fn pipx_installs_it_for_the_user() {
    let s = repository(&["home/.local/bin"]);
    let (pipx, wheel) = (tool("pipx"), package("git_bak-", "linux_x86_64.whl"));
    sh(&s, &format!("{pipx} install '{}'", wheel.display())).expect_success();
    assert_page_placed(&s, "home/.local");
    hooks_live_as_long_as_the_package(&s, "git bak", &format!("{pipx} uninstall git-bak"));
}

#[test]
#[ignore = "needs uv: .ci/run installs it"]
fn uvx_starts_it() {
    let s = repository(&[]);
    let (uvx, wheel) = (tool("uvx"), package("git_bak-", "linux_x86_64.whl"));
    let start = format!("{uvx} --offline --from '{}' git-bak", wheel.display());
    assert_eq!(sh(&s, &format!("{start} --version")).expect_success().stdout, version());
    hooks_live_as_long_as_the_package(&s, &start, &format!("{} cache clean", tool("uv")));
}

/// The files below a folder, with its own name left out.
fn below(s: &Scratch, folder: &str) -> Vec<String> {
    let found = sh(s, &format!("cd {folder} && find . ! -type d | LC_ALL=C sort")).expect_success();
    found.stdout.lines().map(str::to_owned).collect()
}

#[test]
#[ignore = "needs python3: .ci/run installs it"]
fn one_line_of_tar_places_what_the_install_script_does() {
    let s = repository(&["prefix/bin"]);
    let archive = package("git-bak-", "x86_64-unknown-linux-gnu.tar.gz");
    let line =
        format!("mkdir prefix && tar -xzf '{}' --strip-components=1 -C prefix", archive.display());
    sh(&s, &line).expect_success();
    let script = include_str!("../../install/install.sh");
    let listed = script.split("beside='").nth(1).unwrap().split('\'').next().unwrap();
    for place in listed.lines() {
        assert!(s.root().join("prefix/share").join(place).is_file(), "{place}");
    }
    assert_eq!(below(&s, "prefix").len(), 3 + listed.lines().count());
    assert_page_placed(&s, "prefix");
    hooks_live_as_long_as_the_package(&s, "git bak", "rm prefix/bin/git-bak");
}

#[test]
#[ignore = "needs python3 and dpkg-deb: .ci/run installs them"]
fn dpkg_takes_the_package() {
    let s = repository(&["root/usr/bin"]);
    let package = package("git-bak_", "_amd64.deb");
    let line = format!("dpkg-deb --field '{0}' && dpkg-deb -x '{0}' root", package.display());
    let fields = sh(&s, &line).expect_success().stdout;
    for field in
        ["Architecture: amd64", "Depends: git (>= 1:2.39), libc6 (>= ", "Maintainer: Test <test@"]
    {
        assert!(fields.contains(field), "{field}: {fields}");
    }
    let placed = below(&s, "root/usr/share").join(" ");
    for place in
        ["man/man1/git-bak.1.gz", "zsh/vendor-completions/_git-bak", "doc/git-bak/copyright"]
    {
        assert!(placed.contains(place), "{place}: {placed}");
    }
    assert_eq!(s.git(["bak", "--version"]).stdout, version());
}
