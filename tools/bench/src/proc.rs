//! What the kernel counts about processes.

use anyhow::Context;
use procfs::process::Process;
use rustix::time::{ClockId, clock_gettime};

/// CPU seconds, in user and kernel mode, of `roots` and all their living descendants, with those that have ended and
/// been waited for.
pub(crate) fn cpu_seconds(roots: &[u32]) -> anyhow::Result<f64> {
    let family = testkit::family(roots)?;
    let ticks =
        family.iter().map(|stat| (stat.utime + stat.stime) as f64 + (stat.cutime + stat.cstime) as f64);
    Ok(ticks.sum::<f64>() / procfs::ticks_per_second() as f64)
}

pub(crate) fn children() -> anyhow::Result<Vec<u32>> {
    let own = i32::try_from(std::process::id())?;
    let children = testkit::family(&[std::process::id()])?.into_iter().filter(|stat| stat.ppid == own);
    children.map(|stat| Ok(stat.pid.try_into()?)).collect()
}

pub(crate) fn resident_mib(pid: u32) -> anyhow::Result<f64> {
    let kib = Process::new(pid.try_into()?)?.status()?.vmrss.context("no VmRSS")?;
    Ok(kib as f64 / 1024.0)
}

/// The most that a process has had in memory at a time.
pub(crate) fn peak_mib(pid: u32) -> anyhow::Result<f64> {
    let kib = Process::new(pid.try_into()?)?.status()?.vmhwm.context("no VmHWM")?;
    Ok(kib as f64 / 1024.0)
}

/// CPU seconds of the thread that asks.
pub(crate) fn thread_cpu_seconds() -> f64 {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_this_very_process() {
        let own = std::process::id();
        assert!(resident_mib(own).unwrap() > 0.5);
        assert!(peak_mib(own).unwrap() >= resident_mib(own).unwrap() / 2.0);
        assert!(thread_cpu_seconds() > 0.0);
        assert!(cpu_seconds(&[own]).unwrap() >= 0.0);
    }
}
