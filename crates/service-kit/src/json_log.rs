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

use crate::error::shorten;

/// Longest text in bytes that one field of a line has.
const MOST_TEXT: usize = 4_000;

/// Fields that say how a span shows in a trace.
pub(crate) const FOR_TRACES: &str = "otel.";

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
        for span in spans {
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
        let mut writer = MemberWriter { out, result: Ok(()) };
        fields.record(&mut writer);
        writer.result
    }

    fn add_fields(&self, members: &'w mut FormattedFields<Members>, fields: &Record<'_>) -> fmt::Result {
        self.format_fields(members.as_writer(), fields)
    }
}

struct MemberWriter<'w> {
    out: Writer<'w>,
    result: fmt::Result,
}

impl MemberWriter<'_> {
    fn member(&mut self, field: &Field, value: impl Serialize) {
        if field.name().starts_with(FOR_TRACES) {
            return;
        }
        let written = serde_json::to_string(&value)
            .map_err(|_| fmt::Error)
            .and_then(|value| write!(self.out, r#","{}":{value}"#, field.name()));
        self.result = self.result.and(written);
    }
}

impl Visit for MemberWriter<'_> {
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

#[cfg(test)]
mod tests {
    use std::{io, sync::Arc};

    use opentelemetry::trace::TracerProvider;
    use opentelemetry_sdk::trace::SdkTracerProvider;
    use parking_lot::Mutex;
    use serde_json::Value;
    use tracing::{Span, error, error_span, info, info_span, subscriber, warn};
    use tracing_subscriber::{EnvFilter, fmt, layer::SubscriberExt};

    use super::*;
    use crate::telemetry::{log_layer, trace_layer};

    /// What is written, line by line.
    #[derive(Clone, Default)]
    struct Written(Arc<Mutex<Vec<u8>>>);

    impl Written {
        fn lines(&self) -> Vec<Value> {
            let bytes = self.0.lock();
            let lines = bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
            lines.map(|line| serde_json::from_slice(line).unwrap()).collect()
        }
    }

    impl io::Write for Written {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn within(level: &str, work: impl FnOnce()) -> Vec<Value> {
        let written = Written::default();
        let writer = written.clone();
        let lines = fmt::layer()
            .with_writer(move || writer.clone())
            .fmt_fields(Members)
            .event_format(JsonLog::new("it"));
        let tracer = SdkTracerProvider::builder().build().tracer("it");
        let lines = log_layer(lines, EnvFilter::new(level)).unwrap();
        let subscriber = tracing_subscriber::registry().with(lines).with(trace_layer(tracer));
        subscriber::with_default(subscriber, work);
        written.lines()
    }

    fn request() -> Span {
        error_span!(parent: None, "request", otel.kind = "server", service = "thing", case_id = "case-7")
    }

    #[test]
    fn lines_carry_what_belongs_to_the_request_and_nothing_of_traces() {
        let lines = within("info", || {
            request().in_scope(|| {
                let call = info_span!(target: "otel", "call", otel.kind = "client", db = "x");
                call.in_scope(|| warn!(count = 3, share = 0.5, "a \"thing\""));
            });
            info!("outside");
        });
        let [within, outside] = lines.as_slice() else { panic!("{lines:#?}") };
        assert_eq!((&within["service"], &within["case_id"]), (&"thing".into(), &"case-7".into()));
        assert_eq!((&within["count"], &within["share"]), (&3.into(), &0.5.into()));
        assert_eq!((&within["level"], &within["message"]), (&"WARN".into(), &"a \"thing\"".into()));
        assert!(within.get("otel.kind").is_none() && within.get("db").is_none(), "{within}");
        assert_eq!((&outside["service"], outside.get("case_id")), (&"it".into(), None));
    }

    #[test]
    fn a_line_carries_its_request_at_every_level_that_is_logged() {
        let lines = within("error", || {
            request().in_scope(|| {
                info!("not logged");
                error!("logged");
            });
        });
        let [line] = lines.as_slice() else { panic!("{lines:#?}") };
        assert_eq!(line["case_id"], "case-7");
        assert_eq!(within("off", || request().in_scope(|| error!("not logged"))), Vec::<Value>::new());
    }

    #[test]
    fn a_line_is_bounded_whatever_it_tells() {
        let long = "é".repeat(500_000);
        let lines = within("info", || warn!(long, shown = ?long, error = %long, "much"));
        assert!(lines[0].to_string().len() < 20_000);
        assert!(lines[0]["long"].as_str().unwrap().ends_with('…'));
    }
}
