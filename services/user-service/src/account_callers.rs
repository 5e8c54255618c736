//! Who is signed in: whoever has a token of an account, or the installation's own secret.

use async_trait::async_trait;
use service_kit::{ApiError, CallerSource, Callers, RequestContext, Secret};
use wire::{Account, Email, Timestamp};

use crate::{
    db::{Accounts, PollError},
    service_args::ServiceArgs,
};

/// Under which jobs of the administrator are kept who has no account.
const ADMINISTRATOR: &str = "administrator";
/// Fewest characters of that administrator's token; 32 random bytes have as many in base64url.
const LEAST_TOKEN: usize = 43;

/// Finds accounts by their tokens, in this service's own tables.
pub(crate) struct AccountCallers {
    accounts: Accounts,
    /// The addresses of administrators, as they are compared.
    administrators: Vec<String>,
    /// Of the secret by which there is an administrator without an account.
    administrator_hash: Option<String>,
}

impl AccountCallers {
    /// # Errors
    /// When the administrator's token is none that anybody could send, or that others could guess.
    pub(crate) fn new(accounts: Accounts, own: &ServiceArgs) -> anyhow::Result<AccountCallers> {
        let secret = own.administrator_token.as_ref().map(Secret::expose);
        if let Some(secret) = secret {
            let random = secret.strip_prefix(Callers::PREFIX).unwrap_or_default();
            let is_token = random.len() >= LEAST_TOKEN && random.bytes().all(|byte| byte.is_ascii_graphic());
            anyhow::ensure!(
                is_token,
                "ADMINISTRATOR_TOKEN should be {} and at least {LEAST_TOKEN} random letters and digits; \
                 echo \"{}$(openssl rand -hex 32)\" makes one",
                Callers::PREFIX,
                Callers::PREFIX,
            );
        }
        Ok(AccountCallers {
            accounts,
            administrators: own.administrators.iter().map(|email| Email::key(email.as_str())).collect(),
            administrator_hash: secret.map(Callers::hash),
        })
    }
}

#[async_trait]
impl CallerSource for AccountCallers {
    async fn find(&self, _: &RequestContext, token_hash: &str) -> Result<Option<Account>, ApiError> {
        if self.administrator_hash.as_deref() == Some(token_hash) {
            return Ok(Some(Account {
                id: ADMINISTRATOR.to_owned(),
                token_id: None,
                email: None,
                is_administrator: true,
                may_write: true,
                expires_at: None,
            }));
        }
        let found = self.accounts.by_token(token_hash, Timestamp::now()).await.map_err(PollError::Sql)?;
        Ok(found.map(|account| {
            let key = account.email.as_deref().map(Email::key);
            let is_administrator =
                account.is_administrator || key.is_some_and(|key| self.administrators.contains(&key));
            Account { is_administrator, ..account }
        }))
    }
}
