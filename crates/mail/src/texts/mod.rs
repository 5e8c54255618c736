//! What mails say, in each language: a file for each.

mod de;
mod en;

use wire::Language;

/// Declares the texts that every language has to have.
macro_rules! texts {
    ($($(#[doc = $doc:literal])* $name:ident,)+) => {
        /// The texts of a language. What stands in braces is filled in.
        pub(crate) struct Texts {
            /// From Monday.
            pub(crate) weekdays: [&'static str; 7],
            /// From January.
            pub(crate) months: [&'static str; 12],
            $($(#[doc = $doc])* pub(crate) $name: &'static str,)+
        }

        #[cfg(test)]
        impl Texts {
            /// Each with its name.
            pub(crate) fn all(&self) -> Vec<(&'static str, &'static str)> {
                vec![$((stringify!($name), self.$name),)+]
            }
        }
    };
}

texts! {
    /// A date: `{weekday}`, `{day}`, `{month}`, `{year}`.
    date,
    /// A time of that zone: `{date}`, `{time}`, `{zone}`.
    instant,
    /// A time on one day: `{date}`, `{from}`, `{to}`, `{zone}`.
    range,
    /// A time over more than one day: `{from_date}`, `{from}`, `{to_date}`, `{to}`, `{zone}`.
    long_range,
    /// A time that repeats every week: `{range}`.
    weekly,
    /// `{name}`.
    greeting,
    greeting_without_name,
    place,
    time,
    deadline,
    invitation_subject,
    invitation_text,
    invitation_own_link,
    invitation_action,
    reminder_subject,
    reminder_text,
    reminder_action,
    everybody_answered_subject,
    /// `{count}`.
    everybody_answered_text,
    everybody_answered_action,
    settled_subject,
    settled_text,
    decided_subject,
    decided_text,
    decided_action,
    decided_calendar,
    request_subject,
    update_subject,
    request_text,
    request_answer,
    request_action,
    cancel_subject,
    cancel_text,
    cancel_action,
    proposal,
    /// `{name}`, as all that tells of an answer.
    accepted_subject,
    accepted_text,
    declined_subject,
    declined_text,
    tentative_subject,
    tentative_text,
    proposed_subject,
    proposed_text,
    replied_action,
    proposal_declined_subject,
    proposal_declined_text,
    sign_in_subject,
    /// `{minutes}`.
    sign_in_text,
    sign_in_warning,
    sign_in_action,
    /// Why somebody gets a mail to sign in with.
    sign_in_footer,
    /// Why somebody gets a mail about a poll.
    footer,
    unsubscribe,
}

/// The texts of a language.
pub(crate) fn texts(language: Language) -> &'static Texts {
    match language {
        Language::En => &en::TEXTS,
        Language::De => &de::TEXTS,
    }
}

/// The text with values for what stands in braces. What the values say is not looked at again.
pub(crate) fn fill(text: &str, values: &[(&str, &str)]) -> String {
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        filled.push_str(before);
        let Some((name, after)) = after.split_once('}') else {
            filled.push('{');
            rest = after;
            continue;
        };
        if let Some((_, value)) = values.iter().find(|(known, _)| *known == name) {
            filled.push_str(value);
        }
        rest = after;
    }
    filled.push_str(rest);
    filled
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn places(text: &str) -> BTreeSet<&str> {
        text.split('{').skip(1).filter_map(|part| Some(part.split_once('}')?.0)).collect()
    }

    #[test]
    fn no_language_lacks_a_text_or_a_place_in_one() {
        for language in Language::ALL {
            let (english, other) = (texts(Language::En).all(), texts(language).all());
            for ((name, english), (_, text)) in english.into_iter().zip(other) {
                assert!(!text.trim().is_empty(), "{name} of {}", language.tag());
                assert_eq!(places(text), places(english), "{name} of {}", language.tag());
                assert_eq!(text.matches('{').count(), text.matches('}').count(), "{name}");
            }
            let (weekdays, months) = (texts(language).weekdays, texts(language).months);
            assert_eq!(BTreeSet::from(weekdays).len(), 7);
            assert_eq!(BTreeSet::from(months).len(), 12);
        }
    }

    #[test]
    fn languages_say_the_same_in_their_own_words() {
        let (english, german) = (texts(Language::En).all(), texts(Language::De).all());
        let same: Vec<_> = english.iter().zip(&german).filter(|(one, other)| one == other).collect();
        // What has no words.
        assert!(same.iter().all(|((name, _), _)| ["long_range"].contains(name)), "{same:?}");
    }

    #[test]
    fn a_value_is_not_filled_in_again() {
        let text = fill("{a} and {b}, {c}", &[("a", "{b}"), ("b", "x")]);
        assert_eq!(text, "{b} and x, ");
        assert_eq!(fill("open { brace", &[]), "open { brace");
    }
}
