//! The API's description, as data and as a page, through the gateway.

use behaviour::{SERVICES, Stage};

behaviour::in_every_form![each_service_describes_its_paths, each_service_has_a_page_that_loads_nothing,];

/// What clients of each service call.
const PATHS: [(&str, &[(&str, &str)]); 4] = [
    (
        "/users",
        &[
            ("/users", "post"),
            ("/users/{email}", "get"),
            ("/users/{email}", "put"),
            ("/users/{email}", "delete"),
            ("/user-avail/cache-aside", "get"),
            ("/users/{email}/schedule", "put"),
            ("/users/{email}/freebusy", "get"),
            ("/users/{email}/calendars/{name}", "put"),
            ("/users/{email}/feed", "post"),
            ("/users/{email}/calendar.ics", "get"),
            ("/users/{email}/freebusy.ics", "get"),
            ("/polls", "post"),
            ("/polls/{id}", "patch"),
            ("/polls/{id}/participants/{pid}/answer", "put"),
            ("/polls/{id}/decision", "put"),
            ("/polls/{id}/meeting.ics", "get"),
            ("/polls/{id}/grid", "get"),
            ("/polls/{id}/events", "get"),
            ("/limits", "get"),
            ("/health", "get"),
        ],
    ),
    (
        "/availability",
        &[
            ("/availabilities", "get"),
            ("/polls/{id}/heatmap", "get"),
            ("/freebusy", "post"),
            ("/limits", "get"),
            ("/health", "get"),
        ],
    ),
    (
        "/suggestion",
        &[
            ("/suggestions", "get"),
            ("/polls/{id}/suggestions", "post"),
            ("/find-times", "post"),
            ("/limits", "get"),
            ("/health", "get"),
        ],
    ),
    (
        "/worker",
        &[
            ("/tasks", "post"),
            ("/tasks", "get"),
            ("/tasks/{job_id}", "get"),
            ("/limits", "get"),
            ("/health", "get"),
        ],
    ),
];

async fn each_service_describes_its_paths(stage: &Stage) -> anyhow::Result<()> {
    for (prefix, operations) in PATHS {
        let reply = stage.api.get(&format!("{prefix}/openapi.json")).await?.is(200);
        let api = reply.json();
        assert!(api["openapi"].as_str().unwrap().starts_with("3."), "{prefix}");
        for (path, method) in operations {
            assert!(api["paths"][path][method].is_object(), "{prefix} does not describe {method} {path}");
        }
    }
    Ok(())
}

async fn each_service_has_a_page_that_loads_nothing(stage: &Stage) -> anyhow::Result<()> {
    for service in SERVICES {
        let reply = stage.api.get(&format!("{}/docs", service.prefix)).await?.is(200);
        assert!(reply.header("content-type").starts_with("text/html"));
        let page = reply.text();
        assert!(page.contains(service.name) && page.contains(service.path), "it is that service's page");
        for loading in
            ["src=", "<link", "<script", "<img", "<iframe", "@import", "url(", "http://", "https://", "href="]
        {
            assert!(!page.contains(loading), "the page of {} has {loading:?}", service.name);
        }
    }
    Ok(())
}
