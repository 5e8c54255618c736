//! What alerts ask for.

use std::collections::BTreeSet;

use serde_json::{Value, json};

/// The selectors (`metric{label="value"}`) in the expressions of a file of rules, without their ranges. Names with a colon are those
/// of recorded series.
pub(crate) fn selectors(rules: &str) -> anyhow::Result<BTreeSet<String>> {
    let rules: Value = serde_saphyr::from_str(rules)?;
    let groups = rules["groups"].as_array().into_iter().flatten();
    let rules = groups.flat_map(|group| group["rules"].as_array()).flatten();
    let mut found = BTreeSet::new();
    for line in rules.filter_map(|rule| rule["expr"].as_str()).flat_map(str::lines) {
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
    Ok(found)
}

/// Whether the name stands in `by (…)`.
fn is_label_list(line: &str, name: &str) -> bool {
    line.split("by (")
        .skip(1)
        .any(|list| list.split(')').next().is_some_and(|list| list.split(", ").any(|label| label == name)))
}

#[test]
fn selectors_are_found_and_labels_and_functions_are_not() {
    let expr =
        "sum by (service_name) (rate(a_total{x=\"y_z\",q!~\"a b\"}[5m])) > 0.5\nand w2meet:b_c:rate5m == 1";
    let rules = json!({"groups": [{"rules": [{"expr": expr, "annotations": {"summary": "not_this"}}]}]});
    let expected = ["a_total{x=\"y_z\",q!~\"a b\"}", "w2meet:b_c:rate5m"].map(str::to_owned);
    assert_eq!(selectors(&rules.to_string()).ok(), Some(expected.into()));
}
