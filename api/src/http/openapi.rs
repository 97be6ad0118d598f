//! The document: read from the handlers, completed with what is true of every operation (A14).

mod limited;
mod schemas;

use crate::auth::ScopeName;
use crate::handlers::public::openapi::{RenderedDocument, Rendering};
use crate::http::problem::{MEDIA_TYPE, ProblemBody, ProblemType};
use crate::http::routes;
use actix_web::App;
use actix_web::web::Bytes;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, LazyLock};
use utoipa::openapi::content::ContentBuilder;
use utoipa::openapi::example::ExampleBuilder;
use utoipa::openapi::path::{Operation, ParameterIn, PathItem};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::server::{Server, ServerBuilder, ServerVariableBuilder};
use utoipa::openapi::{Components, OpenApi, Ref, RefOr, Response, ResponseBuilder};
use utoipa::{Modify, OpenApi as _};
use utoipa_actix_web::AppExt;

/// The name of the security scheme of administrative operations.
pub const BEARER: &str = "bearer";

/// Where a handler lists the kinds of problem that only it can answer, by slug.
const PROBLEMS: &str = "x-problems";

/// The parts of the document that no handler knows.
#[derive(utoipa::OpenApi)]
#[openapi(
    info(
        title = "Postbag",
        description = "A headless API for advocacy campaigns: people write to their own elected representatives, the mail is \
                       really delivered, consent is recorded so that it can be proved, and anybody can read how a campaign \
                       is doing.\n\nEvery error is `application/problem+json`; compare its `type`. Within `/v1` fields are \
                       added, never taken away.",
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0"),
    ),
    servers((url = "/", description = "The public listener: `public_url` of the server")),
    tags(
        (name = "campaigns", description = "What a campaign page shows"),
        (name = "actions", description = "Finding representatives, seeing the letters, submitting them, and what became of them"),
        (name = "preferences", description = "What an organisation may do with a person's data, for the person to see and change"),
        (name = "directory", description = "Representatives, areas and bodies, and where each fact comes from"),
        (name = "tallies", description = "How a campaign is doing"),
        (name = "administration", description = "For a charity's own systems and scripts, with a token"),
        (name = "health", description = "For the operators of the server"),
        (name = "problems", description = "What can go wrong, and what to do about it"),
        (name = "document", description = "This document"),
    ),
    components(schemas(ProblemBody<'static>)),
    modifiers(&Security),
)]
struct Whole;

/// Adds the two ways to show who one is.
struct Security;

impl Modify for Security {
    fn modify(&self, openapi: &mut OpenApi) {
        let scopes: Vec<_> =
            ScopeName::ALL.iter().map(|scope| format!("- `{scope}`: {}", scope.description())).collect();
        let description = format!(
            "A signed token whose `scope` claim lists its permissions and whose `org` claim names its organisation, or `*` for \
             the operator. `postbag token issue` makes one.\n\n{}",
            scopes.join("\n")
        );
        let http =
            HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("JWT").description(Some(description));
        // Said for the whole document: an operation needs a token only if it says so.
        openapi.security = Some(Vec::new());
        let components = openapi.components.get_or_insert_with(Components::new);
        components.add_security_scheme(BEARER, SecurityScheme::Http(http.build()));
        let receipt = HttpBuilder::new().scheme(HttpAuthScheme::Bearer);
        let receipt =
            receipt.description(Some("The `receipt_token` of a submission's answer: it opens that one receipt."));
        let confirmation = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).description(Some(
            "The token of a mailed link: it shows and confirms what waits for that person in that campaign.",
        ));
        let preferences = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .description(Some("The token of a mailed link: it shows and changes one person's preferences."));
        components.add_security_scheme("preferences_token", SecurityScheme::Http(preferences.build()));
        components.add_security_scheme("confirmation_token", SecurityScheme::Http(confirmation.build()));
        components.add_security_scheme("receipt_token", SecurityScheme::Http(receipt.build()));
    }
}

/// The whole document.
pub fn document() -> OpenApi {
    let app = App::new().into_utoipa_app().openapi(Whole::openapi()).configure(routes::register);
    let (_, mut document) = app.split_for_parts();
    let administration = App::new().into_utoipa_app().configure(routes::register_administration).split_for_parts().1;
    let mut shared = BTreeMap::new();
    for (path, item) in &mut document.paths.paths {
        item.servers = administration.paths.paths.contains_key(path).then(|| vec![administration_server()]);
        for operation in operations_mut(item) {
            complete(path, operation, &mut shared);
        }
    }
    let components = document.components.get_or_insert_with(Components::new);
    components.responses.extend(shared.into_iter().map(|(name, response)| (name, RefOr::T(response))));
    schemas::complete(components);
    schemas::prune(&mut document);
    document
}

/// The listener for administration. Where it is, is nothing that the public document tells, so the reader fills it in.
fn administration_server() -> Server {
    let admin_url = ServerVariableBuilder::new()
        .default_value("http://127.0.0.1:8081")
        .description(Some("How your operator lets administration be reached: `admin_url` of the server"))
        .build();
    ServerBuilder::new()
        .url("{admin_url}")
        .description(Some("The listener for administration and metrics"))
        .parameter("admin_url", admin_url)
        .build()
}

/// Each operation of a path, with its method.
pub fn operations(item: &PathItem) -> impl Iterator<Item = (&'static str, &Operation)> {
    let all = [
        ("GET", &item.get),
        ("PUT", &item.put),
        ("POST", &item.post),
        ("DELETE", &item.delete),
        ("PATCH", &item.patch),
    ];
    all.into_iter().filter_map(|(method, operation)| operation.as_ref().map(|operation| (method, operation)))
}

fn operations_mut(item: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    [&mut item.get, &mut item.put, &mut item.post, &mut item.delete, &mut item.patch]
        .into_iter()
        .filter_map(Option::as_mut)
}

/// Adds every problem that the operation can answer but its handler need not say.
fn complete(path: &str, operation: &mut Operation, shared: &mut BTreeMap<String, Response>) {
    let mut by_status: BTreeMap<u16, Vec<ProblemType>> = BTreeMap::new();
    let kinds = problems(path, operation);
    if kinds.contains(&ProblemType::QuotaExceeded) {
        limited::complete(operation);
    }
    for kind in kinds {
        by_status.entry(kind.status().as_u16()).or_default().push(kind);
    }
    for (status, kinds) in by_status {
        let name = kinds.iter().map(|kind| kind.slug()).collect::<Vec<_>>().join(".");
        shared.entry(name.clone()).or_insert_with(|| response(&kinds));
        let reference = RefOr::Ref(Ref::from_response_name(name));
        operation.responses.responses.entry(status.to_string()).or_insert(reference);
    }
}

/// The kinds of problem of an operation: its own, and those that follow from what it takes.
fn problems(path: &str, operation: &mut Operation) -> Vec<ProblemType> {
    use ProblemType as P;
    let mut kinds = own_problems(operation);
    let takes = |place: ParameterIn, name: Option<&str>| {
        operation.parameters.iter().flatten().any(|parameter| match parameter {
            RefOr::T(parameter) => {
                parameter.parameter_in == place && name.is_none_or(|name| parameter.name.eq_ignore_ascii_case(name))
            }
            RefOr::Ref(_) => false,
        })
    };
    let mut also = |condition: bool, more: &[P]| kinds.extend(more.iter().filter(|_| condition));
    also(path.starts_with("/v1"), &[P::Internal, P::Overloaded, P::Unavailable]);
    also(operation.request_body.is_some(), &[P::MalformedJson, P::RequestTimeout, P::ContentTooLarge]);
    also(
        operation.request_body.is_some(),
        &[P::UnsupportedMediaType, P::ContentEncodingUnsupported, P::ValidationFailed],
    );
    also(operation.request_body.is_some() && !path.starts_with("/v1/admin"), &[P::OriginNotAllowed]);
    also(takes(ParameterIn::Query, None), &[P::QueryInvalid]);
    also(takes(ParameterIn::Query, Some("cursor")), &[P::CursorInvalid]);
    also(takes(ParameterIn::Path, None), &[P::NotFound]);
    also(takes(ParameterIn::Header, Some("Idempotency-Key")), &[P::IdempotencyKeyInvalid, P::IdempotencyKeyReused]);
    also(
        takes(ParameterIn::Header, Some("If-Match")),
        &[P::PreconditionFailed, P::PreconditionRequired, P::MalformedRequest],
    );
    also(operation.security.is_some(), &[P::TokenMissing, P::TokenInvalid]);
    also(operation.security.is_some() && path.starts_with("/v1/admin"), &[P::ScopeInsufficient]);
    let mut seen = BTreeSet::new();
    let is_limited = kinds.contains(&P::QuotaExceeded);
    kinds.extend(
        [P::ClientAddressInvalid, P::TokenMissing, P::TokenInvalid, P::ScopeInsufficient].iter().filter(|_| is_limited),
    );
    kinds.retain(|kind| seen.insert(kind.slug()));
    kinds.sort_by_key(|kind| kind.slug());
    kinds
}

/// Takes the kinds that the handler lists out of the operation.
fn own_problems(operation: &mut Operation) -> Vec<ProblemType> {
    let listed = operation.extensions.as_mut().and_then(|extensions| extensions.remove(PROBLEMS));
    if operation.extensions.as_ref().is_some_and(|extensions| extensions.is_empty()) {
        operation.extensions = None;
    }
    let slugs: Vec<String> = listed.and_then(|listed| serde_json::from_value(listed).ok()).unwrap_or_default();
    slugs.iter().filter_map(|slug| ProblemType::from_slug(slug)).collect()
}

/// One response for kinds of one status, with an example of each.
fn response(kinds: &[ProblemType]) -> Response {
    let lines: Vec<_> = kinds.iter().map(|kind| format!("`{}`: {}.", kind.slug(), kind.title())).collect();
    let examples = kinds.iter().map(|kind| {
        let example = ExampleBuilder::new().summary(kind.title()).value(Some(example(*kind))).build();
        (kind.slug().to_owned(), RefOr::T(example))
    });
    let content = ContentBuilder::new()
        .schema(Some(RefOr::Ref(Ref::from_schema_name("Problem"))))
        .examples_from_iter(examples)
        .build();
    let mut response = ResponseBuilder::new().description(lines.join(" ")).content(MEDIA_TYPE, content).build();
    if kinds.contains(&ProblemType::QuotaExceeded) {
        limited::announce(&mut response);
    }
    response
}

fn example(kind: ProblemType) -> serde_json::Value {
    let mut body = json!({
        "type": format!("https://act.example.org{}", kind.path()),
        "title": kind.title(),
        "status": kind.status().as_u16(),
        "detail": kind.advice(),
        "instance": "urn:uuid:0b2f7c34-3c19-4b33-9d0b-0f0f4a6f1c55",
    });
    if kind == ProblemType::ValidationFailed {
        let error = json!({
            "pointer": "/supporter/email",
            "code": "email_invalid",
            "detail": "must be an e-mail address such as ada@example.org",
        });
        body.as_object_mut().map(|members| members.insert("errors".to_owned(), json!([error])));
    }
    body
}

/// The document as it is served, rendered once.
pub(crate) fn rendered() -> Arc<RenderedDocument> {
    static RENDERED: LazyLock<Arc<RenderedDocument>> = LazyLock::new(|| {
        let document = document();
        Arc::new(RenderedDocument {
            json: Rendering::new("application/json", document.to_json().unwrap_or_default()),
            yaml: Rendering::new("application/yaml; charset=utf-8", document.to_yaml().unwrap_or_default()),
        })
    });
    Arc::clone(&RENDERED)
}

/// The document as YAML, which is what `openapi.yaml` holds.
pub fn yaml() -> Bytes {
    rendered().yaml.content()
}

#[cfg(test)]
mod tests;
