use std::{fmt, io, path::Path};

use anyhow::{Context, bail, ensure};
use futures::{Stream, StreamExt, TryStreamExt, stream, stream::BoxStream};
use serde::de::IgnoredAny;
use serde_json::{Deserializer, value::RawValue};
use tokio::io::{AsyncBufRead, AsyncBufReadExt, AsyncReadExt};

/// What some programs put before UTF-8.
const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// One person on the way in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    pub place: Place,
    pub body: Vec<u8>,
}

/// Where a person stands in the input, counted from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    Line(u64),
    /// In a list, or among objects that go over several lines.
    Element(u64),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Place::Line(number) => write!(f, "line {number}"),
            Place::Element(number) => write!(f, "person {number}"),
        }
    }
}

pub struct People {
    /// How many they are, where that is known before they are read.
    pub count: Option<u64>,
    pub entries: BoxStream<'static, io::Result<Entry>>,
}

/// Reads people as JSON: an object a line, which are read one by one, or a list, or objects over several lines.
///
/// # Errors
/// When the input is something else: nobody is to be imported from it, not even the last one of a list cut in two.
pub async fn read(input: impl AsyncBufRead + Send + Unpin + 'static) -> anyhow::Result<People> {
    let mut input = input;
    let (mut number, mut first) = (0, Vec::new());
    while first.trim_ascii().is_empty() {
        first.clear();
        number += 1;
        if input.read_until(b'\n', &mut first).await? == 0 {
            return Ok(People { count: Some(0), entries: stream::empty().boxed() });
        }
        if let Some(behind) = first.strip_prefix(BYTE_ORDER_MARK).filter(|_| number == 1) {
            first = behind.to_vec();
        }
    }
    let text = first.trim_ascii();
    if is_one_object(text) {
        let one = Entry { place: Place::Line(number), body: text.to_vec() };
        let entries = stream::iter([Ok(one)]).chain(lines(input, number + 1)).boxed();
        return Ok(People { count: None, entries });
    }
    ensure!(
        !text.strip_suffix(b",").is_some_and(is_one_object),
        "line {number} ends with a comma: put the list into [ and ], or leave the commas out"
    );
    if let Some(what) = other_encoding(&first) {
        bail!("line {number} is no JSON in UTF-8: {what}");
    }
    if !text.starts_with(b"[") && !text.starts_with(b"{") {
        bail!("line {number} is no JSON: an object a line is expected, or a list of them; CSV is not read");
    }
    input.read_to_end(&mut first).await?;
    let people = elements(&first).with_context(|| format!("from line {number} on it is no JSON"))?;
    let entries = (1..).zip(&people);
    let entries = entries.map(|(n, body)| Ok(Entry { place: Place::Element(n), body: body.get().into() }));
    let entries: Vec<io::Result<Entry>> = entries.collect();
    Ok(People { count: Some(u64::try_from(entries.len())?), entries: stream::iter(entries).boxed() })
}

/// The same from a file.
///
/// # Errors
/// As [`read`], with the file's name.
pub async fn read_file(path: &Path) -> anyhow::Result<People> {
    let unreadable = || format!("cannot read {}", path.display());
    let open = async || anyhow::Ok(tokio::io::BufReader::new(tokio::fs::File::open(path).await?));
    let mut people = read(open().await.with_context(unreadable)?).await.with_context(unreadable)?;
    if people.count.is_none() {
        let lines = lines(open().await.with_context(unreadable)?, 1);
        let count = lines.try_fold(0, async |count, _| Ok(count + 1)).await.with_context(unreadable)?;
        people.count = Some(count);
    }
    Ok(people)
}

fn lines(
    input: impl AsyncBufRead + Send + Unpin,
    first: u64,
) -> impl Stream<Item = io::Result<Entry>> + Send {
    let numbered = stream::try_unfold((input.split(b'\n'), first), async |(mut segments, number)| {
        let line = segments.next_segment().await?.map(|body| Entry { place: Place::Line(number), body });
        Ok(line.map(|line| (line, (segments, number + 1))))
    });
    numbered.try_filter(|line| std::future::ready(!line.body.trim_ascii().is_empty()))
}

/// What the input is instead, where its first bytes tell, and what makes of it what is read.
fn other_encoding(text: &[u8]) -> Option<&'static str> {
    match text {
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] | [0, ..] | [_, 0, ..] => {
            Some("it is UTF-16, which `iconv -f UTF-16 -t UTF-8` turns into UTF-8")
        }
        [0x1f, 0x8b, ..] => Some("it is compressed; `gunzip` unpacks it"),
        _ => None,
    }
}

fn is_one_object(text: &[u8]) -> bool {
    text.starts_with(b"{") && serde_json::from_slice::<IgnoredAny>(text).is_ok()
}

/// The elements of one list, or objects one behind the other.
fn elements(text: &[u8]) -> serde_json::Result<Vec<Box<RawValue>>> {
    if text.trim_ascii_start().starts_with(b"[") {
        serde_json::from_slice(text)
    } else {
        Deserializer::from_slice(text).into_iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn places(text: &'static str) -> Result<Vec<(Place, String)>, String> {
        let people = read(text.as_bytes()).await.map_err(|error| format!("{error:#}"))?;
        let entries: Vec<Entry> = people.entries.try_collect().await.map_err(|error| error.to_string())?;
        let text = |entry: Entry| (entry.place, String::from_utf8(entry.body).unwrap().trim().to_owned());
        Ok(entries.into_iter().map(text).collect())
    }

    #[tokio::test]
    async fn a_person_a_line_with_their_numbers() {
        let expected = Ok(vec![(Place::Line(2), "{\"a\":1}".to_owned()), (Place::Line(5), "two".to_owned())]);
        assert_eq!(places("\n{\"a\":1}\r\n\n  \ntwo").await, expected);
        let expected = Ok(vec![(Place::Line(1), "{}".to_owned())]);
        assert_eq!(places("\u{feff}{}").await, expected);
        assert_eq!(places(" \n").await, Ok(vec![]));
    }

    #[tokio::test]
    async fn a_list_or_objects_over_several_lines() {
        let expected: Vec<(Place, String)> =
            (1..).map(Place::Element).zip(["{\"a\":1}", "{\"a\":2}"].map(str::to_owned)).collect();
        for text in
            ["[{\"a\":1},{\"a\":2}]", "\u{feff}\n[\n{\"a\":1},\n{\"a\":2}\n]\n", "[\n  {\"a\":1}, {\"a\":2}]"]
        {
            assert_eq!(places(text).await.as_ref(), Ok(&expected), "{text}");
        }
        let spread = places("{\n\"a\": 1\n}\n{\n\"a\": 2\n}").await.unwrap();
        assert_eq!(spread.iter().map(|(place, _)| *place).collect::<Vec<_>>(), [1, 2].map(Place::Element));
    }

    #[tokio::test]
    async fn anything_else_is_refused_as_a_whole_in_one_line() {
        for (bytes, says) in [(&b"\x1f\x8b\x08\0"[..], "gunzip"), (b"\xff\xfe{\0}\0\n\0", "iconv")] {
            let error = format!("{:#}", read(bytes).await.map(|_| ()).unwrap_err());
            assert!(error.contains(says) && error.lines().count() == 1, "{error}");
        }
        for (text, says) in [
            ("email,availabilities\nada@example.com,x\n", "CSV is not read"),
            ("{\"a\":1},\n{\"a\":2}", "comma"),
            ("[{\"a\":1},\n{\"a\":2}", "line 2"),
            ("[{\"a\":1},\n{\"a\":2},\n]", "line 3"),
            ("[{\"a\":1}]\n{\"a\":2}", "line 2"),
            ("{\n\"a\":", "line 2"),
            ("{\0\"\0a\0\"\0:\0\u{31}\0}\0\n\0", "iconv"),
        ] {
            let error = places(text).await.unwrap_err();
            assert!(error.contains(says) && error.lines().count() == 1, "{text}: {error}");
        }
    }
}
