use std::sync::Arc;

use lapin::tcp::RustlsConnector;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};

use crate::target::ProbeError;
use crate::unknown::chain;

/// A way to make TLS connections that trusts what these certificates have signed, and nobody else.
pub(super) fn only(pem: &[u8]) -> Result<RustlsConnector, ProbeError> {
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(pem) {
        let certificate = certificate.map_err(|error| ProbeError::Ca(error.to_string()))?;
        roots.add(certificate).map_err(|error| ProbeError::Ca(chain(&error)))?;
    }
    if roots.is_empty() {
        return Err(ProbeError::Ca("it holds no certificate".to_owned()));
    }
    let ring = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(ring)
        .with_safe_default_protocol_versions()
        .map_err(|error| ProbeError::Ca(chain(&error)))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(config.into())
}
