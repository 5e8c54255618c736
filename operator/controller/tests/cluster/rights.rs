//! What the operator's account may do, and what it may not: by its Roles, and by the admission policy beside them.

use k8s_openapi::api::{
    authorization::v1::{ResourceAttributes, SelfSubjectAccessReview, SelfSubjectAccessReviewSpec},
    core::v1::{Pod, Secret},
    rbac::v1::{Role, RoleBinding},
};
use kube::{
    Api, Client, Config, ResourceExt,
    api::{ListParams, Patch, PatchParams, PostParams},
    config::{KubeConfigOptions, Kubeconfig},
};
use serde_json::{Value, json};

use crate::cluster::{CREDENTIALS, Cluster, eventually};

/// What Kubernetes reads to choose which pods go first.
const COST: &str = "controller.kubernetes.io/pod-deletion-cost";

/// A client that is the operator.
async fn operator(cluster: &Cluster) -> anyhow::Result<Client> {
    let kubeconfig: Kubeconfig = serde_saphyr::from_str(&cluster.kubeconfig().await?)?;
    let config = Config::from_custom_kubeconfig(kubeconfig, &KubeConfigOptions::default()).await?;
    Ok(Client::try_from(config)?)
}

#[tokio::test]
async fn its_account_may_do_no_more_than_its_roles_say() -> anyhow::Result<()> {
    let cluster = Cluster::new().await?;
    let reviews: Api<SelfSubjectAccessReview> = Api::all(operator(&cluster).await?);
    for (verb, group, resource, subresource, allowed) in [
        ("list", "scaling.w2meet.dev", "queuescalers", "", true),
        ("update", "scaling.w2meet.dev", "queuescalers", "", false),
        ("update", "apps", "deployments", "scale", true),
        ("update", "apps", "deployments", "", false),
        ("patch", "", "pods", "", true),
        ("create", "", "pods", "", false),
        ("update", "", "pods", "", false),
        ("delete", "", "pods", "", false),
        ("create", "", "pods", "exec", false),
        ("get", "", "pods", "exec", false),
        ("create", "", "pods", "attach", false),
        ("create", "", "pods", "portforward", false),
        ("create", "", "pods", "eviction", false),
        ("get", "", "pods", "log", false),
        ("patch", "", "pods", "ephemeralcontainers", false),
        ("patch", "", "pods", "resize", false),
        ("patch", "", "pods", "status", false),
        ("list", "", "secrets", "", false),
        ("watch", "", "secrets", "", false),
        ("get", "", "secrets", "", false),
        ("create", "", "serviceaccounts", "token", false),
    ] {
        let attributes = ResourceAttributes {
            namespace: Some(cluster.namespace.clone()),
            verb: Some(verb.to_owned()),
            group: Some(group.to_owned()),
            resource: Some(resource.to_owned()),
            subresource: Some(subresource.to_owned()).filter(|name| !name.is_empty()),
            ..ResourceAttributes::default()
        };
        let spec =
            SelfSubjectAccessReviewSpec { resource_attributes: Some(attributes), ..Default::default() };
        let review = SelfSubjectAccessReview { spec, ..Default::default() };
        let status = reviews.create(&PostParams::default(), &review).await?.status;
        assert_eq!(status.map(|status| status.allowed), Some(allowed), "{verb} {resource}/{subresource}");
    }
    cluster.end().await
}

#[tokio::test]
async fn it_reads_the_secrets_that_its_role_names_and_no_other() -> anyhow::Result<()> {
    let cluster = Cluster::new().await?;
    for name in [CREDENTIALS, "other"] {
        let secret = json!({ "metadata": { "name": name }, "stringData": { "password": "p@ss" } });
        cluster.create::<Secret>(secret).await?;
    }
    let secrets: Api<Secret> = Api::namespaced(operator(&cluster).await?, &cluster.namespace);
    assert_eq!(secrets.get(CREDENTIALS).await?.name_any(), CREDENTIALS);
    forbidden(secrets.get("other").await);
    forbidden(secrets.list(&ListParams::default()).await);
    forbidden(secrets.patch(CREDENTIALS, &PatchParams::default(), &Patch::Merge(json!({}))).await);
    cluster.end().await
}

fn forbidden<T>(outcome: Result<T, kube::Error>) {
    match outcome {
        Err(kube::Error::Api(status)) => assert_eq!(status.code, 403, "{status:?}"),
        Err(error) => panic!("{error}"),
        Ok(_) => panic!("it is allowed"),
    }
}

/// A pod as a Deployment's would be, with an annotation, and the operator's view of all pods.
async fn a_pod(cluster: &Cluster) -> anyhow::Result<Api<Pod>> {
    cluster.pod("worker-a", "127.0.0.1").await?;
    let annotated = Patch::Merge(json!({ "metadata": { "annotations": { "team": "meet" } } }));
    cluster.api::<Pod>().patch("worker-a", &PatchParams::default(), &annotated).await?;
    let pods = Api::namespaced(operator(cluster).await?, &cluster.namespace);
    // The API server needs some seconds to learn of a policy.
    let dry = PatchParams { dry_run: true, ..PatchParams::default() };
    let other = Patch::Merge(json!({ "metadata": { "labels": { "app": "other" } } }));
    eventually("the policy is enforced", async || Ok(pods.patch("worker-a", &dry, &other).await.is_err()))
        .await?;
    Ok(pods)
}

#[tokio::test]
async fn it_changes_the_deletion_cost_of_a_pod_and_nothing_else() -> anyhow::Result<()> {
    let cluster = Cluster::new().await?;
    let pods = a_pod(&cluster).await?;
    for cost in ["3", "0"] {
        let patch = Patch::Merge(json!({ "metadata": { "annotations": { COST: cost } } }));
        pods.patch_metadata("worker-a", &PatchParams::default(), &patch).await?;
        assert_eq!(cluster.api::<Pod>().get("worker-a").await?.annotations()[COST], cost);
    }
    let before = cluster.api::<Pod>().get("worker-a").await?;
    let owner = json!({ "apiVersion": "v1", "kind": "ConfigMap", "name": "x", "uid": "1" });
    for (change, words) in [
        (json!({ "spec": { "containers": [{ "name": "worker", "image": "evil" }] } }), "nothing of a pod"),
        (json!({ "spec": { "activeDeadlineSeconds": 1 } }), "nothing of a pod"),
        (json!({ "metadata": { "annotations": { "team": "other" } } }), "no annotation"),
        (json!({ "metadata": { "annotations": { "more": "x" } } }), "no annotation"),
        (json!({ "metadata": { "annotations": { "team": null, COST: "1" } } }), "no annotation"),
        (json!({ "metadata": { "labels": { "app": "other" } } }), "no label"),
        (json!({ "metadata": { "labels": null } }), "no label"),
        (json!({ "metadata": { "finalizers": ["example.com/x"] } }), "no label, finalizer"),
        (json!({ "metadata": { "ownerReferences": [owner] } }), "no label, finalizer or owner"),
    ] {
        let refused = pods.patch("worker-a", &PatchParams::default(), &Patch::Strategic(&change)).await;
        let refused = refused.unwrap_err().to_string();
        assert!(refused.contains("ValidatingAdmissionPolicy 'w2meet-operator'"), "{change}: {refused}");
        assert!(refused.contains(words), "{change}: {refused}");
    }
    let after = cluster.api::<Pod>().get("worker-a").await?;
    assert_eq!(after.resource_version(), before.resource_version());
    cluster.end().await
}

#[tokio::test]
async fn it_puts_nothing_into_a_pod_and_makes_none() -> anyhow::Result<()> {
    let cluster = Cluster::new().await?;
    let pods = a_pod(&cluster).await?;
    let plain = PatchParams::default();
    forbidden(pods.patch_subresource("ephemeralcontainers", "worker-a", &plain, &intruder()).await);
    forbidden(pods.patch_status("worker-a", &plain, &Patch::Merge(json!({ "status": {} }))).await);
    let exec = format!("/api/v1/namespaces/{}/pods/worker-a/exec?command=sh", cluster.namespace);
    for request in [http::Request::post(&exec), http::Request::get(&exec)] {
        forbidden(operator(&cluster).await?.request::<Value>(request.body(Vec::new())?).await);
    }
    // An apply makes what is not there.
    let made = json!({
        "apiVersion": "v1", "kind": "Pod", "metadata": { "name": "worker-b" },
        "spec": { "containers": [{ "name": "worker", "image": "evil" }] },
    });
    forbidden(pods.patch("worker-b", &PatchParams::apply("operator"), &Patch::Apply(made)).await);
    cluster.end().await
}

fn intruder() -> Patch<Value> {
    Patch::Strategic(json!({ "spec": { "ephemeralContainers": [{ "name": "intruder", "image": "evil" }] } }))
}

#[tokio::test]
async fn the_policy_holds_although_a_role_gives_more() -> anyhow::Result<()> {
    let cluster = Cluster::new().await?;
    let pods = a_pod(&cluster).await?;
    let wide = ["pods/ephemeralcontainers", "pods/status", "pods/resize"];
    cluster
        .create::<Role>(json!({
            "metadata": { "name": "wide" },
            "rules": [{ "apiGroups": [""], "resources": wide, "verbs": ["patch"] }],
        }))
        .await?;
    cluster
        .create::<RoleBinding>(json!({
            "metadata": { "name": "wide" },
            "roleRef": { "apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "wide" },
            "subjects": [{
                "kind": "ServiceAccount", "name": "w2meet-operator", "namespace": cluster.namespace,
            }],
        }))
        .await?;
    let containers = json!([{ "name": "worker", "resources": { "requests": { "cpu": "2" } } }]);
    for (subresource, patch) in [
        ("ephemeralcontainers", intruder()),
        ("status", Patch::Strategic(json!({ "status": { "phase": "Failed" } }))),
        ("resize", Patch::Strategic(json!({ "spec": { "containers": containers } }))),
    ] {
        eventually("the Role is known and the policy refuses", async || {
            let refused =
                pods.patch_subresource(subresource, "worker-a", &PatchParams::default(), &patch).await;
            let refused = refused.unwrap_err().to_string();
            Ok(refused.contains("ValidatingAdmissionPolicy 'w2meet-operator'"))
        })
        .await?;
    }
    cluster.end().await
}
