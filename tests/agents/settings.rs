//! Getting into an agent's settings and out again.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::doctor::{assert_well, doctor, only_problem};
use crate::scratch::{BAK, Ran, Scratch};

/// Each agent, its file below HOME, the one that is shared, and what it gives its hook before it edits `FILE` in
/// `TOP`, as its documentation has it.
const AGENTS: [(&str, &str, &str, &str); 6] = [
    (
        "claude",
        ".claude/settings.json",
        ".claude/settings.json",
        r#"{"session_id":"abc123","transcript_path":"/h/t.jsonl","cwd":"TOP","permission_mode":"default",
            "hook_event_name":"PreToolUse","tool_name":"Write","tool_input":{"file_path":"TOP/FILE","content":"x"},
            "tool_use_id":"toolu_01"}"#,
    ),
    (
        "codex",
        ".codex/hooks.json",
        ".codex/hooks.json",
        r#"{"session_id":"abc123","turn_id":"1","transcript_path":null,"cwd":"TOP","hook_event_name":"PreToolUse",
            "model":"m","permission_mode":"default","tool_name":"apply_patch","tool_use_id":"c1","tool_input":
            {"command":"*** Begin Patch\n*** Update File: FILE\n@@\n-a\n+b\n*** End Patch\n"}}"#,
    ),
    (
        "gemini",
        ".gemini/settings.json",
        ".gemini/settings.json",
        r#"{"session_id":"abc123","transcript_path":"/h/t","cwd":"TOP","hook_event_name":"BeforeTool",
            "timestamp":"2026-11-30T00:00:00Z","tool_name":"write_file",
            "tool_input":{"file_path":"TOP/FILE","content":"x"}}"#,
    ),
    (
        "cursor",
        ".cursor/hooks.json",
        ".cursor/hooks.json",
        r#"{"conversation_id":"abc123","generation_id":"g","model":"m","hook_event_name":"preToolUse",
            "cursor_version":"2.0.77","workspace_roots":["TOP"],"user_email":null,"tool_name":"Write",
            "tool_input":{"path":"TOP/FILE"}}"#,
    ),
    (
        "copilot",
        ".copilot/hooks/git-bak.json",
        ".github/hooks/git-bak.json",
        r#"{"sessionId":"abc123","timestamp":1764460800000,"cwd":"TOP","toolName":"edit",
            "toolArgs":"{\"path\":\"TOP/FILE\",\"old_str\":\"a\",\"new_str\":\"b\"}"}"#,
    ),
    (
        "opencode",
        ".config/opencode/plugins/git-bak.js",
        ".opencode/plugins/git-bak.js",
        r#"{"session_id":"ses_abc123","cwd":"TOP","tool_name":"edit",
            "tool_input":{"filePath":"TOP/FILE","oldString":"a","newString":"b"}}"#,
    ),
];

fn home(s: &Scratch) -> PathBuf {
    s.root().join("home")
}

fn claude(s: &Scratch) -> PathBuf {
    home(s).join(AGENTS[0].1)
}

/// Writes Claude Code's settings.
fn settings(s: &Scratch, text: impl AsRef<[u8]>) -> PathBuf {
    fs::create_dir_all(home(s).join(".claude")).unwrap();
    fs::write(claude(s), text).unwrap();
    claude(s)
}

/// Every file and folder below, with what the files hold.
fn tree(folder: &Path) -> BTreeMap<PathBuf, Option<Vec<u8>>> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(tree(&path));
        }
        found.insert(path.clone(), fs::read(path).ok());
    }
    found
}

/// The commands in an agent's settings.
fn commands(text: &str) -> Vec<String> {
    let ends = text.match_indices(" || exit 0\"").map(|(at, end)| at + end.len());
    let of_end = |end: usize| {
        let start = text[..end - 1].rfind('"').unwrap();
        serde_json::from_str(&text[start..end]).unwrap()
    };
    ends.map(of_end).collect()
}

/// Runs a command as an agent does.
fn run(s: &Scratch, command: &str, input: &str) -> Ran {
    fs::write(s.root().join("event"), input).unwrap();
    let event = fs::File::open(s.root().join("event")).unwrap();
    Ran::of(&s.command("sh").args(["-c", command]).stdin(event).output().unwrap())
}

#[test]
fn each_agent_s_own_command_saves_a_file_and_goes_without_a_trace() {
    for (name, file, _, sample) in AGENTS {
        let s = Scratch::new();
        let before = tree(&home(&s));
        let said = s.bak(["install", "--agent", name]).stderr;
        assert!(said.contains("asks git-bak before each step") && said.contains(file), "{said}");
        let text = fs::read_to_string(home(&s).join(file)).unwrap();
        let commands = commands(&text);
        assert!(commands.iter().all(|it| *it == format!("{BAK} hook agent {name} || exit 0")));
        assert_eq!(commands.len(), if name == "cursor" { 2 } else { 1 }, "{text}");
        s.write("new.txt", "work\n");
        let event = sample.replace("TOP", s.top().to_str().unwrap()).replace("FILE", "new.txt");
        let ran = run(&s, &commands[0], &event);
        assert_eq!((ran.status, ran.stdout.as_str(), ran.stderr.as_str()), (0, "", ""), "{name}");
        fs::remove_file(s.top().join("new.txt")).unwrap();
        s.bak(["restore", "new.txt"]);
        assert_eq!(s.read("new.txt"), "work\n");
        let again = s.bak(["install", "--agent", name]).stderr;
        assert!(again.contains("already installed: "), "{again}");
        assert_eq!(fs::read_to_string(home(&s).join(file)).unwrap(), text);
        let said = s.bak(["uninstall", "--agent", name]).stderr;
        assert!(said.contains("is as it was before"), "{said}");
        assert_eq!(tree(&home(&s)), before);
    }
}

#[test]
fn the_settings_that_were_there_come_back_byte_for_byte() {
    let s = Scratch::new();
    for text in [
        "",
        "{}",
        "{\"a\":1}",
        "{\n    \"n\": 12345678901234567890123, // big\n    \"x\": \"caf\\u00e9\"\n}\n",
        "{\n\t\"hooks\": {\n\t\t\"PreToolUse\": [],\n\t},\n}",
        "{\r\n  \"hooks\": {\"Stop\": []}\r\n}\r\n",
        "/* c */ {\"hooks\":{\"PreToolUse\":[{\"matcher\":\"Bash\",\"hooks\":[{\"type\":\"command\",\"command\":\"x\"}]}]}}",
    ] {
        let file = settings(&s, text);
        s.bak(["install", "--agent", "claude"]);
        let new = fs::read_to_string(&file).unwrap();
        assert_eq!(commands(&new).len(), 1, "{new}");
        // All of it is there still, and in its order.
        let mut rest = new.as_str();
        for word in text.split_whitespace() {
            let stripped = word.trim_matches(|c| "{}[],".contains(c));
            rest = rest.split_once(stripped).unwrap_or_else(|| panic!("{word} in {new}")).1;
        }
        s.bak(["uninstall", "--agent", "claude"]);
        assert_eq!(fs::read_to_string(&file).unwrap(), text);
    }
}

#[test]
fn of_settings_that_were_edited_since_our_command_alone_goes() {
    let s = Scratch::new();
    let file = settings(&s, "{\n  \"a\": 1\n}\n");
    s.bak(["install", "--agent", "claude"]);
    let edited = fs::read_to_string(&file).unwrap().replace("\"a\": 1", "\"a\": 2, \"b\": 3");
    fs::write(&file, &edited).unwrap();
    let said = s.bak(["uninstall", "--agent", "claude"]).stderr;
    assert!(said.contains("removed from Claude Code: what was edited since in"), "{said}");
    assert_eq!(fs::read_to_string(&file).unwrap(), "{\n  \"a\": 2, \"b\": 3\n}\n");
    let said = s.bak(["uninstall", "--agent", "claude"]).stderr;
    assert!(said.contains("nothing of git-bak's is in "), "{said}");
    // Another hook, in our group and beside it.
    let text = r#"{"hooks": {"PreToolUse": [
      {"matcher": "", "hooks": [{"command": "mine"}, {"command": "/g/git-bak hook agent claude || exit 0"}]},
      {"hooks": [{"command": "/g/git-bak hook agent claude || exit 0"}]}, {"hooks": [{"command": "its"}]}]}}"#;
    fs::write(&file, text).unwrap();
    s.bak(["uninstall", "--agent", "claude"]);
    let rest: Value = serde_json::from_str(&fs::read_to_string(&file).unwrap()).unwrap();
    let expected =
        json!([{"matcher": "", "hooks": [{"command": "mine"}]}, {"hooks": [{"command": "its"}]}]);
    assert_eq!(rest["hooks"]["PreToolUse"], expected);
}

#[test]
fn settings_that_can_not_be_edited_are_left_as_they_are_and_named() {
    let s = Scratch::new();
    for (text, why) in [
        (&b"{ broken"[..], "it is no JSON"),
        (b"[1]", "it holds no settings by name"),
        (b"{\"hooks\": []}", "its 'hooks' are no list by name"),
        (b"{\"hooks\": {\"PreToolUse\": {}}}", "its 'PreToolUse' is no list"),
        (b"{\"a\": \"\xff\"}", "it is not UTF-8"),
        (b"\xef\xbb\xbf{}", "it is no JSON"),
    ] {
        let file = settings(&s, text);
        let ran = s.try_bak(["install", "--agent", "claude"]);
        let words = ["is left as it is: ", why, "hook agent claude || exit 0"];
        assert!(ran.status == 1 && words.iter().all(|it| ran.stderr.contains(it)), "{ran:?}");
        assert_eq!(fs::read(&file).unwrap(), text);
    }
    let file = settings(&s, "{\"x\": \"/g/git-bak hook agent claude || exit 0\",");
    let ran = s.try_bak(["uninstall", "--agent", "claude"]);
    let words = ["is left as it is: it is no JSON", "take git-bak's hook out by hand"];
    assert!(ran.status == 1 && words.iter().all(|it| ran.stderr.contains(it)), "{ran:?}");
    fs::remove_file(&file).unwrap();
    fs::create_dir(&file).unwrap();
    let ran = s.try_bak(["install", "--agent", "claude"]);
    assert!(ran.status == 1 && ran.stderr.contains("it is not a file"), "{ran:?}");
}

#[test]
fn a_link_and_a_file_that_may_not_be_written_to_stay() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let s = Scratch::new();
    let file = settings(&s, "{}");
    fs::set_permissions(&file, PermissionsExt::from_mode(0o400)).unwrap();
    let ran = s.try_bak(["install", "--agent", "claude"]);
    assert!(ran.status == 1 && ran.stderr.contains("it may not be written to"), "{ran:?}");
    // The others go on.
    let ran = s.try_bak(["install", "--agent", "claude", "gemini"]);
    assert!(ran.status == 1 && ran.stderr.contains("installed: Gemini CLI"), "{ran:?}");
    fs::remove_file(&file).unwrap();
    fs::write(s.root().join("dotfile"), "{}").unwrap();
    symlink("../../dotfile", &file).unwrap();
    let ran = s.try_bak(["install", "--agent", "claude"]);
    assert!(ran.status == 1 && ran.stderr.contains("it is a symbolic link"), "{ran:?}");
    assert_eq!(fs::read(s.root().join("dotfile")).unwrap(), b"{}");
    // A mode stays what it was.
    fs::remove_file(&file).unwrap();
    settings(&s, "{}");
    fs::set_permissions(&file, PermissionsExt::from_mode(0o600)).unwrap();
    for verb in ["install", "uninstall"] {
        s.bak([verb, "--agent", "claude"]);
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    }
}

#[test]
fn a_file_of_that_name_that_is_not_ours_or_no_longer_stays() {
    let s = Scratch::new();
    let file = home(&s).join(AGENTS[4].1);
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(&file, "{}").unwrap();
    let ran = s.try_bak(["install", "--agent", "copilot"]);
    assert!(
        ran.status == 1 && ran.stderr.contains("it is there already, and not git-bak's"),
        "{ran:?}"
    );
    fs::remove_file(&file).unwrap();
    s.bak(["install", "--agent", "copilot"]);
    let edited = fs::read_to_string(&file).unwrap().replace("\"version\"", "\"x\": 1, \"version\"");
    fs::write(&file, &edited).unwrap();
    let ran = s.try_bak(["uninstall", "--agent", "copilot"]);
    assert!(ran.status == 1 && ran.stderr.contains("it is git-bak's, but was edited"), "{ran:?}");
    assert_eq!(fs::read_to_string(&file).unwrap(), edited);
}

#[test]
fn a_git_bak_that_is_gone_stops_no_agent_and_is_named() {
    let s = Scratch::new();
    for (name, file, _, sample) in AGENTS {
        s.bak(["install", "--agent", name]);
        let file = home(&s).join(file);
        let text = fs::read_to_string(&file).unwrap().replace(BAK, "/nowhere/git-bak");
        fs::write(&file, &text).unwrap();
        let ran = run(&s, &commands(&text)[0], sample);
        assert_eq!((ran.status, ran.stdout.as_str()), (0, ""));
        let remedy = only_problem(&s, "agent", "starts /nowhere/git-bak, which is not there");
        assert_eq!(remedy.unwrap(), format!("git bak install --agent {name}"));
        let said = s.bak(["install", "--agent", name]).stderr;
        assert!(said.contains("updated: ") && said.contains(" starts this git-bak"), "{said}");
        assert_eq!(fs::read_to_string(&file).unwrap(), text.replace("/nowhere/git-bak", BAK));
        s.bak(["uninstall", "--agent", name]);
        assert!(!file.exists());
    }
}

#[test]
fn what_a_project_shares_is_written_only_if_asked_for() {
    let s = Scratch::new();
    let before = tree(&home(&s));
    for (name, _, shared, _) in AGENTS {
        let said = s.bak(["install", "--shared", "--agent", name]).stderr;
        assert!(
            said.contains("is for everybody who has git-bak on their PATH: commit it"),
            "{said}"
        );
        let text = s.read(shared);
        assert_eq!(commands(&text)[0], format!("git-bak hook agent {name} || exit 0"));
        s.bak(["uninstall", "--agent", name]);
        assert_eq!(s.read(shared), text);
        s.bak(["uninstall", "--shared", "--agent", name]);
        assert!(!s.exists(shared));
    }
    assert_eq!(tree(&home(&s)), before);
    assert_eq!(s.git(["status", "--short"]).stdout, "");
    let ran = s.try_bak(["install", "--shared"]);
    assert_eq!(ran.status, 2, "{ran:?}");
    assert!(ran.stderr.contains("--shared goes with --agent NAME or --agents"), "{ran:?}");
}

#[test]
fn those_that_are_found_are_covered_and_no_repository_is_needed() {
    let s = Scratch::empty();
    let folder = s.root().join("nowhere");
    fs::create_dir(&folder).unwrap();
    let ran = s.at(&folder).try_bak(["install", "--agents"]);
    assert!(ran.status == 1 && ran.stderr.contains("no coding agent was found here"), "{ran:?}");
    for name in [".gemini", ".config/opencode"] {
        fs::create_dir_all(home(&s).join(name)).unwrap();
    }
    let before = tree(&home(&s));
    s.at(&folder).bak(["install", "--agents"]);
    let made: Vec<bool> =
        AGENTS.iter().map(|(_, file, _, _)| home(&s).join(file).exists()).collect();
    assert_eq!(made, [false, false, true, false, false, true]);
    s.at(&folder).bak(["uninstall", "--agents"]);
    assert_eq!(tree(&home(&s)), before);
    let said = s.at(&folder).bak(["uninstall", "--agents"]).stderr;
    assert!(said.contains("nothing of git-bak's is in any agent's settings"), "{said}");
    assert_eq!(s.try_bak(["install", "--agent", "aider"]).status, 2);
    // In a repository, it is set up as well.
    s.bak(["install", "--agent", "gemini"]);
    assert!(s.exists(".git/hooks/pre-commit"));
}

#[test]
fn doctor_says_which_agents_are_found_covered_and_still_to_be_trusted() {
    let s = Scratch::new();
    fs::create_dir(home(&s).join(".cursor")).unwrap();
    s.bak(["install", "--agent", "claude"]);
    let (found, _) = doctor(&s, &[]);
    let of_agents = found.findings.iter().filter(|it| it["check"] == "agent");
    let messages: Vec<&str> = of_agents.map(|it| it["message"].as_str().unwrap()).collect();
    assert_eq!(messages[0], "Claude Code asks git-bak before each step");
    assert!(messages[1].starts_with("Cursor was found, and doesn't ask git-bak: git bak install"));
    assert_well(&s);
    let said = s.bak(["install", "--agent", "codex"]).stderr;
    assert!(said.contains("Codex runs it only once you trust it: type /hooks there"), "{said}");
    assert_eq!(
        only_problem(&s, "agent", "hooks.json has git-bak's hook: Codex runs it only"),
        None
    );
    let state = format!(
        "[hooks.state.\"{}:pre_tool_use:0:0\"]\ntrusted_hash = \"sha256:0\"\n",
        home(&s).join(".codex/hooks.json").display()
    );
    fs::write(home(&s).join(".codex/config.toml"), state).unwrap();
    assert_well(&s);
}

/// Runs opencode's plugin as opencode does, if there is a program that can.
#[test]
fn opencode_s_plugin_saves_a_file_and_never_throws() {
    let mut s = Scratch::new();
    s.set_env("XDG_CONFIG_HOME", s.root().join("config"));
    s.bak(["install", "--agent", "opencode"]);
    let plugin = s.root().join("config/opencode/plugins/git-bak.js");
    let text = fs::read_to_string(&plugin).unwrap();
    if !s.command("sh").args(["-c", "command -v node"]).status().unwrap().success() {
        return;
    }
    s.write("new.txt", "work\n");
    s.write("newer.txt", "work\n");
    // What version 1 does with its default export, and version 2.
    let js = r#"const { default: plugin, ...others } = await import(process.argv[1])
        if (plugin.id !== "git-bak" || Object.keys(others).length) throw others
        const directory = process.argv[2]
        const circle = {}; circle.circle = circle
        const hooks = await plugin.server({ directory })
        const before = hooks["tool.execute.before"]
        const input = { tool: "write", sessionID: "ses_1", callID: "c" }
        await before(input, { args: { filePath: directory + "/new.txt", content: "x" } })
        for (const output of [undefined, {}, { args: circle }, { args: { filePath: 7 } }]) await before(input, output)
        let hook
        const tool = { hook: async (name, it) => { if (name === "execute.before") hook = it } }
        await plugin.setup({ location: { directory }, tool })
        const event = { tool: "edit", sessionID: "ses_2", id: "c" }
        await hook({ ...event, input: { path: directory + "/newer.txt", oldString: "a", newString: "b" } })
        for (const input of [undefined, 7, circle, { path: 7 }]) await hook({ ...event, input })
        console.log("alive")"#;
    for program in [BAK, "/nowhere/git-bak"] {
        let module = s.root().join("plugin.mjs");
        fs::write(&module, text.replace(BAK, program)).unwrap();
        let mut node = s.command("node");
        node.args(["--input-type=module", "-e", js]).arg(&module).arg(s.top());
        let ran = Ran::of(&node.output().unwrap());
        assert_eq!((ran.status, ran.stdout.as_str()), (0, "alive\n"), "{ran:?}");
    }
    assert!(s.vault_has("new.txt", "work\n") && s.vault_has("newer.txt", "work\n"));
    let causes = super::causes(&s);
    for cause in ["agent opencode ses_1 write", "agent opencode ses_2 edit"] {
        assert!(causes.iter().any(|it| it == cause), "{causes:?}");
    }
}
