use calendar_fetch::EgressPolicy;
use domain::{TimeOfDay, Zone};
use mail::{Sender, mail_of_return_token};
use service_kit::Network;
use wire::{Attendees, BaseUrl, CaseId, Email, Query};

/// What people write into fields: what is read of it is read again as the same.
pub(crate) fn texts(text: &[u8]) {
    let text = &String::from_utf8_lossy(text);
    if let Ok(email) = text.parse::<Email>() {
        assert_eq!(email.as_str().parse::<Email>().as_ref(), Ok(&email));
    }
    if let Ok(zone) = Zone::parse(text) {
        assert!(Zone::parse(zone.name()).is_ok(), "{text:?}");
    }
    if let Some(case_id) = CaseId::parse(text) {
        assert_eq!(CaseId::parse(&case_id.to_string()), Some(case_id));
    }
    if let Ok(url) = text.parse::<BaseUrl>() {
        assert_eq!(url.to_string().parse::<BaseUrl>().map(|again| again.to_string()), Ok(url.to_string()));
    }
    if let Some(id) = mail_of_return_token(text) {
        assert_eq!(id.len(), 36);
    }
    drop(TimeOfDay::parse(text));
    drop(text.parse::<Sender>());
    drop(text.parse::<Network>());
    let policy = EgressPolicy::default();
    if let Ok(url) = policy.url(text) {
        assert_eq!(
            policy.url(url.expose()).map(|again| again.expose().to_owned()),
            Ok(url.expose().to_owned())
        );
    }
}

/// Queries of URLs.
pub(crate) fn queries(query: &[u8]) {
    let text = String::from_utf8_lossy(query);
    let mut query = Query::parse(Some(&text));
    let attendees = Attendees::parse(&mut query);
    let zone: Option<Zone> = query.required_as("time_zone");
    query.refuse_others(&["time_zone"]);
    if let Err(faults) = query.finish(attendees.zip(zone)) {
        assert!(!faults.is_empty(), "{text:?}");
    }
}

/// Pages of metrics, which RabbitMQ and our own services write.
pub(crate) fn metrics_pages(page: &[u8]) {
    for sample in prometheus_text::samples(&String::from_utf8_lossy(page)) {
        let (_, _) = (sample.label("queue"), sample.count());
    }
}
