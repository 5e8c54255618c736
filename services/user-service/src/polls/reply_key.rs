use std::fmt;

use data_encoding::BASE32_NOPAD;
use hmac::{Hmac, Mac};
use sha2::Sha256;
use subtle::ConstantTimeEq;

use super::PublicId;

/// Bytes of a token, of the 32 of its code: enough that nobody guesses one, and few enough for an address.
const TOKEN_BYTES: usize = 16;

/// The key by which the service knows the addresses that it has given to calendars for their answers.
#[derive(Clone)]
pub(crate) struct ReplyKey([u8; 32]);

impl ReplyKey {
    /// A new one.
    pub(crate) fn fresh() -> ReplyKey {
        ReplyKey(rand::random())
    }

    /// The key as it is stored; `None` when it is none.
    pub(crate) fn stored(bytes: &[u8]) -> Option<ReplyKey> {
        bytes.try_into().ok().map(ReplyKey)
    }

    pub(crate) fn expose(&self) -> &[u8] {
        &self.0
    }

    /// What stands in the address to which a participant's calendar answers: 26 letters of base32 in lower case, since mail
    /// servers may ignore the case of addresses.
    pub(crate) fn token(&self, poll: &PublicId, participant: &PublicId) -> String {
        #[expect(clippy::expect_used, reason = "HMAC takes keys of any length")]
        let mut code = Hmac::<Sha256>::new_from_slice(&self.0).expect("a key of 32 bytes");
        // No id has a slash.
        code.update(format!("meeting reply/{poll}/{participant}").as_bytes());
        let code = code.finalize().into_bytes();
        BASE32_NOPAD.encode(&code[..TOKEN_BYTES]).to_ascii_lowercase()
    }

    /// Whether this is the token of that participant, in any case; it takes as long whichever letter differs.
    pub(crate) fn is_token(&self, token: &str, poll: &PublicId, participant: &PublicId) -> bool {
        let token = token.to_ascii_lowercase();
        self.token(poll, participant).as_bytes().ct_eq(token.as_bytes()).into()
    }
}

impl fmt::Debug for ReplyKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ReplyKey(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_of_one_participant_of_one_poll_and_of_one_service() {
        let (key, poll, participant) = (ReplyKey::fresh(), PublicId::fresh(), PublicId::fresh());
        let token = key.token(&poll, &participant);
        assert_eq!((token.len(), token.to_ascii_lowercase()), (26, token.clone()));
        assert!(token.bytes().all(|byte| byte.is_ascii_alphanumeric()));
        let stored = ReplyKey::stored(key.expose()).unwrap();
        assert!(stored.is_token(&token, &poll, &participant));
        assert!(stored.is_token(&token.to_ascii_uppercase(), &poll, &participant));
        assert!(!key.is_token(&token, &participant, &poll));
        assert!(!key.is_token(&token[1..], &poll, &participant) && !key.is_token("", &poll, &participant));
        assert!(!key.is_token(&token, &poll, &PublicId::fresh()));
        assert!(!ReplyKey::fresh().is_token(&token, &poll, &participant));
        assert!(ReplyKey::stored(&token.as_bytes()[..16]).is_none());
        assert_eq!(format!("{key:?}"), "ReplyKey(…)");
    }
}
