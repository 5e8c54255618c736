use serde_json::{Map, Value};

use super::Faults;
use crate::{Fault, Fields};

/// The members of a JSON object, taken one by one; those that nobody takes are not permitted.
#[derive(Debug)]
pub(crate) struct Object<'a> {
    members: Map<String, Value>,
    faults: &'a mut Faults,
}

/// Reads a body that has to be a JSON object.
///
/// # Errors
/// Every fault.
pub(crate) fn read_body<T>(
    body: &[u8],
    read: impl FnOnce(&mut Object<'_>) -> Option<T>,
) -> Result<T, Vec<Fault>> {
    let members = Fields::parse(body)?.into_object()?;
    let mut faults = Faults::of_body();
    let value = Object::new(members, &mut faults).read(read);
    faults.finish(value)
}

impl<'a> Object<'a> {
    pub(crate) fn new(members: Map<String, Value>, faults: &'a mut Faults) -> Object<'a> {
        Object { members, faults }
    }

    /// Reads the members and refuses what is left of them.
    pub(crate) fn read<T>(mut self, read: impl FnOnce(&mut Object<'a>) -> Option<T>) -> Option<T> {
        let value = read(&mut self);
        for name in self.members.keys() {
            self.faults.at(name.as_str(), |faults| {
                faults.note("extra_forbidden", "Extra inputs are not permitted");
            });
        }
        value
    }

    /// Where faults of the whole object are noted.
    pub(crate) fn faults(&mut self) -> &mut Faults {
        self.faults
    }

    /// A member that has to be there.
    pub(crate) fn required<T>(
        &mut self,
        name: &str,
        read: impl FnOnce(Value, &mut Faults) -> Option<T>,
    ) -> Option<T> {
        let value = self.members.remove(name);
        self.faults.at(name, |faults| match value {
            Some(value) => read(value, faults),
            None => {
                faults.note("missing", "Field required");
                None
            }
        })
    }

    /// A member that may be absent. The outer `None` stands for a fault.
    #[expect(clippy::option_option, reason = "absent and wrong are not the same")]
    pub(crate) fn optional<T>(
        &mut self,
        name: &str,
        read: impl FnOnce(Value, &mut Faults) -> Option<T>,
    ) -> Option<Option<T>> {
        match self.members.remove(name) {
            None => Some(None),
            Some(value) => self.faults.at(name, |faults| read(value, faults)).map(Some),
        }
    }

    /// A member that may be absent or `null`, which say the same. The outer `None` stands for a fault.
    #[expect(clippy::option_option, reason = "absent and wrong are not the same")]
    pub(crate) fn nullable<T>(
        &mut self,
        name: &str,
        read: impl FnOnce(Value, &mut Faults) -> Option<T>,
    ) -> Option<Option<T>> {
        if self.members.get(name).is_some_and(Value::is_null) {
            self.members.remove(name);
        }
        self.optional(name, read)
    }

    /// Whether there is such a member.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.members.contains_key(name)
    }
}
