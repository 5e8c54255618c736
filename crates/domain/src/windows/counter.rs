use super::bits::or;

/// How many bitmaps go in at once: they are added up to four bits a slot before they meet what was counted so far.
const BLOCK: usize = 8;
/// How many words are worked on at once; arrays of them become vector instructions.
const LANES: usize = 2;

type Lanes = [u64; LANES];

const NONE: Lanes = [0; LANES];

/// For each slot, how many of the bitmaps have it.
pub(crate) struct Counter {
    words: usize,
    /// How many bits a count has.
    bits: usize,
    /// For each place of words, the lowest bits of their counts, then the next, and so on.
    counts: Vec<Lanes>,
    /// Bitmap after bitmap.
    waiting: Vec<Lanes>,
    filled: usize,
}

impl Counter {
    /// For bitmaps of so many words, and at most so many of them.
    pub(crate) fn new(words: usize, most: usize) -> Counter {
        let bits = ((usize::BITS - most.leading_zeros()) as usize).max(4);
        let places = words.div_ceil(LANES);
        Counter {
            words,
            bits,
            counts: vec![NONE; places * bits],
            waiting: vec![NONE; places * BLOCK],
            filled: 0,
        }
    }

    /// Counts the bitmap that is written to the words.
    pub(crate) fn add(&mut self, write: impl FnOnce(&mut [u64])) -> &[u64] {
        if self.filled == BLOCK {
            self.add_up();
        }
        let places = self.words.div_ceil(LANES);
        let row = &mut self.waiting[self.filled * places..(self.filled + 1) * places];
        self.filled += 1;
        let row = &mut row.as_flattened_mut()[..self.words];
        write(row);
        row
    }

    /// Ends the counting.
    pub(crate) fn done(mut self) -> Counts {
        self.add_up();
        Counts { words: self.words, bits: self.bits, counts: self.counts }
    }

    /// Adds the waiting bitmaps to the counts.
    fn add_up(&mut self) {
        let places = self.words.div_ceil(LANES);
        self.waiting[self.filled * places..].fill(NONE);
        self.filled = 0;
        for (place, counts) in self.counts.chunks_exact_mut(self.bits).enumerate() {
            let sums = sums(|row| self.waiting[row * places + place]);
            let mut carry = NONE;
            for (count, sum) in counts.iter_mut().zip(sums) {
                (*count, carry) = full_add(*count, sum, carry);
            }
            for count in &mut counts[sums.len()..] {
                if carry == NONE {
                    break;
                }
                (*count, carry) = half_add(*count, carry);
            }
        }
    }
}

/// For each bit, in how many of the rows it is, in four bits: carry-save adders.
#[inline]
fn sums(row: impl Fn(usize) -> Lanes) -> [Lanes; 4] {
    let (s1, c1) = full_add(row(0), row(1), row(2));
    let (s2, c2) = full_add(row(3), row(4), row(5));
    let (s3, c3) = full_add(s1, s2, row(6));
    let (ones, c4) = half_add(s3, row(7));
    let (t1, d1) = full_add(c1, c2, c3);
    let (twos, d2) = half_add(t1, c4);
    let (fours, eights) = half_add(d1, d2);
    [ones, twos, fours, eights]
}

#[inline]
fn full_add(a: Lanes, b: Lanes, c: Lanes) -> (Lanes, Lanes) {
    let sum = std::array::from_fn(|lane| a[lane] ^ b[lane] ^ c[lane]);
    let carry = std::array::from_fn(|lane| (a[lane] & b[lane]) | ((a[lane] ^ b[lane]) & c[lane]));
    (sum, carry)
}

#[inline]
fn half_add(a: Lanes, b: Lanes) -> (Lanes, Lanes) {
    (std::array::from_fn(|lane| a[lane] ^ b[lane]), std::array::from_fn(|lane| a[lane] & b[lane]))
}

/// What a [`Counter`] has counted.
pub(crate) struct Counts {
    words: usize,
    bits: usize,
    counts: Vec<Lanes>,
}

impl Counts {
    /// The count of a slot.
    pub(crate) fn at(&self, slot: usize) -> usize {
        let (place, word) = (slot / 64 / LANES, slot / 64 % LANES);
        let counts = &self.counts[place * self.bits..(place + 1) * self.bits];
        counts.iter().rev().fold(0, |count, bits| count * 2 + (bits[word] >> (slot % 64) & 1) as usize)
    }

    /// The slots of `among` with the greatest count in it.
    pub(crate) fn greatest(&self, among: &[u64]) -> Vec<u64> {
        let mut best = among.to_vec();
        let mut with_bit = vec![0; self.words];
        for bit in (0..self.bits).rev() {
            let words = self.counts.chunks_exact(self.bits).flat_map(|counts| &counts[bit]);
            let mut any = 0;
            for ((with, best), word) in with_bit.iter_mut().zip(&best).zip(words) {
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
        if count >> self.bits > 0 {
            return (vec![0; self.words], vec![0; self.words]);
        }
        let (mut more, mut equal) = (Vec::new(), Vec::new());
        for counts in self.counts.chunks_exact(self.bits) {
            let (mut above, mut same) = (NONE, [u64::MAX; LANES]);
            for (bit, own) in counts.iter().enumerate().rev() {
                let wanted = if count >> bit & 1 == 1 { u64::MAX } else { 0 };
                above = std::array::from_fn(|lane| above[lane] | (same[lane] & own[lane] & !wanted));
                same = std::array::from_fn(|lane| same[lane] & !(own[lane] ^ wanted));
            }
            more.extend(above);
            equal.extend(same);
        }
        more.truncate(self.words);
        equal.truncate(self.words);
        (more, equal)
    }

    /// The slots that at least so many have.
    pub(crate) fn at_least(&self, count: usize) -> Vec<u64> {
        let (mut slots, equal) = self.compare(count);
        or(&mut slots, &equal);
        slots
    }
}
