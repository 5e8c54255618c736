use super::bits::{and, and_not, or};

/// How many bitmaps go in at once.
const GROUP: usize = 4;

/// For each slot, how many of the bitmaps have it.
///
/// It counts vertically and by carry-save: four bitmaps of one weight go into the two bits of that weight, and what those
/// cannot hold is one bitmap of four times the weight, which waits for three others of its kind. So nearly all work is
/// done at the lowest weights, on a few bitmaps that stay in the first cache, and by loops without a branch.
pub(crate) struct Counter {
    words: usize,
    levels: Vec<Level>,
}

/// Two bits of the counts.
struct Level {
    low: Vec<u64>,
    high: Vec<u64>,
    /// Bitmap after bitmap, each of the weight of the low bit.
    waiting: Vec<u64>,
    filled: usize,
}

impl Counter {
    /// For bitmaps of so many words, and at most so many of them.
    pub(crate) fn new(words: usize, most: usize) -> Counter {
        let bits = (usize::BITS - most.leading_zeros()) as usize;
        let levels = (0..bits.div_ceil(2).max(1)).map(|_| Level::new(words));
        Counter { words, levels: levels.collect() }
    }

    /// Counts the bitmap that is written to the words.
    pub(crate) fn add(&mut self, write: impl FnOnce(&mut [u64])) -> &[u64] {
        if self.levels[0].filled == GROUP {
            self.add_up(0);
        }
        let level = &mut self.levels[0];
        let row = &mut level.waiting[level.filled * self.words..][..self.words];
        level.filled += 1;
        write(row);
        row
    }

    /// Ends the counting.
    pub(crate) fn done(mut self) -> Counts {
        for level in 0..self.levels.len() {
            self.add_up(level);
        }
        let bits = self.levels.into_iter().flat_map(|level| [level.low, level.high]).collect();
        Counts { words: self.words, bits }
    }

    /// Adds what waits at a level to its bits. There is no more to count than the last level can hold.
    fn add_up(&mut self, index: usize) {
        if self.levels.get(index + 1).is_some_and(|next| next.filled == GROUP) {
            self.add_up(index + 1);
        }
        let (levels, above) = self.levels.split_at_mut(index + 1);
        let mut last = Vec::new();
        let carry = match above.first_mut() {
            Some(next) => {
                next.filled += 1;
                &mut next.waiting[(next.filled - 1) * self.words..][..self.words]
            }
            None => {
                last.resize(self.words, 0);
                &mut last
            }
        };
        levels[index].add_up(carry);
    }
}

impl Level {
    fn new(words: usize) -> Level {
        Level { low: vec![0; words], high: vec![0; words], waiting: vec![0; words * GROUP], filled: 0 }
    }

    /// Adds what waits, and writes what is too much for two bits.
    fn add_up(&mut self, carry: &mut [u64]) {
        let words = self.low.len();
        self.waiting[self.filled * words..].fill(0);
        self.filled = 0;
        let (first, rest) = self.waiting.split_at(words);
        let (second, rest) = rest.split_at(words);
        let (third, fourth) = rest.split_at(words);
        add_four(&mut self.low, &mut self.high, carry, [first, second, third, fourth]);
    }
}

/// Adds four bitmaps to two bits of counts, by carry-save adders.
fn add_four(low: &mut [u64], high: &mut [u64], carry: &mut [u64], rows: [&[u64]; GROUP]) {
    let words = low.len();
    let (high, carry) = (&mut high[..words], &mut carry[..words]);
    let rows = rows.map(|row| &row[..words]);
    for word in 0..words {
        let (ones, one_two) = full_add(low[word], rows[0][word], rows[1][word]);
        let (ones, two_twos) = full_add(ones, rows[2][word], rows[3][word]);
        low[word] = ones;
        (high[word], carry[word]) = full_add(high[word], one_two, two_twos);
    }
}

/// The sum of three bits, in two; of 64 at once.
#[inline]
fn full_add(a: u64, b: u64, c: u64) -> (u64, u64) {
    let either = a ^ b;
    (either ^ c, (a & b) | (either & c))
}

/// What a [`Counter`] has counted: bit after bit of the counts, the lowest first.
pub(crate) struct Counts {
    words: usize,
    bits: Vec<Vec<u64>>,
}

impl Counts {
    /// The count of a slot.
    pub(crate) fn at(&self, slot: usize) -> usize {
        let bit = |words: &Vec<u64>| (words[slot / 64] >> (slot % 64) & 1) as usize;
        self.bits.iter().rev().fold(0, |count, words| count * 2 + bit(words))
    }

    /// The slots of `among` with the greatest count in it.
    pub(crate) fn greatest(&self, among: &[u64]) -> Vec<u64> {
        let mut best = among.to_vec();
        let mut with_bit = vec![0; self.words];
        for bit in self.bits.iter().rev() {
            let mut any = 0;
            for ((with, best), word) in with_bit.iter_mut().zip(&best).zip(bit) {
                *with = best & word;
                any |= *with;
            }
            if any != 0 {
                std::mem::swap(&mut best, &mut with_bit);
            }
        }
        best
    }

    /// The slots that more than `count`, and those that exactly `count` bitmaps have.
    pub(crate) fn compare(&self, count: usize) -> (Vec<u64>, Vec<u64>) {
        if count >> self.bits.len() > 0 {
            return (vec![0; self.words], vec![0; self.words]);
        }
        let (mut more, mut equal) = (vec![0; self.words], vec![u64::MAX; self.words]);
        for (place, bit) in self.bits.iter().enumerate().rev() {
            if count >> place & 1 == 1 {
                and(&mut equal, bit);
            } else {
                for ((more, equal), bit) in more.iter_mut().zip(&equal).zip(bit) {
                    *more |= equal & bit;
                }
                and_not(&mut equal, bit);
            }
        }
        (more, equal)
    }

    /// The slots that at least so many have.
    pub(crate) fn at_least(&self, count: usize) -> Vec<u64> {
        let (mut slots, equal) = self.compare(count);
        or(&mut slots, &equal);
        slots
    }
}
