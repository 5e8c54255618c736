mod domain_name;
mod local_part;
mod visible;

use std::{fmt, str::FromStr};

/// A valid e-mail address (RFC 5321, 6531 and 5891, at most 254 bytes): blanks around it trimmed, its domain in lower
/// case. Otherwise it is as it was given: the local part in its own case and normalization form, the domain in
/// letters or as `xn--`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Email(String);

impl Email {
    /// Longest address in bytes (RFC 5321 §4.5.3.1.3 less the angle brackets).
    pub const MAX_LENGTH: usize = 254;

    /// The address as it is stored and shown.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What identifies a person: the local part in NFC with its ASCII letters in lower case, and the domain as IDNA
    /// has it in DNS. Letters beyond ASCII keep their case in the local part, since to fold them would make one person
    /// of `ı` and `i`, or of `ß` and `ss`.
    ///
    /// Works for any text, since a look-up of something that is no address is just not found.
    pub fn key(address: &str) -> String {
        let address = address.trim();
        match address.rsplit_once('@') {
            Some((local, domain)) => format!("{}@{}", local_part::key(local), domain_name::key(domain)),
            None => local_part::key(address),
        }
    }
}

impl FromStr for Email {
    type Err = String;

    /// # Errors
    /// What is wrong with the text, with the character that is wrong and its position if there is one.
    fn from_str(text: &str) -> Result<Email, String> {
        let address = text.trim();
        if address.len() > Self::MAX_LENGTH {
            return Err(format!("The e-mail address is longer than {} bytes", Self::MAX_LENGTH));
        }
        let refuse = |flaw: String| format!("This is not a valid e-mail address: {flaw}");
        let (local, domain) = address.rsplit_once('@').ok_or_else(|| refuse("it has no @".to_owned()))?;
        // Positions are counted in what the client sent, blanks included.
        let start = text.len() - text.trim_start().len();
        local_part::check(local).map_err(|flaw| refuse(flaw.describe(text, start)))?;
        let domain = domain_name::shown(domain)
            .map_err(|flaw| refuse(flaw.describe(text, start + local.len() + '@'.len_utf8())))?;
        Ok(Email(format!("{local}@{domain}")))
    }
}

impl fmt::Display for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What makes a part of an address invalid.
#[derive(Debug)]
enum Flaw {
    /// The character at this byte of the part, and why.
    Character(usize, &'static str),
    /// Something about the part as a whole.
    Whole(String),
}

impl Flaw {
    fn whole(why: impl Into<String>) -> Flaw {
        Flaw::Whole(why.into())
    }

    /// Names what is wrong in `text`, in which the part begins at byte `start`.
    fn describe(self, text: &str, start: usize) -> String {
        match self {
            Flaw::Whole(why) => why,
            Flaw::Character(at, why) => {
                let (before, rest) = text.split_at(start + at);
                let character = rest.chars().next().unwrap_or_default();
                let position = before.chars().count() + 1;
                format!("character {position}, {character:?} (U+{:04X}), {why}", u32::from(character))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trims_and_lowers_the_domain_only() {
        for (given, shown) in [
            ("  Ada.Lovelace@Example.ORG ", "Ada.Lovelace@example.org"),
            ("JÖRG@EXÄMPLE.de", "JÖRG@exämple.de"),
            ("a@XN--BCHER-KVA.example", "a@xn--bcher-kva.example"),
            ("jo\u{308}rg@bu\u{308}cher.example", "jo\u{308}rg@bücher.example"),
        ] {
            assert_eq!(given.parse::<Email>().unwrap().as_str(), shown);
        }
    }

    #[test]
    fn spellings_of_one_address_have_one_key() {
        for (one, other) in [
            ("Ada.Lovelace@Example.ORG", " ada.lovelace@example.org\u{a0}"),
            ("ada@bücher.example", "ADA@xn--bcher-kva.EXAMPLE"),
            ("ada@bücher.example", "ada@BU\u{308}CHER。example"),
            ("jörg@example.com", "jo\u{308}rg@example.com"),
            ("H\u{331}@example.com", "h\u{331}@example.com"),
            ("\"A b\"@example.com", "\"a b\"@example.com"),
            ("\"A\\ b\"@example.com", "\"a b\"@example.com"),
            ("\"Ada.L\"@example.com", "ada.l@example.com"),
            ("\"a\\d\\a\"@example.com", "ada@example.com"),
            ("\"a\\\\\\\"\"@example.com", "\"A\\\\\\\"\"@example.com"),
            ("\"jo\u{308}rg\"@example.com", "jörg@example.com"),
            ("No-Address", "no-address"),
        ] {
            let key = Email::key(one);
            assert_eq!(key, Email::key(other), "{one} and {other}");
            assert_eq!(key, Email::key(&key), "{one}: a key is its own key");
        }
    }

    #[test]
    fn other_letters_are_other_people() {
        for (one, other) in [
            ("mıke@example.com", "mike@example.com"),
            ("mİke@example.com", "mike@example.com"),
            ("mi\u{212a}e@example.com", "mike@example.com"),
            ("straße@example.com", "strasse@example.com"),
            ("ﬁona@example.com", "fiona@example.com"),
            ("\".ada\"@example.com", "ada@example.com"),
            ("\"a da\"@example.com", "ada@example.com"),
            ("\"\"@example.com", "@example.com"),
            ("ſam@example.com", "sam@example.com"),
            ("JÖRG@example.com", "jörg@example.com"),
            ("ada@weiß.example", "ada@weiss.example"),
            ("ada@straße.example", "ada@strasse.example"),
        ] {
            assert_ne!(Email::key(one), Email::key(other), "{one} and {other}");
        }
    }

    #[test]
    fn takes_every_valid_address() {
        for good in [
            "o'brien@example.com",
            "a+b/c=d@x.io",
            "\"a b\"@example.com",
            "\"a@\\\"b\\\\\"@example.com",
            "a@b.co.uk",
            "a@r3---sn.example.com",
            "jörg@exämple.de",
            "jo\u{308}rg@example.com",
            "สมชาย@โดเมน.ไทย",
            "குமார்@எடுத்துக்காட்டு.இந்தியா",
            "राम@उदाहरण.भारत",
            "用户@例子.测试",
            "משה@דוגמה.קום",
            "👩‍💻❤️@example.com",
            "نامه‌ای@example.com",
            "क्\u{200d}ष@example.com",
            "👩🏽\u{200d}💻@example.com",
            "❤\u{fe0f}\u{200d}🔥1\u{fe0f}\u{20e3}@example.com",
            "🏴\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}@example.com",
            "ᠮᠣᠩᠭ᠋ᠣᠯ@example.com",
            "mıke@example.com",
        ] {
            let email: Email = good.parse().expect(good);
            assert_eq!(email.as_str(), good);
        }
    }

    #[test]
    fn refuses_what_is_no_address() {
        let long = format!("{}@example.com", "a".repeat(250));
        let long_local = format!("{}@example.com", "ö".repeat(33));
        let long_label = format!("a@{}.com", "ü".repeat(60));
        for bad in [
            "",
            "ada",
            "@x.com",
            "a@",
            "a@b",
            "a@b.",
            "a@.b",
            "a@-b.com",
            "a@xn--99999999.com",
            "\"\"@x.com",
            "\"a@x.com",
            &long,
            &long_local,
            &long_label,
        ] {
            assert!(bad.parse::<Email>().is_err(), "{bad:?}");
        }
    }

    #[test]
    fn nothing_that_cannot_be_seen_makes_another_address() {
        for unseen in [
            '\u{ad}',
            '\u{34f}',
            '\u{61c}',
            '\u{115f}',
            '\u{17b4}',
            '\u{180e}',
            '\u{180b}',
            '\u{200b}',
            '\u{200c}',
            '\u{200d}',
            '\u{200e}',
            '\u{202e}',
            '\u{2060}',
            '\u{2066}',
            '\u{2800}',
            '\u{3164}',
            '\u{fe00}',
            '\u{fe0e}',
            '\u{fe0f}',
            '\u{feff}',
            '\u{ffa0}',
            '\u{fffd}',
            '\u{1d173}',
            '\u{1fffe}',
            '\u{e0001}',
            '\u{e0041}',
            '\u{e007f}',
            '\u{e0100}',
        ] {
            for around in
                [("ada", ""), ("a", "da"), ("", "ada"), ("é", "é"), ("1", "1"), ("用", "户"), ("\"a ", "\"")]
            {
                let address = format!("{}{unseen}{}@example.com", around.0, around.1);
                let refused = address.parse::<Email>().unwrap_err();
                assert!(refused.contains(&format!("U+{:04X}", u32::from(unseen))), "{address:?}: {refused}");
            }
        }
        for twice in
            ["ن\u{200c}\u{200c}ا@example.com", "نا\u{200c}@example.com", "❤\u{fe0f}\u{fe0f}@example.com"]
        {
            assert!(twice.parse::<Email>().is_err(), "{twice:?}");
        }
    }

    #[test]
    fn names_the_character_and_its_place() {
        for (bad, named) in [
            ("a b@x.com", "character 2, ' ' (U+0020)"),
            ("  a b@x.com", "character 4, ' ' (U+0020)"),
            ("Ada <a@x.com>", "character 4, ' ' (U+0020)"),
            ("สม\u{202e}ชาย@x.com", "character 3, '\\u{202e}' (U+202E)"),
            ("ada\u{200d}@x.com", "character 4, '\\u{200d}' (U+200D)"),
            ("a\0@x.com", "character 2, '\\0' (U+0000)"),
            ("\"a\"b\"@x.com", "character 3, '\"' (U+0022)"),
            (".a@x.com", "character 1, '.' (U+002E)"),
            ("a..b@x.com", "character 3, '.' (U+002E)"),
            ("a.@x.com", "character 2, '.' (U+002E)"),
            ("ö@x_y.com", "character 4, '_' (U+005F)"),
            ("ö@bü\u{202e}cher.com", "character 5, '\\u{202e}' (U+202E)"),
            ("a@x..com", "character 5, '.' (U+002E)"),
            ("ada@[127.0.0.1]", "character 5, '[' (U+005B)"),
        ] {
            let message = bad.parse::<Email>().unwrap_err();
            assert!(message.contains(named), "{bad:?}: {message}");
        }
    }
}
