//! A small name server on loopback: it answers over UDP what a test has told it.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use hickory_resolver::proto::op::{Message, ResponseCode};
use hickory_resolver::proto::rr::rdata::{A, AAAA, MX, NAPTR, SRV};
use hickory_resolver::proto::rr::{Name, RData, Record};
use tokio::net::UdpSocket;

/// A day: nothing runs out while a test runs.
const TTL_S: u32 = 86_400;

pub struct NameServer {
    pub address: SocketAddr,
    zone: Arc<Mutex<Zone>>,
    asked: Arc<Mutex<Vec<String>>>,
}

/// The records of each name; none: the server fails when it is asked for that name.
type Zone = HashMap<Name, Vec<RData>>;

impl NameServer {
    /// Each line is a name and a record: `pbx.example A 127.0.0.1`; or `pbx.example SERVFAIL`.
    pub async fn start(zone: &str) -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let address = socket.local_addr().unwrap();
        let server = Self { address, zone: Arc::default(), asked: Arc::default() };
        server.says(zone);
        tokio::spawn(answer(socket, Arc::clone(&server.zone), Arc::clone(&server.asked)));
        server
    }

    /// From now on it says this, and nothing of what it said before.
    pub fn says(&self, lines: &str) {
        let mut zone = Zone::new();
        for line in lines.lines().filter(|line| !line.trim().is_empty()) {
            let words: Vec<&str> = line.split_whitespace().collect();
            let records = zone.entry(name(words[0])).or_default();
            records.extend((words[1] != "SERVFAIL").then(|| record(&words[1..])));
        }
        *self.zone.lock().unwrap() = zone;
    }

    /// How many questions have come.
    pub fn asked(&self) -> usize {
        self.asked.lock().unwrap().len()
    }

    /// What has been asked for since this was asked last: `pbx.example. A`.
    pub fn take_asked(&self) -> Vec<String> {
        std::mem::take(&mut self.asked.lock().unwrap())
    }
}

async fn answer(socket: UdpSocket, zone: Arc<Mutex<Zone>>, asked: Arc<Mutex<Vec<String>>>) {
    let mut buffer = [0; 4096];
    loop {
        let (length, from) = socket.recv_from(&mut buffer).await.unwrap();
        let question = Message::from_vec(&buffer[..length]).unwrap();
        let query = question.queries[0].clone();
        let (name, kind) = (query.name().to_lowercase(), query.query_type());
        asked.lock().unwrap().push(format!("{} {kind}", name.to_ascii()));
        let mut reply = Message::response(question.metadata.id, question.metadata.op_code);
        reply.add_query(query.clone());
        match zone.lock().unwrap().get(&name).map(Vec::as_slice) {
            None => reply.metadata.response_code = ResponseCode::NXDomain,
            Some([]) => reply.metadata.response_code = ResponseCode::ServFail,
            Some(known) => {
                let of_kind = known.iter().filter(|data| data.record_type() == kind);
                let record = |data: &RData| Record::from_rdata(query.name().clone(), TTL_S, data.clone());
                reply.add_answers(of_kind.map(record));
            }
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
        "MX" => RData::MX(MX::new(number(1), name(words[2]))),
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
