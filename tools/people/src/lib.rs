//! Made-up people with realistic working weeks, and their import into a running W2Meet.

pub mod generate;
pub mod import;
pub mod proportions;
