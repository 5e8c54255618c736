use super::bits::any;

/// How many bitmaps go in at once: they are added up to four bits a slot before they meet what was counted so far.
const BLOCK: usize = 8;

/// For each slot, how many of the bitmaps have it.
pub(crate) struct Counter {
    words: usize,
    /// Bit by bit, the lowest first, a bitmap of all slots each.
    planes: Vec<Vec<u64>>,
    waiting: Vec<u64>,
    filled: usize,
    sums: [Vec<u64>; 4],
}

impl Counter {
    /// For bitmaps of so many words, and at most so many of them.
    pub(crate) fn new(words: usize, most: usize) -> Counter {
        let bits = (usize::BITS - most.leading_zeros()) as usize;
        Counter {
            words,
            planes: vec![vec![0; words]; bits.max(4)],
            waiting: vec![0; words * BLOCK],
            filled: 0,
            sums: std::array::from_fn(|_| vec![0; words]),
        }
    }

    /// Counts the bitmap that is written to the words.
    pub(crate) fn add(&mut self, write: impl FnOnce(&mut [u64])) -> &[u64] {
        if self.filled == BLOCK {
            self.flush();
        }
        let place = self.filled * self.words..(self.filled + 1) * self.words;
        self.filled += 1;
        write(&mut self.waiting[place.clone()]);
        &self.waiting[place]
    }

    /// Ends the counting.
    pub(crate) fn done(mut self) -> Counts {
        self.flush();
        Counts { planes: self.planes }
    }

    fn flush(&mut self) {
        self.waiting[self.filled * self.words..].fill(0);
        self.filled = 0;
        self.add_up();
        let (low, high) = self.planes.split_at_mut(4);
        let mut carry = std::mem::take(&mut self.sums[3]);
        let mut lower = vec![0; self.words];
        for (plane, sum) in low.iter_mut().zip(&self.sums[..3]) {
            for index in 0..self.words {
                (plane[index], lower[index]) = full_add(plane[index], sum[index], lower[index]);
            }
        }
        for index in 0..self.words {
            (low[3][index], carry[index]) = full_add(low[3][index], carry[index], lower[index]);
        }
        for plane in high {
            if !any(&carry) {
                break;
            }
            for index in 0..self.words {
                (plane[index], carry[index]) = (plane[index] ^ carry[index], plane[index] & carry[index]);
            }
        }
        self.sums[3] = carry;
    }

    /// The waiting bitmaps added up by carry-save adders.
    fn add_up(&mut self) {
        let mut rows = self.waiting.chunks_exact(self.words);
        let mut row = || rows.next().unwrap_or_default();
        let [a, b, c, d, e, f, g, h] = std::array::from_fn(|_| row());
        let [ones, twos, fours, eights] = &mut self.sums;
        let rows = a.iter().zip(b).zip(c).zip(d).zip(e).zip(f).zip(g).zip(h);
        let sums = ones.iter_mut().zip(twos).zip(fours).zip(eights);
        for ((((((((a, b), c), d), e), f), g), h), sum) in rows.zip(sums) {
            let (((one, two), four), eight) = sum;
            let (s1, c1) = full_add(*a, *b, *c);
            let (s2, c2) = full_add(*d, *e, *f);
            let (s3, c3) = full_add(s1, s2, *g);
            let c4 = s3 & h;
            *one = s3 ^ h;
            let (t1, d1) = full_add(c1, c2, c3);
            let d2 = t1 & c4;
            *two = t1 ^ c4;
            *four = d1 ^ d2;
            *eight = d1 & d2;
        }
    }
}

fn full_add(a: u64, b: u64, c: u64) -> (u64, u64) {
    let half = a ^ b;
    (half ^ c, (a & b) | (half & c))
}

/// What a [`Counter`] has counted.
pub(crate) struct Counts {
    planes: Vec<Vec<u64>>,
}

impl Counts {
    /// The count of a slot.
    pub(crate) fn at(&self, slot: usize) -> usize {
        let bit = |plane: &Vec<u64>| (plane[slot / 64] >> (slot % 64) & 1) as usize;
        self.planes.iter().rev().fold(0, |count, plane| count * 2 + bit(plane))
    }

    /// The slots of `among` with the greatest count in it.
    pub(crate) fn greatest(&self, among: &[u64]) -> Vec<u64> {
        let mut best = among.to_vec();
        for plane in self.planes.iter().rev() {
            if best.iter().zip(plane).any(|(best, bit)| best & bit != 0) {
                super::bits::and(&mut best, plane);
            }
        }
        best
    }

    /// The slots that more than `count`, and those that exactly `count` bitmaps have.
    pub(crate) fn compare(&self, count: usize) -> (Vec<u64>, Vec<u64>) {
        let words = self.planes.first().map_or(0, Vec::len);
        let (mut more, mut equal) = (vec![0; words], vec![u64::MAX; words]);
        if count >> self.planes.len() > 0 {
            return (more, vec![0; words]);
        }
        for (index, plane) in self.planes.iter().enumerate().rev() {
            let wanted = if count >> index & 1 == 1 { u64::MAX } else { 0 };
            for word in 0..words {
                more[word] |= equal[word] & plane[word] & !wanted;
                equal[word] &= !(plane[word] ^ wanted);
            }
        }
        (more, equal)
    }

    /// The slots that at least so many have.
    pub(crate) fn at_least(&self, count: usize) -> Vec<u64> {
        let (mut slots, equal) = self.compare(count);
        super::bits::or(&mut slots, &equal);
        slots
    }
}
