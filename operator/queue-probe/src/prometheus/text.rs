//! Prometheus's text format, as far as it is used here.

/// One line with a value: `name{label="text",…} 12`.
#[derive(Debug, PartialEq)]
pub(super) struct Line<'a> {
    pub(super) name: &'a str,
    labels: Vec<(&'a str, String)>,
    /// A count; `None` for what cannot be one (`NaN`, a negative or an endless number).
    pub(super) count: Option<u64>,
}

impl Line<'_> {
    /// Parses a line; `None` for comments, blanks and what is no such line.
    pub(super) fn parse(line: &str) -> Option<Line<'_>> {
        if line.starts_with('#') {
            return None;
        }
        let name_ends = line.find(['{', ' '])?;
        let (name, rest) = line.split_at(name_ends);
        let (labels, rest) = match rest.strip_prefix('{') {
            Some(rest) => labels(rest)?,
            None => (Vec::new(), rest),
        };
        Some(Line { name, labels, count: count(rest.split_ascii_whitespace().next()?) })
    }

    pub(super) fn label(&self, name: &str) -> Option<&str> {
        self.labels.iter().find(|(found, _)| *found == name).map(|(_, value)| value.as_str())
    }
}

/// What stands between the braces, and what comes behind them.
fn labels(mut rest: &str) -> Option<(Vec<(&str, String)>, &str)> {
    let mut labels = Vec::new();
    loop {
        rest = rest.trim_start_matches([',', ' ']);
        if let Some(behind) = rest.strip_prefix('}') {
            return Some((labels, behind));
        }
        let (name, quoted) = rest.split_once("=\"")?;
        let (value, behind) = quoted_text(quoted)?;
        let name = name.trim_end();
        // A name that was written as it is and looks like labels.
        if labels.iter().any(|(known, _)| *known == name) {
            return None;
        }
        labels.push((name, value));
        rest = behind;
    }
}

/// The text up to its closing quotation mark, without the escapes, and what comes behind.
fn quoted_text(quoted: &str) -> Option<(String, &str)> {
    let mut text = String::new();
    let mut characters = quoted.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            '"' => return Some((text, &quoted[at + 1..])),
            '\\' => match characters.next()?.1 {
                'n' => text.push('\n'),
                other => text.push(other),
            },
            other => text.push(other),
        }
    }
    None
}

/// A number is written with a point or an exponent as it pleases the writer.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "what is no natural number below 2^53 was sent away before"
)]
fn count(text: &str) -> Option<u64> {
    let value: f64 = text.parse().ok()?;
    (0.0..9_007_199_254_740_992.0).contains(&value).then_some(value as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> (String, Vec<(String, String)>, Option<u64>) {
        let parsed = Line::parse(line).unwrap();
        let labels = parsed.labels.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        (parsed.name.to_owned(), labels, parsed.count)
    }

    #[test]
    fn a_name_in_labels_may_hold_anything() {
        let odd = r#"ready{vhost="a b",queue="x\"},\\ {=\n "} 3"#;
        let labels =
            [("vhost", "a b"), ("queue", "x\"},\\ {=\n ")].map(|(n, v)| (n.to_owned(), v.to_owned()));
        assert_eq!(parse(odd), ("ready".to_owned(), labels.to_vec(), Some(3)));
    }

    #[test]
    fn numbers_come_in_every_spelling() {
        for (text, count) in [
            ("m 7", Some(7)),
            ("m{} 7.0", Some(7)),
            ("m 1.2e3 1700000000000", Some(1200)),
            ("m NaN", None),
            ("m -1", None),
            ("m +Inf", None),
        ] {
            assert_eq!(parse(text).2, count, "{text}");
        }
    }

    #[test]
    fn what_is_no_line_of_a_metric_is_left_out() {
        for text in [
            "",
            "# HELP m of it",
            "<html>",
            "m{a=\"b} 1",
            "m{a} 1",
            "m ",
            "m{q=\"x\",q=\"y\"} 1",
            "m{q=\"x \"y\"z\"} 1",
        ] {
            assert_eq!(Line::parse(text), None, "{text}");
        }
    }
}
