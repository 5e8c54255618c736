use uuid::Uuid;

const WRITING: &str = "writing:";

/// A writer's own mark, which stands in the place of a person's token from before the commit until after it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fence(String);

impl Fence {
    /// One that nobody else has.
    pub(crate) fn new() -> Fence {
        Fence(format!("{WRITING}{}", Uuid::new_v4().simple()))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

/// A person's token as a reader found it, or made it where there was none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Token {
    pub(super) text: String,
    /// The number of the connection to Redis from which it came. The server behind another connection may have lost
    /// the changes of a token, so there it is good for nothing.
    pub(super) connection: u64,
}

impl Token {
    /// The text of a token that nobody has had before. A writer who drops a token, or time that ends its life, can
    /// therefore not bring back an earlier one.
    pub(super) fn fresh() -> String {
        format!("reading:{}", Uuid::new_v4().simple())
    }

    /// Whether it is a writer's fence: what a reader finds now may change before it comes back.
    pub(crate) fn is_fence(&self) -> bool {
        Token::is_writing(&self.text)
    }

    pub(super) fn is_writing(text: &str) -> bool {
        text.starts_with(WRITING)
    }
}
