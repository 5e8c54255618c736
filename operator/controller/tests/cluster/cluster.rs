use std::{fmt::Debug, time::Duration};

use anyhow::{Context, ensure};
use k8s_openapi::{
    NamespaceResourceScope,
    api::{
        apps::v1::Deployment,
        authentication::v1::{TokenRequest, TokenRequestSpec},
        core::v1::{Namespace, Pod, Secret, ServiceAccount},
        events::v1::Event,
    },
};
use kube::{
    Api, Client, Resource,
    api::{DeleteParams, ListParams, Patch, PatchParams, PostParams},
    config::Kubeconfig,
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};
use tokio::sync::OnceCell;
use uuid::Uuid;
use w2meet_operator::resource::QueueScaler;
use wiremock::{Mock, MockServer, ResponseTemplate, matchers::path_regex};

use crate::install;

/// The Secret that the operator's Role names.
pub(crate) const CREDENTIALS: &str = "rabbitmq-credentials";

static INSTALLED: OnceCell<()> = OnceCell::const_new();

/// Whoever tests, with all rights, in a namespace of their own.
pub(crate) struct Cluster {
    pub(crate) client: Client,
    pub(crate) namespace: String,
    pub(crate) broker: MockServer,
}

impl Cluster {
    /// A new namespace with the operator's account and Roles in it, and a broker whose queue is empty.
    pub(crate) async fn new() -> anyhow::Result<Cluster> {
        let client = Client::try_default().await.context("KUBECONFIG names no cluster")?;
        INSTALLED.get_or_try_init(|| install::cluster_wide(&client)).await?;
        let namespace = format!("operator-e2e-{}", Uuid::new_v4().simple());
        let object: Namespace = serde_json::from_value(json!({ "metadata": { "name": namespace } }))?;
        Api::all(client.clone()).create(&PostParams::default(), &object).await?;
        let cluster = Cluster { client, namespace, broker: MockServer::start().await };
        install::account(&cluster).await?;
        cluster.queue(0, 0).await;
        Ok(cluster)
    }

    /// A kubeconfig with which one is the operator's account, in this namespace.
    pub(crate) async fn kubeconfig(&self) -> anyhow::Result<String> {
        let request = TokenRequest {
            spec: TokenRequestSpec { expiration_seconds: Some(3600), ..TokenRequestSpec::default() },
            ..TokenRequest::default()
        };
        let accounts = self.api::<ServiceAccount>();
        let token =
            accounts.create_token_request("w2meet-operator", &PostParams::default(), &request).await?;
        let token = token.status.context("no token came")?.token;
        let mut config = serde_json::to_value(Kubeconfig::read()?)?;
        let current = config["current-context"].clone();
        let contexts = config["contexts"].as_array().context("no context")?;
        let context =
            contexts.iter().find(|context| context["name"] == current).context("no current context")?;
        let cluster = context["context"]["cluster"].clone();
        config["contexts"] = json!([{
            "name": "operator",
            "context": { "cluster": cluster, "user": "operator", "namespace": self.namespace },
        }]);
        config["users"] = json!([{ "name": "operator", "user": { "token": token } }]);
        config["current-context"] = json!("operator");
        Ok(config.to_string())
    }

    pub(crate) fn api<K>(&self) -> Api<K>
    where
        K: Resource<Scope = NamespaceResourceScope, DynamicType = ()>,
    {
        Api::namespaced(self.client.clone(), &self.namespace)
    }

    pub(crate) async fn create<K>(&self, object: Value) -> Result<K, kube::Error>
    where
        K: Resource<Scope = NamespaceResourceScope, DynamicType = ()>
            + Clone
            + Debug
            + Serialize
            + DeserializeOwned,
    {
        let object = serde_json::from_value(object).map_err(kube::Error::SerdeError)?;
        self.api::<K>().create(&PostParams::default(), &object).await
    }

    /// What the broker says from now on.
    pub(crate) async fn queue(&self, ready: u64, unacked: u64) {
        let answer = json!({
            "messages_ready": ready, "messages_unacknowledged": unacked, "consumers": 1,
            "message_stats": { "publish": ready + unacked, "ack": 0, "deliver_get": unacked, "redeliver": 0 },
        });
        self.broker.reset().await;
        let answer = ResponseTemplate::new(200).set_body_json(answer);
        Mock::given(path_regex("^/api/queues/")).respond_with(answer).mount(&self.broker).await;
    }

    /// A Deployment `worker` with so many replicas, which nothing runs; its status is that of one whose workers do.
    pub(crate) async fn workers(&self, replicas: u32) -> anyhow::Result<()> {
        let labels = json!({ "app": "worker" });
        let pod =
            json!({ "containers": [{ "name": "worker", "image": "worker" }], "schedulerName": "nobody" });
        let deployment = json!({
            "metadata": { "name": "worker" },
            "spec": {
                "replicas": replicas,
                "selector": { "matchLabels": labels },
                "template": { "metadata": { "labels": labels }, "spec": pod },
            },
        });
        self.create::<Deployment>(deployment).await?;
        let status = json!({ "status": {
            "observedGeneration": 1, "replicas": replicas, "updatedReplicas": replicas, "readyReplicas": replicas,
        } });
        self.api::<Deployment>()
            .patch_status("worker", &PatchParams::default(), &Patch::Merge(&status))
            .await?;
        Ok(())
    }

    /// A pod of the Deployment that runs, as far as the API server knows, at this address.
    pub(crate) async fn pod(&self, name: &str, ip: &str) -> anyhow::Result<()> {
        let pod = json!({
            "metadata": { "name": name, "labels": { "app": "worker" } },
            "spec": {
                "containers": [{
                    "name": "worker", "image": "worker", "resources": { "requests": { "cpu": "1" } },
                }],
                "schedulerName": "nobody",
                "serviceAccountName": "w2meet-operator",
                "automountServiceAccountToken": false,
            },
        });
        self.create::<Pod>(pod).await?;
        let status = json!({ "status": { "phase": "Running", "podIP": ip, "podIPs": [{ "ip": ip }] } });
        self.api::<Pod>().patch_status(name, &PatchParams::default(), &Patch::Merge(&status)).await?;
        Ok(())
    }

    /// A QueueScaler as somebody would write it, that looks each second.
    pub(crate) fn scaler(&self) -> Value {
        json!({
            "apiVersion": "scaling.w2meet.dev/v1alpha1", "kind": "QueueScaler",
            "metadata": { "name": "jobs" },
            "spec": {
                "targetRef": { "name": "worker" },
                "queue": {
                    "name": "meeting_jobs", "source": "Management", "endpoint": self.broker.uri(),
                    "credentialsSecretRef": { "name": CREDENTIALS },
                },
                "pollSeconds": 1,
            },
        })
    }

    /// The workers, their QueueScaler, and the Secret that it names.
    pub(crate) async fn start(&self, replicas: u32) -> anyhow::Result<()> {
        self.start_with(replicas, self.scaler()).await
    }

    pub(crate) async fn start_with(&self, replicas: u32, scaler: Value) -> anyhow::Result<()> {
        self.create::<Secret>(json!({
            "metadata": { "name": CREDENTIALS },
            "stringData": { "username": "w2meet", "password": "p@ss" },
        }))
        .await?;
        self.workers(replicas).await?;
        self.create::<QueueScaler>(scaler).await?;
        Ok(())
    }

    pub(crate) async fn replicas(&self) -> anyhow::Result<i32> {
        Ok(self
            .api::<Deployment>()
            .get_scale("worker")
            .await?
            .spec
            .and_then(|spec| spec.replicas)
            .unwrap_or(0))
    }

    /// The Events of the QueueScaler: reason and note.
    pub(crate) async fn events(&self) -> anyhow::Result<Vec<(String, String)>> {
        let events = self.api::<Event>().list(&ListParams::default()).await?;
        let ours = events.into_iter().filter(|event| {
            event.regarding.as_ref().and_then(|object| object.kind.as_deref()) == Some("QueueScaler")
        });
        Ok(ours.map(|event| (event.reason.unwrap_or_default(), event.note.unwrap_or_default())).collect())
    }

    /// Whether a condition of the QueueScaler has come to `True Reason`, say.
    pub(crate) async fn condition(&self, kind: &str, expected: &str) -> anyhow::Result<bool> {
        let object = self.api::<QueueScaler>().get("jobs").await?;
        let conditions = object.status.unwrap_or_default().conditions;
        let found = conditions.into_iter().find(|condition| condition.type_ == kind);
        Ok(found.is_some_and(|condition| format!("{} {}", condition.status, condition.reason) == expected))
    }

    /// Ends the test: the namespace goes, with all that is in it.
    pub(crate) async fn end(self) -> anyhow::Result<()> {
        Api::<Namespace>::all(self.client).delete(&self.namespace, &DeleteParams::default()).await?;
        Ok(())
    }
}

/// Waits up to a minute for something that somebody else brings about.
pub(crate) async fn eventually(
    what: &str,
    mut holds: impl AsyncFnMut() -> anyhow::Result<bool>,
) -> anyhow::Result<()> {
    testkit::eventually(what, Duration::from_secs(60), async || {
        ensure!(holds().await?, "not yet");
        Ok(())
    })
    .await
}
