//! The Events. The recorder takes those of one type, action and reason as one and sends the first note again, so what
//! varies stands in the action.

use kube::runtime::events::{Event, EventType};

use super::conditions::BROKER_STARTING;
use crate::{
    error::StepError,
    resource::{ConditionType, QueueScalerStatus},
    steps::{Applied, ReconcileRound},
};

/// Most bytes that the API server takes for a note.
const NOTE_BYTES: usize = 1000;
/// Conditions whose changes are worth an Event; Ready and ScalingActive only repeat what others say.
const TOLD: [ConditionType; 4] = [
    ConditionType::BrokerReachable,
    ConditionType::Limited,
    ConditionType::PoisonSuspected,
    ConditionType::Conflict,
];

fn event(type_: EventType, reason: &str, action: String, note: &str) -> Event {
    let note = note[..note.floor_char_boundary(NOTE_BYTES)].to_owned();
    Event { type_, reason: reason.to_owned(), note: Some(note), action, secondary: None }
}

/// One for each condition that is no longer as it was; what is well from the start is not worth telling.
pub fn of_change(before: &QueueScalerStatus, after: &QueueScalerStatus) -> Vec<Event> {
    let events = TOLD.into_iter().filter_map(|kind| {
        let of = |status: &QueueScalerStatus| {
            status.conditions.iter().find(|condition| condition.type_ == kind.as_str()).cloned()
        };
        let (old, new) = (of(before), of(after)?);
        if new.reason == BROKER_STARTING {
            return None;
        }
        let well = (new.status == "True") == kind.good();
        let changed =
            old.map_or(!well, |old| old.status != new.status || (!well && old.reason != new.reason));
        let type_ = match well {
            true => EventType::Normal,
            false if kind == ConditionType::Limited => EventType::Normal,
            false => EventType::Warning,
        };
        changed.then(|| event(type_, &new.reason, "Observe".to_owned(), &new.message))
    });
    events.collect()
}

/// The change of the number of workers.
pub fn of_scaling(target: &str, round: &ReconcileRound) -> Option<Event> {
    let Applied::Scaled { from, to } = round.applied else { return None };
    let (type_, reason) = match () {
        () if round.decision.fell_back => (EventType::Warning, "FellBack"),
        () if to > from => (EventType::Normal, "ScaledUp"),
        () => (EventType::Normal, "ScaledDown"),
    };
    let note = format!("Deployment {target} from {from} to {to}: {}", round.decision.message);
    Some(event(type_, reason, format!("{from}To{to}"), &note))
}

/// A round that ended early, unless the one before ended so too.
pub fn of_failure(before: &QueueScalerStatus, error: &StepError) -> Option<Event> {
    let known = before.conditions.iter().any(|condition| {
        condition.type_ == ConditionType::Ready.as_str()
            && condition.status == "False"
            && condition.reason == error.reason()
    });
    (!known).then(|| event(EventType::Warning, error.reason(), "Reconcile".to_owned(), &error.to_string()))
}
