//! The committed page says what the code gives.

use std::fs;
use std::path::{Path, PathBuf};

use simulator::comparison::{
    SEEDS, Scenario, Setting, Soak, cell, loads, page, pictures, read_cells, scenarios, settings, write_cells,
};
use simulator::{Count, Source, traces};

fn docs(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs").join(name)
}

fn text(name: &str) -> String {
    fs::read_to_string(docs(name)).unwrap_or_else(|error| panic!("{name}: {error}; make bench-operator"))
}

#[test]
fn a_part_of_the_comparison_run_again_gives_the_committed_figures() {
    let committed = text("scaling/sweep.csv");
    let ours = [Setting::Ours(Source::Management), Setting::Ours(Source::Amqp)];
    let keda = [Setting::Keda(1, Count::Ready), Setting::Keda(30, Count::All)];
    for name in ["burst", "long-jobs"] {
        let trace = traces().unwrap().into_iter().find(|trace| trace.name == name).unwrap();
        let loads = loads(&trace, SEEDS);
        let scenario = Scenario { startup: 8, prefetch: 1, grace: Scenario::GRACE };
        for setting in ours.into_iter().chain(keda) {
            let lines = write_cells(&[cell(&trace, &loads, scenario, setting)]);
            let line = lines.lines().nth(1).unwrap();
            assert!(
                committed.lines().any(|known| known == line),
                "not in sweep.csv: {line}; make bench-operator"
            );
        }
    }
}

#[test]
fn the_page_and_its_pictures_are_those_of_the_committed_figures() {
    let cells = read_cells(&text("scaling/sweep.csv")).unwrap();
    let soak = Soak::read(&text("scaling/soak.csv")).unwrap();
    let traces = traces().unwrap();
    assert!(page(&traces, &cells, &soak) == text("scaling.md"), "scaling.md differs; make bench-operator");
    let pictures = pictures(&cells).unwrap();
    assert_eq!(pictures.len(), traces.len());
    for (trace, svg) in pictures {
        assert!(svg == text(&format!("scaling/{trace}.svg")), "{trace}.svg differs; make bench-operator");
    }
}

#[test]
fn the_committed_figures_are_complete_and_survive_being_read() {
    let text = text("scaling/sweep.csv");
    let cells = read_cells(&text).unwrap();
    assert_eq!(write_cells(&cells), text);
    let traces = traces().unwrap();
    let expected: usize = traces.iter().map(|trace| scenarios(&trace.name).len() * settings().len()).sum();
    assert_eq!(cells.len(), expected);
}

#[test]
fn the_soak_keeps_its_promise() {
    let soak = Soak::read(&text("scaling/soak.csv")).unwrap();
    assert_eq!(soak.queues, 1000);
    assert!(soak.bytes_late <= soak.bytes_early + 64 && soak.slowest_ms < 1000, "{soak:?}");
}

#[test]
fn a_line_that_is_no_cell_is_refused() {
    for line in ["burst,8,1", "burst,8,1,30,keda some 3,0,0,0,0,0,0,0", "burst,x,1,30,floor,0,0,0,0,0,0,0"] {
        assert!(read_cells(&format!("head\n{line}\n")).is_err(), "{line}");
    }
    assert!(Soak::read("head\n1,2,3\n").is_err());
}
