//! The command finds its streams as if we were not there.

use std::io::Write;
use std::process::Stdio;

use super::*;

#[test]
fn it_reads_our_input_and_prints_to_our_streams() {
    let s = rich();
    let mut command = s.command(BAK);
    command.args(["run", "--", "sh", "-c", "cat; echo to stderr >&2; exit 5"]);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(b"from stdin").unwrap();
    let ran = Ran::of(&child.wait_with_output().unwrap());
    assert_eq!((ran.status, ran.stdout.as_str()), (5, "from stdin"), "{ran:#?}");
    assert!(ran.stderr.contains("\nto stderr\n"), "{ran:#?}");
    let output = failures(&s)[0]["output"].as_str().unwrap().to_owned();
    assert!(output.contains("from stdin") && output.contains("to stderr\n"), "{output}");
}

#[test]
fn what_goes_to_one_file_keeps_its_order() {
    let s = rich();
    let log = s.root().join("log");
    let line = "i=0; while [ $i -lt 200 ]; do echo o$i; echo e$i >&2; i=$((i+1)); done";
    let file = fs::File::create(&log).unwrap();
    let mut command = s.command(BAK);
    command.args(["run", "--", "sh", "-c", line]);
    let status = command.stdout(file.try_clone().unwrap()).stderr(file).status();
    assert!(status.unwrap().success());
    let text = fs::read_to_string(log).unwrap();
    let lines: Vec<&str> = text.lines().filter(|line| line.starts_with(['o', 'e'])).collect();
    let wanted: Vec<String> = (0..200).flat_map(|i| [format!("o{i}"), format!("e{i}")]).collect();
    assert_eq!(lines, wanted);
}

#[test]
fn a_reader_that_has_gone_ends_it_as_without_us() {
    let s = rich();
    let line = format!("{BAK} run -- yes | head -n 1");
    let ran = Ran::of(&s.command("sh").args(["-c", &line]).output().unwrap());
    assert_eq!((ran.status, ran.stdout.as_str()), (0, "y\n"), "{ran:#?}");
    assert_over(&s);
}

/// Runs a line on a terminal of its own, with these keys typed.
fn on_terminal(s: &Scratch, line: &str, keys: &str) -> Ran {
    let python = "import os, pty, sys\n\
        keys = sys.argv[2].encode()\n\
        def typed(fd):\n\
        \x20   data = os.read(fd, 1024)\n\
        \x20   if b'READY' in data and keys: os.write(master[0], keys)\n\
        \x20   return data\n\
        master = []\n\
        def read(fd):\n\
        \x20   master[:] = [fd]\n\
        \x20   return typed(fd)\n\
        status = pty.spawn(['sh', '-c', sys.argv[1]], read, lambda fd: b'')\n\
        sys.exit(os.waitstatus_to_exitcode(status))\n";
    Ran::of(&s.command("python3").args(["-c", python, line, keys]).output().unwrap())
}

#[test]
#[ignore = "needs python3, for a terminal"]
fn on_a_terminal_it_has_the_terminal() {
    let s = rich();
    let ask = "test -t 0 && test -t 1 && test -t 2 && echo all of them; echo REA\"\"DY; read word; echo got $word";
    let ran = on_terminal(&s, &format!("{BAK} run -- sh -c '{ask}'"), "hello\n");
    assert_eq!(ran.status, 0, "{ran:#?}");
    assert!(ran.stdout.contains("all of them") && ran.stdout.contains("got hello"), "{ran:#?}");
}

#[test]
#[ignore = "needs python3, for a terminal"]
fn ctrl_c_on_a_terminal_ends_the_command_and_everything_is_put_back() {
    let s = rich();
    let before = standing(&s, s.top());
    let line = "echo x >clean.txt; echo REA\"\"DY; sleep 60; echo late >clean.txt";
    // No shell in between: one ends at the same key, after its child, and never says how that ended.
    let ran = on_terminal(&s, &format!("exec {BAK} run -- sh -c '{line}'"), "\x03");
    assert_eq!(ran.status, 130, "{ran:#?}");
    assert_eq!(standing(&s, s.top()), before, "{ran:#?}");
    assert_eq!(failures(&s)[0]["step"], "interrupted");
}

#[test]
#[ignore = "needs python3, for a terminal"]
fn a_terminal_that_is_closed_ends_the_command_and_everything_is_put_back() {
    let python = "import os, pty, sys\n\
        pid, fd = pty.fork()\n\
        if pid == 0: os.execvp(sys.argv[1], sys.argv[1:])\n\
        seen = b''\n\
        while b'READY' not in seen: seen += os.read(fd, 1024)\n\
        os.close(fd)\n\
        os.waitpid(pid, 0)\n";
    let line =
        "echo x >clean.txt; rm untracked.txt; echo REA\"\"DY; sleep 60; echo late >clean.txt";
    let run = format!("{BAK} run -- sh -c '{line}'");
    // The signal goes to the process that has the terminal: we ourselves, or a shell, and then the command alone.
    for line in [format!("exec {run}"), format!("{run}; true")] {
        let s = rich();
        let before = standing(&s, s.top());
        let ran = s.command("python3").args(["-c", python, "sh", "-c", &line]).status().unwrap();
        assert!(ran.success());
        while s.exists(".git/bak/upgrade/record") {
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
        assert_eq!(standing(&s, s.top()), before, "{line}");
        assert_eq!(failures(&s)[0]["status"], 129);
    }
}
