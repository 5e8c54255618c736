use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::path::Path;
use std::process::Command;

use anyhow::Context;
use rustix::process::geteuid;

use crate::process::clean_command;

/// Whose processes PostgreSQL's are: it refuses to run as root.
pub(super) enum Account {
    Own,
    /// We are root and run it as its package's user.
    Postgres {
        uid: u32,
        gid: u32,
        past_locked_directories: bool,
    },
}

impl Account {
    /// The account for a server whose files are in `directory`.
    pub(super) fn choose(directory: &Path) -> anyhow::Result<Account> {
        if !geteuid().is_root() {
            return Ok(Account::Own);
        }
        let passwd = fs::read_to_string("/etc/passwd")?;
        let (uid, gid) = ids_of("postgres", &passwd)
            .context("there is no user `postgres`; `apt-get install postgresql` (as root) makes it")?;
        let mut path = directory.ancestors();
        let locked = path.any(|step| fs::metadata(step).is_ok_and(|found| found.mode() & 0o001 == 0));
        Ok(Account::Postgres { uid, gid, past_locked_directories: locked })
    }

    /// A command that runs `program` under this account and with the same process id.
    pub(super) fn command(&self, program: &Path) -> Command {
        let Account::Postgres { uid, gid, past_locked_directories } = self else {
            return clean_command(program);
        };
        let mut command = clean_command("setpriv");
        command.arg(format!("--reuid={uid}")).arg(format!("--regid={gid}")).arg("--clear-groups");
        if *past_locked_directories {
            // A checkout in root's home: nobody else may even look below it.
            command.args(["--inh-caps=+dac_override", "--ambient-caps=+dac_override"]);
        }
        command.arg("--").arg(program).current_dir("/");
        command
    }

    /// Makes a directory that belongs to this account alone.
    pub(super) fn make_directory(&self, path: &Path) -> anyhow::Result<()> {
        fs::create_dir_all(path).with_context(|| format!("cannot make {}", path.display()))?;
        fs::set_permissions(path, fs::Permissions::from_mode(0o700))?;
        if let Account::Postgres { uid, gid, .. } = self {
            chown(path, Some(*uid), Some(*gid))?;
        }
        Ok(())
    }
}

/// The ids of a user and their group, by the text of `/etc/passwd`.
pub(super) fn ids_of(user: &str, passwd: &str) -> Option<(u32, u32)> {
    let fields =
        passwd.lines().map(|line| line.split(':').collect::<Vec<_>>()).find(|fields| fields[0] == user)?;
    Some((fields.get(2)?.parse().ok()?, fields.get(3)?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_a_user_by_its_whole_name() {
        let passwd =
            "root:x:0:0:root:/root:/bin/sh\npostgres2:x:7:8::/:/bin/sh\npostgres:x:101:104::/:/bin/sh\n";
        assert_eq!(ids_of("postgres", passwd), Some((101, 104)));
        assert_eq!(ids_of("nobody", passwd), None);
    }
}
