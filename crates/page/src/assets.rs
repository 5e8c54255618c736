use axum::{
    body::Body,
    http::{HeaderMap, HeaderValue, Response, StatusCode, header},
};

use service_kit::{ApiError, EntityTags};

use crate::encoding::{Encoding, preferred};

include!(concat!(env!("OUT_DIR"), "/assets.rs"));

/// A file as it is served.
#[derive(Debug)]
pub struct Asset {
    /// Where it is, below the folder of its build.
    pub path: &'static str,
    /// Its `Content-Type`.
    pub kind: &'static str,
    plain: &'static [u8],
    gzip: &'static [u8],
    brotli: &'static [u8],
}

impl Asset {
    /// Its bytes in a form.
    pub fn bytes(&self, encoding: Encoding) -> &'static [u8] {
        match encoding {
            Encoding::Identity => self.plain,
            Encoding::Gzip => self.gzip,
            Encoding::Brotli => self.brotli,
        }
    }
}

/// Every file.
pub fn assets() -> &'static [Asset] {
    ASSETS
}

/// The name of this build, which changes with every byte of the files.
pub(crate) fn build() -> &'static str {
    BUILD
}

/// The document before anything is filled in.
pub(crate) fn index() -> &'static str {
    INDEX
}

/// The file at `path`. Under the name of this build it never changes, so a browser may keep it for ever. While a release is
/// rolled out, the document may come from a replica of another build: the file is sent under that name too, but not kept.
///
/// # Errors
/// There is no such file (404), or the condition of the request cannot be read (400).
pub fn asset(of_build: &str, path: &str, asked: &HeaderMap) -> Result<Response<Body>, ApiError> {
    let asset = ASSETS.iter().find(|asset| asset.path == path);
    let asset = asset.ok_or_else(|| ApiError::not_found("Not Found"))?;
    let caching = if of_build == BUILD { "public, max-age=31536000, immutable" } else { "no-store" };
    let encoding = preferred(asked);
    let tag = format!("\"{BUILD}-{}\"", encoding.name());
    let known = EntityTags::of_header(asked, &header::IF_NONE_MATCH)?;
    let is_known = known.is_some_and(|known| known.contain(&tag));
    let (status, body) = match is_known {
        true => (StatusCode::NOT_MODIFIED, Body::empty()),
        false => (StatusCode::OK, Body::from(asset.bytes(encoding))),
    };
    let mut response = Response::new(body);
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(asset.kind));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(caching));
    headers.insert(header::VARY, HeaderValue::from_static("Accept-Encoding"));
    headers.insert(header::ETAG, HeaderValue::from_str(&tag).map_err(ApiError::internal)?);
    if encoding != Encoding::Identity {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding.name()));
    }
    Ok(response)
}
