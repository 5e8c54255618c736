use sql_store::SqlError;

use super::People;
use crate::db::count::CountedTable;

const TABLE: CountedTable = CountedTable {
    estimate: "SELECT CAST(reltuples AS DOUBLE PRECISION) AS number FROM pg_class WHERE oid = 'people'::regclass",
    exact: "SELECT CAST(COUNT(*) AS DOUBLE PRECISION) AS number FROM people",
};

impl People {
    /// How many people there are; an estimate where there are many.
    ///
    /// # Errors
    /// [`SqlError`], by kind.
    pub(crate) async fn count(&self) -> Result<f64, SqlError> {
        TABLE.count(&self.db).await
    }
}
