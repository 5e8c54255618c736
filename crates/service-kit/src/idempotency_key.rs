use axum::http::HeaderMap;
use wire::Fault;

/// The header by which a client says that a request is the same as one before.
const IDEMPOTENCY_KEY: &str = "Idempotency-Key";
/// Longest idempotency key in bytes.
pub const IDEMPOTENCY_KEY_LENGTH: usize = 255;

/// The request's idempotency key, if it has one.
///
/// # Errors
/// Several keys, and what is none.
pub fn idempotency_key(headers: &HeaderMap) -> Result<Option<String>, Fault> {
    let mut values = headers.get_all(IDEMPOTENCY_KEY).iter();
    let Some(value) = values.next() else { return Ok(None) };
    if values.next().is_some() {
        return Err(idempotency_fault("Give one key; there are several"));
    }
    let printable = |key: &&str| key.bytes().all(|byte| (b' '..=b'~').contains(&byte));
    let possible = |key: &&str| (1..=IDEMPOTENCY_KEY_LENGTH).contains(&key.len());
    let key = value.to_str().ok().filter(possible).filter(printable);
    key.map(|key| Some(key.to_owned())).ok_or_else(|| {
        idempotency_fault(&format!("Give 1 to {IDEMPOTENCY_KEY_LENGTH} printable ASCII characters"))
    })
}

/// What is wrong with a request's idempotency key.
pub fn idempotency_fault(msg: &str) -> Fault {
    Fault::new(["header", IDEMPOTENCY_KEY], "value_error", msg)
}
