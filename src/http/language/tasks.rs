//! Words about tasks: what is to be done for contacts, and what became of it.

use super::Lang;
use crate::domain::people::scenario::{State, Why};

/// The fixed texts of the page of tasks.
#[derive(Debug)]
pub struct TaskTexts {
    pub tasks: &'static str,
    pub claim: &'static str,
    pub none: &'static str,
    pub what: &'static str,
    pub whom: &'static str,
    pub due: &'static str,
    pub list: &'static str,
    pub assignee: &'static str,
    pub wait_until: &'static str,
    pub done: &'static str,
    pub drop: &'static str,
    pub reopen: &'static str,
    pub later: &'static str,
}

static EN: TaskTexts = TaskTexts {
    tasks: "Tasks",
    claim: "What is to be done for people, by the scenarios of the plan; what is due first comes first.",
    none: "There is nothing here.",
    what: "What",
    whom: "For whom",
    due: "Due",
    list: "List",
    assignee: "Who does it",
    wait_until: "waits until",
    done: "Done",
    drop: "Drop",
    reopen: "Open again",
    later: "Later tasks",
};

static FR: TaskTexts = TaskTexts {
    tasks: "Tâches",
    claim: "Ce qu’il y a à faire pour les personnes, selon les scénarios du plan\u{a0}; le plus urgent d’abord.",
    none: "Il n’y a rien ici.",
    what: "Quoi",
    whom: "Pour qui",
    due: "Échéance",
    list: "Liste",
    assignee: "Qui s’en charge",
    wait_until: "en attente jusqu’au",
    done: "Fait",
    drop: "Abandonner",
    reopen: "Rouvrir",
    later: "Tâches suivantes",
};

impl Lang {
    pub const fn task_texts(self) -> &'static TaskTexts {
        match self {
            Lang::En => &EN,
            Lang::Fr => &FR,
        }
    }

    pub const fn task_state(self, state: State) -> &'static str {
        match (self, state) {
            (Lang::En, State::Waiting) => "Waiting",
            (Lang::Fr, State::Waiting) => "En attente",
            (Lang::En, State::Open) => "Open",
            (Lang::Fr, State::Open) => "À faire",
            (Lang::En, State::Done) => "Done",
            (Lang::Fr, State::Done) => "Faites",
            (Lang::En, State::Dropped) => "Dropped",
            (Lang::Fr, State::Dropped) => "Abandonnées",
        }
    }

    pub const fn task_why(self, why: Why) -> &'static str {
        match (self, why) {
            (Lang::En, Why::Called) => "they were called, or called again and were answered",
            (Lang::Fr, Why::Called) => "la personne a été rappelée, ou a rappelé et a été servie",
            (Lang::En, Why::FitsNoMore) => "there is no need any more",
            (Lang::Fr, Why::FitsNoMore) => "ce n’est plus nécessaire",
            (Lang::En, Why::NotAllowed) => "they may not be reached",
            (Lang::Fr, Why::NotAllowed) => "la personne ne doit pas être contactée",
            (Lang::En, Why::ScenarioGone) => "the plan has its scenario no more",
            (Lang::Fr, Why::ScenarioGone) => "le plan n’a plus ce scénario",
            (Lang::En, Why::Merged) => "another task of the same person says the same",
            (Lang::Fr, Why::Merged) => "une autre tâche de la même personne dit la même chose",
        }
    }

    /// What is to be done; what came along with the gateway is said in French, too.
    pub fn task_title(self, title: &str) -> String {
        let known = match (self, title) {
            (Lang::Fr, "Call back: they called and nobody answered") => {
                "Rappeler\u{a0}: appel resté sans réponse"
            }
            (Lang::Fr, "Ask for an e-mail address at the next call") => {
                "Demander une adresse e-mail au prochain appel"
            }
            (Lang::Fr, "Ask for a new e-mail address by SMS") => {
                "Demander une nouvelle adresse e-mail par SMS"
            }
            _ => title,
        };
        known.to_owned()
    }
}
