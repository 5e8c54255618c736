use std::ops::Range;

use super::SlotRange;

const BITS: usize = u64::BITS as usize;

/// A set of the slots of a range: a bitmap in words of 64 bits, the first slot in the lowest bit of the first word.
/// Bits beyond the length are 0.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SlotSet {
    words: Box<[u64]>,
    len: usize,
}

impl SlotSet {
    /// No slot of a range with so many.
    pub fn empty(len: usize) -> SlotSet {
        SlotSet { words: vec![0; len.div_ceil(BITS)].into(), len }
    }

    /// Every slot of a range with so many.
    pub fn full(len: usize) -> SlotSet {
        let mut set = SlotSet::empty(len);
        set.insert_all(0..len);
        set
    }

    /// Exactly these words; bits beyond the length are cleared.
    pub(crate) fn from_words(words: Box<[u64]>, len: usize) -> SlotSet {
        let mut set = SlotSet { words, len };
        set.clear_rest();
        set
    }

    /// How many slots the range has.
    pub fn len(&self) -> usize {
        self.len
    }

    /// The words of the bitmap.
    pub fn words(&self) -> &[u64] {
        &self.words
    }

    /// Whether the slot is in the set; none beyond the range is.
    pub fn contains(&self, slot: usize) -> bool {
        slot < self.len && self.words[slot / BITS] & (1 << (slot % BITS)) != 0
    }

    /// Whether all of these slots are in the set.
    pub fn contains_all(&self, slots: Range<usize>) -> bool {
        let there = |(word, mask): (usize, u64)| self.words[word] & mask == mask;
        slots.is_empty() || slots.end <= self.len && each_word(slots).all(there)
    }

    /// Adds slots; what is beyond the range is left out.
    pub fn insert_all(&mut self, slots: Range<usize>) {
        for (word, mask) in self.cut(slots) {
            self.words[word] |= mask;
        }
    }

    /// Takes slots away.
    pub fn remove_all(&mut self, slots: Range<usize>) {
        for (word, mask) in self.cut(slots) {
            self.words[word] &= !mask;
        }
    }

    /// How many slots are in the set.
    pub fn count(&self) -> usize {
        self.words.iter().map(|word| word.count_ones() as usize).sum()
    }

    /// Whether no slot is in the set.
    pub fn is_empty(&self) -> bool {
        self.words.iter().all(|&word| word == 0)
    }

    /// The slots in the set, ascending.
    pub fn slots(&self) -> impl Iterator<Item = usize> {
        ones(&self.words)
    }

    /// The slots in the set as ranges that do not touch each other, ascending.
    pub fn runs(&self) -> Vec<Range<usize>> {
        let mut runs: Vec<Range<usize>> = Vec::new();
        for slot in self.slots() {
            match runs.last_mut() {
                Some(run) if run.end == slot => run.end += 1,
                _ => runs.push(slot..slot + 1),
            }
        }
        runs
    }

    /// Keeps what the other has too. Sets of one range are meant; beyond the shorter one nothing is kept.
    pub fn intersect(&mut self, other: &SlotSet) {
        self.combine(other, |mine, theirs| mine & theirs);
    }

    /// Adds what the other has.
    pub fn unite(&mut self, other: &SlotSet) {
        self.combine(other, |mine, theirs| mine | theirs);
    }

    /// Takes away what the other has.
    pub fn subtract(&mut self, other: &SlotSet) {
        self.combine(other, |mine, theirs| mine & !theirs);
    }

    /// The same slots in another range; what is not in it is lost.
    #[must_use]
    pub fn moved(&self, from: SlotRange, to: SlotRange) -> SlotSet {
        let mut moved = SlotSet::empty(to.len());
        for run in self.runs() {
            let start = from.first() + run.start as i64;
            moved.insert_all(to.clip(start..start + run.len() as i64));
        }
        moved
    }

    /// The bitmap as bytes, the first slot in the lowest bit of the first; as many as the slots need.
    pub fn to_bytes(&self) -> Vec<u8> {
        let bytes = self.words.iter().flat_map(|word| word.to_le_bytes());
        bytes.take(self.len.div_ceil(8)).collect()
    }

    /// The set whose bytes these are, of a range with so many slots; none when they are too many or too few, or have
    /// slots beyond the range.
    pub fn from_bytes(bytes: &[u8], len: usize) -> Option<SlotSet> {
        if bytes.len() != len.div_ceil(8) {
            return None;
        }
        let words = bytes.chunks(8).map(|chunk| {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            u64::from_le_bytes(word)
        });
        let set = SlotSet { words: words.collect(), len };
        let valid = set == SlotSet::from_words(set.words.clone(), len);
        valid.then_some(set)
    }

    fn combine(&mut self, other: &SlotSet, operation: impl Fn(u64, u64) -> u64) {
        let theirs = other.words.iter().copied().chain(std::iter::repeat(0));
        for (mine, theirs) in self.words.iter_mut().zip(theirs) {
            *mine = operation(*mine, theirs);
        }
        self.clear_rest();
    }

    /// The words that hold those of these slots that are in the range, with the bits of each.
    fn cut(&self, slots: Range<usize>) -> impl Iterator<Item = (usize, u64)> + use<> {
        each_word(slots.start..slots.end.min(self.len))
    }

    fn clear_rest(&mut self) {
        let used = self.len % BITS;
        if let Some(last) = self.words.last_mut().filter(|_| used > 0) {
            *last &= (1 << used) - 1;
        }
    }
}

/// The words that hold these bits, with the bits of each.
pub(crate) fn each_word(bits: Range<usize>) -> impl Iterator<Item = (usize, u64)> {
    let words = bits.start / BITS..bits.end.div_ceil(BITS);
    words.map(move |index| {
        let low = bits.start.saturating_sub(index * BITS);
        let high = (bits.end - index * BITS).min(BITS);
        (index, if high > low { (u64::MAX >> (BITS - (high - low))) << low } else { 0 })
    })
}

/// The bits that are set, ascending.
pub(crate) fn ones(words: &[u64]) -> impl Iterator<Item = usize> {
    words.iter().enumerate().flat_map(|(index, &word)| {
        let rest = std::iter::successors(Some(word), |word| Some(word & word.wrapping_sub(1)));
        rest.take_while(|&word| word != 0).map(move |word| index * BITS + word.trailing_zeros() as usize)
    })
}
