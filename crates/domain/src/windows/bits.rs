//! Shifting bitmaps, and counting in them vertically: the bits of the count of each slot lie in as many bitmaps.

use std::ops::Range;

const BITS: usize = u64::BITS as usize;

/// Keeps the bits from which on `length` bits are set: shift and AND in steps that double.
pub(crate) fn erode(words: &mut [u64], length: usize) {
    erode_on(words, 1, length);
}

/// Writes what [`erode`] makes of other words.
pub(crate) fn erode_from(source: &[u64], words: &mut [u64], length: usize) {
    if length < 2 {
        return words.copy_from_slice(source);
    }
    // The first step goes together with the copying.
    for ((word, own), next) in words.iter_mut().zip(source).zip(source.iter().skip(1)) {
        *word = own & ((own >> 1) | (next << (BITS - 1)));
    }
    if let (Some(last), Some(own)) = (words.last_mut(), source.last()) {
        *last = own & (own >> 1);
    }
    erode_on(words, 2, length);
}

/// Goes on where `reached` bits are known to be set.
fn erode_on(words: &mut [u64], mut reached: usize, length: usize) {
    while reached < length {
        let step = reached.min(length - reached);
        and_shifted_down(words, step);
        reached += step;
    }
}

fn and_shifted_down(words: &mut [u64], step: usize) {
    let (skip, low) = (step / BITS, step % BITS);
    let count = words.len();
    if skip == 0 {
        // Steps of less than a word, as nearly all are; a form that compilers turn into vector instructions.
        for index in 1..count {
            words[index - 1] &= (words[index - 1] >> low) | (words[index] << (BITS - low));
        }
        if let Some(last) = words.last_mut() {
            *last &= *last >> low;
        }
        return;
    }
    let word = |words: &[u64], index: usize| words.get(index).copied().unwrap_or_default();
    for index in 0..count {
        let next = if low == 0 { 0 } else { word(words, index + skip + 1) << (BITS - low) };
        words[index] &= (word(words, index + skip) >> low) | next;
    }
}

/// Moves all bits to later slots; what passes the last word is lost.
pub(crate) fn shift_up(words: &mut [u64], step: usize) {
    let (skip, low) = (step / BITS, step % BITS);
    if step == 0 {
        return;
    }
    for index in (0..words.len()).rev() {
        let word = |back: usize| index.checked_sub(back).map_or(0, |index| words[index]);
        let carried = if low == 0 { 0 } else { word(skip + 1) >> (BITS - low) };
        words[index] = (word(skip) << low) | carried;
    }
}

/// Whether all of these bits are set.
pub(crate) fn all_set(words: &[u64], bits: Range<usize>) -> bool {
    each_word(bits).all(|(index, mask)| words.get(index).is_some_and(|word| word & mask == mask))
}

/// How many of these bits are not set.
pub(crate) fn missing(words: &[u64], bits: Range<usize>) -> usize {
    let word = |index: usize| words.get(index).copied().unwrap_or_default();
    each_word(bits).map(|(index, mask)| (!word(index) & mask).count_ones() as usize).sum()
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

pub(crate) fn and(words: &mut [u64], other: &[u64]) {
    for (word, other) in words.iter_mut().zip(other) {
        *word &= other;
    }
}

pub(crate) fn and_not(words: &mut [u64], other: &[u64]) {
    for (word, other) in words.iter_mut().zip(other) {
        *word &= !other;
    }
}

pub(crate) fn or(words: &mut [u64], other: &[u64]) {
    for (word, other) in words.iter_mut().zip(other) {
        *word |= other;
    }
}

pub(crate) fn any(words: &[u64]) -> bool {
    words.iter().any(|&word| word != 0)
}

/// The set bits, ascending.
pub(crate) fn ones(words: &[u64]) -> impl Iterator<Item = usize> {
    words.iter().enumerate().flat_map(|(index, &word)| {
        let rest = std::iter::successors(Some(word), |word| Some(word & word.wrapping_sub(1)));
        rest.take_while(|&word| word != 0).map(move |word| index * BITS + word.trailing_zeros() as usize)
    })
}
