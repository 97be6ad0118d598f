//! Puts the routes of a role into the application.

use crate::config::Role;
use crate::handlers::public::{confirmation_page, office_page, preferences_page, unsubscribe};
use crate::http::{docs, openapi, routes};
use actix_web::web;
use utoipa_actix_web::service_config::ServiceConfig;

/// Puts the routes of a role into the application.
pub(crate) fn mount(config: &mut web::ServiceConfig, role: Role) {
    config.app_data(web::Data::from(openapi::rendered()));
    let mut registered = ServiceConfig::new(config);
    if role.serves() {
        routes::register(&mut registered);
        registered.map(|config| config.service(docs::get_docs).service(docs::get_docs_file));
        registered.map(|config| config.configure(confirmation_page::register).configure(office_page::register));
        registered.map(|config| config.configure(preferences_page::register).configure(unsubscribe::register));
    } else {
        routes::register_health(&mut registered);
    }
}
