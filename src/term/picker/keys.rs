//! What is pressed, in the picker's words.

use crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers};

use crate::model::picker::Key;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pressed {
    Key(Key),
    /// Ctrl-Z: the shell is wanted for a while.
    Suspend,
    Nothing,
}

/// Reads a key. `page` is how many lines of the difference are seen at once.
pub fn read(event: &KeyEvent, page: usize) -> Pressed {
    if event.kind == KeyEventKind::Release {
        return Pressed::Nothing;
    }
    let page = isize::try_from(page.max(2) - 1).unwrap_or(1);
    if event.modifiers.contains(KeyModifiers::CONTROL) {
        return control(event.code, page);
    }
    let key = match event.code {
        KeyCode::Up => Key::Up,
        KeyCode::Down => Key::Down,
        KeyCode::Tab | KeyCode::BackTab => Key::Switch,
        KeyCode::Home => Key::First,
        KeyCode::End => Key::Last,
        KeyCode::PageUp => Key::Scroll(-page),
        KeyCode::PageDown => Key::Scroll(page),
        KeyCode::Enter => Key::Enter,
        KeyCode::Right => Key::Into,
        KeyCode::Left => Key::Back,
        KeyCode::Backspace => Key::Erase,
        KeyCode::Esc => Key::Leave,
        KeyCode::Char(letter) if !event.modifiers.contains(KeyModifiers::ALT) => {
            Key::Letter(letter)
        }
        _ => return Pressed::Nothing,
    };
    Pressed::Key(key)
}

fn control(code: KeyCode, page: isize) -> Pressed {
    let KeyCode::Char(letter) = code else { return Pressed::Nothing };
    Pressed::Key(match letter {
        'c' | 'g' => Key::Leave,
        'z' => return Pressed::Suspend,
        'n' => Key::Down,
        'p' => Key::Up,
        'd' | 'f' => Key::Scroll(page),
        'u' | 'b' => Key::Scroll(-page),
        'h' => Key::Erase,
        'j' | 'm' => Key::Enter,
        _ => return Pressed::Nothing,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_what_hands_know() {
        let read = |code, modifiers| read(&KeyEvent::new(code, modifiers), 11);
        let plain = KeyModifiers::NONE;
        assert_eq!(read(KeyCode::Char('J'), KeyModifiers::SHIFT), Pressed::Key(Key::Letter('J')));
        assert_eq!(read(KeyCode::PageDown, plain), Pressed::Key(Key::Scroll(10)));
        assert_eq!(read(KeyCode::Esc, plain), Pressed::Key(Key::Leave));
        assert_eq!(read(KeyCode::Char('c'), KeyModifiers::CONTROL), Pressed::Key(Key::Leave));
        assert_eq!(read(KeyCode::Char('z'), KeyModifiers::CONTROL), Pressed::Suspend);
        assert_eq!(read(KeyCode::Char('x'), KeyModifiers::ALT), Pressed::Nothing);
        assert_eq!(read(KeyCode::F(5), plain), Pressed::Nothing);
    }
}
