use std::{fmt, fs, str::FromStr};

/// A setting that must not be seen: it is never printed, and `file:/path` reads it from a file.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl FromStr for Secret {
    type Err = String;

    /// Takes the value as it is, or, after `file:`, the content of that file without the blanks around it.
    fn from_str(text: &str) -> Result<Secret, String> {
        match text.strip_prefix("file:") {
            None => Ok(Secret(text.to_owned())),
            Some(path) => match fs::read_to_string(path) {
                Ok(content) => Ok(Secret(content.trim().to_owned())),
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
        fs::write(&path, "s3cret\n").unwrap();
        let secret: Secret = format!("file:{}", path.display()).parse().unwrap();
        fs::remove_file(&path).unwrap();
        assert_eq!(secret.expose(), "s3cret");
        assert_eq!(format!("{secret:?}"), "***");
        assert!("file:/does/not/exist".parse::<Secret>().unwrap_err().contains("/does/not/exist"));
    }
}
