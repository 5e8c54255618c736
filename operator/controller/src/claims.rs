use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use k8s_openapi::jiff::Timestamp;
use kube::ResourceExt;

use crate::resource::{QueueScaler, TargetRef};

/// Which QueueScaler has which target, to tell when two have the same.
#[derive(Clone, Debug, Default)]
pub struct Claims(Arc<Mutex<BTreeMap<(String, String), Claim>>>);

#[derive(Clone, Debug)]
struct Claim {
    target: TargetRef,
    created: Option<Timestamp>,
}

impl Claims {
    pub fn set(&self, object: &QueueScaler) {
        let created = object.metadata.creation_timestamp.as_ref().map(|time| time.0);
        let claim = Claim { target: object.spec.target_ref.clone(), created };
        self.lock().insert(key(object), claim);
    }

    pub fn remove(&self, namespace: &str, name: &str) {
        self.lock().remove(&(namespace.to_owned(), name.to_owned()));
    }

    /// The name of the QueueScaler that has the same target and goes first: the older one, and of two of the same second
    /// the one whose name comes first.
    pub fn rival(&self, object: &QueueScaler) -> Option<String> {
        let claims = self.lock();
        let own = claims.get(&key(object))?;
        let rank = |name: &str, claim: &Claim| (claim.created, name.to_owned());
        let (namespace, name) = key(object);
        let rivals = claims.iter().filter(|((other_namespace, other), claim)| {
            *other_namespace == namespace && *other != name && claim.target == own.target
        });
        let first = rivals.min_by_key(|((_, other), claim)| rank(other, claim))?;
        (rank(&first.0.1, first.1) < rank(&name, own)).then(|| first.0.1.clone())
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<(String, String), Claim>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn key(object: &QueueScaler) -> (String, String) {
    (object.namespace().unwrap_or_default(), object.name_any())
}
