//! A mailbox on dovecot.

use std::{
    fs,
    os::unix::fs::chown,
    path::{Path, PathBuf},
    time::Duration,
};

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustix::process::geteuid;
use tempfile::TempDir;
use testkit::{Binary, ServiceProcess, ServiceSpec, servers::Dovecot};
use worker_service::{ImapMailbox, Inbox};

use crate::{UserStub, Worker, mail, support::until};

/// Longest wait for a line of the log.
const LIMIT: Duration = Duration::from_secs(30);

/// The maildir of `meet`.
struct Maildir(TempDir);

impl Maildir {
    fn new() -> Maildir {
        let folder = Maildir(tempfile::tempdir().unwrap());
        for part in ["", "tmp", "new", "cur"] {
            fs::create_dir_all(folder.part(part)).unwrap();
        }
        if geteuid().is_root() {
            // Dovecot reads no mails as root.
            chown(folder.path(), Some(NOBODY), Some(NOBODY)).unwrap();
            for part in ["", "tmp", "new", "cur"] {
                chown(folder.part(part), Some(NOBODY), Some(NOBODY)).unwrap();
            }
        }
        folder
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn part(&self, name: &str) -> PathBuf {
        self.0.path().join("meet").join(name)
    }

    /// Has a mail come in, in the way of servers that deliver: written elsewhere, and moved.
    fn deliver(&self, name: &str, mail: &str) {
        let (written, delivered) = (self.part("tmp").join(name), self.part("new").join(name));
        fs::write(&written, mail).unwrap();
        if geteuid().is_root() {
            chown(&written, Some(NOBODY), Some(NOBODY)).unwrap();
        }
        fs::rename(written, delivered).unwrap();
    }

    /// The mails that somebody has read, by the names by which they were delivered.
    fn read(&self) -> Vec<String> {
        let files = fs::read_dir(self.part("cur")).unwrap();
        let names = files.map(|file| file.unwrap().file_name().into_string().unwrap());
        // Behind the name there may be its size, and there are its flags.
        let mut read: Vec<String> = names
            .filter(|name| name.ends_with(":2,S"))
            .map(|name| name.split([':', ',']).next().unwrap().to_owned())
            .collect();
        read.sort_unstable();
        read
    }
}

/// Whose mails are when root runs the tests.
const NOBODY: u32 = 65_534;

fn inbox(dovecot: &Dovecot) -> Inbox {
    let url = format!("imap://meet:{}@{}?tls=none", Dovecot::PASSWORD, dovecot.address());
    Inbox::Imap(Box::new(ImapMailbox::new(&url.parse().unwrap()).unwrap()))
}

#[tokio::test]
async fn what_comes_in_is_taken_once_and_marked_as_read() {
    let maildir = Maildir::new();
    let dovecot = Dovecot::start(maildir.path(), None).await.unwrap();
    maildir.deliver("1", &mail("first"));
    maildir.deliver("2", "Subject: Back on Monday\r\n\r\nBye.\r\n");
    maildir.deliver("3", &format!("{}{}", mail("long"), "x".repeat(1024 * 1024)));
    let users = UserStub::default();
    let worker = Worker::start_reading(&users, inbox(&dovecot)).await;
    until(async || maildir.read() == ["1", "2", "3"]).await;
    assert_eq!((users.answers().len(), worker.counted("taken"), worker.counted("ignored")), (1, 1.0, 2.0));
    // The server tells what comes in later.
    maildir.deliver("4", &mail("second"));
    until(async || maildir.read() == ["1", "2", "3", "4"]).await;
    assert!(users.answers()[1]["calendar"].as_str().unwrap().contains("COMMENT:second"));
    // Another replica, or the same one after a restart, takes nothing twice.
    let other = Worker::start_reading(&users, inbox(&dovecot)).await;
    until(async || other.mailbox_reads("read") >= 1.0).await;
    assert_eq!(users.answers().len(), 2);
}

#[tokio::test]
async fn a_mail_stays_unread_until_what_it_says_is_stored() {
    let maildir = Maildir::new();
    let dovecot = Dovecot::start(maildir.path(), None).await.unwrap();
    let users = UserStub::default();
    users.set_down(true);
    maildir.deliver("1", &mail("first"));
    let worker = Worker::start_reading(&users, inbox(&dovecot)).await;
    until(async || worker.counted("failed") >= 1.0).await;
    assert!(maildir.read().is_empty());
    users.set_down(false);
    until(async || maildir.read() == ["1"]).await;
    assert_eq!(users.answers().len(), 1);
}

#[tokio::test]
async fn a_server_that_is_away_is_read_when_it_is_back() {
    let maildir = Maildir::new();
    let mut dovecot = Dovecot::start(maildir.path(), None).await.unwrap();
    let users = UserStub::default();
    dovecot.kill().await.unwrap();
    let worker = Worker::start_reading(&users, inbox(&dovecot)).await;
    until(async || worker.mailbox_reads("failed") >= 1.0).await;
    dovecot.restart().await.unwrap();
    until(async || worker.mailbox_reads("read") >= 1.0).await;
    dovecot.kill().await.unwrap();
    maildir.deliver("1", &mail("first"));
    dovecot.restart().await.unwrap();
    until(async || maildir.read() == ["1"]).await;
    assert_eq!(users.answers().len(), 1);
}

/// An authority, and a certificate of it for this machine with its key, as PEM.
fn certificates() -> (String, String, String) {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let key = KeyPair::generate().unwrap();
    let authority = params.self_signed(&key).unwrap().pem();
    let (issuer, key) = (Issuer::new(params, key), KeyPair::generate().unwrap());
    let params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    (authority, params.signed_by(&key, &issuer).unwrap().pem(), key.serialize_pem())
}

#[tokio::test]
async fn a_mailbox_is_read_encrypted_and_logged_in_or_not_at_all() {
    let maildir = Maildir::new();
    let (authority, certificate, key) = certificates();
    let dovecot = Dovecot::start(maildir.path(), Some((&certificate, &key))).await.unwrap();
    let ca = maildir.path().join("authority.pem");
    fs::write(&ca, authority).unwrap();
    let users = UserStub::default();
    let base = users.serve().await;
    let start = async |url: String, trusts: bool| {
        let data = tempfile::tempdir().unwrap();
        let spec = ServiceSpec::new(Binary::WorkerService)
            .env("DATA_DIR", data.path().display())
            .env("USER_SERVICE_BASE", &base)
            .env("IMAP_URL", url);
        let spec = if trusts { spec.env("SSL_CERT_FILE", ca.display()) } else { spec };
        (ServiceProcess::start(spec).await.unwrap(), data)
    };
    let (imap, imaps) = (dovecot.port(), dovecot.imaps_port());
    for (url, trusts, why) in [
        (format!("imaps://meet:secret@localhost:{imaps}"), false, "a certificate that is not trusted"),
        (format!("imap://meet:secret@localhost:{imap}"), false, "a certificate that is not trusted"),
        (format!("imaps://meet:wrong-one@localhost:{imaps}"), true, "refuses the login"),
        (format!("imap://meet:secret@localhost:{imap}/Answers"), true, "has no folder"),
    ] {
        let (worker, _data) = start(url, trusts).await;
        worker.wait_for_log(why, LIMIT).await.unwrap();
        assert!(worker.logs().iter().all(|line| !line.contains("wrong-one")));
    }
    for (name, url) in [
        ("whole", format!("imaps://meet:secret@localhost:{imaps}")),
        ("starttls", format!("imap://meet:secret@localhost:{imap}")),
    ] {
        maildir.deliver(name, &mail(name));
        let _worker = start(url, true).await;
        until(async || maildir.read().iter().any(|read| read == name)).await;
    }
    assert_eq!(users.answers().len(), 2);
}
