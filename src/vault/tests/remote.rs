use std::time::{Duration, Instant};

use super::{Nest, git};
use crate::vault::remote::Remote;

#[test]
fn who_never_answers_is_left_with_all_that_was_started() {
    let nest = Nest::new();
    let mark = nest.top.join("started");
    let script = nest.top.join("ssh.sh");
    std::fs::write(&script, format!("echo $$ >'{}'\nsleep 60\n", mark.display())).unwrap();
    git(&nest.top, &["config", "core.sshCommand", &format!("sh '{}'", script.display())]);
    let mut remote = Remote::open(&nest.repository, &"host:x".parse().unwrap()).unwrap();
    (remote.patience, remote.is_detached) = (Duration::from_secs(1), true);
    let began = Instant::now();
    let error = remote.tips().unwrap_err().to_string();
    assert_eq!(error, "it takes longer than 1 seconds");
    assert!(began.elapsed() < Duration::from_secs(20));
    let pid = std::fs::read_to_string(mark).unwrap();
    let is_there =
        || std::path::Path::new("/proc").join(pid.trim()).join("exe").read_link().is_ok();
    assert!((0..100).any(|_| {
        std::thread::sleep(Duration::from_millis(20));
        !is_there()
    }));
}
