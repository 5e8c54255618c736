/// Longest line in octets, without its line break (RFC 5545 §3.1).
const LONGEST: usize = 75;

/// Content lines of iCalendar (RFC 5545 §3.1), folded, each ended by CRLF.
///
/// Whatever is in a text, it stays the value of its own line: line breaks are escaped or taken out here and nowhere else.
#[derive(Debug, Default)]
pub(crate) struct ContentLines {
    text: String,
}

impl ContentLines {
    /// A line whose value is written as it is: a date, a number, a word of the standard. `name` may have parameters.
    pub(crate) fn line(&mut self, name: &str, value: &str) {
        let (mut length, line) = (0, [name, ":", value]);
        for character in line.iter().flat_map(|part| part.chars()).filter(|character| !character.is_control())
        {
            if length + character.len_utf8() > LONGEST {
                self.text.push_str("\r\n ");
                length = 1;
            }
            self.text.push(character);
            length += character.len_utf8();
        }
        self.text.push_str("\r\n");
    }

    /// A line whose value is a text that somebody wrote (RFC 5545 §3.3.11).
    pub(crate) fn text(&mut self, name: &str, text: &str) {
        self.line(name, &escaped(text));
    }

    /// As [`ContentLines::text`], and no line where there is nothing to say.
    pub(crate) fn text_if_any(&mut self, name: &str, text: &str) {
        if !text.trim().is_empty() {
            self.text(name, text);
        }
    }

    pub(crate) fn into_text(self) -> String {
        self.text
    }
}

/// The text with line breaks of any kind as `\n`, and what has a meaning in values behind a backslash.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len() + 16);
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '\\' | ';' | ',' => escaped.extend(['\\', character]),
            '\r' if characters.peek() == Some(&'\n') => {}
            '\r' | '\n' => escaped.push_str("\\n"),
            '\t' => escaped.push(' '),
            _ => escaped.push(character),
        }
    }
    escaped
}

/// A text as the value of a parameter. Nothing can stand for a quotation mark in one, so that it becomes an apostrophe; and
/// a backslash, which some readers take for an escape, a slash.
pub(crate) fn quoted(text: &str) -> String {
    let plain = |character: char| match character {
        '"' => '\'',
        '\\' => '/',
        _ if character.is_control() => ' ',
        _ => character,
    };
    format!("\"{}\"", text.trim().chars().map(plain).collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(name: &str, text: &str) -> String {
        let mut lines = ContentLines::default();
        lines.text(name, text);
        lines.into_text()
    }

    #[test]
    fn what_has_a_meaning_is_escaped_and_line_breaks_are_of_one_kind() {
        assert_eq!(lines("SUMMARY", "a;b,c\\d:\"e\""), "SUMMARY:a\\;b\\,c\\\\d:\"e\"\r\n");
        assert_eq!(lines("SUMMARY", "a\r\nb\rc\nd\te\u{0}\u{85}f"), "SUMMARY:a\\nb\\nc\\nd ef\r\n");
        assert_eq!(quoted(" Ada \"x\"\r\nB:;,\\"), "\"Ada 'x'  B:;,/\"");
    }

    #[test]
    fn lines_are_folded_at_75_octets_and_never_in_a_letter() {
        assert_eq!(lines("X", &"a".repeat(73)), format!("X:{}\r\n", "a".repeat(73)));
        assert_eq!(lines("X", &"a".repeat(74)), format!("X:{}\r\n a\r\n", "a".repeat(73)));
        // The rest of a line is no longer than the first of its parts.
        assert_eq!(
            lines("X", &"a".repeat(148)),
            format!("X:{}\r\n {}\r\n a\r\n", "a".repeat(73), "a".repeat(74))
        );
        assert_eq!(lines("X", &"老".repeat(25)), format!("X:{}\r\n 老\r\n", "老".repeat(24)));
    }
}
