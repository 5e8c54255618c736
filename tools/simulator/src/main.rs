//! Compares the decision with KEDA (`compare`), plays one trace with it (`replay`), or says what a year of many polls needs
//! (`capacity`), in simulated time.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a program for the terminal")]

mod capacity_command;
mod replay_command;

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

use capacity_command::capacity_tables;
use replay_command::{ReplayArgs, replay_table};

#[global_allocator]
static ALLOCATOR: Cap<System> = Cap::new(System, usize::MAX);

const SWEEP: &str = "scaling/sweep.csv";
const SOAK: &str = "scaling/soak.csv";
const QUEUES: u64 = 1000;
/// A day of polls, 5 s apart.
const POLLS: u64 = 17_280;

/// A queue, its workers and what scales them, in simulated time.
#[derive(Parser)]
#[command(version)]
enum Command {
    /// Compare the operator's decision with KEDA and the HPA, and write docs/scaling.md
    Compare(CompareArgs),
    /// Print what the operator would have done over a recorded or made-up trace
    Replay(ReplayArgs),
    /// Print what 100 million polls a year need: the tables of docs/capacity.md
    Capacity,
}

#[derive(clap::Args)]
struct CompareArgs {
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
    match Command::parse() {
        Command::Compare(args) => compare_with_keda(&args),
        Command::Replay(args) => {
            print!("{}", replay_table(&args)?);
            Ok(())
        }
        Command::Capacity => {
            print!("{}", capacity_tables()?);
            Ok(())
        }
    }
}

fn compare_with_keda(args: &CompareArgs) -> anyhow::Result<()> {
    let mut traces = traces()?;
    if let Some(only) = &args.only {
        traces.retain(|trace| trace.name.contains(only));
        print!("{}", run(args, &traces)?);
        return Ok(());
    }
    if !args.redraw {
        let figures = run(args, &traces)?;
        fs::create_dir_all(args.write.join("scaling"))?;
        write(args, SWEEP, &figures)?;
        let soak = soak(QUEUES, POLLS, &|| ALLOCATOR.allocated() as u64);
        write(args, SOAK, &soak.write())?;
    }
    write_page(args, &traces)
}

fn run(args: &CompareArgs, traces: &[Trace]) -> anyhow::Result<String> {
    let start = Instant::now();
    let cells = compare(traces, args.seeds, available_parallelism()?.get());
    eprintln!("{} traces in {} s", traces.len(), start.elapsed().as_secs());
    Ok(write_cells(&cells))
}

/// From the rounded figures in the files, so that they alone give the same page.
fn write_page(args: &CompareArgs, traces: &[Trace]) -> anyhow::Result<()> {
    let cells = read_cells(&read(args, SWEEP)?)?;
    let soak = Soak::read(&read(args, SOAK)?)?;
    for (trace, svg) in pictures(&cells)? {
        write(args, &format!("scaling/{trace}.svg"), &svg)?;
    }
    write(args, "scaling.md", &page(traces, &cells, &soak))
}

fn read(args: &CompareArgs, name: &str) -> anyhow::Result<String> {
    let path = args.write.join(name);
    fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))
}

fn write(args: &CompareArgs, name: &str, text: &str) -> anyhow::Result<()> {
    let path = args.write.join(name);
    fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))
}
