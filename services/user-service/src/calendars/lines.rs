use std::borrow::Cow;

/// Properties of an event by which it is decided when its owner is busy; others are not even read.
const OF_EVENTS: [&str; 12] = [
    "UID",
    "DTSTART",
    "DTEND",
    "DURATION",
    "RRULE",
    "RDATE",
    "EXDATE",
    "RECURRENCE-ID",
    "SEQUENCE",
    "STATUS",
    "TRANSP",
    "ATTENDEE",
];
/// Longest line that is read, in bytes; longer ones have lists of dates that nobody writes.
const MAX_LINE: usize = 64 * 1024;
/// Longest event or zone that is read, in bytes.
const MAX_PART: usize = 256 * 1024;

/// What a file has of events and zones, each as a component of its own with its lines.
#[derive(Debug, Default)]
pub(super) struct Parts<'a> {
    /// VEVENT, with the lines that matter.
    pub(super) events: Vec<String>,
    /// VTIMEZONE.
    pub(super) zones: Vec<String>,
    /// What `X-WR-TIMEZONE` says.
    pub(super) zone_name: Option<&'a str>,
}

/// The text with its folded lines joined, which may be cut within a letter; of other encodings than UTF-8 the ASCII
/// letters.
pub(super) fn unfolded(file: &[u8]) -> String {
    let file = file.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(file);
    let mut joined = Vec::with_capacity(file.len());
    let mut rest = file;
    while let Some(end) = rest.iter().position(|byte| *byte == b'\n') {
        let (line, after) = (&rest[..end], &rest[end + 1..]);
        joined.extend_from_slice(line.strip_suffix(b"\r").unwrap_or(line));
        match after.first() {
            Some(b' ' | b'\t') => rest = &after[1..],
            _ => {
                joined.push(b'\n');
                rest = after;
            }
        }
    }
    joined.extend_from_slice(rest.strip_suffix(b"\r").unwrap_or(rest));
    match String::from_utf8_lossy(&joined) {
        Cow::Borrowed(text) => text.to_owned(),
        Cow::Owned(text) => text,
    }
}

/// The parts of a calendar; `None` when it is none.
pub(super) fn parts(text: &str) -> Option<Parts<'_>> {
    let mut lines = text.lines().map(str::trim_end).filter(|line| !line.is_empty());
    lines.next().filter(|line| line.eq_ignore_ascii_case("BEGIN:VCALENDAR"))?;
    let mut parts = Parts::default();
    let mut open: Option<Component> = None;
    for line in lines {
        let name = name(line);
        match &mut open {
            None if name.eq_ignore_ascii_case("BEGIN") => open = Component::begun_by(line),
            None if name.eq_ignore_ascii_case("X-WR-TIMEZONE") => {
                parts.zone_name = line.split_once(':').map(|(_, zone)| zone.trim());
            }
            None => (),
            Some(component) => {
                component.take(name, line);
                if component.depth == 0 {
                    let done = open.take();
                    done.into_iter().for_each(|component| component.put_into(&mut parts));
                }
            }
        }
    }
    // What the end of the file cut off.
    open.into_iter().for_each(|component| component.cut().put_into(&mut parts));
    Some(parts)
}

/// A component of which not all has been seen.
struct Component {
    kind: Kind,
    text: String,
    /// 1 in the component itself, more in what is inside of it, 0 behind its end.
    depth: usize,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Event,
    Zone,
    Other,
}

impl Component {
    fn begun_by(line: &str) -> Option<Component> {
        let kind = match line.split_once(':')?.1.trim().to_ascii_uppercase().as_str() {
            "VEVENT" => Kind::Event,
            "VTIMEZONE" => Kind::Zone,
            // A calendar in a file of calendars.
            "VCALENDAR" => return None,
            _ => Kind::Other,
        };
        Some(Component { kind, text: format!("{line}\r\n"), depth: 1 })
    }

    fn take(&mut self, name: &str, line: &str) {
        if name.eq_ignore_ascii_case("BEGIN") {
            self.depth += 1;
        }
        let matters = match self.kind {
            Kind::Event => self.depth == 1 && is_of_events(name),
            Kind::Zone => true,
            Kind::Other => false,
        };
        if matters && line.len() <= MAX_LINE && self.text.len() + line.len() <= MAX_PART {
            self.text.push_str(line);
            self.text.push_str("\r\n");
        }
        if name.eq_ignore_ascii_case("END") {
            self.depth -= 1;
        }
    }

    fn cut(mut self) -> Component {
        if self.kind == Kind::Event {
            self.text.push_str("END:VEVENT\r\n");
        }
        self
    }

    fn put_into(self, parts: &mut Parts<'_>) {
        match self.kind {
            Kind::Event => parts.events.push(self.text),
            Kind::Zone => parts.zones.push(self.text),
            Kind::Other => (),
        }
    }
}

fn is_of_events(name: &str) -> bool {
    OF_EVENTS.iter().chain(&["BEGIN", "END"]).any(|own| name.eq_ignore_ascii_case(own))
}

fn name(line: &str) -> &str {
    line.split([':', ';']).next().unwrap_or_default()
}
