//! Reading a body member by member, so that every fault of it is told, each with the place where it stands.

mod object;
mod text;
mod values;

pub(crate) use object::{Object, read_body};
pub use text::AsText;
pub(crate) use text::as_text;
pub(crate) use values::{boolean, integer, list, object, parsed, sentence};

use crate::{Fault, Loc};

/// The faults of a body so far, and where in it something is just being read.
#[derive(Debug)]
pub(crate) struct Faults {
    path: Vec<Loc>,
    found: Vec<Fault>,
}

impl Faults {
    pub(crate) fn of_body() -> Faults {
        Faults { path: vec!["body".into()], found: Vec::new() }
    }

    /// Notes a fault of what is just being read.
    pub(crate) fn note(&mut self, kind: &'static str, msg: impl Into<String>) {
        self.found.push(Fault::new(self.path.clone(), kind, msg));
    }

    /// Notes that a value cannot be what it should be.
    pub(crate) fn value_error(&mut self, msg: impl ToString) {
        self.note("value_error", msg.to_string());
    }

    /// Reads what is one step further inside.
    pub(crate) fn at<T>(&mut self, step: impl Into<Loc>, read: impl FnOnce(&mut Faults) -> T) -> T {
        self.path.push(step.into());
        let read = read(self);
        self.path.pop();
        read
    }

    /// What was read, unless anything was wrong.
    pub(crate) fn finish<T>(self, read: Option<T>) -> Result<T, Vec<Fault>> {
        match read {
            Some(value) if self.found.is_empty() => Ok(value),
            _ if self.found.is_empty() => {
                Err(vec![Fault::new(["body"], "value_error", "The body could not be read")])
            }
            _ => Err(self.found),
        }
    }
}
