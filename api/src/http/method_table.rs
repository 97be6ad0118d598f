//! The methods of each known path, for the `Allow` header.

use crate::config::Role;
use crate::http::listener::Listener;
use crate::http::routes;
use actix_web::App;
use actix_web::dev::ResourceDef;
use std::sync::OnceLock;
use utoipa::openapi::path::PathItem;
use utoipa_actix_web::AppExt;
use utoipa_actix_web::service_config::ServiceConfig;

/// The methods of each known path of one listener, for the `Allow` header.
#[derive(Debug)]
pub(crate) struct MethodTable {
    role: Role,
    listener: Listener,
    /// Drawn up when it is first needed.
    known: OnceLock<Vec<(ResourceDef, String)>>,
}

impl MethodTable {
    /// Every path that a process of this role answers there: those of the document and of the documentation pages.
    pub(crate) fn of(role: Role, listener: Listener) -> Self {
        Self { role, listener, known: OnceLock::new() }
    }

    /// The `Allow` header of a path, if the path is known.
    pub(crate) fn allow(&self, path: &str) -> Option<&str> {
        let known = self.known.get_or_init(|| self.read()).iter().find(|(pattern, _)| pattern.is_match(path));
        known.map(|(_, methods)| methods.as_str())
    }

    fn read(&self) -> Vec<(ResourceDef, String)> {
        let register = |config: &mut ServiceConfig<'_>| routes::register_at(config, self.role, self.listener);
        let document = App::new().into_utoipa_app().configure(register).split_for_parts().1;
        let mut paths: Vec<_> =
            document.paths.paths.iter().map(|(path, item)| (path.as_str(), methods(item))).collect();
        if self.role.serves() {
            paths.extend(["/", "/docs", "/docs/{file:.*}"].map(|path| (path, "GET, HEAD, OPTIONS".to_owned())));
        }
        paths.into_iter().map(|(path, methods)| (ResourceDef::new(path), methods)).collect()
    }
}

fn methods(item: &PathItem) -> String {
    let known = [
        (item.get.is_some(), "GET, HEAD"),
        (item.post.is_some(), "POST"),
        (item.put.is_some(), "PUT"),
        (item.patch.is_some(), "PATCH"),
        (item.delete.is_some(), "DELETE"),
        (true, "OPTIONS"),
    ];
    known.iter().filter(|(present, _)| *present).map(|(_, name)| *name).collect::<Vec<_>>().join(", ")
}
