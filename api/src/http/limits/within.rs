//! The extractor of a limited call.

use super::{Limits, Quota};
use crate::app::App;
use crate::http::network::ClientAddress;
use crate::http::problem::Problem;
use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpMessage, HttpRequest};
use std::future::{Ready, ready};
use std::marker::PhantomData;

/// Goes on only within a quota, which the answer announces.
#[derive(Clone, Copy, Debug)]
pub struct Within<Q>(PhantomData<Q>);

/// A quota as a type.
pub trait Limited: 'static {
    /// The quota.
    fn quota(limits: &Limits) -> &Quota;
}

/// Reports about the directory.
#[derive(Clone, Copy, Debug)]
pub struct Reports;

/// Submitting.
#[derive(Clone, Copy, Debug)]
pub struct Submissions;

impl Limited for Submissions {
    fn quota(limits: &Limits) -> &Quota {
        &limits.submissions
    }
}

/// Looking up whom a postcode would write to (C30).
#[derive(Clone, Copy, Debug)]
pub struct Targets;

/// Codes and links that do not fit (C24).
#[derive(Clone, Copy, Debug)]
pub struct Confirmations;

/// Asking for the link to preferences.
#[derive(Clone, Copy, Debug)]
pub struct PreferenceLinks;

impl Limited for PreferenceLinks {
    fn quota(limits: &Limits) -> &Quota {
        &limits.preference_links
    }
}

/// Complaints about the use of personal data.
#[derive(Clone, Copy, Debug)]
pub struct Complaints;

impl Limited for Complaints {
    fn quota(limits: &Limits) -> &Quota {
        &limits.complaints
    }
}

impl Limited for Confirmations {
    fn quota(limits: &Limits) -> &Quota {
        &limits.confirmations
    }
}

impl Limited for Reports {
    fn quota(limits: &Limits) -> &Quota {
        &limits.reports
    }
}

impl Limited for Targets {
    fn quota(limits: &Limits) -> &Quota {
        &limits.targets
    }
}

impl<Q: Limited> FromRequest for Within<Q> {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(count::<Q>(request).map(|()| Self(PhantomData)))
    }
}

/// Counts a request on a quota, or refuses it. For requests of which only the body says that they are limited.
pub(crate) fn count<Q: Limited>(request: &HttpRequest) -> Result<(), Problem> {
    match Q::quota(&App::of(request).limits).admit(ClientAddress::of(request)) {
        Ok(announcement) => {
            if let Some(announcement) = announcement {
                request.extensions_mut().insert(announcement);
            }
            Ok(())
        }
        Err(refusal) => {
            let problem = refusal.problem();
            request.extensions_mut().insert(refusal.announcement);
            Err(problem)
        }
    }
}
