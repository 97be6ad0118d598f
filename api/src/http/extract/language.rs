//! The languages a caller prefers (RFC 9110 section 12.5.4).

use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::{FromRequest, HttpRequest};
use std::future::{Ready, ready};

/// Language tags from `Accept-Language`, best first, in lower case. Without the header there are none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AcceptLanguage(Vec<String>);

impl AcceptLanguage {
    /// The first of `offered` that the caller would like, or else `fallback`.
    #[expect(clippy::needless_pass_by_value, reason = "an iterator is cloned for each language, which takes a value")]
    pub fn choose<'a>(&self, offered: impl IntoIterator<Item = &'a str> + Clone, fallback: &'a str) -> &'a str {
        let accepted = self.0.iter().find_map(|wanted| {
            let primary = wanted.split('-').next().unwrap_or_default();
            let mut offers = offered.clone().into_iter();
            offers.find(|offer| wanted == "*" || offer.eq_ignore_ascii_case(wanted) || *offer == primary)
        });
        accepted.unwrap_or(fallback)
    }

    fn parse(value: &str) -> Self {
        let weighed = value.split(',').take(20).filter_map(|member| {
            let (tag, weight) = member.split_once(';').unwrap_or((member, "q=1"));
            let weight: f32 = weight.trim().strip_prefix("q=")?.parse().ok()?;
            let tag = tag.trim().to_ascii_lowercase();
            (weight > 0.0 && !tag.is_empty()).then_some((tag, weight))
        });
        let mut weighed: Vec<_> = weighed.collect();
        weighed.sort_by(|(_, a), (_, b)| b.total_cmp(a));
        Self(weighed.into_iter().map(|(tag, _)| tag).collect())
    }
}

impl FromRequest for AcceptLanguage {
    type Error = std::convert::Infallible;
    type Future = Ready<Result<Self, Self::Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let value = request.headers().get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
        ready(Ok(value.map(Self::parse).unwrap_or_default()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_heaviest_offered_language_is_chosen() {
        let offered = ["en", "cy"];
        assert_eq!(AcceptLanguage::parse("cy, en;q=0.8").choose(offered, "en"), "cy");
        assert_eq!(AcceptLanguage::parse("en;q=0.2, cy-GB;q=0.9").choose(offered, "en"), "cy");
        assert_eq!(AcceptLanguage::parse("fr, *;q=0.1").choose(offered, "cy"), "en");
        assert_eq!(AcceptLanguage::parse("fr, cy;q=0").choose(offered, "en"), "en");
        assert_eq!(AcceptLanguage::default().choose(offered, "en"), "en");
    }
}
