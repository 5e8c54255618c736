//! How texts with rules of their own are described in OpenAPI.

use domain::{Level, Preference, Weekday};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        KnownFormat, RefOr, SchemaFormat,
        schema::{ObjectBuilder, Schema, Type},
    },
};

use crate::Query;

/// Text that is no control character and not only blanks; see [`Query::check`].
const NAMING: &str =
    r"^[^\x00-\x1F\x7F-\x9F\uFFFD]*[^\s\x00-\x1F\x7F-\x9F\uFFFD][^\x00-\x1F\x7F-\x9F\uFFFD]*$";

fn text() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::String)
}

/// Declares a type that only describes a text.
macro_rules! described {
    ($($(#[$doc:meta])* $name:ident = $schema:expr;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug)]
        pub struct $name;

        impl PartialSchema for $name {
            fn schema() -> RefOr<Schema> {
                $schema.build().into()
            }
        }

        impl ToSchema for $name {}
    )*};
}

described! {
    /// Names a person in a question; whoever is not known is not found.
    UserId = text()
        .description(Some("A person's address, in any case"))
        .min_length(Some(1))
        .max_length(Some(Query::MAX_LENGTH))
        .pattern(Some(NAMING))
        .examples(["ada@example.com"]);
    /// An address under which a person is stored.
    EmailAddress = text()
        .description(Some("An e-mail address; blanks around it are trimmed, its domain is stored in lower case"))
        .format(Some(SchemaFormat::Custom("email".to_owned())))
        .examples(["ada@example.com"]);
    /// Which of the shared hours is wanted.
    PreferenceName = text()
        .description(Some("Which of the shared hours to take"))
        .enum_values(Some([Preference::First, Preference::Last, Preference::Random].map(Preference::name)));
    /// The state of a job.
    JobStateName = text().enum_values(Some(["queued", "running", "succeeded", "failed", "dead"]));
    /// The id of a job.
    JobId = text().format(Some(SchemaFormat::Custom("uuid".to_owned())));
    /// How many jobs a page has.
    PageSize = ObjectBuilder::new()
        .schema_type(Type::Integer)
        .minimum(Some(1))
        .maximum(Some(100))
        .default(Some(50.into()));
    /// What makes the same order one job.
    IdempotencyKey = text()
        .description(Some("Printable ASCII characters; blanks around them do not count"))
        .min_length(Some(1))
        .max_length(Some(255))
        .pattern(Some("^[!-~]([ -~]*[!-~])?$"));
    /// A condition on what the client has seen.
    EntityTagList = text()
        .description(Some("`*`, or entity tags as they came in `ETag`, separated by commas"))
        .pattern(Some(r#"^(\*|[ ,]*((W/)?"[!#-~]*"( *,[ ,]*(W/)?"[!#-~]*")*[ ,]*)?)$"#))
        .examples(["\"7\""]);
    /// The hour at which something begins. As a list of what it may be, so that no client takes `9.0` for one.
    Hour = ObjectBuilder::new()
        .schema_type(Type::Integer)
        .minimum(Some(0))
        .maximum(Some(23))
        .enum_values(Some(0..24));
    /// A zone of the IANA database.
    ZoneName = text()
        .description(Some("A time zone of the IANA database; aliases are kept as they are given"))
        .examples(["Europe/Berlin"]);
    /// A time on the clock.
    ClockTime = text()
        .description(Some("HH:MM from 00:00 to 24:00, which only ends a day"))
        .pattern(Some("^([01][0-9]|2[0-3]):[0-5][0-9]$|^24:00$"))
        .examples(["09:00"]);
    /// A date.
    DateText = text()
        .description(Some("A date of the years from 2000 to 2199"))
        .format(Some(SchemaFormat::KnownFormat(KnownFormat::Date)))
        .examples(["2026-03-08"]);
    /// An instant.
    InstantText = text()
        .description(Some("RFC 3339, in the years from 2000 to 2199; any offset is read, UTC is written"))
        .format(Some(SchemaFormat::KnownFormat(KnownFormat::DateTime)))
        .examples(["2026-03-08T06:00:00Z"]);
    /// How gladly.
    LevelName = text()
        .description(Some("How gladly; what is at no level is a no"))
        .enum_values(Some(Level::ALL.map(Level::name)));
    /// A day of the week.
    DayName = text().enum_values(Some(Weekday::ALL.map(|day| day.name())));
}
