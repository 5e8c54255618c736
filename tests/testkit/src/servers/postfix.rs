use std::fs;
use std::os::unix::fs::chown;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, ensure};
use rustix::process::{Signal, geteuid};

use super::HOST;
use super::account::ids_of;
use super::files::{ServerDirectory, ServerFiles};
use super::install::Package;
use super::server::{Server, ServerKind};
use crate::ports::{free_address, free_port};
use crate::probe;
use crate::process::clean_command;

const PACKAGE: Package =
    Package { name: "postfix", directories: &["/usr/sbin", "/usr/lib/postfix/sbin", "/usr/libexec/postfix"] };
/// It leads no session as the leader of a process group, which our children are; so it is a child of one.
const PASSING_ON_THE_END: &str = r#"trap 'kill $!' TERM; "$0" "$@" & wait; wait"#;
/// Whose the mails are: nobody's. Postfix writes none as root.
const NOBODY: u32 = 65_534;

/// A postfix that takes mails from this machine and delivers those to `NAME@example.test`, and to `NAME+anything@example.test`,
/// into maildirs. Mails to [`Postfix::ELSEWHERE`] it takes too, and sends them back: the server there knows nobody.
pub type Postfix = Server<PostfixKind>;

pub struct PostfixKind {
    mailboxes: PathBuf,
}

impl Postfix {
    /// The domain of the mailboxes.
    pub const DOMAIN: &str = "example.test";
    /// A domain of which nobody has an address.
    pub const ELSEWHERE: &str = "elsewhere.test";

    /// Starts a server with mailboxes for these names. Only root can do that.
    pub async fn start(names: &[&str]) -> anyhow::Result<Postfix> {
        ensure!(geteuid().is_root(), "postfix can only be started by root; run this test as root");
        let directory = ServerDirectory::make("postfix", ServerFiles::default())?;
        let path = directory.path().to_owned();
        let [conf, queue, data, mailboxes] =
            ["conf", "queue", "data", "mailboxes"].map(|name| path.join(name));
        for made in [&conf, &queue, &data, &mailboxes] {
            fs::create_dir(made)?;
        }
        chown(&mailboxes, Some(NOBODY), Some(NOBODY))?;
        let passwd = fs::read_to_string("/etc/passwd")?;
        let (uid, gid) = ids_of("postfix", &passwd)
            .context("there is no user `postfix`; `apt-get install postfix` (as root) makes it")?;
        chown(&data, Some(uid), Some(gid))?;
        let (port, elsewhere) = (free_port()?, free_address()?);
        let domain = Postfix::DOMAIN;
        let names: Vec<String> = names.iter().map(|name| format!("{{{name}@{domain} = {name}/}}")).collect();
        let main = format!(
            "compatibility_level = 3.6\nmyhostname = mail.{domain}\nmydestination =\ninet_interfaces = {HOST}\ninet_protocols = ipv4\n\
             queue_directory = {queue}\ndata_directory = {data}\nmaillog_file = /dev/stdout\nalias_maps =\nalias_database =\n\
             mynetworks = 127.0.0.0/8\nsmtpd_relay_restrictions = permit_mynetworks, reject\nsmtp_dns_support_level = disabled\n\
             recipient_delimiter = +\nvirtual_mailbox_domains = {domain}\nvirtual_mailbox_base = {mailboxes}\n\
             virtual_mailbox_maps = inline:{{{names}}}\nvirtual_uid_maps = static:{NOBODY}\nvirtual_gid_maps = static:{NOBODY}\n\
             transport_maps = inline:{{{{{elsewhere_domain} = smtp:[{HOST}]:{elsewhere_port}}}}}\n",
            queue = queue.display(),
            data = data.display(),
            mailboxes = mailboxes.display(),
            names = names.join(", "),
            elsewhere_domain = Postfix::ELSEWHERE,
            elsewhere_port = elsewhere.port(),
        );
        let knows_nobody = "check_recipient_access static:{550 5.1.1 Nobody has this address}, reject";
        let master = format!(
            "{port} inet n - n - - smtpd\n{} inet n - n - - smtpd\n  -o {{ smtpd_recipient_restrictions = {knows_nobody} }}\n\
             cleanup unix n - n - 0 cleanup\nqmgr unix n - n 300 1 qmgr\nrewrite unix - - n - - trivial-rewrite\n\
             bounce unix - - n - 0 bounce\ndefer unix - - n - 0 bounce\ntrace unix - - n - 0 bounce\n\
             smtp unix - - n - - smtp\nerror unix - - n - - error\nretry unix - - n - - error\nvirtual unix - n n - - virtual\n\
             proxymap unix - - n - - proxymap\nanvil unix - - n - 1 anvil\nscache unix - - n - 1 scache\npostlog unix-dgram n - n - 1 postlogd\n",
            elsewhere.port()
        );
        fs::write(conf.join("main.cf"), main)?;
        fs::write(conf.join("master.cf"), master)?;
        let mut postfix = Server::new(PostfixKind { mailboxes }, directory, port);
        let mut check = clean_command(PACKAGE.program("postfix")?);
        check.arg("-c").arg(&conf).arg("check");
        postfix.run("the check of postfix's folders", check).await?;
        postfix.launch().await?;
        Ok(postfix)
    }

    /// The folder of the maildirs, each of the name before the `@`.
    pub fn mailboxes(&self) -> &Path {
        &self.kind.mailboxes
    }
}

impl ServerKind for PostfixKind {
    const NAME: &'static str = "postfix";
    const STOP: Signal = Signal::TERM;
    const STOP_WITHIN: Duration = Duration::from_secs(10);
    const READY_WITHIN: Duration = Duration::from_secs(20);

    fn command(postfix: &Postfix) -> anyhow::Result<Command> {
        let conf = postfix.directory.path().join("conf");
        let mut command = clean_command("sh");
        command.args(["-c", PASSING_ON_THE_END]).arg(PACKAGE.program("master")?);
        command.env("MAIL_CONFIG", &conf).arg("-c").arg(conf).arg("-s");
        Ok(command)
    }

    async fn answers(postfix: &Postfix, _process: u32) -> bool {
        probe::smtp(postfix.address()).await
    }
}
