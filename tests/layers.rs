//! The map in `src/lib.rs` against the sources, and the first lines of the help.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use crate::scratch::{BAK, Ran, Scratch};

/// Every source file below `src`, relative to it, with its text as far as it is no unit test.
fn sources() -> BTreeMap<String, String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut folders: Vec<PathBuf> = vec![root.clone()];
    let mut all = BTreeMap::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let is_of_tests = path.file_stem().unwrap() == "tests";
            if is_of_tests {
                // Unit tests in files of their own.
            } else if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(&root).unwrap().to_str().unwrap().replace('\\', "/");
                let text = fs::read_to_string(&path).unwrap();
                let text = text.split("#[cfg(test)]\nmod ").next().unwrap().to_owned();
                all.insert(name, text);
            }
        }
    }
    assert!(all.len() > 50, "the sources are not where they were");
    all
}

/// The code without comments, for comments may name anything.
fn code(text: &str) -> impl Iterator<Item = &str> {
    text.lines().filter(|line| !line.trim_start().starts_with("//"))
}

fn layer(file: &str) -> &str {
    file.split(['/', '.']).next().unwrap()
}

/// The layers that a text names by `crate::…`.
fn used(text: &str) -> BTreeSet<String> {
    let named =
        code(text).flat_map(|line| line.match_indices("crate::").map(|(at, _)| &line[at + 7..]));
    named
        .map(|rest| {
            rest.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap().to_owned()
        })
        .collect()
}

/// The files that have one of `words` in their code.
fn files_with(words: &[&str]) -> BTreeSet<String> {
    let has = |text: &str| code(text).any(|line| words.iter().any(|word| line.contains(word)));
    sources().into_iter().filter(|(_, text)| has(text)).map(|(file, _)| file).collect()
}

#[test]
fn arrows_point_one_way() {
    for (file, text) in sources() {
        // What main uses it names by the crate's name.
        if file == "main.rs" {
            continue;
        }
        let allowed = allowed(layer(&file));
        for other in used(&text) {
            // The entry for `hook`, which is typed like a command.
            let is_entry = file == "commands/mod.rs" && other == "hooks";
            assert!(allowed.contains(&other.as_str()) || is_entry, "{file} uses {other}");
        }
    }
}

/// The layers that one may use, itself among them.
fn allowed(layer: &str) -> Vec<&'static str> {
    let floors =
        ["model", "os", "git", "record", "vault", "backups", "snapshot", "transaction", "setup"];
    if let Some(at) = floors.iter().position(|floor| *floor == layer) {
        return floors[..=at].to_vec();
    }
    let beyond: &[&str] = match layer {
        "term" => &["term", "clock"],
        "hooks" => &["hooks", "term"],
        "commands" => &["commands", "term", "cli", "exit_status", "clock"],
        "clock" => return vec!["model"],
        "cli" => return vec!["commands", "model"],
        "lib" | "exit_status" => return Vec::new(),
        _ => panic!("{layer} is no layer"),
    };
    [&floors, beyond].concat()
}

/// The module that a file is, and those of its files that it names; what is said of a folder is said of its `mod.rs`.
fn module_of(file: &str) -> String {
    let module = file.trim_end_matches(".rs").trim_end_matches("/mod");
    if module == "lib" { String::new() } else { module.replace('/', "::") }
}

/// Every path that the text names from `crate` or from where it stands: `a::b::c`.
fn paths(module: &str, text: &str) -> Vec<String> {
    let code: String = code(text).collect::<Vec<_>>().join(" ");
    let mut all = Vec::new();
    for (at, _) in code.match_indices("crate::").chain(code.match_indices("super::")) {
        let rest = code[at..].split(';').next().unwrap();
        for leaf in leaves(rest) {
            let mut base: Vec<&str> = module.split("::").collect();
            let mut parts = leaf.split("::").peekable();
            if parts.next_if_eq(&"crate").is_some() {
                base.clear();
            }
            while parts.next_if_eq(&"super").is_some() {
                base.pop();
            }
            base.extend(parts);
            all.push(base.join("::"));
        }
    }
    all
}

/// `a::{b, c::d}` as `a::b` and `a::c::d`; of anything else the path at its beginning.
fn leaves(text: &str) -> Vec<String> {
    let is_of_path = |c: char| c.is_alphanumeric() || c == '_' || c == ':';
    let end = text.find(|c| !is_of_path(c)).unwrap_or(text.len());
    let (path, rest) = text.split_at(end);
    let Some(group) = rest.strip_prefix('{') else { return vec![path.to_owned()] };
    let (mut depth, mut from, mut all) = (0, 0, Vec::new());
    for (at, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth > 0 => depth -= 1,
            ',' | '}' if depth == 0 => {
                let parts = leaves(group[from..at].trim());
                all.extend(parts.into_iter().map(|part| format!("{path}{part}")));
                from = at + 1;
                if c == '}' {
                    break;
                }
            }
            _ => {}
        }
    }
    all
}

#[test]
fn no_files_go_in_a_circle() {
    let sources = sources();
    let modules: BTreeSet<String> = sources.keys().map(|file| module_of(file)).collect();
    let mut uses: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (file, text) in &sources {
        let module = module_of(file);
        let named = paths(&module, text).into_iter().filter_map(|mut path| {
            while !modules.contains(&path) {
                path.truncate(path.rfind("::")?);
            }
            Some(path)
        });
        // What a folder's own `mod.rs` holds is for all of the folder.
        let is_above = |other: &String| module.starts_with(other.as_str());
        uses.insert(module.clone(), named.filter(|other| !is_above(other)).collect());
    }
    assert!(uses["hooks::pre_commit"].contains("snapshot"), "the paths are not read any more");
    // A module that uses nothing that is left is in no circle.
    while let Some(free) =
        uses.iter().find(|(_, used)| used.is_empty()).map(|(module, _)| module.clone())
    {
        uses.remove(&free);
        uses.values_mut().for_each(|used| {
            used.remove(&free);
        });
    }
    let circles: Vec<&String> = uses.keys().collect();
    assert!(circles.is_empty(), "in a circle, or using one: {circles:?}");
}

#[test]
fn no_folder_is_too_full() {
    let mut folders: BTreeMap<String, usize> = BTreeMap::new();
    for file in sources().into_keys() {
        let folder = file.rsplit_once('/').map_or("", |(folder, _)| folder);
        *folders.entry(folder.to_owned()).or_default() += 1;
    }
    folders.retain(|_, count| *count > 25);
    assert!(folders.is_empty(), "more than 25 files: {folders:?}");
}

#[test]
fn no_type_s_name_is_used_twice() {
    let mut files: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (file, text) in sources() {
        // The two forms of one thing, of which a system has one.
        let file = file.replace("/unix", "/system").replace("/windows", "/system");
        for line in code(&text) {
            let line = line.trim_start().trim_start_matches("pub ");
            let line = line.trim_start_matches("pub(super) ").trim_start_matches("pub(crate) ");
            let named = ["struct ", "enum ", "trait ", "type "]
                .iter()
                .find_map(|word| line.strip_prefix(word));
            let name = named.and_then(|rest| rest.split(|c: char| !c.is_alphanumeric()).next());
            // Those that a trait of the standard library asks for.
            if let Some(name) = name.filter(|name| !["Err", "Target"].contains(name)) {
                files.entry(name.to_owned()).or_default().insert(file.clone());
            }
        }
    }
    assert!(files.len() > 200, "the types are not read any more");
    files.retain(|_, files| files.len() > 1);
    assert!(files.is_empty(), "{files:#?}");
}

#[test]
fn only_the_rooms_of_backups_unlink() {
    // A backup goes through its receipt.
    for file in files_with(&[".unlink("]) {
        let rooms = ["os", "backups", "snapshot", "transaction"];
        assert!(rooms.contains(&layer(&file)), "{file} unlinks");
    }
}

#[test]
fn only_os_is_unsafe() {
    for file in files_with(&["unsafe ", "extern \"C\""]) {
        // Git alone may know libgit2, and libgit2 is C.
        assert!(layer(&file) == "os" || file == "git/objects/database.rs", "{file}");
    }
}

#[test]
fn only_git_knows_libgit2() {
    for file in files_with(&["git2::", "libgit2_sys", "git2 "]) {
        assert_eq!(layer(&file), "git", "{file}");
    }
}

#[test]
fn libgit2_is_told_of_no_extension_that_it_does_not_know() {
    // It would write refs as files into a repository with a reftable, and Git would never see them.
    assert_eq!(files_with(&["set_extensions"]), BTreeSet::new());
}

#[test]
fn only_one_function_starts_git_in_the_vault() {
    // Any other would have to seal it from the user's environment, too.
    for file in files_with(&["\"vault.git"]) {
        assert_eq!(layer(&file), "vault", "{file} names the vault's folder");
    }
    for file in files_with(&["Command::new"]) {
        let listed = ["vault/git.rs", "vault/due.rs"];
        assert!(layer(&file) != "vault" || listed.contains(&file.as_str()), "{file}");
    }
}

#[test]
fn nothing_names_or_orders_by_a_clock_of_its_own() {
    assert_eq!(files_with(&["Local::now", "Utc::now"]), BTreeSet::from(["clock.rs".to_owned()]));
    // Compared with the times of files, never printed, never in a name.
    let listed = [
        "commands/snapshot.rs",
        "git/survey/staged.rs",
        "hooks/agent.rs",
        "hooks/guard.rs",
        "hooks/post_checkout.rs",
        "hooks/pre_commit.rs",
        "snapshot/judged.rs",
        "transaction/before.rs",
        "vault/emptying.rs",
        "vault/remains.rs",
    ];
    for file in files_with(&["SystemTime::now"]) {
        assert!(listed.contains(&file.as_str()), "{file} reads the clock");
    }
}

#[test]
fn only_term_prints() {
    let printing = ["println!", "eprintln!", "print!(", "io::stdout", "io::stderr"];
    for file in files_with(&printing) {
        assert_eq!(layer(&file), "term", "{file} prints");
    }
}

#[test]
fn every_module_says_what_it_is_for() {
    for (file, text) in sources() {
        assert!(text.starts_with("//! "), "{file}");
    }
}

#[test]
fn every_folder_begins_with_what_is_in_it() {
    for (file, text) in sources().into_iter().filter(|(file, _)| file.ends_with("/mod.rs")) {
        let header: String = text.lines().take_while(|line| line.starts_with("//!")).collect();
        let modules = code(&text).filter_map(|line| line.rsplit_once("mod ")?.1.strip_suffix(';'));
        for module in modules.filter(|module| *module != "tests") {
            assert!(header.contains(&format!("`{module}`")), "{file}: {module}");
        }
    }
}

#[test]
fn the_first_line_of_each_verbs_help_is_the_one_in_the_list() {
    let s = Scratch::empty();
    let all = s.bak(["--help"]).stdout;
    let listed = all.split_once("Commands:\n").unwrap().1.split_once("\n\n").unwrap().0;
    // The lines of a verb are below each other.
    let listed = listed.replace("\n               ", " ");
    let listed: Vec<_> = listed.lines().filter_map(|line| line.trim().split_once(' ')).collect();
    assert!(listed.len() > 15, "{all}");
    for (verb, line) in listed.into_iter().filter(|(verb, _)| !["help", "vault"].contains(verb)) {
        let help = s.bak([verb, "--help"]);
        let (first, _) = help.stdout.split_once("\n\n").unwrap();
        assert_eq!((first.replace('\n', " ").as_str(), help.stderr.as_str()), (line.trim(), ""));
        assert!(line.trim().len() <= 82, "{verb}: {line}");
    }
    // Its own options are Git's.
    assert!(all.contains("  vault        Run Git in the vault"), "{all}");
}

#[test]
fn help_and_version_need_no_repository() {
    let s = Scratch::empty();
    for args in [["--help"], ["--version"]] {
        let mut command = s.command(BAK);
        let ran = Ran::of(&command.args(args).current_dir(s.root()).output().unwrap());
        assert_eq!((ran.status, ran.stderr.as_str()), (0, ""), "{ran:?}");
    }
}
