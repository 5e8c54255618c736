use std::error::Error;

use scaling::{Unknown, UnknownKind};

/// Why nothing is known, with a message for an operator.
pub(crate) fn unknown(kind: UnknownKind, message: impl Into<String>) -> Unknown {
    Unknown { kind, message: message.into() }
}

/// An error with all its causes in one line.
pub(crate) fn chain(error: &(dyn Error + 'static)) -> String {
    let mut told = Vec::<String>::new();
    let mut cause = Some(error);
    while let Some(error) = cause {
        let text = error.to_string();
        // Some errors repeat their cause in their own words.
        if !told.last().is_some_and(|before| before.contains(&text)) {
            told.push(text);
        }
        cause = error.source();
    }
    told.join(": ")
}
