//! What `kubectl apply` does with the deploy folder, but for the Deployment.

use anyhow::bail;
use k8s_openapi::{
    api::{
        admissionregistration::v1::{ValidatingAdmissionPolicy, ValidatingAdmissionPolicyBinding},
        core::v1::ServiceAccount,
        rbac::v1::{Role, RoleBinding},
    },
    apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition,
};
use kube::{
    Api, Client,
    api::{Patch, PatchParams},
};
use serde_json::{Value, json};
use w2meet_operator::resource::crd;

use crate::cluster::{Cluster, eventually};

/// What is there once for the whole cluster and stays: the definition, which has to be served, and the admission policy.
pub(crate) async fn cluster_wide(client: &Client) -> anyhow::Result<()> {
    let definitions: Api<CustomResourceDefinition> = Api::all(client.clone());
    let name = "queuescalers.scaling.w2meet.dev";
    let params = PatchParams::apply("operator-e2e").force();
    definitions.patch(name, &params, &Patch::Apply(&crd()?)).await?;
    let policies: Api<ValidatingAdmissionPolicy> = Api::all(client.clone());
    let bindings: Api<ValidatingAdmissionPolicyBinding> = Api::all(client.clone());
    for object in documents(include_str!("../../../deploy/admission-policy.yaml"))? {
        match object["kind"].as_str() {
            Some("ValidatingAdmissionPolicy") => {
                policies.patch("w2meet-operator", &params, &Patch::Apply(object)).await.map(drop)?;
            }
            Some("ValidatingAdmissionPolicyBinding") => {
                bindings.patch("w2meet-operator", &params, &Patch::Apply(object)).await.map(drop)?;
            }
            kind => bail!("{kind:?} is not known here"),
        }
    }
    eventually("the definition is served", async || {
        let status = definitions.get(name).await?.status.unwrap_or_default();
        let conditions = status.conditions.unwrap_or_default();
        Ok(conditions.iter().any(|condition| condition.type_ == "Established" && condition.status == "True"))
    })
    .await
}

/// The operator's account and its Roles, in the cluster's namespace.
pub(crate) async fn account(cluster: &Cluster) -> anyhow::Result<()> {
    for file in [
        include_str!("../../../deploy/service-account.yaml"),
        include_str!("../../../deploy/role.yaml"),
        include_str!("../../../deploy/role-binding.yaml"),
    ] {
        for mut object in documents(file)? {
            match object["kind"].as_str() {
                Some("ServiceAccount") => cluster.create::<ServiceAccount>(object).await.map(drop)?,
                Some("Role") => cluster.create::<Role>(object).await.map(drop)?,
                Some("RoleBinding") => {
                    object["subjects"][0]["namespace"] = json!(cluster.namespace);
                    cluster.create::<RoleBinding>(object).await.map(drop)?;
                }
                kind => bail!("{kind:?} is not known here"),
            }
        }
    }
    Ok(())
}

fn documents(file: &str) -> anyhow::Result<Vec<Value>> {
    Ok(serde_saphyr::from_multiple(file)?)
}
