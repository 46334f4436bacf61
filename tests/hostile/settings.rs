//! Values of settings that make no sense: said in a line, and the work is backed up with the default.

use crate::scratch::Scratch;

const KEYS: [&str; 19] = [
    "enabled",
    "maxBackups",
    "maxAge",
    "scope",
    "cleanup",
    "vault",
    "vaultExpire",
    "recordExpire",
    "vaultMaxSize",
    "location",
    "maxFileSize",
    "maxFiles",
    "exclude",
    "onError",
    "verbosity",
    "applyCommit",
    "applyTest",
    "applyReload",
    "applyValidate",
];

const VALUES: [&str; 22] = [
    "-1",
    "99999999999999999999999999999999",
    "9223372036854775807",
    "-9223372036854775808",
    "9223372036854775807.years",
    "-1.days",
    "18446744073709551616",
    "8589934592g",
    "-8589934592g",
    "0x",
    "0xffffffffffffffffff",
    "1e9",
    "1.5",
    "NaN",
    "١٢٣",
    " 3 ",
    "3 backups",
    "true false",
    "/etc/passwd",
    "$(touch owned)",
    "\u{1b}[31m\u{9b}2J",
    "\u{ff}\u{0}",
];

#[test]
fn no_value_of_any_setting_costs_work_or_a_commit() {
    let s = Scratch::new();
    for (number, key) in KEYS.iter().enumerate() {
        // Each key has a third of the values, each value a third of the keys.
        for (at, value) in VALUES.iter().enumerate().filter(|(at, _)| (number + at) % 3 == 0) {
            let value = value.trim_end_matches('\0');
            let setting = format!("bak.{key}={value}");
            let text = format!("{number} {at}\n");
            s.write("a.txt", &text);
            let ran = s.try_git(["-c", &setting, "commit", "-qam", &text]);
            assert_eq!(ran.status, 0, "{setting}: {ran:?}");
            assert!(
                !ran.stderr.contains("panicked") && !ran.stderr.contains('\u{1b}'),
                "{setting}: {ran:?}"
            );
            // Pathspecs and numbers that can be read are as good as any.
            assert!(ran.stderr.lines().count() <= 4, "{setting}: {ran:?}");
            if at % 2 == 0 {
                let ran = s.try_git(["-c", &setting, "bak", "clean", "-n", "--vault"]);
                assert!((0..=1).contains(&ran.status), "{setting}: {ran:?}");
            }
        }
    }
    assert!(!s.exists("owned"));
    let vault: Vec<String> = s.vault().into_values().collect();
    for (number, key) in KEYS.iter().enumerate() {
        let held =
            (0..VALUES.len()).filter(|at| vault.contains(&format!("{number} {at}\n"))).count();
        assert!(held > VALUES.len() / 6 || *key == "enabled", "{key}: {held}");
    }
}
