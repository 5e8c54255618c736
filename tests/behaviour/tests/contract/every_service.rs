//! What all services have in common: Case-ID, the shape of errors, limits.

use std::collections::HashSet;

use behaviour::{SERVICES, ServiceFacts, Stage};
use reqwest::Method;

behaviour::in_every_form![
    a_given_case_id_comes_back_on_every_reply,
    a_missing_case_id_is_made,
    an_unacceptable_case_id_is_replaced,
    an_unknown_path_is_a_404_in_shape,
    an_unknown_method_is_a_405_that_tells_the_known_ones,
    a_body_of_64_kib_is_read_and_a_larger_one_refused,
    a_body_that_nobody_reads_costs_no_reply,
    the_gateway_says_ok,
    what_belongs_to_no_service_is_a_404,
];

const BODY_LIMIT: usize = 64 * 1024;

/// A reply of each kind, by request and status.
fn requests(service: &ServiceFacts) -> Vec<(Method, String, Vec<u8>, u16)> {
    let at = format!("{}{}", service.prefix, service.path);
    let wrong_method = Method::from_bytes(service.wrong_method.as_bytes()).unwrap();
    vec![
        (Method::GET, format!("{}/health", service.prefix), Vec::new(), 200),
        (Method::GET, format!("{}/no/such/path", service.prefix), Vec::new(), 404),
        (wrong_method, at.clone(), Vec::new(), 405),
        (Method::POST, at.clone(), b"{".to_vec(), service.invalid),
        (Method::POST, at, vec![b' '; BODY_LIMIT + 1], 413),
    ]
}

async fn a_given_case_id_comes_back_on_every_reply(stage: &Stage) -> anyhow::Result<()> {
    let longest = "x".repeat(64);
    for service in &SERVICES {
        for (method, path, body, status) in requests(service) {
            for case_id in ["a.B_9-", &longest] {
                let call =
                    stage.api.call(method.clone(), &path).header("Case-ID", case_id).body(body.clone());
                let reply = call.send().await?.is(status);
                assert_eq!(reply.case_id(), case_id, "{}", reply.request);
                if status != 204 {
                    assert_eq!(reply.json()["case_id"], case_id, "{}", reply.request);
                }
            }
        }
    }
    Ok(())
}

async fn a_missing_case_id_is_made(stage: &Stage) -> anyhow::Result<()> {
    let mut seen = HashSet::new();
    for service in &SERVICES {
        for (method, path, body, status) in requests(service) {
            // That it is there and valid is checked on every reply.
            let reply = stage.api.call(method, &path).body(body).send().await?.is(status);
            assert!(seen.insert(reply.case_id().to_owned()), "{} is another's", reply.case_id());
        }
    }
    Ok(())
}

async fn an_unacceptable_case_id_is_replaced(stage: &Stage) -> anyhow::Result<()> {
    let too_long = "x".repeat(65);
    for service in &SERVICES {
        for given in ["", "a b", "a/b", "<script>", "é", "a\tb", "\"", &too_long] {
            let call = stage.api.call(Method::GET, &format!("{}/no/such/path", service.prefix));
            let reply = call.header("Case-ID", given).send().await?.is(404);
            assert_ne!(reply.case_id(), given);
        }
    }
    Ok(())
}

async fn an_unknown_path_is_a_404_in_shape(stage: &Stage) -> anyhow::Result<()> {
    for ServiceFacts { prefix, .. } in &SERVICES {
        for path in ["/health/deep", "/a/b/c/d/e/f", "/users/a@b.com/c", "/tasks/1/2"] {
            stage.api.get(&format!("{prefix}{path}")).await?.says(404, "Not Found");
        }
        // One segment may be somebody's address in user-service, which then is nobody's.
        for path in ["/nothing", "/%20", "/users%2Fa@b.com"] {
            let reply = stage.api.get(&format!("{prefix}{path}")).await?.is(404);
            assert_eq!(reply.json()["detail"][0]["type"], "http_error");
        }
    }
    Ok(())
}

async fn an_unknown_method_is_a_405_that_tells_the_known_ones(stage: &Stage) -> anyhow::Result<()> {
    for service in &SERVICES {
        let ServiceFacts { prefix, path, wrong_method, .. } = service;
        for (method, path) in [(*wrong_method, *path), ("POST", "/health"), ("BREW", "/health")] {
            let method = Method::from_bytes(method.as_bytes())?;
            let reply = stage.api.call(method, &format!("{prefix}{path}")).send().await?;
            let reply = reply.says(405, "Method Not Allowed");
            assert!(!reply.header("allow").is_empty(), "{}", reply.request);
        }
    }
    let reply = stage.api.call(Method::PATCH, "/users/users").send().await?.is(405);
    assert!(reply.header("allow").contains("POST"), "{}", reply.header("allow"));
    let reply = stage.api.call(Method::POST, "/users/users/a@example.com").send().await?.is(405);
    for method in ["GET", "PUT", "DELETE"] {
        assert!(reply.header("allow").contains(method), "{}", reply.header("allow"));
    }
    Ok(())
}

async fn a_body_of_64_kib_is_read_and_a_larger_one_refused(stage: &Stage) -> anyhow::Result<()> {
    for (method, path, status) in [
        (Method::POST, "/users/users", 400),
        (Method::PUT, "/users/users/a@example.com", 400),
        (Method::POST, "/worker/tasks", 422),
    ] {
        // Blanks only: read to its end, and then empty.
        let call = stage.api.call(method.clone(), path).body(vec![b' '; BODY_LIMIT]);
        call.send().await?.refuses(status, &[(serde_json::json!(["body"]), "missing")]);
        let reply = stage.api.call(method, path).body(vec![b' '; BODY_LIMIT + 1]).send().await?.is(413);
        assert_eq!(reply.json()["detail"][0]["type"], "http_error");
    }
    Ok(())
}

/// The connection must not break under the reply, nor under the next request on it.
async fn a_body_that_nobody_reads_costs_no_reply(stage: &Stage) -> anyhow::Result<()> {
    let body = vec![b' '; 500_000];
    for (path, status) in [("/users/users", 413), ("/suggestion/health", 405), ("/worker/nothing", 404)] {
        for _ in 0..20 {
            stage.api.call(Method::POST, path).body(body.clone()).send().await?.is(status);
            stage.api.get("/users/health").await?.is(200);
        }
    }
    Ok(())
}

async fn the_gateway_says_ok(stage: &Stage) -> anyhow::Result<()> {
    let reply = stage.api.call(Method::GET, "/health").send_unchecked().await?.is(200);
    assert_eq!(reply.text().trim(), "ok");
    assert!(reply.header("content-type").starts_with("text/plain"));
    Ok(())
}

async fn what_belongs_to_no_service_is_a_404(stage: &Stage) -> anyhow::Result<()> {
    for path in ["/nobody", "/usersx/users", "/Users/users", "/metrics", "/livez", "/readyz", "/openapi.json"]
    {
        stage.api.get(path).await?.says(404, "Not Found");
    }
    Ok(())
}
