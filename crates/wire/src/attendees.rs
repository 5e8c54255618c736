use crate::Query;

/// Whom a question about shared time is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Attendees {
    /// Two people, by `userId1` and `userId2`.
    Pair([String; 2]),
    /// 2 to 100 people, by repeated `userId`.
    Group(Vec<String>),
}

impl Attendees {
    /// Most people in one question.
    pub const MAX: usize = 100;

    /// Reads them from the query; `None` when a fault was noted.
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
            Some(Attendees::Group(group))
        } else {
            let msg = format!("Give userId 2 to {} times; it came {} times", Self::MAX, group.len());
            query.fault("userId", "value_error", msg);
            None
        }
    }

    /// Their addresses, in the order given.
    pub fn ids(&self) -> &[String] {
        match self {
            Attendees::Pair(pair) => pair,
            Attendees::Group(group) => group,
        }
    }

    /// What the reply says when somebody is unknown.
    pub fn not_found(&self) -> &'static str {
        match self {
            Attendees::Pair(_) => "One or both users not found",
            Attendees::Group(_) => "One or more users not found",
        }
    }

    /// The same question's query, to be passed on.
    pub fn parameters(&self) -> Vec<(&'static str, &str)> {
        match self {
            Attendees::Pair([first, second]) => vec![("userId1", first), ("userId2", second)],
            Attendees::Group(group) => group.iter().map(|id| ("userId", id.as_str())).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
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
    fn reads_a_pair_or_a_group_and_passes_it_on() {
        let pair = parse("userId2=b&userId1=a").unwrap();
        assert_eq!(pair.parameters(), [("userId1", "a"), ("userId2", "b")]);
        let group = parse("userId=a&userId=b&userId=a").unwrap();
        assert_eq!(group.ids(), ["a", "b", "a"]);
        assert_eq!(group.parameters()[1], ("userId", "b"));
    }

    #[test]
    fn names_who_is_missing_or_too_many() {
        assert_eq!(parse("userId2=b").unwrap_err(), [r#"["userId1","missing"]"#]);
        assert_eq!(parse("").unwrap_err(), [r#"["userId1","missing"]"#, r#"["userId2","missing"]"#]);
        for bad in ["userId=a", "userId=a&userId=b&userId1=c", &"userId=a&".repeat(101)] {
            assert_eq!(parse(bad).unwrap_err(), [r#"["userId","value_error"]"#], "{bad}");
        }
    }
}
