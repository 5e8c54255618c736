use std::borrow::Cow;

use unicode_normalization::UnicodeNormalization;

use super::{Flaw, visible::is_visible};

/// Longest local part in bytes (RFC 5321 §4.5.3.1.1).
const MAX_LENGTH: usize = 64;

/// Characters whose canonical form is an ASCII character that looks the same: the Kelvin sign, the Greek question mark
/// and the Greek grave accent.
const BECOME_ASCII: [char; 3] = ['\u{212a}', '\u{37e}', '\u{1fef}'];

/// Checks that it is a dot-atom or a quoted string, by RFC 5322 §3.2.3 and §3.2.4 with the letters of RFC 6531 §3.3.
pub(super) fn check(local: &str) -> Result<(), Flaw> {
    if local.is_empty() || local == "\"\"" {
        return Err(Flaw::whole("nothing stands before the @"));
    }
    if local.len() > MAX_LENGTH {
        return Err(Flaw::whole(format!("more than {MAX_LENGTH} bytes stand before the @")));
    }
    match local.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
        Some(quoted) => quoted_string(quoted, '"'.len_utf8()),
        None => dot_atom(local),
    }
}

fn dot_atom(local: &str) -> Result<(), Flaw> {
    for (at, character) in local.char_indices() {
        let (before, behind) = (&local[..at], &local[at + character.len_utf8()..]);
        if character == '.' && (before.is_empty() || before.ends_with('.') || behind.is_empty()) {
            return Err(Flaw::Character(at, "must have other characters on both sides"));
        }
        let taken = match character {
            '.' => true,
            ascii if ascii.is_ascii() => {
                ascii.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~".contains(ascii)
            }
            other => is_visible(before, other, behind),
        };
        if !taken {
            return Err(Flaw::Character(at, "is not allowed before the @"));
        }
    }
    Ok(())
}

fn quoted_string(quoted: &str, start: usize) -> Result<(), Flaw> {
    let mut escaped = false;
    for (at, character) in quoted.char_indices() {
        let (before, behind) = (&quoted[..at], &quoted[at + character.len_utf8()..]);
        let taken = match character {
            '\\' | '"' if escaped => true,
            '\\' => at + 1 < quoted.len(),
            '"' => false,
            ascii if ascii.is_ascii() => !ascii.is_ascii_control(),
            other => !escaped && is_visible(before, other, behind),
        };
        if !taken {
            return Err(Flaw::Character(start + at, "is not allowed between the quotes"));
        }
        escaped = character == '\\' && !escaped;
    }
    Ok(())
}

/// Without the quotes and backslashes that it does not need: they are no part of the mailbox's name (RFC 5321 §4.1.2).
fn unquoted(local: &str) -> Cow<'_, str> {
    let quoted = local.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    let Some(quoted) = quoted.filter(|quoted| quoted_string(quoted, 0).is_ok()) else { return local.into() };
    let (mut plain, mut escaped) = (String::with_capacity(quoted.len()), false);
    for character in quoted.chars() {
        escaped = character == '\\' && !escaped;
        if !escaped {
            plain.push(character);
        }
    }
    if !plain.is_empty() && dot_atom(&plain).is_ok() {
        return plain.into();
    }
    format!("\"{}\"", plain.replace('\\', "\\\\").replace('"', "\\\"")).into()
}

/// As few quotes as may be, in NFC, with ASCII letters in lower case. [`BECOME_ASCII`] stay as they are, or NFC would let somebody pass for
/// somebody else.
pub(super) fn key(local: &str) -> String {
    let local = &*unquoted(local);
    if local.is_ascii() {
        return local.to_ascii_lowercase();
    }
    let fold = |part: &str| part.nfc().map(|c| c.to_ascii_lowercase()).nfc().collect::<String>();
    let mut key = String::with_capacity(local.len());
    let mut start = 0;
    for (at, kept) in local.match_indices(BECOME_ASCII) {
        key.push_str(&fold(&local[start..at]));
        key.push_str(kept);
        start = at + kept.len();
    }
    key.push_str(&fold(&local[start..]));
    key
}
