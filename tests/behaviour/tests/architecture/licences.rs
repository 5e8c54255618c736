//! Under what terms the shipped programs may be passed on.

use spdx::{Expression, LicenseReq, ParseMode};

use crate::dependencies::shipped;
use crate::metadata;

/// Licences that ask for no more than that their text is passed on. None of them is a copyleft.
const ALLOWED: [&str; 11] = [
    "0BSD",
    "Apache-2.0",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "ISC",
    "MIT",
    "MIT-0",
    "Unicode-3.0",
    "Zlib",
];

fn allowed(required: &LicenseReq) -> bool {
    required.license.id().is_some_and(|id| ALLOWED.contains(&id.name))
}

#[test]
fn everything_shipped_may_be_used_under_a_permissive_licence() {
    let metadata = metadata().unwrap();
    let shipped = shipped(metadata);
    assert!(shipped.len() > 100, "only {} packages were looked at", shipped.len());
    for package in shipped {
        let text = package.license.as_deref().unwrap_or_default();
        // Older packages write MIT/Apache-2.0.
        let terms = Expression::parse_mode(text, ParseMode::LAX).expect(&package.name);
        assert!(terms.evaluate(allowed), "{} {} is under {text:?}", package.name, package.version);
    }
}
