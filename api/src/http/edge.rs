//! The one middleware of our own: what is true of every request and every answer.
//!
//! It names the request, answers HEAD by GET, turns panics and the framework's own errors into problems, sets the
//! headers of every answer, compresses where that pays, counts, and writes the access log. One pass that allocates the route's
//! name and nothing else, because the busiest routes do little more themselves.

use crate::ids;
use std::cell::Cell;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Instant;

use actix_cors::CorsError;
use actix_web::body::{BoxBody, EitherBody, MessageBody};
use actix_web::dev::{Service, ServiceRequest, ServiceResponse, Transform, forward_ready};
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::{Error, HttpResponse, web};
use uuid::Uuid;

use crate::app::App;
use crate::http::compress::compress;
use crate::http::cors;
use crate::http::limits::Announcement;
use crate::http::listener::Listener;
use crate::http::problem::{Problem, ProblemRequest, ProblemType};
use crate::metrics::{Metrics, RequestCounts, method_word};

/// The header that names a request, also in a problem's `instance`.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Where a POST only looks something up, because what it asks must not stand in an address (A21).
const LOOK_UPS: [&str; 3] = ["/targets", "/previews", "/originality"];

/// The outermost middleware of a listener, with the rules for pages inside it.
#[derive(Debug)]
pub struct Edge {
    pages: cors::Layer,
    public_url: Arc<str>,
    metrics: Arc<Metrics>,
    listener: Listener,
}

impl Edge {
    /// The middleware of a listener, for pages of the origins that the app knows.
    pub fn new(app: &web::Data<App>, listener: Listener) -> Self {
        Self {
            pages: cors::layer(app, listener),
            public_url: app.config.public_url().into(),
            metrics: Arc::clone(&app.metrics),
            listener,
        }
    }
}

impl<S, B> Transform<S, ServiceRequest> for Edge
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
    S::Future: Unpin,
    B: MessageBody + Unpin + 'static,
{
    type Response = ServiceResponse<EitherBody<EitherBody<B>>>;
    type Error = Error;
    type Transform = EdgeService<S>;
    type InitError = ();
    type Future = Pin<Box<dyn Future<Output = Result<Self::Transform, ()>>>>;

    fn new_transform(&self, service: S) -> Self::Future {
        let service = self.pages.new_transform(service);
        let public_url = Arc::clone(&self.public_url);
        let counts = Rc::new(RequestCounts::new(Arc::clone(&self.metrics), self.listener.as_str()));
        Box::pin(async move { Ok(EdgeService { service: service.await?, public_url, counts }) })
    }
}

/// [`Edge`] around the rest of the application.
#[derive(Debug)]
pub struct EdgeService<S> {
    service: cors::LayerService<S>,
    public_url: Arc<str>,
    counts: Rc<RequestCounts>,
}

impl<S, B> Service<ServiceRequest> for EdgeService<S>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
    S::Future: Unpin,
    B: MessageBody + Unpin + 'static,
{
    type Response = ServiceResponse<EitherBody<EitherBody<B>>>;
    type Error = Error;
    type Future = ResponseFuture<<cors::LayerService<S> as Service<ServiceRequest>>::Future>;

    forward_ready!(service);

    fn call(&self, mut request: ServiceRequest) -> Self::Future {
        let visit = Visit::of(&request, &self.public_url, &self.counts);
        if visit.method == Method::HEAD {
            // actix leaves out the body of an answer to HEAD by itself.
            request.head_mut().method = Method::GET;
        }
        ResponseFuture { visit, inner: catch_panic(|| self.service.call(request)) }
    }
}

/// The answer to a request in the making.
pub struct ResponseFuture<F> {
    visit: Visit,
    /// Nothing if the application panicked before it began.
    inner: Option<F>,
}

impl<F, B> Future for ResponseFuture<F>
where
    F: Future<Output = Result<ServiceResponse<B>, Error>> + Unpin,
    B: MessageBody + 'static,
{
    type Output = Result<ServiceResponse<EitherBody<B>>, Error>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let Self { visit, inner } = self.get_mut();
        match inner.as_mut().and_then(|inner| catch_panic(|| Pin::new(inner).poll(context))) {
            Some(Poll::Pending) => Poll::Pending,
            Some(Poll::Ready(Ok(response))) => Poll::Ready(Ok(visit.finish(visit.convert(response)))),
            // The request is gone with the handler, so actix builds the answer from the error.
            Some(Poll::Ready(Err(error))) => Poll::Ready(Err(visit.fail(Problem::for_error(&error)))),
            None => Poll::Ready(Err(visit.fail(Problem::new(ProblemType::Internal)))),
        }
    }
}

/// The facts about one request.
struct Visit {
    named: ProblemRequest,
    started: Instant,
    method: Method,
    /// True if it can change nothing.
    reads: bool,
    /// The kind of problem that it is answered with.
    problem: Cell<Option<ProblemType>>,
    counts: Rc<RequestCounts>,
}

impl Visit {
    fn of(request: &ServiceRequest, public_url: &Arc<str>, counts: &Rc<RequestCounts>) -> Self {
        let method = request.method().clone();
        let looks_up = || method == Method::POST && LOOK_UPS.iter().any(|end| request.path().ends_with(end));
        let reads = matches!(method, Method::GET | Method::HEAD | Method::OPTIONS) || looks_up();
        let named = ProblemRequest { id: ids::random(), public_url: Arc::clone(public_url) };
        Self { named, started: Instant::now(), method, reads, problem: Cell::default(), counts: Rc::clone(counts) }
    }

    /// Turns what is an error into a problem that names this request, keeping the headers that were set on it.
    fn convert<B>(&self, response: ServiceResponse<B>) -> ServiceResponse<EitherBody<B>> {
        let status = response.status();
        if !status.is_client_error() && !status.is_server_error() {
            return response.map_into_left_body();
        }
        let Some(answer) = self.problem(response.response()) else { return response.map_into_left_body() };
        let (request, old) = response.into_parts();
        let mut answer = answer.map_into_right_body();
        for (name, value) in old.headers() {
            if !answer.headers().contains_key(name) {
                answer.headers_mut().append(name.clone(), value.clone());
            }
        }
        ServiceResponse::new(request, answer)
    }

    /// The problem for an error answer, unless the answer is meant to stay as it is.
    fn problem<B>(&self, response: &HttpResponse<B>) -> Option<HttpResponse<BoxBody>> {
        if let Some(problem) = response.error().and_then(|error| error.as_error::<Problem>()) {
            self.explain(problem);
            return Some(self.answer(problem));
        }
        if let Some(error) = response.error() {
            return Some(self.answer(&Problem::for_error(error)));
        }
        let bare = !response.headers().contains_key(header::CONTENT_TYPE);
        bare.then(|| self.answer(&Problem::new(ProblemType::for_status(response.status()))))
    }

    fn answer(&self, problem: &Problem) -> HttpResponse<BoxBody> {
        self.problem.set(Some(problem.kind()));
        problem.respond(Some(&self.named))
    }

    /// Writes the cause of a problem to the log, once.
    fn explain(&self, problem: &Problem) {
        let Some(cause) = problem.cause() else { return };
        let (request_id, kind) = (self.named.id, problem.kind().slug());
        if problem.kind().status().is_server_error() {
            tracing::error!(%request_id, problem = kind, cause = format!("{cause:#}"), "failed");
        } else {
            tracing::debug!(%request_id, problem = kind, cause = format!("{cause:#}"), "refused");
        }
    }

    /// An error without its request, for actix to answer.
    fn fail(&self, problem: Problem) -> Error {
        self.explain(&problem);
        self.problem.set(Some(problem.kind()));
        self.record(problem.kind().status(), None);
        let mut error = Error::from(problem.of_request(self.named.clone()));
        let id = self.named.id;
        error.add_response_mapper(move |mut response| {
            set_headers(response.headers_mut(), id);
            response
        });
        error
    }

    fn finish<B: MessageBody + 'static>(
        &self,
        mut response: ServiceResponse<EitherBody<B>>,
    ) -> ServiceResponse<EitherBody<B>> {
        set_headers(response.headers_mut(), self.named.id);
        if let Some(announcement) = Announcement::of(response.request()) {
            announcement.write(response.headers_mut());
        }
        self.record(response.status(), response.request().match_pattern().as_deref());
        compress(response)
    }

    /// Counts the answer, and logs it. The route is a template: nothing that a client wrote.
    fn record(&self, status: StatusCode, route: Option<&str>) {
        self.counts.count(route, &self.method, status, self.started.elapsed());
        if let Some(problem) = self.problem.get() {
            self.counts.count_problem(route, &self.method, problem.slug());
        }
        self.log(status, route);
    }

    /// One line for each request that changed something or failed; for reads only if the log asks for them, because on a
    /// busy tally the line would cost as much as the answer. Never a query, a body or an address (C31).
    fn log(&self, status: StatusCode, route: Option<&str>) {
        macro_rules! line {
            ($level:ident) => {
                if tracing::enabled!(target: "postbag::access", tracing::Level::$level) {
                    tracing::event!(
                        target: "postbag::access",
                        tracing::Level::$level,
                        request_id = %self.named.id,
                        method = method_word(&self.method),
                        route = route.unwrap_or("-"),
                        status = status.as_u16(),
                        micros = u64::try_from(self.started.elapsed().as_micros()).unwrap_or(u64::MAX),
                        "answered"
                    );
                }
            };
        }
        let is_foreseen = self.problem.get().is_some_and(ProblemType::is_foreseen);
        if status.is_server_error() && !is_foreseen {
            line!(WARN);
        } else if self.reads && !status.is_client_error() {
            line!(DEBUG);
        } else {
            line!(INFO);
        }
    }
}

impl Problem {
    /// The problem for another component's error.
    fn for_error(error: &Error) -> Self {
        if let Some(refusal) = error.as_error::<CorsError>() {
            return Self::new(ProblemType::OriginNotAllowed).caused_by(refusal.clone());
        }
        let status = error.as_response_error().status_code();
        Self::new(ProblemType::for_status(status)).caused_by(anyhow::anyhow!("{error}"))
    }
}

/// The headers of every answer; personal unless its handler says otherwise (A22).
fn set_headers(headers: &mut HeaderMap, id: Uuid) {
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    if !headers.contains_key(header::REFERRER_POLICY) {
        headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    }
    if !headers.contains_key(header::CACHE_CONTROL) {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    let mut text = [0; uuid::fmt::Hyphenated::LENGTH];
    if let Ok(id) = HeaderValue::from_str(id.hyphenated().encode_lower(&mut text)) {
        headers.insert(REQUEST_ID, id);
    }
}

/// The outcome, or nothing after a panic, which costs one request and never the connection's others (C13).
fn catch_panic<T>(work: impl FnOnce() -> T) -> Option<T> {
    catch_unwind(AssertUnwindSafe(work)).ok()
}

#[cfg(test)]
mod tests;
