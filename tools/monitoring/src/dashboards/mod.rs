//! What each dashboard shows.

mod overview;
mod scheduling;
mod service;
mod stores;
mod workers;

use crate::model::Dashboard;

/// All of them, in the order in which somebody looks at them who knows nothing yet.
pub fn all() -> Vec<Dashboard> {
    vec![
        overview::dashboard(),
        service::dashboard(),
        workers::dashboard(),
        stores::dashboard(),
        scheduling::dashboard(),
    ]
}

/// What people asked for through the gateway; the same as in the alerts.
const PUBLIC: &str = r#"http_route=~"/(users|availability|suggestion|worker)/.+",http_route!~".+/health""#;

/// Quantile `q` of a histogram's seconds, by these labels; `selector` stands between the braces.
fn quantile(q: f64, metric: &str, selector: &str, by: &str) -> String {
    let by = if by.is_empty() { "le".to_owned() } else { format!("le, {by}") };
    format!("histogram_quantile({q}, sum by ({by}) (rate({metric}_bucket{{{selector}}}[$__rate_interval])))")
}

/// Events per second of a counter, or of a histogram's count, by these labels.
fn rate(metric: &str, selector: &str, by: &str) -> String {
    format!("sum by ({by}) (rate({metric}{{{selector}}}[$__rate_interval]))")
}

/// Mean seconds of a histogram by these labels.
fn mean(metric: &str, selector: &str, by: &str) -> String {
    format!(
        "{} / {}",
        rate(&format!("{metric}_sum"), selector, by),
        rate(&format!("{metric}_count"), selector, by)
    )
}
