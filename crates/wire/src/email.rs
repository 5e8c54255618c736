use std::{fmt, str::FromStr};

use email_address::{EmailAddress, Options};

/// A valid e-mail address (RFC 5321 and 6531, at most 254 bytes): blanks around it trimmed, its domain in lower case.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Email(String);

impl Email {
    /// Longest address in bytes (RFC 5321 §4.5.3.1.3 less the angle brackets).
    pub const MAX_LENGTH: usize = 254;

    /// The address as it is stored and shown.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What look-ups compare: the trimmed address in upper case. Works for any text, since a look-up of something
    /// that is no address is just not found.
    pub fn key(address: &str) -> String {
        address.trim().to_uppercase()
    }
}

impl FromStr for Email {
    type Err = String;

    fn from_str(text: &str) -> Result<Email, String> {
        let text = text.trim();
        if text.len() > Self::MAX_LENGTH {
            return Err(format!("The e-mail address is longer than {} bytes", Self::MAX_LENGTH));
        }
        let options = Options::default().without_display_text().with_required_tld().without_domain_literal();
        let address = EmailAddress::parse_with_options(text, options)
            .map_err(|error| format!("This is not a valid e-mail address: {error}"))?;
        if text.chars().any(char::is_control) {
            return Err("This is not a valid e-mail address: it has a control character".to_owned());
        }
        Ok(Email(format!("{}@{}", address.local_part(), address.domain().to_lowercase())))
    }
}

impl fmt::Display for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trims_and_lowers_the_domain_only() {
        let email: Email = "  Ada.Lovelace@Example.ORG ".parse().unwrap();
        assert_eq!(email.as_str(), "Ada.Lovelace@example.org");
        assert_eq!(Email::key(email.as_str()), "ADA.LOVELACE@EXAMPLE.ORG");
    }

    #[test]
    fn takes_every_valid_address() {
        for good in
            ["o'brien@example.com", "a+b/c=d@x.io", "\"a b\"@example.com", "jörg@exämple.de", "a@b.co.uk"]
        {
            assert!(good.parse::<Email>().is_ok(), "{good}");
        }
    }

    #[test]
    fn refuses_what_is_no_address() {
        let long = format!("{}@example.com", "a".repeat(250));
        for bad in
            ["", "ada", "@x.com", "a@", "a@b", "a b@x.com", "a@x..com", "Ada <a@x.com>", "a\0@x.com", &long]
        {
            assert!(bad.parse::<Email>().is_err(), "{bad:?}");
        }
    }
}
