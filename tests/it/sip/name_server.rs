//! A small name server on loopback: it answers over UDP what a test has told it.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use hickory_resolver::proto::op::{Message, ResponseCode};
use hickory_resolver::proto::rr::rdata::{A, AAAA, NAPTR, SRV};
use hickory_resolver::proto::rr::{Name, RData, Record, RecordType};
use tokio::net::UdpSocket;

/// A day: nothing runs out while a test runs.
const TTL_S: u32 = 86_400;

pub struct NameServer {
    pub address: SocketAddr,
    asked: Arc<AtomicUsize>,
}

impl NameServer {
    /// Each line is a name and a record: `pbx.example A 127.0.0.1`.
    pub async fn start(zone: &str) -> Self {
        let mut records: HashMap<(Name, RecordType), Vec<RData>> = HashMap::new();
        for line in zone.lines().filter(|line| !line.trim().is_empty()) {
            let words: Vec<&str> = line.split_whitespace().collect();
            let data = record(&words[1..]);
            records.entry((name(words[0]), data.record_type())).or_default().push(data);
        }
        let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let address = socket.local_addr().unwrap();
        let asked = Arc::new(AtomicUsize::new(0));
        tokio::spawn(answer(socket, records, Arc::clone(&asked)));
        Self { address, asked }
    }

    /// How many questions have come.
    pub fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

async fn answer(
    socket: UdpSocket,
    records: HashMap<(Name, RecordType), Vec<RData>>,
    asked: Arc<AtomicUsize>,
) {
    let mut buffer = [0; 4096];
    loop {
        let (length, from) = socket.recv_from(&mut buffer).await.unwrap();
        asked.fetch_add(1, Ordering::SeqCst);
        let question = Message::from_vec(&buffer[..length]).unwrap();
        let query = question.queries[0].clone();
        let mut reply = Message::response(question.metadata.id, question.metadata.op_code);
        reply.add_query(query.clone());
        match records.get(&(query.name().to_lowercase(), query.query_type())) {
            Some(found) => {
                let records =
                    found.iter().map(|data| Record::from_rdata(query.name().clone(), TTL_S, data.clone()));
                reply.add_answers(records);
            }
            None => reply.metadata.response_code = ResponseCode::NXDomain,
        }
        socket.send_to(&reply.to_vec().unwrap(), from).await.unwrap();
    }
}

fn name(text: &str) -> Name {
    let mut name = Name::from_ascii(text).unwrap();
    name.set_fqdn(true);
    name
}

fn record(words: &[&str]) -> RData {
    let number = |place: usize| words[place].parse().unwrap();
    match words[0] {
        "A" => RData::A(A(words[1].parse().unwrap())),
        "AAAA" => RData::AAAA(AAAA(words[1].parse().unwrap())),
        "SRV" => RData::SRV(SRV::new(number(1), number(2), number(3), name(words[4]))),
        "NAPTR" => RData::NAPTR(NAPTR::new(
            number(1),
            number(2),
            words[3].as_bytes().into(),
            words[4].as_bytes().into(),
            Box::default(),
            name(words[5]),
        )),
        other => panic!("{other}"),
    }
}
