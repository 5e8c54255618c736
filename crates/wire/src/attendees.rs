use crate::{Fault, GroupAvailabilityRequest, Loc, Query};

/// The code of somebody who is unknown.
const NOT_FOUND: &str = "not_found";

/// Whom a question about shared time is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Attendees {
    /// Two people, by `userId1` and `userId2`.
    Pair([String; 2]),
    /// 2 to 100 people.
    Group(Group),
}

/// A group, and how its question named it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    people: GroupAvailabilityRequest,
    place: [&'static str; 2],
}

impl Attendees {
    /// Most people in one question.
    pub const MAX: usize = 100;

    /// Reads them from the query: `userId1` and `userId2`, or `userId` repeatedly; `None` when a fault was noted.
    pub fn parse(query: &mut Query) -> Option<Attendees> {
        let group = query.all("userId");
        if group.is_empty() {
            let (first, second) = (query.required("userId1"), query.required("userId2"));
            return Some(Attendees::Pair([first?, second?]));
        }
        if query.optional("userId1").or_else(|| query.optional("userId2")).is_some() {
            query.fault("userId", "value_error", "Use either userId1 and userId2, or userId for everybody");
            None
        } else if (2..=Self::MAX).contains(&group.len()) {
            let people = GroupAvailabilityRequest { user_ids: group };
            Some(Attendees::Group(Group { people, place: ["query", "userId"] }))
        } else {
            let msg = format!("Give userId 2 to {} times; it came {} times", Self::MAX, group.len());
            query.fault("userId", "value_error", msg);
            None
        }
    }

    /// A group from the `userIds` of a body.
    pub fn from_body(people: GroupAvailabilityRequest) -> Attendees {
        Attendees::Group(Group { people, place: ["body", "userIds"] })
    }

    /// Their addresses, in the order given.
    pub fn ids(&self) -> &[String] {
        match self {
            Attendees::Pair(pair) => pair,
            Attendees::Group(group) => &group.people.user_ids,
        }
    }

    /// What the reply says when those at these positions are unknown: of a pair in the words of the contract, of a group
    /// who it is.
    pub fn not_found(&self, unknown: impl IntoIterator<Item = usize>) -> Vec<Fault> {
        let Attendees::Group(group) = self else {
            return vec![Fault { code: NOT_FOUND, ..Fault::http("One or both users not found") }];
        };
        let named = unknown.into_iter().filter_map(|index| {
            let msg = format!("User {} not found", group.people.user_ids.get(index)?);
            let [place, field] = group.place.map(Loc::from);
            let fault = Fault::new([place, field, index.into()], "value_error", msg);
            Some(Fault { code: NOT_FOUND, ..fault })
        });
        named.collect()
    }
}

impl Group {
    /// The same question, to be passed on.
    pub fn people(&self) -> &GroupAvailabilityRequest {
        &self.people
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn parse(raw: &str) -> Result<Attendees, Vec<String>> {
        let mut query = Query::parse(Some(raw));
        let attendees = Attendees::parse(&mut query);
        query.finish(attendees).map_err(|faults| {
            faults
                .iter()
                .map(|fault| serde_json::to_string(&(&fault.loc[1], fault.r#type)).unwrap())
                .collect()
        })
    }

    #[test]
    fn reads_a_pair_or_a_group() {
        assert_eq!(parse("userId2=b&userId1=a").unwrap(), Attendees::Pair(["a".into(), "b".into()]));
        let group = parse("userId=a&userId=b&userId=a").unwrap();
        assert_eq!(group.ids(), ["a", "b", "a"]);
    }

    #[test]
    fn names_who_is_missing_repeated_or_too_many() {
        assert_eq!(parse("userId2=b").unwrap_err(), [r#"["userId1","missing"]"#]);
        assert_eq!(parse("").unwrap_err(), [r#"["userId1","missing"]"#, r#"["userId2","missing"]"#]);
        assert_eq!(parse("userId1=a&userId2=b&userId2=c").unwrap_err(), [r#"["userId2","value_error"]"#]);
        for bad in ["userId=a", "userId=a&userId=b&userId1=c", &"userId=a&".repeat(101)] {
            assert_eq!(parse(bad).unwrap_err(), [r#"["userId","value_error"]"#], "{bad}");
        }
    }

    #[test]
    fn says_who_of_a_group_is_unknown_and_where_it_was_asked_for() {
        let shown = |faults: Vec<Fault>| json!(faults.iter().map(|f| (&f.loc, &f.msg)).collect::<Vec<_>>());
        let body = GroupAvailabilityRequest { user_ids: vec!["a".to_owned(), "b".to_owned()] };
        for (attendees, place, field) in [
            (parse("userId=a&userId=b").unwrap(), "query", "userId"),
            (Attendees::from_body(body), "body", "userIds"),
        ] {
            let expected = json!([[[place, field, 1], "User b not found"]]);
            assert_eq!(shown(attendees.not_found([1, 7])), expected);
        }
        let pair = parse("userId1=a&userId2=b").unwrap();
        assert_eq!(pair.not_found([0])[0].code, "not_found");
        assert_eq!(shown(pair.not_found([0])), json!([[["internal"], "One or both users not found"]]));
    }
}
