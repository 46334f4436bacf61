//! Which file each agent takes its hooks from, and what an entry in it looks like.

use jsonc_parser::cst::CstInputValue;
use serde_json::Value;

use crate::model::agents::agent_name::AgentName;

/// An agent's settings: a row for each.
#[derive(Debug)]
pub struct AgentRow {
    pub agent: AgentName,
    /// The folder of the user's own settings: by a variable, if that is set, else below their home.
    pub folder: (&'static str, &'static str),
    /// The user's own file, in that folder.
    pub own: &'static str,
    /// The one that is shared, below the top of the working tree.
    pub shared: &'static str,
    pub form: EntryForm,
}

/// What the file is, and where a command stands in it.
#[derive(Debug)]
pub enum EntryForm {
    /// JSON; `hooks` has a list for each of these events. A file of our own begins with `start`.
    Lists { events: &'static [&'static str], start: &'static str, entry: fn(&str) -> CstInputValue },
    /// The whole file is ours: the agent reads all that are in the folder.
    Whole(fn(&str) -> String),
}

/// As their documentation had it in November 2026.
pub static TABLE: [AgentRow; 6] = [
    // https://code.claude.com/docs/en/hooks: without a matcher for all tools, 2 blocks, other statuses don't.
    AgentRow {
        agent: AgentName::Claude,
        folder: ("CLAUDE_CONFIG_DIR", ".claude"),
        own: "settings.json",
        shared: ".claude/settings.json",
        form: EntryForm::Lists { events: &["PreToolUse"], start: "{}\n", entry: in_group },
    },
    // https://developers.openai.com/codex/hooks: the same form; a hook runs once it is trusted, by what it says.
    AgentRow {
        agent: AgentName::Codex,
        folder: ("CODEX_HOME", ".codex"),
        own: "hooks.json",
        shared: ".codex/hooks.json",
        form: EntryForm::Lists { events: &["PreToolUse"], start: "{}\n", entry: in_group },
    },
    // https://geminicli.com/docs/hooks/reference: the same form; standard output is JSON or nothing, 2 blocks.
    AgentRow {
        agent: AgentName::Gemini,
        folder: ("", ".gemini"),
        own: "settings.json",
        shared: ".gemini/settings.json",
        form: EntryForm::Lists { events: &["BeforeTool"], start: "{}\n", entry: in_group },
    },
    // https://cursor.com/docs/agent/hooks: a plain list; its program for terminals knows the second event alone.
    AgentRow {
        agent: AgentName::Cursor,
        folder: ("", ".cursor"),
        own: "hooks.json",
        shared: ".cursor/hooks.json",
        form: EntryForm::Lists {
            events: &["preToolUse", "beforeShellExecution"],
            start: "{\n  \"version\": 1\n}\n",
            entry: |command| object(&[("command", command.into())]),
        },
    },
    // https://docs.github.com/en/copilot/reference/hooks-reference: any status but 0 denies the tool.
    AgentRow {
        agent: AgentName::Copilot,
        folder: ("COPILOT_HOME", ".copilot"),
        own: "hooks/git-bak.json",
        shared: ".github/hooks/git-bak.json",
        form: EntryForm::Whole(copilot),
    },
    // https://opencode.ai/v1/docs/plugins: `server`; https://opencode.ai/docs/build/plugins: `setup`, from 2.0 on. Each
    // reads its own of the one default export. Whatever is thrown stops the tool.
    AgentRow {
        agent: AgentName::Opencode,
        folder: ("XDG_CONFIG_HOME/opencode", ".config/opencode"),
        own: "plugins/git-bak.js",
        shared: ".opencode/plugins/git-bak.js",
        form: EntryForm::Whole(opencode),
    },
];

fn in_group(command: &str) -> CstInputValue {
    let entry = object(&[("type", "command".into()), ("command", command.into())]);
    object(&[("hooks", CstInputValue::Array(vec![entry]))])
}

fn object(fields: &[(&str, CstInputValue)]) -> CstInputValue {
    let fields = fields.iter().map(|(name, value)| ((*name).to_owned(), value.clone()));
    CstInputValue::Object(fields.collect())
}

fn copilot(command: &str) -> String {
    // PowerShell has no word for starting what is quoted but this one.
    let powershell = format!("& {}; exit 0", command.trim_end_matches(" || exit 0"));
    let (bash, powershell) = (Value::from(command), Value::from(powershell));
    format!(
        r#"{{
  "version": 1,
  "hooks": {{
    "preToolUse": [
      {{ "type": "command", "bash": {bash}, "powershell": {powershell} }}
    ]
  }}
}}
"#
    )
}

fn opencode(command: &str) -> String {
    let command = Value::from(command);
    format!(
        r#"// Has git-bak copy what opencode is about to change; `git bak uninstall --agent opencode` takes it away.
import {{ exec }} from "node:child_process"

const command = {command}

async function before(cwd, {{ sessionID, tool }}, args) {{
  try {{
    const json = JSON.stringify({{ session_id: sessionID, cwd, tool_name: tool, tool_input: args }})
    await new Promise((done) => {{
      const hook = exec(command, {{ timeout: 20000 }}, done)
      hook.stdin.on("error", () => {{}})
      hook.stdin.end(json)
    }})
  }} catch {{}}
}}

export default {{
  id: "git-bak",
  server: async ({{ directory }}) => ({{
    "tool.execute.before": (input, output) => before(directory, input, output?.args),
  }}),
  setup: async (opencode) => {{
    const directory = opencode.location?.directory
    await opencode.tool.hook("execute.before", (event) => before(directory, event, event.input))
  }},
}}
"#
    )
}
