//! The relay's own limit: clients that do nothing but send it one finished message over and over.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

/// Sends `message` over as many connections until it is dropped.
pub(crate) fn start(addr: SocketAddr, connections: usize, message: &[u8]) -> JoinSet<io::Result<()>> {
    let steps: Arc<[Vec<u8>]> = Arc::new([
        b"MAIL FROM:<letter@mail.bench.example>\r\n".to_vec(),
        b"RCPT TO:<office@parliament.example>\r\n".to_vec(),
        b"DATA\r\n".to_vec(),
        [message, b".\r\n"].concat(),
    ]);
    (0..connections).map(|_| pump(addr, Arc::clone(&steps))).collect()
}

async fn pump(addr: SocketAddr, steps: Arc<[Vec<u8>]>) -> io::Result<()> {
    let mut stream = BufReader::new(TcpStream::connect(addr).await?);
    stream.get_ref().set_nodelay(true)?;
    replied(&mut stream).await?;
    stream.write_all(b"EHLO bench.example\r\n").await?;
    replied(&mut stream).await?;
    loop {
        for step in steps.iter() {
            stream.write_all(step).await?;
            replied(&mut stream).await?;
        }
    }
}

/// Reads a reply to its last line.
async fn replied(stream: &mut BufReader<TcpStream>) -> io::Result<()> {
    let mut line = String::new();
    loop {
        line.clear();
        stream.read_line(&mut line).await?;
        match line.as_bytes() {
            [b'2' | b'3', _, _, b' ', ..] => return Ok(()),
            [b'2' | b'3', _, _, b'-', ..] => {}
            _ => return Err(io::Error::other(format!("the relay said {line}"))),
        }
    }
}
