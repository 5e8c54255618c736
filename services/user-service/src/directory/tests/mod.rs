//! The directory on real stores: PostgreSQL and Redis, and the embedded ones. Sweeps are made by hand, so nothing
//! happens between two lines of a test that does not stand there.

mod database_outages;
mod failpoint_control;
mod model;
mod outages;
mod pauses;
mod races;
mod reads;
mod records;
mod service_replica;
mod slow_stores;
mod world;
