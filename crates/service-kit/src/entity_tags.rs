use axum::http::{HeaderMap, HeaderName, header};
use wire::Fault;

use crate::ApiError;

/// What `If-Match` or `If-None-Match` has (RFC 9110 §13.1): `*`, or a list of entity tags.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EntityTags {
    Any,
    /// Each without its `W/` but with its quotes, and whether it is weak.
    These(Vec<(String, bool)>),
}

impl EntityTags {
    /// Reads a header; `None` when it was not sent.
    ///
    /// # Errors
    /// 400 when it cannot be read, for to pass over a condition would be to overwrite what it protects.
    pub fn of_header(headers: &HeaderMap, name: &HeaderName) -> Result<Option<EntityTags>, ApiError> {
        let lines = headers.get_all(name).iter().map(|line| line.to_str());
        let Ok(lines) = lines.collect::<Result<Vec<_>, _>>() else { return Err(unreadable(name)) };
        if lines.is_empty() {
            return Ok(None);
        }
        EntityTags::parse(&lines.join(",")).map(Some).ok_or_else(|| unreadable(name))
    }

    /// Reads a field's value; `None` when it is neither. Empty elements are passed over, and an empty list matches nothing
    /// (RFC 9110 §5.6.1).
    pub fn parse(text: &str) -> Option<EntityTags> {
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
    pub fn contain(&self, tag: &str) -> bool {
        match self {
            EntityTags::Any => true,
            EntityTags::These(tags) => tags.iter().any(|(given, _)| given == tag),
        }
    }

    /// Whether content of the same bytes is among these.
    pub fn contain_strong(&self, tag: &str) -> bool {
        match self {
            EntityTags::Any => true,
            EntityTags::These(tags) => tags.iter().any(|(given, weak)| given == tag && !weak),
        }
    }
}

fn unreadable(name: &HeaderName) -> ApiError {
    let msg = "Give * or entity tags as they came in ETag, with their quotes, separated by commas";
    let shown = if *name == header::IF_MATCH { "If-Match" } else { "If-None-Match" };
    ApiError::bad_request(vec![Fault::new(["header", shown], "value_error", msg)])
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
}
