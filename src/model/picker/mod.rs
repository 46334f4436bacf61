//! Picking what to restore, as a machine: a key goes in, a state comes out. No screen, no files.
//!
//! First a file is chosen, then one of its versions. Letters filter what is listed; as long as none has been
//! typed, `j`, `k` and `q` move and leave.

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
    /// Restore this version of this file.
    Restores {
        /// The file's place in the list that the picker was made of.
        file: usize,
        /// The version's place among those it was opened with.
        version: usize,
    },
    Leaves,
}

#[derive(Debug, Clone)]
pub struct Picker {
    files: Choice,
    /// The file whose versions are shown, and these.
    opened: Option<(usize, Choice)>,
    /// By how many lines the difference is moved up.
    scrolled: usize,
}

impl Picker {
    /// To choose among files that are found by these words.
    pub fn new(files: Vec<String>) -> Self {
        Self { files: Choice::of(files), opened: None, scrolled: 0 }
    }

    /// Shows the versions of a file, found by these words; `at` is the one to begin with.
    pub fn open(&mut self, file: usize, versions: Vec<String>, at: usize) {
        let mut choice = Choice::of(versions);
        choice.choose(at);
        self.opened = Some((file, choice));
        self.scrolled = 0;
    }

    /// The list that is chosen from now.
    pub fn choice(&self) -> &Choice {
        self.opened.as_ref().map_or(&self.files, |(_, versions)| versions)
    }

    /// The file whose versions are chosen from.
    pub fn opened(&self) -> Option<usize> {
        self.opened.as_ref().map(|(file, _)| *file)
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
        let before = self.choice().chosen();
        let answer = match &mut self.opened {
            None => self.files.press(key),
            Some((_, versions)) => versions.press(key),
        };
        let outcome = self.heed(answer);
        if self.choice().chosen() != before {
            self.scrolled = 0;
        }
        outcome
    }

    fn heed(&mut self, answer: Answer) -> KeyOutcome {
        match (answer, self.opened()) {
            (Answer::Stays, _) => KeyOutcome::Stays,
            (Answer::Leaves, _) => KeyOutcome::Leaves,
            (Answer::Takes(file) | Answer::Enters(file), None) => KeyOutcome::Opens(file),
            (Answer::Takes(version), Some(file)) => KeyOutcome::Restores { file, version },
            (Answer::Enters(_), Some(_)) => KeyOutcome::Stays,
            (Answer::GoesBack, _) => {
                self.opened = None;
                KeyOutcome::Stays
            }
        }
    }
}

#[cfg(test)]
mod tests;
