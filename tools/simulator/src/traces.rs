//! The traces of the comparison.

use std::f64::consts::TAU;
use std::time::Duration;

use crate::recorded::parse_trace;
use crate::trace::{Second, Trace};

/// Publishes per second as `scripts/record-queue.sh` has recorded them from a RabbitMQ.
pub const RECORDED: &str = include_str!("../traces/recorded.csv");

/// Workers are not needed any more for this long at the end, so that the way down counts too.
const TAIL: usize = 900;

/// All traces of the comparison, the recorded one last.
pub fn all() -> anyhow::Result<Vec<Trace>> {
    let mut traces = vec![
        step(),
        burst(),
        diurnal(),
        on_off(),
        slow_workers(),
        outage(),
        long_jobs(),
        poison(),
        poison_flood(),
        mails(),
    ];
    traces.push(recorded()?);
    Ok(traces)
}

/// Jobs of 1 s on average, published at a rate (per second) that depends on the second.
fn short(name: &str, about: &str, length: usize, rate: impl Fn(usize) -> f64) -> Trace {
    let second = |publishes| Second { publishes, service: Duration::from_secs(1), poison: 0.0, mails: 0.0 };
    let mut seconds: Vec<Second> = (0..length).map(|time| second(rate(time))).collect();
    seconds.resize(length + TAIL, second(0.0));
    Trace {
        name: name.to_owned(),
        about: about.to_owned(),
        seconds,
        exact: false,
        spread: 0.5,
        hint: Duration::from_secs(1),
        outages: Vec::new(),
    }
}

fn step() -> Trace {
    let about = "2 messages a second, from minute 10 on 10, from minute 30 on 2, nothing from minute 40 on.";
    short("step", about, 2400, |time| if (600..1800).contains(&time) { 10.0 } else { 2.0 })
}

fn burst() -> Trace {
    let about = "1 message in 2 seconds, and 500 at once in minutes 5, 20 and 35.";
    short("burst", about, 2700, |time| if [300, 1200, 2100].contains(&time) { 500.0 } else { 0.5 })
}

fn diurnal() -> Trace {
    let about = "A day in two hours: from nothing to 8 messages a second and back along a cosine.";
    short("diurnal", about, 7200, |time| 4.0 * (1.0 - (TAU * time as f64 / 7200.0).cos()))
}

fn on_off() -> Trace {
    let about = "6 messages a second for 5 minutes, then nothing for 10, four times.";
    short("on-off", about, 3600, |time| if time % 900 < 300 { 6.0 } else { 0.0 })
}

fn slow_workers() -> Trace {
    let about = "4 messages a second; from minute 20 to minute 40 each job takes twice as long.";
    let mut trace = short("slow-workers", about, 3000, |_| 4.0);
    trace.seconds[1200..2400].iter_mut().for_each(|second| second.service *= 2);
    trace
}

fn outage() -> Trace {
    let about = "4 messages a second; the broker answers no question from minute 20 to minute 25, and the rate falls to \
                 1 within that time and is 4 again from minute 30 on.";
    let mut trace = short("outage", about, 2700, |time| if (1350..1800).contains(&time) { 1.0 } else { 4.0 });
    trace.outages.push(Duration::from_secs(1200)..Duration::from_secs(1500));
    trace
}

fn long_jobs() -> Trace {
    let about = "One job of 10 minutes each minute for an hour, two each minute in the second hour, one again in the third.";
    let service = Duration::from_secs(600);
    let mut trace =
        short(
            "long-jobs",
            about,
            10800,
            |time| {
                if (3600..7200).contains(&time) { 2.0 / 60.0 } else { 1.0 / 60.0 }
            },
        );
    trace.seconds.iter_mut().for_each(|second| second.service = service);
    Trace { spread: 0.1, hint: service, ..trace }
}

fn poison() -> Trace {
    let about = "2 messages a second; in minutes 15 to 20 each second brings another one that no worker can do: it \
                 fails after 0.2 s and is given back, until the broker gives it up after 20 returns.";
    let mut trace = short("poison", about, 2700, |_| 2.0);
    trace.seconds[900..1200].iter_mut().for_each(|second| second.poison = 1.0);
    trace
}

fn poison_flood() -> Trace {
    let about =
        "The same, but in minutes 15 to 25 there are only such messages, one a second, and no good ones.";
    let mut trace =
        short("poison-flood", about, 2700, |time| if (900..1500).contains(&time) { 0.0 } else { 2.0 });
    trace.seconds[900..1500].iter_mut().for_each(|second| second.poison = 1.0);
    trace
}

fn mails() -> Trace {
    let about = "2 messages a second; in minutes 10 and 25 come 10,000 mails besides, which take 20 ms each and have a lower \
                 priority. The waits are those of the messages.";
    let mut trace = short("mails", about, 2700, |_| 2.0);
    for time in [600, 1500] {
        trace.seconds[time].mails = 10_000.0;
    }
    trace
}

fn recorded() -> anyhow::Result<Trace> {
    let service = Duration::from_secs(1);
    let mut trace = parse_trace("recorded", RECORDED, service)?;
    let quiet = Second { publishes: 0.0, service, poison: 0.0, mails: 0.0 };
    trace.seconds.resize(trace.seconds.len() + TAIL, quiet);
    let about = "What a RabbitMQ got from a bursty publisher, second by second.".to_owned();
    Ok(Trace { about, spread: 0.5, ..trace })
}
