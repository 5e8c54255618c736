use icu_properties::{
    CodePointMapData, CodePointSetData,
    props::{
        CanonicalCombiningClass, DefaultIgnorableCodePoint, Emoji, EmojiModifier, ExtendedPictographic,
        JoiningType, NoncharacterCodePoint,
    },
};

const ZERO_WIDTH_NON_JOINER: char = '\u{200c}';
const ZERO_WIDTH_JOINER: char = '\u{200d}';
/// Makes an emoji of a digit.
const KEYCAP: char = '\u{20e3}';
const BLACK_FLAG: char = '\u{1f3f4}';

/// Whether a character beyond ASCII can be seen where it stands. Controls of the direction of text, zero-width spaces and
/// the like would make two addresses look the same. Joiners and selectors, which many scripts and emoji need, are taken
/// where they make a difference.
pub(super) fn is_visible(before: &str, character: char, behind: &str) -> bool {
    match character {
        ZERO_WIDTH_JOINER => follows_virama(before) || joins_emoji(before, behind),
        ZERO_WIDTH_NON_JOINER => follows_virama(before) || parts_letters(before, behind),
        '\u{fe0e}' | '\u{fe0f}' => before.chars().next_back().is_some_and(|last| {
            CodePointSetData::new::<Emoji>().contains(last)
                && (!last.is_ascii() || behind.starts_with(KEYCAP))
        }),
        // Of Mongolian letters, and of the flags of regions.
        '\u{180b}'..='\u{180d}' | '\u{180f}' => {
            before.ends_with(|last| ('\u{1820}'..='\u{18aa}').contains(&last))
        }
        tag if is_tag(tag) => before.trim_end_matches(is_tag).ends_with(BLACK_FLAG),
        other => {
            !other.is_control()
                && !other.is_whitespace()
                && !CodePointSetData::new::<DefaultIgnorableCodePoint>().contains(other)
                && !CodePointSetData::new::<NoncharacterCodePoint>().contains(other)
                // The empty pattern of Braille, and what stands for what is not there.
                && !matches!(other, '\u{2800}' | '\u{fff0}'..='\u{ffff}')
        }
    }
}

/// Whether a joiner shows by RFC 5892, appendix A.1 and A.2: behind a virama it forms a conjunct, or keeps one from
/// forming.
fn follows_virama(before: &str) -> bool {
    let classes = CodePointMapData::<CanonicalCombiningClass>::new();
    before.chars().next_back().is_some_and(|last| classes.get(last) == CanonicalCombiningClass::Virama)
}

/// Whether a non-joiner shows by RFC 5892, appendix A.1: between two letters that would be written together.
fn parts_letters(before: &str, behind: &str) -> bool {
    let types = CodePointMapData::<JoiningType>::new();
    let is_letter = |character: &char| types.get(*character) != JoiningType::Transparent;
    let (left, right) = (before.chars().rev().find(is_letter), behind.chars().find(is_letter));
    let joins =
        |side: JoiningType, letter: char| [JoiningType::DualJoining, side].contains(&types.get(letter));
    left.is_some_and(|letter| joins(JoiningType::LeftJoining, letter))
        && right.is_some_and(|letter| joins(JoiningType::RightJoining, letter))
}

/// Whether a joiner makes one emoji of two (Unicode Standard Annex #29, rule GB11).
fn joins_emoji(before: &str, behind: &str) -> bool {
    let (pictographs, modifiers) =
        (CodePointSetData::new::<ExtendedPictographic>(), CodePointSetData::new::<EmojiModifier>());
    let is_modifier = |last: char| last == '\u{fe0f}' || modifiers.contains(last);
    let left = before.trim_end_matches(is_modifier).chars().next_back();
    [left, behind.chars().next()].iter().all(|side| side.is_some_and(|side| pictographs.contains(side)))
}

fn is_tag(character: char) -> bool {
    ('\u{e0020}'..='\u{e007f}').contains(&character)
}
