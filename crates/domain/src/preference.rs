/// Which of the shared hours a person would rather have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Preference {
    /// The earliest in the week.
    #[default]
    First,
    /// The latest in the week.
    Last,
    /// Any, with equal chances.
    Random,
}

impl Preference {
    /// Every preference, in the order in which messages list them.
    pub const ALL: [Preference; 3] = [Preference::First, Preference::Last, Preference::Random];

    /// Its name on the wire: `first`, `last` or `random`.
    pub fn name(self) -> &'static str {
        match self {
            Preference::First => "first",
            Preference::Last => "last",
            Preference::Random => "random",
        }
    }

    /// The preference of that exact name.
    pub fn from_name(name: &str) -> Option<Preference> {
        Self::ALL.into_iter().find(|preference| preference.name() == name)
    }
}
