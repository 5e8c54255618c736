//! All three sources on a real RabbitMQ that shows a certificate of a private authority.

use crate::support::{DEADLINE, channel, declare, probe, sample, target, unknown, until};
use queue_probe::{Source, Target};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use scaling::{Observation, UnknownKind};
use testkit::servers::{RabbitMq, RabbitMqOptions, RabbitMqTls};

/// An authority: its certificate, and how it signs.
fn authority() -> (String, Issuer<'static, KeyPair>) {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let key = KeyPair::generate().unwrap();
    let pem = params.self_signed(&key).unwrap().pem();
    (pem, Issuer::new(params, key))
}

fn signed_by(issuer: &Issuer<'static, KeyPair>) -> RabbitMqTls {
    let key = KeyPair::generate().unwrap();
    let params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    RabbitMqTls { certificate: params.signed_by(&key, issuer).unwrap().pem(), key: key.serialize_pem() }
}

#[tokio::test]
async fn a_private_authority_is_trusted_when_it_is_given_and_nobody_else_is() {
    let ((ca, issuer), (other_ca, _)) = (authority(), authority());
    let options =
        RabbitMqOptions { plugins: true, tls: Some(signed_by(&issuer)), ..RabbitMqOptions::default() };
    let broker = RabbitMq::start_with(options).await.unwrap();
    let (_connection, channel) = channel(&broker).await;
    declare(&channel).await;

    for (source, url) in [
        (Source::Amqp, broker.amqps_url()),
        (Source::Management, broker.management_url()),
        (Source::Prometheus, broker.prometheus_url()),
    ] {
        let system = target(source, &url);
        let good = Target { ca_pem: Some(ca.clone().into()), ..system.clone() };
        let seen = until(&mut probe(&good), |seen| matches!(seen, Observation::Sample(_))).await;
        assert_eq!(sample(seen).ready, 0, "{source:?}");

        let other = Target { ca_pem: Some(other_ca.clone().into()), ..system.clone() };
        for stranger in [other, system] {
            let refused = unknown(probe(&stranger).observe(DEADLINE).await);
            assert_eq!(refused.kind, UnknownKind::Unreachable, "{source:?}");
            assert!(refused.message.contains("certificate"), "{source:?}: {}", refused.message);
        }
    }
}
