/// Where on the page somebody goes once they are signed in: a path of this platform and nothing else, so that a link to sign in
/// leads to no other site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ReturnPath(String);

impl ReturnPath {
    /// Most bytes.
    pub(crate) const LONGEST: usize = 300;

    /// The path if it is one: it begins with one slash, and has nothing that browsers take for another one or pass over.
    pub(crate) fn parse(text: &str) -> Option<ReturnPath> {
        let rest = text.strip_prefix('/')?;
        let is_path = text.len() <= Self::LONGEST
            && !rest.starts_with('/')
            && text.bytes().all(|byte| byte.is_ascii_graphic() && !b"\\#<>\"".contains(&byte));
        // A path goes up no further than to the root, and could end there at two slashes.
        let goes_up = || rest.split(['/', '?']).any(|part| part == "." || part == "..");
        (is_path && !goes_up()).then(|| ReturnPath(text.to_owned()))
    }

    /// One's account.
    pub(crate) fn account() -> ReturnPath {
        ReturnPath("/account".to_owned())
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use url::Url;

    use super::*;

    #[test]
    fn leads_to_no_other_site() {
        let base: Url = "https://meet.example.com/account".parse().unwrap();
        for own in [
            "/",
            "/account",
            "/p/AAAA?tab=group",
            "/calendars?a=b&c=https://x.example",
            "/%2F%2Fevil.example",
        ] {
            let path = ReturnPath::parse(own).unwrap();
            assert_eq!(base.join(path.as_str()).unwrap().origin(), base.origin(), "{own}");
        }
        for other in [
            "",
            "account",
            "//evil.example",
            "///evil.example",
            "/\\evil.example",
            "\\/evil.example",
            "/\t/evil.example",
            "/\n/evil.example",
            " //evil.example",
            "https://evil.example",
            "javascript:alert(1)",
            "/..//evil.example",
            "/.//evil.example",
            "/p/x#edit=1",
            "/ä",
            "/a\r\nSet-Cookie: a=b",
            &format!("/{}", "a".repeat(ReturnPath::LONGEST)),
        ] {
            assert_eq!(ReturnPath::parse(other), None, "{other}");
        }
        assert_eq!(ReturnPath::parse(ReturnPath::account().as_str()), Some(ReturnPath::account()));
    }
}
