//! install.sh says what it lacks before it builds anything.

use crate::scratch::{Ran, Scratch, script};

/// install.sh with this `cargo` first on the PATH, which builds nothing.
fn with_cargo(body: &str) -> Ran {
    let s = Scratch::empty();
    script(&s.root().join("bin/cargo"), body);
    let installer = concat!(env!("CARGO_MANIFEST_DIR"), "/install/install.sh");
    let prefix = s.root().join("home/bin");
    let mut command = s.command("sh");
    Ran::of(&command.arg(installer).arg("--prefix").arg(prefix).output().unwrap())
}

#[test]
fn an_older_rust_is_named_with_what_is_needed_and_nothing_is_built() {
    for (version, found) in
        [("1.65.0", "1.65"), ("1.85.1 (d73d2caf9 2024-12-31)", "1.85"), ("0.89.0", "0.89")]
    {
        let ran = with_cargo(&format!("[ \"$1\" = --version ] && echo 'cargo {version}'"));
        assert_eq!((ran.status, ran.stdout.as_str()), (1, ""), "{ran:?}");
        let said = format!("Rust 1.89 or later; the cargo on your PATH is {found}\n");
        assert!(ran.stderr.contains(&said), "{ran:?}");
        assert!(ran.stderr.contains("get it with rustup"), "{ran:?}");
    }
}

#[test]
fn a_cargo_that_does_not_start_counts_as_none() {
    let ran = with_cargo("exit 1");
    assert_eq!((ran.status, ran.stdout.as_str()), (1, ""), "{ran:?}");
    assert!(
        ran.stderr.contains("missing: cargo, the build tool of Rust 1.89 or later\n"),
        "{ran:?}"
    );
}

#[test]
fn a_new_enough_rust_is_asked_to_build() {
    for version in ["1.89.0", "1.100.0-nightly", "2.0.1"] {
        let ran = with_cargo(&format!("[ \"$1\" = --version ] && echo cargo {version}"));
        assert_eq!(ran.status, 1, "{ran:?}");
        assert!(ran.stdout.contains("Building git-bak"), "{ran:?}");
        assert!(ran.stderr.contains("the build failed"), "{ran:?}");
    }
}
