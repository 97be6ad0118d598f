use super::*;
use crate::app::{App, samples};
use crate::auth::{Grant, Org, issue};
use crate::clock::Clock;
use crate::http::listener::Listener;
use actix_web::http::header;
use actix_web::test::{TestRequest, call_service, init_service, read_body};
use actix_web::web::Data;
use std::sync::Arc;
use std::time::Duration;

/// Stands for any path parameter: it is a slug and an id alike.
const ID: &str = "0b2f7c34-3c19-4b33-9d0b-0f0f4a6f1c55";

fn each(mut check: impl FnMut(&str, &str, &Operation)) {
    for (path, item) in &document().paths.paths {
        for (method, operation) in operations(item) {
            check(method, path, operation);
        }
    }
}

#[test]
fn every_operation_says_what_it_is() {
    let tags: BTreeSet<_> = document().tags.unwrap().into_iter().map(|tag| tag.name).collect();
    let mut ids = BTreeSet::new();
    each(|method, path, operation| {
        let id = operation.operation_id.clone().unwrap();
        assert!(ids.insert(id.clone()), "{id} stands for two operations");
        assert!(
            operation.summary.as_ref().is_some_and(|summary| !summary.is_empty()),
            "{method} {path} has no summary"
        );
        let tag = operation.tags.as_ref().and_then(|tags| tags.first()).unwrap();
        assert!(tags.contains(tag), "{method} {path} has the unknown tag {tag}");
    });
}

#[test]
fn administration_needs_a_scope_and_nothing_else_does() {
    each(|method, path, operation| {
        let scopes = serde_json::to_value(&operation.security).unwrap();
        let scope = scopes[0][BEARER][0].as_str().map(str::to_owned);
        assert_eq!(path.starts_with("/v1/admin"), scope.is_some(), "{method} {path}: {scopes}");
        if let Some(scope) = scope {
            assert!(scope.parse::<ScopeName>().is_ok(), "{method} {path} needs the unknown scope {scope}");
        }
    });
}

#[test]
fn every_listed_problem_is_in_the_table() {
    let app = actix_web::App::new().into_utoipa_app().configure(routes::register);
    for (path, item) in &app.split_for_parts().1.paths.paths {
        for (method, operation) in operations(item) {
            let listed = operation.extensions.as_ref().and_then(|extensions| extensions.get(PROBLEMS));
            for slug in listed.and_then(|listed| listed.as_array()).into_iter().flatten() {
                let known = slug.as_str().and_then(ProblemType::from_slug);
                assert!(known.is_some(), "{method} {path} lists {slug}");
            }
        }
    }
}

#[test]
fn no_operation_keeps_a_problem_to_itself() {
    each(|method, path, operation| {
        for (status, response) in &operation.responses.responses {
            let RefOr::T(response) = response else { continue };
            let error = status.starts_with('4') || status.starts_with('5');
            let problem = response.content.contains_key(MEDIA_TYPE) || path == "/readyz";
            assert!(!error || problem, "{method} {path} answers {status} without a problem");
        }
    });
}

/// A token that carries every scope but one.
fn token(app: &App, without: ScopeName) -> String {
    let scopes = ScopeName::ALL.iter().copied().filter(|scope| *scope != without).collect();
    let lifetime = Duration::from_mins(1);
    let grant = Grant { subject: "test".to_owned(), org: Org::Operator, scopes, lifetime };
    issue(&app.config.auth, grant, app.clock.now()).unwrap().token
}

#[actix_web::test]
async fn the_scope_in_the_document_is_the_scope_that_is_asked_for() {
    let (app, _folder) = samples::app(Clock::system());
    let service = init_service(crate::app::build::build(Data::from(Arc::clone(&app)), Listener::Administration)).await;
    for (path, item) in &document().paths.paths {
        for (method, operation) in operations(item) {
            let security = serde_json::to_value(&operation.security).unwrap();
            let Some(scope) = security[0][BEARER][0].as_str() else { continue };
            let path = path.split('/').map(|part| if part.starts_with('{') { ID } else { part }).collect::<Vec<_>>();
            let token = format!("Bearer {}", token(&app, scope.parse().unwrap()));
            let request = TestRequest::with_uri(&path.join("/")).method(method.parse().unwrap());
            let request = request.insert_header((header::AUTHORIZATION, token)).to_request();
            let response = call_service(&service, request).await;
            assert_eq!(response.status(), 403, "{method} {path:?}");
            let body: serde_json::Value = serde_json::from_slice(&read_body(response).await).unwrap();
            assert_eq!(body["scope"], scope, "{method} {path:?}");
        }
    }
    app.stop().await;
}
