//! What the nodes of a cluster say about it.

use std::{collections::BTreeMap, ops::RangeInclusive};

use futures::{FutureExt, future::select_ok};
use redis::{Client, ErrorKind, RedisError, Value, from_redis_value, pipe};

use super::{Master, Masters, RedisAccess, Slots};

/// The masters of all slots, by the first of these nodes that knows of a whole cluster.
pub(super) async fn masters(nodes: &[(String, Client)], access: &RedisAccess) -> Result<Masters, RedisError> {
    let asked = nodes.iter().map(|(host, client)| ask(host, client, access).boxed());
    Ok(select_ok(asked).await?.0)
}

async fn ask(host: &str, node: &Client, access: &RedisAccess) -> Result<Masters, RedisError> {
    let mut line = node.get_multiplexed_async_connection().await?;
    let mut questions = pipe();
    questions.cmd("CLUSTER").arg("INFO").cmd("CLUSTER").arg("SLOTS");
    let (info, ranges): (String, Vec<Vec<Value>>) = questions.query_async(&mut line).await?;
    // A node that is cut off from most others, or does not know them all, says so itself.
    if !info.lines().any(|line| line.trim_end() == "cluster_state:ok") {
        return Err(incomplete("a node says that the cluster is down"));
    }
    let mut by_address: BTreeMap<(String, u16), Vec<_>> = BTreeMap::new();
    for range in ranges {
        let (slots, master) = slot_range(range, host)?;
        by_address.entry(master).or_default().push(slots);
    }
    let masters = by_address
        .into_iter()
        .map(|((host, port), slots)| Ok(Master { client: access.client(&host, port)?, slots }));
    let masters = Masters(masters.collect::<Result<_, RedisError>>()?);
    match Slots::of(&masters) {
        Some(_) => Ok(masters),
        None => Err(incomplete("not every slot of the cluster has a master")),
    }
}

/// A range of slots and the address of its master, which comes before the replicas. A node without a host is on the one
/// that was asked.
fn slot_range(range: Vec<Value>, asked: &str) -> Result<(RangeInclusive<u16>, (String, u16)), RedisError> {
    let mut parts = range.into_iter();
    let mut part = || parts.next().unwrap_or(Value::Nil);
    let (first, last, master): (u16, u16, Vec<Value>) =
        (from_redis_value(part())?, from_redis_value(part())?, from_redis_value(part())?);
    let mut parts = master.into_iter();
    let mut part = || parts.next().unwrap_or(Value::Nil);
    let (host, port): (Option<String>, u16) = (from_redis_value(part())?, from_redis_value(part())?);
    match host.as_deref() {
        // It does not know the address of that node yet.
        Some("?") => Err(incomplete("a node does not know where a master is")),
        None | Some("") => Ok((first..=last, (asked.to_owned(), port))),
        Some(host) => Ok((first..=last, (host.to_owned(), port))),
    }
}

fn incomplete(what: &'static str) -> RedisError {
    (ErrorKind::ClusterConnectionNotFound, what).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(host: Value) -> Vec<Value> {
        let node = |host: Value| Value::Array(vec![host, Value::Int(6379), Value::SimpleString("id".into())]);
        let replica = node(Value::SimpleString("replica".into()));
        vec![Value::Int(0), Value::Int(16_383), node(host), replica]
    }

    #[test]
    fn a_range_is_its_masters_and_a_node_without_a_host_is_where_was_asked() {
        for (host, expected) in [
            (Value::BulkString(b"10.0.0.1".to_vec()), "10.0.0.1"),
            (Value::BulkString(Vec::new()), "asked"),
            (Value::Nil, "asked"),
        ] {
            assert_eq!(slot_range(range(host), "asked").unwrap(), (0..=16_383, (expected.to_owned(), 6379)));
        }
        assert!(slot_range(range(Value::BulkString(b"?".to_vec())), "asked").is_err());
        for wrong in [vec![], vec![Value::Int(0)], range(Value::Nil)[..2].to_vec()] {
            assert!(slot_range(wrong, "asked").is_err());
        }
    }
}
