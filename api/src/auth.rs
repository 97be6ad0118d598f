//! Who may do what: bearer tokens and their scopes (A16, A17).
//!
//! A handler names its permission in its signature, as [`Caller<scope::CampaignsWrite>`](Caller), and cannot be reached without it.

mod keys;
mod revocations;
pub mod scope;
mod token;

pub use keys::{Keys, Refusal, install_provider};
pub use revocations::Revocations;
pub use scope::{Scope, ScopeName};
pub use token::{Claims, Grant, Issued, Org, issue};

use crate::app::App;
use crate::http::problem::{Problem, ProblemType};
use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::{FromRequest, HttpRequest};
use std::fmt;
use std::future::{Ready, ready};
use std::marker::PhantomData;

/// Somebody whose token carries the scope `S`.
#[derive(Clone, Debug)]
pub struct Caller<S> {
    claims: Claims,
    scope: PhantomData<S>,
}

impl<S> Caller<S> {
    /// The person or system that the token speaks for.
    pub fn subject(&self) -> &str {
        &self.claims.sub
    }

    /// The organisation to which every query must be narrowed; `None` for the operator (C25).
    pub fn tenant(&self) -> Option<&str> {
        match &self.claims.org {
            Org::Operator => None,
            Org::Organisation(slug) => Some(slug),
        }
    }

    /// Goes on only if the token opens this organisation; to others it looks as if nothing were there.
    pub fn reach(&self, organisation: &str) -> Result<(), Problem> {
        match self.tenant() {
            Some(own) if own != organisation => Err(Problem::not_found()),
            _ => Ok(()),
        }
    }

    /// Goes on only for the operator: what belongs to no organisation.
    pub fn operator(&self) -> Result<(), Problem> {
        if self.tenant().is_none() { Ok(()) } else { Err(ProblemType::OperatorOnly.into()) }
    }
}

impl<S: Scope> Caller<S> {
    /// The caller of a request for which only its body says that it needs a token.
    pub fn of(request: &HttpRequest) -> Result<Self, Problem> {
        authorise(request, S::NAME).map(|claims| Self { claims, scope: PhantomData })
    }
}

impl<S: Scope> FromRequest for Caller<S> {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Self::of(request))
    }
}

fn authorise(request: &HttpRequest, needed: ScopeName) -> Result<Claims, Problem> {
    let token = bearer(request)?;
    let app = App::of(request);
    let claims = app.keys.verify(token, app.clock.now()).map_err(Problem::from)?;
    if app.revocations.hold(&claims) {
        return Err(Refusal::Revoked.into());
    }
    if claims.allows(needed) { Ok(claims) } else { Err(insufficient(needed)) }
}

/// The token in the `Authorization` header.
fn bearer(request: &HttpRequest) -> Result<&str, Problem> {
    let value = request.headers().get(header::AUTHORIZATION).ok_or_else(missing)?;
    let value = value.to_str().unwrap_or_default();
    match value.split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => Ok(token.trim()),
        _ => Err(missing()),
    }
}

fn missing() -> Problem {
    let challenge = header::HeaderValue::from_static("Bearer realm=\"postbag\"");
    Problem::new(ProblemType::TokenMissing).header(header::WWW_AUTHENTICATE, challenge)
}

fn insufficient(needed: ScopeName) -> Problem {
    let challenge = format!("Bearer realm=\"postbag\", error=\"insufficient_scope\", scope=\"{needed}\"");
    Problem::new(ProblemType::ScopeInsufficient)
        .member("scope", needed.as_str())
        .header(header::WWW_AUTHENTICATE, challenge)
}

impl From<Refusal> for Problem {
    /// Only the log says which check failed.
    fn from(refusal: Refusal) -> Self {
        let challenge = header::HeaderValue::from_static("Bearer realm=\"postbag\", error=\"invalid_token\"");
        Self::new(ProblemType::TokenInvalid).header(header::WWW_AUTHENTICATE, challenge).caused_by(refusal)
    }
}

/// A bearer token that is not a JWT, such as a receipt token; what it opens is for the handler to check.
#[derive(Clone)]
pub struct Bearer(String);

impl Bearer {
    /// The token.
    pub fn token(&self) -> &str {
        &self.0
    }

    /// The problem for a token that opens nothing.
    pub fn refused() -> Problem {
        let challenge = header::HeaderValue::from_static("Bearer realm=\"postbag\", error=\"invalid_token\"");
        Problem::new(ProblemType::TokenInvalid).header(header::WWW_AUTHENTICATE, challenge)
    }
}

impl fmt::Debug for Bearer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Bearer(redacted)")
    }
}

impl FromRequest for Bearer {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(bearer(request).map(|token| Self(token.to_owned())))
    }
}
