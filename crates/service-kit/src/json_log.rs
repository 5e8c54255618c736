use std::fmt;

use serde::Serialize;
use tracing::{
    Event, Subscriber,
    field::{Field, Visit},
    span::Record,
};
use tracing_subscriber::{
    field::RecordFields,
    fmt::{
        FmtContext, FormatEvent, FormatFields, FormattedFields,
        format::Writer,
        time::{FormatTime, SystemTime},
    },
    registry::LookupSpan,
};

use crate::{error::shorten, seen::is_traced};

/// Longest text in bytes that one field of a line has.
const MOST_TEXT: usize = 4_000;

/// Log lines as flat JSON: what happened, then the fields of the spans around it (`case_id`, `trace_id`, …).
pub(crate) struct JsonLog {
    service: &'static str,
}

impl JsonLog {
    /// `service` names the process in lines outside of any request.
    pub(crate) fn new(service: &'static str) -> JsonLog {
        JsonLog { service }
    }
}

impl<S> FormatEvent<S, Members> for JsonLog
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    fn format_event(
        &self,
        context: &FmtContext<'_, S, Members>,
        mut out: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        out.write_str(r#"{"timestamp":""#)?;
        SystemTime.format_time(&mut out)?;
        write!(out, r#"","level":"{}""#, event.metadata().level())?;
        Members.format_fields(out.by_ref(), event)?;
        let mut named = false;
        let spans = context.event_scope().into_iter().flat_map(|scope| scope.from_root());
        for span in spans.filter(|span| !is_traced(span.metadata().target())) {
            if let Some(members) = span.extensions().get::<FormattedFields<Members>>() {
                named |= members.contains(r#""service":"#);
                out.write_str(members)?;
            }
        }
        if !named {
            write!(out, r#","service":"{}""#, self.service)?;
        }
        out.write_str("}\n")
    }
}

/// Fields as members of a JSON object, each behind a comma.
pub(crate) struct Members;

impl<'w> FormatFields<'w> for Members {
    fn format_fields<R: RecordFields>(&self, out: Writer<'w>, fields: R) -> fmt::Result {
        let mut writing = Writing { out, result: Ok(()) };
        fields.record(&mut writing);
        writing.result
    }

    fn add_fields(&self, members: &'w mut FormattedFields<Members>, fields: &Record<'_>) -> fmt::Result {
        self.format_fields(members.as_writer(), fields)
    }
}

struct Writing<'w> {
    out: Writer<'w>,
    result: fmt::Result,
}

impl Writing<'_> {
    fn member(&mut self, field: &Field, value: impl Serialize) {
        let written = serde_json::to_string(&value)
            .map_err(|_| fmt::Error)
            .and_then(|value| write!(self.out, r#","{}":{value}"#, field.name()));
        self.result = self.result.and(written);
    }
}

impl Visit for Writing<'_> {
    fn record_f64(&mut self, field: &Field, value: f64) {
        self.member(field, value);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.member(field, value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.member(field, value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.member(field, value);
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        match value.len() {
            ..=MOST_TEXT => self.member(field, value),
            _ => self.record_debug(field, &format_args!("{value}")),
        }
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        let mut text = format!("{value:?}");
        shorten(&mut text, MOST_TEXT);
        self.member(field, text);
    }
}
