//! The operator's metrics are the documented ones. It needs a Kubernetes to run, so its code is read instead.

use std::{collections::BTreeSet, fs};

use observability::{documents, root};

const PREFIX: &str = "queue_scaler_";

#[test]
fn the_operator_s_metrics_are_documented_and_the_documented_ones_are_there() {
    let source = fs::read_to_string(root().join("operator/controller/src/metrics.rs")).unwrap();
    let literals = source.split('"').skip(1).step_by(2).filter(|literal| literal.starts_with(PREFIX));
    let registered: BTreeSet<String> = literals.map(str::to_owned).collect();
    let documented = documents::metrics().unwrap().into_iter().map(|metric| metric.name);
    let documented: BTreeSet<String> = documented.filter(|name| name.starts_with(PREFIX)).collect();
    assert!(registered.len() > 5, "only {registered:?} was found");
    assert_eq!(registered, documented);
}
