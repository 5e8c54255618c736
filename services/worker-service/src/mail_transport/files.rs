use std::{
    fs::{self, File},
    io::{self, Read, Write},
    path::{Path, PathBuf},
    time::SystemTime,
};

use mail_parser::MessageParser;
use tokio::task::spawn_blocking;

use super::SendError;

/// So much of a file is read to find its headers, which come first.
const HEAD: u64 = 16 * 1024;

/// A mail in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MailFile {
    /// The file's name.
    pub file: String,
    pub subject: String,
    pub recipient: String,
    pub written: SystemTime,
}

/// Writes a mail's file, whole or not at all.
pub(super) async fn write(folder: PathBuf, id: String, bytes: Vec<u8>) -> Result<(), SendError> {
    let written = spawn_blocking(move || write_now(&folder, &id, &bytes)).await;
    match written {
        Ok(Ok(())) => Ok(()),
        Ok(Err(error)) if is_for_good(&error) => Err(SendError::Permanent {
            reason: "there is no mail server, and no folder that mails can be written to".to_owned(),
            bounced: false,
        }),
        Ok(Err(error)) => Err(SendError::Temporary(format!("the mail's file cannot be written: {error}"))),
        Err(error) => Err(SendError::Temporary(format!("the mail's file was not written: {error}"))),
    }
}

/// Whether there is no such place, as in a container, rather than no room in it.
fn is_for_good(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::ReadOnlyFilesystem | io::ErrorKind::PermissionDenied)
}

fn write_now(folder: &Path, id: &str, bytes: &[u8]) -> io::Result<()> {
    let is_plain = id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    if !is_plain || id.is_empty() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "its id cannot be the name of a file"));
    }
    fs::create_dir_all(folder)?;
    let (whole, part) = (folder.join(format!("{id}.eml")), folder.join(format!(".{id}.part")));
    let mut file = File::create(&part)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(part, whole)
}

/// The newest mails in the files of a folder, the newest first; none where there is no such folder.
///
/// # Errors
/// When it cannot be read.
pub(crate) async fn newest(folder: PathBuf, limit: usize) -> io::Result<Vec<MailFile>> {
    spawn_blocking(move || newest_now(&folder, limit)).await.map_err(io::Error::other)?
}

fn newest_now(folder: &Path, limit: usize) -> io::Result<Vec<MailFile>> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let mut names = Vec::new();
    for entry in entries {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if name.ends_with(".eml") && !name.starts_with('.') {
            names.push(name);
        }
    }
    // Their ids are in the order of time.
    names.sort_unstable_by(|one, other| other.cmp(one));
    names.truncate(limit);
    names.into_iter().map(|name| describe(folder, name)).collect()
}

fn describe(folder: &Path, file: String) -> io::Result<MailFile> {
    let opened = File::open(folder.join(&file))?;
    let written = opened.metadata()?.modified()?;
    let mut head = Vec::new();
    opened.take(HEAD).read_to_end(&mut head)?;
    let message = MessageParser::default().parse_headers(&head);
    let subject = message.as_ref().and_then(|message| message.subject()).unwrap_or_default().to_owned();
    let recipient =
        message.as_ref().and_then(|message| message.to()?.first()?.address()).unwrap_or_default().to_owned();
    Ok(MailFile { file, subject, recipient, written })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_mail_is_in_its_file_once_however_often_it_is_written() {
        let folder = tempfile::tempdir().unwrap();
        let mails = folder.path().join("mail");
        assert_eq!(newest(mails.clone(), 20).await.unwrap(), []);
        let text =
            |subject: &str| format!("To: Ada <ada@example.com>\r\nSubject: {subject}\r\n\r\nHello\r\n");
        for (id, subject) in [("1", "first"), ("2", "=?utf-8?q?gr=C3=B6=C3=9Fer?="), ("2", "second")] {
            write(mails.clone(), id.to_owned(), text(subject).into_bytes()).await.unwrap();
        }
        let found = newest(mails.clone(), 20).await.unwrap();
        let shown: Vec<_> = found
            .iter()
            .map(|mail| (mail.file.as_str(), mail.subject.as_str(), mail.recipient.as_str()))
            .collect();
        assert_eq!(shown, [("2.eml", "second", "ada@example.com"), ("1.eml", "first", "ada@example.com")]);
        assert_eq!(newest(mails.clone(), 1).await.unwrap().len(), 1);
        assert_eq!(fs::read_dir(&mails).unwrap().count(), 2, "no piece is left");
        for bad in ["", "../x", "a/b", "."] {
            assert!(write(mails.clone(), bad.to_owned(), Vec::new()).await.is_err(), "{bad}");
        }
    }
}
