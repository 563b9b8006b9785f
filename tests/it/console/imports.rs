//! A table is brought, tried and imported at the console, without a script.

use axum::body::Body;

use crate::api::imports::importer;
use crate::support::databases::on_each_database;
use crate::support::door::{Answer, Door, request, sign_in};
use crate::support::town::Town;

const BOUNDARY: &str = "-----------------------------41184676334";

async fn bring(door: &Door, session: (&str, &str), file: &str) -> Answer {
    let body = format!(
        "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"clients.csv\"\r\n\
         Content-Type: text/csv\r\n\r\n{file}\r\n--{BOUNDARY}--\r\n"
    );
    let kind = format!("multipart/form-data; boundary={BOUNDARY}");
    let headers = [session, ("content-type", kind.as_str()), ("sec-fetch-site", "same-origin")];
    door.ask(request("POST", "/console/imports", &headers, Body::from(body))).await
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_at_the_console_brings_a_table_tries_and_imports_it() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        let session = sign_in(&town.store).await;
        let door = Door::of(&town);
        let [en, fr] = door.in_both("/console/imports", session).await;
        assert!(en.contains("Nobody has brought a file yet") && fr.contains("Personne n’a encore apporté"));
        let refused = bring(&door, session, "\n").await;
        assert!(refused.page(422).contains("the first line has no headings"), "{}", refused.body);

        // More than a form may weigh elsewhere.
        let rows: String = (0..60).map(|n| format!("Ada;06123400{n:02};{:x>285}\n", "")).collect();
        let brought = bring(&door, session, &format!("Nom;Tel;x\n{rows};12;\n")).await;
        assert_eq!(brought.status, 303, "{}", brought.body);
        let here = brought.header("location").to_owned();

        let [en, fr] = door.in_both(&here, session).await;
        assert!(en.contains("What the columns mean") && fr.contains("Ce que disent les colonnes"));
        assert!(en.contains("name=\"consents-at\"") && fr.contains("Un oui sans date est refusé"), "{fr}");
        assert!(
            en.contains("<option selected>family_name</option>") && en.contains("customer.bakery"),
            "{en}"
        );
        let fields = [("column-0", "name"), ("column-1", "phone"), ("column-2", ""), ("then", "try")];
        let wrong =
            door.form(&format!("{here}/start"), &[("column-0", "name"), ("then", "try")], &[session]).await;
        assert!(wrong.page(422).contains("nothing else tells who a row is about"), "{}", wrong.body);
        let started = door.form(&format!("{here}/start"), &fields, &[session]).await;
        assert_eq!((started.status.as_u16(), started.header("location")), (303, here.as_str()));

        let importer = importer(&town, &door);
        assert!(importer.step().await.unwrap());
        let running = door.get(&here, &[session]).await;
        assert_eq!(running.header("refresh"), "2");
        assert!(running.page(200).contains("<progress max=\"100\" value=\"83\">"), "{}", running.body);
        while importer.step().await.unwrap() {}

        let [en, fr] = door.in_both(&here, session).await;
        assert!(en.contains("<dt>New contacts</dt><dd class=\"num\">60</dd>"), "{en}");
        assert!(fr.contains("<dt>Refusées</dt><dd class=\"num\">1</dd>") && fr.contains("essayé"), "{fr}");
        let report = door.get(&format!("{here}/report.csv"), &[session]).await;
        assert!(
            report
                .body
                .ends_with("\"62\",\"refused\",\"\",\"Tel: not a telephone number that can be dialled\"\r\n")
        );

        door.form(&format!("{here}/start"), &[("column-1", "phone"), ("then", "import")], &[session]).await;
        while importer.step().await.unwrap() {}
        assert!(door.get(&here, &[session]).await.page(200).contains("imported"));
        let table = door.get("/console/contacts.csv", &[session]).await;
        assert_eq!(table.body.lines().count(), 61);
        assert!(table.body.starts_with("\u{feff}\"contact\",\""), "{}", table.body);
        let french = door.get("/console/contacts.csv?lang=fr", &[session]).await;
        assert!(french.body.starts_with("\u{feff}\"contact\";\""), "{}", french.body);
        let gone = door.form(&format!("{here}/delete"), &[], &[session]).await;
        assert_eq!(gone.header("location"), "/console/imports");
        door.get(&here, &[session]).await.page(404);
        assert_eq!(
            door.get("/console/contacts.csv", &[]).await.status,
            303,
            "whoever is signed out signs in"
        );
        town.store.close().await;
    })
    .await;
}
