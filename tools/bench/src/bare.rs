//! The baseline: an axum handler that does nothing but read the request's body and answer with fixed bytes; one of a chain asks
//! others before.

use std::{
    io::{Read, Write, stdin, stdout},
    net::Ipv4Addr,
    process::Stdio,
};

use anyhow::Context;
use axum::{Router, body::Bytes, extract::DefaultBodyLimit, http::StatusCode, http::header::CONTENT_TYPE};
use clap::Args;
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::TcpListener,
    process::{Child, ChildStdin, Command},
};

use crate::chain::{HopArgs, Hops};

#[derive(Args, Clone)]
pub(crate) struct BareArgs {
    /// Status of each reply.
    #[arg(long)]
    status: u16,
    /// How many bytes of standard input are the reply's body.
    #[arg(long)]
    length: usize,
    #[command(flatten)]
    hops: HopArgs,
}

/// Serves until standard input ends: its first bytes are the reply, its address goes to standard output.
pub(crate) async fn serve(args: BareArgs) -> anyhow::Result<()> {
    let mut reply = vec![0; args.length];
    stdin().read_exact(&mut reply).context("the reply is cut off")?;
    let reply = Bytes::from(reply);
    let status = StatusCode::from_u16(args.status)?;
    let hops = Hops::connect(&args.hops).await?;
    let handler = move |body: Bytes| {
        let (reply, hops) = (reply.clone(), hops.clone());
        async move {
            let status = match hops.ask(&body).await {
                Ok(()) => status,
                // It counts as an error; the generator does not read why.
                Err(_) => StatusCode::BAD_GATEWAY,
            };
            (status, [(CONTENT_TYPE, "application/json")], reply)
        }
    };
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    writeln!(stdout(), "{}", listener.local_addr()?)?;
    let parent_is_gone = tokio::task::spawn_blocking(|| stdin().read_to_end(&mut Vec::new()));
    let listener = axum::serve::ListenerExt::tap_io(listener, |connection| {
        // A connection that cannot be told so is about to break anyway.
        let _ = connection.set_nodelay(true);
    });
    let router = Router::new().fallback(handler).layer(DefaultBodyLimit::disable());
    tokio::select! {
        served = axum::serve(listener, router) => served?,
        ended = parent_is_gone => { ended??; }
    }
    Ok(())
}

/// A bare handler in a process of its own.
pub(crate) struct Bare {
    process: Child,
    /// It serves until this is closed.
    _open: ChildStdin,
    base: String,
}

impl Bare {
    /// Starts one that answers everything with `status` and `reply`, after it has asked what `hops` say.
    pub(crate) async fn start(status: u16, reply: &[u8], hops: &HopArgs) -> anyhow::Result<Bare> {
        let mut command = Command::new(std::env::current_exe()?);
        command.args(["bare", "--status", &status.to_string(), "--length", &reply.len().to_string()]);
        command.args(hops.arguments());
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).kill_on_drop(true);
        let mut process = command.spawn().context("cannot start the bare handler")?;
        let mut input = process.stdin.take().context("the bare handler has no input")?;
        input.write_all(reply).await?;
        let output = process.stdout.take().context("the bare handler has no output")?;
        let line = BufReader::new(output).lines().next_line().await?;
        let address = line.context("the bare handler ended at its start")?;
        Ok(Bare { process, _open: input, base: format!("http://{address}") })
    }

    pub(crate) fn base(&self) -> &str {
        &self.base
    }

    pub(crate) fn pid(&self) -> anyhow::Result<u32> {
        self.process.id().context("the bare handler has ended")
    }
}
