//! An API server in memory behind `tower-test`: it keeps objects, versions and a log of what was asked, and it refuses
//! whatever the operator's Roles do not allow.

use std::{
    collections::{BTreeMap, BTreeSet},
    convert::Infallible,
    sync::{Arc, Mutex},
};

use bytes::Bytes;
use futures::channel::mpsc;
use http::{Method, Request, Response, StatusCode};
use http_body_util::{BodyExt, StreamBody, combinators::UnsyncBoxBody};
use kube::{Client, client::Body};
use serde_json::{Value, json};
use tower_test::mock;

use crate::access::{AccessRequest, allowed};

type Reply = Response<UnsyncBoxBody<Bytes, Infallible>>;
type Frames = mpsc::UnboundedSender<Result<http_body::Frame<Bytes>, Infallible>>;

/// Its objects and its log.
#[derive(Clone, Default)]
pub(crate) struct Api(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    objects: BTreeMap<String, Value>,
    version: u64,
    log: Vec<String>,
    used: BTreeSet<AccessRequest>,
    watchers: Vec<(String, Frames)>,
    refusals: Vec<(String, u16)>,
    meanwhile: Option<(String, String, Value)>,
}

impl Api {
    pub(crate) fn client(&self, namespace: &str) -> Client {
        let (service, mut handle) = mock::pair::<Request<Body>, Reply>();
        let api = self.clone();
        tokio::spawn(async move {
            let allowed = allowed();
            while let Some((request, send)) = handle.next_request().await {
                send.send_response(api.answer(&allowed, request).await);
            }
        });
        Client::new(service, namespace)
    }

    /// Puts an object there, as its owner does.
    pub(crate) fn put(&self, path: &str, object: Value) {
        let mut state = self.0.lock().unwrap();
        state.store(path, object);
    }

    pub(crate) fn delete(&self, path: &str) {
        let mut state = self.0.lock().unwrap();
        let gone = state.objects.remove(path).unwrap();
        state.tell(path, "DELETED", &gone);
    }

    pub(crate) fn get(&self, path: &str) -> Option<Value> {
        self.0.lock().unwrap().objects.get(path).cloned()
    }

    /// What was written, in order: `PUT path`, without reads.
    pub(crate) fn writes(&self) -> Vec<String> {
        self.0.lock().unwrap().log.iter().filter(|line| !line.starts_with("GET ")).cloned().collect()
    }

    /// Requests of this method to a path with this in it.
    pub(crate) fn count(&self, method: &str, part: &str) -> usize {
        let state = self.0.lock().unwrap();
        state.log.iter().filter(|line| line.starts_with(&format!("{method} ")) && line.contains(part)).count()
    }

    /// From now on requests whose `METHOD path` contains `part` are refused.
    pub(crate) fn refuse(&self, part: &str, code: u16) {
        self.0.lock().unwrap().refusals.push((part.to_owned(), code));
    }

    /// Nothing is refused any more.
    pub(crate) fn stop_refusing(&self) {
        self.0.lock().unwrap().refusals.clear();
    }

    /// Somebody else puts `object` at `path` just before the next request that contains `part` is answered.
    pub(crate) fn meanwhile(&self, part: &str, path: &str, object: Value) {
        self.0.lock().unwrap().meanwhile = Some((part.to_owned(), path.to_owned(), object));
    }

    /// What was asked for and allowed.
    pub(crate) fn used(&self) -> BTreeSet<AccessRequest> {
        self.0.lock().unwrap().used.clone()
    }

    /// The Events: type, reason, action and note.
    pub(crate) fn events(&self) -> Vec<[String; 4]> {
        let state = self.0.lock().unwrap();
        let events = state.objects.iter().filter(|(path, _)| path.contains("/events/"));
        let mut events: Vec<&Value> = events.map(|(_, event)| event).collect();
        events.sort_by_key(|event| event["eventTime"].as_str().unwrap_or_default().to_owned());
        let text = |event: &Value, field: &str| event[field].as_str().unwrap_or_default().to_owned();
        events
            .iter()
            .map(|event| ["type", "reason", "action", "note"].map(|field| text(event, field)))
            .collect()
    }

    async fn answer(&self, allowed: &BTreeSet<AccessRequest>, request: Request<Body>) -> Reply {
        let (head, body) = request.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        let body: Value = serde_json::from_slice(&body).unwrap_or(Value::Null);
        let path = head.uri.path().to_owned();
        let watch = head.uri.query().unwrap_or_default().contains("watch=true");
        let line = format!("{} {path}", head.method);
        let mut state = self.0.lock().unwrap();
        state.log.push(line.clone());
        if state.meanwhile.as_ref().is_some_and(|(part, ..)| line.contains(part.as_str())) {
            let (_, path, object) = state.meanwhile.take().unwrap();
            state.store(&path, object);
        }
        let place = AccessRequest::of(&head.method, &path, watch);
        if !allowed.contains(&place) {
            return refusal(403, &format!("the Role does not allow {place:?}"));
        }
        state.used.insert(place);
        if let Some((_, code)) = state.refusals.iter().find(|(part, _)| line.contains(part.as_str())) {
            return refusal(*code, "refused by the test");
        }
        if watch { state.watch(&path) } else { state.change(&head.method, &path, head.uri.query(), body) }
    }
}

impl State {
    fn store(&mut self, path: &str, mut object: Value) -> Value {
        self.version += 1;
        object["metadata"]["resourceVersion"] = json!(self.version.to_string());
        let known = self.objects.insert(path.to_owned(), object.clone()).is_some();
        self.tell(path, if known { "MODIFIED" } else { "ADDED" }, &object);
        object
    }

    fn tell(&mut self, path: &str, kind: &str, object: &Value) {
        let line = format!("{}\n", json!({ "type": kind, "object": object }));
        let frame = http_body::Frame::data(Bytes::from(line));
        self.watchers.retain(|(list, frames)| {
            !path.starts_with(&format!("{list}/"))
                || frames
                    .unbounded_send(Ok(http_body::Frame::data(frame.data_ref().unwrap().clone())))
                    .is_ok()
        });
    }

    fn watch(&mut self, path: &str) -> Reply {
        let (sender, receiver) = mpsc::unbounded();
        self.watchers.push((path.to_owned(), sender));
        Response::new(BodyExt::boxed_unsync(StreamBody::new(receiver)))
    }

    fn change(&mut self, method: &Method, path: &str, query: Option<&str>, body: Value) -> Reply {
        match *method {
            Method::GET if self.objects.contains_key(path) => reply(&self.objects[path]),
            Method::GET if AccessRequest::of(method, path, false).verb == "list" => {
                reply(&self.list(path, query))
            }
            Method::GET => refusal(404, "not found"),
            Method::POST => {
                let path = format!("{path}/{}", body["metadata"]["name"].as_str().unwrap());
                if self.objects.contains_key(&path) {
                    return refusal(409, "it exists");
                }
                reply(&self.store(&path, body))
            }
            Method::PUT => self.replace(path, body),
            Method::PATCH => self.patch(path, &body),
            _ => refusal(405, "not known here"),
        }
    }

    fn list(&self, path: &str, query: Option<&str>) -> Value {
        let query: BTreeMap<String, String> =
            url::form_urlencoded::parse(query.unwrap_or_default().as_bytes()).into_owned().collect();
        let wanted = query.get("labelSelector").and_then(|selector| selector.split_once('='));
        let below = self.objects.iter().filter(|(other, _)| other.starts_with(&format!("{path}/")));
        let items: Vec<&Value> = below
            .map(|(_, object)| object)
            .filter(|object| wanted.is_none_or(|(label, value)| object["metadata"]["labels"][label] == value))
            .collect();
        json!({ "metadata": { "resourceVersion": self.version.to_string() }, "items": items })
    }

    fn replace(&mut self, path: &str, body: Value) -> Reply {
        let (home, scale) = match path.strip_suffix("/scale") {
            Some(home) => (home, true),
            None => (path, false),
        };
        let Some(mut object) = self.objects.get(home).cloned() else { return refusal(404, "not found") };
        if body["metadata"]["resourceVersion"] != object["metadata"]["resourceVersion"] {
            return refusal(409, "the object has been modified");
        }
        if !scale {
            return reply(&self.store(home, body));
        }
        object["spec"]["replicas"] = body["spec"]["replicas"].clone();
        self.store(home, object);
        reply(&body)
    }

    fn patch(&mut self, path: &str, body: &Value) -> Reply {
        let home = path.strip_suffix("/status").unwrap_or(path);
        let Some(mut object) = self.objects.get(home).cloned() else { return refusal(404, "not found") };
        if home != path {
            object["status"] = body["status"].clone();
        } else {
            merge(&mut object, body);
        }
        reply(&self.store(home, object))
    }
}

fn merge(into: &mut Value, patch: &Value) {
    match patch {
        Value::Object(fields) => fields.iter().for_each(|(name, value)| merge(&mut into[name], value)),
        value => *into = value.clone(),
    }
}

fn reply(value: &Value) -> Reply {
    let body = http_body_util::Full::new(Bytes::from(value.to_string()));
    Response::new(BodyExt::boxed_unsync(body))
}

fn refusal(code: u16, message: &str) -> Reply {
    let reason = match code {
        403 => "Forbidden",
        404 => "NotFound",
        409 => "Conflict",
        _ => "InternalError",
    };
    let status = json!({
        "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure",
        "message": message, "reason": reason, "code": code,
    });
    let mut reply = reply(&status);
    *reply.status_mut() = StatusCode::from_u16(code).unwrap();
    reply
}
