use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use rcgen::{KeyPair, PKCS_ED25519, PublicKeyData, SigningKey as _};
use serde_json::{Value, json};

/// A key of Ed25519, with its id.
pub(super) struct SigningKey {
    id: String,
    pair: KeyPair,
}

impl SigningKey {
    pub(super) fn fresh(id: &str) -> anyhow::Result<SigningKey> {
        Ok(SigningKey { id: id.to_owned(), pair: KeyPair::generate_for(&PKCS_ED25519)? })
    }

    /// As clients read it.
    pub(super) fn published(&self) -> Value {
        let x = URL_SAFE_NO_PAD.encode(self.pair.der_bytes());
        json!({"kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": "EdDSA", "kid": self.id, "x": x})
    }

    /// Another key under the same id.
    pub(super) fn impostor(&self) -> anyhow::Result<SigningKey> {
        SigningKey::fresh(&self.id)
    }

    /// A token of this kind with these claims.
    pub(super) fn signed(&self, kind: &str, claims: &Value) -> String {
        let text = parts(&json!({"alg": "EdDSA", "kid": self.id, "typ": kind}), claims);
        let signature = self.pair.sign(text.as_bytes()).unwrap_or_default();
        format!("{text}.{}", URL_SAFE_NO_PAD.encode(signature))
    }
}

/// Header and claims, to be signed.
pub(super) fn parts(header: &Value, claims: &Value) -> String {
    format!("{}.{}", URL_SAFE_NO_PAD.encode(header.to_string()), URL_SAFE_NO_PAD.encode(claims.to_string()))
}
