//! Client and server machine of a request other than INVITE, talking over a
//! bad network. INVITE needs dialogs: see `dialog/simulation.rs`.

use bytes::Bytes;
use proptest::prelude::*;

use super::testing::{Network, Node, Side, Told, any_weather, bytes, run};
use super::{Class, Client, Outputs, Server, Wire, client, server};
use crate::domain::time::Timestamp;

/// How the user on the far side answers.
#[derive(Clone, Copy, Debug)]
struct Script {
    provisional: bool,
    after_ms: u16,
    code: u16,
}

struct Asking {
    machine: Client,
    told: Told,
}

impl Asking {
    fn start(network: &mut Network) -> Self {
        let (mut out, mut told) = (Outputs::new(), Told::default());
        let machine = Client::start(bytes("OPTIONS"), network.wire(), network.now, &mut out);
        told.obey(out, None, Side::Right, network);
        Self { machine, told }
    }

    fn give(&mut self, input: client::Input, code: Option<u16>, network: &mut Network) {
        let mut out = Outputs::new();
        self.machine.handle(input, network.now, &mut out);
        self.told.obey(out, code, Side::Right, network);
    }
}

impl Node for Asking {
    fn receive(&mut self, packet: &Bytes, network: &mut Network) {
        let code = std::str::from_utf8(packet).unwrap().parse().unwrap();
        self.give(client::Input::Response(Class::of(code)), Some(code), network);
    }

    fn wake(&mut self, network: &mut Network) {
        self.give(client::Input::Woken, None, network);
    }

    fn wake_at(&self) -> Option<Timestamp> {
        self.machine.wake_at()
    }
}

struct Answering {
    script: Script,
    machine: Option<Server>,
    answer_at: Option<Timestamp>,
    told: Told,
}

impl Answering {
    fn new(script: Script) -> Self {
        Self { script, machine: None, answer_at: None, told: Told::default() }
    }

    fn give(&mut self, input: server::Input, network: &mut Network) {
        let mut out = Outputs::new();
        self.machine.as_mut().unwrap().handle(input, network.now, &mut out);
        self.told.obey(out, None, Side::Left, network);
    }

    fn respond(&mut self, code: u16, network: &mut Network) {
        let response = Bytes::from(code.to_string());
        self.give(server::Input::Respond { class: Class::of(code), response }, network);
    }
}

impl Node for Answering {
    fn receive(&mut self, packet: &Bytes, network: &mut Network) {
        assert_eq!(packet, &bytes("OPTIONS"));
        if self.machine.is_some() {
            return self.give(server::Input::Request, network);
        }
        self.machine = Some(Server::start(network.wire()));
        if self.script.provisional {
            self.respond(100, network);
        }
        self.answer_at = Some(network.now + std::time::Duration::from_millis(self.script.after_ms.into()));
    }

    fn wake(&mut self, network: &mut Network) {
        if self.answer_at.is_some_and(|at| at <= network.now) {
            self.answer_at = None;
            self.respond(self.script.code, network);
        } else {
            self.give(server::Input::Woken, network);
        }
    }

    fn wake_at(&self) -> Option<Timestamp> {
        [self.answer_at, self.machine.as_ref().and_then(Server::wake_at)].into_iter().flatten().min()
    }
}

prop_compose! {
    fn any_script()(
        provisional: bool,
        after_ms in 0..20_000_u16,
        code in prop::sample::select(vec![200, 302, 404, 503, 603]),
    ) -> Script {
        Script { provisional, after_ms, code }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn every_request_ends_with_one_final_response_or_a_timeout(
        weather in any_weather(),
        script in any_script(),
    ) {
        let mut network = Network::new(weather);
        let mut client = Asking::start(&mut network);
        let mut server = Answering::new(script);

        run(&mut network, &mut client, &mut server);

        prop_assert_eq!(client.told.verdicts(), 1);
        prop_assert_eq!(client.told.terminated, 1);
        prop_assert_eq!(server.told.terminated, u32::from(server.machine.is_some()));
        // 11 copies of the request (§17.1.2.2), and for each that arrives at most one response.
        prop_assert!(network.sent_to[Side::Right as usize] <= 11);
        prop_assert!(network.sent_to[Side::Left as usize] <= network.arrived_at[Side::Right as usize] + 2);
        if weather.loss_percent == 0 || weather.wire == Wire::Stream {
            prop_assert_eq!(&client.told.finals, &[script.code]);
        }
    }
}
