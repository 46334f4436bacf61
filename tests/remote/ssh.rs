//! Over ssh, to a server of the test's own on this machine.

use std::fs;
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use super::{all_that_is_there, clone_of, with_remote};
use crate::scratch::Scratch;

const SSHD: &str = "/usr/sbin/sshd";

/// Ends with the test.
struct Server(Child, u16);

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn key(file: &Path) {
    let args = ["-q", "-t", "ed25519", "-N", "", "-f"];
    assert!(Command::new("ssh-keygen").args(args).arg(file).status().unwrap().success());
}

fn server(folder: &Path) -> Server {
    assert!(Path::new(SSHD).exists(), "openssh-server is not on this machine");
    fs::create_dir_all(folder).unwrap();
    fs::set_permissions(folder, fs::Permissions::from_mode(0o700)).unwrap();
    ["host", "user"].iter().for_each(|name| key(&folder.join(name)));
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let place = folder.display();
    let config = format!(
        "Port {port}\nListenAddress 127.0.0.1\nHostKey {place}/host\nAuthorizedKeysFile {place}/user.pub\n\
         PidFile none\nStrictModes no\nUsePAM no\nPasswordAuthentication no\nKbdInteractiveAuthentication no\n"
    );
    fs::write(folder.join("config"), config).unwrap();
    // It needs that folder when root starts it.
    let _ = fs::create_dir("/run/sshd");
    let log = fs::File::create(folder.join("log")).unwrap();
    let mut command = Command::new(SSHD);
    command.args(["-D", "-e", "-f"]).arg(folder.join("config")).stdin(Stdio::null()).stderr(log);
    let server = Server(command.spawn().unwrap(), port);
    let answers = || TcpStream::connect(("127.0.0.1", port)).is_ok();
    assert!((0..100).any(|_| {
        std::thread::sleep(Duration::from_millis(50));
        answers()
    }));
    server
}

fn ssh(s: &mut Scratch, key: &str) {
    let place = s.root().join("sshd");
    let options =
        "-o UserKnownHostsFile=/dev/null -o StrictHostKeyChecking=no -o IdentitiesOnly=yes";
    s.set_env("GIT_SSH_COMMAND", format!("ssh -F none {options} -i {}/{key}", place.display()));
}

#[test]
#[ignore = "needs openssh-server: .ci/run installs it"]
fn a_vault_goes_over_ssh_and_comes_back() {
    let mut s = with_remote();
    let server = server(&s.root().join("sshd"));
    ssh(&mut s, "user");
    let user = Command::new("id").arg("-un").output().unwrap().stdout;
    let (user, place) = (String::from_utf8(user).unwrap(), s.root().join("bak.git"));
    let url = format!("ssh://{}@127.0.0.1:{}{}", user.trim(), server.1, place.display());
    s.git(["config", "bak.remote", &url]);
    s.write("a.txt", "over ssh\n");
    s.bak(["snapshot"]);
    let ran = s.bak(["push"]);
    assert!(ran.stderr.contains(&format!("1 day pushed to {url}")), "{ran:#?}");
    assert!(all_that_is_there(&s).contains("+over ssh"));
    fs::remove_dir_all(s.top()).unwrap();
    let clone = clone_of(&s, "again");
    clone.git(["config", "bak.remote", &url]);
    clone.bak(["restore", "--remote", "--all", "--yes"]);
    assert_eq!(fs::read_to_string(s.root().join("again/a.txt")).unwrap(), "over ssh\n");
    // No password is asked for: without the key it is refused at once.
    key(&s.root().join("sshd/other"));
    ssh(&mut s, "other");
    let clone = s.at(s.root().join("again"));
    let ran = clone.try_bak(["list", "--remote"]);
    assert!(ran.status == 3 && ran.stderr.contains("Permission denied"), "{ran:#?}");
}
