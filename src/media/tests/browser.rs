//! A browser by another implementation of WebRTC, which shares no line with ours
//! for ICE, the handshake or SRTP; its machine has no I/O either.

use std::io::ErrorKind;
use std::net::UdpSocket;
use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};
use rtc::media_stream::MediaStreamTrack;
use rtc::peer_connection::configuration::media_engine::{
    MIME_TYPE_PCMA, MIME_TYPE_TELEPHONE_EVENT, MediaEngine,
};
use rtc::peer_connection::event::RTCPeerConnectionEvent;
use rtc::peer_connection::message::{RTCMessage, TaggedRTCMessage};
use rtc::peer_connection::sdp::RTCSessionDescription;
use rtc::peer_connection::state::RTCPeerConnectionState;
use rtc::peer_connection::transport::{CandidateConfig, CandidateHostConfig, RTCIceCandidate};
use rtc::peer_connection::{RTCPeerConnection, RTCPeerConnectionBuilder};
use rtc::rtp::header::Header;
use rtc::rtp::packet::Packet;
use rtc::rtp_transceiver::rtp_sender::{
    RTCRtpCodec, RTCRtpCodecParameters, RTCRtpCodingParameters, RTCRtpEncodingParameters, RtpCodecKind,
};
use rtc::sansio::Protocol;
use rtc::shared::{TaggedBytesMut, TransportContext, TransportProtocol};

const SSRC: u32 = 7;
const TRACK: &str = "track";

pub struct Browser {
    socket: UdpSocket,
    machine: RTCPeerConnection,
    is_connected: bool,
    heard: Vec<(u16, Vec<u8>)>,
}

#[allow(clippy::disallowed_methods, reason = "a stranger's machine, on its own time")]
fn now() -> Instant {
    Instant::now()
}

fn codec(name: &str, payload_type: u8) -> RTCRtpCodecParameters {
    let rtp_codec =
        RTCRtpCodec { mime_type: name.to_owned(), clock_rate: 8_000, channels: 0, ..Default::default() };
    RTCRtpCodecParameters { rtp_codec, payload_type }
}

/// A browser offers keys (RFC 4733); this implementation may leave them out.
fn with_keys(offer: String) -> String {
    if offer.contains("telephone-event") {
        return offer;
    }
    let map = "a=rtpmap:8 PCMA/8000\r\n";
    let offer = offer.replace("SAVPF 8\r\n", "SAVPF 8 101\r\n");
    offer.replace(map, &format!("{map}a=rtpmap:101 telephone-event/8000\r\n"))
}

impl Browser {
    pub fn new() -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        socket.set_read_timeout(Some(Duration::from_millis(1))).unwrap();
        let mut engine = MediaEngine::default();
        let pcma = codec(MIME_TYPE_PCMA, 8);
        for codec in [pcma.clone(), codec(MIME_TYPE_TELEPHONE_EVENT, 101)] {
            engine.register_codec(codec, RtpCodecKind::Audio).unwrap();
        }
        let mut machine = RTCPeerConnectionBuilder::new().with_media_engine(engine).build(now()).unwrap();
        let coding = RTCRtpCodingParameters { ssrc: Some(SSRC), ..Default::default() };
        let encoding = RTCRtpEncodingParameters {
            rtp_coding_parameters: coding,
            codec: pcma.rtp_codec,
            ..Default::default()
        };
        let [stream, track, label] = ["stream", TRACK, "label"].map(str::to_owned);
        let track = MediaStreamTrack::new(stream, track, label, RtpCodecKind::Audio, vec![encoding]);
        machine.add_track(track).unwrap();
        Self { socket, machine, is_connected: false, heard: vec![] }
    }

    pub fn offers(&mut self) -> String {
        let offer = self.machine.create_offer(None).unwrap();
        self.machine.set_local_description(now(), offer).unwrap();
        self.is_there();
        with_keys(self.machine.local_description().unwrap().sdp)
    }

    pub fn is_answered(&mut self, answer: &str) {
        let answer = RTCSessionDescription::answer(answer.to_owned()).unwrap();
        self.machine.set_remote_description(now(), answer).unwrap();
    }

    pub fn answers(&mut self, offer: &str) -> String {
        let offer = RTCSessionDescription::offer(offer.to_owned()).unwrap();
        self.machine.set_remote_description(now(), offer).unwrap();
        self.is_there();
        let answer = self.machine.create_answer(None).unwrap();
        self.machine.set_local_description(now(), answer).unwrap();
        self.machine.local_description().unwrap().sdp
    }

    fn is_there(&mut self) {
        let here = self.socket.local_addr().unwrap();
        let base_config = CandidateConfig {
            network: "udp".to_owned(),
            address: here.ip().to_string(),
            port: here.port(),
            component: 1,
            ..Default::default()
        };
        let candidate =
            CandidateHostConfig { base_config, ..Default::default() }.new_candidate_host().unwrap();
        let candidate = RTCIceCandidate::from(&candidate).to_json().unwrap();
        self.machine.add_local_candidate(candidate).unwrap();
    }

    /// Sends what is to be sent and takes what has come, waiting a moment for it; always `true`.
    pub fn turns(&mut self) -> bool {
        if self.machine.poll_timeout().is_some_and(|at| at <= now()) {
            self.machine.handle_timeout(now()).unwrap();
        }
        self.drain();
        let (mut buffer, mut is_waiting) = ([0; 2_048], true);
        loop {
            // Only the first of a turn is waited for.
            self.socket.set_nonblocking(!is_waiting).unwrap();
            is_waiting = false;
            match self.socket.recv_from(&mut buffer) {
                Ok((length, peer_addr)) => {
                    let transport = TransportContext {
                        local_addr: self.socket.local_addr().unwrap(),
                        peer_addr,
                        ecn: None,
                        transport_protocol: TransportProtocol::UDP,
                    };
                    let message = BytesMut::from(&buffer[..length]);
                    // What it refuses it drops.
                    let _ = self.machine.handle_read(TaggedBytesMut { now: now(), transport, message });
                    self.drain();
                }
                Err(cause) if matches!(cause.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                    return true;
                }
                Err(cause) => panic!("{cause}"),
            }
        }
    }

    fn drain(&mut self) {
        while let Some(out) = self.machine.poll_write() {
            self.socket.send_to(&out.message, out.transport.peer_addr).unwrap();
        }
        while let Some(event) = self.machine.poll_event() {
            if let RTCPeerConnectionEvent::OnConnectionStateChangeEvent(state) = event {
                self.is_connected = state == RTCPeerConnectionState::Connected;
            }
        }
        while let Some(TaggedRTCMessage { message, .. }) = self.machine.poll_read() {
            if let RTCMessage::RtpPacket(_, packet) = message {
                self.heard.push((packet.header.sequence_number, packet.payload.to_vec()));
            }
        }
    }

    pub fn is_connected(&self) -> bool {
        self.is_connected
    }

    pub fn says(&mut self, payload_type: u8, sequence: u16, payload: &[u8]) {
        let header = Header {
            version: 2,
            payload_type,
            sequence_number: sequence,
            timestamp: u32::from(sequence) * 160,
            ssrc: SSRC,
            ..Default::default()
        };
        let packet = Packet { header, payload: Bytes::copy_from_slice(payload) };
        let message = RTCMessage::RtpPacket(TRACK.to_owned(), packet);
        self.machine.handle_write(TaggedRTCMessage { now: now(), message }).unwrap();
        self.drain();
    }

    /// What it heard since it was asked last: number and payload.
    pub fn heard(&mut self) -> Vec<(u16, Vec<u8>)> {
        std::mem::take(&mut self.heard)
    }
}
