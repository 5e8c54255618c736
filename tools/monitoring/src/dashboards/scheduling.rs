use super::{quantile, rate};
use crate::model::{
    Dashboard, Panel, Row,
    Shape::{Lines, Number},
};

pub(super) fn dashboard() -> Dashboard {
    Dashboard {
        uid: "w2meet-scheduling",
        title: "W2Meet Scheduling",
        description: "People, the groups that look for a time, whether they find one, and polls",
        by_service: false,
        rows: vec![
            Row { title: "People", panels: people() },
            Row { title: "Groups and suggestions", panels: groups() },
            Row { title: "Polls", panels: polls() },
        ],
    }
}

fn people() -> Vec<Panel> {
    let changes =
        r#"service_name="user-service",http_request_method!="GET",http_response_status_code=~"2..""#;
    vec![
        Panel::new(Number, "People", "short", "In the table").query("", "max(people_stored)").width(8),
        Panel::new(Lines, "People over time", "short", "In the table").query("people", "max(people_stored)"),
        Panel::new(Lines, "Changes", "ops", "POST is a new person, PUT a new week, DELETE a person less")
            .query(
                "{{http_request_method}}",
                rate("http_server_request_duration_seconds_count", changes, "http_request_method"),
            ),
    ]
}

fn groups() -> Vec<Panel> {
    let size = "scheduling_group_size";
    vec![
        Panel::new(
            Lines,
            "Suggestions",
            "ops",
            "found an hour to propose; none is a group that shares no hour",
        )
        .query("{{outcome}}", rate("scheduling_suggestions_total", "", "outcome")),
        Panel::new(Lines, "Suggestions that found an hour", "percentunit", "Of all that were computed")
            .query(
                "found",
                "sum(rate(scheduling_suggestions_total{outcome=\"found\"}[$__rate_interval])) \
             / sum(rate(scheduling_suggestions_total[$__rate_interval]))",
            ),
        Panel::new(
            Lines,
            "Group size",
            "short",
            "People in one question; half of the groups, and all but one in a hundred, are smaller",
        )
        .query("median", quantile(0.5, size, "", ""))
        .query("99th percentile", quantile(0.99, size, "", "")),
        Panel::new(
            Lines,
            "Time of computing",
            "s",
            "What people share, and choosing from it; no waiting is in it",
        )
        .query(
            "{{service_name}}",
            quantile(0.99, "scheduling_computation_duration_seconds", "", "service_name"),
        ),
        Panel::new(Lines, "Questions", "ops", "Groups whose shared hours were computed")
            .query("groups", "sum(rate(scheduling_group_size_count[$__rate_interval]))"),
    ]
}

fn polls() -> Vec<Panel> {
    let routes =
        r#"http_route=~"/users/polls.*",http_request_method!="GET",http_response_status_code=~"2..""#;
    vec![
        Panel::new(Lines, "Polls over time", "short", "In the table, with those that are deleted and not yet gone")
            .query("polls", "max(polls_stored)"),
        Panel::new(Lines, "Changes of polls", "ops", "Polls, participants, answers and decisions that were made, changed or taken away")
            .query(
                "{{http_request_method}} {{http_route}}",
                rate(
                    "http_server_request_duration_seconds_count",
                    routes,
                    "http_request_method, http_route",
                ),
            ),
        Panel::new(Lines, "Listeners", "short", "Open streams of events, by replica")
            .query("{{instance}}", "poll_event_listeners"),
        Panel::new(Lines, "Events", "ops", "Sent to those who listen to polls, one for each listener")
            .query("{{event}}", rate("poll_events_sent_total", "", "event")),
        Panel::new(
            Lines,
            "Still as it was",
            "percentunit",
            "Of the looks for what is kept by its version; what was not there was asked for or computed again",
        )
        .query(
            "{{service_name}} {{kind}}",
            format!(
                "{} / {}",
                rate("scheduling_cache_lookups_total", "outcome=\"hit\"", "service_name, kind"),
                rate("scheduling_cache_lookups_total", "", "service_name, kind")
            ),
        ),
    ]
}
