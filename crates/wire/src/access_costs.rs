use crate::AccessRule;

/// How much work an operation is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cost {
    /// None to speak of; and it has to be answered.
    Free,
    /// A look into a cache, or at a few rows.
    Read,
    /// A transaction.
    Change,
    /// A computation, many rows, or a job.
    Long,
}

/// The operations that are more work than others of their method.
const LONG: &[(&str, &str)] = &[
    ("GET", "/users/user-avail/cache-aside"),
    ("POST", "/users/calendars/read"),
    ("PUT", "/users/users/{email}/calendars/{name}"),
    ("GET", "/users/account/export"),
    ("GET", "/users/accounts/{email}/export"),
    ("GET", "/users/polls/{id}/export"),
    ("GET", "/users/polls/{id}/export.csv"),
    ("GET", "/users/polls/{id}/export.json"),
    ("GET", "/availability/availabilities"),
    ("POST", "/availability/availabilities"),
    ("POST", "/availability/freebusy"),
    ("GET", "/availability/polls/{id}/heatmap"),
    ("GET", "/suggestion/suggestions"),
    ("POST", "/suggestion/suggestions"),
    ("POST", "/suggestion/find-times"),
    ("POST", "/suggestion/polls/{id}/suggestions"),
    ("POST", "/worker/tasks"),
    ("GET", "/worker/account/export"),
    ("GET", "/worker/accounts/{email}/export"),
];

impl AccessRule {
    /// How much work it is.
    pub fn cost(&self) -> Cost {
        match self.method {
            method if LONG.contains(&(method, self.path)) => Cost::Long,
            "GET" if self.path.ends_with("/health") => Cost::Free,
            "GET" => Cost::Read,
            _ => Cost::Change,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ACCESS_RULES;

    #[test]
    fn what_takes_long_is_an_operation() {
        for (method, path) in LONG {
            let rule = ACCESS_RULES.iter().find(|rule| (rule.method, rule.path) == (*method, *path));
            assert_eq!(rule.map(AccessRule::cost), Some(Cost::Long), "{method} {path}");
        }
    }
}
