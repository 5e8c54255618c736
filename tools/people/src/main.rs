//! `people generate` and `people import`.

use std::{
    fs::File,
    io::{self, BufRead, BufReader, BufWriter, Write},
    num::NonZeroUsize,
    path::{Path, PathBuf},
    process::ExitCode,
    time::{Duration, Instant},
};

use anyhow::Context;
use clap::{Args, Parser, Subcommand};
use people::{
    generate,
    import::{Line, Progress, Summary, Target, import, lines},
};
use url::Url;

/// Makes up people with realistic working weeks, and imports people into a running W2Meet.
#[derive(Parser)]
#[command(version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Write made-up people, one JSON object a line, as POST /users takes them.
    Generate(Generate),
    /// Store people in a running W2Meet; those who are stored already are left as they are.
    Import(Import),
}

#[derive(Args)]
struct Generate {
    /// How many people.
    #[arg(long, default_value_t = 1_000)]
    count: usize,
    /// The same seed gives the same people.
    #[arg(long, default_value_t = 7)]
    seed: u64,
    /// Where to write them; without it, to standard output.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

#[derive(Args)]
struct Import {
    /// One JSON object a line; - reads standard input.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Base URL of the platform.
    #[arg(long, default_value = "http://localhost:8080")]
    url: Url,
    /// How many people are sent at once.
    #[arg(long, default_value = "16")]
    concurrency: NonZeroUsize,
    /// How long to try again while the platform cannot be reached or answers 503.
    #[arg(long, default_value_t = 30, value_name = "SECONDS")]
    deadline_seconds: u64,
}

#[tokio::main]
async fn main() -> anyhow::Result<ExitCode> {
    match Cli::parse().command {
        Command::Generate(args) => write_people(&args),
        Command::Import(args) => import_people(args).await,
    }
}

fn write_people(args: &Generate) -> anyhow::Result<ExitCode> {
    let output: Box<dyn Write> = match &args.out {
        None => Box::new(io::stdout().lock()),
        Some(path) => {
            Box::new(File::create(path).with_context(|| format!("cannot write {}", path.display()))?)
        }
    };
    match write_lines(BufWriter::new(output), args) {
        // A reader like `head` has enough.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(ExitCode::SUCCESS),
        written => written.context("cannot write the people").map(|()| ExitCode::SUCCESS),
    }
}

fn write_lines(mut output: impl Write, args: &Generate) -> io::Result<()> {
    for person in generate::people(args.seed).take(args.count) {
        serde_json::to_writer(&mut output, &person)?;
        output.write_all(b"\n")?;
    }
    output.flush()
}

async fn import_people(args: Import) -> anyhow::Result<ExitCode> {
    let target = Target {
        url: args.url,
        concurrency: args.concurrency,
        deadline: Duration::from_secs(args.deadline_seconds),
    };
    let started = Instant::now();
    let summary = if args.file == Path::new("-") {
        let input = tokio::io::BufReader::new(tokio::io::stdin());
        send(lines(input), target, Progress::on_stderr(None)).await?
    } else {
        let unreadable = || format!("cannot read {}", args.file.display());
        let total = count_lines(&args.file).with_context(unreadable)?;
        let file = tokio::fs::File::open(&args.file).await.with_context(unreadable)?;
        send(lines(tokio::io::BufReader::new(file)), target, Progress::on_stderr(Some(total))).await?
    };
    let refused = summary.refused.len();
    writeln!(
        io::stdout(),
        "{} created, {} stored before, {refused} refused in {:.1} s",
        summary.created,
        summary.unchanged,
        started.elapsed().as_secs_f64(),
    )?;
    Ok(if refused == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn send(
    lines: impl futures::Stream<Item = io::Result<Line>>,
    target: Target,
    progress: Progress,
) -> anyhow::Result<Summary> {
    let summary = import(lines, target, &progress).await;
    progress.finish();
    summary.context("the import stopped; running it again goes on where it is")
}

/// How many lines are not blank.
fn count_lines(path: &Path) -> io::Result<u64> {
    let mut count = 0;
    for line in BufReader::new(File::open(path)?).split(b'\n') {
        count += u64::from(!line?.iter().all(u8::is_ascii_whitespace));
    }
    Ok(count)
}
