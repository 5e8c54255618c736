use std::collections::HashMap;

use rand::{Rng, RngExt};

const FIRST: &str = include_str!("first-names.txt");
const LAST: &str = include_str!("last-names.txt");
/// Extra tags that some people have in their address.
const TAGS: [&str; 3] = ["+work", "+meetings", "+w2"];

/// Gives out addresses, none twice.
pub(super) struct Names {
    first: Vec<&'static str>,
    last: Vec<&'static str>,
    given: HashMap<String, u32>,
}

impl Names {
    pub(super) fn new() -> Names {
        Names { first: FIRST.lines().collect(), last: LAST.lines().collect(), given: HashMap::new() }
    }

    /// `first.last@example.com`, with a number from the second of that name on.
    pub(super) fn address(&mut self, rng: &mut impl Rng) -> String {
        let mut name = format!("{}.{}", one_of(rng, &self.first), one_of(rng, &self.last));
        let count = self.given.entry(name.clone()).or_default();
        *count += 1;
        if *count > 1 {
            name.push_str(&count.to_string());
        }
        // The number stands before the tag, so that a tag makes no two addresses alike.
        if rng.random_ratio(1, 25) {
            name.push_str(one_of(rng, &TAGS));
        }
        name + "@example.com"
    }
}

fn one_of<'a>(rng: &mut impl Rng, names: &[&'a str]) -> &'a str {
    names[rng.random_range(0..names.len())]
}
