use std::fmt;

use uuid::Uuid;

/// The id that follows one request through all services: 1–64 of `[A-Za-z0-9._-]`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct CaseId(String);

impl CaseId {
    /// The header that carries it.
    pub const HEADER: &'static str = "Case-ID";
    /// The longest that is taken over from a client.
    pub const MAX_LENGTH: usize = 64;

    /// A client's id, or `None` when it is empty, too long or has other characters.
    pub fn parse(text: &str) -> Option<CaseId> {
        let valid = (1..=Self::MAX_LENGTH).contains(&text.len())
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte));
        valid.then(|| CaseId(text.to_owned()))
    }

    /// A new random id (UUID version 4).
    pub fn fresh() -> CaseId {
        CaseId(Uuid::new_v4().to_string())
    }

    /// The id as it stands in the header.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for CaseId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_over_only_short_plain_ids() {
        assert_eq!(CaseId::parse("a.B_9-").map(|id| id.to_string()).as_deref(), Some("a.B_9-"));
        assert!(CaseId::parse(&"x".repeat(64)).is_some());
        for bad in ["", "a b", "a\n", "é", "a/b", &"x".repeat(65)] {
            assert_eq!(CaseId::parse(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn fresh_ids_are_valid_and_differ() {
        let (one, other) = (CaseId::fresh(), CaseId::fresh());
        assert_ne!(one, other);
        assert_eq!(CaseId::parse(one.as_str()), Some(one));
    }
}
