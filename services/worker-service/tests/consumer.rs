//! A consumer between a table, a queue and a suggestion-service that answers this or that.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "in a test a panic is the report")]

mod support;

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use futures::FutureExt;
use job_queue::{Message, REASON};
use serde_json::json;
use service_kit::RequestContext;
use sql_store::Engine;
use support::{
    Table, at, memory_queue, message, new_job, peer, soon, suggest, until,
    worker::{RETRY, Worker, asked, count, gate, good, good_server, refusal, suggestions},
};
use wire::{Fields, Timestamp};
use wiremock::{Mock, MockServer, ResponseTemplate, matchers};
use worker_service::{
    EffectOnce, JobKind, JobKinds,
    db::{Claim, NewJob},
    job::{JobOrder, JobState},
    outcome::Attempt,
};

#[tokio::test]
async fn what_suggestion_service_answers_decides_what_becomes_of_a_job() {
    let (not_found, broken) = ("One or both users not found", "suggestion-service answered 502 Bad Gateway");
    let unreadable = ResponseTemplate::new(200).set_body_string("?");
    for (answers, state, error) in [
        (vec![good()], JobState::Succeeded, None),
        (vec![refusal(503, "unreachable"), unreadable, good()], JobState::Succeeded, None),
        (vec![refusal(404, not_found)], JobState::Failed, Some(not_found)),
        (
            vec![refusal(502, "broken"), refusal(502, "broken"), refusal(502, "broken")],
            JobState::Dead,
            Some(broken),
        ),
    ] {
        let (server, attempts) = (MockServer::start().await, answers.len());
        for answer in answers {
            let question = asked()
                .and(matchers::query_param("userId1", "o'brien@example.com"))
                .and(matchers::query_param("userId2", "größe@example.com"))
                .and(matchers::query_param("preference", "last"))
                .and(matchers::header("Case-ID", "case-1"))
                .and(matchers::header_regex("traceparent", "^00-0af7651916cd43dd8448eb211c80319c-"));
            question.respond_with(answer).up_to_n_times(1).expect(1).mount(&server).await;
        }
        let (worker, new) = (Worker::asking(&server).await, new_job());
        worker.order(&new).await;
        let begun =
            worker.table.job_when(&new.job_id, |job| job.error.is_some() || job.state.is_final()).await;
        assert!(begun.attempts >= 1 && begun.result.is_some() == (begun.state == JobState::Succeeded));

        let job = worker.table.ended(&new.job_id, state).await;
        assert_eq!((job.attempts as usize, job.error.as_deref()), (attempts, error));
        assert_eq!(job.result, (state == JobState::Succeeded).then(suggestions));
        assert!(job.started_at.is_some() && job.finished_at >= job.started_at);
        let (_, queue) = worker.stop().await;
        assert_eq!(count(&queue), 0);
        let letters = queue.dead_letters(9).await.unwrap();
        assert_eq!(letters.len(), usize::from(state == JobState::Dead), "otherwise its outcome is known");
        for letter in letters {
            assert_eq!((&letter.id, &letter.correlation_id), (&new.job_id, &new.case_id));
            assert_eq!(letter.headers[REASON], broken);
            assert_eq!(letter.headers["traceparent"], new.trace["traceparent"]);
        }
    }
}

#[tokio::test]
async fn a_message_that_comes_again_has_no_second_effect() {
    let server = good_server(1).await;
    let (worker, new) = (Worker::asking(&server).await, new_job());
    let ended = worker.run(&new, JobState::Succeeded).await;

    for _ in 0..5 {
        worker.publish(&new).await;
    }
    let last = NewJob { order: suggest("other", "bob", None), ..new_job() };
    asked()
        .and(matchers::query_param("userId1", "other"))
        .respond_with(good())
        .with_priority(1)
        .mount(&server)
        .await;
    worker.run(&last, JobState::Succeeded).await;
    let (table, queue) = worker.stop().await;
    assert_eq!(table.job(&new.job_id).await, ended);
    assert_eq!(count(&queue), 0, "all were acknowledged");
}

#[tokio::test]
async fn without_a_preference_none_is_asked_for() {
    let server = MockServer::start().await;
    asked().and(matchers::query_param_is_missing("preference")).respond_with(good()).mount(&server).await;
    let worker = Worker::asking(&server).await;
    let new = NewJob { order: suggest("ada", "bob", None), ..new_job() };
    worker.run(&new, JobState::Succeeded).await;
    worker.stop().await;
}

#[tokio::test]
async fn windows_of_a_poll_are_what_suggestion_service_answers() {
    let windows = json!({"case_id": "case-1", "version": 7, "windows": []});
    for (answer, state) in [
        (ResponseTemplate::new(200).set_body_json(&windows), JobState::Succeeded),
        (refusal(400, "the poll has no time in these weeks"), JobState::Failed),
        (refusal(401, "not everybody may see its answers"), JobState::Failed),
        (refusal(404, "There is no such poll"), JobState::Failed),
        (refusal(502, "broken"), JobState::Dead),
    ] {
        let server = MockServer::start().await;
        Mock::given(matchers::method("POST"))
            .and(matchers::path("/polls/a%2Fb/suggestions"))
            .and(matchers::body_json(json!({"duration_minutes": 30})))
            .respond_with(answer)
            .mount(&server)
            .await;
        let worker = Worker::asking(&server).await;
        let payload = json!({"poll": "a/b", "options": {"duration_minutes": 30}});
        let order = JobOrder { kind: "suggest".to_owned(), payload, priority: 0 };
        let job = worker.run(&NewJob { order, ..new_job() }, state).await;
        assert_eq!(job.result, (state == JobState::Succeeded).then(|| windows.clone()));
        assert_eq!(job.error.is_some(), state != JobState::Succeeded);
        worker.stop().await;
    }
}

#[tokio::test]
async fn a_peer_that_hangs_costs_one_attempt() {
    let server = MockServer::start().await;
    asked().respond_with(good().set_delay(Duration::from_secs(60))).up_to_n_times(1).mount(&server).await;
    asked().respond_with(good()).mount(&server).await;
    let worker = Worker::start(peer(&server.uri(), Duration::from_millis(100)), 1).await;
    assert_eq!(worker.run(&new_job(), JobState::Succeeded).await.attempts, 2);
    worker.stop().await;
}

#[tokio::test]
async fn attempts_of_killed_processes_count() {
    let server = good_server(1).await;
    let worker = Worker::asking(&server).await;
    let [once, often] = [new_job(), new_job()];
    for (new, killed) in [(&once, 1), (&often, RETRY.max_attempts)] {
        worker.keep(new).await;
        for attempt in 0..killed {
            let begun =
                worker.table.jobs.claim(&new.job_id, at(100 + 60 * i64::from(attempt))).await.unwrap();
            assert!(matches!(begun, Claim::Run(_)), "the lease of the attempt before has run out");
        }
        worker.publish(new).await;
    }

    let job = worker.table.ended(&once.job_id, JobState::Succeeded).await;
    assert_eq!(job.attempts, 2);
    let job = worker.table.ended(&often.job_id, JobState::Dead).await;
    assert!(job.error.unwrap().contains("3 attempts ended without an outcome"));
    let (_, queue) = worker.stop().await;
    assert_eq!(queue.dead_letters(9).await.unwrap()[0].id, often.job_id);
}

#[tokio::test]
async fn a_message_without_a_job_goes_to_the_dead_letters() {
    let server = MockServer::start().await;
    let worker = Worker::asking(&server).await;
    let ours = worker.table.jobs.installation().await.unwrap().to_owned();
    for message in
        [message(&new_job()), Message { correlation_id: "case\n1".to_owned(), ..Message::default() }]
    {
        let headers = [("x-installation".to_owned(), ours.clone())].into();
        worker.queue.publish(&Message { headers, ..message }).await.unwrap();
    }
    until(async || worker.queue.dead_letters(9).await.unwrap().len() == 2).await;
    let (_, queue) = worker.stop().await;
    assert!(
        queue.dead_letters(9).await.unwrap().iter().all(|letter| letter.headers[REASON] == "no such job")
    );
    assert_eq!(count(&queue), 0);
}

/// Tells a receiver, which does the same id once.
struct Note(Arc<Mutex<Vec<String>>>);

impl JobKind for Note {
    const NAME: &'static str = "note";
    const PRIORITY: u8 = 9;
    const ONCE: EffectOnce = EffectOnce::KnownAtReceiver;
    type Payload = String;

    fn parse(_fields: &mut Fields) -> Option<String> {
        None
    }

    async fn attempt(&self, _context: &RequestContext, job_id: &str, text: String) -> Attempt {
        let mut told = self.0.lock().unwrap();
        let effect = format!("{job_id} {text}");
        if !told.contains(&effect) {
            told.push(effect);
        }
        Attempt::Done(json!(told.len()))
    }
}

#[tokio::test]
async fn a_job_is_done_by_its_kind_and_one_of_an_unknown_kind_waits_for_another_release() {
    let told = Arc::<Mutex<Vec<String>>>::default();
    let kinds = JobKinds::default().with(Note(told.clone()));
    let worker = Worker::over(Table::new(Engine::Sqlite).await, memory_queue(), kinds, 4);
    let order = JobOrder { kind: "note".to_owned(), payload: json!("hello"), priority: Note::PRIORITY };
    let note = NewJob { order, ..new_job() };
    let job = worker.run(&note, JobState::Succeeded).await;
    assert_eq!((job.result, job.order), (Some(json!(1)), note.order.clone()));
    assert_eq!(*told.lock().unwrap(), [format!("{} hello", note.job_id)]);

    let unknown = new_job();
    worker.order(&unknown).await;
    let job = worker.table.job_when(&unknown.job_id, |job| job.error.is_some()).await;
    assert_eq!(job.error.as_deref(), Some("this release knows no jobs of the kind suggest"));
    assert_ne!(job.state, JobState::Failed);
    worker.stop().await;
}

#[tokio::test]
async fn an_attempt_that_has_lost_its_job_is_broken_off_and_one_that_runs_is_not_begun_again() {
    let mut gate = gate();
    let worker = Worker::start(gate.peer.clone(), 4).await;
    let new = new_job();
    worker.keep(&new).await;
    worker.publish(&new).await;
    soon(gate.asked.recv()).await.unwrap();
    worker.publish(&new).await;
    until(async || worker.outcomes("leased") > 0).await;
    assert_eq!(gate.asked.recv().now_or_never(), None, "it runs once");

    // As after a cut from the table: long after the lease has run out somebody else begins.
    let later = Timestamp::now().plus(Duration::from_secs(3_600));
    assert!(matches!(worker.table.jobs.claim(&new.job_id, later).await.unwrap(), Claim::Run(_)));
    until(async || worker.outcomes("overtaken") > 0).await;
    assert_eq!(worker.table.job(&new.job_id).await.attempts, 2);
    worker.stop().await;
}
