//! The format of small files of ours: fields ended by NUL (no path, setting or label can hold one),
//! records of a tag and a fixed number of fields. The first field is the format's name.

use std::fmt::Display;
use std::io::Write;
use std::str::FromStr;
use std::string::FromUtf8Error;

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

    /// Adds a whole number as `push` would, but there may be very many.
    pub fn number(&mut self, number: impl Into<i128>) -> &mut Self {
        let number = number.into();
        let Ok(mut rest) = u64::try_from(number.unsigned_abs()) else { return self.push(number) };
        // At the end is the NUL.
        let (mut field, mut first) = ([0; 22], 21);
        loop {
            first -= 1;
            field[first] = b'0' + (rest % 10) as u8;
            rest /= 10;
            if rest == 0 {
                break;
            }
        }
        if number < 0 {
            first -= 1;
            field[first] = b'-';
        }
        self.0.extend_from_slice(&field[first..]);
        self
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
        if self.0[begin..].contains(&0) {
            let field = self.0[begin..].iter().position(|&byte| byte == 0);
            self.0.truncate(begin + field.unwrap_or_default());
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
        let field = self.bytes()?.to_vec();
        let lossy = |field: FromUtf8Error| String::from_utf8_lossy(field.as_bytes()).into_owned();
        Ok(String::from_utf8(field).unwrap_or_else(lossy))
    }

    /// The next field, which must be a whole number.
    pub fn number<T: TryFrom<i128>>(&mut self) -> Result<T> {
        let field = self.bytes()?;
        let (is_negative, digits) = match field {
            [b'-', digits @ ..] => (true, digits),
            digits => (false, digits),
        };
        let add = |sum: u64, digit: &u8| {
            let digit = digit.wrapping_sub(b'0');
            sum.checked_mul(10)?.checked_add(u64::from(digit)).filter(|_| digit < 10)
        };
        let sum = digits.iter().try_fold(0, add).filter(|_| !digits.is_empty()).map(i128::from);
        let number = sum.and_then(|sum| T::try_from(if is_negative { -sum } else { sum }).ok());
        number.with_context(|| format!("'{}' is no number", String::from_utf8_lossy(field)))
    }

    /// The next field, which may be empty.
    pub fn maybe<T: FromStr>(&mut self) -> Result<Option<T>> {
        let field = self.bytes()?;
        if field.is_empty() {
            return Ok(None);
        }
        let read = std::str::from_utf8(field).ok().and_then(|text| text.parse().ok());
        read.map(Some)
            .with_context(|| format!("'{}' can't be read", String::from_utf8_lossy(field)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_come_back_in_their_order() {
        let mut out = Fields::default();
        out.push("tag").bytes(b"a\xffb").number(7).number(-20).maybe(None::<u32>).maybe(Some(8));
        let bytes = out.into_bytes();
        let mut fields = Reader::of(&bytes);
        assert_eq!(fields.tag(), Some(&b"tag"[..]));
        assert_eq!(fields.bytes().unwrap(), b"a\xffb");
        assert_eq!(fields.number::<u32>().unwrap(), 7);
        assert_eq!(fields.number::<i64>().unwrap(), -20);
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
