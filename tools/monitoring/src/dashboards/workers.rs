use super::{quantile, rate};
use crate::model::{
    Dashboard, Panel, Row,
    Shape::{HeatMap, Lines},
};

/// Jobs from their order to their end, and the workers that do them.
pub(super) fn dashboard() -> Dashboard {
    Dashboard {
        uid: "w2meet-workers",
        title: "W2Meet Workers and queue",
        description: "Whether jobs are done in time, what waits, and what the operator decides",
        by_service: false,
        rows: vec![
            Row { title: "Jobs", panels: jobs() },
            Row { title: "Queue", panels: queue() },
            Row { title: "Mails and calendars", panels: mails() },
            Row { title: "Operator", panels: operator() },
        ],
    }
}

fn jobs() -> Vec<Panel> {
    let process = "messaging_process_duration_seconds";
    vec![
        Panel::new(
            Lines,
            "Jobs by outcome",
            "ops",
            "retried is an attempt that failed and comes again; the sum is the drain rate",
        )
        .query("{{outcome}}", rate(&format!("{process}_count"), "", "outcome")),
        Panel::new(
            HeatMap,
            "From order to end",
            "s",
            "Each cell is how many jobs took that long; 30 s is promised",
        )
        .query("{{le}}", "sum by (le) (increase(worker_job_turnaround_seconds_bucket[$__rate_interval]))"),
        Panel::new(Lines, "Time at work", "s", "One message, from its delivery to its acknowledgement")
            .query("median", quantile(0.5, process, "", ""))
            .query("99th percentile", quantile(0.99, process, "", "")),
        Panel::new(Lines, "Jobs at work", "short", "By process; at its concurrency it is full")
            .query("{{instance}}", "messaging_process_active"),
        Panel::new(
            Lines,
            "Late or given up",
            "percentunit",
            "Share of the jobs that were not done within 30 s; 1 % is allowed",
        )
        .query("5 min", "w2meet:jobs_late:ratio_rate5m")
        .query("1 h", "w2meet:jobs_late:ratio_rate1h")
        .thresholds(0.01, 0.06),
        Panel::new(Lines, "Oldest job that waits", "s", "Since its order; retries wait too")
            .query("oldest", "max(worker_oldest_queued_job_age_seconds)")
            .thresholds(30.0, 300.0),
    ]
}

fn mails() -> Vec<Panel> {
    vec![
        Panel::new(
            Lines,
            "Mails",
            "ops",
            "deferred is an attempt that comes again; bounced is an address that nobody has",
        )
        .query("{{outcome}}", rate("worker_mails_total", "", "outcome")),
        Panel::new(Lines, "Mails that wait", "short", "Written, and not sent yet")
            .query("mails", "max(mails_waiting)"),
        Panel::new(
            Lines,
            "Oldest mail that waits",
            "s",
            "Since it was written; one that is not taken is tried for 36 hours",
        )
        .query("oldest", "max(mails_waiting_oldest_age_seconds)")
        .thresholds(600.0, 3600.0),
        Panel::new(
            Lines,
            "Mails that come in",
            "ops",
            "By what they change; refused is not signed by who may hand mails over, failed comes again; and looks at the mailbox",
        )
        .query("{{outcome}}", rate("worker_inbound_mails_total", "", "outcome"))
        .query("the mailbox: {{outcome}}", rate("worker_mailbox_reads_total", "", "outcome")),
        Panel::new(Lines, "Calendars", "ops", "Times at which subscribed calendars were asked for")
            .query("{{outcome}}", rate("worker_calendar_fetches_total", "", "outcome")),
    ]
}

fn queue() -> Vec<Panel> {
    vec![
        Panel::new(Lines, "Messages", "short", "Ready in the queue and among its dead letters")
            .query("{{messaging_destination}}", "max by (messaging_destination) (messaging_queue_messages)"),
        Panel::new(Lines, "In and out", "ops", "Published, delivered, delivered again, settled")
            .query(
                "published {{messaging_destination}} {{outcome}}",
                rate("messaging_client_published_messages_total", "", "messaging_destination, outcome"),
            )
            .query("delivered", "sum(rate(messaging_client_consumed_messages_total[$__rate_interval]))")
            .query(
                "delivered again",
                "sum(rate(messaging_client_redelivered_messages_total[$__rate_interval]))",
            )
            .query("{{outcome}}", rate("messaging_client_settled_messages_total", "", "outcome")),
        Panel::new(
            Lines,
            "Outbox",
            "short",
            "Stored orders that are due to be published; above 0 only while the broker is away",
        )
        .query("messages", "max(worker_outbox_messages)")
        .query("oldest, seconds", "max(worker_outbox_oldest_age_seconds)"),
        Panel::new(
            Lines,
            "Time to a confirmation",
            "s",
            "From sending a message until the broker has it safely",
        )
        .query("median", quantile(0.5, "messaging_client_publish_duration_seconds", "", ""))
        .query("99th percentile", quantile(0.99, "messaging_client_publish_duration_seconds", "", "")),
        Panel::new(Lines, "Connections to the broker", "short", "1 while it can be used, by process")
            .query("{{role}} {{instance}}", "messaging_client_up"),
    ]
}

fn operator() -> Vec<Panel> {
    let of = |metric: &str| format!("max by (queuescaler) (queue_scaler_{metric})");
    vec![
        Panel::new(
            Lines,
            "Workers and backlog",
            "short",
            "What the operator wants, what there is, and the messages that wait",
        )
        .width(16)
        .query("{{queuescaler}} wanted", of("desired_replicas"))
        .query("{{queuescaler}} there", of("current_replicas"))
        .query("{{queuescaler}} {{state}}", "max by (queuescaler, state) (queue_scaler_queue_messages)"),
        Panel::new(Lines, "Decisions", "ops", "By reason; Hold is an answer that could not be used").query(
            "{{queuescaler}} {{reason}}",
            rate("queue_scaler_decisions_total", "", "queuescaler, reason"),
        ),
        Panel::new(Lines, "Estimated wait", "s", "Of a message that comes now; 30 s is promised")
            .query("{{queuescaler}}", of("estimated_wait_seconds"))
            .thresholds(15.0, 30.0),
        Panel::new(
            Lines,
            "What it reckons with",
            "short",
            "Messages per second that arrive, seconds that a job takes, and that a worker took to start",
        )
        .query("{{queuescaler}} arrivals", of("arrivals_per_second"))
        .query("{{queuescaler}} time of a job", of("service_time_seconds"))
        .query("{{queuescaler}} start of a worker", of("startup_seconds")),
        Panel::new(Lines, "Rounds", "s", "Age of the broker's last answer, and the time of one round")
            .query("{{queuescaler}} age of the answer", of("sample_age_seconds"))
            .query("one round", quantile(0.99, "queue_scaler_reconcile_duration_seconds", "", ""))
            .query("leaders", "sum(queue_scaler_leader)")
            .query("faults {{category}}", rate("queue_scaler_reconcile_errors_total", "", "category")),
    ]
}
