use std::iter;

/// ValueRows for `VALUES`, as many as the next power of two, so that a few lengths make a few statements to prepare. The
/// last row stands there again until the list is full, which has to mean the same as standing there once.
#[derive(Clone, Copy, Debug)]
pub(super) struct ValueRows<'a, T> {
    rows: &'a [T],
    count: usize,
}

impl<'a, T> ValueRows<'a, T> {
    /// The list of these rows, at least one.
    pub(super) fn of(rows: &'a [T]) -> ValueRows<'a, T> {
        ValueRows { rows, count: rows.len().next_power_of_two() }
    }

    /// `($1,$2),($3,$4)` for rows of two columns.
    pub(super) fn placeholders(&self, columns: usize) -> String {
        let row = |n: usize| {
            let numbers: Vec<String> =
                (1..=columns).map(|column| format!("${}", n * columns + column)).collect();
            format!("({})", numbers.join(","))
        };
        (0..self.count).map(row).collect::<Vec<_>>().join(",")
    }

    /// The rows, the last one again and again up to the length of the list.
    pub(super) fn iter(&self) -> impl Iterator<Item = &'a T> + use<'a, T> {
        self.rows.iter().chain(iter::repeat(self.rows.last()).flatten()).take(self.count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_filled_up_to_a_power_of_two() {
        let three = ValueRows::of(&["a", "b", "c"]);
        assert_eq!(three.placeholders(2), "($1,$2),($3,$4),($5,$6),($7,$8)");
        assert_eq!(three.iter().collect::<Vec<_>>(), [&"a", &"b", &"c", &"c"]);
        assert_eq!(ValueRows::of(&[0]).placeholders(3), "($1,$2,$3)");
        assert_eq!(ValueRows::of(&[0; 33]).iter().count(), 64);
    }
}
