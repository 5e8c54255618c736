use crate::{
    Fault, Range,
    input::{boolean, parsed, read_body},
};

/// The body of `PUT /polls/{id}/decision`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DecisionInput {
    /// When the meeting is.
    pub meeting: Range,
    /// Whether it is so even where a required participant is busy by another decision.
    pub force: bool,
}

impl DecisionInput {
    /// Reads the body.
    ///
    /// # Errors
    /// Every fault in it.
    pub fn parse(body: &[u8]) -> Result<DecisionInput, Vec<Fault>> {
        read_body(body, |fields| {
            let (start, end) = (fields.required("start", parsed), fields.required("end", parsed));
            let force = fields.optional("force", boolean);
            let meeting = start.zip(end).map(|(start, end)| Range { start, end });
            let meeting = meeting.filter(|meeting| {
                let slots = domain::SlotRange::new(meeting.start, meeting.end);
                slots.map_err(|error| fields.faults().at("end", |faults| faults.value_error(error))).is_ok()
            });
            Some(DecisionInput { meeting: meeting?, force: force?.unwrap_or_default() })
        })
    }
}
