use std::str::FromStr;

use lettre::message::Mailbox;

/// In whose name mails are sent: the service's own address, `W2Meet <meet@example.com>`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sender(Mailbox);

impl Sender {
    /// The name that mails come from; may be empty.
    pub fn name(&self) -> &str {
        self.0.name.as_deref().unwrap_or_default()
    }

    /// The address that mails come from, and that meetings have as their organizer.
    pub fn email(&self) -> &str {
        self.0.email.as_ref()
    }

    /// What Message-IDs end in.
    pub(crate) fn domain(&self) -> &str {
        self.0.email.domain()
    }

    pub(crate) fn mailbox(&self) -> &Mailbox {
        &self.0
    }
}

impl FromStr for Sender {
    type Err = String;

    fn from_str(text: &str) -> Result<Sender, String> {
        let mailbox: Mailbox =
            text.parse().map_err(|_| format!("{text:?} is no address; write W2Meet <meet@example.com>"))?;
        if !mailbox.email.to_string().is_ascii() {
            return Err("its address has letters that few mail servers take".to_owned());
        }
        Ok(Sender(mailbox))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_an_address_with_or_without_a_name() {
        let named: Sender = "W2Meet <meet@example.com>".parse().unwrap();
        assert_eq!(
            (named.name(), named.email(), named.domain()),
            ("W2Meet", "meet@example.com", "example.com")
        );
        assert_eq!("meet@example.com".parse::<Sender>().unwrap().name(), "");
        for wrong in ["", "W2Meet", "meet@", "W2Meet <meet@example.com", "größe@example.com"] {
            assert!(wrong.parse::<Sender>().is_err(), "{wrong}");
        }
    }
}
