//! Puts the application together, for the server and for tests alike.

use crate::app::App;
use crate::http::edge::Edge;
use crate::http::{fallback, mount};
use actix_web::body::MessageBody;
use actix_web::dev::{ServiceFactory, ServiceRequest, ServiceResponse};
use actix_web::{Error, web};

/// The whole application over one [`App`].
pub(crate) fn build(
    app: web::Data<App>,
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
    actix_web::App::new()
        .configure(|config| mount::mount(config, role))
        .default_service(web::to(fallback::answer))
        .wrap(Edge::new(&app))
        .app_data(app)
}
