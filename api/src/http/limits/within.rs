//! The extractor of a limited call.

use super::announcement::{Announcement, Refused};
use super::client::Client;
use super::{Limits, Quota, announced};
use crate::app::App;
use crate::http::problem::{Answer, Problem};
use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use std::future::{Ready, ready};
use std::marker::PhantomData;

/// Goes on only within a quota, which the answer announces.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Within<Q>(PhantomData<Q>);

/// A quota as a type.
pub(crate) trait Limited: 'static {
    /// The quota.
    fn quota(limits: &Limits) -> &Quota;
}

/// Declares quotas as types.
macro_rules! limited {
    ($($name:ident = $quota:ident, $doc:literal;)+) => {
        $(
            #[doc = $doc]
            #[derive(Clone, Copy, Debug)]
            pub(crate) struct $name;

            impl Limited for $name {
                fn quota(limits: &Limits) -> &Quota {
                    &limits.$quota
                }
            }
        )+
    };
}

limited! {
    Reports = reports, "Reports about the directory.";
    Targets = targets, "Looking up whom a postcode would write to (C30).";
    Confirmations = confirmations, "Codes and links that do not fit (C24).";
    PreferenceLinks = preference_links, "Asking for the link to preferences.";
    Complaints = complaints, "Complaints about the use of personal data.";
    Appeals = appeals, "Appeals against decisions on submissions.";
}

impl<Q: Limited> FromRequest for Within<Q> {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(count::<Q>(request).map(|()| Self(PhantomData)))
    }
}

/// Counts a request on a quota that its answer does not announce; false if that is used up.
pub(crate) fn is_within<Q: Limited>(request: &HttpRequest) -> Answer<bool> {
    Ok(charge::<Q>(request)?.is_ok())
}

/// Counts a request on a quota, or refuses it. For requests of which only the body says that they are limited.
pub(crate) fn count<Q: Limited>(request: &HttpRequest) -> Answer<()> {
    announced(request, &App::of(request).metrics, charge::<Q>(request)?)
}

fn charge<Q: Limited>(request: &HttpRequest) -> Answer<Result<Option<Announcement>, Refused>> {
    let limits = &App::of(request).limits;
    let charges = Q::quota(limits).charges(&Client::of(request)?);
    Ok(limits.counters.charge(&charges))
}
