//! A server on this machine that is asked as if it were anywhere.
#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

use std::{
    io,
    net::IpAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    time::Duration,
};

use axum::{
    Router,
    body::Body,
    extract::Path,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Redirect, Response},
    routing::get,
};
use calendar_fetch::{EgressArgs, EgressPolicy, FetchError, Fetched, Fetcher, Limits, Lookup, UrlRefusal};
use clap::Parser;
use futures::{FutureExt, StreamExt, stream};
use tokio::net::TcpListener;

const CALENDAR: &str = "BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n";

#[derive(Parser)]
struct Args {
    #[command(flatten)]
    egress: EgressArgs,
}

/// Where only this address may be asked besides what is public.
fn policy() -> EgressPolicy {
    Args::parse_from(["", "--calendar-networks", "127.0.0.1"]).egress.policy()
}

fn small() -> Limits {
    Limits { bytes: 1_000, ..Limits::default() }
}

/// What the server answers at each path.
async fn answer(Path(path): Path<String>, headers: HeaderMap) -> Response {
    let (what, rest) = path.split_once('/').unwrap_or((&path, ""));
    match what {
        "calendar" => match headers.get(header::IF_NONE_MATCH).map(|tag| tag.to_str().unwrap()) {
            Some("\"1\"") => StatusCode::NOT_MODIFIED.into_response(),
            _ => ([(header::ETAG, "\"1\"")], CALENDAR).into_response(),
        },
        // So many times before it comes to the calendar.
        "redirect" => match rest.parse::<u32>().unwrap() {
            0 => Redirect::temporary("../calendar").into_response(),
            more => Redirect::permanent(&format!("{}", more - 1)).into_response(),
        },
        "to" => Redirect::temporary(rest).into_response(),
        "nowhere" => StatusCode::FOUND.into_response(),
        "status" => StatusCode::from_u16(rest.parse().unwrap()).unwrap().into_response(),
        "large" => "x".repeat(rest.parse().unwrap()).into_response(),
        "endless" => Body::from_stream(stream::repeat("x").map(Ok::<_, io::Error>)).into_response(),
        "silent" => {
            let piece = stream::once(async { Ok::<_, io::Error>("x") });
            Body::from_stream(piece.chain(stream::pending())).into_response()
        }
        "broken" => {
            Body::from_stream(stream::iter([Ok("x"), Err(io::Error::other("broken"))])).into_response()
        }
        _ => StatusCode::NOT_FOUND.into_response(),
    }
}

/// The port of such a server.
async fn server() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move { axum::serve(listener, Router::new().route("/{*path}", get(answer))).await });
    port
}

async fn fetch(limits: Limits, url: &str, etag: Option<&str>) -> Result<Fetched, FetchError> {
    let fetcher = Fetcher::new(policy(), limits).unwrap();
    fetcher.fetch(url, etag).await
}

/// As [`fetch`] of a path of a server.
async fn of_server(path: &str) -> Result<Fetched, FetchError> {
    fetch(small(), &format!("http://127.0.0.1:{}/{path}", server().await), None).await
}

fn calendar() -> Fetched {
    Fetched::Content { body: CALENDAR.into(), etag: Some("\"1\"".to_owned()) }
}

#[tokio::test]
async fn a_calendar_is_fetched_and_not_again_while_it_is_the_same() {
    let url = format!("http://127.0.0.1:{}/calendar", server().await);
    assert_eq!(fetch(small(), &url, None).await, Ok(calendar()));
    assert_eq!(fetch(small(), &url, Some("\"0\"")).await, Ok(calendar()));
    assert_eq!(fetch(small(), &url, Some("\"1\"")).await, Ok(Fetched::NotModified));
}

#[tokio::test]
async fn three_redirects_are_followed_and_no_fourth() {
    assert_eq!(of_server("redirect/2").await, Ok(calendar()));
    assert_eq!(of_server("redirect/3").await, Err(FetchError::TooManyRedirects(3)));
    assert_eq!(of_server("nowhere").await, Err(FetchError::NoLocation));
}

#[tokio::test]
async fn a_redirect_leads_to_no_place_that_may_not_be_asked() {
    for (to, refusal) in [
        ("http://127.0.0.2/", UrlRefusal::Address),
        ("http://10.0.0.1/", UrlRefusal::Address),
        ("https://169.254.169.254/latest/meta-data/", UrlRefusal::Address),
        ("https://[::1]/", UrlRefusal::Address),
        ("https://[::ffff:127.0.0.1]/", UrlRefusal::Address),
        ("file:///etc/passwd", UrlRefusal::Scheme),
        ("https://a:b@example.com/", UrlRefusal::Credentials),
    ] {
        assert_eq!(of_server(&format!("to/{to}")).await, Err(FetchError::Url(refusal)), "{to}");
    }
    // A name that is one of this machine.
    let name = format!("to/http://localhost:{}/calendar", server().await);
    let fetcher = Fetcher::with_lookup(policy(), small(), &lookup(&[("localhost", &["127.0.0.2"])])).unwrap();
    let url = format!("http://127.0.0.1:{}/{name}", server().await);
    assert_eq!(fetcher.fetch(&url, None).await, Err(FetchError::Address));
}

/// A resolver that knows these names alone.
fn lookup(names: &[(&str, &[&str])]) -> Lookup {
    let address = |text: &&str| text.parse::<IpAddr>().unwrap();
    let names: Vec<(String, Vec<IpAddr>)> = names
        .iter()
        .map(|(name, addresses)| ((*name).to_owned(), addresses.iter().map(address).collect()))
        .collect();
    Arc::new(move |name| {
        let found = names.iter().find(|(known, _)| *known == name).map(|(_, addresses)| addresses.clone());
        async move { found.ok_or_else(|| io::Error::other("unknown")) }.boxed()
    })
}

#[tokio::test]
async fn a_name_is_refused_for_any_of_its_addresses() {
    let port = server().await;
    let names = lookup(&[
        ("good.example", &["127.0.0.1"]),
        ("both.example", &["127.0.0.1", "10.0.0.1"]),
        ("mapped.example", &["::ffff:127.0.0.1"]),
        ("public.example", &["93.184.216.34"]),
        ("empty.example", &[]),
    ]);
    let fetcher = Fetcher::with_lookup(policy(), small(), &names).unwrap();
    for (name, expected) in [
        ("good.example", Ok(calendar())),
        ("both.example", Err(FetchError::Address)),
        ("mapped.example", Err(FetchError::Address)),
        // Not without TLS.
        ("public.example", Err(FetchError::Address)),
        ("empty.example", Err(FetchError::Name)),
        ("unknown.example", Err(FetchError::Name)),
    ] {
        let url = format!("http://{name}:{port}/calendar");
        assert_eq!(fetcher.fetch(&url, None).await, expected, "{name}");
    }
}

#[tokio::test]
async fn a_name_that_changes_its_address_is_looked_at_for_every_connection_and_only_then() {
    let port = server().await;
    let asked = Arc::new(AtomicUsize::new(0));
    let count = asked.clone();
    let names: Lookup = Arc::new(move |_| {
        // The first answer may be asked, every further one may not.
        let address = if count.fetch_add(1, SeqCst) == 0 { "127.0.0.1" } else { "127.0.0.2" };
        async move { Ok(vec![address.parse().unwrap()]) }.boxed()
    });
    let fetcher = Fetcher::with_lookup(policy(), small(), &names).unwrap();
    let url = format!("http://rebinding.example:{port}/calendar");
    assert_eq!(fetcher.fetch(&url, None).await, Ok(calendar()));
    assert_eq!(asked.load(SeqCst), 1);
    assert_eq!(fetcher.fetch(&url, None).await, Err(FetchError::Address));
    assert_eq!(asked.load(SeqCst), 2);
}

#[tokio::test]
async fn what_was_allowed_once_is_looked_at_under_the_settings_of_now() {
    let url = format!("http://127.0.0.1:{}/calendar", server().await);
    let strict = Fetcher::new(EgressPolicy::default(), small()).unwrap();
    assert_eq!(strict.fetch(&url, None).await, Err(FetchError::Url(UrlRefusal::Scheme)));
}

#[tokio::test]
async fn what_is_too_large_too_slow_or_gone_is_told_apart() {
    for (path, expected) in [
        ("large/1001", FetchError::TooLarge(1_000)),
        ("endless", FetchError::TooLarge(1_000)),
        ("broken", FetchError::BrokenOff),
        ("status/404", FetchError::Gone(404)),
        ("status/410", FetchError::Gone(410)),
        ("status/500", FetchError::Status(500)),
        ("status/401", FetchError::Status(401)),
        // Nobody asked whether it has changed.
        ("status/304", FetchError::Status(304)),
    ] {
        assert_eq!(of_server(path).await, Err(expected), "{path}");
    }
    assert!(
        matches!(of_server("large/1000").await, Ok(Fetched::Content { body, .. }) if body.len() == 1_000)
    );
    let limits = Limits { time: Duration::from_millis(50), ..small() };
    let url = format!("http://127.0.0.1:{}/silent", server().await);
    assert_eq!(fetch(limits, &url, None).await, Err(FetchError::TooSlow(limits.time)));
}

#[tokio::test]
async fn nobody_there_and_no_tls_are_told() {
    let free = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port();
    for url in [format!("http://127.0.0.1:{free}/"), format!("https://127.0.0.1:{}/calendar", server().await)]
    {
        assert_eq!(fetch(small(), &url, None).await, Err(FetchError::Unreachable), "{url}");
    }
}
