use std::{fmt, sync::Arc};

use wire::Email;

/// What identifies a person, so that look-ups ignore case: [`Email::key`].
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Key(Arc<str>);

impl Key {
    /// Longest address to look for, in bytes. More than an address may have, since normalizing it can lengthen it.
    const MAX_LENGTH: usize = 4 * Email::MAX_LENGTH;

    /// The key of a text that may be an address; `None` when no stored address can have it.
    pub(crate) fn of(address: &str) -> Option<Key> {
        let key = Email::key(address);
        let possible = key.len() <= Self::MAX_LENGTH && !key.chars().any(char::is_control);
        possible.then(|| Key(key.into()))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    pub(crate) fn stored(text: &str) -> Key {
        Key(text.into())
    }

    /// The key whose cache entry has this name. Entries of the version before, which had all letters in upper case, keep
    /// their name too.
    pub(crate) fn cached(name: &str) -> Key {
        Key(name.to_ascii_lowercase().into())
    }

    /// Whether the database can tell it from the address as given, see `migrations/`.
    pub(crate) fn is_plain(&self) -> bool {
        self.0.is_ascii() && !self.0.contains("xn--")
    }
}

impl From<&Email> for Key {
    fn from(email: &Email) -> Key {
        Key(Email::key(email.as_str()).into())
    }
}

/// The name of the person's entry in the cache, which has its ASCII letters in upper case.
impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.to_ascii_uppercase())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ignores_case_and_blanks_and_takes_no_control_characters() {
        let key = Key::from(&"Ada.Lovelace@Example.ORG".parse().unwrap());
        assert_eq!(Key::of(" ada.lovelace@EXAMPLE.org "), Some(key));
        assert_eq!(Key::of("ada\0@example.org"), None);
        assert_eq!(Key::of(&"x".repeat(2000)), None);
    }

    #[test]
    fn entries_in_the_cache_are_named_in_upper_case_by_ascii_alone() {
        let key = Key::of("Jörg.Weiß@Bücher.example").unwrap();
        assert_eq!(key.to_string(), "JöRG.WEIß@XN--BCHER-KVA.EXAMPLE");
        assert_eq!(Key::cached(&key.to_string()), key);
        assert_eq!(Key::cached("JÖRG@BÜCHER.EXAMPLE").to_string(), "JÖRG@BÜCHER.EXAMPLE");
    }
}
