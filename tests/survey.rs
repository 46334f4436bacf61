//! The survey without a child against `git status`, and the index against `git ls-files`, on a random walk through what
//! people do and through the forms that an index has.

use std::ffi::OsStr;
use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, SystemTime};

use git_bak::git::index::Index;
use git_bak::git::object_format::ObjectFormat;
use git_bak::git::objects::Objects;
use git_bak::git::repository::Repository;
use git_bak::git::survey::at_risk;
use git_bak::git::survey::pathspec::SurveyOptions;
use git_bak::git::survey::quick as quick_survey;
use git_bak::model::at_risk::{FileState, Survey};
use tempfile::TempDir;

use crate::index_forms::is_as_git_says;

pub const NAMES: [&str; 10] =
    ["a", "b", "d-e", "d/a", "d/b", "d/e/a", "d/e/b", "d/e.x", "deep/er/and/deeper/a", "z"];

/// Texts of several sizes; the last ones are such that a conversion may change them.
const TEXTS: [&str; 8] =
    ["", "one\n", "two\n", "six\n", "three\n", "a longer text\nof two\n", "One\r\n", "$Id: x$\n"];
const ORDINARY_TEXTS: usize = 6;

/// The steps that most days are made of, the frequent ones more than once.
const ORDINARY: [usize; 15] = [0, 4, 4, 4, 7, 7, 8, 10, 11, 12, 15, 17, 21, 21, 26];

/// The same, and the index takes another form now and then.
const FORMS: [usize; 20] =
    [0, 1, 4, 4, 4, 7, 8, 9, 12, 12, 14, 16, 19, 20, 21, 21, 26, 27, FORM, FORM];
const FORM: usize = 28;

/// Where a walk may go.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Walk {
    Anywhere,
    Ordinary,
    Forms,
}

/// A repository of real Git that nothing of the machine's configuration reaches.
pub struct Repo {
    pub dir: TempDir,
    pub numbers: u64,
}

impl Repo {
    pub fn new(format: &str, seed: u64) -> Self {
        let repo = Self { dir: tempfile::tempdir().unwrap(), numbers: seed };
        repo.git(["init", "-q", "-b", "main", "--object-format", format]);
        for (key, value) in [
            ("user.name", "Test"),
            ("user.email", "test@example.org"),
            ("gc.auto", "0"),
            ("maintenance.auto", "false"),
            ("filter.shout.clean", "tr a-z A-Z"),
        ] {
            repo.git(["config", key, value]);
        }
        repo
    }

    /// Numbers that look random and are the same in every run.
    pub fn number(&mut self, below: usize) -> usize {
        self.numbers = self.numbers.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        usize::try_from(self.numbers >> 33).unwrap() % below
    }

    pub fn one_of<'a>(&mut self, all: &[&'a str]) -> &'a str {
        all[self.number(all.len())]
    }

    pub fn at(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// Runs Git, however it ends; what it prints.
    pub fn git<S: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = S>) -> String {
        let mut command = Command::new("git");
        command.args(args).current_dir(self.dir.path()).env_clear();
        command.env("PATH", std::env::var_os("PATH").unwrap()).env("HOME", self.dir.path());
        command.env("GIT_CONFIG_NOSYSTEM", "1").env("GIT_EDITOR", "true").env("LC_ALL", "C");
        String::from_utf8_lossy(&command.output().unwrap().stdout).trim().to_owned()
    }

    pub fn write(&self, name: &str, text: &str) {
        let file = self.at(name);
        // Something else may stand in the way; then nothing is written.
        let _ = std::fs::create_dir_all(file.parent().unwrap());
        let _ = std::fs::write(file, text);
    }

    /// Files to walk among, committed or only staged or not even that.
    pub fn start(&mut self) {
        for name in NAMES {
            let text = self.one_of(&TEXTS[..ORDINARY_TEXTS]);
            if !self.at(name).exists() && !self.is_left_out(name) {
                self.write(name, text);
            }
        }
        if self.number(4) > 0 {
            self.git(["add", "-A"]);
        }
        if self.number(4) > 0 {
            self.git(["commit", "-qm", "start"]);
        }
    }

    /// A sparse checkout leaves it out.
    fn is_left_out(&self, name: &str) -> bool {
        self.git(["ls-files", "-t", "--", name]).starts_with('S')
    }

    /// What both say now: without a child, and Git.
    pub fn surveys(&self) -> (Option<Survey>, Survey) {
        let repository = Repository::discover(self.dir.path()).unwrap();
        let objects = Objects::of(&repository);
        let head = self.git(["rev-parse", "--quiet", "--verify", "HEAD"]);
        let head = (!head.is_empty()).then(|| objects.parse(&head).unwrap());
        let mut quick = quick_survey::survey(&repository, &objects, head, true);
        for file in quick.iter_mut().flat_map(|quick| &mut quick.files) {
            // What Git doesn't tell: it must be true, where it is told.
            if let Some(size) = file.size.take() {
                let meta = std::fs::metadata(repository.top.join(file.path.to_path_buf())).unwrap();
                assert_eq!((file.state, meta.len()), (FileState::AsStaged, size));
            }
        }
        let git = repository.git().without_monitor().with_env("HOME", self.dir.path());
        let git =
            git.with_env("GIT_CONFIG_GLOBAL", "/dev/null").with_env("GIT_CONFIG_NOSYSTEM", "1");
        let slow = at_risk::start(&git, &SurveyOptions::default()).unwrap().finish().unwrap();
        (quick, slow)
    }

    /// One step of the walk; its number is for the message.
    pub fn step(&mut self, walk: Walk) -> usize {
        let (step, texts) = match walk {
            Walk::Anywhere => (self.number(28), &TEXTS[..]),
            Walk::Forms => (FORMS[self.number(FORMS.len())], &TEXTS[..ORDINARY_TEXTS]),
            Walk::Ordinary => (ORDINARY[self.number(ORDINARY.len())], &TEXTS[..ORDINARY_TEXTS]),
        };
        let mut name = self.one_of(&NAMES);
        if walk == Walk::Forms && self.is_left_out(name) {
            name = "a";
        }
        let text = self.one_of(texts);
        match step {
            0..=3 => self.write(name, text),
            4..=6 => {
                self.write(name, text);
                self.git(["add", "--", name]);
            }
            7 => drop(self.git(["add", "-A"])),
            8 => drop(self.git(["rm", "-qf", "--", name])),
            9 => drop(std::fs::remove_file(self.at(name))),
            10 => self.rename(name),
            11 => self.flip_executable(name),
            12 | 13 => drop(self.git(["commit", "-qm", text, "--allow-empty-message"])),
            14 => self.reset(),
            15 => drop(self.git(["checkout", "-q", "HEAD", "--", name])),
            16 => self.switch(),
            17 => drop(self.set_time(name, SystemTime::now())),
            18 => self.link(name),
            19 => self.intend(name),
            20 => self.flag(name),
            21 | 22 => self.age(),
            23 => self.edit_unseen(name, text),
            24 => self.attributes(),
            25 => self.replace(),
            26 => drop(self.git(["write-tree"])),
            FORM => self.change_form(),
            _ => drop(self.git(["merge", "-q", "other"])),
        }
        // Some of that keeps the rest of the walk away from the ordinary.
        if walk != Walk::Ordinary && self.number(6) == 0 {
            self.calm_down();
        }
        step
    }

    fn rename(&mut self, name: &str) {
        let to = self.one_of(&NAMES);
        self.git(["mv", "-f", name, to]);
    }

    fn flip_executable(&mut self, name: &str) {
        use std::os::unix::fs::PermissionsExt;
        let bits = [0o644, 0o755, 0o600][self.number(3)];
        if self.at(name).symlink_metadata().is_ok_and(|meta| meta.is_file()) {
            std::fs::set_permissions(self.at(name), PermissionsExt::from_mode(bits)).unwrap();
        }
    }

    fn reset(&mut self) {
        let how = self.one_of(&["--soft", "--mixed", "--hard"]);
        let to = self.one_of(&["HEAD", "HEAD~1", "HEAD~2"]);
        self.git(["reset", "-q", how, to]);
    }

    fn switch(&mut self) {
        let branch = self.one_of(&["main", "other"]);
        self.git(["branch", "other"]);
        self.git(["checkout", "-q", branch]);
    }

    fn set_time(&self, name: &str, time: SystemTime) -> Option<()> {
        let file = std::fs::File::open(self.at(name)).ok()?;
        file.metadata().ok()?.is_file().then(|| file.set_modified(time).unwrap())
    }

    /// A link in the place of a file or of a whole folder.
    fn link(&mut self, name: &str) {
        let at = if self.number(3) == 0 { self.at("d") } else { self.at(name) };
        let target = self.one_of(&["a", "deep/er", "nowhere"]);
        if at.is_dir() {
            let aside = format!("aside-{}", self.number(1000));
            let _ = std::fs::rename(&at, self.at(&aside));
            let _ = std::os::unix::fs::symlink(aside, at);
        } else {
            let _ = std::fs::remove_file(&at);
            let _ = std::os::unix::fs::symlink(target, at);
        }
    }

    fn intend(&mut self, name: &str) {
        self.git(["rm", "-q", "--cached", "--", name]);
        self.git(["add", "--intent-to-add", "--", name]);
    }

    fn flag(&mut self, name: &str) {
        let flag = self.one_of(&["--assume-unchanged", "--skip-worktree", "--really-refresh"]);
        self.git(["update-index", flag, "--", name]);
    }

    /// As if everything had been written long before it was staged.
    pub fn age(&mut self) {
        for name in NAMES {
            let past = Duration::new(1000 + self.number(9) as u64, self.number(2) as u32 * 1000);
            self.set_time(name, SystemTime::now() - past);
        }
        self.git(["update-index", "-q", "--refresh"]);
    }

    /// An edit that keeps the modification time.
    fn edit_unseen(&mut self, name: &str, text: &str) {
        let before = std::fs::metadata(self.at(name)).and_then(|meta| meta.modified());
        self.write(name, text);
        if let Ok(time) = before {
            self.set_time(name, time);
        }
    }

    fn attributes(&mut self) {
        let file = self.one_of(&[".gitattributes", "d/.gitattributes", ".git/info/attributes"]);
        let attribute = self.one_of(&["text", "text=auto", "ident", "filter=shout", "-text"]);
        self.write(file, &format!("* {attribute}\n"));
    }

    /// Another version of the index, no checksum, half of it in another file, or folders that are one entry.
    fn change_form(&mut self) {
        let version = self.one_of(&["2", "3", "4", "4"]);
        let kind = self.number(8);
        // A split index and a sparse one exclude each other; of one without a checksum Git can't find the other half.
        if kind > 0 {
            self.git(["config", "core.splitIndex", "false"]);
            self.git(["update-index", "--no-split-index"]);
        }
        match kind {
            0 => drop(self.git(["update-index", "--index-version", version])),
            1 | 2 => {
                self.git(["sparse-checkout", "disable"]);
                self.git(["config", "index.skipHash", "false"]);
                self.git(["config", "core.splitIndex", "true"]);
                // Changes stay in the smaller half, whatever their number.
                self.git(["config", "splitIndex.maxPercentChange", "100"]);
                self.git(["update-index", "--split-index"]);
            }
            3 => drop(self.git(["config", "index.skipHash", "true"])),
            4..=6 => {
                let cone = self.one_of(&["d", "d/e", "deep"]);
                self.git(["sparse-checkout", "set", "--cone", "--sparse-index", cone]);
            }
            _ => drop(self.git(["sparse-checkout", "disable"])),
        }
    }

    fn replace_nothing(&self) {
        for id in self.git(["replace", "--list"]).lines() {
            self.git(["replace", "-d", id]);
        }
    }

    fn replace(&mut self) {
        // One alone, and not by itself: Git refuses to go in a circle.
        self.replace_nothing();
        let other = self.one_of(&["HEAD~1^{tree}", "HEAD~2^{tree}"]);
        let [tree, other] = ["HEAD^{tree}", other].map(|name| self.git(["rev-parse", name]));
        if tree != other {
            self.git(["replace", &tree, &other]);
        }
        if self.number(2) == 0 {
            self.git(["pack-refs", "--all"]);
        }
    }

    fn calm_down(&mut self) {
        self.replace_nothing();
        for flag in ["--no-assume-unchanged", "--no-skip-worktree"] {
            self.git(["update-index", flag].iter().chain(&NAMES));
        }
        for file in [".gitattributes", "d/.gitattributes", ".git/info/attributes"] {
            let _ = std::fs::remove_file(self.at(file));
        }
        self.git(["reset", "-q", "--hard"]);
        self.git(["clean", "-qfdx"]);
        self.start();
        if self.number(2) == 0 {
            self.age();
        }
    }
}

/// How often there was an answer without a child.
#[derive(Debug, Default)]
struct Count {
    answers: usize,
    staged: usize,
    edited: usize,
    /// Steps with nothing edited, and answers to them.
    calm: usize,
    calm_answers: usize,
    /// What form the index had when there was an answer.
    version_4: usize,
    split: usize,
    sparse: usize,
}

fn walk(mut repo: Repo, walk: Walk, steps: usize) -> Count {
    let is_sha256 = repo.git(["rev-parse", "--show-object-format"]) == "sha256";
    let format = if is_sha256 { ObjectFormat::Sha256 } else { ObjectFormat::Sha1 };
    repo.start();
    let mut count = Count::default();
    for at in 0..steps {
        let step = repo.step(walk);
        let is_read = is_as_git_says(&repo, format);
        assert!(is_read || !repo.at(".git/index").exists(), "step {at} (kind {step})");
        let (quick, slow) = repo.surveys();
        let is_calm = slow.files.iter().all(|file| file.state == FileState::AsStaged);
        count.calm += usize::from(is_calm);
        let Some(quick) = quick else { continue };
        let what = || format!("step {at} (kind {step}):\n{}", repo.git(["status"]));
        assert_eq!(quick.files, slow.files, "{}", what());
        count.answers += 1;
        if let Ok(bytes) = std::fs::read(repo.at(".git/index")) {
            let is_sparse = Index::read(&repo.at(".git/index"), format).unwrap().unwrap().is_sparse;
            count.version_4 += usize::from(bytes[7] == 4);
            count.sparse += usize::from(is_sparse);
            count.split += usize::from(bytes.windows(4).any(|word| word == b"link"));
        }
        count.calm_answers += usize::from(is_calm);
        count.staged += usize::from(quick.files.iter().any(|file| file.staged.is_some()));
        count.edited += usize::from(!is_calm);
    }
    count
}

#[test]
fn without_a_child_the_answer_is_the_same_as_git_status() {
    for (format, seed, steps) in [("sha1", 1, 200), ("sha256", 3, 100)] {
        let count = walk(Repo::new(format, seed), Walk::Anywhere, steps);
        assert!(count.answers * 8 > steps, "too few answers: {count:?}");
        assert!(count.staged > 5 && count.edited > 2, "too few answers: {count:?}");
    }
}

#[test]
fn every_form_of_the_index_is_read_as_git_reads_it() {
    let mut forms = [0; 3];
    for (format, seed, steps) in [("sha1", 7, 300), ("sha256", 8, 150)] {
        let count = walk(Repo::new(format, seed), Walk::Forms, steps);
        for (sum, answers) in forms.iter_mut().zip([count.version_4, count.split, count.sparse]) {
            *sum += answers;
        }
    }
    assert!(forms.iter().all(|&answers| answers > 7), "too few answers: {forms:?}");
}

#[test]
fn where_nothing_is_odd_there_is_nearly_always_an_answer() {
    let count = walk(Repo::new("sha1", 2), Walk::Ordinary, 150);
    assert!(count.calm_answers * 10 > count.calm * 9, "too few answers: {count:?}");
    assert!(count.calm > 50 && count.staged > 20 && count.edited > 5, "too few: {count:?}");
}

#[test]
fn in_the_ordinary_case_no_child_is_needed() {
    let mut repo = Repo::new("sha1", 4);
    let answer = |repo: &Repo| {
        let (quick, slow) = repo.surveys();
        assert_eq!(quick.as_ref().map(|quick| &quick.files), Some(&slow.files));
        slow.files
    };
    NAMES.iter().for_each(|name| repo.write(name, name));
    repo.git(["add", "."]);
    assert_eq!(answer(&repo).len(), NAMES.len());
    repo.git(["commit", "-qm", "first"]);
    assert!(answer(&repo).is_empty());
    repo.age();
    repo.write("d/e/a", "another size");
    assert_eq!(answer(&repo)[0].state, FileState::Edited);
    repo.git(["add", "d/e/a"]);
    assert_eq!(answer(&repo)[0].state, FileState::AsStaged);
}

#[test]
fn an_edit_of_the_same_size_is_left_to_git() {
    let mut repo = Repo::new("sha1", 5);
    repo.write("a", "one\n");
    repo.age();
    repo.git(["add", "a"]);
    repo.write("a", "two\n");
    let (quick, slow) = repo.surveys();
    assert!(quick.is_none());
    assert_eq!(slow.files[0].state, FileState::Edited);
}

#[test]
fn a_folder_that_is_one_entry_and_there_all_the_same_is_left_to_git() {
    let mut repo = Repo::new("sha1", 9);
    NAMES.iter().for_each(|name| repo.write(name, name));
    repo.git(["add", "."]);
    repo.git(["commit", "-qm", "first"]);
    repo.age();
    repo.git(["sparse-checkout", "set", "--cone", "--sparse-index", "d"]);
    let (quick, slow) = repo.surveys();
    assert_eq!(quick.map(|quick| quick.files), Some(slow.files));
    repo.write("deep/er/and/deeper/a", "edited");
    let (quick, slow) = repo.surveys();
    assert!(quick.is_none());
    assert_eq!(slow.files[0].state, FileState::Edited);
}

#[test]
fn a_big_tree_is_looked_at_by_several_threads() {
    let repo = Repo::new("sha1", 6);
    let past = SystemTime::now() - Duration::from_secs(1000);
    for at in 0..4500 {
        let name = format!("folder-{}/{at}", at / 100);
        repo.write(&name, "text");
        repo.set_time(&name, past);
    }
    repo.git(["add", "."]);
    repo.git(["commit", "-qm", "first"]);
    for name in ["folder-0/7", "folder-44/4444", "folder-20/2049"] {
        repo.write(name, "edited");
    }
    let (quick, slow) = repo.surveys();
    assert_eq!(slow.files.len(), 3);
    assert_eq!(quick.map(|quick| quick.files), Some(slow.files));
}
