//! Conditions of a request (RFC 9110 §13), by which a client changes only what it has seen and reads only what is new.

use service_kit::EntityTags;

use crate::record::Record;

/// The fields `If-Match` and `If-None-Match`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Conditions {
    pub(crate) if_match: Option<EntityTags>,
    pub(crate) if_none_match: Option<EntityTags>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reading {
    Send,
    NotModified,
    Refuse,
}

impl Conditions {
    pub(crate) fn is_empty(&self) -> bool {
        self.if_match.is_none() && self.if_none_match.is_none()
    }

    /// Whether somebody whose record is this may be changed.
    pub(crate) fn allow_change(&self, record: &Record) -> bool {
        self.allow_change_of(&record.entity_tag())
    }

    /// Whether what has this tag may be changed.
    pub(crate) fn allow_change_of(&self, tag: &str) -> bool {
        self.reading_of(tag) == Reading::Send
    }

    pub(crate) fn reading(&self, record: &Record) -> Reading {
        // A tag is the hash of the whole record: not made where nobody asks for it.
        if self.is_empty() { Reading::Send } else { self.reading_of(&record.entity_tag()) }
    }

    /// What to do with a read of what has this tag.
    pub(crate) fn reading_of(&self, tag: &str) -> Reading {
        if self.if_match.as_ref().is_some_and(|tags| !tags.contain_strong(tag)) {
            Reading::Refuse
        } else if self.if_none_match.as_ref().is_some_and(|tags| tags.contain(tag)) {
            Reading::NotModified
        } else {
            Reading::Send
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_weak_tag_is_enough_to_read_and_too_little_to_change() {
        let record = Record::cached("{}".into());
        let tag = record.entity_tag();
        let with = |if_match: Option<&str>, if_none_match: Option<&str>| {
            let conditions = Conditions {
                if_match: if_match.and_then(EntityTags::parse),
                if_none_match: if_none_match.and_then(EntityTags::parse),
            };
            conditions.reading(&record)
        };
        let weak = format!("W/{tag}");
        assert_eq!(with(None, None), Reading::Send);
        assert_eq!(with(Some("*"), None), Reading::Send);
        assert_eq!(with(Some(&format!("\"other\", {tag}")), Some("\"other\"")), Reading::Send);
        assert_eq!(with(Some(&weak), None), Reading::Refuse);
        assert_eq!(with(Some("\"other\""), Some(&tag)), Reading::Refuse);
        assert_eq!(with(None, Some(&weak)), Reading::NotModified);
        assert_eq!(with(None, Some("*")), Reading::NotModified);
    }
}
