//! A SIP message in and out: how many a second one core reads and answers.

use std::hint::black_box;

use bytes::Bytes;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use whence::sip::message::{Builder, Message, Name};

/// As a carrier sends it: fourteen header lines, two Via, a session description.
const INVITE: &str = "INVITE sip:+33199001234@gw.example.net:5060;user=phone SIP/2.0\r\n\
    Via: SIP/2.0/UDP 192.0.2.10:5060;branch=z9hG4bK2d4790.1;rport\r\n\
    Via: SIP/2.0/UDP 192.0.2.77:5060;branch=z9hG4bKnashds8;received=192.0.2.77\r\n\
    Record-Route: <sip:192.0.2.10;lr;ftag=1928301774>\r\n\
    Max-Forwards: 69\r\n\
    From: \"Anne Martin\" <sip:+33612345678@carrier.example.net;user=phone>;tag=1928301774\r\n\
    To: <sip:+33199001234@gw.example.net;user=phone>\r\n\
    Call-ID: a84b4c76e66710-5f8a@192.0.2.77\r\n\
    CSeq: 314159 INVITE\r\n\
    Contact: <sip:+33612345678@192.0.2.77:5060;transport=udp>\r\n\
    P-Asserted-Identity: <sip:+33612345678@carrier.example.net;user=phone>\r\n\
    Allow: INVITE, ACK, CANCEL, OPTIONS, BYE, UPDATE, INFO, PRACK\r\n\
    Supported: timer, 100rel, replaces\r\n\
    Content-Type: application/sdp\r\n\
    Content-Length: 159\r\n\r\n\
    v=0\r\no=- 53655765 2353687637 IN IP4 192.0.2.77\r\ns=-\r\nc=IN IP4 192.0.2.77\r\nt=0 0\r\n\
    m=audio 49170 RTP/AVP 8 0 101\r\na=rtpmap:101 telephone-event/8000\r\na=ptime:20\r\n";

fn in_and_out(c: &mut Criterion) {
    let bytes = Bytes::from_static(INVITE.as_bytes());
    let invite = Message::parse(bytes.clone()).expect("the sample is a good INVITE");
    assert_eq!(invite.body().len(), 159, "the sample tells its length");
    let source = "192.0.2.10:5060".parse().expect("an address");

    let mut group = c.benchmark_group("a SIP message");
    group.throughput(Throughput::Elements(1));
    group.bench_function("in: indexed and checked", |b| {
        b.iter(|| Message::parse(black_box(bytes.clone())).expect("read"));
    });
    group.bench_function("in: with five typed headers", |b| {
        b.iter(|| {
            let message = Message::parse(black_box(bytes.clone())).expect("read");
            black_box(message.top_via().branch());
            black_box(message.from().tag());
            black_box(message.to().tag());
            black_box(message.cseq().number);
            black_box(message.contact().expect("readable"));
        });
    });
    group.bench_function("in: headers passed on", |b| {
        let owned =
            [Name::Via, Name::From, Name::To, Name::CallId, Name::CSeq, Name::Contact, Name::RecordRoute];
        b.iter(|| black_box(&invite).passed_headers(&owned));
    });
    group.bench_function("out: 180 to an INVITE", |b| {
        b.iter(|| {
            Builder::reply(black_box(&invite), source, 180, "", Some(b"as7d3k9"))
                .record_routes_of(&invite)
                .line(Name::Contact, "<sip:gw@192.0.2.1:5060>")
                .finish()
        });
    });
    group.finish();
}

criterion_group!(benches, in_and_out);
criterion_main!(benches);
