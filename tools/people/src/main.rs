//! `people generate` and `people import`.

use std::{
    fs::File,
    io::{self, BufWriter, Write},
    num::NonZeroUsize,
    path::{Path, PathBuf},
    process::ExitCode,
    time::{Duration, Instant},
};

use anyhow::Context;
use clap::{Args, Parser, Subcommand};
use people::{
    generate,
    import::{Progress, Target, import, read, read_file},
};
use serde::Serialize;
use url::Url;

/// How many people take part in polls.
const IN_POLLS: usize = 1_000;

/// Makes up people with realistic working weeks and polls among them, and imports both into a running W2Meet.
#[derive(Parser)]
#[command(version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Write made-up people with their schedules, and polls among them, one JSON object a line.
    Generate(Generate),
    /// Store people and polls in a running W2Meet; those who are stored already are left as they are, unless told otherwise.
    Import(Import),
}

#[derive(Args)]
struct Generate {
    /// How many people.
    #[arg(long, default_value_t = 1_000)]
    count: usize,
    /// How many polls among the first thousand of them.
    #[arg(long, default_value_t = 100)]
    polls: usize,
    /// The same seed gives the same people and polls.
    #[arg(long, default_value_t = 7)]
    seed: u64,
    /// Where to write them; without it, to standard output.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

#[derive(Args)]
struct Import {
    /// One JSON object a line, or a list of them; - reads standard input.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Base URL of the platform.
    #[arg(long, default_value = "http://localhost:8080", value_parser = platform)]
    url: Url,
    /// How many people are sent at once.
    #[arg(long, default_value = "16")]
    concurrency: NonZeroUsize,
    /// How long to try again while the platform cannot be reached or answers 503.
    #[arg(long, default_value_t = 30, value_name = "SECONDS")]
    deadline_seconds: u64,
    /// Replace people who are stored with other content.
    #[arg(long)]
    replace: bool,
    /// Where polls are written down that were made, with their tokens; polls that stand there are not made again.
    /// Without it FILE with .polls at its end, and nowhere for standard input.
    #[arg(long, value_name = "FILE")]
    imported_polls: Option<PathBuf>,
}

fn platform(text: &str) -> Result<Url, String> {
    match Url::parse(text) {
        Ok(url) if url.fragment().is_some() => Err("it has a fragment; paths are added to it".to_owned()),
        Ok(url) if ["http", "https"].contains(&url.scheme()) && url.query().is_none() => Ok(url),
        Ok(url) if url.query().is_some() => Err("it has a query; paths are added to it".to_owned()),
        _ if !text.contains("://") => Err(format!("it has no scheme; write http://{text}")),
        Ok(url) => Err(format!("its scheme is {}; use http or https", url.scheme())),
        Err(error) => Err(error.to_string()),
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    let done = match Cli::parse().command {
        Command::Generate(args) => write_people(&args),
        Command::Import(args) => import_people(args).await,
    };
    done.unwrap_or_else(|error| {
        // Nobody is left to tell when stderr is closed.
        let _ = writeln!(io::stderr(), "error: {error:#}");
        ExitCode::FAILURE
    })
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
    let mut known = Vec::new();
    for person in generate::people(args.seed).take(args.count) {
        write_line(&mut output, &person)?;
        if known.len() < IN_POLLS {
            known.push(person);
        }
    }
    for poll in generate::polls(args.seed, &known).take(args.polls) {
        write_line(&mut output, &poll)?;
    }
    output.flush()
}

fn write_line(output: &mut impl Write, line: &impl Serialize) -> io::Result<()> {
    serde_json::to_writer(&mut *output, line)?;
    output.write_all(b"\n")
}

async fn import_people(args: Import) -> anyhow::Result<ExitCode> {
    let from_stdin = args.file == Path::new("-");
    let beside = (!from_stdin).then(|| args.file.with_added_extension("polls"));
    let target = Target {
        url: args.url,
        concurrency: args.concurrency,
        deadline: Duration::from_secs(args.deadline_seconds),
        replace: args.replace,
        imported_polls: args.imported_polls.or(beside),
    };
    let started = Instant::now();
    let people = if from_stdin {
        read(tokio::io::BufReader::new(tokio::io::stdin())).await.context("cannot read standard input")?
    } else {
        read_file(&args.file).await?
    };
    let progress = Progress::on_stderr(people.count);
    let summary = import(people.entries, target, &progress).await;
    progress.finish();
    let summary = summary.context("the import stopped; running it again goes on where it is")?;
    let refused = summary.refused.len();
    let replaced = if args.replace { format!("{} replaced, ", summary.replaced) } else { String::new() };
    writeln!(
        io::stdout(),
        "{} created, {} stored before, {replaced}{refused} refused in {:.1} s",
        summary.created,
        summary.unchanged,
        started.elapsed().as_secs_f64(),
    )?;
    Ok(if refused == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
