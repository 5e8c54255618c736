//! Targets that make no sense.

use queue_probe::{Credentials, Probe, Source, Target};

use crate::support;

fn target(source: Source, url: &str) -> Target {
    Target { credentials: Some(Credentials::new("me", "s3cret")), ..support::target(source, url) }
}

fn refusal(target: Target) -> String {
    Probe::new(target).unwrap_err().to_string()
}

#[test]
fn an_address_of_the_wrong_kind_is_named() {
    for (source, url) in [
        (Source::Amqp, "http://broker:5672"),
        (Source::Management, "amqp://broker:5672"),
        (Source::Prometheus, "ftp://broker"),
        (Source::Amqp, "amqp:///jobs"),
    ] {
        let said = refusal(target(source, url));
        assert!(said.starts_with("queue.endpoint: ") && said.contains(url), "{said}");
    }
    let nowhere = Target { endpoints: Vec::new(), ..target(Source::Amqp, "amqp://broker") };
    assert_eq!(refusal(nowhere), "queue.endpoint: there is none");
    for url in ["http://broker/?a=b", "http://broker/#a"] {
        assert!(refusal(target(Source::Management, url)).starts_with("queue.endpoint: "));
    }
}

#[test]
fn a_password_in_an_address_is_refused_and_not_repeated() {
    for url in ["amqp://me:s3cret@broker", "amqp://:s3cret@broker", "amqp://me@broker"] {
        let said = refusal(target(Source::Amqp, url));
        assert!(said.starts_with("queue.endpoint: ") && !said.contains("s3cret"), "{said}");
    }
}

#[test]
fn a_name_that_cannot_be_asked_for_is_named() {
    let management = target(Source::Management, "http://broker:15672");
    let prometheus = target(Source::Prometheus, "http://broker:15692");
    for (queue, target) in [
        ("", &management),
        (".", &management),
        ("..", &management),
        (&"x".repeat(256), &management),
        ("a\"b", &prometheus),
        ("a\\b", &prometheus),
    ] {
        let said = refusal(Target { queue: queue.to_owned(), ..target.clone() });
        assert!(said.starts_with("queue.name: "), "{said}");
        let said = refusal(Target { vhost: queue.to_owned(), ..target.clone() });
        assert!(said.starts_with("queue.vhost: "), "{said}");
    }
}

#[test]
fn certificates_that_are_none_are_refused() {
    for (source, url) in [
        (Source::Amqp, "amqps://broker"),
        (Source::Management, "https://broker"),
        (Source::Prometheus, "https://broker"),
    ] {
        for pem in ["", "no certificate", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"] {
            let said = refusal(Target { ca_pem: Some(pem.into()), ..target(source, url) });
            assert!(said.starts_with("queue.caSecretRef: "), "{said}");
        }
    }
}

#[test]
fn whoever_prints_it_prints_no_password() {
    let target = target(Source::Amqp, "amqp://broker");
    let printed = format!("{target:?} {:?}", Probe::new(target.clone()).unwrap());
    assert!(printed.contains("broker") && !printed.contains("s3cret"), "{printed}");
}
