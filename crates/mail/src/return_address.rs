//! Addresses to which servers send mails back, each of one mail: `meet+TOKEN@example.com`, where the token is the mail's id.
//! An id has 74 random bits, and who writes it is the server of its recipient, who alone has seen it.

use data_encoding::BASE32_NOPAD;
use uuid::Uuid;

/// The token of a mail: 26 letters of base32 in lower case; `None` when the id is no UUID.
pub(crate) fn return_token(mail_id: &str) -> Option<String> {
    let id = Uuid::try_parse(mail_id).ok()?;
    Some(BASE32_NOPAD.encode(id.as_bytes()).to_ascii_lowercase())
}

/// The id of the mail that has this token, in any case; `None` when no mail has it.
pub fn mail_of_return_token(token: &str) -> Option<String> {
    let bytes = BASE32_NOPAD.decode(token.to_ascii_uppercase().as_bytes()).ok()?;
    Some(Uuid::from_slice(&bytes).ok()?.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_leads_back_to_its_mail() {
        let id = "01976c9f-3d1e-7b52-9c1a-5f2e7d8c9b0a";
        let token = return_token(id).unwrap();
        assert_eq!((token.len(), token.to_ascii_lowercase()), (26, token.clone()));
        assert_eq!(mail_of_return_token(&token).unwrap(), id);
        assert_eq!(mail_of_return_token(&token.to_ascii_uppercase()).unwrap(), id);
        assert!(return_token("1").is_none());
        for wrong in ["", "abc", "1", &token[1..], &format!("{token}a")] {
            assert!(mail_of_return_token(wrong).is_none(), "{wrong}");
        }
    }
}
