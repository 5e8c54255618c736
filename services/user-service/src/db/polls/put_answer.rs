use sql_store::SqlError;
use sqlx::{AssertSqlSafe, query};

use super::Change;
use crate::{
    db::columns::to_json,
    polls::{StoredAnswer, StoredParticipant, StoredTimes},
};

/// Answers that one statement writes.
const BATCH: usize = 256;
const COLUMNS: usize = 10;

impl Change {
    /// Stores a participant's answer instead of the one before.
    ///
    /// # Errors
    /// [`SqlError`], by kind.
    pub(crate) async fn answer(
        &mut self,
        participant: &StoredParticipant,
        answer: &StoredAnswer,
    ) -> Result<(), SqlError> {
        self.store(&[(participant.number, answer)]).await?;
        let update = query("UPDATE participants SET version = $3 WHERE poll_id = $1 AND number = $2");
        let update = update.bind(self.poll.id.as_str()).bind(participant.number).bind(self.poll.version);
        self.tx.execute(update).await.map(drop)
    }

    /// Stores answers as they are after the poll was laid out anew, by the participants' numbers.
    ///
    /// # Errors
    /// [`SqlError`], by kind.
    pub(crate) async fn store(&mut self, answers: &[(i64, &StoredAnswer)]) -> Result<(), SqlError> {
        for batch in answers.chunks(BATCH) {
            let row = |row: usize| {
                let places = (1..=COLUMNS).map(|column| format!("${}", row * COLUMNS + column));
                format!("({})", places.collect::<Vec<_>>().join(","))
            };
            let rows = (0..batch.len()).map(row).collect::<Vec<_>>().join(",");
            // Only numbers of placeholders go into the text.
            let insert = AssertSqlSafe(format!(
                "INSERT INTO answers (poll_id, number, version, answered_at_us, from_schedule, yes, if_needed, \
                 asked, weekly, conflicts) VALUES {rows} ON CONFLICT (poll_id, number) DO UPDATE SET \
                 version = excluded.version, answered_at_us = excluded.answered_at_us, \
                 from_schedule = excluded.from_schedule, yes = excluded.yes, if_needed = excluded.if_needed, \
                 asked = excluded.asked, weekly = excluded.weekly, conflicts = excluded.conflicts"
            ));
            let mut insert = query(insert);
            for (number, answer) in batch {
                let (yes, if_needed, asked, weekly) = match &answer.times {
                    StoredTimes::Dates { yes, if_needed, asked } => {
                        (Some(yes.clone()), Some(if_needed.clone()), asked.clone(), None)
                    }
                    StoredTimes::Weekly(weekly) => (None, None, None, Some(to_json(weekly)?)),
                };
                insert = insert
                    .bind(self.poll.id.as_str())
                    .bind(*number)
                    .bind(self.poll.version)
                    .bind(answer.answered_at_us)
                    .bind(i64::from(answer.from_schedule))
                    .bind(yes)
                    .bind(if_needed)
                    .bind(asked)
                    .bind(weekly)
                    .bind(answer.conflicts.as_ref().map(to_json).transpose()?);
            }
            self.tx.execute(insert).await?;
        }
        Ok(())
    }
}
