use wire::{
    AnswerInput, ClaimOrdersRequest, DecisionInput, Fault, FetchOutcome, FindTimes, GroupBusyRequest,
    InvitationsRequest, LevelsRequest, NewParticipant, NewPerson, NewPoll, NewSubscription,
    ParticipantChange, ParticipantsByEmailRequest, PollChange, SchedulesRequest, TakenOrdersRequest,
    WindowOptions, parse_schedule,
};

/// Bodies of requests, each by all that read one: a body is good, or it is told what is wrong with it.
pub(crate) fn bodies(body: &[u8]) {
    told(NewPerson::parse(body));
    told(parse_schedule(body));
    told(NewPoll::parse(body));
    told(PollChange::parse(body));
    told(NewParticipant::parse(body));
    told(ParticipantChange::parse(body));
    told(AnswerInput::parse(body));
    told(DecisionInput::parse(body));
    told(InvitationsRequest::parse(body));
    told(ParticipantsByEmailRequest::parse(body));
    told(NewSubscription::parse(body));
    told(FindTimes::parse(body));
    told(WindowOptions::parse(body));
    told(SchedulesRequest::parse(body));
    told(GroupBusyRequest::parse(body));
    told(LevelsRequest::parse(body));
    told(ClaimOrdersRequest::parse(body));
    told(TakenOrdersRequest::parse(body));
    told(FetchOutcome::parse(body));
}

fn told<T>(parsed: Result<T, Vec<Fault>>) {
    if let Err(faults) = parsed {
        assert!(!faults.is_empty(), "it is refused, and nobody is told why");
    }
}
