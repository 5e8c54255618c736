//! The tables of mails and calendars.

use super::{Report, goal, grouped, table};
use crate::{
    calendars::{EVENTS, RECURRING},
    mails::{CONNECTIONS, Rendering},
};

/// Mails per second, to be reached.
const MAILS_GOAL: f64 = 500.0;
/// CPU milliseconds to write a mail, to stay within.
const RENDERING_GOAL: f64 = 0.2;
/// Milliseconds until a suggestion starts, to stay within.
const START_GOAL: f64 = 1_000.0;
/// Milliseconds and MiB for a large calendar, to stay within.
const CALENDAR_GOAL: (f64, f64) = (50.0, 64.0);

impl Report {
    pub(super) fn mails_table(&self) -> Option<String> {
        let mails = self.mails.as_ref()?;
        let named: Vec<&str> = mails.cpu_ms.iter().map(|(part, _)| *part).collect();
        let head = format!(
            "{} mails over {CONNECTIONS} connections | per second (goal: ≥ {MAILS_GOAL}) | share of bare \
             | CPU ms for each: {}",
            grouped(mails.mails as f64),
            named.join(" | ")
        );
        let cpu: Vec<String> = mails.cpu_ms.iter().map(|(_, ms)| format!("{ms:.2}")).collect();
        let per_second = goal(grouped(mails.per_second), mails.per_second >= MAILS_GOAL);
        let ours = format!(
            "| invitations by one worker | {per_second} | {:.2} | {} |",
            mails.per_second / mails.bare,
            cpu.join(" | ")
        );
        let alone = |title: &str, per_second: f64| {
            let nothing = "| – ".repeat(named.len());
            format!("| {title} | {} | {:.2} {nothing}|", grouped(per_second), per_second / mails.bare)
        };
        let lines =
            [ours, alone("bare transactions", mails.bare), alone("lettre alone, as it is", mails.lettre)];
        table("Sending mails", &head, &lines)
    }

    pub(super) fn suggestions_beside_mails_table(&self) -> Option<String> {
        let row = self.suggestions_beside_mails.as_ref()?;
        let line = format!(
            "| {} | {} | {:.0} | {} |",
            grouped(row.suggestions as f64),
            grouped(row.mails as f64),
            row.p50_ms,
            goal(format!("{:.0}", row.max_ms), row.max_ms <= START_GOAL)
        );
        let head = format!(
            "suggestions | mails that wait at first | p50 of the time to the start, ms | at worst (goal: ≤ {START_GOAL})"
        );
        table("Suggestions while mails wait", &head, &[line])
    }

    pub(super) fn rendering_table(&self) -> Option<String> {
        let line = |row: &Rendering| {
            let ours = goal(format!("{:.3}", row.ours_ms), row.ours_ms <= RENDERING_GOAL);
            let python = row.python_ms.map_or_else(|| "–".to_owned(), |ms| format!("{ms:.2}"));
            format!(
                "| {} | {} | {ours} | {:.3} | {python} |",
                row.title,
                grouped(row.bytes as f64),
                row.bare_ms
            )
        };
        let head = format!(
            "mail | bytes | CPU ms (goal: ≤ {RENDERING_GOAL}) | of finished texts by lettre | by Python's email"
        );
        table("Writing a mail", &head, &self.rendering.iter().map(line).collect::<Vec<_>>())
    }

    pub(super) fn calendar_table(&self) -> Option<String> {
        let row = self.calendar.as_ref()?;
        let (cpu, growth) = row
            .python
            .map_or_else(|| ("–".to_owned(), "–".to_owned()), |(ms, mib)| (grouped(ms), format!("{mib:.0}")));
        let (ms_goal, mib_goal) = CALENDAR_GOAL;
        let ours = format!(
            "| `POST /calendars/read` | {} | {:.0} | {:.0} | {} |",
            goal(format!("{:.0}", row.p50_ms), row.p50_ms <= ms_goal),
            row.max_ms,
            row.cpu_ms,
            goal(format!("{:.0}", row.growth_mib), row.growth_mib <= mib_goal),
        );
        let bare = format!("| a bare handler that takes the body | {:.0} | – | – | – |", row.bare_ms);
        let python = format!("| icalendar and recurring-ical-events in Python | – | – | {cpu} | {growth} |");
        let head = format!(
            "{} events, {RECURRING} of which recur, {:.1} MiB; {} busy times in 12 weeks | p50 ms (goal: ≤ {ms_goal}) \
             | at worst | CPU ms | growth of the memory, MiB (goal: ≤ {mib_goal})",
            grouped(EVENTS as f64),
            row.mib,
            grouped(row.busy as f64),
        );
        table("Reading a calendar", &head, &[ours, bare, python])
    }
}
