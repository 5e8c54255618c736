//! What a year of many polls needs, computed from what requests cost.
//!
//! A pure function of rates and costs; `simulator capacity` prints what comes of those of docs/capacity.md.

/// Requests and mails a second.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rates {
    pub creations: f64,
    pub answers: f64,
    /// Looks at a poll: each reads the poll and asks whether its heat map is new.
    pub reads: f64,
    pub mails: f64,
}

impl Rates {
    /// Of this many polls in a second.
    ///
    /// The proportions are those of 32 creations, 190 answers and 4,000 reads.
    pub fn of_creations(creations: f64) -> Rates {
        let times = creations / PEAK_CREATIONS;
        Rates { creations, answers: 190.0 * times, reads: 4_000.0 * times, mails: MAILS_PER_POLL * creations }
    }
}

/// Polls a second at the peak of a year of [`POLLS_PER_YEAR`]: ten times the mean.
pub const PEAK_CREATIONS: f64 = 32.0;
pub const POLLS_PER_YEAR: f64 = 100e6;
/// Assumed: one for each of 5.9 participants when the poll is decided, and one for the organiser.
pub const MAILS_PER_POLL: f64 = 6.9;
/// People who take part in a poll.
pub const ANSWERS_PER_POLL: f64 = 5.9;

/// A program whose CPU is counted by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    Users,
    Availability,
    Worker,
    RabbitMq,
    Postgres,
}

pub const PARTS: [Part; 5] = [Part::Users, Part::Availability, Part::Worker, Part::RabbitMq, Part::Postgres];

impl Part {
    pub fn name(self) -> &'static str {
        match self {
            Part::Users => "user-service",
            Part::Availability => "availability-service",
            Part::Worker => "consumers of worker-service",
            Part::RabbitMq => "RabbitMQ",
            Part::Postgres => "PostgreSQL",
        }
    }

    /// Whether more of the same share its load. A PostgreSQL would have to be divided into shards, which W2Meet does not do.
    pub fn is_replicated(self) -> bool {
        !matches!(self, Part::RabbitMq | Part::Postgres)
    }
}

/// CPU milliseconds of one request or mail in one part, as docs/performance.md has them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Cost {
    pub part: Part,
    pub creation: f64,
    pub answer: f64,
    pub read: f64,
    pub mail: f64,
}

/// What a part needs at a rate.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Need {
    pub part: Part,
    /// Cores that are busy.
    pub cores: f64,
    /// Replicas, or shards, that are busy for no more than the given share.
    pub count: u32,
}

/// Cores and replicas of each part. A replica has `cores_each`, of which `busy` (0 to 1) may be used; of what is replicated
/// there are at least two, so that one may go.
pub fn needs(rates: Rates, costs: &[Cost], cores_each: impl Fn(Part) -> f64, busy: f64) -> Vec<Need> {
    let need = |cost: &Cost| {
        let millis = cost.creation * rates.creations
            + cost.answer * rates.answers
            + cost.read * rates.reads
            + cost.mail * rates.mails;
        let cores = millis / 1e3;
        let least = if cost.part.is_replicated() { 2 } else { 1 };
        let count = (cores / (cores_each(cost.part) * busy)).ceil() as u32;
        Need { part: cost.part, cores, count: count.max(least) }
    };
    costs.iter().map(need).collect()
}

/// Bytes on disk of a year of polls. `poll`, `participant` and `answer` are the bytes of a row with its share of the indices, and
/// a poll is kept for `days` (365 for a whole year).
pub fn stored_bytes(poll: f64, participant: f64, answer: f64, days: f64) -> f64 {
    POLLS_PER_YEAR * days / 365.0 * (poll + ANSWERS_PER_POLL * (participant + answer))
}

#[cfg(test)]
mod tests {
    use super::*;

    const COST: Cost = Cost { part: Part::Users, creation: 2.0, answer: 1.0, read: 0.25, mail: 0.5 };

    #[test]
    fn cores_are_the_sum_of_what_requests_cost() {
        let rates = Rates { creations: 100.0, answers: 300.0, reads: 4_000.0, mails: 1_000.0 };
        let [need] = needs(rates, &[COST], |_| 1.0, 0.5)[..] else { panic!("one part") };
        assert_eq!(need, Need { part: Part::Users, cores: 2.0, count: 4 });
    }

    #[test]
    fn two_replicas_are_the_least_and_one_store() {
        let rates = Rates::of_creations(0.0);
        let store = Cost { part: Part::Postgres, ..COST };
        let counts: Vec<u32> =
            needs(rates, &[COST, store], |_| 1.0, 0.7).iter().map(|need| need.count).collect();
        assert_eq!(counts, [2, 1]);
    }

    #[test]
    fn the_peak_is_what_it_is_said_to_be() {
        let peak = Rates::of_creations(PEAK_CREATIONS);
        assert_eq!((peak.answers, peak.reads), (190.0, 4_000.0));
        // A tenth of it is the mean.
        assert!((POLLS_PER_YEAR / (365.0 * 86_400.0) * 10.0 - PEAK_CREATIONS).abs() < 0.5);
    }

    #[test]
    fn a_poll_takes_its_participants_along() {
        assert_eq!(stored_bytes(1_000.0, 100.0, 100.0, 365.0), 100e6 * (1_000.0 + 5.9 * 200.0));
        assert_eq!(stored_bytes(1_000.0, 0.0, 0.0, 36.5), 1e10);
    }
}
