use axum::http::{HeaderMap, header};

/// How bytes are packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    Identity,
    Gzip,
    Brotli,
}

impl Encoding {
    /// Its name in HTTP.
    pub fn name(self) -> &'static str {
        match self {
            Encoding::Identity => "identity",
            Encoding::Gzip => "gzip",
            Encoding::Brotli => "br",
        }
    }
}

/// The smallest form that a client takes (RFC 9110 §12.5.3). One that says nothing gets the bytes as they are.
pub(crate) fn preferred(asked: &HeaderMap) -> Encoding {
    let lines = asked.get_all(header::ACCEPT_ENCODING).iter().filter_map(|line| line.to_str().ok());
    let taken: Vec<&str> = lines.flat_map(|line| line.split(',')).filter_map(taken).collect();
    [Encoding::Brotli, Encoding::Gzip]
        .into_iter()
        .find(|encoding| taken.iter().any(|name| name.eq_ignore_ascii_case(encoding.name())))
        .unwrap_or(Encoding::Identity)
}

/// The name of a coding, unless its weight is 0.
fn taken(item: &str) -> Option<&str> {
    let mut parts = item.split(';').map(str::trim);
    let name = parts.next()?;
    let weight = parts.find_map(|part| part.strip_prefix("q=")).map_or(Ok(1.0), str::parse::<f32>);
    weight.is_ok_and(|weight| weight > 0.0).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(accepted: &str) -> Encoding {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT_ENCODING, accepted.parse().unwrap());
        preferred(&headers)
    }

    #[test]
    fn brotli_goes_before_gzip_and_gzip_before_nothing() {
        assert_eq!(chosen("gzip, deflate, br, zstd"), Encoding::Brotli);
        assert_eq!(chosen("GZIP;q=0.5"), Encoding::Gzip);
        assert_eq!(chosen("deflate"), Encoding::Identity);
        assert_eq!(preferred(&HeaderMap::new()), Encoding::Identity);
    }

    #[test]
    fn what_a_client_refuses_it_does_not_get() {
        assert_eq!(chosen("br;q=0, gzip"), Encoding::Gzip);
        assert_eq!(chosen("br; q=0.0, gzip;q=0"), Encoding::Identity);
        assert_eq!(chosen("br;q=much"), Encoding::Identity);
    }
}
