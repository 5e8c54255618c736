//! The second port: probes and metrics, which the public does not see.

use behaviour::{Process, Stage, jobs, people};
use reqwest::Method;
use serde_json::json;

behaviour::in_both_forms![
    probes_answer_on_the_second_port,
    probes_and_metrics_are_not_public,
    metrics_have_the_names_of_opentelemetry,
    no_metric_has_a_case_id_or_an_address,
];

async fn probes_answer_on_the_second_port(stage: &Stage) -> anyhow::Result<()> {
    for Process { ops, .. } in stage.processes() {
        for path in ["/livez", "/readyz", "/metrics"] {
            ops.call(Method::GET, path).send_unchecked().await?.is(200);
        }
    }
    Ok(())
}

async fn probes_and_metrics_are_not_public(stage: &Stage) -> anyhow::Result<()> {
    let prefixes =
        ["", "/users", "/availability", "/suggestion", "/worker", "/users/users", "/users/user-avail"];
    for path in ["/livez", "/readyz", "/metrics", "/pause"] {
        for prefix in prefixes {
            stage.api.get(&format!("{prefix}{path}")).await?.is(404);
        }
        for Process { api, .. } in stage.processes() {
            api.get(path).await?.is(404);
        }
    }
    Ok(())
}

/// The pages of all processes as one text, after each kind of work has been done.
async fn metrics(stage: &Stage) -> anyhow::Result<String> {
    let email = people::create(&stage.api, json!({"monday": [9]}), "first").await?;
    for _ in 0..4 {
        stage.api.get(&people::cached_path(&email)).await?.is(200);
    }
    let job = jobs::post(&stage.api, &email, &email).await?;
    jobs::ended(&stage.api, &job).await?;
    let mut all = String::new();
    for Process { ops, .. } in stage.processes() {
        let page = ops.call(Method::GET, "/metrics").send_unchecked().await?.is(200);
        assert!(page.header("content-type").starts_with("text/plain"));
        all.push_str(&page.text());
    }
    Ok(all)
}

async fn metrics_have_the_names_of_opentelemetry(stage: &Stage) -> anyhow::Result<()> {
    let all = metrics(stage).await?;
    for series in [
        "http_server_request_duration_seconds_bucket{",
        "http_server_active_requests{",
        "http_client_request_duration_seconds_bucket{",
        "people_cache_reads_total{",
        "db_client_connection_count{",
        "messaging_client_published_messages_total{",
        "messaging_client_consumed_messages_total{",
        "messaging_process_duration_seconds_bucket{",
        "messaging_process_active{",
        "process_resident_memory_bytes ",
        "http_route=\"/users/users\"",
        "http_request_method=\"POST\"",
        "http_response_status_code=\"201\"",
        "service_name=\"user-service\"",
        "outcome=\"hit\"",
        "outcome=\"miss\"",
        "le=\"0.005\"",
    ] {
        assert!(all.contains(series), "no metric has {series}");
    }
    Ok(())
}

async fn no_metric_has_a_case_id_or_an_address(stage: &Stage) -> anyhow::Result<()> {
    let all = metrics(stage).await?;
    assert!(!all.to_lowercase().contains("case_id") && !all.contains('@'));
    Ok(())
}
