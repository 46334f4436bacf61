//! The manual page: complete, well-formed, and what Git opens.

#[cfg(unix)]
use crate::scratch::Ran;
use crate::scratch::Scratch;

fn page() -> String {
    let s = Scratch::empty();
    let ran = s.at(s.root()).bak(["man"]);
    assert_eq!(ran.stderr, "");
    ran.stdout
}

#[test]
fn it_has_every_command_with_its_options() {
    let s = Scratch::empty();
    let page = page();
    assert!(page.starts_with(".TH GIT-BAK 1 "), "{page}");
    let plain = page.replace("\\-", "-");
    let help = s.bak(["--help"]).stdout;
    let listed = help.lines().skip_while(|line| *line != "Commands:").skip(1);
    let listed = listed.take_while(|line| !line.is_empty());
    let listed =
        listed.filter_map(|line| line.strip_prefix("  ").filter(|it| !it.starts_with(' ')));
    let verbs: Vec<&str> = listed.filter_map(|line| line.split_whitespace().next()).collect();
    assert!(verbs.len() > 8, "{verbs:?}");
    for verb in verbs.into_iter().filter(|verb| *verb != "help") {
        assert!(plain.contains(&format!(".SS {verb}\n")), "{verb}");
        // The options of vault are Git's.
        let help = if verb == "vault" { String::new() } else { s.bak([verb, "--help"]).stdout };
        let words = help.split_whitespace().map(|word| word.trim_end_matches([',', '.', ';']));
        for option in words.filter(|word| word.starts_with("--") && *word != "--help") {
            assert!(plain.contains(option), "{verb} {option}");
        }
    }
    assert!(!plain.contains(".SS hook\n") && !plain.contains(".SS complete\n"), "{plain}");
}

#[test]
fn it_has_every_setting_of_the_reference() {
    let page = page();
    let reference = include_str!("../docs/reference.md");
    let rows = reference.lines().filter(|line| line.starts_with("| `bak."));
    let first_cells = rows.map(|row| row.split('|').nth(1).unwrap());
    let keys: Vec<&str> = first_cells.flat_map(|cell| cell.split('`').skip(1).step_by(2)).collect();
    assert!(keys.len() > 10, "{keys:?}");
    for key in keys {
        assert!(page.contains(&format!("\\fB{key}\\fR")), "{key}");
    }
}

#[test]
fn it_is_the_same_from_anywhere_and_at_any_time() {
    let s = Scratch::empty();
    assert_eq!(s.bak(["man"]).stdout, page());
}

#[cfg(unix)]
#[test]
#[ignore = "needs man-db: .ci/run installs it"]
fn git_help_opens_it_without_a_complaint() {
    let s = Scratch::empty();
    let folder = s.root().join("home/share/man/man1");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("git-bak.1"), page()).unwrap();
    let mut command = s.command("git");
    command.args(["help", "bak"]).env("MANPATH", s.root().join("home/share/man"));
    let ran = Ran::of(&command.env("MAN_KEEP_FORMATTING", "").output().unwrap()).expect_success();
    assert!(ran.stdout.contains("GIT-BAK(1)"), "{ran:#?}");
    assert!(ran.stdout.contains("bak.maxBackups (3)"), "{ran:#?}");
    // The formatter names what it can't make sense of.
    let mut command = s.command("man");
    command.arg("--warnings").arg(folder.join("git-bak.1"));
    let ran = Ran::of(&command.output().unwrap()).expect_success();
    assert_eq!(ran.stderr, "");
}
