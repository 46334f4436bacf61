//! Our command in the text of an agent's settings: putting it in, finding it, taking it out.
//!
//! What could go wrong: the file is the user's, with comments, numbers and an order of their own. So it is edited as
//! text, and a text that wouldn't come out as it went in is refused.

use anyhow::{Context, Result, bail, ensure};
use jsonc_parser::ParseOptions;
use jsonc_parser::cst::{CstArray, CstNode, CstObject, CstRootNode};
use serde_json::Value;

use super::table::EntryForm;
use crate::model::agents::agent_name::AgentName;

const EDITED: &str = "it is git-bak's, but was edited";

/// How every command of ours ends: the agent is never stopped by it.
pub fn ending(agent: AgentName) -> String {
    format!(" hook agent {} || exit 0", agent.name())
}

/// The command of ours that the text has: all that have one have it in double quotes.
pub fn command_in(text: &str, agent: AgentName) -> Option<String> {
    let ending = ending(agent);
    let end = text.find(&format!("{ending}\""))? + ending.len();
    let is_quote = |at: &usize| {
        let before = &text[..*at];
        (before.len() - before.trim_end_matches('\\').len()).is_multiple_of(2)
    };
    let start = text[..end].rmatch_indices('"').map(|(at, _)| at).find(is_quote)?;
    serde_json::from_str(&text[start..=end]).ok()
}

/// The text with another command of ours in place of this one.
pub fn replaced(form: &EntryForm, text: &str, old: &str, new: &str) -> Result<String> {
    if let EntryForm::Whole(of) = form {
        ensure!(of(old) == text, EDITED);
        return Ok(of(new));
    }
    let replaced = text.replace(&Value::from(old).to_string(), &Value::from(new).to_string());
    ensure!(replaced != text, "its git-bak is spelled in another way: {old}");
    Ok(replaced)
}

/// The text with our command in it; without a text, that of a file of our own.
pub fn with_command(form: &EntryForm, text: Option<&str>, command: &str) -> Result<String> {
    let EntryForm::Lists { events, start, entry } = form else { return whole(form, text, command) };
    let root = parse(text.unwrap_or(start))?;
    let object = root.object_value_or_create().context("it holds no settings by name")?;
    let hooks =
        object.object_value_or_create("hooks").context("its 'hooks' are no list by name")?;
    for event in *events {
        let list = hooks.array_value_or_create(event);
        list.with_context(|| format!("its '{event}' is no list"))?.append(entry(command));
    }
    Ok(root.to_string())
}

fn whole(form: &EntryForm, text: Option<&str>, command: &str) -> Result<String> {
    match (form, text) {
        (EntryForm::Whole(of), None) => Ok(of(command)),
        _ => bail!("it is there already, and not git-bak's"),
    }
}

/// The text without our command, and without the lists that held nothing else.
pub fn without_command(form: &EntryForm, text: &str, command: &str) -> Result<String> {
    let EntryForm::Lists { events, .. } = form else { bail!(EDITED) };
    let root = parse(text)?;
    let before = comments(root.children());
    if let Some(object) = root.object_value()
        && let Some(hooks) = object.object_value("hooks")
    {
        for event in *events {
            if hooks.array_value(event).is_some_and(|list| take_out(&list, command)) {
                remove(&hooks, event);
            }
        }
        if hooks.properties().is_empty() {
            remove(&object, "hooks");
        }
    }
    // One that stands behind ours, in the same line, would go with it.
    ensure!(comments(root.children()) == before, "a comment of yours would be lost with it");
    Ok(root.to_string())
}

fn comments(nodes: Vec<CstNode>) -> usize {
    let of_node = |node: CstNode| usize::from(node.is_comment()) + comments(node.children());
    nodes.into_iter().map(of_node).sum()
}

/// Takes our command out of a list, and out of the groups in it; whether nothing else was there.
fn take_out(list: &CstArray, command: &str) -> bool {
    for element in list.elements() {
        let Some(object) = element.as_object() else { continue };
        let inner = object.array_value("hooks");
        if is_of(&object, command) || inner.is_some_and(|inner| take_out(&inner, command)) {
            element.remove();
        }
    }
    list.elements().is_empty()
}

fn is_of(object: &CstObject, command: &str) -> bool {
    let value = object.get("command").and_then(|property| property.value());
    let text = value.as_ref().and_then(CstNode::as_string_lit);
    text.and_then(|text| text.decoded_value().ok()).is_some_and(|text| text == command)
}

fn remove(object: &CstObject, name: &str) {
    if let Some(property) = object.get(name) {
        property.remove();
    }
}

fn parse(text: &str) -> Result<CstRootNode> {
    let root = CstRootNode::parse(text, &ParseOptions::default())
        .map_err(|error| anyhow::anyhow!("it is no JSON: {error}"))?;
    ensure!(root.to_string() == text, "it would not come out as it went in");
    Ok(root)
}
