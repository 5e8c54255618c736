//! Who may hand mails over by HTTP: whoever has the secret signs each with the time.

use std::time::Duration;

use data_encoding::HEXLOWER_PERMISSIVE;
use hmac::{Hmac, Mac};
use sha2::Sha256;
use wire::Timestamp;

/// The header with the signature: `t=1772356272,v1=5257a869…`.
pub(crate) const SIGNATURE_HEADER: &str = "W2Meet-Signature";

/// How far the clocks of both sides may be apart, and for how long a request can be repeated by whoever has seen it.
const TOLERANCE: Duration = Duration::from_secs(5 * 60);

/// Why a request is not from who has the secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum SignatureError {
    #[error(
        "Sign the body: the header W2Meet-Signature is t=UNIX_SECONDS,v1=HEX, and there is none or it has another form"
    )]
    Missing,
    #[error("The time in W2Meet-Signature is more than five minutes away from this server's clock")]
    Outdated,
    #[error(
        "The signature is wrong: it is the HMAC-SHA256 of t, a dot and the body, with the secret of both sides"
    )]
    Wrong,
}

/// Checks the signature of a body. It takes as long whichever byte is wrong.
///
/// # Errors
/// [`SignatureError`].
pub(crate) fn verify(
    secret: &str,
    header: Option<&str>,
    body: &[u8],
    now: Timestamp,
) -> Result<(), SignatureError> {
    let mut time = None;
    let mut signatures = Vec::new();
    for (name, value) in
        header.ok_or(SignatureError::Missing)?.split(',').filter_map(|part| part.split_once('='))
    {
        match name.trim() {
            "t" => time = Some(value.trim()),
            // There are two while the secret is being changed.
            "v1" => signatures.extend(HEXLOWER_PERMISSIVE.decode(value.trim().as_bytes())),
            _ => (),
        }
    }
    let time = time.filter(|_| !signatures.is_empty()).ok_or(SignatureError::Missing)?;
    let seconds: i64 = time.parse().map_err(|_| SignatureError::Missing)?;
    let signed_at = seconds.checked_mul(1_000_000).and_then(Timestamp::from_micros);
    let signed_at = signed_at.ok_or(SignatureError::Outdated)?;
    if signed_at < now.minus(TOLERANCE) || signed_at > now.plus(TOLERANCE) {
        return Err(SignatureError::Outdated);
    }
    #[expect(clippy::expect_used, reason = "HMAC takes keys of any length")]
    let mut code = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("a key of any length");
    code.update(time.as_bytes());
    code.update(b".");
    code.update(body);
    let is_right = signatures.iter().any(|signature| code.clone().verify_slice(signature).is_ok());
    if is_right { Ok(()) } else { Err(SignatureError::Wrong) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "0123456789abcdef";
    /// By `printf '1772356272.hello' | openssl dgst -sha256 -hmac 0123456789abcdef`.
    const RIGHT: &str = "4d79003348081a50a2a0509665ef15c9b87ddf7507bd19ebcaaf928b6bd879bf";

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_micros(seconds * 1_000_000).unwrap()
    }

    fn check(header: &str) -> Result<(), SignatureError> {
        verify(SECRET, Some(header), b"hello", at(1_772_356_272))
    }

    #[test]
    fn a_signature_is_of_its_time_its_body_and_its_secret() {
        let right = format!("t=1772356272,v1={RIGHT}");
        assert_eq!(check(&right), Ok(()));
        assert_eq!(
            check(&format!("t=1772356272, v1={}, v1={}", "00".repeat(32), RIGHT.to_uppercase())),
            Ok(())
        );
        assert_eq!(
            verify("another secret!!", Some(&right), b"hello", at(1_772_356_272)),
            Err(SignatureError::Wrong)
        );
        assert_eq!(verify(SECRET, Some(&right), b"hello!", at(1_772_356_272)), Err(SignatureError::Wrong));
        assert_eq!(check(&format!("t=1772356273,v1={RIGHT}")), Err(SignatureError::Wrong));
        assert_eq!(check(&format!("t=1772356272,v1={}", &RIGHT[2..])), Err(SignatureError::Wrong));
        assert_eq!(check("t=1772356272,v1=00"), Err(SignatureError::Wrong));
    }

    #[test]
    fn a_signature_is_good_for_five_minutes() {
        let right = format!("t=1772356272,v1={RIGHT}");
        for (seconds, result) in [
            (1_772_356_572, Ok(())),
            (1_772_355_972, Ok(())),
            (1_772_356_573, Err(SignatureError::Outdated)),
            (1_772_355_971, Err(SignatureError::Outdated)),
        ] {
            assert_eq!(verify(SECRET, Some(&right), b"hello", at(seconds)), result, "{seconds}");
        }
        assert_eq!(check(&format!("t={},v1={RIGHT}", i64::MAX)), Err(SignatureError::Outdated));
    }

    #[test]
    fn what_is_no_signature_is_missed() {
        assert_eq!(verify(SECRET, None, b"hello", at(0)), Err(SignatureError::Missing));
        for none in
            ["", "t", "t=1772356272", "v1=00", "t=x,v1=00", "t=1772356272,v1=xyz", "t=1772356272,v0=00"]
        {
            assert_eq!(check(none), Err(SignatureError::Missing), "{none}");
        }
    }
}
