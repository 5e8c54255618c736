use redis::{
    Client, ConnectionAddr, IntoConnectionInfo, RedisConnectionInfo, RedisError, TlsCertificates, TlsMode,
    sentinel::{SentinelClient, SentinelClientBuilder, SentinelServerType},
};
use service_kit::Secret;

use super::RedisUrl;

/// How servers are spoken to, whichever they are.
#[derive(Clone, Default)]
pub(crate) struct RedisAccess {
    pub(crate) username: Option<String>,
    pub(crate) password: Option<Secret>,
    pub(crate) database: u16,
    pub(crate) with_tls: bool,
    /// PEM: the only authorities that are known; the system's otherwise.
    pub(crate) authorities: Option<Vec<u8>>,
}

impl RedisAccess {
    /// As a URL says it.
    pub(crate) fn of(url: &RedisUrl, authorities: Option<Vec<u8>>) -> RedisAccess {
        RedisAccess {
            username: url.username.clone(),
            password: url.password.clone(),
            database: url.database,
            with_tls: url.with_tls,
            authorities,
        }
    }

    pub(super) fn client(&self, host: &str, port: u16) -> Result<Client, RedisError> {
        let mut user = RedisConnectionInfo::default().set_db(self.database.into());
        if let Some(name) = &self.username {
            user = user.set_username(name);
        }
        if let Some(password) = &self.password {
            user = user.set_password(password.expose());
        }
        let server = self.address(host, port).into_connection_info()?.set_redis_settings(user);
        match self.certificates() {
            None => Client::open(server),
            Some(certificates) => Client::build_with_tls(server, certificates),
        }
    }

    /// What asks Sentinels for the master of a service; they are told their own name and password.
    pub(super) fn sentinel_client(
        &self,
        sentinels: &[(String, u16)],
        service: &str,
        own: &RedisAccess,
    ) -> Result<SentinelClient, RedisError> {
        let addresses = sentinels.iter().map(|(host, port)| self.address(host, *port));
        let mut builder = SentinelClientBuilder::new(addresses, service, SentinelServerType::Master)?
            .set_client_to_redis_db(self.database.into());
        if self.with_tls {
            builder = builder
                .set_client_to_redis_tls_mode(TlsMode::Secure)
                .set_client_to_sentinel_tls_mode(TlsMode::Secure);
        }
        if let Some(certificates) = self.certificates() {
            builder = builder
                .set_client_to_redis_certificates(certificates.clone())
                .set_client_to_sentinel_certificates(certificates);
        }
        if let Some(name) = &self.username {
            builder = builder.set_client_to_redis_username(name);
        }
        if let Some(password) = &self.password {
            builder = builder.set_client_to_redis_password(password.expose());
        }
        if let Some(name) = &own.username {
            builder = builder.set_client_to_sentinel_username(name);
        }
        if let Some(password) = &own.password {
            builder = builder.set_client_to_sentinel_password(password.expose());
        }
        builder.build()
    }

    fn address(&self, host: &str, port: u16) -> ConnectionAddr {
        let host = host.to_owned();
        match self.with_tls {
            true => ConnectionAddr::TcpTls { host, port, insecure: false, tls_params: None },
            false => ConnectionAddr::Tcp(host, port),
        }
    }

    fn certificates(&self) -> Option<TlsCertificates> {
        let authorities = self.authorities.clone().filter(|_| self.with_tls)?;
        Some(TlsCertificates { client_tls: None, root_cert: Some(authorities) })
    }
}
