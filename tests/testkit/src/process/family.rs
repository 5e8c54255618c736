use procfs::process::{Stat, all_processes};

/// What the kernel says of these processes and of all their living descendants.
///
/// A process group is not enough to find them: PostgreSQL gives each of its backends a session of its own.
pub fn family(roots: &[u32]) -> anyhow::Result<Vec<Stat>> {
    // A process that has ended meanwhile has no file any more.
    let all: Vec<Stat> = all_processes()?.filter_map(|process| process.ok()?.stat().ok()).collect();
    let is_root = |stat: &&Stat| u32::try_from(stat.pid).is_ok_and(|pid| roots.contains(&pid));
    let mut found: Vec<Stat> = all.iter().filter(is_root).cloned().collect();
    let mut next = 0;
    while let Some(parent) = found.get(next).map(|stat| stat.pid) {
        found.extend(all.iter().filter(|stat| stat.ppid == parent).cloned());
        next += 1;
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use std::io::{BufRead, BufReader};
    use std::process::{Command, Stdio};

    use super::*;

    #[test]
    fn a_family_has_all_descendants_and_nobody_else() {
        let script = "sh -c 'sleep 60 & echo $!; wait' & wait";
        let mut parent = Command::new("sh").args(["-c", script]).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(parent.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let sleeping: i32 = line.trim().parse().unwrap();

        let pids = |root: u32| -> Vec<i32> { family(&[root]).unwrap().iter().map(|stat| stat.pid).collect() };
        let all = pids(parent.id());
        assert_eq!((all.len(), all[0], all[2]), (3, parent.id().cast_signed(), sleeping));
        assert_eq!(pids(sleeping.cast_unsigned()), [sleeping]);
        for pid in all {
            let pid = rustix::process::Pid::from_raw(pid).unwrap();
            rustix::process::kill_process(pid, rustix::process::Signal::KILL).unwrap();
        }
        parent.wait().unwrap();
    }
}
