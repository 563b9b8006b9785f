//! Words of the menu.

use super::Lang;

#[derive(Debug)]
pub struct MenuTexts {
    pub menu: &'static str,
    pub reports: &'static str,
    pub calls: &'static str,
    pub all_calls: &'static str,
    pub people: &'static str,
    pub contactability: &'static str,
    pub quality: &'static str,
    pub imports: &'static str,
    pub requests: &'static str,
    pub retention: &'static str,
    pub numbers: &'static str,
    pub settings: &'static str,
    pub webhooks: &'static str,
}

static EN: MenuTexts = MenuTexts {
    menu: "Menu",
    reports: "Reports",
    calls: "Calls",
    all_calls: "All calls",
    people: "People",
    contactability: "Contactability",
    quality: "Data quality",
    imports: "Imports",
    requests: "Rights requests",
    retention: "Retention",
    numbers: "Numbers",
    settings: "Settings",
    webhooks: "Webhooks",
};

static FR: MenuTexts = MenuTexts {
    menu: "Menu",
    reports: "Rapports",
    calls: "Appels",
    all_calls: "Tous les appels",
    people: "Personnes",
    contactability: "Contactabilité",
    quality: "Qualité des données",
    imports: "Imports",
    requests: "Demandes de droits",
    retention: "Conservation",
    numbers: "Numéros",
    settings: "Réglages",
    webhooks: "Webhooks",
};

impl Lang {
    pub const fn menu_texts(self) -> &'static MenuTexts {
        match self {
            Lang::En => &EN,
            Lang::Fr => &FR,
        }
    }
}
