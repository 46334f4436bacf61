//! Loose objects that were cut short, by a power cut or a full disk.
//!
//! libgit2 waits for the rest of such a file for ever (the loop in `git_zstream_get_output` of its zstream.c
//! ends when there is enough output, which never comes). So nothing of a file of its own is asked of it before
//! that was inflated to its end.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use miniz_oxide::inflate::stream::{InflateState, inflate};
use miniz_oxide::{DataFormat, MZFlush, MZStatus};

/// Whether there is a file at `path` that does not inflate to an end. Reads it in pieces.
pub(super) fn is_cut_short(path: &Path) -> bool {
    let Ok(mut file) = File::open(path) else { return false };
    let mut state = InflateState::new_boxed(DataFormat::Zlib);
    let (mut input, mut output) = (vec![0; 1 << 16], vec![0; 1 << 16]);
    loop {
        let length = match file.read(&mut input) {
            Ok(0) | Err(_) => return true,
            Ok(length) => length,
        };
        let mut rest = &input[..length];
        loop {
            let done = inflate(&mut state, rest, &mut output, MZFlush::None);
            rest = &rest[done.bytes_consumed..];
            match done.status {
                Ok(MZStatus::StreamEnd) => return false,
                // More input is wanted.
                Ok(_) | Err(miniz_oxide::MZError::Buf)
                    if rest.is_empty() && done.bytes_written < output.len() =>
                {
                    break;
                }
                Ok(_) => {}
                Err(_) => return true,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_is_not_there_to_its_end_is_cut_short() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("object");
        assert!(!is_cut_short(&path), "what is not there is none");
        let noise: Vec<u8> =
            (0..300_000u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
        for body in [vec![], vec![b'x'; 5], vec![b'x'; 1 << 16], vec![b'x'; 200_000], noise] {
            for level in [0, 6] {
                let whole = miniz_oxide::deflate::compress_to_vec_zlib(&body, level);
                std::fs::write(&path, &whole).unwrap();
                assert!(!is_cut_short(&path), "{} bytes", body.len());
                for length in [0, 1, 2, 3, whole.len() / 2, whole.len() - 5, whole.len() - 1] {
                    std::fs::write(&path, &whole[..length]).unwrap();
                    assert!(is_cut_short(&path), "{length} of {} bytes", whole.len());
                }
                let mut damaged = whole.clone();
                damaged[0] ^= 0xff;
                std::fs::write(&path, &damaged).unwrap();
                assert!(is_cut_short(&path));
            }
        }
    }
}
