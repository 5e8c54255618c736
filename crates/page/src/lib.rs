//! The web page: the files it is made of, the document that loads them, and QR codes of its links. It knows of no poll
//! and of no store; user-service serves it.

mod assets;
mod document;
mod encoding;
mod qr_code;

pub use assets::{Asset, asset, assets};
pub use document::{Document, STATIC_PATH, Screen, document};
pub use encoding::Encoding;
pub use qr_code::qr_code;
