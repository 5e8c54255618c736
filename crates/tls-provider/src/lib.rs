//! The cryptography behind TLS, chosen once for a process.

/// Has every TLS client of this process use ring. To be called before a client is made; once more does no harm.
pub fn install() {
    // It fails only when a provider is set already, and then there is one.
    let _ = rustls::crypto::ring::default_provider().install_default();
}
