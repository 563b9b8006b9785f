//! Every fixed text of the pages, in both languages side by side.
//!
//! One line holds both, so that whoever changes one sees the other; a text that
//! is missing in one does not compile.

macro_rules! texts {
    ($($name:ident: $en:literal, $fr:literal;)*) => {
        /// The texts of one language.
        #[derive(Debug)]
        pub struct Texts { $(pub $name: &'static str,)* }

        pub static EN: Texts = Texts { $($name: $en,)* };
        pub static FR: Texts = Texts { $($name: $fr,)* };

        #[cfg(test)]
        const BOTH: &[(&str, &str, &str)] = &[$((stringify!($name), $en, $fr),)*];
    };
}

texts! {
    // The frame of every page
    claim: "Which visit did this call come from?", "De quelle visite vient cet appel ?";
    skip: "Skip to the content", "Aller au contenu";
    calls: "Calls", "Appels";
    phone_page: "Phone", "Téléphone";
    sign_out: "Sign out", "Se déconnecter";
    language: "Language", "Langue";
    api: "API reference", "Référence de l’API";
    times_utc: "Times are in UTC.", "Les heures sont en UTC.";
    times_in: "Times are in your zone,", "Les heures sont dans votre fuseau,";

    // Sign-in
    sign_in: "Sign in", "Se connecter";
    email: "E-mail address", "Adresse e-mail";
    password: "Password", "Mot de passe";
    sign_in_by: "Sign in by", "Se connecter par";
    sign_in_refused: "This address and password do not match. Check both and try again.",
        "Cette adresse et ce mot de passe ne correspondent pas. Vérifiez les deux, puis réessayez.";
    no_account: "No account yet? Your administrator creates one with", "Pas encore de compte ? Votre administrateur en crée un avec";

    // Outcomes
    answered: "Answered", "Répondu";
    missed: "Missed", "Manqué";
    busy: "Busy", "Occupé";
    abandoned: "Abandoned", "Abandonné";
    voicemail: "Voicemail", "Messagerie";
    message_left: "Left a message", "A laissé un message";
    blocked: "Blocked", "Bloqué";
    failed: "Failed", "Échec";
    ongoing: "In progress", "En cours";
    answered_means: "Somebody took the call.", "Quelqu’un a pris l’appel.";
    missed_means: "It rang and nobody took it.", "Le téléphone a sonné, personne n’a décroché.";
    busy_means: "The line was busy or declined the call.", "La ligne était occupée ou a refusé l’appel.";
    abandoned_means: "The caller gave up before anybody answered.", "L’appelant a raccroché avant la réponse.";
    voicemail_means: "The caller left a message.", "L’appelant a laissé un message.";
    blocked_means: "Screening refused the caller.", "Le filtrage a refusé l’appelant.";
    failed_means: "The call could not be carried to the line.", "L’appel n’a pas pu être acheminé vers la ligne.";
    ongoing_means: "The call goes on right now.", "L’appel est en cours en ce moment.";
    interrupted_means: "The gateway stopped in the middle of this call; its end is not known, its last sign of life is shown.",
        "La passerelle s’est arrêtée pendant cet appel ; sa fin est inconnue, son dernier signe de vie est indiqué.";

    // The list of calls
    filter: "Filter", "Filtrer";
    filters: "Filter calls", "Filtrer les appels";
    clear: "Clear filters", "Effacer les filtres";
    outcome: "Outcome", "Résultat";
    channel: "Channel", "Canal";
    destination: "Destination", "Destination";
    number: "Number", "Numéro";
    period: "Period", "Période";
    all: "All", "Tous";
    all_time: "All time", "Toutes";
    arrived: "Arrived", "Arrivée";
    caller: "Caller", "Appelant";
    came_from: "Came from", "Provenance";
    duration: "Duration", "Durée";
    withheld: "Number withheld", "Numéro masqué";
    older: "Older calls", "Appels plus anciens";
    newest: "Back to the newest", "Revenir aux plus récents";
    no_calls: "No calls yet", "Pas encore d’appel";
    no_calls_advice: "Call one of your tracking numbers, and the call stands here a moment later. On a trial machine:",
        "Appelez l’un de vos numéros de suivi : l’appel apparaît ici aussitôt. Sur une machine d’essai :";
    no_numbers: "No tracking numbers yet", "Pas encore de numéro de suivi";
    no_numbers_advice: "Write your outlets, sites, numbers and destinations into a plan, then load it:",
        "Décrivez vos points de vente, sites, numéros et destinations dans un plan, puis chargez-le :";
    no_match: "No call matches these filters", "Aucun appel ne correspond à ces filtres";
    no_match_advice: "Choose a longer period or clear a filter.", "Choisissez une période plus longue ou effacez un filtre.";
    no_more: "No older calls", "Pas d’appels plus anciens";

    // One call
    a_call: "Call", "Appel";
    where_from: "Where this call came from", "D’où vient cet appel";
    journey: "The way to this call", "Le chemin jusqu’à l’appel";
    details: "Details", "Détails";
    not_attributed: "This call has not been tied to a visit or a medium.", "Cet appel n’a pu être rattaché à aucune visite ni à aucun support.";
    earlier_versions: "Earlier reckonings", "Calculs antérieurs";
    visit: "Visit", "Visite";
    no_visit: "Not from a visit", "Hors visite";
    page_view: "Page viewed", "Page vue";
    event: "Event", "Événement";
    number_shown: "Number shown", "Numéro affiché";
    call_arrived: "Call arrived", "Appel reçu";
    rang: "Rang at", "A sonné chez";
    was_answered: "Answered", "Décroché";
    ended: "Ended", "Terminé";
    dialled: "Dialled number", "Numéro composé";
    transferred: "To be carried on elsewhere", "Transfert demandé";
    hung_up_by: "Hung up by", "Raccroché par";
    ended_why: "Why it ended", "Pourquoi l’appel a pris fin";
    by_caller: "the caller", "l’appelant";
    by_line: "the line", "la ligne";
    by_gateway: "the gateway", "la passerelle";
    sound: "Sound", "Son";
    packets: "packets", "paquets";
    missing: "missing", "manquants";
    jitter: "jitter", "gigue";
    round_trip: "round trip", "aller-retour";
    hears_with: "hears with", "entend avec";
    from_strangers: "dropped, from elsewhere", "écartés, venus d’ailleurs";
    trunk: "Trunk", "Trunk SIP";
    sip_status: "SIP status", "Statut SIP";
    sip_call_id: "SIP Call-ID", "Call-ID SIP";
    call_id: "Call id", "Identifiant d’appel";
    rang_for: "Rang for", "Sonnerie";
    talked_for: "Talked for", "Conversation";
    unknown_number: "This number is not known here", "Ce numéro n’est pas connu ici";
    see_contact: "See this contact", "Voir ce contact";
    no_contact: "No contact: the caller withheld their number.", "Pas de contact : l’appelant a masqué son numéro.";

    no_contact_blocked: "No contact: a refused caller is not kept as one.", "Pas de contact : un appelant refusé n’en devient pas un.";
    screening: "Screening", "Filtrage";
    signature: "Signature", "Signature";

    // Its messages
    ladder: "On the wire", "Sur le réseau";
    ladder_show: "SIP messages", "Messages SIP";
    ladder_again: "again", "répété";
    ladder_left_out: "messages in between were not kept.", "messages intermédiaires n’ont pas été conservés.";
    ladder_text: "As text", "En texte";
    ladder_pcap: "As a capture (pcap)", "En capture (pcap)";
    gateway: "Gateway", "Passerelle";
    line: "Line", "Ligne";

    // A contact
    a_contact: "Contact", "Contact";
    unnamed: "Unnamed contact", "Contact sans nom";
    known_since: "Known since", "Connu depuis";
    known_by: "Known by", "Connu par";
    phone: "Telephone", "Téléphone";
    visitor: "Browser", "Navigateur";
    customer: "Customer", "Client";
    unchecked: "as the visitor said, unchecked", "selon le visiteur, non vérifié";
    last_seen: "last seen", "vu pour la dernière fois";
    timeline: "Timeline", "Chronologie";
    no_timeline: "Nothing has happened with this contact yet.", "Rien ne s’est encore passé avec ce contact.";
    older_events: "Older entries", "Entrées plus anciennes";

    // Who may ring
    blocks: "Block list", "Blocages";
    blocks_claim: "Who may not ring, and who may whatever else holds. It counts from the next second on.",
        "Qui ne peut pas appeler, et qui le peut quoi qu’il arrive. Effet dès la seconde suivante.";
    blocks_none: "Everybody may ring", "Tout le monde peut appeler";
    block_whom: "Caller", "Appelants";
    block_value: "Number, prefix or country", "Numéro, préfixe ou pays";
    block_number: "Number", "Numéro";
    block_prefix: "Numbers that begin so", "Numéros commençant ainsi";
    block_country: "Country (two letters)", "Pays (deux lettres)";
    block_withheld: "Withheld number", "Numéro masqué";
    block_then: "What happens", "Effet";
    block_refuse: "Refuse", "Refuser";
    block_busy: "Sound busy", "Sonner occupé";
    block_mark: "Mark", "Signaler";
    block_allow: "Always let in", "Toujours autoriser";
    block_where: "For calls to", "Pour les appels vers";
    block_everywhere: "Everywhere", "Partout";
    block_until: "Until (UTC)", "Jusqu’au (UTC)";
    block_note: "Why", "Raison";
    block_made: "Made on", "Créé le";
    block_add: "Add to the list", "Ajouter à la liste";
    block_delete: "Take off", "Retirer";
    block_planned: "Of the plan", "Du plan";
    older_blocks: "Older entries", "Entrées plus anciennes";
    block_bad_number: "This is no telephone number.", "Ce n’est pas un numéro de téléphone.";
    block_bad_prefix: "A prefix is a + and digits, for instance +33948.", "Un préfixe est un + suivi de chiffres, par exemple +33948.";
    block_bad_country: "A country is two letters, for instance BE.", "Un pays s’écrit en deux lettres, par exemple BE.";
    block_bad_day: "This is no day.", "Ce n’est pas une date.";
    block_long_note: "The reason is longer than 200 characters.", "La raison dépasse 200 caractères.";
    block_unclear: "This cannot be meant so.", "Cette entrée n’est pas compréhensible.";
    block_nowhere: "There is no such outlet.", "Ce point de vente n’existe pas.";
    block_full: "The list is full. Take entries off, or write them into the plan.",
        "La liste est pleine. Retirez des entrées, ou écrivez-les dans le plan.";

    // Prompts
    prompts: "Prompts", "Annonces";
    prompts_claim: "What the gateway says to callers. Each caller hears a prompt, whatever its language; calls hear a new one a second later.",
        "Ce que la passerelle dit aux appelants. Chacun entend une annonce, quelle que soit sa langue ; une nouvelle s’entend une seconde plus tard.";
    prompt: "Prompt", "Annonce";
    prompt_name: "Name (as a plan says it)", "Nom (celui qu’emploie un plan)";
    prompt_title: "What it is", "Ce que c’est";
    prompt_language: "Language (empty for music)", "Langue (vide pour de la musique)";
    prompt_file: "WAV file, at most 5 minutes", "Fichier WAV, 5 minutes au plus";
    prompt_bring: "Bring this prompt", "Ajouter cette annonce";
    prompt_listen: "Listen", "Écouter";
    prompt_said_by: "Said by", "Dite par";
    prompt_unsaid: "Nobody", "Personne";
    prompt_built_in: "Comes along", "Fournie";
    prompt_delete: "Delete", "Supprimer";
    prompt_bad_name: "A name has 1 to 64 of a–z, 0–9 and hyphen.", "Un nom comporte 1 à 64 caractères : a–z, 0–9 et tiret.";
    prompt_bad_title: "Say in 1 to 100 characters what it is.", "Dites en 1 à 100 caractères ce que c’est.";
    prompt_bad_language: "A language is told by its tag, for instance fr or pt-BR.", "Une langue s’indique par son code, par exemple fr ou pt-BR.";
    prompt_unreadable: "This is no whole WAV file of PCM or float; save it as PCM of 16 bits.",
        "Ce n’est pas un fichier WAV complet en PCM ou flottant ; enregistrez-le en PCM 16 bits.";
    prompt_channels: "The file has more than two channels; save it with one or two.",
        "Le fichier a plus de deux canaux ; enregistrez-le avec un ou deux.";
    prompt_rate: "Save the file with 8,000 to 48,000 samples a second.",
        "Enregistrez le fichier avec 8 000 à 48 000 échantillons par seconde.";
    prompt_long: "The prompt is longer than 5 minutes.", "L’annonce dure plus de 5 minutes.";
    prompt_silent: "Nothing is to be heard in this file.", "On n’entend rien dans ce fichier.";
    prompt_is_built_in: "A prompt of this name comes along with the gateway; choose another name.",
        "Une annonce de ce nom est fournie avec la passerelle ; choisissez-en un autre.";
    prompt_full: "All prompts together may last an hour; delete some first.",
        "Toutes les annonces réunies peuvent durer une heure ; supprimez-en d’abord.";

    // How a visit came
    sources: "Sources", "Sources";
    sources_claim: "Paste a landing page, and where the visit came from: see what Whence takes it for.",
        "Collez une page d’arrivée et sa provenance : voyez comment Whence les interprète.";
    site: "Site", "Site";
    landing_page: "Landing page", "Page d’arrivée";
    referrer: "Referrer", "Site de provenance";
    explain: "Explain", "Expliquer";
    source: "Source", "Source";
    medium: "Medium", "Support";
    campaign: "Campaign", "Campagne";
    term: "Keyword", "Mot-clé";
    content: "Content", "Contenu";
    why_so: "Why", "Pourquoi";
    own_rules: "Own rules", "Règles propres";
    own_rules_none: "This site has no rules of its own. They stand in the plan: rules of the site.",
        "Ce site n’a pas de règle propre. Elles se déclarent dans le plan, dans les « rules » du site.";
    own_rules_order: "The first that fits counts.", "La première qui convient l’emporte.";
    rule_fits: "fits", "convient";
    no_site: "No site yet", "Pas encore de site";

    // Websites
    sites: "Sites", "Sites";
    sites_claim: "The tag to paste into each website, and how its numbers are doing.",
        "La balise à coller dans chaque site, et l’état de ses numéros.";
    origins: "Pages of these addresses may ask for a number:", "Les pages de ces adresses peuvent demander un numéro :";
    tag: "The tag", "La balise";
    tag_advice: "Paste it into every page, anywhere. It follows each update of Whence.",
        "Collez-la dans chaque page, où vous voulez. Elle suit les mises à jour de Whence.";
    tag_checked: "With a checksum (SRI)", "Avec une somme de contrôle (SRI)";
    tag_checked_advice: "The browser runs exactly this script. After an update of Whence, come back and paste the new tag: until then it runs none.",
        "Le navigateur n’exécute que ce script-là. Après une mise à jour de Whence, revenez coller la nouvelle balise : d’ici là, il n’en exécute aucun.";
    tag_proxied: "Under the site’s own address", "Sous l’adresse du site lui-même";
    tag_proxied_advice: "The site’s web server passes three paths on, and pages ask nobody else. The tag then is:",
        "Le serveur web du site relaie trois chemins, et les pages ne demandent rien à personne d’autre. La balise est alors :";
    tag_proxy_server: "And nginx is told:", "Et pour nginx :";
    tag_proxy_address: "The visitor’s address is read from the header that the settings name:",
        "L’adresse du visiteur est lue dans l’en-tête que nomment les réglages :";
    tag_proxy_no_address: "So that all visitors do not count as one address, the settings name the header:",
        "Pour que tous les visiteurs ne comptent pas comme une seule adresse, les réglages nomment l’en-tête :";
    tag_calls: "A button that calls from the page", "Un bouton pour appeler depuis la page";
    tag_calls_advice: "Whoever clicks it talks through the browser, without a telephone. The tag above says data-calls for it.",
                      "Qui clique parle par le navigateur, sans téléphone. La balise ci-dessus porte data-calls pour cela.";
    call_us: "Call us from here", "Appelez-nous d’ici";
    tag_amp: "For pages in AMP", "Pour les pages AMP";
    tag_amp_advice: "It stands around the number as the page writes it.",
        "Elle entoure le numéro tel que la page l’écrit.";
    copy: "Copy", "Copier";
    copied: "Copied", "Copié";
    its_numbers: "Its numbers", "Ses numéros";
    no_pool: "No pool and no static number stands in for a number of this site: its pages stay as they are.",
        "Aucun pool ni aucun numéro fixe ne remplace un numéro de ce site : ses pages restent telles quelles.";
    pool: "pool", "pool";
    in_service: "Numbers in service", "Numéros en service";
    free: "Free", "Libres";
    lent: "Lent to a visit", "Prêtés à une visite";
    resting: "Resting after a visit", "Au repos après une visite";
    ageing: "Ageing, not lent yet", "En observation, pas encore prêtés";
    retired: "Out of service", "Hors service";
    shown_lately: "Visits of the last 24 hours were shown", "Les visites des dernières 24 heures ont vu";
    stand_ins: "For visits without a number of their own", "Pour les visites sans numéro à elles";
    without_consent: "Visits without consent since yesterday, counted and not kept:",
        "Visites sans consentement depuis hier, comptées et non conservées :";

    // Media off the web
    media: "Offline media", "Supports";
    media_claim: "Each number that stands for one medium: what it cost, what it brought, its code to print.",
        "Chaque numéro réservé à un support : son coût, ce qu’il a rapporté, son code à imprimer.";
    media_none: "No static number yet", "Pas encore de numéro fixe";
    media_none_advice: "Give a poster, a flyer or a profile page a number of its own in the plan, then load it:",
        "Donnez son propre numéro à une affiche, un prospectus ou une fiche dans le plan, puis chargez-le :";
    qr_of: "QR code of", "Code QR de";
    qr_calls: "Calls the number", "Appelle le numéro";
    qr_opens: "Opens the page", "Ouvre la page";
    cost: "Cost", "Coût";
    recorded: "Recorded", "Enregistré";
    cost_per_call: "Cost per call", "Coût par appel";
    since_it_exists: "Since the number exists", "Depuis que le numéro existe";
    stand_for: "Stands in for", "Remplace";
    first_media: "Back to the first", "Revenir aux premiers";
    more_media: "More media", "Plus de supports";

    // What calls came from, added up
    attribution: "Attribution", "Attribution";
    attribution_claim: "Where your calls came from, and how sure that is.",
        "D’où viennent vos appels, et avec quelle certitude.";
    show: "Show", "Afficher";
    expected_calls: "Expected calls", "Appels attendus";
    nine_in_ten: "9 times in 10", "9 fois sur 10";
    unanswered: "Not answered", "Sans réponse";
    not_told: "(not told)", "(non précisé)";
    report_cut: "Only the rows with the most calls are shown.", "Seules les lignes ayant le plus d’appels sont affichées.";
    credit_none: "No visit led up to these calls.", "Aucune visite n’a précédé ces appels.";
    credit_since: "Of calls since", "Des appels depuis le";
    credit_cut: "At most the newest 60,000 visits and 20,000 calls are read: of the first of these calls not all visits are known.",
        "Au plus, les 60 000 dernières visites et les 20 000 derniers appels sont lus : des premiers de ces appels, on ne connaît pas toutes les visites.";
    models_say: "What each model says", "Ce que dit chaque modèle";

    // How many numbers a pool needs
    how_many: "How many numbers?", "Combien de numéros ?";
    how_many_claim: "Visits are replayed against pools of different sizes: how many visitors find every number taken, and how many calls are given the wrong visit.",
        "Les visites sont rejouées avec des pools de différentes tailles : combien de visiteurs trouvent tout pris, et combien d’appels reçoivent la mauvaise visite.";
    visits_an_hour: "Visits an hour", "Visites par heure";
    own_visits: "the site’s own", "celles du site";
    visit_length: "Length of a visit (s)", "Durée d’une visite (s)";
    keep_alives: "Keep-alives to try (min)", "Maintiens à essayer (min)";
    keep_alive: "Keep-alive", "Maintien";
    number_price: "A number costs a month", "Prix mensuel d’un numéro";
    call_worth: "A known origin is worth", "Valeur d’une origine connue";
    reckon: "Reckon", "Calculer";
    replayed: "Visits replayed:", "Visites rejouées :";
    few_visits: "Too few visits to tell", "Trop peu de visites pour conclure";
    few_visits_advice: "Say how many visits an hour you expect.", "Indiquez combien de visites vous attendez par heure.";
    knee: "Another number stops paying at", "Un numéro de plus ne paie plus à partir de";
    enough: "enough", "suffisant";
    curve_of: "Exhaustion and wrong origins by the number of numbers; the table below has the figures.",
        "Épuisement et mauvaises origines selon le nombre de numéros ; le tableau ci-dessous donne les chiffres.";
    numbers: "Numbers", "Numéros";
    exhausted: "All taken", "Tout pris";
    wrong_origin: "Wrong origin", "Mauvaise origine";
    last_holder_wrong: "By last holder", "Par dernier détenteur";
    known_calls: "Known calls a month", "Appels connus par mois";
    cost_a_month: "Cost a month", "Coût par mois";

    // Pages for errors
    error_gone: "This page does not exist", "Cette page n’existe pas";
    error_gone_advice: "The link may be old, or a letter is missing from the address.",
        "Le lien est peut-être ancien, ou il manque une lettre à l’adresse.";
    error_refused: "This is not possible", "Cela n’est pas possible";
    error_refused_advice: "Go back to the page, reload it and try again.",
        "Revenez à la page, rechargez-la et réessayez.";
    error_query: "These filters cannot be read", "Ces filtres sont illisibles";
    error_tries: "Too many tries", "Trop d’essais";
    error_ours: "Something went wrong on our side", "Une erreur s’est produite de notre côté";
    error_ours_advice: "Try again in a moment. Calls are carried meanwhile: they do not depend on this page.",
        "Réessayez dans un instant. Les appels passent quand même : ils ne dépendent pas de cette page.";
    back_to_calls: "Go to the calls", "Aller aux appels";
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Words that both languages happen to share.
    const SAME: &[&str] = &[
        "attribution",
        "destination",
        "a_contact",
        "signature",
        "sources",
        "source",
        "site",
        "sites",
        "pool",
    ];

    #[test]
    fn every_text_is_there_in_both_languages() {
        for (name, en, fr) in BOTH {
            assert!(!en.trim().is_empty() && !fr.trim().is_empty(), "{name}");
            assert_eq!(en == fr, SAME.contains(name), "{name} reads the same in both languages");
        }
    }

    #[test]
    fn french_puts_typographic_apostrophes_and_spaces() {
        for (name, _, fr) in BOTH {
            assert!(!fr.contains('\''), "{name}: a straight apostrophe");
            for mark in [" ?", " !", " :", " ;"] {
                assert!(!fr.contains(mark), "{name}: a breaking space before {mark}");
            }
        }
    }
}
