use wire::{Availabilities, CaseId, Schedule};

use super::{Directory, DirectoryError};
use crate::{conditions::Conditions, key::Key};

impl Directory {
    /// Replaces a person's schedule; whether there is such a person. The week of whole hours is a view of it, so the cache
    /// is told as of every change.
    ///
    /// # Errors
    /// When the conditions do not hold: nothing was changed. When the database does not answer; the schedule may be
    /// replaced or not.
    pub(crate) async fn replace_schedule(
        &self,
        key: Key,
        schedule: Schedule,
        view: Availabilities,
        conditions: Conditions,
        case_id: CaseId,
    ) -> Result<bool, DirectoryError> {
        let directory = self.clone();
        self.finish(async move {
            let people = &directory.shared.people;
            let replaced = people.replace_schedule(&key, &schedule, &view, &conditions, &case_id).await?;
            let Some(change) = replaced else {
                return Ok(false);
            };
            directory.publish(&key, change).await?;
            Ok(true)
        })
        .await
    }
}
