//! Odd names, from being staged to being brought back and cleaned up; and the modes of what is made for it.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use crate::scratch::{BAK, Ran, Scratch};

fn long(length: usize) -> Vec<u8> {
    vec![b'n'; length]
}

#[test]
fn a_file_of_any_name_goes_all_the_way() {
    let names: Vec<Vec<u8>> = vec![
        b"--".to_vec(),
        b"--all".to_vec(),
        b"-".to_vec(),
        b"-n".to_vec(),
        b"@{1}".to_vec(),
        b"a@{1}".to_vec(),
        b"20251106_201045".to_vec(),
        b"now".to_vec(),
        b"abc12345".to_vec(),
        b"\n".to_vec(),
        b" ".to_vec(),
        b"\\".to_vec(),
        b"\x1b[31m\x07".to_vec(),
        b"\xff\xfe".to_vec(),
        "\u{202e}\u{9b}".as_bytes().to_vec(),
        b":(top)x".to_vec(),
        b":!x".to_vec(),
        b"*".to_vec(),
        b"[a]".to_vec(),
        b"$(touch x)".to_vec(),
        b"~".to_vec(),
        b"CON".to_vec(),
        b"x.bak".to_vec(),
        b"x.bak.20251106_201045".to_vec(),
        b".bak.20251106_201045.abc12345".to_vec(),
        b"x.bak.20251106_201045.abc12345.bak.20251106_201045.abc1234".to_vec(),
        long(255),
        long(229),
        long(230),
    ];
    for name in names {
        let s = Scratch::new();
        let shown = name.escape_ascii().to_string();
        let path: PathBuf = ["sub".into(), OsString::from_vec(name.clone())].iter().collect();
        let file = s.top().join(&path);
        std::fs::create_dir(s.top().join("sub")).unwrap();
        std::fs::write(&file, "one\n").unwrap();
        s.git(["add", "-f", "sub"]);
        s.git(["commit", "-qm", "it is there"]);
        s.hook("commit-msg", "exit 1");
        std::fs::write(&file, "two\n").unwrap();
        let ran = s.try_git(["commit", "-qam", "x"]);
        assert!(
            !ran.stderr.contains("panicked") && !ran.stderr.contains('\x1b'),
            "{shown}: {ran:?}"
        );
        std::fs::write(&file, "lost\n").unwrap();
        let bak = |args: &[&str]| {
            let mut command = s.command(BAK);
            Ran::of(&command.args(args).arg("--").arg(&path).output().unwrap())
        };
        let tracked_backup = name.starts_with(b"x.bak.20251106_201045") && name.len() == 21;
        if tracked_backup {
            continue;
        }
        let ran = bak(&["restore", "--yes"]);
        assert_eq!(
            (ran.status, std::fs::read(&file).unwrap()),
            (0, b"two\n".to_vec()),
            "{shown}: {ran:?}"
        );
        for args in [&["list", "--json"][..], &["log", "--json"], &["snapshot"], &["clean"]] {
            let ran = bak(args);
            assert_eq!(ran.status, 0, "{shown} {args:?}: {ran:?}");
        }
        s.hook("commit-msg", "exit 0");
        s.git(["commit", "-qam", "second"]);
        let left: Vec<OsString> = std::fs::read_dir(s.top().join("sub"))
            .unwrap()
            .map(|entry| entry.unwrap().file_name())
            .collect();
        assert_eq!(left, [OsStr::from_bytes(&name)], "{shown}");
        let ran = bak(&["forget", "--yes"]);
        assert!(ran.status <= 1, "{shown}: {ran:?}");
        assert_eq!(std::fs::read(&file).unwrap(), b"two\n", "{shown}");
        assert!(!s.exists("x") && !s.exists("sub/x"), "{shown}");
    }
}

#[test]
fn a_shared_repository_widens_no_folder_of_the_working_tree() {
    let mode =
        |path: PathBuf| std::fs::symlink_metadata(path).unwrap().permissions().mode() & 0o7777;
    for sharing in ["group", "all", "0666", "0640"] {
        let s = Scratch::new();
        s.git(["config", "core.sharedRepository", sharing]);
        let patch = "--- /dev/null\n+++ b/made/by/patch\n@@ -0,0 +1 @@\n+x\n";
        std::fs::write(s.root().join("patch"), patch).unwrap();
        s.write("gone/er/f", "one\n");
        s.bak(["snapshot", "gone"]);
        for line in [
            "rm -r gone; git bak restore gone/er/f",
            "git bak run -- sh -c 'rm -r gone; exit 1'",
            "git bak apply --test 'exit 1' ../patch; git bak apply ../patch",
            "rm -r gone; git bak restore --all --at now --yes",
        ] {
            let line = format!("umask 077; {line}");
            let ran = Ran::of(&s.command("sh").args(["-c", &line]).output().unwrap());
            assert!(s.exists("gone/er/f"), "{sharing} {line}: {ran:?}");
            for folder in ["gone", "gone/er", "made", "made/by"] {
                let place = s.top().join(folder);
                if place.exists() {
                    let bits = mode(place);
                    assert_eq!(bits & 0o7077, 0, "{sharing} {line}: {folder} {bits:o}");
                }
            }
        }
        assert_eq!(mode(s.top().join("made/by/patch")) & 0o077, 0, "{sharing}");
    }
}
