use std::str::FromStr;

use axum::http::{HeaderName, HeaderValue, Request, StatusCode};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::{ApiError, Secret};

/// By which the services of a platform know each other. While it is being changed there are several: the first one is sent,
/// and all are taken.
#[derive(Clone, Debug)]
pub struct ServiceSecret(Vec<Secret>);

impl ServiceSecret {
    /// What it is sent in.
    const HEADER: HeaderName = HeaderName::from_static("w2meet-service");
    /// Fewest characters.
    const LEAST: usize = 32;

    /// Puts it into a request to another service, never into its log lines.
    pub fn put_into<B>(&self, request: &mut Request<B>) {
        let value = self.0.first().and_then(|secret| HeaderValue::from_str(secret.expose()).ok());
        if let Some(mut value) = value {
            value.set_sensitive(true);
            request.headers_mut().insert(Self::HEADER, value);
        }
    }

    /// Takes it out of a request, which has to have it.
    ///
    /// # Errors
    /// 421 when it is missing or another one. Not 401, by which callers know that a token is wrong: while a secret is introduced, what
    /// is refused has to be tried again.
    pub(crate) fn check<B>(&self, request: &mut Request<B>) -> Result<(), ApiError> {
        let given = request.headers_mut().remove(Self::HEADER);
        // Of hashes the time tells nothing, not even the length.
        let given = Sha256::digest(given.as_ref().map(HeaderValue::as_bytes).unwrap_or_default());
        let is_known = self.0.iter().any(|known| {
            let known = Sha256::digest(known.expose());
            known[..].ct_eq(&given[..]).into()
        });
        if is_known {
            return Ok(());
        }
        let msg = "This port is for the services of the platform, which share SERVICE_SECRET; others use the public port";
        Err(ApiError::http(StatusCode::MISDIRECTED_REQUEST, msg))
    }
}

impl FromStr for ServiceSecret {
    type Err = String;

    fn from_str(text: &str) -> Result<ServiceSecret, String> {
        let secret: Secret = text.parse()?;
        let lines: Vec<&str> =
            secret.expose().lines().map(str::trim).filter(|line| !line.is_empty()).collect();
        let is_secret =
            |line: &&str| line.len() >= Self::LEAST && line.bytes().all(|byte| byte.is_ascii_graphic());
        if lines.is_empty() || !lines.iter().all(is_secret) {
            return Err(format!(
                "give {} or more letters and digits, or several such lines; openssl rand -hex 32 makes one",
                Self::LEAST
            ));
        }
        lines.into_iter().map(str::parse).collect::<Result<_, _>>().map(ServiceSecret)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: &str = "0123456789abcdef0123456789abcdef";
    const TWO: &str = "fedcba9876543210fedcba9876543210";

    fn secret(text: &str) -> ServiceSecret {
        text.parse().unwrap()
    }

    /// What a service with one secret makes of a request of a service with another.
    fn asked(by: Option<&str>, of: &str) -> Result<(), StatusCode> {
        let mut request = Request::new(());
        by.into_iter().for_each(|by| secret(by).put_into(&mut request));
        let checked = secret(of).check(&mut request).map_err(|error| error.status());
        assert!(request.headers().is_empty(), "it goes no further");
        checked
    }

    #[test]
    fn a_secret_is_changed_step_by_step_while_services_go_on() {
        let steps = [ONE.to_owned(), format!("{ONE}\n{TWO}\n"), format!("{TWO}\r\n{ONE}"), TWO.to_owned()];
        for pair in steps.windows(2) {
            for (by, of) in [(&pair[0], &pair[1]), (&pair[1], &pair[0]), (&pair[0], &pair[0])] {
                assert_eq!(asked(Some(by), of), Ok(()), "{by:?} asks {of:?}");
            }
        }
    }

    #[test]
    fn whoever_has_none_or_another_one_is_refused() {
        for by in [None, Some(TWO)] {
            assert_eq!(asked(by, ONE), Err(StatusCode::MISDIRECTED_REQUEST));
        }
    }

    #[test]
    fn what_others_could_guess_is_none() {
        for wrong in ["", "short", &format!("{ONE}\nshort"), &"ä".repeat(40), &format!("{ONE} {TWO}")] {
            assert!(wrong.parse::<ServiceSecret>().is_err(), "{wrong}");
        }
        assert!(!format!("{:?}", secret(ONE)).contains(ONE));
    }
}
