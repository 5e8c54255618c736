use k8s_openapi::api::core::v1::Secret;
use kube::Api;
use queue_probe::Credentials;

use crate::{
    context::Context,
    error::StepError,
    resource::{QueueScalerSpec, SecretRef},
};

/// What the broker is asked with. It is compared to tell when a Secret has changed, and never printed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct BrokerSecrets {
    pub(crate) credentials: Option<Credentials>,
    pub(crate) ca_pem: Option<Vec<u8>>,
}

/// Reads the Secrets that a spec names.
///
/// # Errors
/// One sentence with the Secret and the key that is missing or unreadable.
pub(crate) async fn read(
    context: &Context,
    namespace: &str,
    spec: &QueueScalerSpec,
) -> Result<BrokerSecrets, String> {
    let mut secrets = BrokerSecrets::default();
    if let Some(named) = &spec.queue.credentials_secret_ref {
        let secret = get(context, namespace, named).await?;
        let text = |key| {
            let value = value(&secret, named, key)?;
            String::from_utf8(value).map_err(|_| format!("key {key} of Secret {} is no text", named.name))
        };
        secrets.credentials = Some(Credentials::new(text("username")?, text("password")?));
    }
    if let Some(named) = &spec.queue.ca_secret_ref {
        let secret = get(context, namespace, named).await?;
        secrets.ca_pem = Some(value(&secret, named, "ca.crt")?);
    }
    Ok(secrets)
}

async fn get(context: &Context, namespace: &str, named: &SecretRef) -> Result<Secret, String> {
    let secrets: Api<Secret> = Api::namespaced(context.client.clone(), namespace);
    let found = context.read("read a Secret", secrets.get_opt(&named.name)).await;
    let found = found.map_err(|error: StepError| format!("Secret {}: {error}", named.name))?;
    found.ok_or_else(|| format!("Secret {} does not exist in this namespace", named.name))
}

fn value(secret: &Secret, named: &SecretRef, key: &str) -> Result<Vec<u8>, String> {
    let value = secret.data.as_ref().and_then(|data| data.get(key));
    value.map(|bytes| bytes.0.clone()).ok_or_else(|| format!("Secret {} has no key {key}", named.name))
}
