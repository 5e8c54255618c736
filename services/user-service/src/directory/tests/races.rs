use super::{
    failpoint_control::{run_freely, run_to, stop_at},
    world::World,
};
use crate::directory::failpoints::Failpoint;

/// How far a writer is when a slow reader comes back with what it found before.
const WRITER_STEPS: [Option<Failpoint>; 4] =
    [Some(Failpoint::RowLocked), Some(Failpoint::Fenced), Some(Failpoint::Committed), None];

#[tokio::test]
async fn a_slow_reader_never_puts_the_old_record_back() {
    for world in World::both().await {
        for reader_at in [Failpoint::TokenNoted, Failpoint::Loaded] {
            for writer_at in WRITER_STEPS {
                let context = format!("reader at {reader_at:?}, writer at {writer_at:?}");
                let plain = world.replica().await;
                plain.create(0).await;
                plain.replace(1).await;
                let (reader, mut reader_stops) = world.stopping_replica().await;
                let (writer, mut writer_stops) = world.stopping_replica().await;

                let reading = reader.spawn_read();
                let reader_stop = run_to(&mut reader_stops, reader_at).await;
                let mut writing = Some(writer.spawn_replace(2));
                let writer_stop = match writer_at {
                    Some(point) => Some(run_to(&mut writer_stops, point).await),
                    None => {
                        run_freely(&mut writer_stops);
                        writing.take().unwrap().await.unwrap().unwrap();
                        None
                    }
                };
                reader_stop.go();
                run_freely(&mut reader_stops);
                assert!([Some(1), Some(2)].contains(&reading.await.unwrap()), "{context}");
                drop(writer_stop);
                run_freely(&mut writer_stops);
                if let Some(writing) = writing {
                    writing.await.unwrap().unwrap();
                }
                assert_ne!(plain.cached().await, Some(1), "{context}");
                assert_eq!(plain.read().await, Some(2), "{context}");
                assert_eq!(plain.read().await, Some(2), "{context}");
            }
        }
    }
}

#[tokio::test]
async fn what_is_read_while_somebody_writes_is_not_cached() {
    for world in World::both().await {
        let reader = world.replica().await;
        reader.create(1).await;
        assert_eq!(reader.read().await, Some(1));
        assert_eq!(reader.cached().await, Some(1));
        let (writer, mut stops) = world.stopping_replica().await;
        let writing = writer.spawn_replace(2);
        let fenced = run_to(&mut stops, Failpoint::Fenced).await;
        assert_eq!(reader.read().await, Some(1), "not committed yet");
        assert_eq!(reader.cached().await, None);
        fenced.go();
        let committed = stop_at(&mut stops, Failpoint::Committed).await;
        assert_eq!(reader.read().await, Some(2));
        assert_eq!(reader.cached().await, None);
        committed.go();
        writing.await.unwrap().unwrap();
        assert_eq!(reader.read().await, Some(2));
        assert_eq!(reader.cached().await, Some(2));
    }
}

#[tokio::test]
async fn an_update_or_deletion_is_seen_by_the_next_read_on_every_replica() {
    for world in World::both().await {
        let (one, other) = (world.replica().await, world.replica().await);
        one.create(1).await;
        for version in 2..6 {
            let (writer, reader) = if version % 2 == 0 { (&one, &other) } else { (&other, &one) };
            assert_eq!(reader.read().await, Some(version - 1));
            assert_eq!(writer.read().await, Some(version - 1));
            writer.replace(version).await;
            assert_eq!(reader.read().await, Some(version));
        }
        assert!(one.remove().await.unwrap());
        assert_eq!(other.read().await, None);
        assert!(!one.remove().await.unwrap());
        assert!(one.try_replace(1).await.unwrap().is_none());
    }
}

#[tokio::test]
async fn a_request_that_is_given_up_does_not_leave_its_write_half_done() {
    for world in World::both().await {
        let reader = world.replica().await;
        reader.create(1).await;
        let (writer, mut stops) = world.stopping_replica().await;
        let request = writer.spawn_replace(2);
        let fenced = run_to(&mut stops, Failpoint::Fenced).await;
        request.abort();
        assert!(request.await.unwrap_err().is_cancelled());
        fenced.go();
        stop_at(&mut stops, Failpoint::Committed).await.go();
        writer.finish_tasks().await;
        assert_eq!(reader.read().await, Some(2));
        assert_eq!(reader.cached().await, Some(2));
    }
}
