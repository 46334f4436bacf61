//! One list to choose from: what is shown of it, and which line is chosen.

use super::Key;

/// What a key did to a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// The list is what it was, or looks another way.
    Stays,
    Takes(usize),
    /// Go into this one.
    Enters(usize),
    /// Back to where one came from.
    GoesBack,
    Leaves,
}

/// A list that is chosen from.
#[derive(Debug, Clone)]
pub struct Choice {
    /// The words that each is found by, in lower case.
    words: Vec<String>,
    filter: String,
    types: bool,
    /// The places of those that the filter leaves.
    shown: Vec<usize>,
    /// Which of the shown is chosen.
    cursor: usize,
}

impl Choice {
    /// All of them shown, the first chosen.
    pub fn of(words: Vec<String>) -> Self {
        let words: Vec<String> = words.into_iter().map(|words| words.to_lowercase()).collect();
        let shown = (0..words.len()).collect();
        Self { words, filter: String::new(), types: false, shown, cursor: 0 }
    }

    /// The places of those that the filter leaves.
    pub fn shown(&self) -> &[usize] {
        &self.shown
    }

    /// The place of the chosen one; `None` if nothing is shown.
    pub fn chosen(&self) -> Option<usize> {
        self.shown.get(self.cursor).copied()
    }

    /// Which line of what is shown is chosen.
    pub fn line(&self) -> usize {
        self.cursor
    }

    /// What was typed; `None` if letters don't go there yet.
    pub fn filter(&self) -> Option<&str> {
        self.types.then_some(self.filter.as_str())
    }

    pub fn choose(&mut self, place: usize) {
        self.cursor = self.shown.iter().position(|shown| *shown == place).unwrap_or(0);
    }

    pub fn press(&mut self, key: Key) -> Answer {
        let last = self.shown.len().saturating_sub(1);
        match key {
            Key::Up => self.cursor = self.cursor.saturating_sub(1),
            Key::Down => self.cursor = (self.cursor + 1).min(last),
            Key::First => self.cursor = 0,
            Key::Last => self.cursor = last,
            Key::Enter => return self.chosen().map_or(Answer::Stays, Answer::Takes),
            Key::Into => return self.chosen().map_or(Answer::Stays, Answer::Enters),
            Key::Back => return Answer::GoesBack,
            Key::Leave => return Answer::Leaves,
            Key::Erase if !self.types => return Answer::GoesBack,
            Key::Erase => self.erase(),
            Key::Letter(letter) => return self.letter(letter),
            Key::Scroll(_) | Key::Switch => {}
        }
        Answer::Stays
    }

    fn letter(&mut self, letter: char) -> Answer {
        match letter {
            'j' if !self.types => return self.press(Key::Down),
            'k' if !self.types => return self.press(Key::Up),
            'q' if !self.types => return Answer::Leaves,
            '/' if !self.types => self.types = true,
            _ => {
                self.types = true;
                self.filter.extend(letter.to_lowercase());
                self.sift();
            }
        }
        Answer::Stays
    }

    fn erase(&mut self) {
        self.types = self.filter.pop().is_some() && !self.filter.is_empty();
        self.sift();
    }

    /// Shows those that have every word of the filter; what was chosen stays so if it is one of them.
    fn sift(&mut self) {
        let chosen = self.chosen();
        let has_all =
            |text: &String| self.filter.split_whitespace().all(|word| text.contains(word));
        self.shown = (0..self.words.len()).filter(|&at| has_all(&self.words[at])).collect();
        self.cursor = 0;
        if let Some(chosen) = chosen {
            self.choose(chosen);
        }
    }
}
