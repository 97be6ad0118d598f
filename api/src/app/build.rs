//! Puts the application together, for the server and for tests alike.

use crate::app::App;
use crate::http::edge::Edge;
use crate::http::listener::Listener;
use crate::http::method_table::MethodTable;
use crate::http::{fallback, mount};
use actix_web::body::MessageBody;
use actix_web::dev::{ServiceFactory, ServiceRequest, ServiceResponse};
use actix_web::{Error, web};

/// The whole application of a listener over one [`App`].
pub(crate) fn build(
    app: web::Data<App>,
    listener: Listener,
) -> actix_web::App<
    impl ServiceFactory<
        ServiceRequest,
        Config = (),
        Response = ServiceResponse<impl MessageBody>,
        Error = Error,
        InitError = (),
    >,
> {
    let role = app.config.role;
    let methods = web::Data::new(MethodTable::of(role, listener));
    actix_web::App::new()
        .configure(|config| mount::mount(config, role, listener))
        .default_service(web::to(fallback::answer))
        .wrap(Edge::new(&app, listener))
        .app_data(methods)
        .app_data(app)
}
