//! Reading when somebody is busy in twelve weeks by a calendar of 10,000 events, 500 of which recur; beside calcard's
//! parser alone.

#[path = "../../../tools/bench/src/calendars/file.rs"]
mod file;

use std::hint::black_box;

use calcard::Parser;
use criterion::{Criterion, criterion_group, criterion_main};
use domain::Zone;
use user_service::busy_times;
use wire::Range;

fn reading(criterion: &mut Criterion) {
    let (text, zone) = (file::calendar(), Zone::parse("Europe/Berlin").unwrap_or(Zone::utc()));
    let at = |text: &str| text.parse().unwrap_or_default();
    let within = Range { start: at("2027-01-04T00:00:00Z"), end: at("2027-03-29T00:00:00Z") };
    let mut group = criterion.benchmark_group("calendar");
    group.sample_size(20);
    let events = file::EVENTS;
    group.bench_function(
        format!("busy times of {events} events, {} of which recur", file::RECURRING),
        |bencher| {
            bencher.iter(|| busy_times(black_box(text.as_bytes()), zone.clone(), within));
        },
    );
    group.bench_function(format!("calcard's parser alone on {events} events"), |bencher| {
        bencher.iter(|| Parser::new(black_box(&text)).entry());
    });
    group.finish();
}

criterion_group!(benches, reading);
criterion_main!(benches);
