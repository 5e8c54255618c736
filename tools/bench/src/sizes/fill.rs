//! Many people and polls in a database, past the services.

use people::proportions::{participants, weekday};
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection, Row};

const FILL: &str = include_str!("fill.sql");

/// What a row of a table takes on the disk.
#[derive(Clone, Debug)]
pub(crate) struct StoredBytes {
    pub(crate) table: String,
    pub(crate) rows: i64,
    /// Of the table, without its indices.
    pub(crate) table_bytes: i64,
    pub(crate) index_bytes: i64,
}

/// Stores people until there are `size`, and `size` polls with their participants and answers; what is stored, by table.
pub(super) async fn fill(database: &str, size: u32) -> anyhow::Result<Vec<StoredBytes>> {
    let mut connection = PgConnection::connect(database).await?;
    connection.execute(AssertSqlSafe(statements(size))).await?;
    // As a database is that has been there for a while, and none of it waits to be written when it is measured.
    connection.execute("VACUUM (ANALYZE)").await?;
    connection.execute("CHECKPOINT").await?;
    let mut stored = Vec::new();
    for table in ["people", "polls", "participants", "answers"] {
        let select = format!(
            "SELECT (SELECT COUNT(*) FROM {table}) AS rows, pg_table_size('{table}') AS table_bytes, \
             pg_indexes_size('{table}') AS index_bytes"
        );
        let row = connection.fetch_one(AssertSqlSafe(select)).await?;
        stored.push(StoredBytes {
            table: table.to_owned(),
            rows: row.try_get("rows")?,
            table_bytes: row.try_get("table_bytes")?,
            index_bytes: row.try_get("index_bytes")?,
        });
    }
    connection.close().await?;
    Ok(stored)
}

/// Poll n of so many is the n-th smallest; its day follows from its number alone.
fn statements(size: u32) -> String {
    let share = |poll: u32| (f64::from(poll) + 0.5) / f64::from(size);
    // Neighbours of one size are made on any days: steps of the golden ratio come near everywhere.
    let day = |poll: u32| weekday((f64::from(poll) * 0.618_033_988_75).fract());
    let list =
        |of: &dyn Fn(u32) -> String| format!("{{{}}}", (0..size).map(of).collect::<Vec<_>>().join(","));
    FILL.replace("{people}", &size.to_string())
        .replace("{sizes}", &list(&|poll| participants(share(poll)).to_string()))
        .replace("{days}", &list(&|poll| day(poll).to_string()))
}

#[cfg(test)]
mod tests {
    use super::statements;

    #[test]
    fn every_poll_has_a_size_and_a_day() {
        let text = statements(1_000);
        let (_, lists) = text.split_once("unnest('{").unwrap();
        let (sizes, rest) = lists.split_once('}').unwrap();
        assert_eq!(sizes.split(',').count(), 1_000);
        assert!(sizes.ends_with(",281"), "{sizes}");
        let days: Vec<&str> =
            rest.strip_prefix("'::BIGINT[], '{").unwrap().split_once('}').unwrap().0.split(',').collect();
        let mondays = days.iter().filter(|day| **day == "0").count();
        assert_eq!(days.len(), 1_000);
        assert!((205..=215).contains(&mondays), "{mondays}");
    }
}
