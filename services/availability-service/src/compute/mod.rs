//! What is computed from answers and schedules. Pure: no I/O and no clock.

mod busy_view;
mod cells;
mod heat_map;
mod poll_levels;
mod weeks;

pub(crate) use busy_view::busy_view;
pub(crate) use heat_map::heat_map;
pub(crate) use poll_levels::poll_levels;
pub(crate) use weeks::Weeks;
