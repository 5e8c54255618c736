//! What is around replies.

use super::*;

#[tokio::test]
async fn many_faults_are_named_in_part_and_counted() {
    let body = body::Body::from(vec![b'1'; 5_000]);
    let (reply, text) = ask(&app(vec![]).router, "POST", "/refuses", body).await;
    assert_eq!(reply.status(), StatusCode::BAD_REQUEST);
    let value: Value = serde_json::from_slice(&text).unwrap();
    let faults = value["detail"].as_array().unwrap();
    assert_eq!(faults.len(), 21);
    assert_eq!(
        faults[20],
        json!({"loc": ["body"], "msg": "and 4980 more", "type": "too_many_faults", "code": "too_many_faults"})
    );
}

#[tokio::test]
async fn an_error_has_its_whole_shape_and_a_code_that_is_documented() {
    let router = app(vec![]).router;
    let (_, text) = ask(&router, "GET", "/nowhere", "").await;
    assert_eq!(
        serde_json::from_slice::<Value>(&text).unwrap(),
        json!({"case_id": "case-7", "detail": [
            {"loc": ["internal"], "msg": "Not Found", "type": "http_error", "code": "not_found"},
        ]})
    );
    let page = include_str!("../../../../docs/errors.md");
    for status in 400..600 {
        let error = ApiError::http(StatusCode::from_u16(status).unwrap(), "");
        let code = error.detail()[0].code;
        assert!(page.contains(&format!("`{code}`")), "{code} is not in docs/errors.md");
    }
}

#[test]
fn a_chain_of_causes_tells_none_twice() {
    let cause = std::io::Error::other("the pipe broke");
    let error = ApiError::http(StatusCode::BAD_GATEWAY, "it failed: the pipe broke").because(cause);
    assert_eq!(service_kit::chain(&error).to_string(), "502 Bad Gateway: it failed: the pipe broke");
}

#[tokio::test]
async fn what_a_client_sent_comes_back_shortened() {
    let (_, text) = ask(&app(vec![]).router, "POST", "/repeats", vec![b'x'; 60_000]).await;
    assert!((1_000..10_000).contains(&text.len()), "{}", text.len());
}

#[tokio::test]
async fn browsers_take_replies_for_what_they_are_and_show_them_in_no_frame() {
    let router = app(vec![]).router;
    for path in ["/", "/docs", "/fine", "/nowhere", "/panics", "/openapi.json", "/things/health"] {
        let (reply, _) = ask(&router, "GET", path, "").await;
        assert_eq!(reply.headers()["x-content-type-options"], "nosniff", "{path}");
        assert_eq!(reply.headers()["x-frame-options"], "DENY", "{path}");
        let policy = reply.headers()["content-security-policy"].to_str().unwrap();
        assert!(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"), "{path}");
        assert_eq!(policy.contains("style-src"), ["/", "/docs"].contains(&path), "{path}");
    }
}

#[tokio::test]
async fn the_root_leads_to_the_documents() {
    let router = app(vec![]).router;
    for path in ["/", "/things", "/things/"] {
        let (reply, text) = ask(&router, "GET", path, "").await;
        assert_eq!(reply.status(), StatusCode::OK, "{path}");
        let text = String::from_utf8(text).unwrap();
        for target in text.split("href=\"").skip(1).map(|rest| rest.split('"').next().unwrap()) {
            assert_eq!(ask(&router, "GET", target, "").await.0.status(), StatusCode::OK, "{target}");
        }
        assert_eq!(text.matches("href=").count(), 3, "{path}");
    }
}

#[tokio::test]
async fn a_stream_ends_when_the_process_is_to_stop() {
    let stopping = CancellationToken::new();
    let service = ServiceContext::new("thing-service", stopping.clone()).unwrap();
    let endless = futures::stream::repeat("tick").then(async |tick| {
        tokio::task::yield_now().await;
        Ok::<_, Infallible>(tick)
    });
    let endless = endless.chain(futures::stream::pending());
    let mut body = body::Body::from_stream(service.until_stopping(endless)).into_data_stream();
    assert!(body.next().await.is_some());
    stopping.cancel();
    let rest = async { while body.next().await.is_some() {} };
    tokio::time::timeout(Duration::from_secs(5), rest).await.unwrap();
}
