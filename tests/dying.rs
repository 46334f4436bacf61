//! Every system call of ours is a place to die: a hook or command is killed at its Nth call of some kind, or that
//! call fails, alone or with all that follow.
//!
//! Whatever happens: what was backed up comes back, no backup holds other bytes than its id says, whatever a line of
//! the record names can be read, no line is torn, Git goes on, the next commit works and finds nothing half-done, the
//! next fold ends well, and repository and vault are whole.
//!
//! A seeded sample of a few places, or of N with `GIT_BAK_TEST_DAMAGE=N`, or with `GIT_BAK_TEST_DAMAGE=all` every place
//! (some minutes for each test). `GIT_BAK_TEST_SEED=N` takes another sample; a failure prints the place, and
//! `GIT_BAK_TEST_DAMAGE=PLACE` tries it alone.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use git_bak::git::config::fsmonitor;
use git_bak::hooks::Hook;
use git_bak::model::names::backup_name::{BackupName, Temporary};

use crate::scratch::{BAK, Other, Ran, Scratch, script};

const EARLIER: &str = "earlier, and backed up long ago\n";
const STAGED: &str = "staged\r\n\n";
const EDITED: &str = "edited after it was staged\n no line end";
const OTHERS: &str = "edited and not staged\n";
const UNTRACKED: &str = "untracked\n";

/// The calls that change something, or begin to.
const CALLS: &str = "openat,write,pwrite64,rename,renameat,renameat2,link,linkat,unlink,unlinkat,mkdir,mkdirat,\
     ftruncate,fchmod,fchmodat,utimensat,fsync,fdatasync,flock,clone,clone3,vfork,copy_file_range";

/// How each of them can fail.
fn errors(call: &str) -> &'static [&'static str] {
    match call {
        "openat" => &["EACCES", "EMFILE", "EROFS", "ENOSPC"],
        "write" | "pwrite64" | "copy_file_range" | "ftruncate" => &["ENOSPC", "EIO"],
        "link" | "linkat" | "rename" | "renameat" | "renameat2" => &["EACCES", "EIO"],
        "unlink" | "unlinkat" => &["EACCES", "EROFS"],
        "mkdir" | "mkdirat" => &["ENOSPC", "EACCES"],
        "clone" | "clone3" | "vfork" => &["EAGAIN"],
        "flock" => &["ENOLCK"],
        _ => &["EIO"],
    }
}

/// One thing that is done while we are made to fail.
struct Subject {
    /// The hook or the command.
    name: &'static str,
    act: fn(&Site<'_>) -> Ran,
}

/// In which file the user's own hooks write down that they ran.
const USERS_HOOKS: &str = "users-hooks";

impl Subject {
    /// The user's own hooks that it runs, if it is a hook itself: each once, but for post-index-change.
    fn users_hooks(&self) -> Option<&'static [&'static str]> {
        match self.name {
            "guard --script"
            | "pre-commit --script"
            | "pre-commit --after"
            | "post-commit --script" => Some(&["pre-commit", "post-commit"]),
            "post-checkout --script" => Some(&["post-checkout"]),
            "post-index-change --script" | "guard" => Some(&[]),
            _ => None,
        }
    }
}

/// A copy of the repository in which it is done.
struct Site<'a> {
    here: Other<'a>,
    top: PathBuf,
    ours: PathBuf,
}

impl Site<'_> {
    fn git(&self, args: &[&str]) -> Ran {
        self.here.try_git(args)
    }

    fn read(&self, path: &str) -> String {
        fs::read_to_string(self.top.join(path)).unwrap_or_default()
    }

    fn write(&self, path: &str, text: &str) {
        fs::write(self.top.join(path), text).unwrap();
    }

    /// Whether a backup or the vault has these bytes of `path`.
    fn holds(&self, path: &str, text: &str) -> bool {
        self.in_vault(path, text) || self.backups(path).iter().any(|name| self.read(name) == text)
    }

    fn in_vault(&self, path: &str, text: &str) -> bool {
        self.here.vault_has(path, text)
    }

    /// The bytes of each day of the record.
    fn days(&self) -> Vec<(String, Vec<u8>)> {
        let days = fs::read_dir(self.top.join(".git/bak/record")).into_iter().flatten();
        let days = days.map(|day| day.unwrap().path());
        days.map(|day| (day.display().to_string(), fs::read(&day).unwrap())).collect()
    }

    fn names(&self) -> Vec<String> {
        let names = fs::read_dir(&self.top).unwrap();
        names.map(|name| name.unwrap().file_name().into_string().unwrap()).collect()
    }

    fn backups(&self, path: &str) -> Vec<String> {
        let mut names = self.names();
        names.retain(|name| {
            BackupName::parse(name.as_bytes()).is_some_and(|it| it.is_backup_of(path.as_bytes()))
        });
        names
    }
}

fn commit(site: &Site<'_>) -> Ran {
    site.git(&["commit", "-qm", "second"])
}

fn commit_without_the_guard(site: &Site<'_>) -> Ran {
    site.git(&["-c", "core.fsmonitor=false", "commit", "-qm", "second"])
}

/// The guard has its snapshot, and the hook finds it.
fn commit_with_the_guard(site: &Site<'_>) -> Ran {
    let monitor = fsmonitor::line(site.ours.to_str().unwrap().as_bytes(), false);
    let monitor = format!("core.fsmonitor={}", String::from_utf8(monitor).unwrap());
    site.git(&["-c", &monitor, "commit", "-qm", "second"])
}

fn add(site: &Site<'_>) -> Ran {
    site.git(&["add", "b.txt"])
}

fn checkout_file(site: &Site<'_>) -> Ran {
    site.git(&["checkout", "-q", "HEAD", "--", "a.txt", "b.txt"])
}

fn doctor(site: &Site<'_>) -> Ran {
    ours(site, &["doctor", "--fix"])
}

fn switch(site: &Site<'_>) -> Ran {
    site.git(&["checkout", "-qf", "other"])
}

fn reset(site: &Site<'_>) -> Ran {
    let monitor = fsmonitor::line(site.ours.to_str().unwrap().as_bytes(), false);
    let monitor = format!("core.fsmonitor={}", String::from_utf8(monitor).unwrap());
    site.git(&["-c", &monitor, "-c", "core.fsmonitorHookVersion=2", "reset", "-q", "--hard"])
}

/// One more state: a reset has taken all of it.
fn taken(s: &Scratch) {
    let monitor = fsmonitor::line(BAK.as_bytes(), false);
    let monitor = format!("core.fsmonitor={}", String::from_utf8(monitor).unwrap());
    let args = ["-c", &monitor, "-c", "core.fsmonitorHookVersion=2", "reset", "-q", "--hard"];
    s.git(args);
}

/// And it has put a file where there was a folder.
fn taken_with_a_folder(s: &Scratch) {
    fs::remove_file(s.top().join("only-here.txt")).unwrap();
    s.write(FOLDER, "in a folder\n");
    taken(s);
    assert!(s.top().join("only-here.txt").is_file());
    s.write(TURNED, "");
}

const FOLDER: &str = "only-here.txt/x";
/// Tells that there was one.
const TURNED: &str = ".git/turned";

fn undo(site: &Site<'_>) -> Ran {
    ours(site, &["undo", "--yes"])
}

/// Whatever happened to an undo: it has done all of it or nothing, and what was cut short the next one ends.
fn undo_is_whole(site: &Site<'_>, ran: &Ran, about: &str) {
    let found = || (site.read("a.txt"), site.read("b.txt"));
    let (lost, back) = (("one\n", "b\n"), (EDITED, OTHERS));
    let is = |wanted: (&str, &str)| found() == (wanted.0.to_owned(), wanted.1.to_owned());
    if site.top.join(".git/bak/upgrade/record").exists() {
        let ended = undo(site);
        assert!(ended.stderr.contains(": it is brought to its end first"), "{ended:#?} {about}");
        assert!(!site.top.join(".git/bak/upgrade/record").exists(), "{ended:#?} {about}");
    } else {
        assert!(ran.status != 0 || is(back), "it says that it is done: {about}");
    }
    assert!(is(lost) || is(back), "it is in between: {:?} {about}", found());
    if is(lost) {
        let again = undo(site);
        assert!(again.status == 0 && is(back), "{again:#?} {about}");
    }
    if site.top.join(TURNED).exists() {
        assert_eq!(site.read(FOLDER), "in a folder\n", "{about}");
    }
}

fn ours(site: &Site<'_>, args: &[&str]) -> Ran {
    Ran::of(&site.here.command(&site.ours).args(args).output().unwrap())
}

fn restore(site: &Site<'_>) -> Ran {
    site.write("a.txt", "of now\n");
    ours(site, &["restore", "--yes", "a.txt", "b.txt"])
}

fn clean(site: &Site<'_>) -> Ran {
    ours(site, &["clean"])
}

fn clean_vault(site: &Site<'_>) -> Ran {
    ours(site, &["clean", "--vault", "b.txt"])
}

fn forget(site: &Site<'_>) -> Ran {
    ours(site, &["forget", "--yes", "b.txt"])
}

fn snapshot(site: &Site<'_>) -> Ran {
    ours(site, &["snapshot"])
}

fn fold(site: &Site<'_>) -> Ran {
    ours(site, &["fold"])
}

fn look_into_vault(site: &Site<'_>) -> Ran {
    ours(site, &["vault", "log", "--oneline"])
}

/// One more state: two days, the first of them folded, and neither as it was then.
fn folded_once(s: &Scratch) {
    backed_up(s);
    s.bak(["vault", "log", "-1"]);
    s.write("b.txt", "of the first day, after the fold\n");
    s.bak(["snapshot"]);
    s.advance(86_400);
    s.write("b.txt", OTHERS);
    s.bak(["snapshot"]);
}

/// One more state: all of it is about to expire, but for what was seen today.
fn long_ago(s: &Scratch) {
    folded_once(s);
    s.advance(20 * 86_400);
    for (path, text) in
        [("a.txt", EARLIER), ("a.txt", STAGED), ("a.txt", EDITED), ("b.txt", OTHERS)]
    {
        s.write(path, text);
        s.bak(["snapshot"]);
    }
    s.write("a.txt", EDITED);
    s.write("b.txt", OTHERS);
    s.git(["config", "bak.vaultExpire", "10.days"]);
}

/// What `apply` is given: a change and a new file in a new folder.
const PATCH: &str = "diff --git a/only-here.txt b/only-here.txt\n--- a/only-here.txt\n+++ b/only-here.txt\n\
     @@ -1 +1 @@\n-x\n+patched\n\
     diff --git a/sub/new.txt b/sub/new.txt\nnew file mode 100644\n--- /dev/null\n+++ b/sub/new.txt\n\
     @@ -0,0 +1 @@\n+new\n";

fn apply(site: &Site<'_>) -> Ran {
    let patch = site.top.with_extension("patch");
    fs::write(&patch, PATCH).unwrap();
    ours(site, &["apply", patch.to_str().unwrap()])
}

/// After whatever happened to an upgrade: it is ended, and has done all of it or nothing.
fn upgrade_is_whole(site: &Site<'_>, ran: &Ran, about: &str) {
    const NOTHING: &str = "there is no unfinished apply or run";
    let ended = ours(site, &["apply", "--abort"]);
    assert_eq!(ended.status, 0, "{ended:#?} {about}");
    let found = (site.read("only-here.txt"), site.read("sub/new.txt"));
    let found = (found.0.as_str(), found.1.as_str());
    let (nothing, all) = (("x\n", ""), ("patched\n", "new\n"));
    if ended.stderr.contains(NOTHING) {
        assert!(found == nothing || found == all, "it is in between: {found:?} {about}");
        assert!(ran.status != 0 || found == all, "it says that it is done: {about}");
    } else {
        assert_eq!(found, nothing, "it was not undone: {ended:#?} {about}");
    }
    let again = ours(site, &["apply", "--abort"]);
    assert!(again.stderr.contains(NOTHING), "it does not end: {again:#?} {about}");
}

/// The calls that a hook must be able to make before it is ours: the loader's.
fn is_loaders(line: &str) -> bool {
    line.starts_with("openat(") && (line.contains(".so") || line.contains("/etc/ld"))
}

/// The repository to begin with; `ours` is git-bak with a fault, where the environment asks for one.
fn template() -> (Scratch, PathBuf) {
    let mut s = Scratch::new();
    // No fold by itself.
    s.set_env("CI", "1");
    let ours = s.root().join("git-bak-with-a-fault");
    script(
        &ours,
        &format!(
            // Of a commit's askings the first takes the snapshot.
            "[ \"$GIT_BAK_TEST_AT\" = 'guard --script' ] && [ -e \"$GIT_BAK_TEST_LOG\" ] && exec '{BAK}' \"$@\"\n\
             case \" $1 $2 $3 \" in\n\
             *\" ${{GIT_BAK_TEST_AT:-none}} \"*)\n\
             exec strace -D -qq -o \"$GIT_BAK_TEST_LOG\" -e trace={CALLS} $GIT_BAK_TEST_FAULT '{BAK}' \"$@\";;\n\
             esac\nexec '{BAK}' \"$@\""
        ),
    );
    for hook in Hook::ALL {
        let file = s.top().join(".git/hooks").join(hook.name());
        let Ok(text) = fs::read_to_string(&file) else { continue };
        fs::write(&file, text.replace(BAK, ours.to_str().unwrap())).unwrap();
        s.hook(hook.name(), &format!("echo {hook} >>../{USERS_HOOKS}"));
    }
    s.write("b.txt", "b\n");
    s.write("only-here.txt", "x\n");
    s.git(["add", "."]);
    s.git(["branch", "other"]);
    s.git(["commit", "-qm", "more"]);
    s.write("a.txt", EARLIER);
    s.bak(["snapshot", "a.txt"]);
    s.advance(100);
    s.write("a.txt", STAGED);
    s.git(["add", "a.txt"]);
    s.write("a.txt", EDITED);
    s.write("b.txt", OTHERS);
    s.write("u.txt", UNTRACKED);
    (s, ours)
}

/// One more state of it: everything backed up, in files and in the vault.
fn backed_up(s: &Scratch) {
    let refuse = s.top().join(".git/hooks/commit-msg");
    script(&refuse, "exit 1");
    s.write("only-here.txt", "edited\n");
    assert_eq!(s.try_git(["commit", "-qm", "refused"]).status, 1);
    fs::remove_file(refuse).unwrap();
}

/// What a power cut leaves of a blob.
const CUT: (&str, &[u8]) = ("00/00000000000000000000000000000000000000", &[0; 40]);

fn cut(s: &Scratch) {
    backed_up(s);
    s.write(&format!(".git/bak/new/{}", CUT.0), CUT.1);
}

/// It is nowhere but in `new`, or set aside; and whoever comes next sets it aside.
fn next_doctor_works(site: &Site<'_>, about: &str) {
    let ran = doctor(site);
    assert!(ran.status <= 1, "{ran:#?} {about}");
    let bak = site.top.join(".git/bak");
    let names = fs::read_dir(&bak).unwrap().map(|name| name.unwrap().path());
    let places = names.filter_map(|place| fs::read(place.join("objects").join(CUT.0)).ok());
    assert_eq!(places.collect::<Vec<_>>(), [CUT.1], "{about}");
    assert!(!bak.join("new").join(CUT.0).exists(), "{about}");
}

/// Runs a subject at every place, or at some.
fn try_all(subject: &Subject, prepare: impl Fn(&Scratch)) {
    let (s, ours) = template();
    prepare(&s);
    let (ran, log) = run_at(&s, &ours, subject, "", |_, _| {});
    assert!(!log.is_empty(), "{} was not run: {ran:#?}", subject.name);
    let mut counts: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for line in log.lines() {
        let Some((call, _)) = line.split_once('(') else { continue };
        let (count, loaders) = counts.entry(call).or_default();
        *count += 1;
        *loaders += usize::from(is_loaders(line));
    }
    let mut places = Vec::new();
    for (call, (count, loaders)) in counts {
        for number in loaders + 1..=count {
            places.push(format!("{call}:signal=KILL:when={number}"));
            for error in errors(call) {
                places.push(format!("{call}:error={error}:when={number}"));
                places.push(format!("{call}:error={error}:when={number}+"));
            }
        }
    }
    let places = sample(places);
    // For developers who count them.
    #[allow(clippy::print_stderr)]
    let () = eprintln!("{}: {} places", subject.name, places.len());
    for place in places {
        run_at(&s, &ours, subject, &place, |site, ran| check(site, subject, &place, ran));
    }
}

/// The places that are tried.
fn sample(mut places: Vec<String>) -> Vec<String> {
    let mut some = 6;
    match std::env::var("GIT_BAK_TEST_DAMAGE") {
        Ok(all) if all == "all" => return places,
        Ok(one) => match one.parse() {
            Ok(number) => some = number,
            Err(_) => return vec![one],
        },
        Err(_) => {}
    }
    let seed = std::env::var("GIT_BAK_TEST_SEED").ok().and_then(|seed| seed.parse().ok());
    // Knuth's numbers for a linear congruential generator.
    let mut state: u64 = seed.unwrap_or(1);
    let mut chosen = Vec::new();
    while chosen.len() < some && !places.is_empty() {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        chosen.push(places.swap_remove(usize::try_from(state >> 33).unwrap() % places.len()));
    }
    chosen
}

/// Copies the repository, does it there with this fault, and looks at what came of it.
fn run_at(
    s: &Scratch,
    ours: &Path,
    subject: &Subject,
    fault: &str,
    look: impl FnOnce(&Site<'_>, &Ran),
) -> (Ran, String) {
    let top = s.root().join("copy");
    let copied = s.command("cp").args(["-a", "repo", "copy"]).current_dir(s.root()).status();
    assert!(copied.unwrap().success());
    let log = s.root().join("calls");
    let faulty = s.root().join("faulty");
    let inject = if fault.is_empty() { String::new() } else { format!("-e inject={fault}") };
    // The environment that the wrapper reads: commands of a `Site` get it from this file.
    fs::write(&faulty, inject).unwrap();
    let wrapper = s.root().join("git-bak-with-this-fault");
    script(
        &wrapper,
        &format!(
            "export GIT_BAK_TEST_AT='{}' GIT_BAK_TEST_LOG='{}' GIT_BAK_TEST_FAULT=\"$(cat '{}')\"\n\
             exec '{}' \"$@\"",
            subject.name,
            log.display(),
            faulty.display(),
            ours.display()
        ),
    );
    for hook in Hook::ALL {
        let file = top.join(".git/hooks").join(hook.name());
        let Ok(text) = fs::read_to_string(&file) else { continue };
        let with = |program: &Path| format!("'{}'", program.display());
        fs::write(&file, text.replace(&with(ours), &with(&wrapper))).unwrap();
    }
    let _ = fs::remove_file(&log);
    let _ = fs::remove_file(s.root().join(USERS_HOOKS));
    let site = Site { here: s.at(&top), top: top.clone(), ours: wrapper.clone() };
    let ran = (subject.act)(&site);
    // From here on without a fault.
    script(&wrapper, &format!("exec '{BAK}' \"$@\""));
    look(&site, &ran);
    fs::remove_dir_all(top).unwrap();
    (ran, fs::read_to_string(log).unwrap_or_default())
}

fn check(site: &Site<'_>, subject: &Subject, place: &str, ran: &Ran) {
    let about = format!("{} {place}: {ran:#?}", subject.name);
    let was_killed = place.contains("KILL");
    if let Some(expected) = subject.users_hooks() {
        assert_eq!(ran.status, 0, "Git failed: {about}");
        let users = fs::read_to_string(site.top.with_file_name(USERS_HOOKS)).unwrap_or_default();
        let (index, others): (Vec<&str>, Vec<&str>) =
            users.lines().partition(|line| *line == "post-index-change");
        // Else it is Git's clock that says whether it writes the index.
        let must = subject.name == "post-index-change --script";
        assert!(!must || !index.is_empty(), "the user's hook did not run: {about}");
        assert_eq!(others, expected, "the user's hooks: {about}");
    }
    names_tell_the_truth(site, subject, &about);
    if subject.name == "apply" {
        upgrade_is_whole(site, ran, &about);
    }
    if subject.name == "undo" {
        undo_is_whole(site, ran, &about);
    }
    record_is_whole(site, &about);
    what_was_kept_is_kept(site, subject, &about);
    let is_mute = place.starts_with("write:") && place.ends_with('+');
    if !was_killed && !is_mute && !ran.stderr.contains('✗') {
        silence_means_that_it_is_kept(site, subject, &about);
    }
    if subject.name == "doctor" {
        next_doctor_works(site, &about);
    }
    fsck(site, &about);
    next_commit_works(site, &about);
    what_was_kept_is_kept(site, subject, &about);
    next_fold_works(site, &about);
    record_is_whole(site, &about);
    what_was_kept_is_kept(site, subject, &about);
    fsck(site, &about);
}

/// Every line but a last one without its line feed can be read, and so can every blob that one names, unless a later
/// line says that it is gone.
fn record_is_whole(site: &Site<'_>, about: &str) {
    for (day, text) in site.days() {
        let end = text.iter().rposition(|&byte| byte == b'\n').map_or(0, |at| at + 1);
        for line in text[..end].split(|&byte| byte == b'\n').filter(|line| !line.is_empty()) {
            let read = serde_json::from_slice::<serde_json::Value>(line);
            assert!(
                read.is_ok(),
                "{day}: a torn line: {:?} {about}",
                String::from_utf8_lossy(line)
            );
        }
    }
    let lines = site.here.record();
    let gone: Vec<&serde_json::Value> = lines
        .iter()
        .filter(|line| line["ev"] == "gone")
        .filter_map(|line| line["files"].as_array())
        .flatten()
        .collect();
    let until = lines.iter().filter_map(|line| line["before"].as_i64()).max().unwrap_or(i64::MIN);
    let vault = format!("--git-dir={}", site.top.join(".git/bak/vault.git").display());
    for line in lines.iter().filter(|line| line["ev"] == "snapshot" || line["ev"] == "found") {
        for file in line["files"].as_array().into_iter().flatten() {
            let Some(id) = file["id"].as_str() else { continue };
            let is_gone = line["t"].as_i64().unwrap() < until
                || gone.iter().any(|it| it["id"] == file["id"] && it["t"] == line["t"]);
            if !is_gone {
                let ran = site.git(&[&vault, "cat-file", "blob", id]);
                assert_eq!(ran.status, 0, "{file} of {line} can't be read: {ran:#?} {about}");
            }
        }
    }
}

/// What was left half-done is done, or taken away.
fn next_fold_works(site: &Site<'_>, about: &str) {
    let ran = ours(site, &["vault", "fsck", "--strict", "--no-progress", "--no-dangling"]);
    assert_eq!((ran.status, ran.stdout.as_str()), (0, ""), "{ran:#?} {about}");
    let ran = ours(site, &["vault", "log", "--all", "--format=%H"]);
    assert!(ran.status == 0 && !ran.stdout.is_empty(), "{ran:#?} {about}");
    let left = fs::read_dir(site.top.join(".git/bak")).unwrap();
    let left: Vec<String> =
        left.map(|name| name.unwrap().file_name().into_string().unwrap()).collect();
    assert!(!left.iter().any(|name| name.starts_with("vault.git-")), "{left:?} {about}");
    let pack = fs::read_dir(site.top.join(".git/bak/vault.git/objects/pack")).unwrap();
    let pack: Vec<_> = pack.map(|name| name.unwrap().file_name()).collect();
    assert!(!pack.iter().any(|name| name.to_string_lossy().contains("tmp")), "{pack:?} {about}");
}

/// A finished backup's name is the id of its bytes; that of an upgrade is the patch's.
fn names_tell_the_truth(site: &Site<'_>, subject: &Subject, about: &str) {
    for name in site.names() {
        if let Some(backup) = BackupName::parse(name.as_bytes()) {
            if subject.name == "apply" && name.starts_with("only-here.txt") {
                assert_eq!(site.read(&name), "x\n", "{name}: {about}");
                continue;
            }
            let id = site.git(&["hash-object", "--no-filters", &name]).stdout;
            let artifact = backup.artifact.unwrap().to_string();
            assert!(id.starts_with(&artifact), "{name} holds {:?}: {about}", site.read(&name));
        }
    }
}

fn what_was_kept_is_kept(site: &Site<'_>, subject: &Subject, about: &str) {
    assert!(site.holds("a.txt", EARLIER), "what was backed up is gone: {about}");
    assert_eq!(site.read("u.txt"), UNTRACKED, "{about}");
    match subject.name {
        "guard" => return,
        "restore" => assert!(
            site.read("a.txt") == "of now\n" || site.holds("a.txt", "of now\n"),
            "what restore overwrote is gone: {about}"
        ),
        _ => {}
    }
    let still = |path: &str, text: &str| site.read(path) == text || site.holds(path, text);
    assert!(still("a.txt", EDITED), "edits are gone: {about}");
    assert!(still("b.txt", OTHERS), "edits are gone: {about}");
    let staged = site.git(&["cat-file", "-p", ":a.txt"]).stdout == STAGED
        || site
            .git(&["log", "-p", "--all", "--format=", "--", "a.txt"])
            .stdout
            .contains("+staged\r");
    assert!(staged || site.holds("a.txt", STAGED), "what was staged is gone: {about}");
}

/// Nothing was said to have gone wrong.
fn silence_means_that_it_is_kept(site: &Site<'_>, subject: &Subject, about: &str) {
    if ["pre-commit --script", "guard --script", "guard"].contains(&subject.name) {
        for (path, text) in [("a.txt", STAGED), ("a.txt", EDITED), ("b.txt", OTHERS)] {
            let is_committed = site.git(&["show", &format!("HEAD:{path}")]).stdout == text;
            assert!(
                is_committed || site.holds(path, text),
                "{path} was not kept, and nobody said so: {about}"
            );
        }
    }
}

fn fsck(site: &Site<'_>, about: &str) {
    let ran = site.git(&["fsck", "--strict", "--no-progress", "--no-dangling"]);
    assert_eq!((ran.status, ran.stdout.as_str()), (0, ""), "{ran:#?} {about}");
}

/// The next commit works, and leaves nothing half-done in the working tree.
fn next_commit_works(site: &Site<'_>, about: &str) {
    let before = site.read("a.txt");
    site.write("next.txt", "next\n");
    for args in [&["add", "next.txt"][..], &["commit", "-qm", "next"]] {
        let ran = site.git(args);
        assert_eq!(ran.status, 0, "the next commit fails: {ran:#?} {about}");
    }
    assert_eq!(site.git(&["show", "HEAD:next.txt"]).stdout, "next\n", "{about}");
    assert_eq!(site.read("a.txt"), before, "{about}");
    let names = site.names();
    let half_done = |name: &&String| {
        Temporary::parse(name.as_bytes()).is_some() || name.starts_with(".git-bak")
    };
    assert_eq!(names.iter().find(half_done), None, "{about}");
    for command in ["status", "list"] {
        assert_eq!(ours(site, &[command]).status, 0, "{about}");
    }
}

macro_rules! subjects {
    ($($test:ident: $name:literal, $act:ident, $prepare:expr;)*) => {
        $(#[test]
        #[ignore = "needs strace"]
        fn $test() {
            try_all(&Subject { name: $name, act: $act }, $prepare);
        })*
    };
}

subjects! {
    in_pre_commit: "pre-commit --script", commit_without_the_guard, |_| {};
    in_pre_commit_that_finds_its_snapshot: "pre-commit --script", commit, |_| {};
    in_pre_commit_after_the_users_hook: "pre-commit --after", commit, |_| {};
    in_the_guard_before_a_commit: "guard --script", commit_with_the_guard, |_| {};
    in_post_commit: "post-commit --script", commit, backed_up;
    in_post_checkout_of_files: "post-checkout --script", checkout_file, backed_up;
    in_post_checkout_after_a_switch: "post-checkout --script", switch, backed_up;
    in_the_guard: "guard", reset, |_| {};
    in_restore: "restore", restore, backed_up;
    in_clean: "clean", clean, backed_up;
    in_forget: "forget", forget, backed_up;
    in_apply: "apply", apply, |_| {};
    in_undo: "undo", undo, taken;
    in_undo_where_a_folder_was: "undo", undo, taken_with_a_folder;
    in_snapshot: "snapshot", snapshot, |_| {};
    in_snapshot_after_a_fold: "snapshot", snapshot, folded_once;
    in_clean_of_the_vault: "--vault", clean_vault, folded_once;
    in_forget_after_a_fold: "forget", forget, folded_once;
    in_doctor: "doctor", doctor, cut;
    in_fold: "fold", fold, folded_once;
    in_fold_that_expires: "fold", fold, long_ago;
    in_a_look_into_the_vault: "vault", look_into_vault, folded_once;
}

#[test]
#[ignore = "needs strace"]
fn in_post_index_change() {
    // Whether or not there is such a hook.
    if Hook::ALL.iter().any(|hook| hook.name() == "post-index-change") {
        try_all(&Subject { name: "post-index-change --script", act: add }, |_| {});
    }
}
