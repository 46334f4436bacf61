//! A real terminal with a shell in it: tmux. Keys go in, the screen comes out.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use crate::scratch::{Ran, Scratch};

/// A terminal in a scratch repository, until it is dropped.
pub struct Tmux<'a> {
    scratch: &'a Scratch,
    socket: PathBuf,
}

impl<'a> Tmux<'a> {
    /// A terminal of so many columns and lines, with a shell that has asked for its first command.
    pub fn new(scratch: &'a Scratch, columns: usize, lines: usize) -> Self {
        let tmux = Self { scratch, socket: scratch.root().join("tmux") };
        let (columns, lines) = (columns.to_string(), lines.to_string());
        let shell = "PS1='$ ' ENV= exec sh -i";
        let start = ["new-session", "-d", "-x", &columns, "-y", &lines, shell];
        tmux.ask(&start);
        tmux.wait_for("$");
        tmux
    }

    /// Runs a command of tmux's; what it prints.
    pub fn ask(&self, args: &[&str]) -> String {
        let mut command = self.scratch.command("tmux");
        // Its configuration may be anything.
        command.args(["-u", "-f", "/dev/null", "-S"]).arg(&self.socket).args(args);
        Ran::of(&command.env("SHELL", "/bin/sh").output().unwrap()).expect_success().stdout
    }

    /// Presses keys, as tmux names them.
    pub fn press(&self, keys: &[&str]) {
        self.ask(&[&["send-keys"], keys].concat());
    }

    /// Types a command and Enter.
    pub fn run(&self, command: &str) {
        self.ask(&["send-keys", "-l", command]);
        self.press(&["Enter"]);
    }

    /// What is on the screen.
    pub fn screen(&self) -> String {
        self.ask(&["capture-pane", "-p"])
    }

    /// The screen as soon as it has this text.
    pub fn wait_for(&self, text: &str) -> String {
        self.wait(text, |screen| screen.contains(text))
    }

    /// The screen as soon as it is as `wanted`.
    pub fn wait(&self, what: &str, wanted: impl Fn(&str) -> bool) -> String {
        let began = Instant::now();
        loop {
            let screen = self.screen();
            if wanted(&screen) {
                return screen;
            }
            let is_late = began.elapsed() > Duration::from_secs(20);
            assert!(!is_late, "{what} does not come:\n{screen}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// How the terminal is set, and whether a program has a screen of its own there; asked of a shell that
    /// waits for a command.
    pub fn state(&self) -> (String, String) {
        let file = self.scratch.root().join("stty");
        let _ = std::fs::remove_file(&file);
        self.run("clear; stty -g >../stty.new && mv ../stty.new ../stty");
        self.wait("an answer", |_| file.exists());
        let own = self.ask(&["display-message", "-p", "#{alternate_on} #{cursor_flag}"]);
        (std::fs::read_to_string(file).unwrap(), own)
    }
}

impl Drop for Tmux<'_> {
    fn drop(&mut self) {
        let mut command = self.scratch.command("tmux");
        let _ = command.arg("-S").arg(&self.socket).arg("kill-server").output();
    }
}
