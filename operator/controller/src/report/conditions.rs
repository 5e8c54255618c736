use k8s_openapi::{
    apimachinery::pkg::apis::meta::v1::{Condition, Time},
    jiff::Timestamp,
};
use scaling::{Observation, Unknown, UnknownKind};

use crate::{
    error::StepError,
    resource::{ConditionType, QueueScaler, QueueScalerStatus},
    steps::{Applied, ReconcileRound},
};

/// The reason of a condition that is not good yet and no fault: the broker may have been started just now.
pub(super) const BROKER_STARTING: &str = "BrokerStarting";

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConditionUpdate {
    pub kind: ConditionType,
    pub holds: bool,
    /// One word in CamelCase.
    pub reason: String,
    /// One sentence.
    pub message: String,
}

fn update(
    kind: ConditionType,
    holds: bool,
    reason: impl Into<String>,
    message: impl Into<String>,
) -> ConditionUpdate {
    ConditionUpdate { kind, holds, reason: reason.into(), message: message.into() }
}

/// The conditions after a round that came to its end.
pub fn found(object: &QueueScaler, round: &ReconcileRound) -> Vec<ConditionUpdate> {
    let (observed, decision) = (&round.observed, &round.decision);
    let broker = broker(round);
    let conflict = match &observed.workers.conflict {
        Some(rival) => update(
            ConditionType::Conflict,
            true,
            "Conflict",
            format!("{rival} scales Deployment {} too; nothing is written", object.spec.target_ref.name),
        ),
        None => update(ConditionType::Conflict, false, "NoConflict", "Nobody else scales the target"),
    };
    let in_the_way = [&broker, &conflict].into_iter().find(|update| update.holds != update.kind.good());
    let ready = match in_the_way {
        Some(bad) => update(ConditionType::Ready, false, bad.reason.clone(), bad.message.clone()),
        None => update(ConditionType::Ready, true, "Ready", "The queue and the target are read"),
    };
    let limited = match decision.limited {
        true => update(ConditionType::Limited, true, "Limited", decision.message.clone()),
        false => {
            update(ConditionType::Limited, false, "WithinLimits", "Nothing limits the number of workers")
        }
    };
    let poison = match decision.poison_suspected {
        true => update(ConditionType::PoisonSuspected, true, "PoisonSuspected", decision.message.clone()),
        false => {
            update(ConditionType::PoisonSuspected, false, "NoPoison", "Messages are done, not sent again")
        }
    };
    let active = active(object, round, &broker);
    vec![ready, broker, active, limited, poison, conflict]
}

/// Whether what is decided is also written.
fn active(object: &QueueScaler, round: &ReconcileRound, broker: &ConditionUpdate) -> ConditionUpdate {
    let kind = ConditionType::ScalingActive;
    let message = round.decision.message.clone();
    match () {
        () if round.observed.workers.conflict.is_some() => update(kind, false, "Conflict", message),
        () if object.spec.paused => update(kind, false, "Paused", message),
        () if object.spec.dry_run => update(kind, false, "DryRun", message),
        () if round.applied == Applied::Stale => {
            update(kind, true, "Stale", "The Deployment has changed meanwhile; it is read again")
        }
        () if !broker.holds && !round.decision.fell_back => {
            update(kind, false, broker.reason.clone(), message)
        }
        () if round.decision.fell_back => update(kind, true, "FellBack", message),
        () => update(kind, true, round.decision.reason.to_string(), message),
    }
}

fn broker(round: &ReconcileRound) -> ConditionUpdate {
    let kind = ConditionType::BrokerReachable;
    match &round.observed.observation {
        _ if round.decision.broker_starting => {
            update(kind, false, BROKER_STARTING, round.decision.message.clone())
        }
        Observation::Unknown(Unknown { kind: unknown, message }) => {
            update(kind, false, word(*unknown), message.clone())
        }
        // The scaler does not believe this answer.
        Observation::Sample(_) if round.decision.failures > 0 => {
            update(kind, false, word(UnknownKind::Suspect), round.decision.message.clone())
        }
        Observation::Sample(_) => {
            update(kind, true, "BrokerAnswers", "The broker tells everything that is needed")
        }
    }
}

fn word(unknown: UnknownKind) -> &'static str {
    match unknown {
        UnknownKind::Unreachable => "BrokerUnreachable",
        UnknownKind::Unauthorized => "BrokerUnauthorized",
        UnknownKind::NotFound => "QueueNotFound",
        UnknownKind::Incomplete => "AnswerIncomplete",
        UnknownKind::Suspect => "AnswerSuspect",
    }
}

/// The conditions that a round tells of that ended early; the others stay as they are.
pub fn failed(error: &StepError) -> Vec<ConditionUpdate> {
    [ConditionType::Ready, ConditionType::ScalingActive]
        .map(|kind| update(kind, false, error.reason(), error.to_string()))
        .to_vec()
}

/// The conditions with these updates in them. `lastTransitionTime` moves when a condition changes between True and False,
/// and only then.
pub fn merge(
    before: &QueueScalerStatus,
    updates: Vec<ConditionUpdate>,
    generation: Option<i64>,
    now: Timestamp,
) -> Vec<Condition> {
    let known =
        |kind: ConditionType| before.conditions.iter().find(|condition| condition.type_ == kind.as_str());
    let conditions = ConditionType::ALL.into_iter().filter_map(|kind| {
        let Some(update) = updates.iter().find(|update| update.kind == kind) else {
            return known(kind).cloned();
        };
        let status = if update.holds { "True" } else { "False" };
        let since = known(kind)
            .filter(|known| known.status == status)
            .map(|known| known.last_transition_time.clone());
        Some(Condition {
            type_: kind.as_str().to_owned(),
            status: status.to_owned(),
            reason: update.reason.clone(),
            message: update.message.clone(),
            observed_generation: generation,
            last_transition_time: since.unwrap_or(Time(now)),
        })
    });
    conditions.collect()
}
