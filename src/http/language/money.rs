//! Words about what calls cost and bring.

use super::Lang;
use crate::domain::money::{Currency, Money};
use crate::domain::reporting::next_euro::{Outlook, WEEKS_MIN};

/// The fixed texts of the page.
#[derive(Debug)]
pub struct MoneyTexts {
    pub title: &'static str,
    pub how: &'static str,
    pub cost: &'static str,
    pub per_call: &'static str,
    pub per_lead: &'static str,
    pub per_sale: &'static str,
    pub revenue: &'static str,
    pub returned: &'static str,
    pub amounts_in: &'static str,
    pub none: &'static str,
    pub none_advice: &'static str,
    pub unknowable: &'static str,
    pub not_theirs: &'static str,
    pub next_euro: &'static str,
    pub next_euro_how: &'static str,
    pub next_euro_none: &'static str,
    pub unclear: &'static str,
    pub costs: &'static str,
    pub costs_none: &'static str,
    pub add: &'static str,
    pub first_day: &'static str,
    pub last_day: &'static str,
    pub channel: &'static str,
    pub source: &'static str,
    pub campaign: &'static str,
    pub outlet: &'static str,
    pub amount: &'static str,
    pub currency: &'static str,
    pub note: &'static str,
    pub all_of_them: &'static str,
    pub save: &'static str,
    pub table: &'static str,
    pub table_how: &'static str,
    pub table_file: &'static str,
    pub table_send: &'static str,
    pub table_example: &'static str,
    pub days: &'static str,
    pub what: &'static str,
    pub written: &'static str,
    pub delete: &'static str,
    pub deleted: &'static str,
    pub put_back: &'static str,
    pub of_plan: &'static str,
    pub of_plan_how: &'static str,
    pub all_costs: &'static str,
    pub older: &'static str,
    pub full: &'static str,
    pub key_taken: &'static str,
}

static EN: MoneyTexts = MoneyTexts {
    title: "Money",
    how: "A cost is spread evenly over its days. Revenue is what callers bought within 30 days of a call and before they called again, shared out as the call is. A sale counts among the leads.",
    cost: "Cost",
    per_call: "Cost per call",
    per_lead: "Cost per lead",
    per_sale: "Cost per sale",
    revenue: "Revenue",
    returned: "Return",
    amounts_in: "amounts in",
    none: "No costs in this time",
    none_advice: "Write below what a channel costs, or bring a table. What a call costs is known from then on.",
    unknowable: "What calls cost is not known with this filter: costs say nothing of it. Filter by channel, source, campaign or outlet.",
    not_theirs: "Only what is written for an outlet of yours counts as a cost here. What the network spends on a channel as a whole is in no figure.",
    next_euro: "Where the next euro goes",
    next_euro_how: "Learnt from the whole weeks of the last year, by channel. The more is spent the less another euro brings; in 90 of 100 cases the truth lies between the two. What rises with the cost for another reason, a season say, is not told apart.",
    next_euro_none: "No costs are known of the last year, or none in this currency.",
    unclear: "These overlap: nobody can tell yet which is better.",
    costs: "Costs",
    costs_none: "Nothing has been written down yet.",
    add: "Write a cost down",
    first_day: "First day",
    last_day: "Last day",
    channel: "Channel",
    source: "Source",
    campaign: "Campaign",
    outlet: "Outlet",
    amount: "Amount",
    currency: "Currency",
    note: "Note",
    all_of_them: "not said",
    save: "Write it down",
    table: "Bring a table",
    table_how: "A CSV file with these headings; the first, the channel, the amount and the currency are needed. A line with the same key takes the place of the one before, so the table may be sent again. All lines are written, or none.",
    table_file: "CSV file",
    table_send: "Bring it",
    table_example: "Example to copy",
    days: "Days",
    what: "What for",
    written: "Written",
    delete: "Delete",
    deleted: "Deleted, and gone from the reports of these days:",
    put_back: "Put it back",
    of_plan: "From the plan",
    of_plan_how: "Media with a cost that say when they run. They are changed in the plan.",
    all_costs: "Newest costs",
    older: "Older costs",
    full: "There is no more room. Write months in the place of days.",
    key_taken: "Another cost has this key.",
};

static FR: MoneyTexts = MoneyTexts {
    title: "Argent",
    how: "Un coût est réparti également sur ses jours. Le revenu est ce que les appelants ont acheté dans les 30 jours qui suivent un appel et avant de rappeler, partagé comme l’appel. Une vente compte parmi les prospects.",
    cost: "Coût",
    per_call: "Coût par appel",
    per_lead: "Coût par prospect",
    per_sale: "Coût par vente",
    revenue: "Revenu",
    returned: "Retour",
    amounts_in: "montants en",
    none: "Aucun coût sur cette période",
    none_advice: "Notez ci-dessous ce que coûte un canal, ou apportez un tableau. Le coût d’un appel est connu à partir de là.",
    unknowable: "Avec ce filtre, on ne sait pas ce que coûtent les appels\u{a0}: les coûts n’en disent rien. Filtrez par canal, source, campagne ou point de vente.",
    not_theirs: "Seul ce qui est inscrit pour un de vos points de vente compte ici comme coût. Ce que le réseau dépense pour un canal entier n’est dans aucun chiffre.",
    next_euro: "Où va le prochain euro",
    next_euro_how: "Appris des semaines entières de l’année écoulée, par canal. Plus on dépense, moins un euro de plus rapporte\u{a0}; la vérité est entre les deux bornes 90 fois sur 100. Ce qui monte avec le coût pour une autre raison, une saison par exemple, n’en est pas distingué.",
    next_euro_none: "Aucun coût de l’année écoulée n’est connu, ou aucun dans cette devise.",
    unclear: "Ces fourchettes se recouvrent\u{a0}: on ne peut pas encore dire laquelle est la meilleure.",
    costs: "Coûts",
    costs_none: "Rien n’a encore été noté.",
    add: "Noter un coût",
    first_day: "Premier jour",
    last_day: "Dernier jour",
    channel: "Canal",
    source: "Source",
    campaign: "Campagne",
    outlet: "Point de vente",
    amount: "Montant",
    currency: "Devise",
    note: "Note",
    all_of_them: "non précisé",
    save: "Noter",
    table: "Apporter un tableau",
    table_how: "Un fichier CSV avec ces en-têtes\u{a0}; le premier, le canal, le montant et la devise sont nécessaires. Une ligne de même clé remplace la précédente\u{a0}: le tableau peut être renvoyé. Toutes les lignes sont écrites, ou aucune.",
    table_file: "Fichier CSV",
    table_send: "Apporter",
    table_example: "Exemple à copier",
    days: "Jours",
    what: "Pour quoi",
    written: "Noté",
    delete: "Supprimer",
    deleted: "Supprimé, et retiré des rapports de ces jours\u{a0}:",
    put_back: "Le remettre",
    of_plan: "Du plan",
    of_plan_how: "Les supports qui ont un coût et disent quand ils sont en place. Ils se changent dans le plan.",
    all_costs: "Coûts les plus récents",
    older: "Coûts plus anciens",
    full: "Il n’y a plus de place. Notez des mois au lieu de jours.",
    key_taken: "Un autre coût a cette clé.",
};

impl Lang {
    pub const fn money_texts(self) -> &'static MoneyTexts {
        match self {
            Lang::En => &EN,
            Lang::Fr => &FR,
        }
    }

    /// Money that came, or went back.
    pub fn revenue(self, minor: i64, currency: Currency) -> String {
        self.amount(if minor < 0 { "\u{2212}" } else { "" }, minor.unsigned_abs(), currency)
    }

    /// An amount that was divided; from a thousand units on without what stands behind the point.
    pub fn money_about(self, minor: f64, currency: Currency) -> String {
        let amount = self.amount_about(minor, currency);
        match self {
            Lang::En => format!("{currency}\u{a0}{amount}"),
            Lang::Fr => format!("{amount}\u{a0}{currency}"),
        }
    }

    /// The same, where its currency stands beside it.
    pub fn amount_about(self, minor: f64, currency: Currency) -> String {
        let unit = 10_u64.pow(currency.decimals() as u32);
        let rounded = minor.abs().round() as u64;
        let sign = if minor < 0.0 && rounded > 0 { "\u{2212}" } else { "" };
        if rounded < 1_000 * unit {
            return format!("{sign}{}", self.digits(rounded, currency));
        }
        format!("{sign}{}", self.figure((minor.abs() / unit as f64).round()))
    }

    /// How many times the cost came back.
    pub fn times(self, times: f64) -> String {
        let text = if times.abs() < 9.95 {
            format!("{times:.2}")
        } else {
            return format!("{}\u{a0}×", self.figure(times));
        };
        let text = text.replace('-', "\u{2212}");
        format!("{}\u{a0}×", if self == Lang::Fr { text.replace('.', ",") } else { text })
    }

    /// What a little more money a week would bring.
    pub fn outlook(self, outlook: &Outlook, more: Money) -> String {
        let more_text = self.money(more);
        match (self, outlook) {
            (Lang::En, Outlook::TooFewWeeks { with_cost }) => {
                format!("Too few weeks: {with_cost} of the last 52 cost something, and {WEEKS_MIN} are needed.")
            }
            (Lang::Fr, Outlook::TooFewWeeks { with_cost }) => format!(
                "Trop peu de semaines\u{a0}: {with_cost} des 52 dernières ont coûté quelque chose, il en faut {WEEKS_MIN}."
            ),
            (Lang::En, Outlook::HardlyVaries) => {
                "Every week costs about the same, so nobody can tell what more would bring. Spend more in some weeks and less in others.".into()
            }
            (Lang::Fr, Outlook::HardlyVaries) => {
                "Chaque semaine coûte à peu près autant\u{a0}: on ne peut pas dire ce que rapporterait davantage. Dépensez plus certaines semaines et moins d’autres.".into()
            }
            (_, Outlook::Told(told)) => {
                let [calls, from, to] = [told.calls, told.from, told.to].map(|it| self.figure(it));
                let now = self.money_about(told.weekly_cost, more.currency);
                let maybe_none = told.from <= 0.0;
                match self {
                    Lang::En => format!(
                        "Another {more_text} a week would bring about {calls} calls a week: between {from} and {to}. {}A week costs {now} now.",
                        if maybe_none { "It may bring none. " } else { "" }
                    ),
                    Lang::Fr => format!(
                        "{more_text} de plus par semaine apporteraient environ {calls} appels par semaine\u{a0}: entre {from} et {to}. {}Une semaine coûte {now} aujourd’hui.",
                        if maybe_none { "Peut-être aucun. " } else { "" }
                    ),
                }
            }
        }
    }

    /// Of two and more channels, the one that certainly brings the most.
    pub fn next_euro_best(self, channel: &str) -> String {
        match self {
            Lang::En => format!("It goes furthest in {channel}."),
            Lang::Fr => format!("C’est dans «\u{a0}{channel}\u{a0}» qu’il va le plus loin."),
        }
    }

    /// Costs that may belong to what is filtered for.
    pub fn money_unsaid(self, money: Money) -> String {
        match self {
            Lang::En => format!("{} more may belong here: those costs do not say.", self.money(money)),
            Lang::Fr => format!(
                "{} de plus appartiennent peut-être ici\u{a0}: ces coûts ne le disent pas.",
                self.money(money)
            ),
        }
    }

    /// Money of another currency, which is in no figure.
    pub fn money_left_out(self, cost: Money, revenue: i64) -> String {
        let (cost_text, revenue) = (self.money(cost), self.revenue(revenue, cost.currency));
        match self {
            Lang::En => format!("Left out, being in another currency: cost {cost_text}, revenue {revenue}."),
            Lang::Fr => {
                format!("Laissé de côté, dans une autre devise\u{a0}: coût {cost_text}, revenu {revenue}.")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::reporting::next_euro::Marginal;

    fn plain(text: &str) -> String {
        text.replace(['\u{a0}', '\u{202f}'], " ")
    }

    #[test]
    fn amounts_are_as_long_as_they_need_to_be() {
        let about = |lang: Lang, minor: f64| plain(&lang.money_about(minor, Currency::EUR));

        assert_eq!(
            (about(Lang::En, 1_234.4), about(Lang::Fr, 1_234.4)),
            ("EUR 12.34".into(), "12,34 EUR".into())
        );
        assert_eq!(
            (about(Lang::En, 12_345_678.0), about(Lang::Fr, -12_345_678.0)),
            ("EUR 123,457".into(), "\u{2212}123 457 EUR".into())
        );
        assert_eq!(plain(&Lang::Fr.revenue(-1_250, Currency::EUR)), "\u{2212}12,50 EUR");
        assert_eq!(
            (plain(&Lang::En.times(2.5)), plain(&Lang::Fr.times(0.333))),
            ("2.50 ×".into(), "0,33 ×".into())
        );
    }

    #[test]
    fn an_outlook_says_when_nothing_may_come_of_it() {
        let more = Money { minor: 10_000, currency: Currency::EUR };
        let told = |from: f64| {
            let marginal = Marginal { weekly_cost: 35_000.0, calls: 2.0, from, to: 4.0 };
            plain(&Lang::En.outlook(&Outlook::Told(marginal), more))
        };

        assert_eq!(
            told(0.5),
            "Another EUR 100.00 a week would bring about 2 calls a week: between 0.5 and 4. A week costs EUR 350.00 now."
        );
        assert!(told(-1.0).contains("It may bring none."));
        let few = Lang::Fr.outlook(&Outlook::TooFewWeeks { with_cost: 3 }, more);
        assert!(plain(&few).contains("3 des 52 dernières"), "{few}");
    }
}
