use std::collections::HashMap;

use rand::{Rng, RngExt};

const FIRST: [&str; 56] = [
    "ada",
    "ahmed",
    "aiko",
    "alan",
    "amina",
    "anders",
    "anne-marie",
    "barbara",
    "bjarne",
    "carlos",
    "chen",
    "chiara",
    "dana",
    "dennis",
    "dmitri",
    "edsger",
    "elif",
    "emma",
    "fatima",
    "felix",
    "frances",
    "grace",
    "hanna",
    "hiro",
    "ines",
    "ivan",
    "jamal",
    "jean",
    "joan",
    "john",
    "karen",
    "katherine",
    "ken",
    "lars",
    "leslie",
    "lin",
    "linus",
    "maria",
    "margaret",
    "mehmet",
    "mei",
    "niklaus",
    "noor",
    "olga",
    "omar",
    "pavel",
    "priya",
    "radia",
    "rosa",
    "samir",
    "sofia",
    "tim",
    "tony",
    "wei",
    "yusuf",
    "zoe",
];
const LAST: [&str; 56] = [
    "allen",
    "bachman",
    "becker",
    "borg",
    "chandra",
    "codd",
    "dahl",
    "de-souza",
    "diaz",
    "dijkstra",
    "easley",
    "engelbart",
    "fischer",
    "floyd",
    "garcia",
    "goldberg",
    "gray",
    "hamilton",
    "hansen",
    "hoare",
    "holberton",
    "hopper",
    "ivanova",
    "johnson",
    "kapoor",
    "keller",
    "kim",
    "knuth",
    "lamport",
    "lee",
    "liskov",
    "lovelace",
    "martin",
    "mensah",
    "milner",
    "moreau",
    "mueller",
    "nakamura",
    "naur",
    "novak",
    "nygaard",
    "o'brien",
    "o'neill",
    "okafor",
    "perlman",
    "ritchie",
    "rossi",
    "sato",
    "silva",
    "singh",
    "spaerck-jones",
    "tanaka",
    "thompson",
    "torvalds",
    "wilkes",
    "yilmaz",
];
/// Extra tags that some people have in their address.
const TAGS: [&str; 3] = ["+work", "+meetings", "+w2"];

/// Gives out addresses, none twice.
#[derive(Default)]
pub(super) struct Names {
    given: HashMap<String, u32>,
}

impl Names {
    /// `first.last@example.com`, with a number from the second of that name on.
    pub(super) fn address(&mut self, rng: &mut impl Rng) -> String {
        let mut name = format!("{}.{}", one_of(rng, &FIRST), one_of(rng, &LAST));
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
