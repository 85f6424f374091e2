//! The least HTTP client that keeps its connection: client and server share the machine, so it must cost little.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// One request, ready to be sent.
#[derive(Clone)]
pub struct Request(Vec<u8>);

impl Request {
    pub fn new(method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Self {
        let mut text = format!("{method} {path} HTTP/1.1\r\nHost: localhost\r\n");
        for (name, value) in headers {
            text.push_str(&format!("{name}: {value}\r\n"));
        }
        if method != "GET" {
            text.push_str(&format!("Content-Length: {}\r\n", body.len()));
        }
        Self(format!("{text}\r\n{body}").into_bytes())
    }
}

/// A kept connection.
pub struct Client {
    stream: BufReader<TcpStream>,
    body: Vec<u8>,
}

impl Client {
    pub fn connect(address: SocketAddr) -> std::io::Result<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(Duration::from_secs(600)))?;
        let stream = BufReader::with_capacity(64 * 1024, stream);
        let body = Vec::new();
        Ok(Self { stream, body })
    }

    /// Sends a request; the status and body of the answer.
    pub fn send(&mut self, request: &Request) -> std::io::Result<(u16, &[u8])> {
        self.stream.get_mut().write_all(&request.0)?;
        let (mut line, mut status, mut length) = (String::new(), 0, 0);
        loop {
            line.clear();
            if self.stream.read_line(&mut line)? == 0 {
                return Err(std::io::ErrorKind::UnexpectedEof.into());
            }
            if let Some(rest) = line.strip_prefix("HTTP/1.1 ") {
                status = rest[..3].parse().unwrap_or_default();
            } else if let Some((name, value)) = line.split_once(':') {
                if name.eq_ignore_ascii_case("content-length") {
                    length = value.trim().parse().unwrap_or_default();
                }
            } else {
                break;
            }
        }
        self.body.resize(length, 0);
        self.stream.read_exact(&mut self.body)?;
        Ok((status, &self.body))
    }

    /// Sends a request that must succeed; the body as JSON.
    pub fn json(&mut self, request: &Request) -> serde_json::Value {
        let (status, body) = self.send(request).expect("the service answers");
        assert!(
            (200..300).contains(&status),
            "{status}: {}",
            String::from_utf8_lossy(body)
        );
        serde_json::from_slice(body).unwrap_or_default()
    }
}
