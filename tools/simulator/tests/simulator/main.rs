//! The ports against vectors computed by hand, the runs against what must come of them, and the page against its
//! figures.

mod hpa;
mod keda;
mod least;
mod page;
mod record;
mod runs;
mod trace_files;
mod workers;
