use std::fmt;

use tracing::{Event, Subscriber};
use tracing_serde::fields::AsMap;
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
        out.write_str(r#"{"timestamp":""#)?;
        SystemTime.format_time(&mut out)?;
        write!(out, r#"","level":"{}""#, event.metadata().level())?;
        append(&mut out, &serde_json::to_string(&event.field_map()).map_err(|_| fmt::Error)?)?;
        let mut named = false;
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
    match object.strip_prefix('{').and_then(|members| members.strip_suffix('}')) {
        None | Some("") => Ok(()),
        Some(members) => write!(out, ",{members}"),
    }
}
