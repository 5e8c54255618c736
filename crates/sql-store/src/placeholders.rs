use std::fmt;

/// The list of placeholders for `IN (…)`, or of rows of them for `VALUES …`. Its length is the next power of two, so that the lengths of a few lists make
/// a few statements to prepare; the places past the end are bound to the last value once more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Placeholders {
    first: usize,
    count: usize,
}

impl Placeholders {
    /// Placeholders for `values` values (at least one), of which the first is `$first`.
    pub fn new(first: usize, values: usize) -> Placeholders {
        Placeholders { first, count: values.max(1).next_power_of_two() }
    }

    /// `($1,$2),($3,$4)` for rows of two columns: each of the values is a row.
    pub fn rows(&self, columns: usize) -> String {
        let row = |n: usize| Placeholders { first: self.first + n * columns, count: columns };
        (0..self.count).map(|n| format!("({})", row(n))).collect::<Vec<_>>().join(",")
    }

    /// `values` with the last one repeated up to the length of the list. Nothing comes from nothing.
    pub fn pad<'a, T>(&self, values: &'a [T]) -> impl Iterator<Item = &'a T> + use<'a, T> {
        values.iter().chain(values.last().into_iter().cycle()).take(self.count)
    }
}

impl fmt::Display for Placeholders {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "${}", self.first)?;
        (self.first + 1..self.first + self.count).try_for_each(|number| write!(f, ",${number}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_padded_to_a_power_of_two() {
        let three = Placeholders::new(2, 3);
        assert_eq!(three.to_string(), "$2,$3,$4,$5");
        assert_eq!(three.pad(&["a", "b", "c"]).collect::<Vec<_>>(), [&"a", &"b", &"c", &"c"]);
        assert_eq!(three.rows(2), "($2,$3),($4,$5),($6,$7),($8,$9)");
        assert_eq!(Placeholders::new(1, 1).to_string(), "$1");
        assert_eq!(Placeholders::new(1, 1).rows(3), "($1,$2,$3)");
        assert_eq!(Placeholders::new(1, 0).pad::<u8>(&[]).next(), None);
        assert_eq!(Placeholders::new(1, 100).pad(&[0; 100]).count(), 128);
    }
}
