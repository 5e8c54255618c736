use std::io::{IsTerminal, Write, stderr};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::Refusal;

const WITH_TOTAL: &str = "{bar:40} {human_pos} of {human_len} people and polls, {per_sec}, {eta} left";
const WITHOUT_TOTAL: &str = "{spinner} {human_pos} people and polls, {per_sec}";
/// Without a terminal, a line is written each time one more of so many parts is done.
const PARTS: u64 = 10;
/// The same when nobody knows how many people there are.
const STEP: u64 = 1_000;

/// Shows on stderr how far an import is: a bar on a terminal, a line now and then elsewhere.
pub struct Progress {
    bar: ProgressBar,
    terminal: bool,
}

impl Progress {
    /// For `total` people, where that is known.
    pub fn on_stderr(total: Option<u64>) -> Progress {
        let terminal = stderr().is_terminal();
        let target = if terminal { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let template = if total.is_some() { WITH_TOTAL } else { WITHOUT_TOTAL };
        let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
        Progress { bar: ProgressBar::with_draw_target(total, target).with_style(style), terminal }
    }

    pub fn hidden() -> Progress {
        Progress { bar: ProgressBar::hidden(), terminal: true }
    }

    pub(super) fn done_one(&self) {
        self.bar.inc(1);
        if !self.terminal
            && let Some(line) = report(self.bar.position(), self.bar.length())
        {
            say(&line);
        }
    }

    /// Tells of a line that was refused.
    pub(super) fn refused(&self, refusal: &Refusal) {
        self.tell(&format!("{}: {}", refusal.place, refusal.reason));
    }

    /// Shows a line without disturbing the bar.
    pub(super) fn tell(&self, line: &str) {
        if self.terminal { self.bar.println(line) } else { say(line) }
    }

    /// Takes the bar away, so that the next output starts on a line of its own.
    pub fn finish(&self) {
        self.bar.finish_and_clear();
    }
}

fn report(done: u64, total: Option<u64>) -> Option<String> {
    match total {
        None => done.is_multiple_of(STEP).then(|| format!("{done} people and polls")),
        Some(total) => {
            let part = |count: u64| count * PARTS / total.max(1);
            (part(done) > part(done - 1)).then(|| format!("{done} of {total} people and polls"))
        }
    }
}

fn say(line: &str) {
    // The import goes on when nobody listens any more.
    let _ = writeln!(stderr(), "{line}");
}

#[cfg(test)]
mod tests {
    use super::report;

    fn reported(upto: u64, total: Option<u64>) -> Vec<String> {
        (1..=upto).filter_map(|done| report(done, total)).collect()
    }

    #[test]
    fn reports_each_tenth_of_a_known_total() {
        let lines = reported(1_000, Some(1_000));
        assert_eq!(lines.len(), 10);
        assert_eq!(lines.first().map(String::as_str), Some("100 of 1000 people and polls"));
        assert_eq!(lines.last().map(String::as_str), Some("1000 of 1000 people and polls"));
        assert_eq!(reported(3, Some(3)).len(), 3);
    }

    #[test]
    fn reports_each_thousand_of_an_unknown_total() {
        assert_eq!(reported(2_500, None), ["1000 people and polls", "2000 people and polls"]);
    }
}
