use sql_store::SqlError;
use sqlx::query;

use super::{
    Polls,
    row::{poll, poll_columns},
};
use crate::{key::Key, polls::StoredPoll};

impl Polls {
    /// Most meetings of a feed; of more the latest.
    pub(crate) const MAX_FEED: i64 = 1_000;

    /// The polls that are decided and in which somebody with this address takes part, the latest meeting first.
    ///
    /// # Errors
    /// [`SqlError`], by kind.
    pub(crate) async fn decided_polls_of(&self, key: &Key) -> Result<Vec<StoredPoll>, SqlError> {
        let select = query(concat!(
            "SELECT ",
            poll_columns!(),
            " FROM polls WHERE polls.deleted_at_us IS NULL AND polls.meeting_starts_at_us IS NOT NULL \
             AND polls.id IN (SELECT poll_id FROM participants WHERE address_key = $1) \
             ORDER BY polls.meeting_starts_at_us DESC, polls.id LIMIT $2"
        ));
        let select = select.bind(key.as_str()).bind(Self::MAX_FEED);
        self.db.reader().await?.fetch_all(select).await?.iter().map(poll).collect()
    }
}
