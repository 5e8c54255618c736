//! What alerts ask for.

use std::collections::BTreeSet;

/// The selectors (`metric{label="value"}`) in the expressions of a file of rules, without their ranges. Names with a colon are those
/// of recorded series.
pub(crate) fn selectors(rules: &str) -> BTreeSet<String> {
    let mut within = false;
    let expressions = rules.lines().filter(|line| {
        within = line.ends_with(" expr: |") || within && line.starts_with("          ");
        within && !line.ends_with(" expr: |")
    });
    let mut found = BTreeSet::new();
    for line in expressions {
        let mut rest = line;
        while let Some(start) = rest.find(|c: char| c.is_ascii_lowercase()) {
            rest = &rest[start..];
            let end =
                rest.find(|c: char| !(c.is_ascii_alphanumeric() || "_:".contains(c))).unwrap_or(rest.len());
            let (name, after) = rest.split_at(end);
            let braces = if after.starts_with('{') { after.find('}').map_or(0, |at| at + 1) } else { 0 };
            if name.contains('_') && !after.starts_with('(') && !is_label_list(line, name) {
                found.insert(format!("{name}{}", &after[..braces]));
            }
            rest = &after[braces..];
        }
    }
    found
}

/// Whether the name stands in `by (…)`.
fn is_label_list(line: &str, name: &str) -> bool {
    line.split("by (")
        .skip(1)
        .any(|list| list.split(')').next().is_some_and(|list| list.split(", ").any(|label| label == name)))
}

#[test]
fn selectors_are_found_and_labels_and_functions_are_not() {
    let rules = "        expr: |\n          sum by (service_name) (rate(a_total{x=\"y_z\",q!~\"a b\"}[5m])) > 0.5\n\
                 \x20         and w2meet:b_c:rate5m == 1\n        annotations:\n          summary: not_this\n";
    let expected = ["a_total{x=\"y_z\",q!~\"a b\"}", "w2meet:b_c:rate5m"].map(str::to_owned);
    assert_eq!(selectors(rules), expected.into());
}
