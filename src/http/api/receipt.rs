//! A line of the consent ledger as a receipt for the person: ISO/IEC TS 27560:2023, written in JSON-LD by the terms of
//! the Data Privacy Vocabulary (W3C DPVCG, "Consent Records and Receipts as per ISO/IEC TS 27560:2023 using DPV").

use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::domain::ids::ConsentId;
use crate::domain::people::consent::{Basis, Consent, Status};
use crate::domain::people::purpose::{Controller, Purpose};
use crate::domain::time::Timestamp;
use crate::http::AppState;
use crate::http::error::HttpError;

/// The receipt of a line as an answer.
pub async fn answer(app: &AppState, id: ConsentId) -> Result<Response, HttpError> {
    let line = app.store.find_consent(id).await?.ok_or(HttpError::NotFound("consent"))?;
    if line.basis != Basis::Consent {
        return Err(HttpError::Conflict("the line stands on something else than consent".to_owned()));
    }
    let purpose = app.store.find_purpose(&line.matter.purpose).await?.ok_or(HttpError::Internal)?;
    let controller = app.store.find_controller(&line.matter.controller).await?.ok_or(HttpError::Internal)?;
    let receipt = of(&line, &purpose, &controller, app.clock.now());
    Ok(([(CONTENT_TYPE, "application/ld+json")], receipt.to_string()).into_response())
}

/// Of a line whose basis is consent.
fn of(line: &Consent, purpose: &Purpose, controller: &Controller, now: Timestamp) -> Value {
    let id = line.id.to_string();
    json!({
        "@context": {
            "dct": "http://purl.org/dc/terms/",
            "dpv": "https://w3id.org/dpv#",
            "eu-gdpr": "https://w3id.org/dpv/legal/eu/gdpr#",
            "schema": "https://schema.org/",
        },
        "@type": "dpv:ConsentReceipt",
        "dct:identifier": format!("receipt-{id}"),
        "dct:conformsTo": "https://w3id.org/dpv/schema/iso-27560#receipt-summary",
        "dct:created": now,
        "dct:publisher": controller.name,
        "schema:recipient": "dpv:DataSubject",
        "dpv:hasRecordOfActivity": without_null(json!({
            "@id": format!("urn:uuid:{id}"),
            "@type": "dpv:ConsentRecord",
            "dct:identifier": id,
            "dct:conformsTo": "https://w3id.org/dpv/schema/iso-27560#record",
            "dct:created": line.recorded_at,
            "dpv:hasDataSubject": {"@id": format!("urn:uuid:{}", line.contact)},
            "dpv:hasDataController": without_null(json!({
                "@type": "dpv:DataController",
                "dct:identifier": controller.id,
                "schema:name": controller.name,
                "schema:address": controller.address,
                "schema:email": controller.email,
                "schema:url": controller.policy_url,
            })),
            "dpv:hasApplicableLaw": "eu-gdpr:GDPR",
            "dpv:hasLegalBasis": "eu-gdpr:A6-1-a",
            "dpv:hasNotice": without_null(json!({
                "@type": "dpv:ConsentNotice",
                "schema:text": line.text,
                "schema:version": line.text_version,
            })),
            "dpv:hasProcess": {
                "@type": "dpv:Process",
                "dpv:hasPurpose": {
                    "@type": "dpv:Purpose",
                    "dct:identifier": purpose.id,
                    "schema:name": [
                        {"@language": "en", "@value": purpose.name_en},
                        {"@language": "fr", "@value": purpose.name_fr},
                    ],
                },
                "dct:medium": line.matter.channel.as_str(),
            },
            "dpv:hasConsentStatus": without_null(json!({
                "@type": status(line.status),
                "dpv:isIndicatedAtTime": line.at,
                "dpv:isIndicatedBy": line.actor.as_deref().unwrap_or("dpv:DataSubject"),
                "dpv:hasIndicationMethod": line.method.as_str(),
                "dct:source": line.source,
                "schema:expires": line.expires_at,
                "schema:sha256": line.proof.map(|proof| proof.to_string()),
            })),
        })),
    })
}

const fn status(status: Status) -> &'static str {
    match status {
        Status::Granted => "dpv:ConsentGiven",
        Status::Refused => "dpv:ConsentRefused",
        Status::Withdrawn => "dpv:ConsentWithdrawn",
        Status::Pending => "dpv:ConsentRequested",
    }
}

/// What is not known is left away.
fn without_null(mut value: Value) -> Value {
    if let Some(fields) = value.as_object_mut() {
        fields.retain(|_, value| !value.is_null());
    }
    value
}
