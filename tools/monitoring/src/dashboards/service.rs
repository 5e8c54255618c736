use super::{mean, quantile, rate};
use crate::model::{Dashboard, Panel, Row, Shape::Lines};

const THIS: &str = r#"service_name="$service""#;

pub(super) fn dashboard() -> Dashboard {
    Dashboard {
        uid: "w2meet-service",
        title: "W2Meet Service detail",
        description: "One service: its routes, whom it asks, its processes",
        by_service: true,
        rows: vec![
            Row { title: "Requests", panels: requests() },
            Row { title: "Calls to other services", panels: peers() },
            Row { title: "Processes", panels: processes() },
        ],
    }
}

fn requests() -> Vec<Panel> {
    let count = "http_server_request_duration_seconds_count";
    vec![
        Panel::new(Lines, "Requests by route", "reqps", "Calls between services have no prefix").query(
            "{{http_request_method}} {{http_route}}",
            rate(count, THIS, "http_request_method, http_route"),
        ),
        Panel::new(Lines, "Answers by status", "reqps", "4xx are the callers' mistakes, 5xx ours")
            .query("{{http_response_status_code}}", rate(count, THIS, "http_response_status_code")),
        Panel::new(Lines, "Latency by route, 99th percentile", "s", "From a request's head to its reply's")
            .query(
                "{{http_route}}",
                quantile(0.99, "http_server_request_duration_seconds", THIS, "http_route"),
            ),
        Panel::new(Lines, "Latency", "s", "Half of the requests, and all but one in a hundred, are faster")
            .query("median", quantile(0.5, "http_server_request_duration_seconds", THIS, ""))
            .query("99th percentile", quantile(0.99, "http_server_request_duration_seconds", THIS, "")),
        Panel::new(Lines, "Requests under way", "short", "By process; they grow when something is slow")
            .query("{{instance}}", format!("http_server_active_requests{{{THIS}}}")),
        Panel::new(Lines, "Requests by process", "reqps", "One that stands out is alone with its trouble")
            .query("{{instance}}", rate(count, THIS, "instance")),
        Panel::new(
            Lines,
            "Refused requests",
            "reqps",
            "By what there was too much of; they are in no other panel",
        )
        .query("{{reason}}", rate("http_server_requests_refused_total", THIS, "reason")),
        Panel::new(Lines, "Limited requests", "reqps", "By what somebody has used up")
            .query("{{limit}}", rate("http_server_requests_limited_total", THIS, "limit"))
            .query("counted alone", rate("rate_limit_counts_unavailable_total", THIS, "service_name")),
        Panel::new(
            Lines,
            "Audit trail",
            "ops",
            "Entries, a second after their requests; those that are lost are in no trail",
        )
        .query("written", rate("audit_entries_written_total", THIS, "service_name"))
        .query("lost", rate("audit_entries_lost_total", THIS, "service_name")),
        Panel::new(Lines, "Requests that wait", "short", "For their turn, some milliseconds at most")
            .query("{{instance}}", format!("http_server_waiting_requests{{{THIS}}}")),
    ]
}

fn peers() -> Vec<Panel> {
    let calls = "http_client_request_duration_seconds";
    vec![
        Panel::new(
            Lines,
            "Peer calls",
            "reqps",
            "Attempts by outcome; error is no answer at all; user-service asks nobody",
        )
        .query("{{peer}} {{outcome}}", rate(&format!("{calls}_count"), THIS, "peer, outcome")),
        Panel::new(Lines, "Latency of peers, 99th percentile", "s", "One attempt, to the whole reply")
            .query("{{peer}}", quantile(0.99, calls, THIS, "peer")),
        Panel::new(
            Lines,
            "Retries and open breakers",
            "short",
            "Retries per second; 1 while a peer is left alone",
        )
        .query("retries of {{peer}}", rate("http_client_retries_total", THIS, "peer"))
        .query("breaker to {{peer}}", format!("max by (peer) (http_client_breaker_open{{{THIS}}})")),
    ]
}

fn processes() -> Vec<Panel> {
    // The metrics of a process have no service_name, but the instance of one that has.
    let of_this = |metric: &str| format!("{metric} and on (instance) http_server_active_requests{{{THIS}}}");
    vec![
        Panel::new(Lines, "CPU", "short", "Cores in use by process")
            .query("{{instance}}", of_this("rate(process_cpu_seconds_total[$__rate_interval])")),
        Panel::new(Lines, "Memory", "bytes", "In RAM by process; a leak only ever grows")
            .query("{{instance}}", of_this("process_resident_memory_bytes")),
        Panel::new(Lines, "File descriptors", "percentunit", "Open of those that may be")
            .query("{{instance}}", of_this("(process_open_fds / process_max_fds)")),
        Panel::new(Lines, "Threads", "short", "Of the operating system, by process")
            .query("{{instance}}", of_this("process_threads")),
        Panel::new(Lines, "Address space", "bytes", "Mapped, whether or not it is used")
            .query("{{instance}}", of_this("process_virtual_memory_bytes")),
        Panel::new(Lines, "Mean time of a request", "s", "By process; one that stands out is slow by itself")
            .query("{{instance}}", mean("http_server_request_duration_seconds", THIS, "instance")),
    ]
}
