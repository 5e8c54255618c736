use std::ops::RangeInclusive;

use serde_json::Value;

use super::{AsText, Faults, Object};

/// Reads `true` or `false`.
pub(crate) fn boolean(value: Value, faults: &mut Faults) -> Option<bool> {
    let read = value.as_bool();
    if read.is_none() {
        faults.note("bool_type", "Input should be true or false");
    }
    read
}

/// Reads a whole number within a range.
pub(crate) fn integer(range: RangeInclusive<u32>) -> impl FnOnce(Value, &mut Faults) -> Option<u32> {
    move |value, faults| {
        if !value.is_i64() && !value.is_u64() {
            faults.note("int_type", "Input should be a valid integer");
            return None;
        }
        let read = value.as_u64().and_then(|number| u32::try_from(number).ok());
        let read = read.filter(|number| range.contains(number));
        if read.is_none() {
            faults.value_error(format!("{value} is not from {} to {}", range.start(), range.end()));
        }
        read
    }
}

/// Reads a list of up to `most` entries.
pub(crate) fn list<T>(
    most: usize,
    mut entry: impl FnMut(Value, &mut Faults) -> Option<T>,
) -> impl FnOnce(Value, &mut Faults) -> Option<Vec<T>> {
    move |value, faults| {
        let Value::Array(values) = value else {
            faults.note("list_type", "Input should be a list");
            return None;
        };
        if values.len() > most {
            faults.note("too_long", format!("Give at most {most} entries, not {}", values.len()));
            return None;
        }
        let read = values
            .into_iter()
            .enumerate()
            .map(|(index, value)| faults.at(index, |faults| entry(value, faults)));
        // All are read, so that the faults of all are noted.
        read.collect::<Vec<_>>().into_iter().collect()
    }
}

/// Reads an object.
pub(crate) fn object<T>(
    read: impl FnOnce(&mut Object<'_>) -> Option<T>,
) -> impl FnOnce(Value, &mut Faults) -> Option<T> {
    move |value, faults| match value {
        Value::Object(members) => Object::new(members, faults).read(read),
        _ => {
            faults.note("dict_type", "Input should be an object");
            None
        }
    }
}

/// Reads what is written as a text in a form of its own.
pub(crate) fn parsed<T: AsText>(value: Value, faults: &mut Faults) -> Option<T> {
    let Value::String(text) = value else {
        faults.note("string_type", "Input should be a valid string");
        return None;
    };
    T::from_text(&text).map_err(|msg| faults.value_error(msg)).ok()
}

/// Reads a text for people, without the blanks around it. One that has lines may have breaks and tabs.
pub(crate) fn sentence(
    characters: RangeInclusive<usize>,
    has_lines: bool,
) -> impl Fn(Value, &mut Faults) -> Option<String> {
    move |value, faults| {
        let Value::String(text) = value else {
            faults.note("string_type", "Input should be a valid string");
            return None;
        };
        let text = text.trim().to_owned();
        let count = text.chars().count();
        let is_control =
            |letter: char| letter.is_control() && !(has_lines && matches!(letter, '\n' | '\r' | '\t'));
        if count < *characters.start() {
            faults.note("string_too_short", "Input should not be empty");
        } else if count > *characters.end() {
            let most = characters.end();
            faults
                .note("string_too_long", format!("Input should have at most {most} characters, not {count}"));
        } else if let Some(control) = text.chars().find(|letter| is_control(*letter)) {
            faults.value_error(format!("It has the control character U+{:04X}", u32::from(control)));
        } else {
            return Some(text);
        }
        None
    }
}
