//! What a coding agent is about to do, told from the JSON that it gives its hooks before each use of a tool.
//!
//! All of them say the same in one of a few words each: which tool, what it is given, where, in which session. So one
//! reading does for all, and for a version of an agent that has taken over another's words. What can't be told counts
//! as the worst, as with a Git command: JSON that is cut, a tool that isn't known.
//!
//! The shapes are those of the documentation that `setup::agents::table` names, and the names of tools what Claude Code
//! 2.1, Codex 0.171, Gemini CLI, Copilot CLI and opencode 1.18 offered their models in November 2026.

use serde_json::Value;

use crate::model::command::shell;
use crate::model::events::agent_note::AgentNote;

/// What the step may change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AtStake {
    Nothing,
    /// These files, as the agent names them.
    Files(Vec<String>),
    Everything,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgentStep {
    pub at_stake: AtStake,
    /// The folder that names are relative to and commands run in; `None`: where the hook runs.
    pub folder: Option<String>,
    session: String,
    tool: String,
    /// The name of the command that isn't harmless; the rest of its line may hold secrets.
    command: String,
    line: String,
}

/// Tools that change no file of the working tree, in small letters.
const READING: &str = "\
    activate_skill agent ask_user askuserquestion bashoutput cli_help codebase_search codesearch complete_task \
    create_goal croncreate crondelete cronlist enterplanmode exitplanmode fetch fetch_copilot_cli_documentation \
    file_search get_goal get_internal_docs glob google_web_search grep grep_search killbash killshell list list_agents \
    list_bash list_dir list_directory list_mcp_resources listmcpresourcestool ls lsp notebookread plan_exit question \
    read read_agent read_bash read_file read_many_files readlints readmcpresourcetool report_intent reportfindings \
    request_user_input rg save_memory schedulewakeup search search_file_content semanticsearch sendmessage skill \
    slashcommand stop_bash subagent task taskcreate taskget tasklist taskoutput taskstop taskupdate todoread todowrite \
    toolsearch update_goal update_plan update_todo view view_image wait web_fetch web_search webfetch websearch \
    write_agent write_todos";

/// Tools that change the files that they name.
const EDITING: &str = "\
    apply_patch create create_file delete delete_file edit edit_file editnotebook multiedit notebookedit patch replace \
    search_replace str_replace_editor strreplace write write_file";

const SESSION: [&str; 3] = ["session_id", "sessionId", "conversation_id"];
const TOOL: [&str; 2] = ["tool_name", "toolName"];
const INPUT: [&str; 2] = ["tool_input", "toolArgs"];
const FILE: [&str; 6] =
    ["file_path", "filePath", "path", "notebook_path", "target_file", "absolute_path"];
const PATCH: [&str; 4] = ["command", "patch", "patchText", "input"];
const FOLDER: [&str; 4] = ["workdir", "working_directory", "dir_path", "directory"];

/// A line that writes a file may have all of it, and hooks read the record.
const LONGEST_LINE: usize = 16_384;

/// What stands before the names in a patch of Codex's own form.
const OF_PATCH: [&str; 4] =
    ["*** Add File: ", "*** Update File: ", "*** Delete File: ", "*** Move to: "];

impl AgentStep {
    pub fn of(json: &[u8]) -> Self {
        let event: Value = serde_json::from_slice(json).unwrap_or_default();
        let tool = text(&event, &TOOL).unwrap_or_default();
        let input = input(&event);
        // Cursor's event for commands has no tool and no input around the command.
        let command = text(&input, &["command"]).or_else(|| text(&event, &["command"]));
        let root = || event["workspace_roots"][0].as_str();
        let mut folder = text(&event, &["cwd"]).or_else(root).map(str::to_owned);
        let is_in = |tools: &str| tools.split(' ').any(|known| known == tool.to_ascii_lowercase());
        let mut name = None;
        let at_stake = if json.trim_ascii().is_empty() || is_in(READING) {
            AtStake::Nothing
        } else if is_in(EDITING) {
            match files(&input) {
                files if files.is_empty() => AtStake::Everything,
                files => AtStake::Files(files),
            }
        } else {
            name = command.map(shell::danger_in);
            match name {
                Some(None) => AtStake::Nothing,
                _ => {
                    let inner = text(&input, &FOLDER).map(str::to_owned);
                    folder = below(folder, inner);
                    AtStake::Everything
                }
            }
        };
        let session = text(&event, &SESSION).unwrap_or_default();
        let (session, tool) = (as_word(session), as_word(tool));
        let line = match name.is_some() {
            true => command.unwrap_or_default().chars().take(LONGEST_LINE).collect(),
            false => String::new(),
        };
        Self { at_stake, folder, session, tool, command: name.flatten().unwrap_or_default(), line }
    }

    /// Why there is a snapshot, for the record.
    pub fn cause(&self, agent: &str) -> String {
        let agent = as_word(agent);
        let words = ["agent", &agent, &self.session, &self.tool, &self.command];
        words.into_iter().filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
    }

    /// The same, each by itself, with the whole command line.
    pub fn note(&self, agent: &str, clock: i64) -> AgentNote {
        let Self { session, tool, line, .. } = self;
        let (session, tool, command) = (session.clone(), tool.clone(), line.clone());
        AgentNote { name: as_word(agent), session, tool, command, clock, ..AgentNote::default() }
    }
}

/// The first of these fields that holds a text.
fn text<'a>(value: &'a Value, names: &[&str]) -> Option<&'a str> {
    names.iter().find_map(|name| value[*name].as_str())
}

/// What the tool is given; Copilot has it as JSON in a text, and a patch may be no JSON at all.
fn input(event: &Value) -> Value {
    let input = INPUT.iter().find_map(|name| event.get(name)).cloned().unwrap_or_default();
    match input.as_str().map(serde_json::from_str) {
        Some(Ok(inner @ Value::Object(_))) => inner,
        _ => input,
    }
}

/// The files that an edit names: by a field of their own, or in a patch.
fn files(input: &Value) -> Vec<String> {
    let named = FILE.iter().filter_map(|name| input[*name].as_str());
    let patches = PATCH.iter().filter_map(|name| input[*name].as_str()).chain(input.as_str());
    let lines = patches.flat_map(str::lines);
    let of_line = |line: &str| {
        let found = OF_PATCH.iter().find_map(|start| line.trim_start().strip_prefix(start));
        found.map(|name| name.trim().to_owned())
    };
    let mut files: Vec<String> =
        named.map(str::to_owned).chain(lines.filter_map(of_line)).collect();
    files.retain(|name| !name.is_empty() && !name.contains('\0'));
    files
}

/// A folder in which the tool is told to work, which may be relative to the other.
fn below(folder: Option<String>, inner: Option<String>) -> Option<String> {
    match (folder, inner) {
        (Some(folder), Some(inner)) => {
            Some(std::path::Path::new(&folder).join(inner).to_string_lossy().into_owned())
        }
        (folder, inner) => inner.or(folder),
    }
}

/// The text as one word of a line that people read.
fn as_word(text: &str) -> String {
    let is_plain = |c: &char| c.is_ascii_alphanumeric() || "._-".contains(*c);
    let word: String = text.chars().filter(is_plain).take(64).collect();
    // It is typed behind an option.
    word.trim_start_matches('-').to_owned()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn of(event: &Value) -> AgentStep {
        AgentStep::of(event.to_string().as_bytes())
    }

    fn files(names: &[&str]) -> AtStake {
        AtStake::Files(names.iter().map(|name| (*name).to_owned()).collect())
    }

    #[test]
    fn each_agent_says_in_its_own_words_what_it_edits() {
        let patch = "*** Begin Patch\n*** Update File: a.rs\n*** Move to: b.rs\n@@\n-x\n+*** y\n\
                     *** Add File: c d.rs\n+z\n*** Delete File: e.rs\n*** End Patch\n";
        let of_patch = files(&["a.rs", "b.rs", "c d.rs", "e.rs"]);
        let claude = json!({"session_id": "s", "cwd": "/r", "hook_event_name": "PreToolUse",
            "tool_name": "Edit", "tool_input": {"file_path": "/r/a", "old_string": "x", "new_string": "y"}});
        let notebook =
            json!({"tool_name": "NotebookEdit", "tool_input": {"notebook_path": "/r/n.ipynb"}});
        let codex = json!({"session_id": "s", "turn_id": "t", "cwd": "/r", "tool_name": "apply_patch",
            "tool_input": {"command": patch}});
        let gemini = json!({"tool_name": "replace", "tool_input": {"file_path": "a"}});
        let cursor = json!({"conversation_id": "s", "workspace_roots": ["/r"], "tool_name": "StrReplace",
            "tool_input": {"path": "/r/a"}});
        let copilot = json!({"sessionId": "s", "toolName": "create", "cwd": "/r",
            "toolArgs": "{\"path\":\"/r/a\",\"file_text\":\"x\"}"});
        let of_copilot = json!({"sessionId": "s", "toolName": "apply_patch", "toolArgs": patch});
        let opencode = json!({"tool_name": "apply_patch", "tool_input": {"patchText": patch}});
        for (event, expected) in [
            (claude, files(&["/r/a"])),
            (notebook, files(&["/r/n.ipynb"])),
            (codex, of_patch.clone()),
            (gemini, files(&["a"])),
            (cursor, files(&["/r/a"])),
            (copilot, files(&["/r/a"])),
            (of_copilot, of_patch.clone()),
            (opencode, of_patch),
        ] {
            assert_eq!(of(&event).at_stake, expected, "{event}");
        }
    }

    #[test]
    fn a_command_that_only_reads_and_a_reading_tool_change_nothing() {
        for event in [
            json!({"tool_name": "Bash", "tool_input": {"command": "git status && ls"}}),
            json!({"tool_name": "run_shell_command", "tool_input": {"command": "cat a"}}),
            json!({"command": "ls", "cwd": "/r", "hook_event_name": "beforeShellExecution"}),
            json!({"toolName": "bash", "toolArgs": {"command": "pwd"}}),
            json!({"tool_name": "Read", "tool_input": {"file_path": "/r/a"}}),
            json!({"tool_name": "read_file", "tool_input": {"absolute_path": "/r/a"}}),
            json!({"toolName": "view", "toolArgs": "{\"path\":\"a\"}"}),
        ] {
            assert_eq!(of(&event).at_stake, AtStake::Nothing, "{event}");
        }
        assert_eq!(AgentStep::of(b"  \n").at_stake, AtStake::Nothing);
    }

    #[test]
    fn what_can_not_be_told_counts_as_the_worst() {
        for event in [
            json!({"tool_name": "Bash", "tool_input": {"command": "rm -rf x"}}),
            json!({"tool_name": "Bash", "tool_input": {"command": ["rm", "x"]}}),
            json!({"tool_name": "Bash"}),
            json!({"tool_name": "mcp__files__move", "tool_input": {"path": "a"}}),
            json!({"tool_name": "Write", "tool_input": {"content": "x"}}),
            json!({"tool_name": "Write", "tool_input": {"file_path": "a\0b"}}),
            json!({"tool_name": 7}),
            json!([1]),
            json!("text"),
            json!(null),
        ] {
            assert_eq!(of(&event).at_stake, AtStake::Everything, "{event}");
        }
        let deep = "[".repeat(5000);
        for text in [&b"{\"tool_name\": \"Rea"[..], b"\xff\xfe", b"x", deep.as_bytes()] {
            assert_eq!(AgentStep::of(text).at_stake, AtStake::Everything);
        }
    }

    #[test]
    fn the_cause_names_the_command_and_keeps_its_line_to_itself() {
        let event = json!({"session_id": "1f-2", "tool_name": "Bash", "cwd": "/r",
            "tool_input": {"command": "TOKEN=secret curl -H secret x", "workdir": "sub"}});
        let step = of(&event);
        assert_eq!(step.cause("claude"), "agent claude 1f-2 Bash curl");
        let note = step.note("claude", 5);
        assert_eq!((note.session.as_str(), note.tool.as_str()), ("1f-2", "Bash"));
        assert_eq!(note.command, "TOKEN=secret curl -H secret x");
        let folder = step.folder.as_deref().map(std::path::Path::new);
        assert_eq!(folder, Some(std::path::Path::new("/r/sub")));
        let event = json!({"session_id": "a\n\u{1b}[31mb", "tool_name": "Edit",
            "tool_input": {"file_path": "x"}});
        assert_eq!(of(&event).cause("x y"), "agent xy a31mb Edit");
        assert_eq!(AgentStep::of(b"{").cause(""), "agent");
    }
}
