//! An index file, and the other half of a split one: what is read holds together, in every version and form; nothing
//! fails, and little memory is taken for what lies.
#![no_main]

use std::path::PathBuf;
use std::sync::OnceLock;

use git_bak::git::index::Index;
use git_bak::git::object_format::ObjectFormat;
use git_bak_fuzz::Scratch;
use libfuzzer_sys::arbitrary::{Arbitrary, Result, Unstructured};

/// Bytes as they are, or two files that are nearly those of Git.
#[derive(Debug)]
struct Files {
    index: Vec<u8>,
    base: Vec<u8>,
}

const ID: usize = 20;
const NAMES: [&[u8]; 10] =
    [b"", b"a", b"a/", b"a/b", b"a/b/c", b"b", b"d.e/f", b"d/e", b"d/f", b"z"];

impl<'a> Arbitrary<'a> for Files {
    fn arbitrary(input: &mut Unstructured<'a>) -> Result<Self> {
        if input.ratio(1, 4)? {
            return Ok(Self { index: input.arbitrary()?, base: Vec::new() });
        }
        let base = file(input, &[])?;
        let mut extensions = Vec::new();
        for _ in 0..input.int_in_range(0..=2)? {
            let name = *input.choose(&[b"link", b"link", b"TREE", b"sdir", b"EOIE", b"zzzz"])?;
            let content = match name {
                b"link" => link(input, &base[base.len() - ID..])?,
                b"TREE" => b"\0-1 1\na\0001 0\n".iter().chain(&[7; ID]).copied().collect(),
                _ => Vec::new(),
            };
            let length = u32::try_from(content.len()).unwrap().to_be_bytes();
            extensions.extend([&name[..], &length, &content].concat());
        }
        Ok(Self { index: file(input, &extensions)?, base })
    }
}

fn file(input: &mut Unstructured<'_>, extensions: &[u8]) -> Result<Vec<u8>> {
    let version = input.int_in_range(2..=4_u32)?;
    let mut names = Vec::new();
    for _ in 0..input.int_in_range(0..=9)? {
        names.push(*input.choose(&NAMES)?);
    }
    if input.ratio(7, 8)? {
        names.sort_unstable();
    }
    let count = u32::try_from(names.len()).unwrap();
    let mut bytes = [&b"DIRC"[..], &version.to_be_bytes(), &count.to_be_bytes()].concat();
    let mut last: &[u8] = b"";
    for name in names {
        let start = bytes.len();
        for _ in 0..10 {
            bytes.extend(u32::from(input.arbitrary::<u8>()?).to_be_bytes());
        }
        bytes.extend([1; ID]);
        let extended = version > 2 && input.ratio(1, 4)?;
        let stage = if input.ratio(1, 4)? { input.int_in_range(0..=3)? } else { 0_u16 };
        let flags = u16::from(extended) << 14 | stage << 12 | u16::try_from(name.len()).unwrap();
        bytes.extend(flags.to_be_bytes());
        if extended {
            bytes.extend((input.int_in_range(0..=3_u16)? << 13).to_be_bytes());
        }
        if version == 4 {
            let common = last.iter().zip(name).take_while(|(a, b)| a == b).count();
            bytes.push(u8::try_from(last.len() - common).unwrap());
            bytes.extend([&name[common..], b"\0"].concat());
        } else {
            bytes.extend_from_slice(name);
            bytes.resize(bytes.len() + 8 - (bytes.len() - start) % 8, 0);
        }
        last = name;
    }
    bytes.extend_from_slice(extensions);
    bytes.extend(input.arbitrary::<[u8; ID]>()?);
    Ok(bytes)
}

/// The other half's checksum, and two bitmaps of one word each; or whatever comes.
fn link(input: &mut Unstructured<'_>, base: &[u8]) -> Result<Vec<u8>> {
    let mut bytes = base.to_vec();
    if input.ratio(1, 4)? {
        bytes.extend(input.arbitrary::<Vec<u8>>()?);
        return Ok(bytes);
    }
    for _ in 0..2 {
        let bits = u64::from(input.arbitrary::<u16>()? & input.arbitrary::<u16>()?);
        bytes.extend([0, 0, 0, 16, 0, 0, 0, 2]);
        bytes.extend([(1_u64 << 33).to_be_bytes(), bits.to_be_bytes()].concat());
        bytes.extend([0; 4]);
    }
    Ok(bytes)
}

fn folder() -> &'static (Scratch, PathBuf) {
    static FOLDER: OnceLock<(Scratch, PathBuf)> = OnceLock::new();
    FOLDER.get_or_init(|| {
        let scratch = Scratch::new();
        let folder = scratch.around().join("halves");
        std::fs::create_dir(&folder).unwrap();
        (scratch, folder)
    })
}

libfuzzer_sys::fuzz_target!(|files: Files| {
    let folder = &folder().1;
    let half = files.base.len().checked_sub(ID).map(|end| {
        let id: String = files.base[end..].iter().map(|byte| format!("{byte:02x}")).collect();
        folder.join(format!("sharedindex.{id}"))
    });
    if let Some(half) = &half {
        std::fs::write(half, &files.base).unwrap();
    }
    let file = folder.join("index");
    std::fs::write(&file, &files.index).unwrap();
    for format in [ObjectFormat::Sha1, ObjectFormat::Sha256] {
        if let Ok(Some(index)) = Index::read(&file, format) {
            holds_together(&index, files.index.len() + files.base.len());
        }
    }
    if let Some(half) = half {
        std::fs::remove_file(half).unwrap();
    }
});

fn holds_together(index: &Index, bytes: usize) {
    assert!(index.count() <= bytes / 62);
    let entries: Vec<_> = index.entries().collect();
    assert_eq!(entries.len(), index.count());
    assert!(entries.windows(2).all(|two| (two[0].path, two[0].stage) < (two[1].path, two[1].stage)));
    let marked: Vec<usize> = (0..entries.len()).filter(|&at| entries[at].is_marked()).collect();
    assert_eq!(index.marked, marked);
    for (at, entry) in entries.iter().enumerate() {
        assert!(!entry.path.is_empty() && !entry.path.contains(&0));
        assert_eq!(index.path(at), Some(entry.path));
        assert!(index.contains(entry.path) != Some(false));
    }
}
