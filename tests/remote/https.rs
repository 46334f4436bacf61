//! Over https, to a server of the test's own with a certificate of its own.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use super::{all_that_is_there, clone_of, said, with_remote};
use crate::scratch::{Other, Scratch};

/// Hands every request to Git's own program for it (git-http-backend(1)), by CGI.
const SERVER: &str = r#"
import http.server, os, ssl, subprocess, sys
root, certificate, key = sys.argv[1:]
class Handler(http.server.BaseHTTPRequestHandler):
    def log_message(self, *_): pass
    def do_GET(self):
        path, _, query = self.path.partition("?")
        env = dict(os.environ, GIT_PROJECT_ROOT=root, GIT_HTTP_EXPORT_ALL="1", REMOTE_USER="x", PATH_INFO=path,
                   QUERY_STRING=query, REQUEST_METHOD=self.command, CONTENT_TYPE=self.headers.get("Content-Type", ""),
                   HTTP_CONTENT_ENCODING=self.headers.get("Content-Encoding", ""))
        if self.headers.get("Transfer-Encoding") == "chunked":
            body = b""
            while size := int(self.rfile.readline(), 16):
                body += self.rfile.read(size); self.rfile.readline()
        else:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        env["CONTENT_LENGTH"] = str(len(body))
        out = subprocess.run(["git", "http-backend"], env=env, input=body, stdout=subprocess.PIPE).stdout
        head, _, rest = out.partition(b"\r\n\r\n")
        fields = [line.split(": ", 1) for line in head.decode().split("\r\n")]
        self.send_response(int(dict(fields).get("Status", "200").split()[0]))
        for name, value in fields:
            if name != "Status": self.send_header(name, value)
        self.send_header("Content-Length", str(len(rest)))
        self.end_headers()
        self.wfile.write(rest)
    do_POST = do_GET
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(certificate, key)
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
server.socket = context.wrap_socket(server.socket, server_side=True)
print(server.server_address[1], flush=True)
server.serve_forever()
"#;

/// Ends with the test.
struct HttpsServer(Child, String);

impl Drop for HttpsServer {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn certificate(folder: &Path, name: &str) {
    let mut command = Command::new("openssl");
    command
        .args(["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=test"]);
    command.args(["-addext", "subjectAltName=IP:127.0.0.1"]);
    command.arg("-keyout").arg(folder.join(format!("{name}.key")));
    command.arg("-out").arg(folder.join(format!("{name}.pem")));
    assert!(command.output().expect("openssl is not on this machine").status.success());
}

/// Serves what is in the scratch folder; the other half is the URL of `bak.git` there.
fn server(s: &Scratch) -> HttpsServer {
    ["served", "other"].iter().for_each(|name| certificate(&s.root(), name));
    s.at(s.root().join("bak.git")).git(["config", "http.receivepack", "true"]);
    let mut command = s.command("python3");
    command.args(["-c", SERVER]).arg(s.root());
    command.args(["served.pem", "served.key"].map(|name| s.root().join(name)));
    let mut child = command.stdout(Stdio::piped()).spawn().expect("python3 is not on this machine");
    let mut port = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut port).unwrap();
    HttpsServer(child, format!("https://127.0.0.1:{}/bak.git", port.trim()))
}

/// Has Git trust this certificate, in this repository.
fn trust(place: &Other<'_>, s: &Scratch, name: &str) {
    place.git(["config", "http.sslCAInfo", s.root().join(name).to_str().unwrap()]);
}

#[test]
#[ignore = "needs python3 and openssl: .ci/run installs them"]
fn a_vault_goes_over_https_and_comes_back() {
    let s = with_remote();
    let server = server(&s);
    let url = &server.1;
    trust(&s.at(s.top()), &s, "served.pem");
    s.git(["config", "bak.remote", url]);
    s.write("a.txt", "over https\n");
    s.bak(["snapshot"]);
    let ran = s.bak(["push"]);
    assert!(ran.stderr.contains(&format!("1 day pushed to {url}")), "{ran:#?}");
    assert!(all_that_is_there(&s).contains("+over https"));
    fs::remove_dir_all(s.top()).unwrap();
    let clone = clone_of(&s, "again");
    trust(&clone, &s, "served.pem");
    clone.git(["config", "bak.remote", url]);
    clone.bak(["restore", "--remote", "--all", "--yes"]);
    assert_eq!(fs::read_to_string(s.root().join("again/a.txt")).unwrap(), "over https\n");
}

#[test]
#[ignore = "needs python3 and openssl: .ci/run installs them"]
fn a_certificate_that_is_not_trusted_is_refused_and_costs_a_commit_nothing() {
    let s = with_remote();
    let server = server(&s);
    trust(&s.at(s.top()), &s, "other.pem");
    s.git(["config", "bak.remote", &server.1]);
    s.write("a.txt", "two\n");
    let ran = s.git(["commit", "-qam", "goes on"]);
    assert_eq!((ran.stdout.as_str(), ran.stderr.as_str()), ("", ""));
    s.try_bak(["fold"]);
    let (lines, remedy) = said(&s);
    assert_eq!((lines.len(), remedy.as_str()), (2, "git bak push"));
    assert!(lines.iter().all(|line| line.contains("certificate")), "{lines:?}");
    let ran = s.try_bak(["push"]);
    assert!(ran.status == 3 && ran.stderr.contains("certificate"), "{ran:#?}");
    assert_eq!(all_that_is_there(&s), "");
    trust(&s.at(s.top()), &s, "served.pem");
    s.bak(["push"]);
    assert!(all_that_is_there(&s).contains("+two"));
}
