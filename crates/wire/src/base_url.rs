use std::{fmt, str::FromStr};

use url::Url;

/// Where a service is: an `http` or `https` URL with a host and perhaps a path, to which paths are added.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BaseUrl(String);

impl BaseUrl {
    /// The URL without a slash at its end.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for BaseUrl {
    type Err = String;

    fn from_str(text: &str) -> Result<BaseUrl, String> {
        if !text.contains("://") {
            return Err(format!("it has no scheme; write http://{}", text.trim_start_matches('/')));
        }
        let url = Url::parse(text).map_err(|error| error.to_string())?;
        let fault = match url.scheme() {
            "http" | "https" if !url.username().is_empty() || url.password().is_some() => {
                Some("it has a user or a password, which are not sent".to_owned())
            }
            "http" | "https" if url.query().is_some() => {
                Some("it has a query; paths are added to it".to_owned())
            }
            "http" | "https" if url.fragment().is_some() => {
                Some("it has a fragment; paths are added to it".to_owned())
            }
            "http" | "https" if url.port() == Some(0) => Some("nobody listens on port 0".to_owned()),
            "http" | "https" => None,
            scheme => Some(format!("its scheme is {scheme}; use http or https")),
        };
        fault.map_or_else(|| Ok(BaseUrl(url.as_str().trim_end_matches('/').to_owned())), Err)
    }
}

impl fmt::Display for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_what_paths_can_be_added_to() {
        for (text, base) in [
            ("http://user-service:8000", "http://user-service:8000"),
            ("https://example.com/api/", "https://example.com/api"),
            ("HTTP://[::1]:8000/", "http://[::1]:8000"),
        ] {
            assert_eq!(text.parse::<BaseUrl>().unwrap().as_str(), base);
        }
    }

    #[test]
    fn says_what_is_wrong_with_anything_else() {
        for (text, said) in [
            ("user-service:8000", "write http://user-service:8000"),
            ("user-service", "no scheme"),
            ("//user-service", "write http://user-service"),
            ("", "no scheme"),
            ("ftp://user-service", "scheme is ftp"),
            ("file:///etc/passwd", "scheme is file"),
            ("http://", "empty host"),
            ("http://user service", "international domain name"),
            ("http://user-service:99999", "port"),
            ("http://user-service:0", "port 0"),
            ("http://user-service/?x=1", "query"),
            ("http://user-service/?", "query"),
            ("http://user-service#top", "fragment"),
            ("http://ada@user-service", "user"),
            ("http://:secret@user-service", "password"),
        ] {
            let fault = text.parse::<BaseUrl>().unwrap_err();
            assert!(fault.contains(said), "{text}: {fault}");
        }
    }
}
