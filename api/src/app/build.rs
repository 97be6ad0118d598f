//! Puts the application together, for the server and for tests alike.

use crate::app::state::State;
use crate::http::edge::Edge;
use crate::http::fallback;
use crate::http::routes;
use actix_web::body::MessageBody;
use actix_web::dev::{ServiceFactory, ServiceRequest, ServiceResponse};
use actix_web::{App, Error, web};

/// The whole application over one state.
pub fn build(
    state: web::Data<State>,
) -> App<
    impl ServiceFactory<
        ServiceRequest,
        Config = (),
        Response = ServiceResponse<impl MessageBody>,
        Error = Error,
        InitError = (),
    >,
> {
    let role = state.config.role;
    App::new()
        .configure(|config| routes::mount(config, role))
        .default_service(web::to(fallback::answer))
        .wrap(Edge::new(&state))
        .app_data(state)
}
