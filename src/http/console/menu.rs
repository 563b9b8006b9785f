//! The menu: a few groups, and beneath them the pages of the one that is open.
//!
//! Two rows of links need no script, no pointer and no room on top of the page.

use super::permissions::opens;
use crate::domain::staff::Post;
use crate::http::language::Lang;

/// A link: its address, its text, whether it is where the reader is.
type Link = (&'static str, &'static str, bool);

#[derive(Default)]
pub struct Menu {
    pub groups: Vec<Link>,
    /// The pages of the group that is open; none where a page is of no group.
    pub pages: Vec<Link>,
}

impl Menu {
    /// What somebody may open.
    pub fn new(lang: Lang, post: &Post, here: &str) -> Self {
        let is_here = |address: &str| {
            here.strip_prefix(address).is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '.']))
        };
        let (mut groups, mut open) = (Vec::new(), Vec::new());
        for Group { name, mut pages, besides } in groups_of(lang) {
            pages.retain(|(address, _)| opens(post, address));
            let is_open = pages.iter().map(|(address, _)| address).chain(besides).any(|it| is_here(it));
            let Some((first, _)) = pages.first() else { continue };
            groups.push((*first, name, is_open));
            if is_open {
                open = pages.into_iter().map(|(address, name)| (address, name, is_here(address))).collect();
            }
        }
        Self { groups, pages: open }
    }
}

struct Group {
    name: &'static str,
    /// Their addresses and names.
    pages: Vec<(&'static str, &'static str)>,
    /// Pages of the group that no menu leads to.
    besides: &'static [&'static str],
}

fn groups_of(lang: Lang) -> [Group; 5] {
    let (t, names) = (lang.texts(), lang.menu_texts());
    [
        Group {
            name: names.reports,
            pages: vec![
                ("/console/overview", lang.overview_texts().title),
                ("/console/network", lang.network_texts().title),
                ("/console/cross", lang.network_texts().cross),
                ("/console/together", lang.network_texts().together),
                ("/console/attribution", t.attribution),
                ("/console/journeys", lang.journey_texts().title),
                ("/console/money", lang.money_texts().title),
                ("/console/alerts", lang.alert_texts().title),
                ("/console/schedules", lang.schedule_texts().title),
                ("/console/shares", lang.share_texts().title),
            ],
            besides: &[],
        },
        Group {
            name: names.calls,
            pages: vec![
                ("/console/calls", names.all_calls),
                ("/console/live", lang.live_texts().title),
                ("/console/missed", lang.missed_texts().title),
                ("/console/phone", t.phone_page),
                ("/console/tasks", lang.task_texts().tasks),
            ],
            besides: &[],
        },
        Group {
            name: names.people,
            pages: vec![
                ("/console/segments", lang.segment_texts().segments),
                ("/console/contactability", names.contactability),
                ("/console/quality", names.quality),
                ("/console/duplicates", lang.people_texts().duplicates),
                ("/console/imports", names.imports),
                ("/console/requests", names.requests),
                ("/console/retention", names.retention),
            ],
            besides: &["/console/contacts"],
        },
        Group {
            name: names.numbers,
            pages: vec![
                ("/console/numbers", lang.number_texts().title),
                ("/console/pools", lang.pool_texts().title),
                ("/console/outlets", lang.outlet_texts().title),
                ("/console/destinations", lang.destination_texts().title),
                ("/console/sites", t.sites),
                ("/console/media", t.media),
                ("/console/sources", t.sources),
            ],
            besides: &[],
        },
        Group {
            name: names.settings,
            pages: vec![
                ("/console/prompts", t.prompts),
                ("/console/blocks", t.blocks),
                ("/console/webhooks", names.webhooks),
                ("/console/setup", lang.setup_texts().title),
                ("/console/trunks", lang.trunk_texts().title),
                ("/console/keys", lang.key_texts().title),
                ("/console/users", lang.staff_texts().users),
                ("/console/audit", lang.audit_texts().title),
                ("/console/account", lang.staff_texts().account),
            ],
            besides: &[],
        },
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::staff::Role;

    fn chosen(links: &[Link]) -> Vec<&str> {
        links.iter().filter(|(.., is_here)| *is_here).map(|(address, ..)| *address).collect()
    }

    #[test]
    fn the_group_of_a_page_is_open_and_the_page_is_chosen() {
        for (here, group, page) in [
            ("/console/overview", "/console/overview", Some("/console/overview")),
            ("/console/calls/0199/ladder.txt", "/console/calls", Some("/console/calls")),
            ("/console/segments/rich/lookalikes", "/console/segments", Some("/console/segments")),
            ("/console/contacts/0199", "/console/segments", None),
            ("/console/contactability", "/console/segments", Some("/console/contactability")),
            ("/console/pools/web", "/console/numbers", Some("/console/pools")),
        ] {
            let menu = Menu::new(Lang::En, &Post { role: Role::Admin, outlet: None }, here);
            assert_eq!(chosen(&menu.groups), [group], "{here}");
            assert_eq!(chosen(&menu.pages), page.into_iter().collect::<Vec<_>>(), "{here}");
        }
    }

    #[test]
    fn what_somebody_may_not_open_no_menu_leads_to() {
        let outlet = Post { role: Role::Outlet, outlet: Some("nice".parse().unwrap()) };

        let menu = Menu::new(Lang::En, &outlet, "/console/account");

        let addresses = |links: &[Link]| links.iter().map(|(address, ..)| *address).collect::<Vec<_>>();
        let groups = ["/console/overview", "/console/calls", "/console/numbers", "/console/account"];
        assert_eq!(addresses(&menu.groups), groups);
        assert_eq!(addresses(&menu.pages), ["/console/account"]);
    }
}
