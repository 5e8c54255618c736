use super::{PUBLIC, quantile, rate};
use crate::model::{
    Dashboard, Panel, Row,
    Shape::{HeatMap, Lines, Number},
};

const REQUESTS: &str = "http_server_request_duration_seconds";

/// Whether people are served.
pub(super) fn dashboard() -> Dashboard {
    Dashboard {
        uid: "w2meet-overview",
        title: "W2Meet Overview",
        description: "Whether people are served, and which service to look at if not",
        by_service: false,
        rows: vec![
            Row { title: "Objectives", panels: objectives() },
            Row { title: "Requests of people", panels: requests() },
            Row { title: "Where it comes from", panels: services() },
        ],
    }
}

fn objectives() -> Vec<Panel> {
    vec![
        Panel::new(
            Number,
            "Answered without a 5xx, 1 h",
            "percentunit",
            "Of the requests through the gateway's prefixes, without /health. The objective is 99.9 %.",
        )
        .query("", "1 - w2meet:requests_failed:ratio_rate1h")
        .width(4)
        .thresholds(0.9995, 0.999),
        Panel::new(Number, "Under 250 ms, 1 h", "percentunit", "Of the same requests. The objective is 99 %.")
            .query("", "1 - w2meet:requests_slow:ratio_rate1h")
            .width(4)
            .thresholds(0.995, 0.99),
        Panel::new(
            Number,
            "Jobs done within 30 s, 1 h",
            "percentunit",
            "Of the jobs that came to their end; one that was given up is never in time. The objective is 99 %.",
        )
        .query("", "1 - w2meet:jobs_late:ratio_rate1h")
        .width(4)
        .thresholds(0.995, 0.99),
        budget(
            "Budget left: failures",
            format!(
                "1 - (sum(increase({REQUESTS}_count{{{PUBLIC},http_response_status_code=~\"5..\"}}[30d])) \
                 or 0 * sum(increase({REQUESTS}_count{{{PUBLIC}}}[30d]))) \
                 / sum(increase({REQUESTS}_count{{{PUBLIC}}}[30d])) / 0.001"
            ),
        ),
        budget(
            "Budget left: latency",
            format!(
                "1 - (1 - sum(increase({REQUESTS}_bucket{{{PUBLIC},le=\"0.25\"}}[30d])) \
                 / sum(increase({REQUESTS}_count{{{PUBLIC}}}[30d]))) / 0.01"
            ),
        ),
        budget(
            "Budget left: jobs",
            "1 - (1 - (sum(increase(worker_job_turnaround_seconds_bucket{outcome!=\"dead\",le=~\"30|30.0\"}[30d])) \
             or 0 * sum(increase(worker_job_turnaround_seconds_count[30d]))) \
             / sum(increase(worker_job_turnaround_seconds_count[30d]))) / 0.01"
                .to_owned(),
        ),
    ]
}

fn budget(title: &'static str, expr: String) -> Panel {
    let how = "Share of what the objective allows to go wrong in 30 days that is not spent yet; below 0 it is missed.";
    Panel::new(Number, title, "percentunit", how).query("", expr).width(4).thresholds(0.5, 0.1)
}

fn requests() -> Vec<Panel> {
    let of_people = |by| rate(&format!("{REQUESTS}_count"), PUBLIC, by);
    vec![
        Panel::new(Lines, "Traffic", "reqps", "Requests through each of the gateway's prefixes")
            .query("{{service_name}}", of_people("service_name")),
        Panel::new(Lines, "Answers by status", "reqps", "4xx are the callers' mistakes, 5xx ours")
            .query("{{http_response_status_code}}", of_people("http_response_status_code")),
        Panel::new(
            HeatMap,
            "Latency",
            "s",
            "Each cell is how many requests took that long; a trace of a slow one is found by its id, see the links",
        )
        .query("{{le}}", format!("sum by (le) (increase({REQUESTS}_bucket{{{PUBLIC}}}[$__rate_interval]))")),
    ]
}

fn services() -> Vec<Panel> {
    let failures = rate(
        &format!("{REQUESTS}_count"),
        "http_response_status_code=~\"5..\",http_route!~\".*/health\"",
        "service_name",
    );
    let all = rate(&format!("{REQUESTS}_count"), "", "service_name");
    vec![
        Panel::new(
            Lines,
            "Failures by service",
            "percentunit",
            "Share of 5xx, calls between services included: the service furthest down that fails is the cause",
        )
        .query("{{service_name}}", format!("({failures} or 0 * {all}) / {all}"))
        .thresholds(0.001, 0.01),
        Panel::new(
            Lines,
            "Latency by service, 99th percentile",
            "s",
            "Calls between services included: each waits for the next, so the one furthest down that is slow is the cause",
        )
        .query("{{service_name}}", quantile(0.99, REQUESTS, "http_route!~\".*/health\"", "service_name"))
        .thresholds(0.1, 0.25),
        Panel::new(Lines, "Processes", "short", "Replicas that are scraped, by service and version")
            .query("{{service_name}} {{version}}", "count by (service_name, version) (w2meet_build_info)"),
        Panel::new(Number, "Jobs that wait", "short", "Ready in the queue").query(
            "",
            "max(messaging_queue_messages{messaging_destination=\"work\"})",
        ),
        Panel::new(Number, "Dead letters", "short", "Jobs that were given up and nobody has looked at")
            .query("", "max(messaging_queue_messages{messaging_destination=\"dead\"})")
            .thresholds(1.0, 100.0),
        Panel::new(Number, "Cache hits, 5 min", "percentunit", "Of the people who were read, those found in the cache")
            .query(
                "",
                "sum(rate(people_cache_reads_total{outcome=\"hit\"}[5m])) / sum(rate(people_cache_reads_total[5m]))",
            ),
        Panel::new(Number, "Stores that answer", "short", "1 while PostgreSQL answers every statement, RabbitMQ is connected to, and Redis is in use; else 0")
            .query("PostgreSQL", "sum(rate(db_client_operation_duration_seconds_count{outcome=\"unavailable\"}[1m])) == bool 0")
            .query("RabbitMQ {{role}}", "min by (role) (messaging_client_up)")
            .query("Redis", "min(people_cache_in_use)"),
    ]
}
