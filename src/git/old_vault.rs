//! The vault of earlier versions: a tree under `refs/bak/vault` in the user's own objects.

use super::repository::Repository;

pub const REF: &str = "refs/bak/vault";

pub fn is_there(repository: &Repository) -> bool {
    if repository.refs_are_files {
        let packed = std::fs::read(repository.common_dir.join("packed-refs")).unwrap_or_default();
        return repository.common_dir.join(REF).is_file()
            || packed.windows(REF.len()).any(|part| part == REF.as_bytes());
    }
    repository.git().output(["rev-parse", "--verify", "--quiet", REF]).is_ok()
}
