//! `/api/v1/numbers/{number}/qr.svg`: a static number for print.

use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use qrcode::render::svg;
use qrcode::{EcLevel, QrCode};
use utoipa::IntoParams;

use super::{KeyProblems, ListProblems, OneProblems, ServerProblems};
use crate::domain::phone::Phone;
use crate::domain::tracking::number::NumberKind;
use crate::domain::tracking::offline::{QrTo, qr_text};
use crate::http::AppState;
use crate::http::error::HttpError;
use crate::http::extract::{ApiKey, FromQuery, NumbersRead, Path, Query, QueryReader};

/// Where the code leads.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[allow(dead_code, reason = "describes what CodeQuery reads")]
pub struct CodeParams {
    /// `call`: the telephone dials the number. `page`: the medium's landing page opens, with its utm parameters.
    #[param(default = "call")]
    to: Option<String>,
}

pub struct CodeQuery {
    pub to: QrTo,
}

impl FromQuery for CodeQuery {
    fn read(query: &mut QueryReader<'_>) -> Self {
        Self { to: query.value("to").unwrap_or(QrTo::Call) }
    }
}

/// A QR code of a static number, as SVG: printed at any size it stays sharp.
///
/// A quarter of it may be torn or covered (level Q).
#[utoipa::path(
    get, path = "/api/v1/numbers/{number}/qr.svg", tag = "numbers", operation_id = "draw_qr_code",
    params(("number" = String, Path, description = "E.164, its `+` as it is or as `%2B`"), CodeParams),
    security(("api_key" = ["numbers:read"])),
    responses(
        (status = 200, description = "The code", content_type = "image/svg+xml", body = String),
        KeyProblems, ListProblems, OneProblems, ServerProblems
    )
)]
pub async fn code(
    _: ApiKey<NumbersRead>,
    State(app): State<AppState>,
    Path(number): Path<Phone>,
    Query(asked): Query<CodeQuery>,
) -> Result<Response, HttpError> {
    draw(&app, &number, asked.to).await
}

/// The drawing, for a key or for somebody at the console.
pub async fn draw(app: &AppState, number: &Phone, to: QrTo) -> Result<Response, HttpError> {
    let row = app.store.find_number(number).await?.ok_or(HttpError::NotFound("number"))?;
    let NumberKind::Static(medium) = &row.number.kind else {
        return Err(HttpError::NotFound("static number"));
    };
    let text = qr_text(number, medium, to).ok_or(HttpError::NotFound("landing page of this number"))?;
    // The plan keeps addresses short enough for the largest code.
    let code = QrCode::with_error_correction_level(text, EcLevel::Q).map_err(|_| HttpError::Internal)?;
    let drawing = code.render::<svg::Color<'_>>().module_dimensions(8, 8).build();
    Ok(([(CONTENT_TYPE, "image/svg+xml")], drawing).into_response())
}
