//! Which requests are taken at all.

use std::net::SocketAddr;

use behaviour::{SERVICES, ServiceFacts, Stage, people, raw};
use reqwest::Method;
use serde_json::json;

behaviour::in_every_form![
    a_body_that_says_it_is_no_json_stores_nothing,
    a_replaced_case_id_is_said_to_be,
    a_request_says_once_which_host_it_is_for,
    many_faults_are_named_in_part_and_counted,
    the_root_of_a_service_leads_to_its_documents,
];

async fn a_body_that_says_it_is_no_json_stores_nothing(stage: &Stage) -> anyhow::Result<()> {
    let email = people::fresh_address("foreign");
    let person = people::body(&email, &json!({"monday": [9]}), "first").to_string();
    let job = json!({"userId1": email, "userId2": email}).to_string();
    let foreign = [("Content-Type", "text/plain"), ("Origin", "http://elsewhere.example")];
    let encoded = [("Content-Type", "application/json"), ("Content-Encoding", "gzip")];
    let charset = [("Content-Type", "application/json; charset=iso-8859-1"), ("Accept", "*/*")];
    let unstated = [("Origin", "http://elsewhere.example"), ("Accept", "*/*")];
    for headers in [foreign, encoded, charset, unstated] {
        for (method, path, body) in [
            (Method::POST, "/users/users".to_owned(), &person),
            (Method::PUT, people::path(&email), &person),
            (Method::POST, "/worker/tasks".to_owned(), &job),
        ] {
            let call = stage.api.call(method, &path).body(body.clone());
            let call = headers.iter().fold(call, |call, (name, value)| call.header(name, value));
            call.send().await?.is(415);
        }
    }
    stage.api.get(&people::path(&email)).await?.is(404);
    let stated = stage.api.call(Method::POST, "/users/users").body(person);
    stated.header("Content-Type", "application/json; charset=utf-8").send().await?.is(201);
    Ok(())
}

async fn a_replaced_case_id_is_said_to_be(stage: &Stage) -> anyhow::Result<()> {
    for ServiceFacts { prefix, .. } in SERVICES {
        let path = format!("{prefix}/health");
        let asked =
            async |case_id: &str| stage.api.call(Method::GET, &path).header("Case-ID", case_id).send().await;
        assert!(asked("case-7").await?.header("case-id-replaced").is_empty());
        let replaced = asked("Root=1-5759e988-bd862e3fe1be46a994272793").await?;
        assert!(replaced.header("case-id-replaced").contains("1 to 64 characters"));
    }
    Ok(())
}

/// Past the gateway, which may have its own mind about hosts.
async fn a_request_says_once_which_host_it_is_for(stage: &Stage) -> anyhow::Result<()> {
    for process in stage.processes() {
        let address: SocketAddr = process.api.base().trim_start_matches("http://").parse()?;
        let status = async |hosts: &str| {
            let request = format!("GET /nowhere HTTP/1.1\r\n{hosts}Connection: close\r\n\r\n");
            raw::exchange(address, request.as_bytes()).await.map(|reply| reply.status)
        };
        assert_eq!(status("Host: localhost\r\n").await?, 404);
        assert_eq!(status("").await?, 400);
        assert_eq!(status("Host: localhost\r\nHost: localhost\r\n").await?, 400);
        // The processes of the tests listen on loopback.
        assert_eq!(status("Host: rebound.example\r\n").await?, 421);
    }
    Ok(())
}

async fn many_faults_are_named_in_part_and_counted(stage: &Stage) -> anyhow::Result<()> {
    let wrong = json!({"email": "ada@example.com", "availabilities": {"monday": vec![99; 5_000]}});
    let reply = stage.api.post("/users/users", &wrong).await?.is(400);
    let detail = reply.json()["detail"].as_array().cloned().unwrap_or_default();
    assert_eq!(detail.len(), 21);
    assert_eq!(detail[20]["msg"], "and 4980 more");
    assert!(reply.text().len() < 10_000);
    Ok(())
}

async fn the_root_of_a_service_leads_to_its_documents(stage: &Stage) -> anyhow::Result<()> {
    for ServiceFacts { prefix, .. } in SERVICES {
        let reply = stage.api.get(&format!("{prefix}/")).await?.is(200);
        assert!(reply.text().contains(&format!("href=\"{prefix}/docs\"")), "{}", reply.text());
        assert_eq!(reply.header("x-content-type-options"), "nosniff");
    }
    Ok(())
}
