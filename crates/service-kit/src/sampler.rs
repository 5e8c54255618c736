use std::{num::NonZeroU32, sync::Arc};

use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use opentelemetry::{
    Context, KeyValue,
    trace::{Link, SpanKind, TraceId},
};
use opentelemetry_sdk::trace::{Sampler, SamplingDecision, SamplingResult, ShouldSample};

/// Samples a share of the traces that begin here, and never more than so many a second: what traces cost has a bound,
/// whatever the load. What a caller has begun goes by the caller's choice.
pub(crate) fn sampler(ratio: f64, most_per_second: NonZeroU32) -> Sampler {
    let limit = Arc::new(RateLimiter::direct(Quota::per_second(most_per_second)));
    let begun_here = BegunHere { share: Sampler::TraceIdRatioBased(ratio), limit };
    Sampler::ParentBased(Box::new(begun_here))
}

#[derive(Clone, Debug)]
struct BegunHere {
    share: Sampler,
    limit: Arc<DefaultDirectRateLimiter>,
}

impl ShouldSample for BegunHere {
    fn should_sample(
        &self,
        parent: Option<&Context>,
        trace_id: TraceId,
        name: &str,
        kind: &SpanKind,
        attributes: &[KeyValue],
        links: &[Link],
    ) -> SamplingResult {
        let mut result = self.share.should_sample(parent, trace_id, name, kind, attributes, links);
        // A trace begins with a request or a job, and not with what idle services do in the background.
        let begins = matches!(kind, SpanKind::Server | SpanKind::Consumer);
        let is_sampled = result.decision == SamplingDecision::RecordAndSample;
        if is_sampled && (!begins || self.limit.check().is_err()) {
            result.decision = SamplingDecision::Drop;
        }
        result
    }
}

#[cfg(test)]
mod tests {
    use opentelemetry::trace::{SpanContext, SpanId, TraceContextExt, TraceFlags, TraceState};

    use super::*;

    const TRACE: TraceId = TraceId::from_bytes([7; 16]);

    fn sampled(ratio: f64, limit: u32, parent: Option<TraceFlags>, kind: &SpanKind) -> usize {
        let sampler = sampler(ratio, NonZeroU32::new(limit).unwrap());
        let parent = parent.map(|flags| {
            let span = SpanContext::new(TRACE, SpanId::from_bytes([7; 8]), flags, true, TraceState::NONE);
            Context::new().with_remote_span_context(span)
        });
        let sample = |_: &i32| sampler.should_sample(parent.as_ref(), TRACE, "it", kind, &[], &[]).decision;
        (0..10).filter(|time| sample(time) == SamplingDecision::RecordAndSample).count()
    }

    #[test]
    fn where_a_trace_begins_the_share_and_the_limit_decide() {
        assert_eq!(sampled(0.0, 100, None, &SpanKind::Server), 0);
        assert_eq!(sampled(1.0, 100, None, &SpanKind::Consumer), 10);
        assert!((3..10).contains(&sampled(1.0, 3, None, &SpanKind::Server)));
    }

    #[test]
    fn in_a_callers_trace_the_caller_decides() {
        assert_eq!(sampled(0.0, 1, Some(TraceFlags::SAMPLED), &SpanKind::Server), 10);
        assert_eq!(sampled(1.0, 100, Some(TraceFlags::NOT_SAMPLED), &SpanKind::Server), 0);
    }

    #[test]
    fn what_goes_on_in_the_background_begins_no_trace() {
        assert_eq!(sampled(1.0, 100, None, &SpanKind::Client), 0);
        assert_eq!(sampled(1.0, 100, Some(TraceFlags::SAMPLED), &SpanKind::Client), 10);
    }
}
