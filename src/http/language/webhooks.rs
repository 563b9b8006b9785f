//! Words about webhooks: how each stands, and what became of what it was told.

use super::Lang;
use crate::domain::webhook::State;

/// The fixed texts of both pages.
#[derive(Debug)]
pub struct WebhookTexts {
    pub webhooks: &'static str,
    pub claim: &'static str,
    pub none: &'static str,
    pub none_how: &'static str,
    pub webhook: &'static str,
    pub events: &'static str,
    pub stands: &'static str,
    pub waiting: &'static str,
    pub last_taken: &'static str,
    pub last_failed: &'static str,
    pub open: &'static str,
    pub off: &'static str,
    pub gone: &'static str,
    pub rests: &'static str,
    pub unsigned: &'static str,
    pub test: &'static str,
    pub test_means: &'static str,
    pub test_opens: &'static str,
    pub deliveries: &'static str,
    pub all: &'static str,
    pub nothing: &'static str,
    pub nothing_how: &'static str,
    pub nothing_so: &'static str,
    pub due: &'static str,
    pub data: &'static str,
    pub resend: &'static str,
    pub hasten: &'static str,
    pub resend_means: &'static str,
    pub earlier: &'static str,
}

static EN: WebhookTexts = WebhookTexts {
    webhooks: "Webhooks",
    claim: "Programs that are told what happens, as the plan says ([[webhooks]]).",
    none: "No program is told anything",
    none_how: "Name one in the plan under [[webhooks]], and its secret under [[webhook]] in the settings of each node.",
    webhook: "Webhook",
    events: "Is told",
    stands: "How it stands",
    waiting: "Waiting",
    last_taken: "Last taken",
    last_failed: "Last failure",
    open: "is told what happens",
    off: "off: the plan has enabled = false",
    gone: "told nothing until it is tested: it answered 410 (gone) on",
    rests: "asks to be left alone until",
    unsigned: "no secret in the settings of this node, which tells it nothing",
    test: "Send a test",
    test_means: "It is told webhook.test, whatever else it is told.",
    test_opens: "It is told webhook.test, and from then on what happens.",
    deliveries: "What it was told in the last 30 days",
    all: "All",
    nothing: "It has been told nothing yet",
    nothing_how: "Send a test, or wait until something happens that it is to be told.",
    nothing_so: "There is none that stands so",
    due: "next try",
    data: "What it says",
    resend: "Send again",
    hasten: "Try now",
    resend_means: "Sent again, a message has the same id: a program that has taken it may leave it aside. It may come after what happened later.",
    earlier: "Earlier",
};

static FR: WebhookTexts = WebhookTexts {
    webhooks: "Webhooks",
    claim: "Les programmes informés de ce qui se passe, selon le plan ([[webhooks]]).",
    none: "Aucun programme n’est informé",
    none_how: "Nommez-en un dans le plan sous [[webhooks]], et son secret sous [[webhook]] dans les réglages de chaque nœud.",
    webhook: "Webhook",
    events: "Informé de",
    stands: "État",
    waiting: "En attente",
    last_taken: "Dernier message accepté",
    last_failed: "Dernier échec",
    open: "informé de ce qui se passe",
    off: "arrêté\u{a0}: le plan dit enabled = false",
    gone: "informé de rien jusqu’à un test\u{a0}: il a répondu 410 (parti) le",
    rests: "demande à ne pas être sollicité jusqu’au",
    unsigned: "aucun secret dans les réglages de ce nœud, qui ne l’informe de rien",
    test: "Envoyer un test",
    test_means: "Il reçoit webhook.test, quoi qu’il reçoive par ailleurs.",
    test_opens: "Il reçoit webhook.test, puis de nouveau ce qui se passe.",
    deliveries: "Ce qui lui a été dit ces 30 derniers jours",
    all: "Tout",
    nothing: "Rien ne lui a encore été dit",
    nothing_how: "Envoyez un test, ou attendez qu’il se passe quelque chose dont il est informé.",
    nothing_so: "Il n’y en a aucun dans cet état",
    due: "prochain essai",
    data: "Ce qu’il dit",
    resend: "Renvoyer",
    hasten: "Essayer maintenant",
    resend_means: "Renvoyé, un message garde son identifiant\u{a0}: un programme qui l’a déjà accepté peut l’ignorer. Il peut arriver après ce qui s’est passé plus tard.",
    earlier: "Plus anciens",
};

impl Lang {
    pub const fn webhook_texts(self) -> &'static WebhookTexts {
        match self {
            Lang::En => &EN,
            Lang::Fr => &FR,
        }
    }

    pub const fn delivery_state(self, state: State) -> &'static str {
        match (self, state) {
            (Lang::En, State::Waiting) => "Waiting",
            (Lang::Fr, State::Waiting) => "En attente",
            (Lang::En, State::Taken) => "Taken",
            (Lang::Fr, State::Taken) => "Accepté",
            (Lang::En, State::GivenUp) => "Given up",
            (Lang::Fr, State::GivenUp) => "Abandonné",
        }
    }

    pub fn tries(self, tries: u32) -> String {
        match self {
            Lang::En if tries == 1 => "1\u{a0}try".to_owned(),
            Lang::En => format!("{tries}\u{a0}tries"),
            Lang::Fr if tries < 2 => format!("{tries}\u{a0}essai"),
            Lang::Fr => format!("{tries}\u{a0}essais"),
        }
    }

    /// Why a try failed: the word that is written down with it, and what was answered.
    pub fn delivery_failure(self, why: &str, status: Option<u16>) -> String {
        let word = match (self, why, status) {
            (Lang::En, "status", Some(status)) => return format!("it answered {status}"),
            (Lang::Fr, "status", Some(status)) => return format!("réponse {status}"),
            (Lang::En, "gone", _) => "it answered 410: gone",
            (Lang::Fr, "gone", _) => "réponse 410\u{a0}: parti",
            (Lang::En, "slow", _) => "it took longer than 15 seconds",
            (Lang::Fr, "slow", _) => "pas de réponse en 15 secondes",
            (Lang::En, "unreached", _) => "it was not reached",
            (Lang::Fr, "unreached", _) => "injoignable",
            (Lang::En, "private", _) => "its address leads into a private network",
            (Lang::Fr, "private", _) => "son adresse mène à un réseau privé",
            _ => why,
        };
        word.to_owned()
    }
}
