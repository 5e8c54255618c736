//! The lines to all servers that have keys. They are used and given up together: one cache of which a part is left out
//! would have to be kept together with the database part by part.

use std::{ops::RangeInclusive, sync::Arc};

use futures::future::try_join_all;
use redis::{AsyncConnectionConfig, FromRedisValue, Pipeline, RedisError, aio::MultiplexedConnection};

use crate::redis_servers::{Masters, Slots};

#[derive(Clone)]
pub(in crate::cache) struct Lines(Arc<Inner>);

struct Inner {
    lines: Vec<Line>,
    /// Which line a key belongs to; without it there is one line for all.
    slots: Option<Slots>,
}

/// A line to one server.
pub(in crate::cache) struct Line {
    pub(in crate::cache) connection: MultiplexedConnection,
    /// Whose keys the server has, in a cluster.
    pub(in crate::cache) slots: Vec<RangeInclusive<u16>>,
}

impl Lines {
    pub(super) async fn open(masters: &Masters, config: &AsyncConnectionConfig) -> Result<Lines, RedisError> {
        let open = masters.all().iter().map(async |master| {
            let connection = master.client.get_multiplexed_async_connection_with_config(config).await?;
            Ok::<_, RedisError>(Line { connection, slots: master.slots.clone() })
        });
        let slots = if masters.is_cluster() { Slots::of(masters) } else { None };
        Ok(Lines(Arc::new(Inner { lines: try_join_all(open).await?, slots })))
    }

    pub(in crate::cache) fn all(&self) -> &[Line] {
        &self.0.lines
    }

    /// The line to the server that has this key.
    pub(super) fn of(&self, key: &str) -> MultiplexedConnection {
        self.0.lines[self.place(key)].connection.clone()
    }

    fn place(&self, key: &str) -> usize {
        self.0.slots.as_ref().map_or(0, |slots| slots.owner(key))
    }

    /// Sends a command about each key, all those for one server at once, and gives the answers in the order of the keys.
    pub(super) async fn about_each<T: FromRedisValue>(
        &self,
        keys: &[String],
        mut add: impl FnMut(&mut Pipeline, usize),
    ) -> Result<Vec<T>, RedisError> {
        let mut commands: Vec<(Vec<usize>, Pipeline)> =
            self.0.lines.iter().map(|_| Default::default()).collect();
        for (number, key) in keys.iter().enumerate() {
            let (numbers, pipeline) = &mut commands[self.place(key)];
            numbers.push(number);
            add(pipeline, number);
        }
        let asked = self.0.lines.iter().zip(commands).filter(|(_, (numbers, _))| !numbers.is_empty());
        let answers = asked.map(async |(line, (numbers, pipeline))| {
            let answers: Vec<T> = pipeline.query_async(&mut line.connection.clone()).await?;
            Ok::<_, RedisError>(numbers.into_iter().zip(answers))
        });
        let mut answers: Vec<(usize, T)> = try_join_all(answers).await?.into_iter().flatten().collect();
        answers.sort_unstable_by_key(|(number, _)| *number);
        Ok(answers.into_iter().map(|(_, answer)| answer).collect())
    }
}
