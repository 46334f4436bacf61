//! Picking what to restore or to undo, as a machine: a key goes in, a state comes out. No screen, no files.
//!
//! - `choice`: one of its lists.
//!
//! There are two lists. Of the files one is opened, and one of its versions chosen; or several are marked. Of the
//! events that took work one is chosen. Letters filter what is listed; as long as none has been typed, `j`, `k` and
//! `q` move and leave.

use std::collections::BTreeSet;

mod choice;

use choice::Answer;
pub use choice::Choice;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Key {
    Up,
    Down,
    First,
    Last,
    /// The difference beside the list, so many lines on (or back).
    Scroll(isize),
    Enter,
    /// Into what is chosen, if there is something in it.
    Into,
    Back,
    /// From the files to the events, and back.
    Switch,
    /// The last letter of the filter goes; where there is none, back to the files.
    Erase,
    Leave,
    Letter(char),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyOutcome {
    Stays,
    /// The versions of this file are wanted: see [`Picker::open`].
    Opens(usize),
    /// The events are wanted: see [`Picker::list_events`].
    ListsEvents,
    /// Restore this version of this file.
    Restores {
        /// The file's place in the list that the picker was made of.
        file: usize,
        /// The version's place among those it was opened with.
        version: usize,
    },
    /// Restore each of the [marked](Picker::marked) files.
    RestoresMarked,
    /// Undo this event.
    Undoes(usize),
    Leaves,
}

/// What is chosen from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PickerList {
    Files,
    /// Those of this file.
    Versions(usize),
    Events,
}

#[derive(Debug, Clone)]
pub struct Picker {
    files: Choice,
    marked: BTreeSet<usize>,
    /// The file whose versions are shown, and these.
    opened: Option<(usize, Choice)>,
    /// Once they were asked for.
    events: Option<Choice>,
    is_at_events: bool,
    /// By how many lines the difference is moved up.
    scrolled: usize,
}

impl Picker {
    /// To choose among files that are found by these words.
    pub fn new(files: Vec<String>) -> Self {
        Self {
            files: Choice::of(files),
            marked: BTreeSet::new(),
            opened: None,
            events: None,
            is_at_events: false,
            scrolled: 0,
        }
    }

    /// Shows the versions of a file, found by these words; `at` is the one to begin with.
    pub fn open(&mut self, file: usize, versions: Vec<String>, at: usize) {
        let mut choice = Choice::of(versions);
        choice.choose(at);
        self.opened = Some((file, choice));
        self.scrolled = 0;
    }

    /// Shows the events, found by these words.
    pub fn list_events(&mut self, events: Vec<String>) {
        self.events = Some(Choice::of(events));
        self.is_at_events = true;
        self.scrolled = 0;
    }

    pub fn listed(&self) -> PickerList {
        match &self.opened {
            _ if self.is_at_events => PickerList::Events,
            Some((file, _)) => PickerList::Versions(*file),
            None => PickerList::Files,
        }
    }

    /// The list that is chosen from now.
    pub fn choice(&self) -> &Choice {
        match (&self.events, &self.opened) {
            (Some(events), _) if self.is_at_events => events,
            (_, Some((_, versions))) => versions,
            (_, None) => &self.files,
        }
    }

    fn choice_mut(&mut self) -> &mut Choice {
        match (&mut self.events, &mut self.opened) {
            (Some(events), _) if self.is_at_events => events,
            (_, Some((_, versions))) => versions,
            (_, None) => &mut self.files,
        }
    }

    /// The places of the files that are to be restored together.
    pub fn marked(&self) -> &BTreeSet<usize> {
        &self.marked
    }

    /// How far the difference is moved up.
    pub fn scrolled(&self) -> usize {
        self.scrolled
    }

    /// There are only so many lines to move it by.
    pub fn limit_scrolling(&mut self, most: usize) {
        self.scrolled = self.scrolled.min(most);
    }

    pub fn press(&mut self, key: Key) -> KeyOutcome {
        if let Key::Scroll(lines) = key {
            self.scrolled = self.scrolled.saturating_add_signed(lines);
            return KeyOutcome::Stays;
        }
        let before = (self.listed(), self.choice().chosen());
        let outcome = match key {
            Key::Switch => self.switch(),
            // No part of a filter here: who has typed one wants to mark what it leaves.
            Key::Letter(' ') if self.listed() == PickerList::Files => self.mark(),
            _ => {
                let answer = self.choice_mut().press(key);
                self.heed(answer)
            }
        };
        if (self.listed(), self.choice().chosen()) != before {
            self.scrolled = 0;
        }
        outcome
    }

    fn switch(&mut self) -> KeyOutcome {
        if self.events.is_none() {
            return KeyOutcome::ListsEvents;
        }
        self.is_at_events = !self.is_at_events;
        KeyOutcome::Stays
    }

    /// Marks the chosen file, or takes its mark away, and goes to the next.
    fn mark(&mut self) -> KeyOutcome {
        if let Some(file) = self.files.chosen() {
            if !self.marked.remove(&file) {
                self.marked.insert(file);
            }
            self.files.press(Key::Down);
        }
        KeyOutcome::Stays
    }

    fn heed(&mut self, answer: Answer) -> KeyOutcome {
        match (answer, self.listed()) {
            (Answer::Stays, _) => KeyOutcome::Stays,
            (Answer::Leaves, _) => KeyOutcome::Leaves,
            (Answer::Takes(_), PickerList::Files) if !self.marked.is_empty() => {
                KeyOutcome::RestoresMarked
            }
            (Answer::Takes(file) | Answer::Enters(file), PickerList::Files) => {
                KeyOutcome::Opens(file)
            }
            (Answer::Takes(version), PickerList::Versions(file)) => {
                KeyOutcome::Restores { file, version }
            }
            (Answer::Takes(event), PickerList::Events) => KeyOutcome::Undoes(event),
            (Answer::Enters(_), _) => KeyOutcome::Stays,
            (Answer::GoesBack, PickerList::Events) => self.switch(),
            (Answer::GoesBack, _) => {
                self.opened = None;
                KeyOutcome::Stays
            }
        }
    }
}

#[cfg(test)]
mod tests;
