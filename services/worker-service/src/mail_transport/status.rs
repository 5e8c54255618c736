//! What mail servers say by enhanced status codes (RFC 3463, 7505).

/// Whether a final status says that nobody has the address: what begins with 5.1 is about addresses, of which some codes are
/// about the sender's, and 5.2.1 about a mailbox that takes no mails. All else is about a policy, or passes.
pub(crate) fn says_nobody_has_it(status: &str) -> bool {
    status == "5.2.1" || (status.starts_with("5.1.") && !matches!(status, "5.1.7" | "5.1.8"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_recipients_address_is_told_from_the_senders_and_from_policies() {
        for nobody in ["5.1.0", "5.1.1", "5.1.2", "5.1.10", "5.2.1"] {
            assert!(says_nobody_has_it(nobody), "{nobody}");
        }
        for somebody in ["5.1.7", "5.1.8", "5.2.2", "5.7.1", "5.0.0", "4.1.1", "5.4.4", ""] {
            assert!(!says_nobody_has_it(somebody), "{somebody}");
        }
    }
}
