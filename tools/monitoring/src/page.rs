//! The dashboards drawn into a page from a Prometheus's answers, for somebody who has no Grafana at hand.

use std::fmt::Write;

use crate::model::{Dashboard, Panel, Shape};

/// One line of a panel.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    pub name: String,
    /// Times in seconds since 1970 and values, in the order of time.
    pub points: Vec<(f64, f64)>,
}

/// A panel with what its queries were answered.
pub type Answered<'a> = (&'a Panel, Vec<Series>);

const COLOURS: [&str; 8] =
    ["#3b82c4", "#e08a2e", "#4c9f58", "#c9453f", "#8b6bb8", "#7c6a57", "#d377b1", "#6f7c8a"];
const STYLE: &str = "body{font:13px system-ui,sans-serif;margin:20px;background:#f4f6f8;color:#1c2733;width:1400px}\
h1{font-size:20px;margin:0}p{margin:2px 0 12px;color:#5a6876}\
main{display:grid;grid-template-columns:repeat(24,1fr);gap:8px}\
section{background:#fff;border:1px solid #d9e0e6;border-radius:4px;padding:8px;overflow:hidden}\
h2{font-size:13px;margin:0 0 4px}b{font-size:26px;font-weight:600;margin-right:10px}\
small{color:#5a6876;display:block;line-height:1.5}i{display:inline-block;width:10px;height:3px;margin:0 4px 2px 0}\
svg{display:block;width:100%;height:130px}";
/// The drawing's own units; the browser stretches them.
const WIDTH: f64 = 400.0;
const HEIGHT: f64 = 130.0;

pub fn html(dashboard: &Dashboard, panels: &[Answered<'_>]) -> String {
    // About what the panels take: the headings, a row of numbers, and three panels beside each other.
    let (small, large): (Vec<_>, Vec<_>) =
        panels.iter().partition(|(panel, series)| panel.shape == Shape::Number || series.is_empty());
    let height = 90 + 80 * small.len().div_ceil(4) + 230 * large.len().div_ceil(3);
    let (title, about) = (escape(dashboard.title), escape(dashboard.description));
    let mut page = format!(
        "<!doctype html><meta charset=utf-8><title>{title}</title><style>{STYLE}</style><h1>{title}</h1><p>{about}</p>\
         <main data-height=\"{height}\">"
    );
    for (panel, series) in panels {
        let (title, width) = (escape(panel.title), panel.width);
        add(&mut page, format_args!("<section style='grid-column:span {width}'><h2>{title}</h2>"));
        match panel.shape {
            _ if series.is_empty() => page.push_str("<small>nothing of this kind was running</small>"),
            Shape::Number => numbers(&mut page, panel, series),
            Shape::Lines => lines(&mut page, panel, series),
            Shape::HeatMap => cells(&mut page, panel, series),
        }
        page.push_str("</section>");
    }
    page.push_str("</main>");
    page
}

fn numbers(page: &mut String, panel: &Panel, series: &[Series]) {
    for one in series {
        let last = one.points.last().map_or(f64::NAN, |point| point.1);
        add(page, format_args!("<b>{}</b>{} ", number(last, panel.unit), escape(&one.name)));
    }
}

fn lines(page: &mut String, panel: &Panel, series: &[Series]) {
    let (from, to) = times(series);
    let values = series.iter().flat_map(|one| &one.points).map(|point| point.1);
    let top = values.filter(|value| value.is_finite()).fold(f64::MIN_POSITIVE, f64::max);
    page.push_str("<svg preserveAspectRatio=none viewBox='0 0 400 130'>");
    for (one, colour) in series.iter().zip(COLOURS.iter().cycle()) {
        let finite = one.points.iter().filter(|point| point.1.is_finite());
        let points: Vec<String> = finite
            .map(|(time, value)| {
                let x = (time - from) / (to - from).max(1.0) * WIDTH;
                format!("{x:.1},{:.1}", HEIGHT - 2.0 - value.max(0.0) / top * (HEIGHT - 6.0))
            })
            .collect();
        add(
            page,
            format_args!(
                "<polyline fill=none stroke='{colour}' stroke-width=1.5 vector-effect=non-scaling-stroke points='{}'/>",
                points.join(" ")
            ),
        );
    }
    add(page, format_args!("</svg><small>top: {} ", number(top, panel.unit)));
    for (one, colour) in series.iter().zip(COLOURS.iter().cycle()) {
        add(page, format_args!("&ensp;<i style='background:{colour}'></i>{}", escape(&one.name)));
    }
    page.push_str("</small>");
}

/// The series are the cumulative buckets of a histogram, each named after its upper bound.
fn cells(page: &mut String, panel: &Panel, series: &[Series]) {
    let mut bounds: Vec<(f64, &Series)> =
        series.iter().filter_map(|one| Some((one.name.parse::<f64>().ok()?, one))).collect();
    bounds.sort_by(|one, other| one.0.total_cmp(&other.0));
    let (from, to) = times(series);
    let columns = series.iter().map(|one| one.points.len()).max().unwrap_or(1);
    let (wide, high) = (WIDTH / f64_of(columns), HEIGHT / f64_of(bounds.len().max(1)));
    let mut shaded = Vec::new();
    for (row, (_, one)) in bounds.iter().enumerate() {
        for (time, value) in &one.points {
            let below = row.checked_sub(1).and_then(|row| at(bounds[row].1, *time)).unwrap_or(0.0);
            shaded.push((row, *time, (value - below).max(0.0)));
        }
    }
    let most = shaded.iter().map(|cell| cell.2).filter(|value| value.is_finite()).fold(0.0, f64::max);
    page.push_str("<svg preserveAspectRatio=none viewBox='0 0 400 130'>");
    for (row, time, count) in shaded.into_iter().filter(|cell| cell.2 > 0.0) {
        let x = (time - from) / (to - from).max(1.0) * (WIDTH - wide);
        let (y, shade) = (HEIGHT - high * f64_of(row + 1), (count / most).sqrt());
        add(
            page,
            format_args!(
                "<rect x={x:.1} y={y:.1} width={wide:.1} height={high:.1} fill='#d9650f' fill-opacity={shade:.2} />"
            ),
        );
    }
    let names: Vec<String> = bounds.iter().map(|(bound, _)| number(*bound, panel.unit)).collect();
    add(page, format_args!("</svg><small>bounds from below: {}</small>", names.join(", ")));
}

fn at(series: &Series, time: f64) -> Option<f64> {
    series.points.iter().find(|point| (point.0 - time).abs() < 0.5).map(|point| point.1)
}

fn times(series: &[Series]) -> (f64, f64) {
    let times = || series.iter().flat_map(|one| &one.points).map(|point| point.0);
    (times().fold(f64::INFINITY, f64::min), times().fold(0.0, f64::max))
}

#[expect(clippy::cast_precision_loss, reason = "these are numbers of columns and rows")]
fn f64_of(count: usize) -> f64 {
    count as f64
}

/// A value in a Grafana unit, in few digits.
fn number(value: f64, unit: &str) -> String {
    match unit {
        _ if value.is_nan() => "–".to_owned(),
        "percentunit" => format!("{} %", digits(value * 100.0)),
        "bytes" => format!("{} MiB", digits(value / 1024.0 / 1024.0)),
        "s" if value.is_infinite() => "∞".to_owned(),
        "s" if value >= 1.0 || value == 0.0 => format!("{} s", digits(value)),
        "s" if value >= 0.001 => format!("{} ms", digits(value * 1e3)),
        "s" => format!("{} µs", digits(value * 1e6)),
        "reqps" | "ops" => format!("{}/s", digits(value)),
        _ => digits(value),
    }
}

fn digits(value: f64) -> String {
    let decimals = match value.abs() {
        size if size >= 100.0 || size.fract() == 0.0 => 0,
        size if size >= 10.0 => 1,
        _ => 2,
    };
    format!("{value:.decimals$}")
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

fn add(page: &mut String, text: std::fmt::Arguments<'_>) {
    // A String takes everything.
    let _ = page.write_fmt(text);
}
