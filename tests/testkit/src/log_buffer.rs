use std::collections::VecDeque;
use std::fs::File;
use std::io::{BufRead, BufReader, PipeReader, Write};
use std::thread::{self, JoinHandle};

use anyhow::ensure;
use tokio::sync::watch;

use crate::log_secrets::tells_a_secret;

/// How many lines are kept; older ones are forgotten.
const CAPACITY: usize = 10_000;

/// The latest lines that a process has written.
///
/// When it is dropped, which has to be after the process has ended, it panics if any line had an address or a secret: no
/// test has to think of it, and every one looks.
pub(crate) struct LogBuffer {
    /// Whose log it is.
    name: String,
    kept: watch::Sender<Kept>,
    reader: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct Kept {
    lines: VecDeque<String>,
    forgotten: usize,
    ended: bool,
    /// The first line that has told an address or a secret.
    telling: Option<String>,
}

impl LogBuffer {
    /// Reads until all writers are gone, into `file` too if there is one. Lines are searched for secrets if `searched`.
    ///
    /// A thread reads, not a task: a service must be able to write after the runtime has ended in which it was started,
    /// for its log is a pipe, and a process that writes into a pipe without a reader is killed.
    pub(crate) fn read(name: &str, from: PipeReader, file: Option<File>, searched: bool) -> LogBuffer {
        let kept = watch::Sender::default();
        let filled = kept.clone();
        let reader = thread::spawn(move || fill(&filled, from, file, searched));
        LogBuffer { name: name.to_owned(), kept, reader: Some(reader) }
    }

    pub(crate) fn lines(&self) -> Vec<String> {
        self.kept.borrow().lines.iter().cloned().collect()
    }

    /// # Errors
    /// When a line, also one that is forgotten, has told an address or a secret.
    pub(crate) fn tells_no_secret(&self) -> anyhow::Result<()> {
        let kept = self.kept.borrow();
        let telling = kept.telling.as_deref();
        ensure!(
            telling.is_none(),
            "the log of {} tells a secret: {}",
            self.name,
            telling.unwrap_or_default()
        );
        Ok(())
    }

    /// The last lines, for an error.
    pub(crate) fn tail(&self) -> String {
        let kept = self.kept.borrow();
        let skipped = kept.lines.len().saturating_sub(30);
        kept.lines.iter().skip(skipped).map(|line| format!("  {line}\n")).collect()
    }

    /// The first value that `pick` finds in a line, kept or yet to come; `None` when the log has ended without.
    pub(crate) async fn find<T>(&self, mut pick: impl FnMut(&str) -> Option<T>) -> Option<T> {
        let mut changes = self.kept.subscribe();
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
}

impl Drop for LogBuffer {
    fn drop(&mut self) {
        // The thread ends with the last writer.
        if let Some(reader) = self.reader.take() {
            let _ = reader.join();
        }
        if let Err(error) = self.tells_no_secret()
            && !thread::panicking()
        {
            panic!("{error}");
        }
    }
}

fn fill(kept: &watch::Sender<Kept>, from: PipeReader, mut file: Option<File>, searched: bool) {
    let mut reader = BufReader::new(from);
    let mut line = Vec::new();
    while matches!(reader.read_until(b'\n', &mut line), Ok(1..)) {
        if let Some(file) = &mut file {
            // A full disk should not stop the service, whose log is here too.
            let _ = file.write_all(&line);
        }
        let text = String::from_utf8_lossy(&line).trim_end().to_owned();
        let tells = searched && tells_a_secret(&text);
        kept.send_modify(|kept| kept.push(text, tells));
        line.clear();
    }
    kept.send_modify(|kept| kept.ended = true);
}

impl Kept {
    fn push(&mut self, line: String, tells: bool) {
        if tells && self.telling.is_none() {
            self.telling = Some(line.clone());
        }
        if self.lines.len() == CAPACITY {
            self.lines.pop_front();
            self.forgotten += 1;
        }
        self.lines.push_back(line);
    }
}

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};

    use super::*;

    #[tokio::test]
    async fn finds_lines_that_come_later_and_notices_the_end() {
        let (reader, mut writer) = std::io::pipe().unwrap();
        let log = LogBuffer::read("service", reader, None, true);
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
        let log = LogBuffer::read("service", reader, None, true);
        for number in 0..=CAPACITY {
            writeln!(writer, "{number}").unwrap();
        }
        drop(writer);
        assert_eq!(log.find(|_| None::<()>).await, None);
        assert_eq!(log.lines().first().map(String::as_str), Some("1"));
        assert_eq!(log.lines().len(), CAPACITY);
    }

    #[tokio::test]
    async fn remembers_a_secret_that_it_has_forgotten() {
        let (reader, mut writer) = std::io::pipe().unwrap();
        let log = LogBuffer::read("service", reader, None, true);
        for number in 0..=CAPACITY {
            writeln!(writer, "{number} {}", if number == 0 { "ada@example.com" } else { "" }).unwrap();
        }
        drop(writer);
        assert_eq!(log.find(|_| None::<()>).await, None);
        assert!(!log.lines().concat().contains("ada@"));
        let error = log.tells_no_secret().unwrap_err().to_string();
        assert_eq!(error, "the log of service tells a secret: 0 ada@example.com");
        assert!(catch_unwind(AssertUnwindSafe(|| drop(log))).is_err());
    }
}
