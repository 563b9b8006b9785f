//! Who is lent no number: robots, pages that nobody looks at, and floods.
//!
//! ```text
//!   signs of the browser ─ doubt ──▶ no person: shown what the channel shows, nothing kept
//!            ↓ none
//!   address block, site ─ caps ────▶ too many: the visit is kept, without a number of its own
//!            ↓ within
//!   a number of the pool
//! ```
//!
//! Robots that say so are told by their `User-Agent`; those that do not are
//! bounded: whatever they do, one address block takes no more than its cap
//! from the people. A block is a /24 or a /48, what one customer of a data
//! centre has. The caps count new numbers alone, so that a visitor who has one
//! keeps it.

use std::collections::HashMap;
use std::fmt;
use std::net::IpAddr;
use std::sync::LazyLock;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::domain::ids::SiteId;
use crate::domain::time::Timestamp;

/// How long the numbers of an address block are counted: about as long as a
/// visitor who has left keeps theirs.
pub const BLOCK_WINDOW: Duration = Duration::from_secs(30 * 60);
const SITE_WINDOW: Duration = Duration::from_secs(60);

/// How many address blocks are counted at once; of those beyond it only the
/// site's cap is known.
const BLOCKS_MAX: usize = 50_000;

static CRAWLERS: LazyLock<Words> = LazyLock::new(|| Words::read(include_str!("data/crawlers.txt")));

/// What a site's plan says of robots and floods.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(default)]
pub struct Guard {
    /// A browser without a window gets a number before anybody touches the page.
    pub lends_to_headless: bool,
    /// New numbers for one address block within [`BLOCK_WINDOW`]; 0: any number.
    pub per_block: u32,
    /// New numbers for the whole site within a minute; 0: any number.
    pub per_minute: u32,
    /// Calls that are made on its pages and go on at the same time; 0: none is taken.
    pub page_calls: u32,
    /// Those of one address block within [`BLOCK_WINDOW`]; 0: any number.
    pub page_calls_per_block: u32,
}

impl Default for Guard {
    fn default() -> Self {
        Self {
            lends_to_headless: false,
            per_block: 20,
            per_minute: 600,
            page_calls: 0,
            page_calls_per_block: 5,
        }
    }
}

/// Why no number is lent.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Refusal {
    /// It says that it is a robot.
    Crawler,
    /// The browser fetched the page in case somebody wants it.
    Prefetch,
    /// A browser without a window, which nobody has touched.
    Headless,
    /// The page is not visible.
    Hidden,
    /// It claims to come from a website that only robots claim to come from.
    Spam,
    BlockCap,
    SiteCap,
}

impl Refusal {
    pub const ALL: [Refusal; 7] = [
        Refusal::Crawler,
        Refusal::Prefetch,
        Refusal::Headless,
        Refusal::Hidden,
        Refusal::Spam,
        Refusal::BlockCap,
        Refusal::SiteCap,
    ];

    /// There is no person; otherwise there may be, and too many for the numbers.
    pub const fn is_doubt(self) -> bool {
        match self {
            Refusal::Crawler | Refusal::Prefetch | Refusal::Headless | Refusal::Hidden | Refusal::Spam => {
                true
            }
            Refusal::BlockCap | Refusal::SiteCap => false,
        }
    }

    pub const fn as_str(self) -> &'static str {
        match self {
            Refusal::Crawler => "crawler",
            Refusal::Prefetch => "prefetch",
            Refusal::Headless => "headless",
            Refusal::Hidden => "hidden",
            Refusal::Spam => "spam",
            Refusal::BlockCap => "block_cap",
            Refusal::SiteCap => "site_cap",
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What a request tells of whoever looks at the page.
#[derive(Clone, Copy, Debug)]
pub struct Signs<'a> {
    pub user_agent: &'a str,
    /// `Sec-Purpose`, or what came before it.
    pub purpose: &'a str,
    /// `navigator.webdriver`
    pub is_automated: bool,
    /// Somebody has moved, typed or touched.
    pub has_interaction: bool,
    pub is_visible: bool,
}

/// Why this is nobody to lend a number to; `None`: a person, as far as it shows.
pub fn doubt(signs: Signs<'_>, guard: &Guard) -> Option<Refusal> {
    let headless = signs.is_automated || signs.user_agent.contains("Headless");
    if CRAWLERS.are_in(signs.user_agent) {
        Some(Refusal::Crawler)
    } else if signs.purpose.to_ascii_lowercase().contains("prefetch")
        || signs.purpose.to_ascii_lowercase().contains("prerender")
    {
        Some(Refusal::Prefetch)
    } else if headless && !signs.has_interaction && !guard.lends_to_headless {
        Some(Refusal::Headless)
    } else if !signs.is_visible {
        Some(Refusal::Hidden)
    } else {
        None
    }
}

/// A /24 of IPv4 or a /48 of IPv6, as its first address.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Block(IpAddr);

impl Block {
    /// `None` for an address of this machine or a private network: a proxy of
    /// ours stands there, and everybody behind it.
    pub fn of(address: IpAddr) -> Option<Self> {
        match address.to_canonical() {
            IpAddr::V4(it) if it.is_loopback() || it.is_private() || it.is_link_local() => None,
            IpAddr::V4(it) => {
                let [a, b, c, _] = it.octets();
                Some(Self([a, b, c, 0].into()))
            }
            IpAddr::V6(it) if it.is_loopback() || it.is_unique_local() || it.is_unicast_link_local() => None,
            IpAddr::V6(it) => {
                let [a, b, c, ..] = it.segments();
                Some(Self([a, b, c, 0, 0, 0, 0, 0].into()))
            }
        }
    }
}

/// How many numbers were lent lately, and to whom.
#[derive(Default, Debug)]
pub struct Caps {
    blocks: Window<(SiteId, Block)>,
    sites: Window<SiteId>,
}

/// A place within the caps, to be given back when no number was taken.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Permit {
    site: SiteId,
    block: Option<Block>,
    at: Timestamp,
}

impl Caps {
    /// A place for one new number, or which cap is reached.
    pub fn take(
        &mut self,
        site: &SiteId,
        block: Option<Block>,
        guard: &Guard,
        now: Timestamp,
    ) -> Result<Permit, Refusal> {
        if let Some(block) = block
            && !self.blocks.count((site.clone(), block), guard.per_block, now, BLOCK_WINDOW, BLOCKS_MAX)
        {
            return Err(Refusal::BlockCap);
        }
        let permit = Permit { site: site.clone(), block, at: now };
        if !self.sites.count(site.clone(), guard.per_minute, now, SITE_WINDOW, usize::MAX) {
            self.give_back_block(&permit);
            return Err(Refusal::SiteCap);
        }
        Ok(permit)
    }

    pub fn give_back(&mut self, permit: &Permit) {
        self.give_back_block(permit);
        self.sites.forget(&permit.site, permit.at, SITE_WINDOW);
    }

    fn give_back_block(&mut self, permit: &Permit) {
        if let Some(block) = permit.block {
            self.blocks.forget(&(permit.site.clone(), block), permit.at, BLOCK_WINDOW);
        }
    }
}

/// Why a call from a page is not taken.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CallRefusal {
    /// The site's plan has no calls from its pages.
    Off,
    /// As many as may be are under way, or its address block has had its share.
    TooMany,
}

/// The calls that are made on pages.
#[derive(Default, Debug)]
pub struct PageCalls {
    blocks: Window<(SiteId, Block)>,
    under_way: HashMap<SiteId, u32>,
}

impl PageCalls {
    /// One more; it counts until its [`end`](Self::end).
    pub fn begin(
        &mut self,
        site: &SiteId,
        block: Option<Block>,
        guard: &Guard,
        now: Timestamp,
    ) -> Result<(), CallRefusal> {
        if guard.page_calls == 0 {
            return Err(CallRefusal::Off);
        }
        if self.under_way.get(site).is_some_and(|count| *count >= guard.page_calls) {
            return Err(CallRefusal::TooMany);
        }
        if let Some(block) = block
            && !self.blocks.count(
                (site.clone(), block),
                guard.page_calls_per_block,
                now,
                BLOCK_WINDOW,
                BLOCKS_MAX,
            )
        {
            return Err(CallRefusal::TooMany);
        }
        *self.under_way.entry(site.clone()).or_default() += 1;
        Ok(())
    }

    pub fn end(&mut self, site: &SiteId) {
        if let Some(count) = self.under_way.get_mut(site) {
            *count -= 1;
            if *count == 0 {
                self.under_way.remove(site);
            }
        }
    }
}

/// Those who come with links that lead nowhere: who has too many is making them up.
#[derive(Default, Debug)]
pub struct Knocks(Window<Block>);

impl Knocks {
    /// Links that lead nowhere, of one address block within a minute.
    const MISSES: u32 = 20;

    /// Counts one; `false`: the block has had enough of them.
    pub fn missed(&mut self, block: Block, now: Timestamp) -> bool {
        self.0.count(block, Self::MISSES, now, SITE_WINDOW, BLOCKS_MAX)
    }
}

/// Counts within one stretch of time; the next stretch begins at nought.
#[derive(Debug)]
struct Window<K> {
    stretch: i64,
    counts: HashMap<K, u32>,
}

impl<K> Default for Window<K> {
    fn default() -> Self {
        Self { stretch: 0, counts: HashMap::new() }
    }
}

impl<K: std::hash::Hash + Eq> Window<K> {
    /// `false`: there are `most` already.
    fn count(&mut self, key: K, most: u32, now: Timestamp, length: Duration, keys_max: usize) -> bool {
        let stretch = stretch(now, length);
        if stretch != self.stretch {
            self.counts.clear();
            self.stretch = stretch;
        }
        if most == 0 || (self.counts.len() >= keys_max && !self.counts.contains_key(&key)) {
            return true;
        }
        let count = self.counts.entry(key).or_default();
        let within = *count < most;
        *count += u32::from(within);
        within
    }

    fn forget(&mut self, key: &K, at: Timestamp, length: Duration) {
        if stretch(at, length) == self.stretch
            && let Some(count) = self.counts.get_mut(key)
        {
            *count = count.saturating_sub(1);
        }
    }
}

fn stretch(at: Timestamp, length: Duration) -> i64 {
    at.as_ms().div_euclid(i64::try_from(length.as_millis()).unwrap_or(i64::MAX).max(1))
}

/// Words that a `User-Agent` is searched for.
struct Words {
    any: Vec<&'static str>,
    /// What holds one of them and is no robot.
    never: Vec<&'static str>,
}

impl Words {
    fn read(text: &'static str) -> Self {
        let words = text.lines().filter(|line| !line.starts_with('#')).flat_map(str::split_ascii_whitespace);
        let (never, any): (Vec<_>, Vec<_>) = words.partition(|word| word.starts_with('!'));
        Self { any, never: never.into_iter().map(|word| &word[1..]).collect() }
    }

    fn are_in(&self, user_agent: &str) -> bool {
        let mut text = user_agent.to_ascii_lowercase();
        for word in &self.never {
            text = text.replace(word, "");
        }
        self.any.iter().any(|word| text.contains(word))
    }
}

#[cfg(test)]
mod tests;
