use std::fmt;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// The id of a poll or a participant: 128 random bits in base64url.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct PublicId(String);

impl PublicId {
    /// A new one, which nobody can guess.
    pub(crate) fn fresh() -> PublicId {
        PublicId(URL_SAFE_NO_PAD.encode(rand::random::<[u8; 16]>()))
    }

    /// The id in a path; `None` when no id looks like that.
    pub(crate) fn parse(text: &str) -> Option<PublicId> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        (bytes.len() == 16).then(|| PublicId(text.to_owned()))
    }

    /// The id as it is stored.
    pub(crate) fn stored(text: String) -> PublicId {
        PublicId(text)
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for PublicId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A secret that is shown once: 256 random bits in base64url.
pub(crate) struct Token(String);

impl Token {
    /// A new one.
    pub(crate) fn fresh() -> Token {
        Token(URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>()))
    }

    /// For the one reply that shows it.
    pub(crate) fn expose(&self) -> &str {
        &self.0
    }

    pub(crate) fn hash(&self) -> TokenHash {
        TokenHash::of(&self.0)
    }
}

/// What is kept of a token, and what a given one is compared by.
#[derive(Clone, Debug)]
pub(crate) struct TokenHash(String);

impl TokenHash {
    /// The hash of a token as it was given.
    pub(crate) fn of(token: &str) -> TokenHash {
        TokenHash(URL_SAFE_NO_PAD.encode(Sha256::digest(token)))
    }

    pub(crate) fn stored(text: String) -> TokenHash {
        TokenHash(text)
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether both are of the same token; it takes as long whichever byte differs.
    pub(crate) fn is(&self, other: &TokenHash) -> bool {
        self.0.as_bytes().ct_eq(other.0.as_bytes()).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_and_tokens_are_long_different_and_read_back() {
        let (id, token) = (PublicId::fresh(), Token::fresh());
        assert_eq!((id.as_str().len(), token.expose().len()), (22, 43));
        assert_eq!(PublicId::parse(id.as_str()), Some(id.clone()));
        assert_ne!((id, token.expose()), (PublicId::fresh(), Token::fresh().expose()));
        for bad in ["", "x", "../../etc/passwd", "AAAAAAAAAAAAAAAAAAAAAB", "AAAAAAAAAAAAAAAAAAAAAA=="] {
            assert_eq!(PublicId::parse(bad), None, "{bad}");
        }
        assert!(token.hash().is(&TokenHash::of(token.expose())) && !token.hash().is(&Token::fresh().hash()));
        assert!(!token.hash().as_str().contains(token.expose()));
    }
}
