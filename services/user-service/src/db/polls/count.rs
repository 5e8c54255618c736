use sql_store::SqlError;

use super::Polls;
use crate::db::count::CountedTable;

const TABLE: CountedTable = CountedTable {
    estimate: "SELECT CAST(reltuples AS DOUBLE PRECISION) AS number FROM pg_class WHERE oid = 'polls'::regclass",
    exact: "SELECT CAST(COUNT(*) AS DOUBLE PRECISION) AS number FROM polls",
};

impl Polls {
    /// How many polls there are, also those that are deleted and not yet gone; an estimate where there are many.
    ///
    /// # Errors
    /// [`SqlError`], by kind.
    pub(crate) async fn count(&self) -> Result<f64, SqlError> {
        TABLE.count(&self.db).await
    }
}
