//! What ad platforms, networks and mailers add to the address of a landing page.
//!
//! Our own selection, from the platforms' documentation; as of 25 November 2026.

/// A parameter, and where a visit comes from whose landing page carries it.
pub(super) struct ClickId {
    /// In lower case.
    pub param: &'static str,
    pub source: &'static str,
    pub medium: &'static str,
}

impl ClickId {
    /// On links that people share or search engines list, too: then the
    /// referrer knows better.
    pub fn is_weak(&self) -> bool {
        matches!(self.medium, "referral" | "organic")
    }
}

const fn click(param: &'static str, source: &'static str, medium: &'static str) -> ClickId {
    ClickId { param, source, medium }
}

/// In the order in which they are believed, should a link carry several.
pub(super) const CLICK_IDS: &[ClickId] = &[
    click("gclid", "google", "cpc"),
    click("gbraid", "google", "cpc"),
    click("wbraid", "google", "cpc"),
    // Campaign Manager and Display & Video 360 sell display space.
    click("dclid", "google", "display"),
    click("msclkid", "bing", "cpc"),
    click("ttclid", "tiktok", "cpc"),
    click("twclid", "twitter", "cpc"),
    click("li_fat_id", "linkedin", "cpc"),
    click("epik", "pinterest", "cpc"),
    click("rdt_cid", "reddit", "cpc"),
    click("sccid", "snapchat", "cpc"),
    click("qclid", "quora", "cpc"),
    click("yclid", "yandex", "cpc"),
    click("sznclid", "seznam", "cpc"),
    click("ndclid", "nextdoor", "cpc"),
    click("vmcid", "yahoo", "cpc"),
    click("obclid", "outbrain", "cpc"),
    click("dicbo", "outbrain", "cpc"),
    click("tblci", "taboola", "cpc"),
    click("cto_pld", "criteo", "display"),
    click("irclickid", "impact", "affiliate"),
    click("cjevent", "cj", "affiliate"),
    click("awc", "awin", "affiliate"),
    click("tduid", "tradedoubler", "affiliate"),
    click("mc_cid", "mailchimp", "email"),
    click("mkt_tok", "marketo", "email"),
    // Go with gclid; where that was lost they still say that an ad was clicked.
    click("gclsrc", "google", "cpc"),
    click("gad_source", "google", "cpc"),
    // On every link followed on Facebook or Instagram, paid or not.
    click("fbclid", "facebook", "referral"),
    click("igshid", "instagram", "referral"),
    click("igsh", "instagram", "referral"),
    // On unpaid results: of Merchant Center's free listings, and of Yandex.
    click("srsltid", "google", "organic"),
    click("ysclid", "yandex", "organic"),
];

/// How much `param`, in lower case, is believed: the less the more.
pub(super) fn rank(param: &str) -> Option<usize> {
    CLICK_IDS.iter().position(|id| id.param == param)
}
