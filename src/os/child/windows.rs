//! Children on Windows. The console tells all its processes of Ctrl-C; there are no other signals.

use std::io;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};

use windows_sys::Win32::System::Console::SetConsoleCtrlHandler;
use windows_sys::core::BOOL;

static CAUGHT: AtomicBool = AtomicBool::new(false);

unsafe extern "system" fn on_event(_kind: u32) -> BOOL {
    CAUGHT.store(true, Ordering::SeqCst);
    1
}

/// From now on Ctrl-C doesn't end this process: it is noted.
pub fn watch() {
    // SAFETY: the handler uses an atomic alone and lives as long as the program.
    unsafe { SetConsoleCtrlHandler(Some(on_event), 1) };
}

/// The number of SIGINT, if Ctrl-C was pressed since [`watch`].
pub fn interrupted() -> Option<i32> {
    CAUGHT.load(Ordering::SeqCst).then_some(2)
}

/// A command line, for the shell that comes with Git.
pub fn shell(line: &str) -> Command {
    let mut command = Command::new(sh());
    command.args(["-c", line]);
    command
}

fn sh() -> PathBuf {
    let asked = Command::new("git").arg("--exec-path").stderr(Stdio::null()).output();
    let answer = asked.map(|out| String::from_utf8_lossy(&out.stdout).trim().to_owned());
    // <root>/mingw64/libexec/git-core
    let root = PathBuf::from(answer.unwrap_or_default());
    let root = root.ancestors().nth(3).map(std::path::Path::to_owned).unwrap_or_default();
    let candidates = [root.join("bin/sh.exe"), root.join("usr/bin/sh.exe")];
    candidates.into_iter().find(|sh| sh.is_file()).unwrap_or_else(|| PathBuf::from("sh"))
}

pub struct Running {
    pub child: Child,
}

impl Running {
    pub fn start(command: &mut Command) -> io::Result<Self> {
        Ok(Self { child: command.spawn()? })
    }

    /// Waits for its end: its exit status, and whether we were interrupted.
    pub fn wait(&mut self) -> io::Result<(i32, bool)> {
        let status = self.child.wait()?;
        Ok((status.code().unwrap_or(1), interrupted().is_some()))
    }

    /// Ends what the command has left running.
    pub fn end_what_is_left(&self) {
        let pid = self.child.id().to_string();
        let mut command = Command::new("taskkill");
        command.args(["/T", "/F", "/PID", &pid]).stdout(Stdio::null()).stderr(Stdio::null());
        // There may be nothing left.
        let _ = command.status();
    }
}
