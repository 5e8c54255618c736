use std::fs;
use std::net::SocketAddr;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::Context;
use rustix::process::{Signal, geteuid};

use super::HOST;
use super::files::{ServerDirectory, ServerFiles};
use super::install::Package;
use super::server::{Server, ServerKind};
use crate::ports::{free_address, free_port};
use crate::probe;
use crate::process::clean_command;

const PACKAGE: Package = Package { name: "dovecot-imapd", directories: &["/usr/sbin"] };

/// A dovecot with a mailbox for everybody who logs in with [`Dovecot::PASSWORD`]: the maildir of their name in a folder.
pub type Dovecot = Server<DovecotKind>;

pub struct DovecotKind {
    /// Where it speaks TLS from the first byte, if it has a certificate.
    imaps: SocketAddr,
}

impl Dovecot {
    pub const PASSWORD: &str = "secret";

    /// Starts a server of the maildirs in this folder; with `tls`, a certificate and its key as PEM, it speaks TLS.
    pub async fn start(mailboxes: &Path, tls: Option<(&str, &str)>) -> anyhow::Result<Dovecot> {
        let directory = ServerDirectory::make("dovecot", ServerFiles::default())?;
        let (imap, imaps) = (free_port()?, free_address()?);
        let path = directory.path().to_owned();
        let at = |name: &str| path.join(name).display().to_string();
        let ssl = match tls {
            None => "ssl = no\n".to_owned(),
            Some((certificate, key)) => {
                fs::write(at("certificate.pem"), certificate)?;
                fs::write(at("key.pem"), key)?;
                format!("ssl = yes\nssl_cert = <{}\nssl_key = <{}\n", at("certificate.pem"), at("key.pem"))
            }
        };
        let imaps_port = if tls.is_some() { imaps.port() } else { 0 };
        // Whoever has the folder has the mails.
        let owner = fs::metadata(mailboxes)?;
        let accounts = match geteuid().is_root() {
            true => String::new(),
            // Nobody else can be had then.
            false => {
                let user = std::env::var_os("USER").context("USER does not say who runs this")?;
                let user = user.display();
                format!("default_internal_user = {user}\ndefault_login_user = {user}\n")
            }
        };
        let conf = format!(
            "protocols = imap\nlisten = {HOST}\nbase_dir = {run}\nstate_dir = {run}\nlog_path = /dev/stderr\n\
             disable_plaintext_auth = no\nmail_location = maildir:{mailboxes}/%n\n{ssl}{accounts}\
             passdb {{\n  driver = static\n  args = password={password}\n}}\n\
             userdb {{\n  driver = static\n  args = uid={uid} gid={gid} home={mailboxes}/%n\n}}\n\
             service imap-login {{\n  chroot =\n  inet_listener imap {{\n    port = {imap}\n  }}\n  inet_listener imaps {{\n    port = {imaps_port}\n    ssl = yes\n  }}\n}}\n\
             service anvil {{\n  chroot =\n}}\n",
            uid = owner.uid(),
            gid = owner.gid(),
            run = at("run"),
            mailboxes = mailboxes.display(),
            password = Dovecot::PASSWORD,
        );
        fs::write(at("dovecot.conf"), conf)?;
        let mut dovecot = Server::new(DovecotKind { imaps }, directory, imap);
        dovecot.launch().await?;
        Ok(dovecot)
    }

    /// Where it speaks TLS from the first byte, if it was given a certificate.
    pub fn imaps_port(&self) -> u16 {
        self.kind.imaps.port()
    }
}

impl ServerKind for DovecotKind {
    const NAME: &'static str = "dovecot";
    const STOP: Signal = Signal::TERM;
    const STOP_WITHIN: Duration = Duration::from_secs(10);
    const READY_WITHIN: Duration = Duration::from_secs(20);

    fn command(dovecot: &Dovecot) -> anyhow::Result<Command> {
        let mut command = clean_command(PACKAGE.program("dovecot")?);
        command.args(["-F", "-c"]).arg(dovecot.directory.path().join("dovecot.conf"));
        Ok(command)
    }

    async fn answers(dovecot: &Dovecot, _process: u32) -> bool {
        probe::imap(dovecot.address()).await
    }
}
