/// By which the services of tests know each other.
pub const SERVICE_SECRET: &str = "0123456789abcdef0123456789abcdef";
/// What no line of a log may have: addresses, which end so in all tests, and what stands beside secrets.
const SECRETS: [&str; 7] =
    ["@example.", "%40example", "w2m_", "edit_token", "admin_token", "sign-in=", SERVICE_SECRET];
/// Characters of every token, which are those of base64url.
const TOKEN_LENGTH: usize = 43;

/// Whether a line of a log has an address or a secret of a test.
pub(crate) fn tells_a_secret(line: &str) -> bool {
    let is_of_token = |letter: char| letter.is_ascii_alphanumeric() || "-_".contains(letter);
    let mut words = line.split(|letter| !is_of_token(letter));
    SECRETS.iter().any(|secret| line.contains(secret)) || words.any(|word| word.len() == TOKEN_LENGTH)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_and_tokens_are_found_in_a_line() {
        let token = "q".repeat(TOKEN_LENGTH);
        for line in [
            "user ada@example.com".to_owned(),
            "GET /users/users/ada%40example%2Ecom failed".to_owned(),
            "Authorization: Bearer w2m_x".to_owned(),
            format!("link #edit=a.{token}"),
            format!("secret {SERVICE_SECRET}"),
        ] {
            assert!(tells_a_secret(&line), "{line}");
        }
        assert!(!tells_a_secret(
            "request of case 3074daaf-2eae-4527-84a6-97424e544684 to /users/users/{email}"
        ));
    }
}
