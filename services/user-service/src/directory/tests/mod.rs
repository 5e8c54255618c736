//! The directory on real stores: PostgreSQL and Redis, and the embedded ones. Sweeps are made by hand, so nothing
//! happens between two lines of a test that does not stand there.

mod database_outages;
mod model;
mod outages;
mod pauses;
mod races;
mod reads;
mod records;
mod replica;
mod slow_stores;
mod stops;
mod world;
