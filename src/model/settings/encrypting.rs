//! Which filter drivers encrypt, by their names (gitattributes(5), "filter").
//!
//! Of a file under one of them the vault holds only what the filter made of it. For any other driver the attribute
//! `bak=clean` asks for that.

/// Drivers that encrypt and don't have `crypt` in their names (`git-crypt`, `git-crypt-KEY`, `crypt`, as transcrypt
/// has it, `git-agecrypt`, `gcrypt` do).
const NAMES: [&str; 11] = [
    "age",
    "ansible-vault",
    "ejson",
    "git-age",
    "git-secret",
    "gnupg",
    "gpg",
    "openssl",
    "pgp",
    "sops",
    "strongbox",
];

/// Whether a driver of this name encrypts.
pub fn encrypts(driver: &[u8]) -> bool {
    let name = driver.to_ascii_lowercase();
    name.windows(5).any(|part| part == b"crypt") || NAMES.iter().any(|it| it.as_bytes() == name)
}

#[cfg(test)]
mod tests {
    use super::encrypts;

    #[test]
    fn a_driver_is_known_by_its_name() {
        for name in ["git-crypt", "git-crypt-key 2", "crypt", "GCrypt", "age", "SOPS"] {
            assert!(encrypts(name.as_bytes()), "{name}");
        }
        for name in ["lfs", "page", "nbstripout", "crypto".get(..4).unwrap(), ""] {
            assert!(!encrypts(name.as_bytes()), "{name}");
        }
    }
}
