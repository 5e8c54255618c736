use std::io::Write;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{ChildStdin, Command, Stdio};
use std::sync::{Mutex, PoisonError};

use anyhow::Context;
use rustix::process::Pid;

/// Waits for the end of its input, that is of the process that started it, and then kills every group it guards.
///
/// No destructor runs in a process that gets SIGKILL, nor for a static; and the kernel's parent-death signal is bound
/// to the *thread* that spawned, which in a test ends long before the server should. The end of a pipe cannot be
/// missed. Directories are removed twice because a dying server may still write into them.
const SCRIPT: &str = r#"
trap '' HUP INT TERM
groups= dirs=
nl='
'
while IFS=' ' read -r verb what; do
  case $verb in
    guard) groups="$groups $what" ;;
    release) kept=
      for group in $groups; do [ "$group" = "$what" ] || kept="$kept $group"; done
      groups=$kept ;;
    remove) dirs="$dirs$what$nl" ;;
  esac
done
for group in $groups; do kill -s KILL -- "-$group" 2>/dev/null; done
remove() { printf %s "$dirs" | while IFS= read -r dir; do rm -rf -- "$dir" 2>/dev/null; done; }
[ -z "$dirs" ] || { remove; sleep 1; remove; }
"#;

/// The way to this process's only watchdog, which is started when it is first needed.
static INPUT: Mutex<Option<ChildStdin>> = Mutex::new(None);

/// From now on the group `leader` is killed when this process ends.
pub(super) fn guard(leader: Pid) -> anyhow::Result<()> {
    tell(&format!("guard {}", leader.as_raw_pid()))
}

/// The group is gone, and its id may soon be another's.
pub(super) fn release(leader: Pid) -> anyhow::Result<()> {
    tell(&format!("release {}", leader.as_raw_pid()))
}

/// The directory is removed when this process ends, for the case that nothing has removed it before.
pub(crate) fn remove_directory_at_exit(directory: &Path) -> anyhow::Result<()> {
    let path =
        directory.to_str().context("the directory for temporary files has a name that is not UTF-8")?;
    tell(&format!("remove {path}"))
}

fn tell(line: &str) -> anyhow::Result<()> {
    let mut input = INPUT.lock().unwrap_or_else(PoisonError::into_inner);
    let pipe = match &mut *input {
        Some(pipe) => pipe,
        none => none.insert(start()?),
    };
    writeln!(pipe, "{line}").context("the watchdog that ends the servers with this process is gone")
}

fn start() -> anyhow::Result<ChildStdin> {
    let child = Command::new("/bin/sh")
        .args(["-c", SCRIPT, "testkit-watchdog"])
        .current_dir("/")
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .process_group(0)
        .spawn()
        .context("cannot start /bin/sh as the watchdog of the servers")?;
    child.stdin.context("the watchdog has no input")
}
