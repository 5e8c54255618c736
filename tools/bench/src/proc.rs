//! What the kernel counts about processes, from `/proc`.

use std::{collections::HashMap, fs};

use anyhow::Context;

/// The kernel's clock ticks per second in `/proc`; fixed at 100 on every architecture that Debian supports.
const TICKS_PER_SECOND: f64 = 100.0;

/// CPU seconds, in user and kernel mode, of `roots` and all their living descendants, with those that have ended and
/// been waited for.
pub(crate) fn cpu_seconds(roots: &[u32]) -> anyhow::Result<f64> {
    let all = processes()?;
    let ticks: u64 = family(&all, roots).iter().map(|pid| all[pid].ticks).sum();
    Ok(ticks as f64 / TICKS_PER_SECOND)
}

/// The ids of this process's children.
pub(crate) fn children() -> anyhow::Result<Vec<u32>> {
    let own = std::process::id();
    Ok(processes()?.into_iter().filter(|(_, stat)| stat.parent == own).map(|(pid, _)| pid).collect())
}

/// Resident memory of a process in MiB.
pub(crate) fn resident_mib(pid: u32) -> anyhow::Result<f64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("no VmRSS")?;
    let kib: f64 = line.trim().trim_end_matches("kB").trim().parse()?;
    Ok(kib / 1024.0)
}

struct Stat {
    parent: u32,
    /// Its own and those of its children that it has waited for.
    ticks: u64,
}

fn processes() -> anyhow::Result<HashMap<u32, Stat>> {
    let mut found = HashMap::new();
    for entry in fs::read_dir("/proc")? {
        let Some(pid) = entry?.file_name().to_str().and_then(|name| name.parse().ok()) else { continue };
        // A process that has ended meanwhile has no file any more.
        let Ok(text) = fs::read_to_string(format!("/proc/{pid}/stat")) else { continue };
        found.insert(pid, parse(&text).with_context(|| format!("/proc/{pid}/stat cannot be read"))?);
    }
    Ok(found)
}

/// proc(5): the parent is field 4; user and kernel ticks are 14 and 15, those of children waited for 16 and 17. Field 2,
/// the name in brackets, may hold anything.
fn parse(stat: &str) -> Option<Stat> {
    let (_, fields) = stat.rsplit_once(')')?;
    let fields: Vec<&str> = fields.split_ascii_whitespace().collect();
    let number = |index: usize| fields.get(index - 3)?.parse::<u64>().ok();
    let ticks = (14..=17).map(number).sum::<Option<u64>>()?;
    Some(Stat { parent: fields.get(1)?.parse().ok()?, ticks })
}

fn family(all: &HashMap<u32, Stat>, roots: &[u32]) -> Vec<u32> {
    let mut found: Vec<u32> = roots.iter().copied().filter(|pid| all.contains_key(pid)).collect();
    let mut next = 0;
    while let Some(&parent) = found.get(next) {
        found.extend(all.iter().filter(|(_, stat)| stat.parent == parent).map(|(&pid, _)| pid));
        next += 1;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_parent_and_ticks_behind_an_awkward_name() {
        let stat = parse("7 (a) b (c) S 42 7 7 0 -1 0 1 2 3 4 100 20 3 1 20 0 1 0").unwrap();
        assert_eq!((stat.parent, stat.ticks), (42, 124));
        assert!(parse("garbage").is_none());
    }

    #[test]
    fn a_family_has_all_descendants_and_nobody_else() {
        let all = [(1, 0), (2, 1), (3, 2), (4, 0), (5, 4)]
            .map(|(pid, parent)| (pid, Stat { parent, ticks: 1 }))
            .into_iter()
            .collect();
        assert_eq!(family(&all, &[1]), [1, 2, 3]);
        assert_eq!(family(&all, &[3, 4, 9]), [3, 4, 5]);
    }

    #[test]
    fn counts_this_very_process() {
        let own = std::process::id();
        assert!(resident_mib(own).unwrap() > 0.5);
        assert!(cpu_seconds(&[own]).unwrap() >= 0.0);
    }
}
