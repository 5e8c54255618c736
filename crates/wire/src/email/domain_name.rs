use std::borrow::Cow;

use idna::uts46::{AsciiDenyList, DnsLength, Hyphens, Uts46};

use super::Flaw;

/// Longest label in bytes, as `xn--` where it has letters beyond ASCII (RFC 1035 §2.3.4).
const MAX_LABEL: usize = 63;

/// IDNA by UTS #46 without the transitional mappings, which is IDNA2008 with the mappings that users expect.
const IDNA: Uts46 = Uts46::new();

/// What IDNA takes for the dot between labels.
const DOTS: [char; 4] = ['.', '\u{3002}', '\u{ff0e}', '\u{ff61}'];

/// The name in lower case, in letters if it was given in letters.
pub(super) fn shown(domain: &str) -> Result<String, Flaw> {
    if domain.is_empty() {
        return Err(Flaw::whole("nothing stands behind the @"));
    }
    let Some(ascii) = to_ascii(domain, DnsLength::Verify) else { return Err(flaw(domain)) };
    if !ascii.contains('.') {
        return Err(Flaw::whole("its domain has no dot"));
    }
    if domain.is_ascii() {
        return Ok(domain.to_ascii_lowercase());
    }
    Ok(IDNA.to_unicode(domain.as_bytes(), AsciiDenyList::STD3, Hyphens::CheckFirstLast).0.into_owned())
}

/// The name as it is in DNS, in lower case. What is no name stays as it is but for the case of ASCII letters.
pub(super) fn key(domain: &str) -> String {
    let name = if domain.is_ascii() { None } else { to_ascii(domain, DnsLength::Ignore) };
    name.map_or_else(|| domain.to_ascii_lowercase(), Cow::into_owned)
}

fn to_ascii(domain: &str, length: DnsLength) -> Option<Cow<'_, str>> {
    IDNA.to_ascii(domain.as_bytes(), AsciiDenyList::STD3, Hyphens::CheckFirstLast, length).ok()
}

/// What is wrong with a name that IDNA refuses.
fn flaw(domain: &str) -> Flaw {
    if let Some((at, _)) = domain.char_indices().find(|(_, character)| !is_allowed(*character)) {
        return Flaw::Character(at, "is not allowed in a domain");
    }
    let mut start = 0;
    for label in domain.split(DOTS) {
        let name = to_ascii(label, DnsLength::Ignore);
        if label.is_empty() {
            // The dot that ends it, or the last one when nothing follows.
            let at = if start < domain.len() { start } else { domain.trim_end_matches(DOTS).len() };
            return Flaw::Character(at, "must have other characters on both sides");
        } else if name.as_ref().is_some_and(|name| name.len() > MAX_LABEL) {
            return Flaw::whole(format!("the part {label:?} of its domain is longer than {MAX_LABEL} bytes"));
        } else if name.is_none() {
            return Flaw::whole(format!("the part {label:?} of its domain is no name by IDNA (UTS #46)"));
        }
        start += label.len() + domain[start + label.len()..].chars().next().map_or(0, char::len_utf8);
    }
    Flaw::whole("its domain is too long, or mixes directions of writing")
}

/// Whether the character can be in a label: some depend on those before them, such as marks and letters that are
/// written from the right.
fn is_allowed(character: char) -> bool {
    DOTS.contains(&character)
        || character == '-'
        || ["", "a", "א"]
            .iter()
            .any(|before| to_ascii(&format!("{before}{character}"), DnsLength::Ignore).is_some())
}
