//! What a monitor reads.

use super::*;

#[test]
fn what_is_recorded_stands_on_the_page() {
    let metrics = Metrics::new();

    metrics.call_arrived();
    metrics.live_calls(7);
    metrics.clone().call_ended(Outcome::Busy);
    metrics.sip_received(b"INVITE sip:a@b SIP/2.0");
    metrics.sip_sent(b"SIP/2.0 180 Ringing");
    metrics.call_refused(Refused::Cpu);
    metrics.queue("sip_inbox", 4_096).set(3);
    metrics.store_group(7, Duration::from_millis(1), false);
    metrics.call_inspected(Signature::Verified);
    metrics.call_screened(Verdict::Refused, Rule::Rate);
    metrics.sip_held(2, 3, 1);
    metrics.number_shown("lease");
    metrics.http_answered(404, Duration::from_millis(3));
    metrics.facts_spooled(3);
    metrics.facts_waiting(2);
    metrics.trunk_registered("carrier", true);
    let mut packets = metrics.media_packets();
    (packets.relayed, packets.strangers) = (5, 2);
    packets.flush();
    packets.flush();
    metrics.media_past("no_port");
    metrics.trunk_hop("carrier", "sip:h", false);

    let page = metrics.render();
    for line in [
        "whence_calls_arrived_total 1",
        "whence_calls_live 7",
        "whence_calls_ended_total{outcome=\"busy\"} 1",
        "whence_calls_ended_total{outcome=\"missed\"} 0",
        "whence_sip_messages_total{direction=\"in\",kind=\"INVITE\"} 1",
        "whence_sip_messages_total{direction=\"out\",kind=\"1xx\"} 1",
        "whence_calls_refused_total{why=\"cpu\"} 1",
        "whence_calls_refused_total{why=\"full\"} 0",
        "whence_queue_length{queue=\"sip_inbox\"} 3",
        "whence_queue_max{queue=\"sip_inbox\"} 4096",
        "whence_store_group_writes_sum 7.0",
        "whence_store_failures_total 1",
        "whence_calls_inspected_total{signature=\"verified\"} 1",
        "whence_calls_screened_total{verdict=\"refused\",rule=\"rate\"} 1",
        "whence_sip_legs 2",
        "whence_sip_transactions 3",
        "whence_sip_streams 1",
        "whence_numbers_shown_total{rule=\"lease\"} 1",
        "whence_http_answers_total{status=\"4xx\"} 1",
        "whence_http_answer_seconds_count 1",
        "whence_facts_spooled_total 3",
        "whence_facts_waiting 2",
        "whence_trunk_registered{trunk=\"carrier\"} 1",
        "whence_trunk_hop_up{trunk=\"carrier\",hop=\"sip:h\"} 0",
        "whence_media_packets_relayed_total 5",
        "whence_media_packets_dropped_total{why=\"stranger\"} 2",
        "whence_media_packets_dropped_total{why=\"unheard\"} 0",
        "whence_media_past_total{why=\"no_port\"} 1",
        "whence_facts_lost_total 0",
        "whence_facts_set_aside_total 0",
        "# EOF",
    ] {
        assert!(page.lines().any(|found| found == line), "{line} is missing in:\n{page}");
    }
}
