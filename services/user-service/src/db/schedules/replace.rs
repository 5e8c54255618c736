use sql_store::SqlError;
use sqlx::{Row, query};
use wire::{AsText, Availabilities, CaseId, Schedule};

use super::schedule;
use crate::{
    conditions::Conditions,
    db::{
        Change, ChangeError, People,
        columns::to_json,
        conflicts::{Whose, order_check},
    },
    key::Key,
    schedules::entity_tag,
};

impl People {
    /// Replaces a person's schedule, and with it the week of whole hours that is a view of it; `None` when there is no such
    /// person.
    ///
    /// # Errors
    /// [`ChangeError`]; nothing was changed.
    pub(crate) async fn replace_schedule(
        &self,
        key: &Key,
        new: &Schedule,
        view: &Availabilities,
        conditions: &Conditions,
        case_id: &CaseId,
    ) -> Result<Option<Change>, ChangeError> {
        self.complete(std::slice::from_ref(key)).await?;
        let mut tx = self.db.begin().await?;
        let lock = query("UPDATE people SET id = id WHERE address_key = $1 RETURNING id").bind(key.as_str());
        let Some(row) = tx.fetch_optional(lock).await? else {
            tx.rollback().await?;
            return Ok(None);
        };
        let id: String = row.try_get("id").map_err(SqlError::from)?;
        if !conditions.is_empty() {
            let select = query(
                "SELECT people.availabilities, schedules.time_zone, schedules.weekly, schedules.overrides, \
                 schedules.working_hours FROM people LEFT JOIN schedules ON schedules.person_id = people.id \
                 WHERE people.id = $1",
            );
            let row = tx.fetch_optional(select.bind(id.as_str())).await?;
            let stored = schedule(&row.ok_or(sqlx::Error::RowNotFound).map_err(SqlError::from)?)?;
            if !conditions.allow_change_of(&entity_tag(&stored)) {
                tx.rollback().await?;
                return Err(ChangeError::PreconditionFailed);
            }
        }
        // A trigger has the hours of the week replace the rules; so the rules come after them.
        let hours = query("UPDATE people SET availabilities = $2 WHERE id = $1");
        tx.execute(hours.bind(id.as_str()).bind(to_json(view)?)).await?;
        let upsert = query(
            "INSERT INTO schedules (person_id, time_zone, weekly, overrides, working_hours) \
             VALUES ($1, $2, $3, $4, $5) ON CONFLICT (person_id) DO UPDATE SET \
             time_zone = excluded.time_zone, weekly = excluded.weekly, overrides = excluded.overrides, \
             working_hours = excluded.working_hours",
        )
        .bind(id.as_str())
        .bind(new.time_zone.to_text().into_owned())
        .bind(to_json(&new.weekly)?)
        .bind(to_json(&new.overrides)?)
        .bind(to_json(&new.working_hours)?);
        tx.execute(upsert).await?;
        order_check(&mut tx, Whose::Person(&id), case_id).await?;
        Ok(Some(Change::new(tx, key.clone())))
    }
}
