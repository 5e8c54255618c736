use uuid::Uuid;

const WRITING: &str = "writing:";

/// What stands in a person's fence: nothing, `writing:` with a writer's id, or `done:` with a new one.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Token(String);

impl Token {
    /// There is none: nobody has written of late.
    pub(crate) fn none() -> Token {
        Token(String::new())
    }

    /// A fence of a writer's own.
    pub(crate) fn writing() -> Token {
        Token(format!("{WRITING}{}", Uuid::new_v4().simple()))
    }

    /// The trace of a writer that has finished.
    pub(crate) fn done() -> Token {
        Token(format!("done:{}", Uuid::new_v4().simple()))
    }

    /// The token of a text from the cache.
    pub(crate) fn found(text: Option<String>) -> Token {
        Token(text.unwrap_or_default())
    }

    /// Whether somebody is writing: what a reader finds now may change before it comes back.
    pub(crate) fn is_writing(&self) -> bool {
        self.0.starts_with(WRITING)
    }

    /// Its text, empty when there is none.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}
