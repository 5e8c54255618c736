use std::time::Duration;

use anyhow::Context;
use tokio::time::{Instant, sleep};

/// Pause between two looks at something that another process changes.
const PAUSE: Duration = Duration::from_millis(20);

/// Repeats `step` until it succeeds, for things that happen in another process and tell nobody.
///
/// # Errors
/// When it still fails after `limit`: what was awaited, with the last reason why it had not come.
pub async fn eventually<T>(
    what: &str,
    limit: Duration,
    mut step: impl AsyncFnMut() -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    let deadline = Instant::now() + limit;
    loop {
        match step().await {
            Ok(value) => return Ok(value),
            Err(reason) if Instant::now() >= deadline => {
                return Err(reason).with_context(|| format!("not within {limit:?}: {what}"));
            }
            Err(_not_yet) => sleep(PAUSE).await,
        }
    }
}

#[cfg(test)]
mod tests {
    use anyhow::ensure;

    use super::*;

    #[tokio::test]
    async fn repeats_until_it_comes_and_tells_why_it_did_not() {
        let mut looks = 0;
        let count = eventually("three looks", Duration::from_secs(5), async || {
            looks += 1;
            ensure!(looks == 3, "only {looks}");
            Ok(looks)
        });
        assert_eq!(count.await.unwrap(), 3);

        let never = eventually::<()>("rain", Duration::ZERO, async || anyhow::bail!("the sky is blue"));
        let error = format!("{:#}", never.await.unwrap_err());
        assert_eq!(error, "not within 0ns: rain: the sky is blue");
    }
}
