//! HTTP byte by byte.

use std::{net::SocketAddr, time::Duration};

use anyhow::{Context, bail};
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

use crate::Reply;

const TIMEOUT: Duration = Duration::from_secs(20);

/// Sends bytes that an HTTP library would refuse to send, and reads one reply to the end of the connection, which the
/// request has to ask for by `Connection: close`.
pub async fn exchange(address: SocketAddr, request: &[u8]) -> anyhow::Result<Reply> {
    let conversation = async {
        let mut stream = TcpStream::connect(address).await?;
        // A server that refuses the head may close before it has read the body.
        let _ = stream.write_all(request).await;
        let mut bytes = Vec::new();
        let read = stream.read_to_end(&mut bytes).await;
        if bytes.is_empty() {
            read?;
        }
        anyhow::Ok(bytes)
    };
    let line = request.split(|byte| *byte == b'\r').next().unwrap_or_default();
    let name = String::from_utf8_lossy(line).into_owned();
    let bytes =
        timeout(TIMEOUT, conversation).await.with_context(|| format!("{name}: no end of the reply"))??;
    parse(name, &bytes).with_context(|| format!("no HTTP reply: {:?}", String::from_utf8_lossy(&bytes)))
}

fn parse(request: String, bytes: &[u8]) -> anyhow::Result<Reply> {
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n").context("the head has no end")?;
    let head = str::from_utf8(&bytes[..end]).context("the head is no text")?;
    let body = &bytes[end + 4..];
    let mut lines = head.split("\r\n");
    let status_line = lines.next().unwrap_or_default();
    let Some(("HTTP/1.1" | "HTTP/1.0", rest)) = status_line.split_once(' ') else { bail!("no status line") };
    let status = rest.get(..3).unwrap_or_default().parse()?;
    let mut headers = HeaderMap::new();
    for line in lines {
        let (name, value) = line.split_once(':').context("a header has no colon")?;
        headers.append(name.parse::<HeaderName>()?, HeaderValue::from_str(value.trim())?);
    }
    if let Some(length) = headers.get("content-length") {
        let length: usize = length.to_str()?.parse()?;
        // The reply to HEAD tells the length of a body that it does not have.
        if length != body.len() && !request.starts_with("HEAD ") {
            bail!("content-length says {length}, and {} bytes came", body.len());
        }
    }
    Ok(Reply { request, status, headers, body: body.to_vec() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_a_reply_and_refuses_what_is_none() {
        let reply =
            parse("GET /".to_owned(), b"HTTP/1.1 404 Not Found\r\nCase-ID: a\r\ncontent-length: 2\r\n\r\nno");
        let reply = reply.unwrap();
        assert_eq!((reply.status, reply.case_id(), reply.body.as_slice()), (404, "a", &b"no"[..]));
        for bad in
            ["", "HTTP/1.1 200 OK\r\n", "hello\r\n\r\n", "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nno"]
        {
            assert!(parse("GET /".to_owned(), bad.as_bytes()).is_err(), "{bad:?}");
        }
    }
}
