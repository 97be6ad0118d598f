//! actix-cors, for the requests that it is about.

use super::{MAX_AGE, REQUEST_HEADERS, RESPONSE_HEADERS};
use crate::app::App;
use crate::http::listener::Listener;
use crate::http::problem::{Problem, ProblemType};
use actix_cors::{Cors, CorsMiddleware};
use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{RequestHead, Service, ServiceRequest, ServiceResponse, Transform, forward_ready};
use actix_web::http::Method;
use actix_web::http::header::{self, HeaderMap, HeaderValue};
use actix_web::{Error, web};
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

/// The `Vary` header of every answer: a shared cache must not give a page what it kept for another.
const VARY: HeaderValue =
    HeaderValue::from_static("Origin, Access-Control-Request-Method, Access-Control-Request-Headers");

/// The middleware that answers preflights and marks answers. Every page may read what the public listener answers, and none what
/// administration does: that is for scripts.
pub fn layer(app: &web::Data<App>, listener: Listener) -> Layer {
    let cors = Cors::default()
        .allowed_origin_fn(move |_origin, _request| listener == Listener::Public)
        .allowed_methods([Method::GET, Method::HEAD, Method::POST])
        .allowed_headers(REQUEST_HEADERS)
        .allowed_header("idempotency-key")
        .expose_headers(RESPONSE_HEADERS)
        .max_age(MAX_AGE);
    Layer { app: app.clone(), listener, cors }
}

/// The rules for pages. A request without an origin is not from a page, and passes without them.
#[derive(Debug)]
pub struct Layer {
    app: web::Data<App>,
    listener: Listener,
    cors: Cors,
}

/// [`Layer`] around the rest of the application.
#[derive(Debug)]
pub struct LayerService<S> {
    app: web::Data<App>,
    listener: Listener,
    service: Rc<S>,
    cors: CorsMiddleware<Rc<S>>,
}

impl<S, B> Transform<S, ServiceRequest> for Layer
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
    S::Future: Unpin,
    B: MessageBody + Unpin + 'static,
{
    type Response = ServiceResponse<EitherBody<B>>;
    type Error = Error;
    type Transform = LayerService<S>;
    type InitError = ();
    type Future = Pin<Box<dyn Future<Output = Result<Self::Transform, ()>>>>;

    fn new_transform(&self, service: S) -> Self::Future {
        let (app, listener, service) = (self.app.clone(), self.listener, Rc::new(service));
        let cors = self.cors.new_transform(Rc::clone(&service));
        Box::pin(async move { Ok(LayerService { app, listener, service, cors: cors.await? }) })
    }
}

impl<S, B> Service<ServiceRequest> for LayerService<S>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
    S::Future: Unpin,
    B: MessageBody + Unpin + 'static,
{
    type Response = ServiceResponse<EitherBody<B>>;
    type Error = Error;
    type Future = Passage<S::Future, <CorsMiddleware<Rc<S>> as Service<ServiceRequest>>::Future, B>;

    forward_ready!(service);

    fn call(&self, request: ServiceRequest) -> Self::Future {
        if !is_of_a_page(request.head()) {
            return Passage::Other(self.service.call(request));
        }
        if self.app.origins.refuse(self.listener, request.head()) {
            let may_read = self.listener == Listener::Public;
            let origin = request.headers().get(header::ORIGIN).filter(|_| may_read).cloned();
            let mut answer = request.error_response(Problem::new(ProblemType::OriginNotAllowed));
            if let Some(origin) = origin {
                answer.headers_mut().insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
            }
            return Passage::Refused(Some(answer.map_into_right_body()));
        }
        Passage::Page(self.cors.call(request))
    }
}

/// True if a browser may have sent it for a page. A preflight always is, or should be: without an origin it is refused.
fn is_of_a_page(request: &RequestHead) -> bool {
    request.method == Method::OPTIONS || request.headers().contains_key(header::ORIGIN)
}

/// A request's way to its answer.
pub enum Passage<F, C, B> {
    /// A request of a page, by the rules for pages.
    Page(C),
    /// Past them.
    Other(F),
    /// No way: the answer, until it is given.
    Refused(Option<ServiceResponse<EitherBody<B>>>),
}

impl<F, C, B> Future for Passage<F, C, B>
where
    F: Future<Output = Result<ServiceResponse<B>, Error>> + Unpin,
    C: Future<Output = Result<ServiceResponse<EitherBody<B>>, Error>> + Unpin,
    B: Unpin,
{
    type Output = Result<ServiceResponse<EitherBody<B>>, Error>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        match self.get_mut() {
            Self::Page(page) => Pin::new(page).poll(context).map_ok(|mut response| {
                expose(response.headers_mut());
                response
            }),
            Self::Other(other) => Pin::new(other).poll(context).map_ok(|mut response| {
                vary(response.headers_mut());
                response.map_into_left_body()
            }),
            Self::Refused(answer) => answer.take().map_or(Poll::Pending, |answer| Poll::Ready(Ok(answer))),
        }
    }
}

/// actix-cors names what may be read on every answer; that means something only to a page that may read it.
fn expose(headers: &mut HeaderMap) {
    if !headers.contains_key(header::ACCESS_CONTROL_ALLOW_ORIGIN) {
        headers.remove(header::ACCESS_CONTROL_EXPOSE_HEADERS);
    }
}

/// Adds to `Vary` what actix-cors adds.
fn vary(headers: &mut HeaderMap) {
    let own = headers.get(header::VARY).map(|own| [own.as_bytes(), b", ", VARY.as_bytes()].concat());
    let both = own.and_then(|both| HeaderValue::from_bytes(&both).ok());
    headers.insert(header::VARY, both.unwrap_or(VARY));
}
