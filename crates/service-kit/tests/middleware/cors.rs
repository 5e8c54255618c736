//! What a browser hears that wants to know whether a page of another site may use the API.

use super::*;

const PAGE: &str = "https://app.example.com";

/// What is said to a page of this origin that wants to send a change, and to one that reads.
async fn heard(args: &[&str], origin: &str) -> [Option<String>; 2] {
    let app = app_with(&[&["--access", "open"], args].concat(), routes(), vec![]);
    let preflight = Request::options("/things/echo")
        .header("Origin", origin)
        .header("Access-Control-Request-Method", "POST")
        .header("Access-Control-Request-Headers", "authorization,content-type");
    let read = Request::get("/things/fine").header("Origin", origin);
    let mut heard = Vec::new();
    for request in [preflight, read] {
        let (reply, _) = exchange(&app.public, request.body(body::Body::empty()).unwrap()).await;
        assert!(!reply.headers().contains_key("access-control-allow-credentials"));
        let value = reply.headers().get("access-control-allow-origin");
        heard.push(value.map(|value| value.to_str().unwrap().to_owned()));
    }
    heard.try_into().unwrap()
}

#[tokio::test]
async fn pages_of_other_sites_may_use_the_api_only_if_they_are_in_the_list() {
    assert_eq!(heard(&[], PAGE).await, [None, None]);
    let list = ["--cors-origins", "https://app.example.com,http://localhost:5173"];
    for origin in [PAGE, "http://localhost:5173"] {
        assert_eq!(heard(&list, origin).await, [Some(origin.to_owned()), Some(origin.to_owned())]);
    }
    for origin in ["https://evil.example", "https://app.example.com.evil.example", "null"] {
        assert_eq!(heard(&list, origin).await, [None, None], "{origin}");
    }
}
