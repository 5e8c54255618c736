//! Reads pages in Prometheus's text format (version 0.0.4): the samples, without types, help and timestamps.
//!
//! Names of queues come to labels as anybody has chosen them, and not every exporter escapes them; a line that can be
//! read in two ways is left out.

/// One line with a value: `name{label="text",…} 12`.
#[derive(Clone, Debug, PartialEq)]
pub struct Sample<'a> {
    pub name: &'a str,
    /// Names and values, in the order in which they are written; no name is there twice.
    pub labels: Vec<(&'a str, String)>,
    pub value: f64,
}

/// The samples of a page. Comments, blanks and what is no sample are left out.
pub fn samples(page: &str) -> impl Iterator<Item = Sample<'_>> {
    page.lines().filter_map(Sample::parse)
}

/// The sum of all series of a metric; `None` when there is none, or one whose value is no count.
pub fn sum(page: &str, name: &str) -> Option<u64> {
    let mut counts = samples(page).filter(|sample| sample.name == name).map(|sample| sample.count());
    let first = counts.next()??;
    counts.try_fold(first, |sum, count| Some(sum.saturating_add(count?)))
}

impl Sample<'_> {
    fn parse(line: &str) -> Option<Sample<'_>> {
        if line.starts_with('#') {
            return None;
        }
        let name_ends = line.find(['{', ' ', '\t'])?;
        let (name, rest) = line.split_at(name_ends);
        let (labels, rest) = match rest.strip_prefix('{') {
            Some(rest) => labels(rest)?,
            None => (Vec::new(), rest),
        };
        let value = rest.split_ascii_whitespace().next()?.parse().ok()?;
        Some(Sample { name, labels, value })
    }

    /// The value of a label.
    pub fn label(&self, name: &str) -> Option<&str> {
        self.labels.iter().find(|(found, _)| *found == name).map(|(_, value)| value.as_str())
    }

    /// The value without its fraction; `None` for what cannot be a count: `NaN`, a negative number, or 2⁵³ and more.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "nothing below 0 or above 2^53 gets there"
    )]
    pub fn count(&self) -> Option<u64> {
        (0.0..9_007_199_254_740_992.0).contains(&self.value).then_some(self.value as u64)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_in_labels_may_hold_anything() {
        let odd = r#"ready{vhost="a b",queue="x\"},\\ {=\n "} 3"#;
        let labels =
            [("vhost", "a b"), ("queue", "x\"},\\ {=\n ")].map(|(name, value)| (name, value.to_owned()));
        let expected = Sample { name: "ready", labels: labels.to_vec(), value: 3.0 };
        assert_eq!(Sample::parse(odd), Some(expected));
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
            assert_eq!(Sample::parse(text).unwrap().count(), count, "{text}");
        }
    }

    #[test]
    fn what_is_no_sample_is_left_out() {
        for text in [
            "",
            "# HELP m of it",
            "<html>",
            "m{a=\"b} 1",
            "m{a} 1",
            "m ",
            "m many",
            "m{q=\"x\",q=\"y\"} 1",
            "m{q=\"x \"y\"z\"} 1",
        ] {
            assert_eq!(Sample::parse(text), None, "{text}");
        }
    }

    #[test]
    fn the_series_of_a_metric_are_added_up() {
        for (page, total) in [
            ("active 3\n", Some(3)),
            ("active{service_name=\"w\"} 2\n", Some(2)),
            ("active{queue=\"a\"} 2\nactive{queue=\"b} 9\"} 1 1700000000\n", Some(3)),
            ("# TYPE active gauge\nactive\t0\n", Some(0)),
            ("active_total 5\n", None),
            ("active 1\nactive{queue=\"a\"} NaN\n", None),
            ("active NaN\n", None),
            ("active -1\n", None),
            ("up 1\n", None),
            ("", None),
        ] {
            assert_eq!(sum(page, "active"), total, "{page}");
        }
    }
}
