//! A name server that answers for a few domains and counts its questions.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use hickory_proto::op::{Message, ResponseCode};
use hickory_proto::rr::rdata::{A, MX};
use hickory_proto::rr::{Name, RData, Record, RecordType};
use tokio::net::UdpSocket;

/// A name server on this machine. It ends with the test.
pub struct NameServer {
    address: SocketAddr,
    questions: Arc<AtomicUsize>,
}

impl NameServer {
    /// Answers for `mail.example` (an MX), `web.example` (an address alone) and `null.example` (an MX without a name), says nothing of
    /// `silent.example`, and that nothing else is there.
    ///
    /// # Panics
    /// If no port is free.
    pub async fn start() -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").await.expect("a free port");
        let (address, questions) = (socket.local_addr().expect("an address"), Arc::new(AtomicUsize::new(0)));
        tokio::spawn(serve(socket, Arc::clone(&questions)));
        Self { address, questions }
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// How often it was asked.
    pub fn questions(&self) -> usize {
        self.questions.load(Ordering::Relaxed)
    }
}

async fn serve(socket: UdpSocket, questions: Arc<AtomicUsize>) {
    let mut buffer = [0; 1_500];
    while let Ok((length, from)) = socket.recv_from(&mut buffer).await {
        questions.fetch_add(1, Ordering::Relaxed);
        if let Some(reply) = Message::from_vec(&buffer[..length]).ok().and_then(|question| answer(&question)) {
            let _sent = socket.send_to(&reply.to_vec().expect("a reply"), from).await;
        }
    }
}

fn answer(question: &Message) -> Option<Message> {
    let query = question.queries.first()?.clone();
    let name = query.name().to_ascii().to_lowercase();
    let (root, host) = (Name::root(), Name::from_ascii("mx.mail.example.").expect("a name"));
    let data = match (name.trim_end_matches('.'), query.query_type()) {
        ("silent.example", _) => return None,
        ("mail.example", RecordType::MX) => Some(RData::MX(MX::new(10, host))),
        ("null.example", RecordType::MX) => Some(RData::MX(MX::new(0, root))),
        ("web.example", RecordType::A) => Some(RData::A(A::new(192, 0, 2, 1))),
        _ => None,
    };
    let is_there = ["mail.example", "null.example", "web.example"].contains(&name.trim_end_matches('.'));
    let code = if is_there { ResponseCode::NoError } else { ResponseCode::NXDomain };
    let mut reply = Message::error_msg(question.metadata.id, question.metadata.op_code, code);
    let of = query.name().clone();
    reply.add_query(query);
    reply.add_answers(data.map(|data| Record::from_rdata(of, 60, data)));
    Some(reply)
}
