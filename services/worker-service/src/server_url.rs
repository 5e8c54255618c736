//! What the addresses of mail servers have in common.

use percent_encoding::percent_decode_str;
use url::Url;

/// The name and the password before the host, decoded; `None` without a password, and an error when they are not UTF-8.
pub(crate) fn login(url: &Url) -> Result<Option<(String, String)>, std::str::Utf8Error> {
    let decoded = |text: &str| percent_decode_str(text).decode_utf8().map(|text| text.into_owned());
    let Some(password) = url.password() else { return Ok(None) };
    Ok(Some((decoded(url.username())?, decoded(password)?)))
}

/// The value of the only setting that an address may have, `?tls=`; an error for any other.
pub(crate) fn tls_setting(url: &Url) -> Result<Option<String>, ()> {
    let mut settings = url.query_pairs();
    match (settings.next(), settings.next()) {
        (None, None) => Ok(None),
        (Some((name, value)), None) if name == "tls" => Ok(Some(value.into_owned())),
        _ => Err(()),
    }
}
