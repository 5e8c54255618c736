//! Conditions of a request (RFC 9110 §13), by which a client changes only what it has seen and reads only what is new.

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
        self.reading(record) == Reading::Send
    }

    pub(crate) fn reading(&self, record: &Record) -> Reading {
        let tag = record.entity_tag();
        if self.if_match.as_ref().is_some_and(|tags| !tags.contain_strong(&tag)) {
            Reading::Refuse
        } else if self.if_none_match.as_ref().is_some_and(|tags| tags.contain(&tag)) {
            Reading::NotModified
        } else {
            Reading::Send
        }
    }
}

/// `*`, or a list of entity tags.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum EntityTags {
    Any,
    /// Each without its `W/` but with its quotes, and whether it is weak.
    These(Vec<(String, bool)>),
}

impl EntityTags {
    /// Reads a field's value; `None` when it is neither. Empty elements are passed over, and an empty list matches nothing
    /// (RFC 9110 §5.6.1).
    pub(crate) fn parse(text: &str) -> Option<EntityTags> {
        let mut rest = text.trim();
        if rest == "*" {
            return Some(EntityTags::Any);
        }
        let mut tags = Vec::new();
        loop {
            rest = rest.trim_start_matches(|c: char| c == ',' || c.is_whitespace());
            if rest.is_empty() {
                return Some(EntityTags::These(tags));
            }
            let (weak, quoted) = rest.strip_prefix("W/").map_or((false, rest), |quoted| (true, quoted));
            let (tag, behind) = quoted.strip_prefix('"')?.split_once('"')?;
            tags.push((format!("\"{tag}\""), weak));
            rest = behind.trim_start();
            if !rest.is_empty() && !rest.starts_with(',') {
                return None;
            }
        }
    }

    /// Whether content with this tag is among these, or content that is equivalent (`W/"…"`).
    fn contain(&self, tag: &str) -> bool {
        match self {
            EntityTags::Any => true,
            EntityTags::These(tags) => tags.iter().any(|(given, _)| given == tag),
        }
    }

    /// Whether content of the same bytes is among these.
    fn contain_strong(&self, tag: &str) -> bool {
        match self {
            EntityTags::Any => true,
            EntityTags::These(tags) => tags.iter().any(|(given, weak)| given == tag && !weak),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_any_or_a_list_of_tags_and_nothing_else() {
        assert_eq!(EntityTags::parse(" * "), Some(EntityTags::Any));
        let tags =
            [("\"a,b\"", false), ("\"c\"", true), ("\"\"", false)].map(|(tag, weak)| (tag.to_owned(), weak));
        assert_eq!(EntityTags::parse("\"a,b\" , W/\"c\",\"\""), Some(EntityTags::These(tags.into())));
        for empty in ["", ",", " , ,"] {
            assert_eq!(EntityTags::parse(empty), Some(EntityTags::These(Vec::new())));
        }
        let one = EntityTags::parse("\"a\"");
        for same in [",\"a\"", "\"a\",", " , \"a\" ,, "] {
            assert_eq!(EntityTags::parse(same), one, "{same}");
        }
        for bad in ["a", "\"a", "\"a\" \"b\"", "\"a\", b", "w/\"a\"", "*, \"a\"", "\"a\", *"] {
            assert_eq!(EntityTags::parse(bad), None, "{bad}");
        }
    }

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
