use std::{fs, path::PathBuf};

use anyhow::{Context, anyhow, ensure};
use clap::value_parser;
use service_kit::Secret;

use crate::redis_servers::{RedisAccess, RedisForm, RedisServers, RedisUrl, host};

/// Where Redis is, and who may use it.
#[derive(clap::Args, Clone, Debug)]
pub struct RedisArgs {
    /// Where Redis is, in place of its host and port, or file:/path to it: redis://host:6379/0 for one server,
    /// redis+sentinel://host:26379,host:26379/service/0 for the master of a service that Sentinels watch,
    /// redis+cluster://host:6379,host:6379 for a cluster, and rediss in place of redis for TLS. User and password may stand
    /// before the hosts, as in redis://user:password@host.
    #[arg(
        long,
        env = "REDIS_URL",
        hide_env_values = true,
        value_name = "URL",
        conflicts_with = "redis_host",
        global = true
    )]
    pub redis_url: Option<Secret>,

    /// Redis's host. Without it or a URL people on PostgreSQL are not cached, and those in a file are cached in this process.
    #[arg(long, env = "REDIS_HOST", value_parser = host, value_name = "HOST", global = true)]
    pub redis_host: Option<String>,

    /// Redis's port.
    #[arg(long, env = "REDIS_PORT", default_value_t = 6379, value_parser = value_parser!(u16).range(1..), value_name = "PORT", global = true)]
    pub redis_port: u16,

    /// User of Redis's ACL; without one the default user.
    #[arg(long, env = "REDIS_USERNAME", value_name = "NAME", requires = "redis_password", global = true)]
    pub redis_username: Option<String>,

    /// Password of Redis's user, or file:/path to it.
    #[arg(long, env = "REDIS_PASSWORD", hide_env_values = true, value_name = "PASSWORD", global = true)]
    pub redis_password: Option<Secret>,

    /// Speak TLS to Redis, whose certificate is for its host and from an authority that this machine knows.
    #[arg(long, env = "REDIS_TLS", global = true)]
    pub redis_tls: bool,

    /// Speak TLS to Redis, and know no other authorities than those in this PEM file.
    #[arg(long, env = "REDIS_CA_FILE", value_name = "FILE", global = true)]
    pub redis_ca_file: Option<PathBuf>,

    /// User of the Sentinels, of those that have an ACL.
    #[arg(
        long,
        env = "REDIS_SENTINEL_USERNAME",
        value_name = "NAME",
        requires = "redis_sentinel_password",
        global = true
    )]
    pub redis_sentinel_username: Option<String>,

    /// Password of the Sentinels, or file:/path to it, of those that have one; it is not that of Redis.
    #[arg(
        long,
        env = "REDIS_SENTINEL_PASSWORD",
        hide_env_values = true,
        value_name = "PASSWORD",
        global = true
    )]
    pub redis_sentinel_password: Option<Secret>,
}

impl RedisArgs {
    /// The servers, none of which is asked yet; `None` where there is no Redis.
    ///
    /// # Errors
    /// When they can never be used with these settings.
    pub(crate) fn servers(&self) -> anyhow::Result<Option<RedisServers>> {
        let Some(url) = self.url()? else { return Ok(None) };
        let authorities = self
            .redis_ca_file
            .as_ref()
            .map(|file| fs::read(file).with_context(|| format!("cannot read {}", file.display())));
        let access = RedisAccess::of(&url, authorities.transpose()?);
        let sentinel_access = RedisAccess {
            username: self.redis_sentinel_username.clone(),
            password: self.redis_sentinel_password.clone(),
            ..RedisAccess::default()
        };
        let servers = RedisServers::of(&url, access, &sentinel_access);
        Ok(Some(match &self.redis_ca_file {
            Some(file) => servers.with_context(|| format!("{} is no PEM file", file.display()))?,
            None => servers?,
        }))
    }

    fn url(&self) -> anyhow::Result<Option<RedisUrl>> {
        let with_tls = self.redis_tls || self.redis_ca_file.is_some();
        let Some(text) = &self.redis_url else {
            return Ok(self.redis_host.as_ref().map(|host| RedisUrl {
                form: RedisForm::One,
                with_tls,
                hosts: vec![(host.clone(), self.redis_port)],
                username: self.redis_username.clone(),
                password: self.redis_password.clone(),
                database: 0,
            }));
        };
        let mut url: RedisUrl =
            text.expose().parse().map_err(|error| anyhow!("REDIS_URL is wrong: {error}"))?;
        ensure!(
            url.with_tls || !with_tls,
            "REDIS_URL is wrong: with REDIS_TLS or REDIS_CA_FILE it begins with rediss"
        );
        let own = (self.redis_username.clone(), self.redis_password.clone());
        if own.1.is_some() {
            ensure!(
                url.username.is_none() && url.password.is_none(),
                "REDIS_URL is wrong: it has a user, and so have REDIS_USERNAME and REDIS_PASSWORD"
            );
            (url.username, url.password) = own;
        }
        Ok(Some(url))
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    fn servers(flags: &[&str]) -> anyhow::Result<Option<RedisServers>> {
        let flags = [&["user-service"], flags].concat();
        crate::Args::try_parse_from(flags)?.stores.redis.servers()
    }

    #[test]
    fn every_form_can_be_used_with_and_without_tls_and_a_user() {
        tls_provider::install();
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("authority.pem");
        let authority = rcgen::generate_simple_self_signed(["redis".to_owned()]).unwrap();
        fs::write(&file, authority.cert.pem()).unwrap();
        let authority = ["--redis-ca-file", file.to_str().unwrap()];
        let user = ["--redis-username", "w2meet", "--redis-password", "s3cret"];
        let sentinels = ["--redis-sentinel-username", "w2meet", "--redis-sentinel-password", "other"];
        for (url, form, more) in [
            ("redis://a", "One", &user[..]),
            ("rediss://a/3", "One", &authority),
            ("redis+sentinel://a,b,c/mymaster", "Sentinels", &sentinels),
            ("rediss+sentinel://u:p@a,b,c/mymaster/1", "Sentinels", &authority),
            ("redis+cluster://a,b,c", "Cluster", &user),
            ("rediss+cluster://u:p@a,b,c", "Cluster", &authority),
        ] {
            let servers = servers(&[&["--redis-url", url], more].concat()).unwrap().unwrap();
            assert_eq!(format!("{servers:?}"), form, "{url}");
        }
        assert!(servers(&[]).unwrap().is_none());
        let one = servers(&["--redis-host", "a", "--redis-tls"]).unwrap().unwrap();
        assert!(!one.may_fail_over() && !one.is_cluster());
    }

    #[test]
    fn settings_that_contradict_each_other_are_refused_by_name() {
        for (flags, named) in [
            (&["--redis-url", "redis://a", "--redis-host", "b"][..], "--redis-host"),
            (&["--redis-url", "redis://u:s3cret@a", "--redis-password", "s3cret"], "REDIS_PASSWORD"),
            (&["--redis-url", "redis+cluster://a", "--redis-tls"], "REDIS_TLS"),
            (&["--redis-url", "redis+sentinel://:s3cret@a"], "REDIS_URL"),
            (&["--redis-url", "redis://a", "--redis-sentinel-username", "u"], "--redis-sentinel-password"),
        ] {
            let refused = format!("{:#}", servers(flags).unwrap_err());
            assert!(refused.contains(named) && !refused.contains("s3cret"), "{refused}");
        }
    }
}
