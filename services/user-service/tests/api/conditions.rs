//! Requests that depend on what the client has read.

use super::*;

#[tokio::test]
async fn a_change_of_what_was_changed_since_is_refused_and_changes_nothing() {
    let service = Service::start(&[]).await;
    service.create("ada@example.com", &[9]).await;
    let (_, first, _) = service.ask_if(Method::GET, ("x", ""), "").await;
    let body = |hour: u8| json!({"email": "ada@example.com", "availabilities": {"monday": [hour]}});

    let (status, second, replaced) = service.ask_if(Method::PUT, ("if-match", &first), body(10)).await;
    assert_eq!((status, replaced["availabilities"]["monday"].clone()), (StatusCode::OK, json!([10])));
    assert_ne!(first, second);
    let weak = format!("W/{second}");
    for stale in [&first, "\"other\"", &weak] {
        for (method, body) in [(Method::PUT, body(11)), (Method::DELETE, Value::Null)] {
            let (status, _, error) = service.ask_if(method, ("if-match", stale), body).await;
            assert_eq!(status, StatusCode::PRECONDITION_FAILED, "{stale}");
            assert_eq!(error["detail"][0]["type"], "http_error");
        }
    }
    for _then_from_the_cache in 0..2 {
        let read = service.ask_if(Method::GET, ("if-none-match", "\"other\""), "").await;
        assert_eq!(read, (StatusCode::OK, second.clone(), replaced.clone()));
        let read = service.ask_if(Method::GET, ("if-none-match", &weak), "").await;
        assert_eq!(read, (StatusCode::NOT_MODIFIED, second.clone(), Value::Null));
    }
    let (status, _, _) = service.ask_if(Method::PUT, ("if-none-match", "*"), body(11)).await;
    assert_eq!(status, StatusCode::PRECONDITION_FAILED);
    let (status, _, error) = service.ask_if(Method::PUT, ("if-match", "unquoted"), body(11)).await;
    assert_eq!(
        (status, &error["detail"][0]["loc"]),
        (StatusCode::BAD_REQUEST, &json!(["header", "If-Match"]))
    );

    let (status, _, _) = service.ask_if(Method::DELETE, ("if-match", &format!("\"x\", {second}")), "").await;
    assert_eq!(status, StatusCode::NO_CONTENT);
    for method in [Method::PUT, Method::DELETE, Method::GET] {
        let (status, _, _) = service.ask_if(method, ("if-match", "*"), body(12)).await;
        assert_eq!(status, StatusCode::NOT_FOUND, "there is nobody who could have changed");
    }
}
