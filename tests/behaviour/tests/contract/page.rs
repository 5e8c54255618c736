//! The web page as it is sent, before any script of it runs. What it does then is tested in a browser: `tests/page`.

use anyhow::Context;
use behaviour::Stage;
use reqwest::Method;
use serde_json::json;

behaviour::in_every_form![
    a_calendar_is_read_for_somebody_who_is_not_stored,
    a_link_to_a_poll_shows_what_it_is_about,
    files_of_the_page_come_compressed_and_may_be_kept,
    how_much_work_waits_is_shown_only_where_it_shall_be,
    the_link_to_a_poll_comes_as_a_qr_code,
    the_page_is_at_the_root_of_the_gateway,
];

async fn the_page_is_at_the_root_of_the_gateway(stage: &Stage) -> anyhow::Result<()> {
    for path in ["/", "/polls", "/status", "/calendars", "/account"] {
        let reply = stage.api.get(path).await?.is(200);
        assert_eq!(reply.header("content-type"), "text/html; charset=utf-8", "{path}");
        let policy = reply.header("content-security-policy");
        assert!(policy.starts_with("default-src 'none'") && !policy.contains("unsafe"), "{policy}");
        assert_eq!(reply.header("referrer-policy"), "no-referrer");
    }
    let documents = stage.api.get("/docs").await?.is(200).text();
    assert!(documents.contains("href=\"/worker/docs\""), "{documents}");
    Ok(())
}

async fn a_link_to_a_poll_shows_what_it_is_about(stage: &Stage) -> anyhow::Result<()> {
    let id = poll(stage, "Lunch <script>alert(1)</script> {{static}}").await?;
    let text = stage.api.get(&format!("/p/{id}")).await?.is(200).text();
    let title = "Lunch &lt;script&gt;alert(1)&lt;/script&gt; &#123;&#123;static}}";
    assert!(text.contains(&format!("<title>{title}</title>")), "{text}");
    assert!(text.contains(&format!("<meta property=\"og:title\" content=\"{title}\">")), "{text}");
    for unknown in ["AAAAAAAAAAAAAAAAAAAAAA", "none"] {
        let reply = stage.api.call(Method::GET, &format!("/p/{unknown}")).send_unchecked().await?;
        assert_eq!(reply.status, 404);
        assert!(reply.text().contains("<div id=\"app\">"), "it is a page, which says so in words");
    }
    Ok(())
}

async fn files_of_the_page_come_compressed_and_may_be_kept(stage: &Stage) -> anyhow::Result<()> {
    let page = stage.api.get("/").await?.is(200).text();
    let at = page.find("/static/").context("the page names its files")?;
    let path = page[at..].split('"').next().unwrap_or_default().to_owned();
    for (accepted, encoding) in [("gzip, br", "br"), ("gzip", "gzip"), ("identity", "")] {
        let asked = || stage.api.call(Method::GET, &path).header("Accept-Encoding", accepted);
        let reply = asked().send().await?.is(200);
        assert_eq!(reply.header("content-encoding"), encoding);
        assert_eq!(reply.header("cache-control"), "public, max-age=31536000, immutable");
        assert_eq!(reply.header("vary"), "Accept-Encoding");
        let tag = reply.header("etag").to_owned();
        asked().header("If-None-Match", &tag).send().await?.is(304);
    }
    stage.api.get("/static/0/nothing.js").await?.is(404);
    Ok(())
}

async fn the_link_to_a_poll_comes_as_a_qr_code(stage: &Stage) -> anyhow::Result<()> {
    let id = poll(stage, "Lunch").await?;
    let reply = stage.api.get(&format!("/p/{id}/qr.svg?scheme=https")).await?.is(200);
    assert_eq!(reply.header("content-type"), "image/svg+xml");
    assert!(reply.text().starts_with("<svg"), "{}", reply.text());
    let faults = [(json!(["query", "scheme"]), "value_error")];
    stage.api.get(&format!("/p/{id}/qr.svg?scheme=file")).await?.refuses(400, &faults);
    Ok(())
}

async fn a_calendar_is_read_for_somebody_who_is_not_stored(stage: &Stage) -> anyhow::Result<()> {
    const CALENDAR: &str = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//test//\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTAMP:20270101T000000Z\r\n\
         DTSTART:20270308T090000\r\nDTEND:20270308T100000\r\nRRULE:FREQ=DAILY;COUNT=3\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";
    let read = async |query: &str, body: &'static str| {
        let call = stage.api.call(Method::POST, &format!("/users/calendars/read?{query}"));
        call.header("Content-Type", "text/calendar").body(body).send().await
    };
    let within = "from=2027-03-08T00:00:00Z&to=2027-03-10T00:00:00Z";
    let reply = read(&format!("{within}&time_zone=Asia/Kolkata"), CALENDAR).await?.is(200).json();
    let busy = json!([
        {"start": "2027-03-08T03:30:00Z", "end": "2027-03-08T04:30:00Z"},
        {"start": "2027-03-09T03:30:00Z", "end": "2027-03-09T04:30:00Z"},
    ]);
    assert_eq!(reply, json!({"events": 1, "busy": busy, "problems": []}));
    read(&format!("{within}&time_zone=Mars/Olympus"), CALENDAR).await?.is(400);
    read("from=2027-03-08T00:00:00Z&to=2028-03-10T00:00:00Z&time_zone=UTC", CALENDAR).await?.is(400);
    read(&format!("{within}&time_zone=UTC"), "no calendar").await?.is(400);
    Ok(())
}

/// The platforms of these tests are not told to show it.
async fn how_much_work_waits_is_shown_only_where_it_shall_be(stage: &Stage) -> anyhow::Result<()> {
    stage.api.get("/worker/queue").await?.is(404);
    stage.api.get("/worker/mail").await?.is(404);
    let page = stage.api.get("/status").await?.is(200).text();
    assert!(page.contains("data-status=\"no\""), "{page}");
    Ok(())
}

/// A poll's id.
async fn poll(stage: &Stage, title: &str) -> anyhow::Result<String> {
    let body = json!({"title": title, "kind": "dates", "dates": ["2027-03-08"], "time_zone": "UTC", "from": "09:00", "to": "17:00",
        "granularity_minutes": 30, "duration_minutes": 60});
    let poll = stage.api.post("/users/polls", &body).await?.is(201).json();
    Ok(poll["id"].as_str().unwrap_or_default().to_owned())
}
