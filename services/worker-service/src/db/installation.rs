use sql_store::SqlError;
use sqlx::Row;
use uuid::Uuid;

use super::Jobs;

impl Jobs {
    /// What tells this table's jobs from those of other installations that have the same queue: made once for a table, and
    /// kept in it.
    pub async fn installation(&self) -> Result<&str, SqlError> {
        let read = async || {
            let insert =
                sqlx::query("INSERT INTO installation (singleton, id) VALUES (1, $1) ON CONFLICT DO NOTHING");
            let mut writer = self.db.writer().await?;
            writer.execute(insert.bind(Uuid::new_v4().to_string())).await?;
            let row = writer.fetch_optional(sqlx::query("SELECT id FROM installation")).await?;
            Ok::<String, SqlError>(row.ok_or(sqlx::Error::RowNotFound)?.try_get("id")?)
        };
        self.installation.get_or_try_init(read).await.map(String::as_str)
    }
}
