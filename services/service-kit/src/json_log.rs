use std::fmt::{self, Debug};

use serde_json::{Map, Value};
use tracing::{
    Event, Subscriber,
    field::{Field, Visit},
};
use tracing_subscriber::{
    fmt::{
        FmtContext, FormatEvent, FormatFields, FormattedFields,
        format::{JsonFields, Writer},
        time::{FormatTime, SystemTime},
    },
    registry::LookupSpan,
};

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

impl<S> FormatEvent<S, JsonFields> for JsonLog
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    JsonFields: for<'a> FormatFields<'a>,
{
    fn format_event(
        &self,
        ctx: &FmtContext<'_, S, JsonFields>,
        mut out: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let mut fields = Fields(Map::new());
        event.record(&mut fields);
        out.write_str(r#"{"timestamp":""#)?;
        SystemTime.format_time(&mut out)?;
        write!(out, r#"","level":"{}""#, event.metadata().level())?;
        let mut named = fields.0.contains_key("service");
        let line = serde_json::to_string(&fields.0).map_err(|_| fmt::Error)?;
        append(&mut out, &line)?;
        for span in ctx.event_scope().into_iter().flat_map(|scope| scope.from_root()) {
            let extensions = span.extensions();
            if let Some(fields) = extensions.get::<FormattedFields<JsonFields>>() {
                named |= fields.fields.contains(r#""service":"#);
                append(&mut out, &fields.fields)?;
            }
        }
        if !named {
            write!(out, r#","service":"{}""#, self.service)?;
        }
        out.write_str("}\n")
    }
}

/// Appends the members of a JSON object to the line's own object.
fn append(out: &mut Writer<'_>, object: &str) -> fmt::Result {
    let members = object.trim_start_matches('{').trim_end_matches('}');
    if members.is_empty() { Ok(()) } else { write!(out, ",{members}") }
}

struct Fields(Map<String, Value>);

impl Fields {
    fn set(&mut self, field: &Field, value: impl Into<Value>) {
        self.0.insert(field.name().to_owned(), value.into());
    }
}

impl Visit for Fields {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.set(field, value);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.set(field, value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.set(field, value);
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.set(field, value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.set(field, value);
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.set(field, format!("{value:?}"));
    }
}
