//! Words about who works at the console: roles, accounts, second factors.

use super::Lang;
use crate::domain::staff::Role;

/// The fixed texts of the pages of users and of one's own account.
#[derive(Debug)]
pub struct StaffTexts {
    pub users: &'static str,
    pub users_claim: &'static str,
    pub account: &'static str,
    pub email: &'static str,
    pub role: &'static str,
    pub part: &'static str,
    pub whole: &'static str,
    pub second_factor: &'static str,
    pub since: &'static str,
    pub on: &'static str,
    pub off: &'static str,
    pub yourself: &'static str,
    pub add: &'static str,
    pub add_now: &'static str,
    pub first_password: &'static str,
    pub password_how: &'static str,
    pub roles: &'static str,
    pub save: &'static str,
    pub back: &'static str,
    pub new_password: &'static str,
    pub new_password_means: &'static str,
    pub turn_off: &'static str,
    pub turn_off_means: &'static str,
    pub remove: &'static str,
    pub remove_means: &'static str,
    pub remove_name: &'static str,
    pub remove_now: &'static str,
    pub signed_in_at: &'static str,
    pub email_wrong: &'static str,
    pub password_short: &'static str,
    pub taken: &'static str,
    pub no_outlet: &'static str,
    pub company_again: &'static str,
    pub company_stranger: &'static str,
    pub needs_outlet: &'static str,
    pub last_head: &'static str,
    pub name_wrong: &'static str,
    pub password: &'static str,
    pub current_password: &'static str,
    pub change_password: &'static str,
    pub password_wrong: &'static str,
    pub password_changed: &'static str,
    pub second_factor_how: &'static str,
    pub second_factor_set_up: &'static str,
    pub second_factor_scan: &'static str,
    pub second_factor_type: &'static str,
    pub second_factor_on: &'static str,
    pub turn_on: &'static str,
    pub code: &'static str,
    pub code_how: &'static str,
    pub code_wrong: &'static str,
    pub code_lost: &'static str,
    pub sessions: &'static str,
    pub browser: &'static str,
    pub unknown_browser: &'static str,
    pub until: &'static str,
    pub this_one: &'static str,
    pub end_session: &'static str,
    pub end_others: &'static str,
    pub sessions_ended: &'static str,
    pub not_allowed: &'static str,
    pub not_allowed_advice: &'static str,
}

static EN: StaffTexts = StaffTexts {
    users: "Users",
    users_claim: "Who signs in here, what they may do, and which part of the network they see.",
    account: "Your account",
    email: "E-mail address",
    role: "Role",
    part: "Sees",
    whole: "The whole network",
    second_factor: "Second factor",
    since: "Since",
    on: "On",
    off: "Off",
    yourself: "you",
    add: "Add somebody",
    add_now: "Add",
    first_password: "First password",
    password_how: "characters at least. Tell it to them another way than by mail; they change it on their own page.",
    roles: "What each role may do",
    save: "Save",
    back: "All users",
    new_password: "Another password",
    new_password_means: "They are signed out everywhere.",
    turn_off: "Switch the second factor off",
    turn_off_means: "For who has lost their telephone: the password is enough until they set it up again.",
    remove: "Remove",
    remove_means: "They are signed out and cannot sign in again; views of their own go. What they wrote down of calls stays.",
    remove_name: "Type their address to confirm",
    remove_now: "Remove for good",
    signed_in_at: "Signed in in so many browsers:",
    email_wrong: "This is no e-mail address.",
    password_short: "A password has at least 12 characters.",
    taken: "Somebody signs in with that address already.",
    company_again: "That sign-in has taken too long, or was not begun here. Try it again.",
    company_stranger: "Nobody with this e-mail address has an account here. An admin of Whence adds you under Users.",
    no_outlet: "There is no such outlet.",
    needs_outlet: "Somebody of an outlet needs one: choose it.",
    last_head: "Nobody else is an administrator of the whole network. Make somebody one first.",
    name_wrong: "The address does not match; nobody was removed.",
    password: "Password",
    current_password: "Your password now",
    change_password: "Change the password",
    password_wrong: "This is not your password.",
    password_changed: "Your password is changed, and you are signed out everywhere else.",
    second_factor_how: "With a second factor a password alone lets nobody in: an app on your telephone shows a code that changes every half minute.",
    second_factor_set_up: "Set it up",
    second_factor_scan: "Scan this with an authenticator app, then type the code that it shows.",
    second_factor_type: "Or type this into it:",
    second_factor_on: "The second factor is on. You are asked for a code whenever you sign in.",
    turn_on: "Switch it on",
    code: "Code",
    code_how: "Six digits, from your authenticator app.",
    code_wrong: "This code is not right, or was used already. Wait for the next one and check your telephone’s clock.",
    code_lost: "An administrator can switch it off for you.",
    sessions: "Where you are signed in",
    browser: "Browser",
    unknown_browser: "Not told",
    until: "Until",
    this_one: "this one",
    end_session: "Sign out there",
    end_others: "Sign out everywhere else",
    sessions_ended: "Signed out there.",
    not_allowed: "Not with your role",
    not_allowed_advice: "Your role does not open this. An administrator can give you another.",
};

static FR: StaffTexts = StaffTexts {
    users: "Utilisateurs",
    users_claim: "Qui se connecte ici, ce que chacun peut faire, et quelle partie du réseau il voit.",
    account: "Votre compte",
    email: "Adresse e-mail",
    role: "Rôle",
    part: "Voit",
    whole: "Tout le réseau",
    second_factor: "Second facteur",
    since: "Depuis",
    on: "Activé",
    off: "Désactivé",
    yourself: "vous",
    add: "Ajouter quelqu’un",
    add_now: "Ajouter",
    first_password: "Premier mot de passe",
    password_how: "caractères au moins. Transmettez-le autrement que par e-mail\u{a0}; la personne le change sur sa propre page.",
    roles: "Ce que chaque rôle peut faire",
    save: "Enregistrer",
    back: "Tous les utilisateurs",
    new_password: "Autre mot de passe",
    new_password_means: "La personne est déconnectée partout.",
    turn_off: "Désactiver le second facteur",
    turn_off_means: "Pour qui a perdu son téléphone\u{a0}: le mot de passe suffit jusqu’à une nouvelle mise en place.",
    remove: "Retirer",
    remove_means: "La personne est déconnectée et ne peut plus se connecter\u{a0}; ses vues personnelles disparaissent. Ce qu’elle a noté sur des appels reste.",
    remove_name: "Saisissez son adresse pour confirmer",
    remove_now: "Retirer définitivement",
    signed_in_at: "Nombre de navigateurs où la personne est connectée\u{a0}:",
    email_wrong: "Ce n’est pas une adresse e-mail.",
    password_short: "Un mot de passe a au moins 12 caractères.",
    taken: "Quelqu’un se connecte déjà avec cette adresse.",
    company_again: "Cette connexion a pris trop de temps, ou n’a pas commencé ici. Réessayez.",
    company_stranger: "Personne n’a de compte ici avec cette adresse e-mail. Un administrateur de Whence vous ajoute sous Utilisateurs.",
    no_outlet: "Ce point de vente n’existe pas.",
    needs_outlet: "Ce rôle demande un point de vente\u{a0}: choisissez-le.",
    last_head: "Personne d’autre n’administre tout le réseau. Nommez d’abord quelqu’un.",
    name_wrong: "L’adresse ne correspond pas\u{a0}; personne n’a été retiré.",
    password: "Mot de passe",
    current_password: "Votre mot de passe actuel",
    change_password: "Changer le mot de passe",
    password_wrong: "Ce n’est pas votre mot de passe.",
    password_changed: "Votre mot de passe est changé, et vous êtes déconnecté partout ailleurs.",
    second_factor_how: "Avec un second facteur, le mot de passe seul n’ouvre rien\u{a0}: une application sur votre téléphone affiche un code qui change toutes les trente secondes.",
    second_factor_set_up: "Le mettre en place",
    second_factor_scan: "Scannez ceci avec une application d’authentification, puis saisissez le code qu’elle affiche.",
    second_factor_type: "Ou saisissez-y ceci\u{a0}:",
    second_factor_on: "Le second facteur est activé. Un code vous est demandé à chaque connexion.",
    turn_on: "L’activer",
    code: "Code",
    code_how: "Six chiffres, affichés par votre application d’authentification.",
    code_wrong: "Ce code n’est pas le bon, ou a déjà servi. Attendez le suivant et vérifiez l’horloge de votre téléphone.",
    code_lost: "Un administrateur peut le désactiver pour vous.",
    sessions: "Où vous êtes connecté",
    browser: "Navigateur",
    unknown_browser: "Non précisé",
    until: "Jusqu’au",
    this_one: "celui-ci",
    end_session: "Y mettre fin",
    end_others: "Se déconnecter partout ailleurs",
    sessions_ended: "La connexion est terminée.",
    not_allowed: "Pas avec votre rôle",
    not_allowed_advice: "Votre rôle ne donne pas accès à ceci. Un administrateur peut vous en donner un autre.",
};

impl Lang {
    /// That the identity provider said no.
    pub fn company_refuses(self, name: &str) -> String {
        match self {
            Lang::En => {
                format!("{name} did not let you through. Try it again, or ask whoever looks after it.")
            }
            Lang::Fr => {
                format!("{name} ne vous a pas laissé passer. Réessayez, ou demandez à qui s’en occupe.")
            }
        }
    }

    /// That it says nothing by which somebody could be known.
    pub fn company_no_address(self, name: &str) -> String {
        match self {
            Lang::En => {
                format!("{name} tells no verified e-mail address of you, so nobody knows who you are here.")
            }
            Lang::Fr => format!(
                "{name} n’indique aucune adresse e-mail vérifiée\u{a0}; on ne sait donc pas qui vous êtes ici."
            ),
        }
    }

    /// That it does not answer.
    pub fn company_away(self, name: &str) -> String {
        match self {
            Lang::En => {
                format!("{name} does not answer as it should. Sign in by password, or try it again later.")
            }
            Lang::Fr => format!(
                "{name} ne répond pas comme il faut. Connectez-vous par mot de passe, ou réessayez plus tard."
            ),
        }
    }

    pub const fn staff_texts(self) -> &'static StaffTexts {
        match self {
            Lang::En => &EN,
            Lang::Fr => &FR,
        }
    }

    pub const fn role(self, role: Role) -> &'static str {
        match (self, role) {
            (Lang::En, Role::Admin) => "Administrator",
            (Lang::Fr, Role::Admin) => "Administrateur",
            (Lang::En, Role::Telephony) => "Telephony",
            (Lang::Fr, Role::Telephony) => "Téléphonie",
            (Lang::En | Lang::Fr, Role::Marketing) => "Marketing",
            (Lang::En, Role::Outlet) => "Outlet",
            (Lang::Fr, Role::Outlet) => "Point de vente",
            (Lang::En, Role::Reader) => "Reader",
            (Lang::Fr, Role::Reader) => "Lecture seule",
        }
    }

    pub const fn role_means(self, role: Role) -> &'static str {
        match (self, role) {
            (Lang::En, Role::Admin) => "Everything. Users too, if they see the whole network.",
            (Lang::Fr, Role::Admin) => "Tout. Les utilisateurs aussi, s’il voit tout le réseau.",
            (Lang::En, Role::Telephony) => {
                "Calls and reports, numbers and settings; takes calls and hears recordings. No people."
            }
            (Lang::Fr, Role::Telephony) => {
                "Appels et rapports, numéros et réglages\u{a0}; prend les appels et écoute les enregistrements. Pas les personnes."
            }
            (Lang::En, Role::Marketing) => {
                "Calls, reports and people; hears recordings. Sees numbers and settings without changing them."
            }
            (Lang::Fr, Role::Marketing) => {
                "Appels, rapports et personnes\u{a0}; écoute les enregistrements. Voit les numéros et les réglages sans les changer."
            }
            (Lang::En, Role::Outlet) => "Calls, reports and recordings of their outlet and those below it.",
            (Lang::Fr, Role::Outlet) => {
                "Appels, rapports et enregistrements de son point de vente et de ceux qui en dépendent."
            }
            (Lang::En, Role::Reader) => "Sees everything but recordings and users, and changes nothing.",
            (Lang::Fr, Role::Reader) => {
                "Voit tout sauf les enregistrements et les utilisateurs, et ne change rien."
            }
        }
    }
}
