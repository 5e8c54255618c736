//! Polls of accounts, and the tokens that they have made for further browsers.

use sql_store::{Session, SqlError};
use sqlx::{Row, any::AnyRow, query};
use wire::Timestamp;

use super::Accounts;
use crate::polls::{PublicId, Token, TokenHash};

/// What an account is in a poll.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct AccountPoll {
    pub(crate) poll: PublicId,
    pub(crate) title: String,
    /// The participant whom it is, with their name; without one the organiser.
    pub(crate) participant: Option<(PublicId, String)>,
}

/// What is asked for everywhere: the roles of the account $1 that are left, in polls that are not deleted.
macro_rules! select_roles {
    () => {
        "SELECT account_polls.poll_id, account_polls.participant_id, polls.title, participants.name FROM account_polls \
         JOIN polls ON polls.id = account_polls.poll_id AND polls.deleted_at_us IS NULL \
         LEFT JOIN participants ON participants.poll_id = account_polls.poll_id \
         AND participants.id = account_polls.participant_id \
         WHERE account_polls.account_id = $1 AND (account_polls.participant_id = '' OR participants.id IS NOT NULL)"
    };
}

impl Accounts {
    /// Most roles in polls that an account has; of more the oldest go.
    pub(crate) const MOST_POLLS: i64 = 1_000;
    /// Most tokens that it has had made for one of them; of more the oldest hold no longer.
    const MOST_POLL_TOKENS: i64 = 20;

    /// Adds the role that this token has in a poll; whether it has one.
    ///
    /// # Errors
    /// [`SqlError`], by kind.
    pub(crate) async fn add_poll(
        &self,
        account: &str,
        poll: &PublicId,
        token: &TokenHash,
        now: Timestamp,
    ) -> Result<bool, SqlError> {
        let mut tx = self.0.begin().await?;
        // The update changes nothing and has the row counted.
        let insert = query(
            "INSERT INTO account_polls (account_id, poll_id, participant_id, added_at_us) \
             SELECT $1, polls.id, COALESCE(participants.id, ''), $4 FROM polls \
             LEFT JOIN participants ON participants.poll_id = polls.id \
             AND (participants.edit_token_hash = $3 OR participants.reminder_token_hash = $3) \
             WHERE polls.id = $2 AND polls.deleted_at_us IS NULL \
             AND (polls.admin_token_hash = $3 OR participants.id IS NOT NULL) \
             ON CONFLICT (account_id, poll_id, participant_id) DO UPDATE SET added_at_us = account_polls.added_at_us",
        );
        let insert = insert.bind(account).bind(poll.as_str()).bind(token.as_str()).bind(now.micros());
        let is_theirs = tx.execute(insert).await? > 0;
        if is_theirs {
            let delete = query(
                "DELETE FROM account_polls WHERE account_id = $1 AND added_at_us < ( \
                    SELECT MIN(added_at_us) FROM (SELECT added_at_us FROM account_polls WHERE account_id = $1 \
                    ORDER BY added_at_us DESC LIMIT $2) AS kept)",
            );
            tx.execute(delete.bind(account).bind(Self::MOST_POLLS)).await?;
        }
        tx.commit().await?;
        Ok(is_theirs)
    }

    /// The roles of an account, the newest first, those in the same poll one after the other.
    ///
    /// # Errors
    /// [`SqlError`], by kind.
    pub(crate) async fn polls(&self, account: &str) -> Result<Vec<AccountPoll>, SqlError> {
        let select = query(concat!(
            select_roles!(),
            " ORDER BY (SELECT MAX(others.added_at_us) FROM account_polls AS others WHERE others.account_id = $1 \
             AND others.poll_id = account_polls.poll_id) DESC, account_polls.poll_id, account_polls.participant_id"
        ));
        let rows = self.0.reader().await?.fetch_all(select.bind(account)).await?;
        rows.iter().map(role).collect()
    }

    /// A new token for each role of an account in a poll.
    ///
    /// # Errors
    /// [`SqlError`], by kind.
    pub(crate) async fn poll_tokens(
        &self,
        account: &str,
        poll: &PublicId,
        now: Timestamp,
    ) -> Result<Vec<(AccountPoll, Token)>, SqlError> {
        let mut tx = self.0.begin().await?;
        let select = query(concat!(
            select_roles!(),
            " AND account_polls.poll_id = $2 ORDER BY account_polls.participant_id"
        ));
        let rows = tx.fetch_all(select.bind(account).bind(poll.as_str())).await?;
        let mut made = Vec::with_capacity(rows.len());
        for row in &rows {
            let (role, token) = (role(row)?, Token::fresh());
            add_token(&mut tx, account, &role, &token, now).await?;
            made.push((role, token));
        }
        tx.commit().await?;
        Ok(made)
    }

    /// Takes a poll out of an account, whose tokens for it hold no longer; whether it was there.
    ///
    /// # Errors
    /// [`SqlError`], by kind; it may be out or not.
    pub(crate) async fn remove_poll(&self, account: &str, poll: &PublicId) -> Result<bool, SqlError> {
        let delete = query("DELETE FROM account_polls WHERE account_id = $1 AND poll_id = $2");
        Ok(self.0.writer().await?.execute(delete.bind(account).bind(poll.as_str())).await? > 0)
    }
}

async fn add_token(
    session: &mut Session,
    account: &str,
    role: &AccountPoll,
    token: &Token,
    now: Timestamp,
) -> Result<(), SqlError> {
    let participant = role.participant.as_ref().map_or("", |(id, _)| id.as_str());
    let delete = query(
        "DELETE FROM poll_tokens WHERE account_id = $1 AND poll_id = $2 AND participant_id = $3 AND token_hash NOT IN ( \
            SELECT token_hash FROM poll_tokens WHERE account_id = $1 AND poll_id = $2 AND participant_id = $3 \
            ORDER BY created_at_us DESC, token_hash LIMIT $4)",
    );
    let of_role = delete.bind(account).bind(role.poll.as_str()).bind(participant);
    session.execute(of_role.bind(Accounts::MOST_POLL_TOKENS - 1)).await?;
    let insert = query(
        "INSERT INTO poll_tokens (token_hash, account_id, poll_id, participant_id, created_at_us) VALUES ($1, $2, $3, $4, $5)",
    );
    let insert = insert
        .bind(token.hash().as_str().to_owned())
        .bind(account)
        .bind(role.poll.as_str())
        .bind(participant)
        .bind(now.micros());
    session.execute(insert).await.map(drop)
}

fn role(row: &AnyRow) -> Result<AccountPoll, SqlError> {
    let participant: String = row.try_get("participant_id")?;
    let participant = match participant.as_str() {
        "" => None,
        id => Some((PublicId::stored(id.to_owned()), row.try_get("name")?)),
    };
    Ok(AccountPoll {
        poll: PublicId::stored(row.try_get("poll_id")?),
        title: row.try_get("title")?,
        participant,
    })
}
