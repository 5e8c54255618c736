use wire::{PollView, Visibility};

use super::PublicId;

/// Who somebody is for a poll, by the token that they have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// They have sent no token.
    Anyone,
    /// They have a participant's edit token.
    Participant {
        /// Which participant.
        id: PublicId,
        /// Whether that one has answered.
        answered: bool,
    },
    /// They have the admin token.
    Admin,
}

impl Role {
    pub(crate) fn is_admin(&self) -> bool {
        *self == Role::Admin
    }

    /// Whether they may change that participant.
    pub(crate) fn may_edit(&self, participant: &PublicId) -> bool {
        match self {
            Role::Anyone => false,
            Role::Participant { id, .. } => id == participant,
            Role::Admin => true,
        }
    }
}

/// What somebody may see of a poll's participants and answers. Every read goes through here. A poll that is closed or
/// decided is seen as before: whoever promised to hide answers promised it for good.
pub(crate) fn view(visibility: Visibility, role: &Role) -> PollView {
    match (role, visibility) {
        (Role::Admin, _) | (_, Visibility::Full) => PollView::Names,
        (_, Visibility::Counts) => PollView::Counts,
        (Role::Participant { answered: true, .. }, Visibility::AfterAnswer) => PollView::Names,
        (_, Visibility::AfterAnswer | Visibility::Blind) => PollView::Nothing,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_sees_what_the_visibility_says() {
        let participant = |answered| Role::Participant { id: PublicId::fresh(), answered };
        use PollView::{Counts, Names, Nothing};
        for (visibility, anyone, asked, answered) in [
            (Visibility::Full, Names, Names, Names),
            (Visibility::Counts, Counts, Counts, Counts),
            (Visibility::AfterAnswer, Nothing, Nothing, Names),
            (Visibility::Blind, Nothing, Nothing, Nothing),
        ] {
            assert_eq!(view(visibility, &Role::Anyone), anyone, "{visibility:?}");
            assert_eq!(view(visibility, &participant(false)), asked, "{visibility:?}");
            assert_eq!(view(visibility, &participant(true)), answered, "{visibility:?}");
            assert_eq!(view(visibility, &Role::Admin), Names, "{visibility:?}");
        }
    }

    #[test]
    fn nobody_edits_another_participant_but_the_organiser() {
        let (own, other) = (PublicId::fresh(), PublicId::fresh());
        let role = Role::Participant { id: own.clone(), answered: true };
        assert!(role.may_edit(&own) && !role.may_edit(&other) && !role.is_admin());
        assert!(Role::Admin.may_edit(&other) && !Role::Anyone.may_edit(&other));
    }
}
