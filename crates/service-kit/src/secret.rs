use std::{fmt, fs, str::FromStr};

/// What some programs put before text.
const BYTE_ORDER_MARK: char = '\u{feff}';

/// A setting that must not be seen: it is never printed, and `file:/path` reads it from a file.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// This text itself, also if it begins like the name of a file.
    pub fn of(text: String) -> Secret {
        Secret(text)
    }

    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl FromStr for Secret {
    type Err = String;

    /// Takes the value as it is, or, after `file:`, the content of that file without the blanks around it. A file with
    /// nothing else in it is a mistake.
    fn from_str(text: &str) -> Result<Secret, String> {
        match text.strip_prefix("file:") {
            None => Ok(Secret(text.to_owned())),
            Some(path) => match fs::read_to_string(path) {
                Ok(content) => match content.trim_start_matches(BYTE_ORDER_MARK).trim() {
                    "" => Err(format!("the secret's file {path} is empty")),
                    secret => Ok(Secret(secret.to_owned())),
                },
                Err(error) => Err(format!("cannot read the secret from {path}: {error}")),
            },
        }
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_read_from_a_file_and_never_printed() {
        let path = std::env::temp_dir().join(format!("secret-{}", std::process::id()));
        let read = |content: &[u8]| {
            fs::write(&path, content).unwrap();
            format!("file:{}", path.display()).parse::<Secret>()
        };
        for content in ["s3cret", "s3cret\n", "s3cret\r\n", "\u{feff}s3cret\r\n", " s3cret \n\n"] {
            let secret = read(content.as_bytes()).unwrap();
            assert_eq!((secret.expose(), format!("{secret:?}").as_str()), ("s3cret", "***"), "{content:?}");
        }
        for wrong in [&b""[..], b" \r\n", b"s3cret\xff"] {
            let refused = read(wrong).unwrap_err();
            assert!(
                refused.contains(path.to_str().unwrap()) && !refused.contains("s3cret\u{fffd}"),
                "{refused}"
            );
        }
        fs::remove_file(&path).unwrap();
        assert!("file:/does/not/exist".parse::<Secret>().unwrap_err().contains("/does/not/exist"));
    }
}
