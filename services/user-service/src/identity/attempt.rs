use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, Mac};
use sha2::Sha256;
use subtle::ConstantTimeEq;

use crate::polls::{Token, TokenHash};

/// The secret of one attempt to sign in, which is a cookie of the browser that makes it, and nowhere else. All that the attempt
/// needs is derived from it, so that what is stored of it is of no use to whoever reads the table, and what is in addresses
/// tells nothing of the rest.
pub(crate) struct AttemptSecret(String);

impl AttemptSecret {
    /// Characters of it.
    const LENGTH: usize = 43;

    pub(crate) fn fresh() -> AttemptSecret {
        AttemptSecret(Token::fresh().expose().to_owned())
    }

    /// The secret as the browser has it; nothing when it can be none.
    pub(crate) fn parse(text: &str) -> Option<AttemptSecret> {
        let is_secret = text.len() == Self::LENGTH
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
        is_secret.then(|| AttemptSecret(text.to_owned()))
    }

    /// For the cookie.
    pub(crate) fn expose(&self) -> &str {
        &self.0
    }

    /// Under which the attempt is stored.
    pub(crate) fn hash(&self) -> TokenHash {
        TokenHash::of(&self.0)
    }

    /// What the provider hands back, by which the browser that comes back is known for the one that went there.
    pub(crate) fn state(&self) -> String {
        self.derived("state")
    }

    /// Whether this state came of this secret; it takes as long whichever byte differs.
    pub(crate) fn is_state(&self, state: &str) -> bool {
        self.state().as_bytes().ct_eq(state.as_bytes()).into()
    }

    /// What the provider puts into the ID token, by which that is of this attempt.
    pub(crate) fn nonce(&self) -> String {
        self.derived("nonce")
    }

    /// By which the code is worth nothing to others (PKCE).
    pub(crate) fn code_verifier(&self) -> String {
        self.derived("code verifier")
    }

    fn derived(&self, what_for: &str) -> String {
        #[expect(clippy::expect_used, reason = "a key of HMAC may have any length")]
        let mut mac = Hmac::<Sha256>::new_from_slice(self.0.as_bytes()).expect("any length");
        mac.update(what_for.as_bytes());
        URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_derived_differs_and_comes_again() {
        let secret = AttemptSecret::fresh();
        let again = AttemptSecret::parse(secret.expose()).unwrap();
        let derived =
            [secret.state(), secret.nonce(), secret.code_verifier(), secret.hash().as_str().to_owned()];
        for (place, one) in derived.iter().enumerate() {
            assert_eq!(one.len(), 43);
            assert!(!derived[..place].contains(one) && one != secret.expose());
        }
        assert!(again.is_state(&secret.state()) && again.nonce() == secret.nonce());
        assert!(!secret.is_state(&AttemptSecret::fresh().state()) && !secret.is_state(""));
    }

    #[test]
    fn what_can_be_no_secret_is_none() {
        for wrong in
            ["", "x", &"x".repeat(42), &"x".repeat(44), &format!("{}=", "x".repeat(42)), &"ä".repeat(43)]
        {
            assert!(AttemptSecret::parse(wrong).is_none(), "{wrong}");
        }
    }
}
