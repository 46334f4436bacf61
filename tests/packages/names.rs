//! What the packages are called, and what they say of themselves.

use super::*;

const VERSION: &str = env!("CARGO_PKG_VERSION");

fn text(name: &str) -> String {
    fs::read_to_string(packages().join(name)).unwrap()
}

#[test]
#[ignore = "needs python3: .ci/run installs it"]
fn each_is_for_the_platform_that_its_program_is_for() {
    let entries = fs::read_dir(packages()).unwrap();
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    let found: Vec<String> = names.iter().map(|name| name.replace(VERSION, "V")).collect();
    let expected = "SHA256SUMS git-bak-V-aarch64-apple-darwin.tar.gz git-bak-V-aarch64-pc-windows-msvc.zip \
                    git-bak-V-aarch64-unknown-linux-musl.tar.gz git-bak-V-x86_64-apple-darwin.tar.gz \
                    git-bak-V-x86_64-pc-windows-msvc.zip git-bak-V-x86_64-unknown-linux-gnu.tar.gz git-bak-V.tgz \
                    git-bak-darwin-arm64-V.tgz git-bak-darwin-x64-V.tgz git-bak-linux-arm64-V.tgz \
                    git-bak-linux-x64-V.tgz git-bak-win32-arm64-V.tgz git-bak-win32-x64-V.tgz \
                    git-bak.git-bak.installer.yaml git-bak.git-bak.locale.en-US.yaml git-bak.git-bak.yaml git-bak.rb \
                    git-bak_V_amd64.deb git-bak_V_arm64.deb git_bak-V-py3-none-linux_x86_64.whl \
                    git_bak-V-py3-none-macosx_10_12_x86_64.whl git_bak-V-py3-none-macosx_11_0_arm64.whl \
                    git_bak-V-py3-none-manylinux_2_17_aarch64.manylinux2014_aarch64.musllinux_1_1_aarch64.whl \
                    git_bak-V-py3-none-win_amd64.whl git_bak-V-py3-none-win_arm64.whl";
    assert_eq!(found, expected.split_whitespace().collect::<Vec<_>>());
    let s = repository(&[]);
    for (program, npm) in [
        ("arm64.elf", "linux-arm64"),
        ("x64.mac", "darwin-x64"),
        ("arm64.mac", "darwin-arm64"),
        ("x64.exe", "win32-x64"),
        ("arm64.exe", "win32-arm64"),
    ] {
        let file = if npm.starts_with("win32") { "git-bak.exe" } else { "git-bak" };
        let line = format!(
            "tar -xzOf \"$OUT\"/git-bak-{npm}-{VERSION}.tgz package/bin/{file} | cmp - \"$OUT\"/../programs/{program}"
        );
        sh(&s, &line).expect_success();
    }
    // A sum for each, and each is right.
    let checked = sh(&s, "cd \"$OUT\" && sha256sum --strict --check SHA256SUMS").expect_success();
    assert_eq!(checked.stdout.lines().count(), names.len() - 1);
}

#[test]
#[ignore = "needs python3: .ci/run installs it"]
fn cargo_binstall_homebrew_and_winget_name_the_archives() {
    let manifest = include_str!("../../Cargo.toml");
    let urls: Vec<&str> =
        manifest.lines().filter_map(|line| line.strip_prefix("pkg-url = ")).collect();
    assert_eq!(urls.len(), 3, "{urls:?}");
    for (target, url) in [
        ("aarch64-unknown-linux-musl", urls[0]),
        ("x86_64-apple-darwin", urls[0]),
        ("x86_64-pc-windows-msvc", urls[1]),
        ("aarch64-pc-windows-msvc", urls[2]),
    ] {
        let file = url.trim_matches('"').rsplit('/').next().unwrap();
        let file = file.replace("{ name }", "git-bak").replace("{ version }", VERSION);
        let file = file.replace("{ target }", target);
        assert!(packages().join(&file).is_file(), "{file}");
    }
    let sums = text("SHA256SUMS");
    let (formula, manifest) = (text("git-bak.rb"), text("git-bak.git-bak.installer.yaml"));
    for line in sums.lines() {
        let (sum, name) = line.split_once("  ").unwrap();
        let url = format!("{RELEASES}/{name}");
        if name.ends_with("linux-gnu.tar.gz") {
            // It would not run on every Linux.
            assert!(!formula.contains(name), "{formula}");
        } else if name.ends_with(".tar.gz") {
            assert!(
                formula.contains(&format!("url \"{url}\"\n      sha256 \"{sum}\"")),
                "{formula}"
            );
        } else if name.ends_with(".zip") {
            let said = format!("InstallerUrl: {url}\n  InstallerSha256: {}", sum.to_uppercase());
            assert!(manifest.contains(&said), "{manifest}");
            let placed =
                format!("RelativeFilePath: {}\\bin\\git-bak.exe", name.trim_end_matches(".zip"));
            assert!(manifest.contains(&placed), "{manifest}");
        }
    }
}

#[test]
#[ignore = "needs python3: .ci/run installs it"]
fn the_same_programs_make_the_same_bytes() {
    let s = Scratch::empty();
    let again = s.root().join("again");
    build(&again, &[PathBuf::from(BAK)]).expect_success();
    for file in fs::read_dir(&again).unwrap().map(|entry| entry.unwrap().path()) {
        let name = file.file_name().unwrap();
        // These two tell of the other platforms, too.
        if name != "SHA256SUMS" && *name != *format!("git-bak-{VERSION}.tgz") {
            assert!(
                fs::read(&file).unwrap() == fs::read(packages().join(name)).unwrap(),
                "{name:?}"
            );
        }
    }
}

#[test]
#[ignore = "needs python3: .ci/run installs it"]
fn what_is_no_program_and_what_is_there_twice_is_refused() {
    let s = Scratch::empty();
    s.write("text", "not a program\n");
    let ran = build(&s.root().join("out"), &[s.top().join("text")]);
    assert!(ran.status != 0 && ran.stderr.contains("text: no program for Linux"), "{ran:#?}");
    let ran = build(&s.root().join("out"), &[PathBuf::from(BAK), PathBuf::from(BAK)]);
    assert!(ran.status != 0 && ran.stderr.contains("two programs for one platform"), "{ran:#?}");
}
