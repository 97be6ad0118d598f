//! Puts the routes of a role into the application of a listener.

use crate::config::Role;
use crate::handlers::public::{confirmation_page, office_page, preferences_page, unsubscribe};
use crate::http::listener::Listener;
use crate::http::{docs, openapi, routes};
use actix_web::web;
use utoipa_actix_web::service_config::ServiceConfig;

/// Puts the routes of a role into the application of a listener.
pub(crate) fn mount(config: &mut web::ServiceConfig, role: Role, listener: Listener) {
    config.app_data(web::Data::from(openapi::rendered()));
    routes::register_at(&mut ServiceConfig::new(config), role, listener);
    if role.serves() {
        config.service(docs::get_docs).service(docs::get_docs_file);
        if listener == Listener::Public {
            config.configure(confirmation_page::register).configure(office_page::register);
            config.configure(preferences_page::register).configure(unsubscribe::register);
        }
    }
}
