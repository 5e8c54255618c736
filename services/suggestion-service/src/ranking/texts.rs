use domain::Reason;

/// A reason for somebody who may not see who it is about.
pub(super) fn anonymous(reason: &Reason) -> String {
    let people = |people: &[usize]| match people.len() {
        1 => "1 person".to_owned(),
        count => format!("{count} people"),
    };
    match reason {
        Reason::Everyone | Reason::Earliest => reason.text(|_| ""),
        Reason::AllRequired(required) => match required.len() {
            1 => "The one required person can come".to_owned(),
            count => format!("All {count} required people can come"),
        },
        Reason::Quorum { required, people, .. } => {
            format!("{} of a group of which {required} must come", people.len())
        }
        Reason::OnlyIfNeededOf(who) => format!("Only if needed: {}", people(who)),
        Reason::Without(who) => format!("Without {}", people(who)),
        Reason::ConflictOf(who) => format!("Something else by now in the calendar of {}", people(who)),
        Reason::OutsideWorkingHoursOf(who) => format!("Outside the working hours of {}", people(who)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_named() {
        let texts = [
            (Reason::Everyone, "Everyone can come"),
            (Reason::AllRequired(vec![0]), "The one required person can come"),
            (Reason::AllRequired(vec![0, 1]), "All 2 required people can come"),
            (
                Reason::Quorum { group: 0, required: 2, people: vec![1, 2, 3] },
                "3 of a group of which 2 must come",
            ),
            (Reason::Without(vec![4]), "Without 1 person"),
            (Reason::OnlyIfNeededOf(vec![4, 5]), "Only if needed: 2 people"),
        ];
        for (reason, expected) in texts {
            assert_eq!(anonymous(&reason), expected);
        }
    }
}
