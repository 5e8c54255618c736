//! One picture for each trace: the share of late messages against replica-seconds.

use std::error::Error;

use plotters::coord::Shift;
use plotters::prelude::*;

use super::{Cell, LIMIT, Scenario, Setting, scenarios};
use crate::chart::svg;
use crate::setup::{Count, Source};

const SIZE: (u32, u32) = (1080, 680);
const OURS: RGBColor = RGBColor(200, 30, 30);
const READY: RGBColor = RGBColor(30, 90, 200);
const ALL: RGBColor = RGBColor(20, 140, 80);
/// Smaller shares are drawn as this one, in per cent; a logarithmic axis has no 0.
const LEAST: f64 = 0.01;

/// The pictures as pairs of a trace's name and an SVG document, in the order of the cells.
pub fn pictures(cells: &[Cell]) -> anyhow::Result<Vec<(String, String)>> {
    let mut names: Vec<&str> = cells.iter().map(|cell| cell.trace.as_str()).collect();
    names.dedup();
    names.into_iter().map(|trace| Ok((trace.to_owned(), svg(|svg| draw(cells, trace, svg))?))).collect()
}

fn draw(cells: &[Cell], trace: &str, svg: &mut String) -> Result<(), Box<dyn Error>> {
    let root = SVGBackend::with_string(svg, SIZE).into_drawing_area();
    root.fill(&WHITE)?;
    let title = format!("{trace}: messages over {} s against replica-seconds", LIMIT.as_secs());
    let (grid, legend) = root.titled(&title, ("sans-serif", 20))?.split_vertically(610);
    let usual = scenarios(trace).into_iter().filter(|scenario| scenario.grace == Scenario::GRACE);
    for (area, scenario) in grid.split_evenly((2, 3)).iter().zip(usual) {
        let cells = cells.iter().filter(|cell| cell.trace == trace && cell.scenario == scenario);
        panel(area, scenario, &cells.collect::<Vec<_>>())?;
    }
    explain(&legend)?;
    root.present()?;
    Ok(())
}

/// Replica-seconds and the share in per cent, as they are drawn.
fn point(cell: &Cell) -> (f64, f64) {
    (cell.figures.replica_seconds, cell.figures.over_percent.max(LEAST))
}

fn panel(
    area: &DrawingArea<SVGBackend<'_>, Shift>,
    scenario: Scenario,
    cells: &[&Cell],
) -> Result<(), Box<dyn Error>> {
    let chosen = |wanted: &dyn Fn(Setting) -> bool| -> Vec<(f64, f64)> {
        cells.iter().filter(|cell| wanted(cell.setting)).map(|cell| point(cell)).collect()
    };
    let ready = chosen(&|setting| matches!(setting, Setting::Keda(_, Count::Ready)));
    let all = chosen(&|setting| matches!(setting, Setting::Keda(_, Count::All)));
    let ours = chosen(&|setting| setting == Setting::Ours(Source::Management));
    let amqp = chosen(&|setting| setting == Setting::Ours(Source::Amqp));
    let costs = || [&ready, &all, &ours, &amqp].into_iter().flatten().map(|(cost, _)| *cost);
    let high = costs().fold(1.0, f64::max) * 1.05;
    let mut chart = ChartBuilder::on(area)
        .caption(
            format!("start-up {} s, prefetch {}", scenario.startup, scenario.prefetch),
            ("sans-serif", 14),
        )
        .margin(8)
        .x_label_area_size(32)
        .y_label_area_size(48)
        .build_cartesian_2d(0.0..high, (LEAST..100.0).log_scale())?;
    let mut mesh = chart.configure_mesh();
    mesh.x_desc("replica-seconds").y_desc("% over the limit").label_style(("sans-serif", 11));
    mesh.x_labels(6).x_label_formatter(&|cost| format!("{cost:.0}")).light_line_style(TRANSPARENT).draw()?;
    for (points, colour) in [(ready, READY), (all, ALL)] {
        chart.draw_series(LineSeries::new(points.clone(), colour.mix(0.5)))?;
        chart.draw_series(points.into_iter().map(|point| Circle::new(point, 3, colour.filled())))?;
    }
    chart.draw_series(ours.into_iter().map(|point| Circle::new(point, 6, OURS.filled())))?;
    chart.draw_series(amqp.into_iter().map(|point| Circle::new(point, 6, OURS.stroke_width(2))))?;
    Ok(())
}

fn explain(area: &DrawingArea<SVGBackend<'_>, Shift>) -> Result<(), Box<dyn Error>> {
    let names = [
        (OURS.filled(), "the operator, management API"),
        (OURS.stroke_width(2), "the operator, AMQP"),
        (READY.filled(), "KEDA by ready messages, N = 1 to 200"),
        (ALL.filled(), "KEDA by all messages, N = 1 to 200"),
    ];
    for ((style, name), x) in names.into_iter().zip([40, 270, 450, 740]) {
        area.draw(&Circle::new((x, 18), 5, style))?;
        area.draw(&Text::new(name, (x + 12, 12), ("sans-serif", 13)))?;
    }
    Ok(())
}
