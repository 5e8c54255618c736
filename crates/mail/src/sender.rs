use std::str::FromStr;

use lettre::{Address, message::Mailbox};

use crate::return_address::return_token;

/// In whose name mails are sent: the service's own address, `W2Meet <meet@example.com>`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sender {
    mailbox: Mailbox,
    takes_replies: bool,
}

/// Longest part of an address before the @, in bytes (RFC 5321 §4.5.3.1.1).
const LONGEST_LOCAL_PART: usize = 64;
/// Letters of a token.
const TOKEN_LENGTH: usize = 26;

impl Sender {
    /// The name that mails come from; may be empty.
    pub fn name(&self) -> &str {
        self.mailbox.name.as_deref().unwrap_or_default()
    }

    /// The address that mails come from.
    pub fn email(&self) -> &str {
        self.mailbox.email.as_ref()
    }

    /// The sender as one to whom calendars can answer: each meeting request has an address of its own, with a token behind a
    /// `+`.
    ///
    /// # Errors
    /// Why there can be no such addresses.
    pub fn taking_replies(self) -> Result<Sender, String> {
        let local = self.mailbox.email.user();
        if local.contains('+') || local.starts_with('"') {
            return Err(format!(
                "{local:?} before the @ cannot be followed by + and a token, which replies need"
            ));
        }
        let most = LONGEST_LOCAL_PART - 1 - TOKEN_LENGTH;
        if local.len() > most {
            return Err(format!(
                "what is before the @ has more than {most} letters, which leaves no room for the token of replies"
            ));
        }
        Ok(Sender { takes_replies: true, ..self })
    }

    /// The address that meetings have as their organizer, to which calendars answer: `meet+token@example.com`, or the
    /// address that mails come from where nobody reads answers.
    pub fn organizer_email(&self, reply_token: Option<&str>) -> String {
        let email = &self.mailbox.email;
        match reply_token.filter(|_| self.takes_replies) {
            Some(token) => format!("{}+{token}@{}", email.user(), email.domain()),
            None => self.email().to_owned(),
        }
    }

    /// The address to which servers send this mail back if they cannot deliver it: one of its own, or the address that mails
    /// come from where nobody reads what comes back.
    pub(crate) fn return_address(&self, mail_id: &str) -> Address {
        let email = &self.mailbox.email;
        let token = return_token(mail_id).filter(|_| self.takes_replies);
        let own =
            token.and_then(|token| Address::new(format!("{}+{token}", email.user()), email.domain()).ok());
        own.unwrap_or_else(|| email.clone())
    }

    /// What Message-IDs end in.
    pub(crate) fn domain(&self) -> &str {
        self.mailbox.email.domain()
    }

    pub(crate) fn mailbox(&self) -> &Mailbox {
        &self.mailbox
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
        Ok(Sender { mailbox, takes_replies: false })
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

    #[test]
    fn each_mail_comes_back_to_an_address_of_its_own_where_mails_are_read() {
        let id = "01976c9f-3d1e-7b52-9c1a-5f2e7d8c9b0a";
        let sender: Sender = "W2Meet <meet@example.com>".parse().unwrap();
        assert_eq!(sender.return_address(id).to_string(), "meet@example.com");
        let sender = sender.taking_replies().unwrap();
        let own = sender.return_address(id).to_string();
        let token = own.strip_prefix("meet+").unwrap().strip_suffix("@example.com").unwrap();
        assert_eq!(crate::mail_of_return_token(token).unwrap(), id);
        assert_eq!(sender.return_address("1").to_string(), "meet@example.com");
    }

    #[test]
    fn each_meeting_has_an_address_of_its_own_where_replies_are_taken() {
        let token = "abcdefghijklmnopqrstuvwxyz";
        let sender: Sender = "W2Meet <meet@example.com>".parse().unwrap();
        assert_eq!(sender.organizer_email(Some(token)), "meet@example.com");
        let sender = sender.taking_replies().unwrap();
        assert_eq!(sender.organizer_email(Some(token)), format!("meet+{token}@example.com"));
        assert_eq!(
            (sender.organizer_email(None).as_str(), sender.email()),
            ("meet@example.com", "meet@example.com")
        );
        let local = |length: usize| format!("{}@example.com", "a".repeat(length)).parse::<Sender>().unwrap();
        assert_eq!(
            local(37).taking_replies().unwrap().organizer_email(Some(token)).split_once('@').unwrap().0.len(),
            64
        );
        assert!(local(38).taking_replies().unwrap_err().contains("37"));
        assert!("meet+x@example.com".parse::<Sender>().unwrap().taking_replies().is_err());
    }
}
