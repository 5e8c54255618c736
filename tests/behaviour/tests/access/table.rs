//! The table of rules has every route, and nothing else.

use std::collections::BTreeSet;

use behaviour::{Form, SERVICES, run};
use wire::ACCESS_RULES;

/// What no description tells of: pages, and what services tell of themselves.
fn is_hidden(path: &str) -> bool {
    let own = ["/", "/docs", "/openapi.json"];
    let of_service = SERVICES.iter().any(|service| {
        path.strip_prefix(service.prefix).is_some_and(|rest| rest.is_empty() || own.contains(&rest))
    });
    of_service || !SERVICES.iter().any(|service| path.starts_with(service.prefix))
}

#[test]
fn every_operation_has_one_rule_and_every_rule_an_operation() -> anyhow::Result<()> {
    run(Form::Standalone, async |stage| {
        let mut described = BTreeSet::new();
        for service in SERVICES {
            let api = stage.api.get(&format!("{}/openapi.json", service.prefix)).await?.is(200).json();
            for (path, operations) in api["paths"].as_object().unwrap() {
                for method in operations.as_object().unwrap().keys() {
                    described.insert((format!("{}{path}", service.prefix), method.to_uppercase()));
                }
            }
        }
        let rules = ACCESS_RULES.iter().map(|rule| (rule.path.to_owned(), rule.method.to_owned()));
        let ruled: BTreeSet<(String, String)> = rules.clone().collect();
        assert_eq!(ruled.len(), ACCESS_RULES.len(), "an operation has two rules");
        let shown: BTreeSet<_> = ruled.iter().filter(|(path, _)| !is_hidden(path)).cloned().collect();
        assert_eq!(shown, described, "the table and the routes differ");
        Ok(())
    })
}
