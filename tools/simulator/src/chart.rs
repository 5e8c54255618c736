//! A run as a picture.

use std::error::Error;

use anyhow::anyhow;
use plotters::coord::Shift;
use plotters::prelude::*;

use crate::replay::Row;

const SIZE: (u32, u32) = (900, 600);
const LABELS: (&str, u32) = ("sans-serif", 13);

/// Draws messages and workers over time as an SVG document.
pub fn draw(title: &str, rows: &[Row]) -> anyhow::Result<String> {
    svg(|svg| panels(title, rows, svg))
}

/// The SVG document that `draw` writes. The plotting library's own errors cannot be sent to other threads.
pub(crate) fn svg(draw: impl FnOnce(&mut String) -> Result<(), Box<dyn Error>>) -> anyhow::Result<String> {
    let mut svg = String::new();
    draw(&mut svg).map_err(|error| anyhow!("cannot draw the picture: {error}"))?;
    Ok(svg)
}

fn panels(title: &str, rows: &[Row], svg: &mut String) -> Result<(), Box<dyn Error>> {
    let root = SVGBackend::with_string(svg, SIZE).into_drawing_area();
    root.fill(&WHITE)?;
    let (messages, workers) = root.titled(title, ("sans-serif", 18))?.split_vertically(290);
    let ready = points(rows, |row| row.ready.map(|ready| ready as f64));
    let unacked = points(rows, |row| row.unacked.map(|unacked| unacked as f64));
    let desired = points(rows, |row| Some(f64::from(row.desired)));
    let replicas = points(rows, |row| Some(f64::from(row.replicas)));
    panel(&messages, "messages", [("ready", RED, ready), ("unacknowledged", BLUE, unacked)])?;
    panel(&workers, "workers", [("desired", RED, desired), ("replicas", BLUE, replicas)])?;
    root.present()?;
    Ok(())
}

type Line = (&'static str, RGBColor, Vec<(f64, f64)>);

/// Time in minutes against a value; polls without one are left out.
fn points(rows: &[Row], value: impl Fn(&Row) -> Option<f64>) -> Vec<(f64, f64)> {
    rows.iter().filter_map(|row| Some((row.time.as_secs_f64() / 60.0, value(row)?))).collect()
}

fn panel(
    area: &DrawingArea<SVGBackend<'_>, Shift>,
    what: &str,
    lines: [Line; 2],
) -> Result<(), Box<dyn Error>> {
    let all = || lines.iter().flat_map(|(_, _, points)| points);
    let end = all().map(|(time, _)| *time).fold(1.0, f64::max);
    let top = all().map(|(_, value)| *value).fold(1.0, f64::max) * 1.05;
    let mut chart = ChartBuilder::on(area)
        .margin(10)
        .x_label_area_size(35)
        .y_label_area_size(55)
        .build_cartesian_2d(0.0..end, 0.0..top)?;
    let mut mesh = chart.configure_mesh();
    mesh.x_desc("minutes").y_desc(what).label_style(LABELS).light_line_style(TRANSPARENT).draw()?;
    for (name, colour, points) in lines {
        chart
            .draw_series(LineSeries::new(points, colour))?
            .label(name)
            .legend(move |(x, y)| PathElement::new([(x, y), (x + 18, y)], colour));
    }
    chart.configure_series_labels().background_style(WHITE).border_style(BLACK).label_font(LABELS).draw()?;
    Ok(())
}
