use fast_qr::{QRBuilder, convert::Builder, convert::svg::SvgBuilder};

/// A QR code of `text` as an SVG image, dark on light whatever is around it; `None` when the text is too long for one
/// (2,331 bytes at the level of correction that is used).
pub fn qr_code(text: &str) -> Option<String> {
    let code = QRBuilder::new(text).build().ok()?;
    Some(SvgBuilder::default().margin(2).to_str(&code))
}
