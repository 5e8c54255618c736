use std::{fmt, sync::Arc};

use wire::Email;

/// What identifies a person, so that look-ups ignore case: [`Email::key`] with its ASCII letters in upper case.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Key(Arc<str>);

impl Key {
    /// Longest address to look for, in bytes. More than an address may have, since normalizing it can lengthen it.
    const MAX_LENGTH: usize = 4 * Email::MAX_LENGTH;

    /// The key of a text that may be an address; `None` when no stored address can have it.
    pub(crate) fn of(address: &str) -> Option<Key> {
        let key = Email::key(address).to_ascii_uppercase();
        let possible = key.len() <= Self::MAX_LENGTH && !key.chars().any(char::is_control);
        possible.then(|| Key(key.into()))
    }

    /// The key as it is stored.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    pub(crate) fn stored(text: &str) -> Key {
        Key(text.into())
    }
}

impl From<&Email> for Key {
    fn from(email: &Email) -> Key {
        Key(Email::key(email.as_str()).to_ascii_uppercase().into())
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
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
}
