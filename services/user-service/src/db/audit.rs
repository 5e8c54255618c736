//! The audit trail.

use std::collections::{BTreeMap, BTreeSet};

use sql_store::{Db, Placeholders, Session, SqlError};
use sqlx::{AssertSqlSafe, Row, any::AnyRow, query};
use wire::{AuditEntry, Timestamp};

use crate::key::Key;

/// Rows that one statement writes or looks for.
const BATCH: usize = 256;

/// Who did what.
#[derive(Clone, Debug)]
pub(crate) struct AuditEntries(Db);

/// Which entries are looked for.
#[derive(Clone, Debug, Default)]
pub(crate) struct AuditQuery {
    /// By the account of this address.
    pub(crate) by: Option<Key>,
    /// About whoever has this address.
    pub(crate) about: Option<Key>,
    /// By or about whoever has this address.
    pub(crate) concerns: Option<Key>,
    /// With this id in the path.
    pub(crate) object: Option<String>,
    /// Older than this entry.
    pub(crate) after: Option<String>,
}

/// An entry as it is stored. Its people are those who are still there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct StoredAuditEntry {
    pub(crate) entry: AuditEntry,
    /// The address of the account, if it is still there.
    pub(crate) by: Option<String>,
}

/// The ids of whoever has the address whose key is the placeholder.
macro_rules! ids_of {
    ($key:literal) => {
        concat!(
            "SELECT id FROM people WHERE address_key = ",
            $key,
            " UNION ALL SELECT id FROM accounts WHERE email_key = ",
            $key
        )
    };
}

impl AuditEntries {
    pub(crate) fn new(db: Db) -> AuditEntries {
        AuditEntries(db)
    }

    /// Keeps entries, but for those that are there already.
    ///
    /// # Errors
    /// [`SqlError`], by kind; none was kept.
    pub(crate) async fn add(&self, entries: &[AuditEntry]) -> Result<(), SqlError> {
        let mut tx = self.0.begin().await?;
        for batch in entries.chunks(BATCH) {
            let list = Placeholders::new(1, batch.len());
            let insert = query(AssertSqlSafe(format!(
                "INSERT INTO audit_entries \
                 (id, at_us, case_id, account_id, is_administrator, method, route, object_id, status) \
                 VALUES {} ON CONFLICT DO NOTHING",
                list.rows(9)
            )));
            let insert = list.pad(batch).fold(insert, |insert, entry| {
                insert
                    .bind(entry.id.as_str())
                    .bind(entry.at.micros())
                    .bind(entry.case_id.as_str())
                    .bind(entry.account_id.as_str())
                    .bind(i64::from(entry.is_administrator))
                    .bind(entry.method.as_str())
                    .bind(entry.route.as_str())
                    .bind(entry.object_id.as_deref())
                    .bind(entry.status.map(i64::from))
            });
            tx.execute(insert).await?;
        }
        let about = |entry: &'_ AuditEntry| {
            entry.people.iter().filter_map(|person| Key::of(person)).collect::<Vec<_>>()
        };
        let keys: BTreeSet<Key> = entries.iter().flat_map(about).collect();
        let ids = ids_of_all(&mut tx, keys.into_iter().collect()).await?;
        let subjects: Vec<(&str, &str)> = entries
            .iter()
            .flat_map(|entry| about(entry).into_iter().map(move |key| (key, entry.id.as_str())))
            .flat_map(|(key, entry)| ids.get(&key).into_iter().flatten().map(move |id| (id.as_str(), entry)))
            .collect();
        for batch in subjects.chunks(BATCH) {
            let list = Placeholders::new(1, batch.len());
            let insert = query(AssertSqlSafe(format!(
                "INSERT INTO audit_subjects (subject_id, entry_id) VALUES {} ON CONFLICT DO NOTHING",
                list.rows(2)
            )));
            let insert =
                list.pad(batch).fold(insert, |insert, (subject, entry)| insert.bind(*subject).bind(*entry));
            tx.execute(insert).await?;
        }
        tx.commit().await
    }

    /// Entries, the newest first.
    ///
    /// # Errors
    /// [`SqlError`], by kind.
    pub(crate) async fn page(
        &self,
        asked: &AuditQuery,
        limit: u32,
    ) -> Result<Vec<StoredAuditEntry>, SqlError> {
        let by = "account_id IN (SELECT id FROM accounts WHERE email_key = $?)";
        let about = concat!(
            "audit_entries.id IN (SELECT entry_id FROM audit_subjects WHERE subject_id IN (",
            ids_of!("$?"),
            "))"
        );
        let concerns = format!("({by} OR {about})");
        let conditions = [
            (asked.by.as_ref().map(Key::as_str), by),
            (asked.about.as_ref().map(Key::as_str), about),
            (asked.concerns.as_ref().map(Key::as_str), &concerns),
            (asked.object.as_deref(), "object_id = $?"),
            (asked.after.as_deref(), "audit_entries.id < $?"),
        ];
        let given: Vec<(&str, &str)> =
            conditions.iter().filter_map(|(value, condition)| Some(((*value)?, *condition))).collect();
        let conditions = given.iter().enumerate().map(|(index, (_, condition))| {
            format!(" AND {}", condition.replace("$?", &format!("${}", index + 2)))
        });
        let select = query(AssertSqlSafe(format!(
            "SELECT audit_entries.*, accounts.email AS by_email FROM audit_entries \
             LEFT JOIN accounts ON accounts.id = audit_entries.account_id \
             WHERE 1 = 1{} ORDER BY audit_entries.id DESC LIMIT $1",
            conditions.collect::<String>()
        )));
        let select =
            given.iter().fold(select.bind(i64::from(limit)), |select, (value, _)| select.bind(*value));
        let mut session = self.0.reader().await?;
        let rows = session.fetch_all(select).await?;
        let mut entries: Vec<StoredAuditEntry> = rows.iter().map(stored).collect::<Result<_, _>>()?;
        let ids: Vec<String> = entries.iter().map(|stored| stored.entry.id.clone()).collect();
        let mut people = people_of(&mut session, &ids).await?;
        for stored in &mut entries {
            stored.entry.people = people.remove(&stored.entry.id).unwrap_or_default().into_iter().collect();
        }
        Ok(entries)
    }

    /// Deletes entries from before this instant; whether there may be more.
    ///
    /// # Errors
    /// [`SqlError`], by kind.
    pub(crate) async fn forget(&self, before: Timestamp, limit: u32) -> Result<bool, SqlError> {
        let delete = query(
            "DELETE FROM audit_entries WHERE id IN \
             (SELECT id FROM audit_entries WHERE at_us < $1 ORDER BY at_us LIMIT $2)",
        );
        let delete = delete.bind(before.micros()).bind(i64::from(limit));
        Ok(self.0.writer().await?.execute(delete).await? >= u64::from(limit))
    }
}

/// The ids of all who have these addresses.
async fn ids_of_all(session: &mut Session, keys: Vec<Key>) -> Result<BTreeMap<Key, Vec<String>>, SqlError> {
    let mut found: BTreeMap<Key, Vec<String>> = BTreeMap::new();
    for batch in keys.chunks(BATCH) {
        let list = Placeholders::new(1, batch.len());
        let select = query(AssertSqlSafe(format!(
            "SELECT address_key, id FROM people WHERE address_key IN ({list}) \
             UNION ALL SELECT email_key, id FROM accounts WHERE email_key IN ({list})"
        )));
        let select = list.pad(batch).fold(select, |select, key| select.bind(key.as_str()));
        for row in session.fetch_all(select).await? {
            found.entry(Key::stored(&row.try_get::<String, _>(0)?)).or_default().push(row.try_get(1)?);
        }
    }
    Ok(found)
}

/// The addresses of those whom entries are about, by the ids of the entries.
async fn people_of(
    session: &mut Session,
    entries: &[String],
) -> Result<BTreeMap<String, BTreeSet<String>>, SqlError> {
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for batch in entries.chunks(BATCH) {
        let list = Placeholders::new(1, batch.len());
        let select = query(AssertSqlSafe(format!(
            "SELECT entry_id, COALESCE(people.email, accounts.email) AS email FROM audit_subjects \
             LEFT JOIN people ON people.id = subject_id LEFT JOIN accounts ON accounts.id = subject_id \
             WHERE entry_id IN ({list}) AND COALESCE(people.email, accounts.email) IS NOT NULL"
        )));
        let select = list.pad(batch).fold(select, |select, id| select.bind(id.as_str()));
        for row in session.fetch_all(select).await? {
            found.entry(row.try_get("entry_id")?).or_default().insert(row.try_get("email")?);
        }
    }
    Ok(found)
}

fn stored(row: &AnyRow) -> Result<StoredAuditEntry, SqlError> {
    let status: Option<i64> = row.try_get("status")?;
    Ok(StoredAuditEntry {
        entry: AuditEntry {
            id: row.try_get("id")?,
            at: Timestamp::from_micros(row.try_get("at_us")?).unwrap_or_else(Timestamp::now),
            case_id: row.try_get("case_id")?,
            account_id: row.try_get("account_id")?,
            is_administrator: row.try_get::<i64, _>("is_administrator")? != 0,
            method: row.try_get("method")?,
            route: row.try_get("route")?,
            object_id: row.try_get("object_id")?,
            people: Vec::new(),
            status: status.and_then(|status| u16::try_from(status).ok()),
        },
        by: row.try_get("by_email")?,
    })
}
