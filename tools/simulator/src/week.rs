//! A week of a year of many polls: the mails that workers send, and the CPU that replicas use.

use std::time::Duration;

use people::proportions::WEEKDAYS;

use crate::capacity::{Cost, PEAK_CREATIONS, POLLS_PER_YEAR, Part, Rates, needs};
use crate::hpa::{Hpa, Target};
use crate::trace::{Second, Trace};

const HOUR: usize = 3_600;
const DAY: usize = 24 * HOUR;
const WEEK: usize = 7 * DAY;
/// Shares of a day's polls that are made in each hour. Assumed: an office's day in one time zone.
const HOURS: [f64; 24] = [
    0.005, 0.003, 0.002, 0.002, 0.003, 0.008, 0.02, 0.045, 0.08, 0.1, 0.1, 0.085, 0.06, 0.075, 0.085, 0.08,
    0.065, 0.045, 0.035, 0.03, 0.027, 0.022, 0.015, 0.008,
];
/// The second of the week from which on the peak lasts: Monday, 10:00.
const PEAK_FROM: usize = 10 * HOUR;
const PEAK_FOR: usize = HOUR / 4;
/// Assumed: how long a mail server on the internet takes for a mail.
const MAIL: Duration = Duration::from_millis(500);

/// Polls made a second, on average, in this second of a week from Monday 0:00 on.
pub fn creations(second: usize) -> f64 {
    if (PEAK_FROM..PEAK_FROM + PEAK_FOR).contains(&second) {
        return PEAK_CREATIONS;
    }
    let (day, hour) = (second / DAY % 7, second % DAY / HOUR);
    POLLS_PER_YEAR * 7.0 / 365.0 * WEEKDAYS[day] * HOURS[hour] / HOUR as f64
}

/// The mails of the week, each taking half a second of a worker that waits for the mail server.
pub fn week_of_mails() -> Trace {
    let second = |second| Second {
        publishes: Rates::of_creations(creations(second)).mails,
        service: MAIL,
        poison: 0.0,
        mails: 0.0,
    };
    Trace {
        name: "week".to_owned(),
        about: "The mails of a week of a year of 100 million polls.".to_owned(),
        seconds: (0..WEEK).map(second).collect(),
        exact: false,
        spread: 0.5,
        hint: MAIL,
        outages: Vec::new(),
    }
}

/// What an HPA on CPU does over the week.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct HpaWeek {
    pub most: u32,
    pub replica_hours: f64,
    /// Percentage of the time in which pods use more than they request, all together.
    pub over_percent: f64,
}

/// Replicas by the HPA's rule with its default behaviour, at 70 % of a request of `request` millicores, from `min` to `max`; what
/// is asked for is there at once, and the pods use what the load takes, however few they are.
pub fn hpa_week(part: Part, costs: &[Cost], request: u32, min: u32, max: u32) -> HpaWeek {
    let sync = Hpa::SYNC.as_secs() as usize;
    let mut hpa = Hpa::new(request * 7 / 10, min, max);
    let mut week = HpaWeek { most: 0, replica_hours: 0.0, over_percent: 0.0 };
    let mut replicas = min;
    for second in (0..WEEK).step_by(sync) {
        let needs = needs(Rates::of_creations(creations(second)), costs, |_| 1.0, 1.0);
        let cores = needs.iter().find(|need| need.part == part).map_or(0.0, |need| need.cores);
        if cores * 1e3 > f64::from(replicas * request) {
            week.over_percent += 100.0 * sync as f64 / WEEK as f64;
        }
        let target = Target { spec: replicas, status: replicas };
        replicas = hpa.sync(Duration::from_secs(second as u64), target, Some((cores * 1e3) as u64));
        week.most = week.most.max(replicas);
        week.replica_hours += f64::from(replicas) * sync as f64 / HOUR as f64;
    }
    week
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_week_has_its_share_of_the_year_and_the_peak() {
        assert!((HOURS.iter().sum::<f64>() - 1.0).abs() < 1e-9);
        let polls: f64 = (0..WEEK).map(creations).sum();
        let of_year = POLLS_PER_YEAR * 7.0 / 365.0;
        assert!((1.0..1.02).contains(&(polls / of_year)), "{polls}");
        assert_eq!(creations(PEAK_FROM), PEAK_CREATIONS);
        // Nothing else comes near it; Monday is the busiest day at each hour.
        let beside = (0..WEEK).filter(|second| creations(*second) < PEAK_CREATIONS).map(creations);
        assert!(beside.fold(0.0, f64::max) < PEAK_CREATIONS / 2.0);
        assert!((1..7).all(|day| creations(day * DAY + 9 * HOUR) < creations(9 * HOUR)));
    }

    #[test]
    fn an_hpa_that_may_follow_the_load_does_and_another_stays_below_it() {
        let cost = Cost { part: Part::Users, creation: 1.0, answer: 1.0, read: 0.25, mail: 0.0 };
        let enough = hpa_week(Part::Users, &[cost], 500, 2, 12);
        // 1.222 cores at the peak over 0.35 each.
        assert_eq!(enough.most, 4);
        assert_eq!(enough.over_percent.round(), 0.0);
        let few = hpa_week(Part::Users, &[cost], 50, 2, 6);
        assert_eq!(few.most, 6);
        assert!(few.over_percent > 10.0 && few.replica_hours < 6.0 * 168.0);
    }
}
