//! The operator at the queue of the platform, with an API server that knows just what it asks for.

use std::{
    collections::BTreeMap,
    fs,
    net::{Ipv4Addr, SocketAddr},
    process::{Command, Stdio},
    sync::{Mutex, PoisonError},
    time::Duration,
};

use reqwest::Url;
use serde_json::{Value, json};
use tempfile::TempDir;
use testkit::{Binary, Supervised, free_port};
use wiremock::{Mock, MockServer, Request, Respond, ResponseTemplate, matchers::any};

const NAMESPACE: &str = "w2meet";
const SCALER: &str = "/apis/scaling.w2meet.dev/v1alpha1/namespaces/w2meet/queuescalers/jobs";
const TARGET: &str = "/apis/apps/v1/namespaces/w2meet/deployments/worker";
const SECRET: &str = "/api/v1/namespaces/w2meet/secrets/broker";
/// Name and password of every new broker's user, `guest`, in base64.
const GUEST: &str = "Z3Vlc3Q=";
/// Nothing happens while somebody watches.
const WATCH: Duration = Duration::from_secs(300);

/// The program, and what it lives with.
pub(crate) struct Operator {
    pub(crate) ops: SocketAddr,
    _process: Supervised,
    _cluster: MockServer,
    _home: TempDir,
}

impl Operator {
    /// Lets it look after one worker of this queue at `broker` (`amqp://USER:PASSWORD@HOST:PORT/VHOST`).
    pub(crate) async fn start(broker: &str, queue: &str) -> anyhow::Result<Operator> {
        let cluster = MockServer::start().await;
        Mock::given(any()).respond_with(Cluster::new(&broker.parse()?, queue)).mount(&cluster).await;
        let home = TempDir::new()?;
        let config = home.path().join("kubeconfig");
        fs::write(&config, kubeconfig(&cluster.uri()).to_string())?;
        let ops = SocketAddr::from((Ipv4Addr::LOCALHOST, free_port()?));
        let mut command = Command::new(Binary::Operator.path()?);
        command.env("KUBECONFIG", config).env("OPS_LISTEN", ops.to_string());
        command.stdin(Stdio::null()).stdout(fs::File::create(home.path().join("log"))?);
        let process = Supervised::spawn("the operator", command)?;
        Ok(Operator { ops, _process: process, _cluster: cluster, _home: home })
    }
}

fn kubeconfig(server: &str) -> Value {
    json!({
        "apiVersion": "v1", "kind": "Config", "current-context": "it",
        "clusters": [{"name": "it", "cluster": {"server": server}}],
        "contexts": [{"name": "it", "context": {"cluster": "it", "user": "it", "namespace": NAMESPACE}}],
        "users": [{"name": "it", "user": {}}],
    })
}

/// Its objects, by path. It refuses the first question for the target, so that there is a fault to count.
struct Cluster(Mutex<State>);

struct State {
    objects: BTreeMap<String, Value>,
    version: u64,
    refused: bool,
}

impl Cluster {
    fn new(broker: &Url, queue: &str) -> Cluster {
        let vhost = broker.path().trim_start_matches('/').replace("%2F", "/").replace("%2f", "/");
        let endpoint =
            format!("amqp://{}:{}", broker.host_str().unwrap_or_default(), broker.port().unwrap_or(5672));
        let meta = |name: &str| {
            json!({
                "name": name, "namespace": NAMESPACE, "uid": name, "generation": 1, "resourceVersion": "1",
                "creationTimestamp": "2026-01-01T00:00:00Z",
            })
        };
        let scaler = json!({
            "apiVersion": "scaling.w2meet.dev/v1alpha1", "kind": "QueueScaler", "metadata": meta("jobs"),
            "spec": {
                "targetRef": {"name": "worker"}, "pollSeconds": 1, "minReplicas": 1,
                "queue": {
                    "name": queue, "vhost": if vhost.is_empty() { "/" } else { &vhost }, "source": "Amqp",
                    "endpoint": endpoint, "credentialsSecretRef": {"name": "broker"},
                },
            },
            // No pod starts here; this was learnt by the operator before.
            "status": {
                "estimate": {"arrivalsPerMinute": 0.0, "serviceTimeMillis": 100, "startupSeconds": 3.0},
            },
        });
        let labels = json!({"app": "worker"});
        let deployment = json!({
            "apiVersion": "apps/v1", "kind": "Deployment", "metadata": meta("worker"),
            "spec": {
                "replicas": 1, "selector": {"matchLabels": labels}, "template": {"metadata": {"labels": labels}},
            },
            "status": {"observedGeneration": 1, "replicas": 1, "updatedReplicas": 1, "readyReplicas": 1},
        });
        let secret = json!({
            "apiVersion": "v1", "kind": "Secret", "metadata": meta("broker"),
            "data": {"username": GUEST, "password": GUEST},
        });
        let objects = [(SCALER, scaler), (TARGET, deployment), (SECRET, secret)];
        let objects = objects.map(|(path, object)| (path.to_owned(), object)).into();
        Cluster(Mutex::new(State { objects, version: 1, refused: false }))
    }
}

impl Respond for Cluster {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (path, body) = (request.url.path(), serde_json::from_slice(&request.body).unwrap_or(Value::Null));
        if request.url.query().is_some_and(|query| query.contains("watch=true")) {
            return ResponseTemplate::new(200).set_delay(WATCH);
        }
        if path == TARGET && !std::mem::replace(&mut state.refused, true) {
            return refusal(403, "Forbidden");
        }
        let answer = match request.method.as_str() {
            "GET" => state.objects.get(path).cloned().or_else(|| state.list(path)),
            _ => Some(state.write(path, body)),
        };
        match answer {
            Some(answer) => ResponseTemplate::new(200).set_body_json(answer),
            None => refusal(404, "NotFound"),
        }
    }
}

fn refusal(code: u16, reason: &str) -> ResponseTemplate {
    ResponseTemplate::new(code).set_body_json(json!({
        "kind": "Status", "apiVersion": "v1", "status": "Failure", "message": reason, "reason": reason, "code": code,
    }))
}

impl State {
    /// What is below a path that names a kind; of kinds that are not here there is none.
    fn list(&self, path: &str) -> Option<Value> {
        let kind = path.rsplit('/').next()?;
        let known = ["queuescalers", "pods", "horizontalpodautoscalers"].contains(&kind);
        let below = self.objects.iter().filter(|(other, _)| other.starts_with(&format!("{path}/")));
        let items: Vec<&Value> = below.map(|(_, object)| object).collect();
        known.then(|| json!({"metadata": {"resourceVersion": self.version.to_string()}, "items": items}))
    }

    /// Keeps a Lease and a status; everything else is only taken.
    fn write(&mut self, path: &str, mut body: Value) -> Value {
        self.version += 1;
        body["metadata"]["resourceVersion"] = json!(self.version.to_string());
        if let Some(of) = path.strip_suffix("/status") {
            let Some(object) = self.objects.get_mut(of) else { return body };
            object["status"] = body["status"].clone();
            return object.clone();
        }
        if path.contains("/leases") {
            let name = body["metadata"]["name"].as_str().unwrap_or_default();
            let own = if path.ends_with(name) { path.to_owned() } else { format!("{path}/{name}") };
            self.objects.insert(own, body.clone());
        }
        body
    }
}
