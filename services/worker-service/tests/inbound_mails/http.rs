//! `POST /inbound-mail`.

use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use data_encoding::HEXLOWER;
use hmac::{Hmac, Mac};
use http_body_util::BodyExt;
use serde_json::{Value, json};
use sha2::Sha256;
use tower::ServiceExt;
use wire::Timestamp;

use crate::{MAIL, MAIL_TOKEN, SECRET, TOKEN, UserStub, Worker, bounce, mail};

fn signed(secret: &str, body: &[u8], seconds_ago: i64) -> String {
    let time = Timestamp::now().micros() / 1_000_000 - seconds_ago;
    let mut code = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    code.update(format!("{time}.").as_bytes());
    code.update(body);
    format!("t={time},v1={}", HEXLOWER.encode(&code.finalize().into_bytes()))
}

impl Worker {
    async fn post(&self, signature: Option<&str>, kind: &str, body: &[u8]) -> (StatusCode, Value) {
        let mut request = Request::post("/inbound-mail").header("content-type", kind);
        if let Some(signature) = signature {
            request = request.header("W2Meet-Signature", signature);
        }
        let request = request.body(Body::from(body.to_vec())).unwrap();
        let reply = self.router.clone().oneshot(request).await.unwrap();
        let status = reply.status();
        let bytes = reply.into_body().collect().await.unwrap().to_bytes();
        (status, serde_json::from_slice(&bytes).unwrap())
    }

    async fn hand_over(&self, body: &str) -> (StatusCode, Value) {
        self.post(Some(&signed(SECRET, body.as_bytes(), 0)), "message/rfc822", body.as_bytes()).await
    }
}

#[tokio::test]
async fn a_signed_mail_is_passed_on_and_its_effect_is_told() {
    let users = UserStub::default();
    let worker = Worker::start(&users, &["--inbound-mail-secret", SECRET]).await;
    let (status, told) = worker.hand_over(&mail("first")).await;
    assert_eq!((status, &told["outcome"]), (StatusCode::OK, &json!("taken")));
    let passed = &users.answers()[0];
    assert_eq!((&passed["tokens"], &passed["method"]), (&json!([TOKEN]), &json!("REPLY")));
    assert!(passed["calendar"].as_str().unwrap().contains("COMMENT:first"));
    assert_eq!(worker.hand_over(&mail("first")).await.1["outcome"], "unchanged");
    let (status, told) = worker.hand_over("Subject: Back on Monday\r\n\r\nBye.\r\n").await;
    assert_eq!((status, &told["outcome"]), (StatusCode::OK, &json!("ignored")));
    assert!(told["reason"].as_str().unwrap().contains("no calendar"), "{told}");
    assert_eq!(users.answers().len(), 2);
    let counts =
        ["taken", "unchanged", "ignored", "refused", "failed"].map(|outcome| worker.counted(outcome));
    assert_eq!(counts, [1.0, 1.0, 1.0, 0.0, 0.0]);
}

#[tokio::test]
async fn who_has_not_the_secret_hands_nothing_over() {
    let users = UserStub::default();
    let worker = Worker::start(&users, &["--inbound-mail-secret", SECRET]).await;
    let mail = mail("x").into_bytes();
    for (signature, why) in [
        (None, "W2Meet-Signature"),
        (Some("nonsense".to_owned()), "W2Meet-Signature"),
        (Some(signed("another secret!!", &mail, 0)), "wrong"),
        (Some(signed(SECRET, b"another body", 0)), "wrong"),
        (Some(signed(SECRET, &mail, 310)), "five minutes"),
        (Some(signed(SECRET, &mail, -310)), "five minutes"),
    ] {
        let (status, told) = worker.post(signature.as_deref(), "message/rfc822", &mail).await;
        assert_eq!(status, StatusCode::UNAUTHORIZED);
        assert!(told["detail"][0]["msg"].as_str().unwrap().contains(why), "{told}");
    }
    assert!(users.answers().is_empty());
    assert_eq!(worker.counted("refused"), 6.0);
}

#[tokio::test]
async fn what_is_no_mail_or_too_large_is_said_so() {
    let users = UserStub::default();
    let worker = Worker::start(&users, &["--inbound-mail-secret", SECRET]).await;
    let signature = signed(SECRET, b"{}", 0);
    let (status, _) = worker.post(Some(&signature), "application/json", b"{}").await;
    assert_eq!(status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    let (status, _) = worker.hand_over(&"x".repeat(1024 * 1024 + 1)).await;
    assert_eq!(status, StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(worker.hand_over(&"x".repeat(1024 * 1024)).await.1["outcome"], "ignored");
}

#[tokio::test]
async fn a_mail_that_cannot_be_passed_on_is_asked_for_again() {
    let users = UserStub::default();
    let worker = Worker::start(&users, &["--inbound-mail-secret", SECRET]).await;
    users.set_down(true);
    let (status, _) = worker.hand_over(&mail("x")).await;
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
    users.set_down(false);
    assert_eq!(worker.hand_over(&mail("x")).await.1["outcome"], "taken");
    assert_eq!(worker.counted("failed"), 1.0);
}

#[tokio::test]
async fn a_mail_that_comes_back_marks_the_address_that_nobody_has() {
    let users = UserStub::default();
    let worker = Worker::start(&users, &["--inbound-mail-secret", SECRET]).await;
    assert_eq!(worker.hand_over(&bounce(MAIL_TOKEN, "5.1.1")).await.1["outcome"], "taken");
    let marked = json!({"state": "failed", "error": "the mail came back with 5.1.1", "bounced": true});
    assert_eq!(users.outcomes(), [(MAIL.to_owned(), marked)]);
    // A policy, an answer's address, and what nobody can have been told.
    for (token, status) in
        [(MAIL_TOKEN, "5.7.1"), (TOKEN, "5.1.1"), (&"a".repeat(26), "5.1.1"), ("", "5.1.1")]
    {
        assert_eq!(worker.hand_over(&bounce(token, status)).await.1["outcome"], "ignored", "{token}");
    }
    users.set_down(true);
    let (status, _) = worker.hand_over(&bounce(MAIL_TOKEN, "5.1.1")).await;
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(users.outcomes().len(), 1);
}

#[tokio::test]
async fn without_a_secret_no_mails_come_this_way() {
    let users = UserStub::default();
    let worker = Worker::start(&users, &[]).await;
    let (status, told) = worker.hand_over(&mail("x")).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    assert!(told["detail"][0]["msg"].as_str().unwrap().contains("INBOUND_MAIL_SECRET"), "{told}");
}

#[tokio::test]
async fn replies_need_an_address_with_room_for_a_token() {
    let users = UserStub::default();
    let from = ["--mail-from", "meet+us@example.com"];
    assert!(Worker::try_start(&users, &from).await.is_ok(), "nobody answers to it");
    let flags = [&from[..], &["--inbound-mail-secret", SECRET]].concat();
    let error = Worker::try_start(&users, &flags).await.err().unwrap();
    assert!(error.to_string().contains("MAIL_FROM"), "{error}");
}
