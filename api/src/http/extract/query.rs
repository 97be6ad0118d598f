//! Query parameters: every one is known, given once, and named when it is wrong.

use super::pointer::{DataError, pointer, unescaped};
use crate::http::problem::Problem;
use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use postbag_domain::Flaw;
use serde::de::value::{Error, MapDeserializer};
use serde::de::{DeserializeOwned, Deserializer, Error as _, IntoDeserializer, Visitor};
use serde::forward_to_deserialize_any;
use std::borrow::Cow;
use std::future::{Ready, ready};

/// The query, as a struct that should refuse unknown fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Query<T>(pub T);

impl<T: DeserializeOwned> FromRequest for Query<T> {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(parse(request.query_string()).map(Self))
    }
}

fn parse<T: DeserializeOwned>(query: &str) -> Result<T, Problem> {
    parse_pairs(url::form_urlencoded::parse(query.as_bytes()))
}

/// Reads some of the pairs of a query.
pub(crate) fn parse_pairs<'q, T: DeserializeOwned>(
    pairs: impl IntoIterator<Item = (Cow<'q, str>, Cow<'q, str>)>,
) -> Result<T, Problem> {
    let pairs = pairs.into_iter().map(|(name, value)| (name, Value(value)));
    serde_path_to_error::deserialize(MapDeserializer::<_, Error>::new(pairs)).map_err(|error| {
        let at = pointer(error.path());
        refuse(&error.into_inner().to_string(), at)
    })
}

fn refuse(message: &str, at: String) -> Problem {
    let DataError { pointer, mut flaw } = DataError::read(message, at);
    if flaw.code() == "field_unknown" {
        flaw = Flaw::new(
            "field_unknown",
            flaw.detail().replacen("is not a field here", "is not a parameter of this call", 1),
        );
    }
    let name = unescaped(pointer.trim_start_matches('/'));
    Problem::parameter(name, &flaw)
}

/// One value of a query: text, which a field may read as something else.
struct Value<'a>(Cow<'a, str>);

impl<'de, 'a: 'de> IntoDeserializer<'de, Error> for Value<'a> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

/// Reads the text as a number or a boolean, as the field wants it.
macro_rules! parsed {
    ($($method:ident => $visit:ident, $expected:literal;)+) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
            match self.0.parse() {
                Ok(value) => visitor.$visit(value),
                Err(_) => Err(Error::custom(concat!("invalid type: text, expected ", $expected))),
            }
        }
    )+};
}

impl<'de, 'a: 'de> Deserializer<'de> for Value<'a> {
    type Error = Error;

    parsed! {
        deserialize_bool => visit_bool, "true or false";
        deserialize_u8 => visit_u8, "u8";
        deserialize_u16 => visit_u16, "u16";
        deserialize_u32 => visit_u32, "u32";
        deserialize_u64 => visit_u64, "u64";
        deserialize_i32 => visit_i32, "i32";
        deserialize_i64 => visit_i64, "i64";
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.0 {
            Cow::Borrowed(text) => visitor.visit_borrowed_str(text),
            Cow::Owned(text) => visitor.visit_string(text),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        let text: serde::de::value::CowStrDeserializer<'a, Error> = self.0.into_deserializer();
        text.deserialize_enum(name, variants, visitor)
    }

    forward_to_deserialize_any! {
        i8 i16 i128 u128 f32 f64 char str string bytes byte_buf unit unit_struct seq tuple tuple_struct map struct
        identifier ignored_any
    }
}

#[cfg(test)]
mod tests {
    use crate::http::problem::ProblemType;
    use actix_web::body::MessageBody;
    use postbag_domain::Nation;
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct List {
        nation: Option<Nation>,
        limit: Option<u8>,
        test: Option<bool>,
    }

    fn refused(query: &str) -> String {
        let problem = parse::<List>(query).unwrap_err();
        assert_eq!(problem.kind(), ProblemType::QueryInvalid);
        let body = problem.respond(None).into_body().try_into_bytes().unwrap();
        let body: serde_json::Value = serde_json::from_slice(&body).unwrap();
        let error = &body["errors"][0];
        format!("{} {}", error["parameter"].as_str().unwrap(), error["code"].as_str().unwrap())
    }

    #[test]
    fn typed_values_are_read() {
        let list = parse::<List>("nation=wales&limit=7&test=true").unwrap();
        assert_eq!((list.nation, list.limit, list.test), (Some(Nation::Wales), Some(7), Some(true)));
        assert_eq!(parse::<List>("").unwrap().limit, None);
    }

    #[test]
    fn each_wrong_parameter_is_named() {
        assert_eq!(refused("colour=red"), "colour field_unknown");
        assert_eq!(refused("limit=many"), "limit field_type");
        assert_eq!(refused("limit=1&limit=2"), "limit field_duplicate");
        assert_eq!(refused("nation=france"), "nation field_invalid");
        assert_eq!(refused("test=perhaps"), "test field_type");
    }
}
