//! The format of small files of ours: fields ended by NUL (no path, setting or label can hold one),
//! records of a tag and a fixed number of fields. The first field is the format's name.

use std::borrow::Cow;
use std::fmt::Display;
use std::io::Write;
use std::str::FromStr;

use anyhow::{Context, Result};

#[derive(Default)]
pub struct Fields(Vec<u8>);

impl Fields {
    /// Adds a field that prints without a NUL.
    pub fn push(&mut self, field: impl Display) -> &mut Self {
        let begin = self.0.len();
        // Writing to memory doesn't fail.
        let _ = write!(self.0, "{field}");
        self.end(begin)
    }

    /// Adds a field; what isn't there is an empty one.
    pub fn maybe(&mut self, field: Option<impl Display>) -> &mut Self {
        match field {
            Some(field) => self.push(field),
            None => self.bytes(b""),
        }
    }

    pub fn bytes(&mut self, field: &[u8]) -> &mut Self {
        let begin = self.0.len();
        self.0.extend_from_slice(field);
        self.end(begin)
    }

    /// Ends the field that begins there.
    fn end(&mut self, begin: usize) -> &mut Self {
        // NUL ends a field; none of ours can hold one, and a hostile one is cut, not misread.
        if let Some(nul) = self.0[begin..].iter().position(|&byte| byte == 0) {
            self.0.truncate(begin + nul);
        }
        self.0.push(0);
        self
    }

    pub fn into_bytes(self) -> Vec<u8> {
        self.0
    }
}

/// Fields being read, in the order in which they were written.
pub struct Reader<I>(I);

impl<'a> Reader<()> {
    pub fn of(bytes: &'a [u8]) -> Reader<impl Iterator<Item = &'a [u8]>> {
        Reader(bytes.strip_suffix(b"\0").unwrap_or(bytes).split(|&b| b == 0))
    }
}

impl<'a, I: Iterator<Item = &'a [u8]>> Reader<I> {
    /// The next record's tag; `None` at the end.
    pub fn tag(&mut self) -> Option<&'a [u8]> {
        self.0.next()
    }

    /// The next field; an error at the end.
    pub fn bytes(&mut self) -> Result<&'a [u8]> {
        self.0.next().context("it ends too early")
    }

    pub fn text(&mut self) -> Result<String> {
        self.lossy().map(Cow::into_owned)
    }

    fn lossy(&mut self) -> Result<Cow<'a, str>> {
        self.bytes().map(String::from_utf8_lossy)
    }

    /// The next field, which must be a number.
    pub fn number<T: FromStr>(&mut self) -> Result<T> {
        let text = self.lossy()?;
        text.parse().ok().with_context(|| format!("'{text}' is no number"))
    }

    /// The next field, which may be empty.
    pub fn maybe<T: FromStr>(&mut self) -> Result<Option<T>> {
        let text = self.lossy()?;
        if text.is_empty() {
            return Ok(None);
        }
        text.parse().ok().map(Some).with_context(|| format!("'{text}' can't be read"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_come_back_in_their_order() {
        let mut out = Fields::default();
        out.push("tag").bytes(b"a\xffb").push(7).maybe(None::<u32>).maybe(Some(8));
        let bytes = out.into_bytes();
        let mut fields = Reader::of(&bytes);
        assert_eq!(fields.tag(), Some(&b"tag"[..]));
        assert_eq!(fields.bytes().unwrap(), b"a\xffb");
        assert_eq!(fields.number::<u32>().unwrap(), 7);
        assert_eq!(fields.maybe::<u32>().unwrap(), None);
        assert_eq!(fields.maybe::<u32>().unwrap(), Some(8));
        assert_eq!(fields.tag(), None);
        assert!(fields.bytes().is_err());
    }

    #[test]
    fn a_nul_cuts_a_field_and_shifts_none() {
        let mut out = Fields::default();
        out.bytes(b"a\0b").push("next");
        let bytes = out.into_bytes();
        let mut fields = Reader::of(&bytes);
        assert_eq!(fields.bytes().unwrap(), b"a");
        assert_eq!(fields.text().unwrap(), "next");
    }
}
