//! Runs the comparison and writes docs/scaling.md with its pictures.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a program for the terminal")]

use std::alloc::System;
use std::fs;
use std::path::PathBuf;
use std::thread::available_parallelism;
use std::time::Instant;

use anyhow::Context;
use cap::Cap;
use clap::Parser;
use simulator::comparison::{SEEDS, Soak, compare, page, pictures, read_cells, soak, write_cells};
use simulator::{Trace, traces};

#[global_allocator]
static ALLOCATOR: Cap<System> = Cap::new(System, usize::MAX);

const SWEEP: &str = "scaling/sweep.csv";
const SOAK: &str = "scaling/soak.csv";
/// Queues of the soak.
const QUEUES: u64 = 1000;
/// A day of polls, 5 s apart.
const POLLS: u64 = 17_280;

/// Compares the operator with KEDA and the HPA in simulated time.
#[derive(Parser)]
#[command(version)]
struct Args {
    /// Folder for scaling.md and scaling/
    #[arg(long, default_value = "docs")]
    write: PathBuf,
    /// Seeds of each cell
    #[arg(long, default_value_t = SEEDS)]
    seeds: u64,
    /// Only the traces with this in their name; the figures are printed and nothing is written
    #[arg(long)]
    only: Option<String>,
    /// Run nothing: write the page and its pictures from the figures that are there
    #[arg(long, conflicts_with_all = ["seeds", "only"])]
    redraw: bool,
}

fn main() -> anyhow::Result<()> {
    let args = Args::parse();
    let mut traces = traces()?;
    if let Some(only) = &args.only {
        traces.retain(|trace| trace.name.contains(only));
        print!("{}", run(&args, &traces)?);
        return Ok(());
    }
    if !args.redraw {
        let figures = run(&args, &traces)?;
        fs::create_dir_all(args.write.join("scaling"))?;
        write(&args, SWEEP, &figures)?;
        let soak = soak(QUEUES, POLLS, &|| ALLOCATOR.allocated() as u64);
        write(&args, SOAK, &soak.write())?;
    }
    write_page(&args, &traces)
}

fn run(args: &Args, traces: &[Trace]) -> anyhow::Result<String> {
    let start = Instant::now();
    let cells = compare(traces, args.seeds, available_parallelism()?.get());
    eprintln!("{} traces in {} s", traces.len(), start.elapsed().as_secs());
    Ok(write_cells(&cells))
}

/// From the rounded figures in the files, so that they alone give the same page.
fn write_page(args: &Args, traces: &[Trace]) -> anyhow::Result<()> {
    let cells = read_cells(&read(args, SWEEP)?)?;
    let soak = Soak::read(&read(args, SOAK)?)?;
    for (trace, svg) in pictures(&cells)? {
        write(args, &format!("scaling/{trace}.svg"), &svg)?;
    }
    write(args, "scaling.md", &page(traces, &cells, &soak))
}

fn read(args: &Args, name: &str) -> anyhow::Result<String> {
    let path = args.write.join(name);
    fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))
}

fn write(args: &Args, name: &str, text: &str) -> anyhow::Result<()> {
    let path = args.write.join(name);
    fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))
}
