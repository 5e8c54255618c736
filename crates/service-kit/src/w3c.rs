//! The headers of W3C Trace Context (<https://www.w3.org/TR/trace-context/>).
//!
//! OpenTelemetry's propagator reads and writes them too, and the tests compare with it. Most traces are not recorded, and
//! of such a request the propagator alone took a twentieth of the service's own instructions.

use std::{collections::BTreeMap, fmt::Write, ops::Range, str::FromStr};

use axum::http::{HeaderName, HeaderValue};
use opentelemetry::{
    TraceFlags,
    trace::{SpanContext, TraceState},
};

pub(crate) const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");
pub(crate) const TRACESTATE: HeaderName = HeaderName::from_static("tracestate");

/// Of the first version, `00`: the number of the version, the trace, the span, and the flags, with dashes between.
/// Later ones may have more, behind another dash.
const LENGTH: usize = 55;

/// The caller's span as `header` names it; an invalid context where it names none, or not as the standard says.
pub(crate) fn caller<'a>(header: impl Fn(&HeaderName) -> Option<&'a str>) -> SpanContext {
    let state = || header(&TRACESTATE).and_then(|state| TraceState::from_str(state).ok()).unwrap_or_default();
    header(&TRACEPARENT).and_then(|parent| read(parent, state)).unwrap_or(SpanContext::NONE)
}

/// The sender's span as a message's headers name it, as [`caller`] does.
pub(crate) fn sender(headers: &BTreeMap<String, String>) -> SpanContext {
    caller(|name| headers.get(name.as_str()).map(String::as_str))
}

fn read(parent: &str, state: impl FnOnce() -> TraceState) -> Option<SpanContext> {
    let bytes = parent.as_bytes();
    let number = |digits: Range<usize>| number(bytes.get(digits)?);
    let version = number(0..2)?;
    let trace_id = u128::from(number(3..19)?) << 64 | u128::from(number(19..35)?);
    let span_id = number(36..52)?;
    // Of the flags only the one for sampling may be passed on.
    let flags = TraceFlags::new(u8::try_from(number(53..LENGTH)?).ok()?) & TraceFlags::SAMPLED;
    let is_separated = [2, 35, 52, LENGTH].iter().all(|at| bytes.get(*at).is_none_or(|byte| *byte == b'-'));
    let is_known = version != 0xff && (version != 0 || bytes.len() == LENGTH);
    let context = SpanContext::new(trace_id.into(), span_id.into(), flags, true, state());
    (is_separated && is_known && context.is_valid()).then_some(context)
}

/// The value of lower-case hexadecimal digits, at most 16.
fn number(digits: &[u8]) -> Option<u64> {
    digits.iter().try_fold(0, |number, digit| {
        let value = match digit {
            b'0'..=b'9' => digit - b'0',
            b'a'..=b'f' => digit - b'a' + 10,
            _ => return None,
        };
        Some(number << 4 | u64::from(value))
    })
}

/// The headers that name this span; none when it is not valid.
pub(crate) fn headers(context: &SpanContext) -> Vec<(HeaderName, HeaderValue)> {
    if !context.is_valid() {
        return Vec::new();
    }
    let mut parent = String::with_capacity(LENGTH);
    // Writing to a String cannot fail.
    let _ = write!(parent, "00-{}-{}-{:02x}", context.trace_id(), context.span_id(), context.trace_flags());
    let state = context.trace_state().header();
    let state = (!state.is_empty()).then_some((TRACESTATE, state));
    let named = [(TRACEPARENT, parent)].into_iter().chain(state);
    named.filter_map(|(name, text)| Some((name, HeaderValue::try_from(text).ok()?))).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use opentelemetry::{Context, propagation::TextMapPropagator, trace::TraceContextExt};
    use opentelemetry_sdk::propagation::TraceContextPropagator;
    use proptest::prelude::*;

    use super::*;

    const PARENT: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    fn carrier(parent: &str, state: &str) -> HashMap<String, String> {
        let header = |name: HeaderName, text: &str| (name.to_string(), text.to_owned());
        HashMap::from([header(TRACEPARENT, parent), header(TRACESTATE, state)])
    }

    fn ours(carrier: &HashMap<String, String>) -> SpanContext {
        caller(|name| carrier.get(name.as_str()).map(String::as_str))
    }

    fn theirs(carrier: &HashMap<String, String>) -> SpanContext {
        let context = TraceContextPropagator::new().extract_with_context(&Context::new(), carrier);
        context.span().span_context().clone()
    }

    proptest! {
        #[test]
        fn what_is_well_formed_is_read_and_written_as_by_the_propagator(
            trace in "[0-9a-f]{32}", span in "[0-9a-f]{16}", flags in "[0-9a-f]{2}", state in "|a=1|a=1,b=2| ,=",
        ) {
            let carrier = carrier(&format!("00-{trace}-{span}-{flags}"), &state);
            let read = ours(&carrier);
            prop_assert_eq!(&read, &theirs(&carrier));
            let mut written = HashMap::new();
            let context = Context::new().with_remote_span_context(read.clone());
            TraceContextPropagator::new().inject_context(&context, &mut written);
            written.retain(|_, text| !text.is_empty());
            let ours: HashMap<String, String> = headers(&read)
                .into_iter()
                .map(|(name, text)| (name.to_string(), text.to_str().unwrap().to_owned()))
                .collect();
            prop_assert_eq!(ours, written);
        }

        #[test]
        fn whatever_is_read_reads_the_same_by_the_propagator(parent in "[0-9a-f-]{0,60}|0[01]-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}.{0,3}") {
            let carrier = carrier(&parent, "");
            let read = ours(&carrier);
            if read.is_valid() {
                prop_assert_eq!(read, theirs(&carrier));
            }
        }
    }

    #[test]
    fn only_what_the_standard_says_names_a_caller() {
        assert!(ours(&carrier(PARENT, "")).is_sampled());
        assert!(ours(&carrier(&PARENT.replacen("00", "cc", 1), "")).is_valid());
        assert!(ours(&carrier(&format!("{}-more", PARENT.replacen("00", "cc", 1)), "")).is_valid());
        let refused = [
            String::new(),
            PARENT[..54].to_owned(),
            PARENT.to_uppercase(),
            PARENT.replace('-', "_"),
            PARENT.replacen("00", "ff", 1),
            PARENT.replacen("0a", "+a", 1),
            PARENT.replacen("0af7", "\u{e9}f7", 1),
            format!("{PARENT}-more"),
            format!("{}more", PARENT.replacen("00", "cc", 1)),
            format!("00-{:032x}-b7ad6b7169203331-01", 0),
            format!("00-0af7651916cd43dd8448eb211c80319c-{:016x}-01", 0),
        ];
        for parent in refused {
            assert_eq!(ours(&carrier(&parent, "")), SpanContext::NONE, "{parent}");
        }
        assert!(headers(&SpanContext::NONE).is_empty());
    }
}
