//! Removing the files of mails that went to somebody, or name them.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use mail_parser::MessageParser;
use tokio::task::spawn_blocking;
use wire::Erasure;

/// Removes files that any of these people are in, by their address or by the mail's id; how many.
///
/// # Errors
/// When the folder cannot be read, or a file in it not be removed.
pub(super) async fn erase(folder: PathBuf, erasures: Vec<Erasure>) -> io::Result<usize> {
    spawn_blocking(move || erase_now(&folder, &erasures)).await.map_err(io::Error::other)?
}

fn erase_now(folder: &Path, erasures: &[Erasure]) -> io::Result<usize> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(0),
        Err(error) => return Err(error),
    };
    let mut count = 0;
    for entry in entries {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let Some(id) = name.strip_suffix(".eml") else { continue };
        let is_known = erasures.iter().any(|one| one.mails.iter().any(|mail| mail == id));
        if is_known || names_any(&fs::read(entry.path())?, erasures) {
            fs::remove_file(entry.path())?;
            count += 1;
        }
    }
    Ok(count)
}

/// Whether any of the addresses is in the headers or in a part of the mail.
fn names_any(bytes: &[u8], erasures: &[Erasure]) -> bool {
    let mut text = String::from_utf8_lossy(bytes).into_owned();
    if let Some(message) = MessageParser::default().parse(bytes) {
        for part in &message.parts {
            text.push_str(&String::from_utf8_lossy(part.contents()));
        }
    }
    // Long lines of calendars are folded.
    let text = text.replace("\r\n ", "").replace("%40", "@").to_lowercase();
    erasures.iter().any(|one| text.contains(&one.address_key.to_lowercase()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn files_go_in_which_an_address_is_or_whose_id_is_known() {
        let folder = tempfile::tempdir().unwrap();
        let write = |id: &str, text: &str| fs::write(folder.path().join(format!("{id}.eml")), text).unwrap();
        write("1", "To: Ada <Ada@example.com>\r\nSubject: x\r\n\r\nHello\r\n");
        // The address is in the body, encoded.
        write(
            "2",
            "To: bob@example.com\r\nContent-Transfer-Encoding: base64\r\n\r\nQVRURU5ERUU6bWFpbHRvOmFkYUBleGFtcGxlLmNvbQ==\r\n",
        );
        write("3", "To: bob@example.com\r\nSubject: x\r\n\r\nHello\r\n");
        write("4", "To: bob@example.com\r\nSubject: x\r\n\r\nHello\r\n");
        let erasure = Erasure {
            id: String::new(),
            address_key: "ada@example.com".to_owned(),
            account: None,
            polls: Vec::new(),
            mails: vec!["3".to_owned()],
        };
        assert_eq!(erase(folder.path().to_owned(), vec![erasure.clone()]).await.unwrap(), 3);
        let left: Vec<_> =
            fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(left, ["4.eml"]);
        assert_eq!(erase(folder.path().join("none"), vec![erasure]).await.unwrap(), 0);
    }
}
