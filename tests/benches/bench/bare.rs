//! The yardstick of reads: the same framework with as many threads, and nothing to do.
//!
//! It runs as a process of its own, as the server does.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use actix_web::web::{Bytes, Data, Json};
use actix_web::{App, HttpResponse, HttpServer, web};
use serde_json::Value;

/// The argument that makes this binary the bare server.
pub(crate) const FLAG: &str = "--bare";

/// Serves `bytes` at `/bytes`, and parses a document at `/echo` to answer `json`.
pub(crate) fn serve(bytes: &str, json: &str) {
    let bytes = Bytes::from(bytes.to_owned());
    let json: Arc<Value> = Arc::new(serde_json::from_str(json).expect("JSON"));
    let server = HttpServer::new(move || {
        App::new()
            .app_data(Data::new(bytes.clone()))
            .app_data(Data::from(Arc::clone(&json)))
            .route("/bytes", web::get().to(same_bytes))
            .route("/echo", web::post().to(echo))
    });
    let threads = std::thread::available_parallelism().expect("the number of cores").get();
    let server = server.workers(threads).bind(("127.0.0.1", 0)).expect("a port");
    println!("{}", server.addrs()[0]);
    actix_web::rt::System::new().block_on(server.run()).expect("the bare server");
}

async fn same_bytes(bytes: Data<Bytes>) -> HttpResponse {
    HttpResponse::Ok().content_type("application/json").body(bytes.get_ref().clone())
}

/// As much JSON in and out as the route it is compared with.
async fn echo(body: Json<Value>, answer: Data<Value>) -> HttpResponse {
    assert!(body.is_object(), "the bench sends objects");
    HttpResponse::Ok().json(answer.get_ref())
}

/// A running bare server; ends when it is dropped.
pub(crate) struct Bare {
    child: Child,
    pub(crate) addr: SocketAddr,
}

impl Bare {
    /// Starts one.
    pub(crate) fn start(bytes: &str, json: &str) -> Self {
        let mut command = Command::new(std::env::current_exe().expect("this binary"));
        command.args([FLAG, bytes, json]).stdin(Stdio::null()).stdout(Stdio::piped());
        let mut child = command.spawn().expect("the bare server");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("its output")).read_line(&mut line).expect("its address");
        Self { child, addr: line.trim().parse().expect("an address") }
    }
}

impl Drop for Bare {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
