use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tracing::warn;

/// File descriptors that are kept back for everything but the API's connections: the second port, stores, peers, files.
const KEPT_BACK: u64 = 384;
/// Connections beyond the limit that are told so at the same time; yet others wait in the kernel's queue.
const REFUSED_AT_A_TIME: u64 = 256;
const OPERATIONS: u64 = 64;

/// How many connections each port may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ConnectionLimits {
    pub(crate) api: u64,
    pub(crate) refused: u64,
    pub(crate) operations: u64,
}

impl ConnectionLimits {
    /// `wanted` for the API, or fewer where the process may not open as many files. It may as many as the system lets it.
    pub(crate) fn within_open_files(wanted: u32) -> ConnectionLimits {
        let wanted = u64::from(wanted);
        let files = raise_open_files(wanted + KEPT_BACK + REFUSED_AT_A_TIME);
        let limits = ConnectionLimits::of(wanted, files);
        if limits.api < wanted {
            warn!(
                files,
                connections = limits.api,
                "fewer connections than wanted: too few files may be open"
            );
        }
        limits
    }

    fn of(wanted: u64, files: u64) -> ConnectionLimits {
        let kept_back = KEPT_BACK.min(files / 2);
        let left = files - kept_back;
        let refused = REFUSED_AT_A_TIME.min(left.saturating_sub(wanted).max(left / 8)).max(1);
        ConnectionLimits {
            api: wanted.min(left.saturating_sub(refused)).max(1),
            refused,
            operations: OPERATIONS.min(kept_back / 4).max(1),
        }
    }
}

/// How many files the process may open, once it has asked for `wanted`.
fn raise_open_files(wanted: u64) -> u64 {
    let limit = getrlimit(Resource::Nofile);
    let Some(current) = limit.current else { return u64::MAX };
    let raised = limit.maximum.map_or(wanted, |maximum| wanted.min(maximum));
    if raised <= current {
        return current;
    }
    match setrlimit(Resource::Nofile, Rlimit { current: Some(raised), maximum: limit.maximum }) {
        Ok(()) => raised,
        Err(_) => current,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn some_files_are_always_kept_back() {
        for (wanted, files, expected) in [
            (1_024, u64::MAX, ConnectionLimits { api: 1_024, refused: 256, operations: 64 }),
            (1_024, 1_664, ConnectionLimits { api: 1_024, refused: 256, operations: 64 }),
            (1_024, 1_024, ConnectionLimits { api: 560, refused: 80, operations: 64 }),
            (1_024, 64, ConnectionLimits { api: 28, refused: 4, operations: 8 }),
            (1_024, 1, ConnectionLimits { api: 1, refused: 1, operations: 1 }),
            (10, 1_024, ConnectionLimits { api: 10, refused: 256, operations: 64 }),
        ] {
            assert_eq!(ConnectionLimits::of(wanted, files), expected, "{wanted} of {files}");
        }
    }
}
