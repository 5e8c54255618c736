//! What the kernel counts about processes.

use anyhow::Context;
use procfs::process::Process;
use rustix::{
    thread::{CpuSet, Pid, sched_getaffinity, sched_setaffinity},
    time::{ClockId, clock_gettime},
};

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

/// The processors that this process may use.
pub(crate) fn processors() -> anyhow::Result<CpuSet> {
    Ok(sched_getaffinity(None)?)
}

/// Processors in two halves; both are the same when there is one only.
pub(crate) fn halves(all: CpuSet) -> [CpuSet; 2] {
    if all.count() < 2 {
        return [all; 2];
    }
    let mut halves = [CpuSet::new(); 2];
    for (number, processor) in (0..CpuSet::MAX_CPU).filter(|&processor| all.is_set(processor)).enumerate() {
        halves[usize::from(number >= all.count() as usize / 2)].set(processor);
    }
    halves
}

/// Keeps all threads of this process, and the processes that it starts from now on, to these processors.
pub(crate) fn stay_on(processors: &CpuSet) -> anyhow::Result<()> {
    for task in Process::myself()?.tasks()? {
        sched_setaffinity(Pid::from_raw(task?.tid), processors)?;
    }
    Ok(())
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
