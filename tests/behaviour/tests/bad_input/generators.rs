//! What a client may send by mistake or on purpose.

use proptest::{collection::vec, prelude::*};
use serde_json::{Value, json};

/// Bytes of every kind: any at all, printable ones, and pieces that have broken other services.
pub(crate) fn bytes() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        vec(any::<u8>(), 0..60),
        "[ -~]{0,60}".prop_map(String::into_bytes),
        "\\PC{0,30}".prop_map(String::into_bytes),
        vec(prop::sample::select(PIECES), 1..6).prop_map(|pieces| pieces.concat().into_bytes()),
        prop::sample::select(&["a", "%", "\u{130}", "@"][..])
            .prop_flat_map(|piece| (1..2_000_usize).prop_map(move |count| piece.repeat(count).into_bytes())),
    ]
}

const PIECES: &[&str] = &[
    "'",
    "\"",
    " OR 1=1 --",
    "%00",
    "%FF",
    "%2F",
    "%",
    "../",
    "{",
    "}",
    "${x}",
    "@",
    "a@example.com",
    "\\",
    ";",
    "\0",
    "\u{feff}",
    "\u{202e}",
    "ß",
    "\u{130}",
    "\u{fffd}",
    "😀",
    "&",
    "=",
    "?",
    "#",
    "+",
    "*",
    "$1",
    "\u{7f}",
    "{{",
    "-1",
    "1e999",
    "null",
    "NaN",
];

/// JSON of any shape, three levels deep.
pub(crate) fn json() -> impl Strategy<Value = Value> {
    let text = prop_oneof!["\\PC{0,12}", prop::sample::select(PIECES).prop_map(str::to_owned)];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        (-3..30_i64).prop_map(Value::from),
        text.clone().prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 24, 5, move |inner| {
        let key = prop_oneof![
            text.clone(),
            prop::sample::select(&["monday", "FRIDAY", "email"][..]).prop_map(str::to_owned)
        ];
        prop_oneof![
            vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::btree_map(key, inner, 0..5).prop_map(|map| map.into_iter().collect()),
        ]
    })
}

/// Bodies for any endpoint: bytes, JSON, good bodies with odd values in their fields, and good bodies with a wound.
pub(crate) fn body() -> impl Strategy<Value = Vec<u8>> {
    let fields = &["email", "availabilities", "preferences", "userId1", "userId2", "preference"][..];
    let replaced = vec((prop::sample::select(fields), json()), 1..4).prop_map(|fields| {
        let mut body = good_body();
        for (name, value) in fields {
            body[name] = value;
        }
        body.to_string().into_bytes()
    });
    let wounded =
        (any::<prop::sample::Index>(), 0..4_usize, vec(any::<u8>(), 0..4)).prop_map(|(at, cut, put)| {
            let mut text = good_body().to_string().into_bytes();
            let at = at.index(text.len());
            let end = (at + cut).min(text.len());
            text.splice(at..end, put);
            text
        });
    prop_oneof![bytes(), json().prop_map(|value| value.to_string().into_bytes()), replaced, wounded]
}

fn good_body() -> Value {
    json!({"email": "ada@example.com", "availabilities": {"monday": [9, 10]}, "preferences": "last",
        "userId1": "ada@example.com", "userId2": "grace@example.com", "preference": "random"})
}

/// The bytes as they are, or all of them as `%XX`, in which form HTTP lets any of them pass.
pub(crate) fn raw_or_encoded() -> impl Strategy<Value = Vec<u8>> {
    (bytes(), any::<bool>()).prop_map(|(bytes, encoded)| {
        if encoded {
            bytes.iter().flat_map(|byte| format!("%{byte:02X}").into_bytes()).collect()
        } else {
            bytes
        }
    })
}
