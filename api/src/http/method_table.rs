//! The methods of each known path, for the `Allow` header.

use crate::config::Role;
use crate::http::openapi;
use crate::http::routes::HEALTH;
use actix_web::dev::ResourceDef;

/// The methods of each known path, for the `Allow` header.
#[derive(Debug)]
pub(crate) struct MethodTable(Vec<(ResourceDef, String)>);

impl MethodTable {
    /// Every path that a process of this role answers: those of the document and of the documentation pages.
    pub(crate) fn of(role: Role) -> Self {
        let mut document = openapi::document();
        if !role.serves() {
            document.paths.paths.retain(|path, _| HEALTH.contains(&path.as_str()));
            return Self::known(&document, &[]);
        }
        Self::known(&document, &["/", "/docs", "/docs/{file:.*}"])
    }

    fn known(document: &utoipa::openapi::OpenApi, pages: &[&str]) -> Self {
        let mut paths: Vec<_> = document.paths.paths.iter().map(|(path, item)| (path.clone(), methods(item))).collect();
        paths.extend(pages.iter().map(|path| ((*path).to_owned(), "GET, HEAD, OPTIONS".to_owned())));
        Self(paths.into_iter().map(|(path, methods)| (ResourceDef::new(path), methods)).collect())
    }

    /// The `Allow` header of a path, if the path is known.
    pub(crate) fn allow(&self, path: &str) -> Option<&str> {
        let known = self.0.iter().find(|(pattern, _)| pattern.is_match(path));
        known.map(|(_, methods)| methods.as_str())
    }
}

fn methods(item: &utoipa::openapi::PathItem) -> String {
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
