use super::{quantile, rate};
use crate::model::{Dashboard, Panel, Row, Shape::Lines};

/// The stores as the services see them.
pub(super) fn dashboard() -> Dashboard {
    Dashboard {
        uid: "w2meet-stores",
        title: "W2Meet Stores",
        description: "PostgreSQL, Redis and RabbitMQ as the services see them",
        by_service: false,
        rows: vec![
            Row { title: "PostgreSQL", panels: sql() },
            Row { title: "Redis", panels: redis() },
            Row { title: "RabbitMQ", panels: rabbitmq() },
        ],
    }
}

fn sql() -> Vec<Panel> {
    let statements = "db_client_operation_duration_seconds";
    vec![
        Panel::new(
            Lines,
            "Statements",
            "ops",
            "unavailable is no connection or no answer in time; error is a conflict or a fault",
        )
        .query(
            "{{service_name}} {{outcome}}",
            rate(&format!("{statements}_count"), "", "service_name, outcome"),
        ),
        Panel::new(Lines, "Time of a statement", "s", "All but one in a hundred are faster")
            .query("{{service_name}}", quantile(0.99, statements, "", "service_name")),
        Panel::new(
            Lines,
            "Connections in use",
            "percentunit",
            "Of those that a process may open; at 100 % requests wait",
        )
        .query(
            "{{service_name}} {{instance}}",
            "sum by (service_name, instance) (db_client_connection_count{state=\"used\"}) \
                 / sum by (service_name, instance) (db_client_connection_max)",
        )
        .thresholds(0.8, 1.0),
        Panel::new(Lines, "Connections", "short", "Open, over all processes")
            .query("{{service_name}} {{state}}", "sum by (service_name, state) (db_client_connection_count)"),
    ]
}

fn redis() -> Vec<Panel> {
    let commands = "people_cache_operation_duration_seconds";
    vec![
        Panel::new(
            Lines,
            "People read",
            "ops",
            "coalesced shared another reader's miss; bypass went past a cache that was not in use",
        )
        .query("{{outcome}}", rate("people_cache_reads_total", "", "outcome")),
        Panel::new(Lines, "Hit ratio", "percentunit", "Of the people who were read").query(
            "hits",
            "sum(rate(people_cache_reads_total{outcome=\"hit\"}[$__rate_interval])) \
             / sum(rate(people_cache_reads_total[$__rate_interval]))",
        ),
        Panel::new(Lines, "In use", "short", "1 while the process uses Redis")
            .query("{{instance}}", "people_cache_in_use"),
        Panel::new(Lines, "Commands", "ops", "To Redis, by what they are for")
            .query("{{operation}} {{outcome}}", rate(&format!("{commands}_count"), "", "operation, outcome")),
        Panel::new(Lines, "Time of a command", "s", "All but one in a hundred are faster")
            .query("{{operation}}", quantile(0.99, commands, "", "operation")),
    ]
}

fn rabbitmq() -> Vec<Panel> {
    vec![
        Panel::new(
            Lines,
            "Connections to RabbitMQ",
            "short",
            "Processes whose connection can be used, by what it is for",
        )
        .query("{{role}}", "sum by (role) (messaging_client_up)"),
        Panel::new(Lines, "Time to a confirmation", "s", "All but one in a hundred are faster")
            .query("99th percentile", quantile(0.99, "messaging_client_publish_duration_seconds", "", "")),
        Panel::new(Lines, "Messages", "short", "Ready in the queue and among its dead letters")
            .query("{{messaging_destination}}", "max by (messaging_destination) (messaging_queue_messages)"),
    ]
}
