use std::collections::HashMap;
use std::fs;
use std::os::fd::OwnedFd;

use rustix::process::{Pid, PidfdFlags, pidfd_open};

/// Handles to all living descendants of `root`, which must be stopped or it goes on making more of them.
///
/// A handle names one process for good, where a bare id may come to mean another one. Descendants are looked for
/// because a process group is not enough: PostgreSQL gives each of its backends a session of its own.
pub(super) fn descendants(root: Pid) -> Vec<OwnedFd> {
    let children = children_by_parent();
    let mut found = Vec::new();
    let mut queue = vec![root];
    while let Some(parent) = queue.pop() {
        for &child in children.get(&parent).map_or(&[][..], Vec::as_slice) {
            queue.push(child);
            found.extend(pidfd_open(child, PidfdFlags::empty()));
        }
    }
    found
}

fn children_by_parent() -> HashMap<Pid, Vec<Pid>> {
    let mut children: HashMap<Pid, Vec<Pid>> = HashMap::new();
    let Ok(entries) = fs::read_dir("/proc") else { return children };
    for entry in entries.flatten() {
        let Some(pid) = entry.file_name().to_str().and_then(parse_pid) else { continue };
        // A process that has ended meanwhile has no file any more.
        let Ok(stat) = fs::read_to_string(entry.path().join("stat")) else { continue };
        if let Some(parent) = parent_in(&stat) {
            children.entry(parent).or_default().push(pid);
        }
    }
    children
}

/// The fourth field of `/proc/<pid>/stat`. The second, the program's name in brackets, may hold blanks and brackets.
fn parent_in(stat: &str) -> Option<Pid> {
    let (_, fields) = stat.rsplit_once(')')?;
    parse_pid(fields.split_ascii_whitespace().nth(1)?)
}

fn parse_pid(text: &str) -> Option<Pid> {
    Pid::from_raw(text.parse().ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_parent_behind_an_awkward_program_name() {
        assert_eq!(parent_in("7 (a) b (c) S 42 7 7 0"), Pid::from_raw(42));
        assert_eq!(parent_in("garbage"), None);
    }
}
