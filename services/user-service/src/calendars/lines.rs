use jiff::civil::Date;
use memchr::memchr;

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
/// Those that say when it is.
const OF_TIMES: [&str; 2] = ["DTSTART", "DTEND"];
/// Those by which it is at other times too.
const BEYOND_TIMES: [&str; 4] = ["DURATION", "RRULE", "RDATE", "RECURRENCE-ID"];
/// Longest line that is read, in bytes; longer ones have lists of dates that nobody writes.
const MAX_LINE: usize = 64 * 1024;
/// Longest event or zone that is read, in bytes.
const MAX_PART: usize = 256 * 1024;

/// What a file has of events and zones, each as a component of its own with its lines.
#[derive(Debug, Default)]
pub(super) struct Parts<'a> {
    /// VEVENT.
    pub(super) events: Vec<EventLines<'a>>,
    /// VTIMEZONE.
    pub(super) zones: Vec<String>,
    /// What `X-WR-TIMEZONE` says.
    pub(super) zone_name: Option<&'a str>,
}

/// An event as it stands in the file.
#[derive(Debug)]
pub(super) struct EventLines<'a> {
    lines: &'a str,
    is_cut: bool,
    days: NamedDays,
}

impl EventLines<'_> {
    /// The first and the last day that it names, each on any clock, if they say when it is; `None` where it takes more to know,
    /// such as its rule.
    pub(super) fn days(&self) -> Option<(Date, Date)> {
        match self.days {
            NamedDays::From(first, last) => Some((first, last)),
            NamedDays::None | NamedDays::NotAll => None,
        }
    }

    /// A component of the lines that matter.
    pub(super) fn text(&self) -> String {
        let mut text = selected(self.lines, |depth, name| depth == 1 && is_of_events(name));
        if self.is_cut {
            text.push_str("END:VEVENT\r\n");
        }
        text
    }
}

/// Which days the times of an event are on.
#[derive(Clone, Copy, Debug, Default)]
enum NamedDays {
    #[default]
    None,
    /// From the first of them to the last.
    From(Date, Date),
    /// It is on other days too, or they cannot be read.
    NotAll,
}

impl NamedDays {
    /// These days and what a line of the event says.
    fn and(self, name: &str, line: &str) -> NamedDays {
        // Most lines are other ones, which their first letter tells.
        if !matches!(name.as_bytes().first(), Some(b'D' | b'd' | b'R' | b'r')) {
            return self;
        }
        let is_one_of = |names: &[&str]| names.iter().any(|own| name.eq_ignore_ascii_case(own));
        if matches!(self, NamedDays::NotAll) || is_one_of(&BEYOND_TIMES) {
            return NamedDays::NotAll;
        }
        if !is_one_of(&OF_TIMES) {
            return self;
        }
        match (self, line.rsplit_once(':').and_then(|(_, value)| day(value))) {
            (NamedDays::From(first, last), Some(day)) => NamedDays::From(first.min(day), last.max(day)),
            (_, Some(day)) => NamedDays::From(day, day),
            (_, None) => NamedDays::NotAll,
        }
    }
}

/// The text with its folded lines joined, which may be cut within a letter; of other encodings than UTF-8 the ASCII
/// letters.
pub(super) fn unfolded(file: &[u8]) -> String {
    let mut rest = file.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(file);
    let mut joined = Vec::with_capacity(rest.len());
    while !rest.is_empty() {
        let end = memchr(b'\n', rest);
        let line = &rest[..end.unwrap_or(rest.len())];
        joined.extend_from_slice(line.strip_suffix(b"\r").unwrap_or(line));
        rest = end.map_or(b"", |end| &rest[end + 1..]);
        match rest.first() {
            Some(b' ' | b'\t') => rest = &rest[1..],
            _ if end.is_some() => joined.push(b'\n'),
            _ => (),
        }
    }
    String::from_utf8(joined).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}

/// The day of a date or a time such as `20260601T100000Z`.
fn day(value: &str) -> Option<Date> {
    let (date, time) = value.split_at_checked(8)?;
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let is_time = match time.strip_prefix('T').map(|time| time.strip_suffix('Z').unwrap_or(time)) {
        Some(clock) => clock.len() == 6 && digits(clock),
        None => time.is_empty(),
    };
    let date = date.parse::<u32>().ok().filter(|_| is_time && digits(date))?;
    let (year, month, day) = (date / 10_000, date / 100 % 100, date % 100);
    Date::new(year.try_into().ok()?, month.try_into().ok()?, day.try_into().ok()?).ok()
}

/// The parts of a calendar; `None` when it is none.
pub(super) fn parts(text: &str) -> Option<Parts<'_>> {
    let mut lines = Lines { rest: text };
    lines.next().filter(|(_, line)| line.eq_ignore_ascii_case("BEGIN:VCALENDAR"))?;
    let mut parts = Parts::default();
    let mut open: Option<Component<'_>> = None;
    while let Some((from, line)) = lines.next() {
        let name = name(line);
        match &mut open {
            None if name.eq_ignore_ascii_case("BEGIN") => open = Component::begun_by(line, from),
            None if name.eq_ignore_ascii_case("X-WR-TIMEZONE") => {
                parts.zone_name = line.split_once(':').map(|(_, zone)| zone.trim());
            }
            None => (),
            Some(component) => {
                component.take(name, line);
                if component.depth == 0 {
                    let done = open.take();
                    done.into_iter().for_each(|component| component.put_into(&mut parts, lines.rest));
                }
            }
        }
    }
    // What the end of the file cut off.
    open.into_iter().for_each(|component| component.put_into(&mut parts, ""));
    Some(parts)
}

/// The lines that are not empty, each without its end and with the text from its start on.
struct Lines<'a> {
    rest: &'a str,
}

impl<'a> Iterator for Lines<'a> {
    type Item = (&'a str, &'a str);

    fn next(&mut self) -> Option<(&'a str, &'a str)> {
        while !self.rest.is_empty() {
            let from = self.rest;
            let end = memchr(b'\n', from.as_bytes());
            self.rest = end.map_or("", |end| &from[end + 1..]);
            let line = from[..end.unwrap_or(from.len())].trim_end();
            if !line.is_empty() {
                return Some((from, line));
            }
        }
        None
    }
}

/// A component of which not all has been seen.
struct Component<'a> {
    kind: Kind,
    /// The file from its first line on.
    from: &'a str,
    days: NamedDays,
    /// 1 in the component itself, more in what is inside of it, 0 behind its end.
    depth: usize,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Event,
    Zone,
    Other,
}

impl<'a> Component<'a> {
    fn begun_by(line: &str, from: &'a str) -> Option<Component<'a>> {
        let kind = match line.split_once(':')?.1.trim().to_ascii_uppercase().as_str() {
            "VEVENT" => Kind::Event,
            "VTIMEZONE" => Kind::Zone,
            // A calendar in a file of calendars.
            "VCALENDAR" => return None,
            _ => Kind::Other,
        };
        Some(Component { kind, from, days: NamedDays::default(), depth: 1 })
    }

    fn take(&mut self, name: &str, line: &str) {
        if name.eq_ignore_ascii_case("BEGIN") {
            self.depth += 1;
        } else if name.eq_ignore_ascii_case("END") {
            self.depth -= 1;
        } else if self.kind == Kind::Event && self.depth == 1 {
            self.days = self.days.and(name, line);
        }
    }

    /// Puts it where it belongs; `behind` it there is this.
    fn put_into(self, parts: &mut Parts<'a>, behind: &str) {
        let lines = &self.from[..self.from.len() - behind.len()];
        match self.kind {
            Kind::Event => {
                parts.events.push(EventLines { lines, is_cut: self.depth > 0, days: self.days });
            }
            Kind::Zone => parts.zones.push(selected(lines, |_, _| true)),
            Kind::Other => (),
        }
    }
}

/// Those lines of a component that are wanted by how deep in it they are, and by their names.
fn selected(lines: &str, is_wanted: impl Fn(usize, &str) -> bool) -> String {
    let (mut text, mut depth) = (String::new(), 0_usize);
    for (_, line) in (Lines { rest: lines }) {
        let name = name(line);
        if name.eq_ignore_ascii_case("BEGIN") {
            depth += 1;
        }
        if is_wanted(depth, name) && line.len() <= MAX_LINE && text.len() + line.len() <= MAX_PART {
            text.push_str(line);
            text.push_str("\r\n");
        }
        if name.eq_ignore_ascii_case("END") {
            depth = depth.saturating_sub(1);
        }
    }
    text
}

fn is_of_events(name: &str) -> bool {
    OF_EVENTS.iter().chain(&["BEGIN", "END"]).any(|own| name.eq_ignore_ascii_case(own))
}

fn name(line: &str) -> &str {
    let end = line.bytes().position(|byte| matches!(byte, b':' | b';'));
    end.map_or(line, |end| &line[..end])
}
