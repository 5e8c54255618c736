use anyhow::ensure;
use testkit::Platform;

/// What no line of a log may have: addresses, which end so in all tests, and what stands beside secrets.
const SECRETS: [&str; 5] = ["@example.", "w2m_", "edit_token", "admin_token", "sign-in="];
/// Characters of every token, which are those of base64url.
const TOKEN_LENGTH: usize = 43;

/// Looks through the logs of all services for addresses and secrets.
///
/// # Errors
/// The first line that has one. Where cases share a platform it may be that of another case.
pub fn check_logs(platform: &Platform) -> anyhow::Result<()> {
    for service in platform.services() {
        let lines = service.logs();
        let told =
            lines.iter().find(|line| SECRETS.iter().any(|secret| line.contains(secret)) || has_token(line));
        ensure!(
            told.is_none(),
            "the log of {} tells a secret: {}",
            service.name(),
            told.map_or("", |line| line)
        );
    }
    Ok(())
}

fn has_token(line: &str) -> bool {
    let is_of_token = |letter: char| letter.is_ascii_alphanumeric() || "-_".contains(letter);
    line.split(|letter| !is_of_token(letter)).any(|word| word.len() == TOKEN_LENGTH)
}
