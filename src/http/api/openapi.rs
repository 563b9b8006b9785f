//! `GET /api/v1/openapi.json`: the description of the API, made from its code.

use std::sync::LazyLock;

use axum::http::header::{ACCESS_CONTROL_ALLOW_ORIGIN, CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use utoipa::openapi::LicenseBuilder;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::{Modify, OpenApi};

/// What stands above the routes.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Whence",
        description = "Which visit did this call come from?\n\n\
            Times are RFC 3339 in UTC, telephone numbers E.164, spans in milliseconds. \
            Lists come newest first, in parts: hand `next_cursor` back as `cursor`. \
            Whatever is refused is answered with problem details (RFC 9457).",
    ),
    tags(
        (name = "calls", description = "One caller's attempt each, with where it came from"),
        (name = "live calls", description = "The calls that this node carries just now"),
        (name = "recordings", description = "Calls that were kept as sound, where their number asks for it, and who listened"),
        (name = "visits", description = "Sessions of visitors who consented to be known"),
        (name = "contacts", description = "The people behind calls and visits"),
        (name = "consents", description = "What people agreed to, refused and took back: a ledger that only grows"),
        (name = "engagements", description = "What contacts did and received: calls and visits, and what other systems tell"),
        (name = "contactability", description = "Whether people may be reached, and why; leave to do so, which counts at once"),
        (name = "segments", description = "Contacts who fit a filter, who came into one and who left"),
        (name = "tasks", description = "What somebody is to do for contacts, by the scenarios of the plan"),
        (name = "webhooks", description = "Programs that are told what happens, and what each was told"),
        (name = "alerts", description = "What is watched, who is told, and when it was raised"),
        (name = "costs", description = "What it costs that the telephone rings"),
        (name = "reports", description = "What calls came from, added up, and what each channel earned"),
        (name = "views", description = "Lists and reports of the console, under a name"),
        (name = "numbers", description = "Tracking numbers and the pools that lend them"),
        (name = "screening", description = "Who may not ring, and who may whatever else holds"),
        (name = "prompts", description = "What the gateway says to callers"),
        (name = "trunks", description = "Where calls leave, and whether they can"),
        (name = "plan", description = "What the admin has declared"),
        (name = "keys", description = "What programs open with"),
        (name = "users", description = "Who works at the console"),
        (name = "gateway", description = "The program itself"),
        (name = "snippet", description = "What the script on a web page reports; needs no key, but the site's origin. A site's own server asks with a key instead"),
        (name = "description", description = "This document"),
    ),
    components(schemas(crate::http::error::Problem, crate::http::error::BadField)),
    modifiers(&Keys, &Licence),
)]
pub struct Document;

struct Keys;

impl Modify for Keys {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let scheme = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .description(Some(
                "An API key, made with `whence key create`; each route names the scope it needs.",
            ))
            .build();
        let components = document.components.get_or_insert_default();
        components.add_security_scheme("api_key", SecurityScheme::Http(scheme));
    }
}

/// The package's, so that the description cannot name another.
struct Licence;

impl Modify for Licence {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let spdx = env!("CARGO_PKG_LICENSE");
        document.info.license = Some(LicenseBuilder::new().name(spdx).identifier(Some(spdx)).build());
    }
}

static TEXT: LazyLock<String> = LazyLock::new(|| {
    super::routes(|route| route).into_openapi().to_json().expect("the description is plain data")
});

/// The OpenAPI 3.1 description of this API.
#[utoipa::path(
    get, path = "/api/v1/openapi.json", tag = "description", operation_id = "describe",
    responses((status = 200, description = "OpenAPI 3.1", body = Object))
)]
pub async fn serve() -> Response {
    let headers = [
        (CONTENT_TYPE, "application/json"),
        (CACHE_CONTROL, "public, max-age=300"),
        // Readers of API descriptions run on pages of their own.
        (ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
    ];
    (headers, TEXT.as_str()).into_response()
}
