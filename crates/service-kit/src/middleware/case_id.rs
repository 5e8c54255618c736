use axum::{
    extract::Request,
    http::{HeaderMap, HeaderName, HeaderValue},
    response::Response,
};
use wire::CaseId;

pub(crate) const CASE_ID: HeaderName = HeaderName::from_static("case-id");
/// On replies to requests whose own Case-ID was not taken over.
const REPLACED: HeaderName = HeaderName::from_static("case-id-replaced");
const FORM: HeaderValue =
    HeaderValue::from_static("a Case-ID has 1 to 64 characters of A-Z, a-z, 0-9, '.', '_' and '-'");

/// Takes the caller's Case-ID over, or makes one, and writes it on the reply. Where the caller's was replaced the reply
/// says so.
pub(super) async fn case_id(mut request: Request, next: impl AsyncFnOnce(Request) -> Response) -> Response {
    let given = given(request.headers());
    let replaced = given.is_none() && request.headers().contains_key(CASE_ID);
    let case_id = given.unwrap_or_else(CaseId::fresh);
    let value = HeaderValue::from_str(case_id.as_str());
    request.extensions_mut().insert(case_id);
    let mut response = next(request).await;
    if let Ok(value) = value {
        response.headers_mut().insert(CASE_ID, value);
    }
    if replaced {
        response.headers_mut().insert(REPLACED, FORM);
    }
    response
}

/// The caller's Case-ID, if it sent one, and one only.
pub(crate) fn given(headers: &HeaderMap) -> Option<CaseId> {
    let mut values = headers.get_all(CASE_ID).iter();
    let (value, None) = (values.next()?, values.next()) else { return None };
    CaseId::parse(value.to_str().ok()?)
}
