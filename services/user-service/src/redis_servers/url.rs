use std::{fmt, net::IpAddr, str::FromStr};

use percent_encoding::percent_decode_str;
use service_kit::Secret;

const REDIS_PORT: u16 = 6379;
const SENTINEL_PORT: u16 = 26_379;
const FORMS: &str = "give redis://host:6379/0, redis+sentinel://host:26379,host:26379/service/0 or \
    redis+cluster://host:6379,host:6379; with rediss in place of redis it is TLS";

/// Where Redis is, as a setting says it.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct RedisUrl {
    pub(crate) form: RedisForm,
    pub(crate) with_tls: bool,
    /// At least one, each with its port.
    pub(crate) hosts: Vec<(String, u16)>,
    pub(crate) username: Option<String>,
    pub(crate) password: Option<Secret>,
    pub(crate) database: u16,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum RedisForm {
    /// One server.
    One,
    /// The master of this service, which the hosts tell.
    Sentinels { service: String },
    /// A cluster, of which the hosts are some nodes.
    Cluster,
}

impl RedisUrl {
    pub(crate) fn first_host(&self) -> (&str, u16) {
        self.hosts.first().map_or(("", 0), |(host, port)| (host, *port))
    }
}

impl FromStr for RedisUrl {
    type Err = String;

    /// What is wrong is said without the URL, which may have a password.
    fn from_str(text: &str) -> Result<RedisUrl, String> {
        let (scheme, rest) = text.split_once("://").ok_or(FORMS)?;
        let (with_tls, form) = match scheme.strip_prefix("rediss") {
            Some(form) => (true, form),
            None => (false, scheme.strip_prefix("redis").ok_or(FORMS)?),
        };
        if rest.contains(['?', '#']) {
            return Err(
                "it takes no parameters; in a password ? is written %3F, and # is written %23".to_owned()
            );
        }
        let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
        if path.contains('@') {
            return Err("in a password / is written %2F".to_owned());
        }
        let (user, hosts) = match authority.rsplit_once('@') {
            Some((user, hosts)) => (Some(user), hosts),
            None => (None, authority),
        };
        let (username, password) = user.map(credentials).transpose()?.unwrap_or_default();
        let (form, database, port) = match form {
            "" => (RedisForm::One, database(path)?, REDIS_PORT),
            "+sentinel" => {
                let (service, number) = path.split_once('/').unwrap_or((path, ""));
                if service.is_empty() {
                    return Err("the service that the Sentinels know is missing, as in /mymaster".to_owned());
                }
                (RedisForm::Sentinels { service: decoded(service)? }, database(number)?, SENTINEL_PORT)
            }
            "+cluster" if path.is_empty() => (RedisForm::Cluster, 0, REDIS_PORT),
            "+cluster" => {
                return Err("a cluster has no databases: nothing stands behind the hosts".to_owned());
            }
            _ => return Err(FORMS.to_owned()),
        };
        let hosts = hosts.split(',').map(|text| host_and_port(text, port)).collect::<Result<Vec<_>, _>>()?;
        if form == RedisForm::One && hosts.len() > 1 {
            return Err(
                "of one server there is one host; name Sentinels by redis+sentinel, and a cluster by \
                        redis+cluster"
                    .to_owned(),
            );
        }
        Ok(RedisUrl { form, with_tls, hosts, username, password, database })
    }
}

fn credentials(text: &str) -> Result<(Option<String>, Option<Secret>), String> {
    let (name, password) = text.split_once(':').unwrap_or((text, ""));
    let name = Some(decoded(name)?).filter(|name| !name.is_empty());
    let password = Some(decoded(password)?).filter(|password| !password.is_empty());
    if name.is_some() && password.is_none() {
        return Err("the user has no password; a password alone stands behind a colon, as in :password@host"
            .to_owned());
    }
    Ok((name, password.map(Secret::of)))
}

fn decoded(text: &str) -> Result<String, String> {
    let decoded = percent_decode_str(text).decode_utf8();
    decoded.map(String::from).map_err(|_| "a part of it is not UTF-8".to_owned())
}

fn database(text: &str) -> Result<u16, String> {
    match text {
        "" => Ok(0),
        number => number.parse().map_err(|_| "the database, behind the last slash, is no number".to_owned()),
    }
}

fn host_and_port(text: &str, default: u16) -> Result<(String, u16), String> {
    let wrong = || {
        "a host is wrong: give its name or address, with a colon before a port, and [::1] for IPv6".to_owned()
    };
    let (name, port) = match text.strip_prefix('[') {
        Some(rest) => rest.split_once(']').ok_or_else(wrong)?,
        None => text.split_at(text.find(':').unwrap_or(text.len())),
    };
    let port = match port.strip_prefix(':') {
        None if port.is_empty() => default,
        None => return Err(wrong()),
        Some(port) => match port.parse() {
            Ok(port @ 1..) => port,
            _ => return Err("a port is no number from 1 to 65535".to_owned()),
        },
    };
    host(name).map_err(|_| wrong())?;
    Ok((name.to_owned(), port))
}

/// A host's name or address alone: with a scheme or a port it could not be found, again and again.
pub(crate) fn host(text: &str) -> Result<String, String> {
    let is_label = |label: &str| {
        let is_plain = label.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
        is_plain && !label.is_empty() && !label.starts_with('-')
    };
    if text.strip_suffix('.').unwrap_or(text).split('.').all(is_label) || text.parse::<IpAddr>().is_ok() {
        Ok(text.to_owned())
    } else {
        Err("give the host alone, as in redis.example.com; the port has a setting of its own".to_owned())
    }
}

/// Without the password.
impl fmt::Debug for RedisUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisUrl")
            .field("form", &self.form)
            .field("hosts", &self.hosts)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> RedisUrl {
        text.parse().unwrap_or_else(|error| panic!("{text}: {error}"))
    }

    fn hosts(url: &RedisUrl) -> Vec<String> {
        url.hosts.iter().map(|(host, port)| format!("{host} {port}")).collect()
    }

    #[test]
    fn each_form_has_its_hosts_and_ports() {
        let one = parsed("redis://redis.example.com");
        assert_eq!((one.form.clone(), one.with_tls, one.database), (RedisForm::One, false, 0));
        assert_eq!(hosts(&one), ["redis.example.com 6379"]);

        let one = parsed("rediss://10.0.0.1:6380/7");
        assert_eq!((one.with_tls, one.database), (true, 7));
        assert_eq!(hosts(&one), ["10.0.0.1 6380"]);

        let sentinels = parsed("redis+sentinel://a,b:26380,[2001:db8::1]/my%20master/3");
        let service = "my master".to_owned();
        assert_eq!((&sentinels.form, sentinels.database), (&RedisForm::Sentinels { service }, 3));
        assert_eq!(hosts(&sentinels), ["a 26379", "b 26380", "2001:db8::1 26379"]);
        assert_eq!(parsed("rediss+sentinel://a/m").database, 0);

        let cluster = parsed("rediss+cluster://a:7000,b,[::1]:7002/");
        assert_eq!((&cluster.form, cluster.with_tls), (&RedisForm::Cluster, true));
        assert_eq!(hosts(&cluster), ["a 7000", "b 6379", "::1 7002"]);
    }

    #[test]
    fn users_and_passwords_may_have_any_characters_and_are_not_shown() {
        for (text, name, password) in [
            ("redis+cluster://w2meet:s%2F3%40c,ret@a,b", Some("w2meet"), Some("s/3@c,ret")),
            ("redis://:p:w@a", None, Some("p:w")),
            ("redis://@a", None, None),
            ("redis://a", None, None),
        ] {
            let url = parsed(text);
            let found = (url.username.as_deref(), url.password.as_ref().map(Secret::expose));
            assert_eq!(found, (name, password), "{text}");
            assert!(!format!("{url:?}").contains("ret"), "{url:?}");
        }
    }

    #[test]
    fn what_is_wrong_is_said_without_the_password() {
        for (text, said) in [
            ("", "redis://host"),
            ("redis.example.com:6379", "redis://host"),
            ("http://:s3cret@a", "redis://host"),
            ("redis+unix://:s3cret@a", "redis://host"),
            ("redis://:s3cret@", "a host is wrong"),
            ("redis://:s3cret@a,b", "of one server there is one host"),
            ("redis://:s3cret@a:0", "a port is no number"),
            ("redis://:s3cret@a:70000", "a port is no number"),
            ("redis+cluster://:s3cret@a,,b", "a host is wrong"),
            ("redis+cluster://:s3cret@a:1:2", "a port is no number"),
            ("redis+cluster://:s3cret@[::1]7000", "a host is wrong"),
            ("redis+cluster://:s3cret@a/1", "a cluster has no databases"),
            ("redis+sentinel://:s3cret@a,b", "the service"),
            ("redis+sentinel://:s3cret@a,b//0", "the service"),
            ("redis+sentinel://:s3cret@a,b/mymaster/first", "the database"),
            ("redis://:s3cret@a/first", "the database"),
            ("redis://:s3cret@a/0?protocol=resp3", "no parameters"),
            ("redis://s3cret@a", "the user has no password"),
            ("redis://:s3/cret@a", "%2F"),
        ] {
            let error = text.parse::<RedisUrl>().unwrap_err();
            assert!(error.contains(said) && !error.contains("cret"), "{text}: {error}");
        }
    }
}
