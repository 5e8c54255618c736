//! How large polls are and on which days they are made, as it is known of Doodle: 5.9 people take part in a poll on average,
//! half of all polls have at most 5, one in a hundred more than 50, the largest some 10,000; most are made on Mondays.
//!
//! [`participants`] is the simplest quantile function with these four properties. What is between them is assumed.

/// Shares of a week's polls that are made on each day, Monday first. Only that Monday has the most is known.
pub const WEEKDAYS: [f64; 7] = [0.21, 0.19, 0.18, 0.16, 0.13, 0.05, 0.08];

/// Nobody has seen a larger poll.
pub const MOST_PARTICIPANTS: u32 = 10_000;

/// Half of all polls have at most so many participants.
const MEDIAN: f64 = 5.0;
/// 99 in a hundred polls have at most so many.
const PERCENTILE_99: f64 = 50.0;
/// Between the median and the 99th percentile sizes rise with this power: what makes the mean 5.9.
const RISE: f64 = 44.0;
/// One poll in a million has at least [`MOST_PARTICIPANTS`]: a Pareto distribution through this and the 99th percentile.
const TAIL: f64 = 1.738;

/// How many people take part in the poll that `share` of all polls are smaller than; `share` from 0 up to 1.
pub fn participants(share: f64) -> u32 {
    let size = if share < 0.5 {
        MEDIAN * share / 0.5
    } else if share < 0.99 {
        MEDIAN + (PERCENTILE_99 - MEDIAN) * ((share - 0.5) / 0.49).powf(RISE)
    } else {
        PERCENTILE_99 * (0.01 / (1.0 - share)).powf(1.0 / TAIL)
    };
    // From a number above 0; what does not fit is the most.
    (size.ceil() as u32).clamp(1, MOST_PARTICIPANTS)
}

/// The day, 0 for Monday, on which a poll is made before which `share` of the week's polls are.
pub fn weekday(share: f64) -> usize {
    let ends = WEEKDAYS.iter().scan(0.0, |sum, day| {
        *sum += day;
        Some(*sum)
    });
    ends.take(WEEKDAYS.len() - 1).filter(|end| *end <= share).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_what_is_known() {
        let count = 1_000_000;
        let sizes: Vec<u32> =
            (0..count).map(|poll| participants((f64::from(poll) + 0.5) / f64::from(count))).collect();
        let mean = sizes.iter().map(|size| f64::from(*size)).sum::<f64>() / f64::from(count);
        assert!((mean - 5.9).abs() < 0.1, "{mean}");
        assert_eq!(sizes[499_999], 5);
        assert_eq!(sizes[989_999], 50);
        assert_eq!(sizes[999_999], MOST_PARTICIPANTS);
        assert_eq!(sizes[0], 1);
        assert!(sizes.is_sorted());
    }

    #[test]
    fn most_polls_are_made_on_mondays() {
        assert!((WEEKDAYS.iter().sum::<f64>() - 1.0).abs() < 1e-9);
        assert!(WEEKDAYS[1..].iter().all(|day| *day < WEEKDAYS[0]));
        assert_eq!([0.0, 0.2, 0.22, 0.5, 0.93, 0.9999, 1.0].map(weekday), [0, 0, 1, 2, 6, 6, 6]);
    }
}
