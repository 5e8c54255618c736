use k8s_openapi::{
    apimachinery::pkg::apis::meta::v1::{Condition, Time},
    jiff::Timestamp,
};
use scaling::{Observation, Unknown, UnknownKind};

use crate::{
    error::StepError,
    resource::{ConditionType, QueueScaler, QueueScalerStatus},
    steps::{Applied, Round},
};

/// One condition as it is now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    /// Which.
    pub kind: ConditionType,
    /// Whether it holds.
    pub holds: bool,
    /// One word in CamelCase.
    pub reason: String,
    /// One sentence.
    pub message: String,
}

fn fact(kind: ConditionType, holds: bool, reason: impl Into<String>, message: impl Into<String>) -> Fact {
    Fact { kind, holds, reason: reason.into(), message: message.into() }
}

/// The conditions after a round that came to its end.
pub fn found(object: &QueueScaler, round: &Round) -> Vec<Fact> {
    let (seen, decision) = (&round.seen, &round.decision);
    let broker = broker(round);
    let conflict = match &seen.workers.conflict {
        Some(rival) => fact(
            ConditionType::Conflict,
            true,
            "Conflict",
            format!("{rival} scales Deployment {} too; nothing is written", object.spec.target_ref.name),
        ),
        None => fact(ConditionType::Conflict, false, "NoConflict", "Nobody else scales the target"),
    };
    let in_the_way = [&broker, &conflict].into_iter().find(|fact| fact.holds != fact.kind.good());
    let ready = match in_the_way {
        Some(bad) => fact(ConditionType::Ready, false, bad.reason.clone(), bad.message.clone()),
        None => fact(ConditionType::Ready, true, "Ready", "The queue and the target are read"),
    };
    let limited = match decision.limited {
        true => fact(ConditionType::Limited, true, "Limited", decision.message.clone()),
        false => fact(ConditionType::Limited, false, "WithinLimits", "Nothing limits the number of workers"),
    };
    let poison = match decision.poison_suspected {
        true => fact(ConditionType::PoisonSuspected, true, "PoisonSuspected", decision.message.clone()),
        false => fact(ConditionType::PoisonSuspected, false, "NoPoison", "Messages are done, not sent again"),
    };
    let active = active(object, round, &broker);
    vec![ready, broker, active, limited, poison, conflict]
}

/// Whether what is decided is also written.
fn active(object: &QueueScaler, round: &Round, broker: &Fact) -> Fact {
    let kind = ConditionType::ScalingActive;
    let message = round.decision.message.clone();
    match () {
        () if round.seen.workers.conflict.is_some() => fact(kind, false, "Conflict", message),
        () if object.spec.paused => fact(kind, false, "Paused", message),
        () if object.spec.dry_run => fact(kind, false, "DryRun", message),
        () if round.applied == Applied::Stale => {
            fact(kind, true, "Stale", "The Deployment has changed meanwhile; it is read again")
        }
        () if !broker.holds && !round.decision.fell_back => fact(kind, false, broker.reason.clone(), message),
        () if round.decision.fell_back => fact(kind, true, "FellBack", message),
        () => fact(kind, true, round.decision.reason.to_string(), message),
    }
}

fn broker(round: &Round) -> Fact {
    let kind = ConditionType::BrokerReachable;
    match &round.seen.observation {
        Observation::Unknown(Unknown { kind: unknown, message }) => {
            fact(kind, false, word(*unknown), message.clone())
        }
        // The scaler does not believe this answer.
        Observation::Sample(_) if round.decision.failures > 0 => {
            fact(kind, false, word(UnknownKind::Suspect), round.decision.message.clone())
        }
        Observation::Sample(_) => {
            fact(kind, true, "BrokerAnswers", "The broker tells everything that is needed")
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
pub fn failed(error: &StepError) -> Vec<Fact> {
    [ConditionType::Ready, ConditionType::ScalingActive]
        .map(|kind| fact(kind, false, error.reason(), error.to_string()))
        .to_vec()
}

/// The conditions with these facts in them. `lastTransitionTime` moves when a condition changes between True and False,
/// and only then.
pub fn merge(
    before: &QueueScalerStatus,
    facts: Vec<Fact>,
    generation: Option<i64>,
    now: Timestamp,
) -> Vec<Condition> {
    let known =
        |kind: ConditionType| before.conditions.iter().find(|condition| condition.type_ == kind.as_str());
    let conditions = ConditionType::ALL.into_iter().filter_map(|kind| {
        let Some(fact) = facts.iter().find(|fact| fact.kind == kind) else { return known(kind).cloned() };
        let status = if fact.holds { "True" } else { "False" };
        let since = known(kind)
            .filter(|known| known.status == status)
            .map(|known| known.last_transition_time.clone());
        Some(Condition {
            type_: kind.as_str().to_owned(),
            status: status.to_owned(),
            reason: fact.reason.clone(),
            message: fact.message.clone(),
            observed_generation: generation,
            last_transition_time: since.unwrap_or(Time(now)),
        })
    });
    conditions.collect()
}
