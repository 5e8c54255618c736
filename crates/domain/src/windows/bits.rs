//! Shifting bitmaps, and counting in them vertically: the bits of the count of each slot lie in as many bitmaps.

use std::ops::Range;

use crate::time::each_word;

const BITS: usize = u64::BITS as usize;

/// Keeps the bits from which on `length` bits are set: shift and AND in steps that double.
pub(crate) fn erode(words: &mut [u64], length: usize) {
    erode_on(words, 1, length);
}

/// Writes what [`erode`] makes of other words.
pub(crate) fn erode_from(source: &[u64], words: &mut [u64], length: usize) {
    // The first two steps go together with the copying.
    match length {
        0 | 1 => words.copy_from_slice(source),
        2 => erode_by::<0>(source, words),
        3 => erode_by::<1>(source, words),
        _ => erode_by::<2>(source, words),
    }
    erode_on(words, length.min(4), length);
}

/// Writes where two bits are set, and again two of these by the second step.
fn erode_by<const SECOND: u32>(source: &[u64], words: &mut [u64]) {
    let eroded = |word: u64, next: u64| {
        let pairs = word & (word >> 1 | next << 63);
        // The lowest pairs of the next word are all that is needed of it: those do not reach into the word after it.
        let next_pairs = next & next >> 1;
        if SECOND == 0 { pairs } else { pairs & (pairs >> SECOND | next_pairs << (64 - SECOND)) }
    };
    for ((word, own), next) in words.iter_mut().zip(source).zip(source.iter().skip(1)) {
        *word = eroded(*own, *next);
    }
    if let (Some(last), Some(own)) = (words.last_mut(), source.last()) {
        *last = eroded(*own, 0);
    }
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

/// Keeps the bits before which `before` bits are set, and from which on `length` are; those beyond either end count as set.
pub(crate) fn erode_between(words: &mut [u64], before: usize, length: usize) {
    let (lead, trail) = (before.div_ceil(BITS), length.div_ceil(BITS));
    let mut padded = vec![u64::MAX; lead + words.len() + trail];
    padded[lead..lead + words.len()].copy_from_slice(words);
    erode(&mut padded, before + length);
    shift_up(&mut padded, before);
    words.copy_from_slice(&padded[lead..lead + words.len()]);
}

/// How many of these bits are not set.
pub(crate) fn missing(words: &[u64], bits: Range<usize>) -> usize {
    let word = |index: usize| words.get(index).copied().unwrap_or_default();
    each_word(bits).map(|(index, mask)| (!word(index) & mask).count_ones() as usize).sum()
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
