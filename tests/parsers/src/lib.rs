//! Every parser of bytes that strangers send, by one function that panics where what has to hold does not. `make fuzz` runs
//! each on made-up bytes, and the tests on those that are kept in `fuzz/corpus`.

mod bodies;
mod calendars;
mod texts;

/// A parser with what has to hold of it.
pub type Target = fn(&[u8]);

/// By the names of their fuzz targets and of the folders of their inputs.
pub const TARGETS: [(&str, Target); 7] = [
    ("bodies", bodies::bodies),
    ("calendars", calendars::calendars),
    ("calendar_replies", calendars::calendar_replies),
    ("inbound_mails", calendars::inbound_mails),
    ("metrics_pages", texts::metrics_pages),
    ("queries", texts::queries),
    ("texts", texts::texts),
];

/// Runs the target of this name.
///
/// # Panics
/// When there is none, or when something does not hold.
pub fn run(name: &str, input: &[u8]) {
    let target = TARGETS.iter().find(|(own, _)| *own == name);
    let (_, target) = target.unwrap_or_else(|| panic!("there is no target {name}"));
    target(input);
}
