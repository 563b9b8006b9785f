//! The abbreviations of NF Z10-011, annex: kinds of streets, then titles, then
//! what stands in front of a building. Nothing is abbreviated that fits.

/// In this order, each only as long as the line is too long; several words go before one.
pub(super) const ABBREVIATIONS: [&[(&str, &str)]; 3] = [
    &[
        ("CENTRE COMMERCIAL", "CCAL"),
        ("ROND POINT", "RPT"),
        ("ZONE ARTISANALE", "ZA"),
        ("ZONE INDUSTRIELLE", "ZI"),
        ("ZONE D AMENAGEMENT CONCERTE", "ZAC"),
        ("ZONE D ACTIVITES", "ZA"),
        ("ALLEES", "ALL"),
        ("ALLEE", "ALL"),
        ("AVENUE", "AV"),
        ("BOULEVARD", "BD"),
        ("CARREFOUR", "CAR"),
        ("CHAUSSEE", "CHS"),
        ("CHEMIN", "CHE"),
        ("COURS", "CRS"),
        ("DOMAINE", "DOM"),
        ("ESPLANADE", "ESP"),
        ("FAUBOURG", "FG"),
        ("GRANDE RUE", "GR"),
        ("HAMEAU", "HAM"),
        ("IMPASSE", "IMP"),
        ("LOTISSEMENT", "LOT"),
        ("MONTEE", "MTE"),
        ("PASSAGE", "PAS"),
        ("PLACE", "PL"),
        ("PROMENADE", "PROM"),
        ("QUARTIER", "QUA"),
        ("RESIDENCE", "RES"),
        ("ROUTE", "RTE"),
        ("RUELLE", "RLE"),
        ("SENTIER", "SEN"),
        ("SQUARE", "SQ"),
        ("TERRASSE", "TSSE"),
        ("TRAVERSE", "TRA"),
        ("VILLAGE", "VGE"),
    ],
    &[
        ("NOTRE DAME", "ND"),
        ("COMMANDANT", "CDT"),
        ("CAPITAINE", "CNE"),
        ("COLONEL", "CEL"),
        ("DOCTEUR", "DR"),
        ("GENERAL", "GAL"),
        ("LIEUTENANT", "LT"),
        ("MARECHAL", "MAL"),
        ("MONSEIGNEUR", "MGR"),
        ("PRESIDENT", "PDT"),
        ("PROFESSEUR", "PR"),
        ("SAINTE", "STE"),
        ("SAINT", "ST"),
        ("SERGENT", "SGT"),
    ],
    &[
        ("APPARTEMENT", "APT"),
        ("BATIMENT", "BAT"),
        ("ENTREE", "ENT"),
        ("ESCALIER", "ESC"),
        ("ETAGE", "ETG"),
        ("IMMEUBLE", "IMM"),
        ("PORTE", "PTE"),
    ],
];

/// What stands behind the door (line 2); all else of a complement stands outside (line 3).
pub(super) const INSIDE: [&str; 13] = [
    "APPARTEMENT",
    "APPT",
    "APT",
    "APP",
    "ETAGE",
    "ETG",
    "ESCALIER",
    "ESC",
    "PORTE",
    "COULOIR",
    "CHEZ",
    "BAL",
    "STUDIO",
];

/// How postcodes of departments and territories overseas begin; 980 is Monaco's.
pub(super) const OVERSEAS: [&str; 13] =
    ["971", "972", "973", "974", "975", "976", "977", "978", "980", "984", "986", "987", "988"];
