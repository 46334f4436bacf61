//! What the journal keeps of an upgrade that failed, and what is said before the next.

use super::{apply, failures, rich};

#[test]
fn the_tail_of_the_output_is_kept_and_no_more() {
    let s = rich();
    let test = "i=0; while [ $i -lt 3000 ]; do echo \"$i: some fifty characters of output, line by line\"; \
                i=$((i+1)); done; exit 5";
    let ran = apply(&s, &["--test", test, "../all.patch"]);
    assert!(ran.stdout.starts_with("0: some") && ran.stdout.ends_with("line by line\n"));
    assert_eq!(ran.stdout.lines().count(), 3000, "all of it was passed through");
    let failed = &failures(&s)[0];
    let output = failed["output"].as_str().unwrap();
    assert!(output.len() <= 64 << 10 && output.len() > 32 << 10, "{}", output.len());
    assert!(output.contains("2999: some"));
    assert_eq!((&failed["kind"], &failed["step"]), (&"apply".into(), &"test".into()));
    let files: Vec<&str> =
        failed["files"].as_array().unwrap().iter().map(|f| f.as_str().unwrap()).collect();
    assert!(files.contains(&"modified.txt") && files.contains(&"moved/néw.txt"), "{files:?}");
}

#[test]
fn secrets_in_the_environment_are_not_kept() {
    let mut s = rich();
    s.set_env("DEPLOY_TOKEN", "hunter2-hunter2");
    let ran = apply(&s, &["--test", "echo using $DEPLOY_TOKEN; exit 1", "../all.patch"]);
    assert_eq!(ran.stdout, "using hunter2-hunter2\n", "what the command says is its own business");
    s.unset_env("DEPLOY_TOKEN");
    assert_eq!(failures(&s)[0]["output"], "using ***\n");
}

#[test]
fn whatever_a_variable_is_called_its_value_is_not_kept_nor_is_a_user_in_a_url() {
    let mut s = rich();
    s.set_env("STRIPE_SK", "hunter2-hunter2");
    s.set_env("DB", "pg://me:hunter3-hunter3@host/db");
    s.set_env("STAGE", "production");
    let test =
        "echo $STRIPE_SK, $DB, $STAGE at $PWD; echo hunter3-hunter3 to https://u:p@host/x; exit 1";
    apply(&s, &["--test", test, "../all.patch"]);
    for name in ["STRIPE_SK", "DB", "STAGE"] {
        s.unset_env(name);
    }
    let wanted =
        format!("***, ***, production at {}\n*** to https://***@host/x\n", s.top().display());
    assert_eq!(failures(&s)[0]["output"], wanted);
}

#[test]
fn earlier_failures_of_the_same_files_are_named_in_three_lines_at_most() {
    let s = rich();
    for step in ["--reload", "--test", "--validate", "--test"] {
        apply(&s, &[step, &format!("echo {step} >&2; exit 1"), "../all.patch"]);
    }
    let ran = apply(&s, &["../all.patch"]);
    let before = ran.stderr.lines().take_while(|line| !line.contains("Applying")).count();
    assert!((1..=3).contains(&before), "{ran:#?}");
    assert!(ran.stderr.contains("failed before"), "{ran:#?}");
}

#[test]
fn a_record_that_makes_no_sense_is_no_reason_to_fail() {
    let s = rich();
    for day in std::fs::read_dir(s.top().join(".git/bak/record")).unwrap() {
        std::fs::write(day.unwrap().path(), "rubbish\n\0\0{}\n").unwrap();
    }
    let before = super::tree(s.top());
    let ran = apply(&s, &["--test", "exit 1", "../all.patch"]);
    assert_eq!((ran.status, super::tree(s.top())), (1, before), "{ran:#?}");
}
