//! The decision code polls many queues for long and holds no more than at first.

use std::alloc::System;

use cap::Cap;
use simulator::comparison::soak;

#[global_allocator]
static ALLOCATOR: Cap<System> = Cap::new(System, usize::MAX);

#[test]
fn the_state_of_a_queue_has_a_bounded_size() {
    let soak = soak(100, 3000, &|| ALLOCATOR.allocated() as u64);
    assert!(soak.bytes_early > 0, "nothing was measured");
    assert!(soak.bytes_late <= soak.bytes_early + 64, "{soak:?}");
    assert!(soak.bytes_late < 4096, "{soak:?}");
}
