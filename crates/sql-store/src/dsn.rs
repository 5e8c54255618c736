use std::{fs::File, time::Duration};

use sqlx::{ConnectOptions, postgres::PgConnectOptions};
use url::Url;

use crate::{
    OpenError,
    error::root,
    hosts::{ATTRIBUTES, Hosts},
    pool::Servers,
};

/// The parameters of a connection string that have an effect, beside `options[…]`.
const PARAMETERS: [&str; 10] = [
    "application_name",
    "dbname",
    "host",
    "hostaddr",
    "options",
    "password",
    "port",
    "sslmode",
    "statement-cache-capacity",
    "user",
];
/// Those that name a file.
const FILES: [&str; 3] = ["sslrootcert", "sslcert", "sslkey"];

/// The setting by which a session is known that was ours before.
const MARK: &str = "w2meet.session";

/// Says that connections lead to a pooler that gives its sessions to others after each transaction.
const POOLER: &str = "pooler";

/// Reads a connection string: that of each of its hosts, and how they are used.
pub(crate) fn parse(dsn: &str) -> Result<Servers, OpenError> {
    let Hosts { dsns, takes_writes } = Hosts::parse(dsn)?;
    let parsed = dsns.iter().map(|dsn| parse_one(dsn)).collect::<Result<Vec<_>, _>>()?;
    // The parameters of all are the same.
    let pooled = parsed.iter().any(|(_, pooled)| *pooled);
    Ok(Servers { urls: parsed.into_iter().map(|(url, _)| url).collect(), takes_writes, pooled })
}

/// Reads the connection string of one host, and whether it is a pooler, so that what can never work ends the start. Errors do
/// not repeat it: it may hold a password.
fn parse_one(dsn: &str) -> Result<(Url, bool), OpenError> {
    let mut url = Url::parse(dsn).map_err(|error| OpenError::Dsn(error.to_string()))?;
    if !["postgres", "postgresql"].contains(&url.scheme()) {
        return Err(OpenError::Dsn("it starts with another scheme".to_owned()));
    }
    let parameters: Vec<(String, String)> = url.query_pairs().into_owned().collect();
    let (known, unknown): (Vec<_>, Vec<_>) = parameters.into_iter().partition(|(name, _)| {
        let name = name.as_str();
        PARAMETERS.contains(&name) || FILES.contains(&name) || name.starts_with("options[")
    });
    for (name, path) in known.iter().filter(|(name, _)| FILES.contains(&name.as_str())) {
        File::open(path).map_err(|error| OpenError::Dsn(format!("{name}={path}: {error}")))?;
    }
    let pooled = match unknown.iter().find(|(name, _)| name == POOLER).map(|(_, mode)| mode.as_str()) {
        None => false,
        Some("transaction") => true,
        Some(_) => {
            let said = format!("{POOLER} is transaction, or left out where each connection has a session");
            return Err(OpenError::Dsn(said));
        }
    };
    if pooled && known.iter().any(|(name, _)| name.starts_with("options")) {
        let said = format!("options are those of a session, and with {POOLER}=transaction there is none");
        return Err(OpenError::Dsn(said));
    }
    let names = unknown.iter().map(|(name, _)| name.as_str());
    let names: Vec<&str> = names.filter(|name| ![ATTRIBUTES, POOLER].contains(name)).collect();
    if !names.is_empty() {
        tracing::warn!(parameters = names.join(", "), "PG_DSN has parameters that have no effect here");
    }
    url.set_query(None);
    if !known.is_empty() {
        url.query_pairs_mut().extend_pairs(known);
    }
    let options = PgConnectOptions::from_url(&url).map_err(|error| OpenError::Dsn(root(&error)))?;
    if options.get_port() == 0 {
        return Err(OpenError::Dsn("nobody listens on port 0".to_owned()));
    }
    Ok((url, pooled))
}

/// The servers and the database that a connection string names, for the log.
pub(crate) fn places(urls: &[Url]) -> String {
    urls.iter().map(place).collect::<Vec<_>>().join(",")
}

fn place(url: &Url) -> String {
    match PgConnectOptions::from_url(url) {
        Ok(options) => format!(
            "{}:{}/{}",
            options.get_host(),
            options.get_port(),
            options.get_database().unwrap_or(options.get_username())
        ),
        Err(_) => "PostgreSQL".to_owned(),
    }
}

/// What a new session of our own is told: how long the server keeps what it does for us when we have gone without a word. A client
/// gives up a statement after `deadline`; the server should not go on with it, and above all it should not keep rows locked.
pub(crate) fn session(deadline: Duration, schema: Option<&str>) -> String {
    /// Until the server asks a silent client for a sign of life, between questions, and how many stay unanswered.
    const KEEPALIVES: (u64, u64, u64) = (5, 2, 3);
    let (idle, interval, count) = KEEPALIVES;
    let mut settings = settings(deadline, schema);
    settings.extend([
        ("tcp_keepalives_idle", idle.to_string()),
        ("tcp_keepalives_interval", interval.to_string()),
        ("tcp_keepalives_count", count.to_string()),
        ("tcp_user_timeout", format!("'{}s'", idle + interval * count)),
        (MARK, "on".to_owned()),
    ]);
    settings.iter().map(|(name, value)| format!("SET {name} TO {value};")).collect()
}

/// What each transaction begins with where the next one may be in another session; the connections are then the pooler's to watch.
pub(crate) fn transaction(deadline: Duration, schema: Option<&str>) -> String {
    let settings = settings(deadline, schema);
    let settings = settings.iter().map(|(name, value)| format!("SET LOCAL {name} TO {value};"));
    std::iter::once("BEGIN;".to_owned()).chain(settings).collect()
}

fn settings(deadline: Duration, schema: Option<&str>) -> Vec<(&'static str, String)> {
    let milliseconds = |share: f64| deadline.mul_f64(share).as_millis().max(1);
    let mut settings = vec![
        // Below the client's own deadline, so that a slow statement costs an answer and not the connection too.
        ("lock_timeout", format!("'{}ms'", milliseconds(0.8))),
        ("statement_timeout", format!("'{}ms'", milliseconds(0.9))),
        // Between two statements of a transaction we do little, but a busy process may be slow at it.
        ("idle_in_transaction_session_timeout", format!("'{}ms'", milliseconds(1.0) + 2_000)),
        // Each statement has its index, and reads it in the order that is wanted. A plan that was made while a table was small,
        // and reads or sorts all of it, is kept until the server has counted the rows anew: minutes after there are thousands.
        ("enable_seqscan", "off".to_owned()),
        ("enable_bitmapscan", "off".to_owned()),
        // What is left of such plans looks so dear that the server would compile them.
        ("jit", "off".to_owned()),
    ];
    settings.extend(schema.map(|schema| ("search_path", format!("\"{schema}\""))));
    settings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bad_connection_string_is_refused_without_being_repeated() {
        for dsn in [
            "mysql://u:s3cret@h/d",
            "s3cret",
            "postgres://u:s3cret@h:port/d",
            "postgres://u:s3cret@h/d?sslmode=bogus",
            "postgres://u:s3cret@h/d?sslrootcert=/does/not/exist",
            "postgres://u:s3cret@h/d?port=s3cret1",
            "postgres://u:s3cret@h:0/d",
            "postgres://u:s3cret@h/d?port=0",
        ] {
            let error = parse_one(dsn).unwrap_err();
            assert!(!format!("{error} {error:?}").contains("s3cret@"), "{error:?}");
        }
        assert!(parse_one("postgres://h/d?sslmode=bogus").unwrap_err().to_string().contains("bogus"));
        let missing = parse_one("postgres://h/d?sslcert=/does/not/exist").unwrap_err().to_string();
        assert!(missing.contains("/does/not/exist"), "{missing}");
    }

    #[test]
    fn what_has_no_effect_is_left_out() {
        let (url, _) =
            parse_one("postgres://u@h/d?connect_timeout=5&application_name=x&options[geqo]=off").unwrap();
        assert!(!url.as_str().contains("connect_timeout"), "{url}");
        assert!(url.as_str().contains("application_name=x") && url.as_str().contains("geqo"), "{url}");
        assert_eq!(place(&url), "h:5432/d");
    }

    #[test]
    fn a_pooler_of_transactions_is_said_and_has_no_options() {
        let servers = parse("postgres://u@a,b/d?pooler=transaction&application_name=x").unwrap();
        assert!(servers.pooled && servers.takes_writes);
        assert!(servers.urls.iter().all(|url| !url.as_str().contains("pooler")), "{:?}", servers.urls);
        assert!(!parse("postgres://u@a/d").unwrap().pooled);
        for dsn in [
            "postgres://u@h/d?pooler=session",
            "postgres://u@h/d?pooler=transaction&options=-c%20geqo%3Doff",
            "postgres://u@h/d?pooler=transaction&options[geqo]=off",
        ] {
            assert!(parse(dsn).unwrap_err().to_string().contains("pooler"), "{dsn}");
        }
        let begin = transaction(Duration::from_secs(3), Some("worker"));
        assert!(begin.starts_with("BEGIN;SET LOCAL lock_timeout TO '2400ms';"), "{begin}");
        assert!(
            begin.ends_with("SET LOCAL search_path TO \"worker\";") && !begin.contains("tcp_"),
            "{begin}"
        );
    }
}
