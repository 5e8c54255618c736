use std::collections::VecDeque;
use std::fs::File;
use std::io::{BufRead, BufReader, PipeReader, Write};
use std::thread;

use tokio::sync::watch;

/// How many lines are kept; older ones are forgotten.
const CAPACITY: usize = 10_000;

/// The latest lines that a process has written.
#[derive(Clone)]
pub(crate) struct LogBuffer(watch::Sender<Kept>);

#[derive(Default)]
struct Kept {
    lines: VecDeque<String>,
    forgotten: usize,
    ended: bool,
}

impl LogBuffer {
    /// Reads until all writers are gone, into `file` too if there is one.
    ///
    /// A thread reads, not a task: a service must be able to write after the runtime has ended in which it was started,
    /// for its log is a pipe, and a process that writes into a pipe without a reader is killed.
    pub(crate) fn read(from: PipeReader, file: Option<File>) -> LogBuffer {
        let buffer = LogBuffer(watch::Sender::default());
        let filled = buffer.clone();
        thread::spawn(move || filled.fill(from, file));
        buffer
    }

    pub(crate) fn lines(&self) -> Vec<String> {
        self.0.borrow().lines.iter().cloned().collect()
    }

    /// The last lines, for an error.
    pub(crate) fn tail(&self) -> String {
        let kept = self.0.borrow();
        let skipped = kept.lines.len().saturating_sub(30);
        kept.lines.iter().skip(skipped).map(|line| format!("  {line}\n")).collect()
    }

    /// The first value that `pick` finds in a line, kept or yet to come; `None` when the log has ended without.
    pub(crate) async fn find<T>(&self, mut pick: impl FnMut(&str) -> Option<T>) -> Option<T> {
        let mut changes = self.0.subscribe();
        let mut searched = 0_usize;
        loop {
            {
                let kept = changes.borrow_and_update();
                let new = kept.lines.iter().skip(searched.saturating_sub(kept.forgotten));
                if let Some(found) = new.into_iter().find_map(|line| pick(line)) {
                    return Some(found);
                }
                searched = kept.forgotten + kept.lines.len();
                if kept.ended {
                    return None;
                }
            }
            changes.changed().await.ok()?;
        }
    }

    fn fill(&self, from: PipeReader, mut file: Option<File>) {
        let mut reader = BufReader::new(from);
        let mut line = Vec::new();
        while matches!(reader.read_until(b'\n', &mut line), Ok(1..)) {
            if let Some(file) = &mut file {
                // A full disk should not stop the service, whose log is here too.
                let _ = file.write_all(&line);
            }
            self.push(String::from_utf8_lossy(&line).trim_end().to_owned());
            line.clear();
        }
        self.0.send_modify(|kept| kept.ended = true);
    }

    fn push(&self, line: String) {
        self.0.send_modify(|kept| {
            if kept.lines.len() == CAPACITY {
                kept.lines.pop_front();
                kept.forgotten += 1;
            }
            kept.lines.push_back(line);
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn finds_lines_that_come_later_and_notices_the_end() {
        let (reader, mut writer) = std::io::pipe().unwrap();
        let log = LogBuffer::read(reader, None);
        writeln!(writer, "one").unwrap();
        let whole = |wanted: &'static str| move |line: &str| (line == wanted).then(|| line.to_owned());
        assert_eq!(log.find(whole("one")).await.as_deref(), Some("one"));
        let (found, ()) = tokio::join!(log.find(whole("two")), async { writeln!(writer, "two").unwrap() });
        assert_eq!(found.as_deref(), Some("two"));
        drop(writer);
        assert_eq!(log.find(whole("three")).await, None);
        assert_eq!(log.lines(), ["one", "two"]);
    }

    #[tokio::test]
    async fn forgets_the_oldest_lines() {
        let (reader, mut writer) = std::io::pipe().unwrap();
        let log = LogBuffer::read(reader, None);
        for number in 0..=CAPACITY {
            writeln!(writer, "{number}").unwrap();
        }
        drop(writer);
        assert_eq!(log.find(|_| None::<()>).await, None);
        assert_eq!(log.lines().first().map(String::as_str), Some("1"));
        assert_eq!(log.lines().len(), CAPACITY);
    }
}
