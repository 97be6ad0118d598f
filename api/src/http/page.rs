//! Lists a page at a time (A6): the extractor of every list, and the answer of each page.

use crate::app::App;
use crate::http::extract::calendar::coded;
use crate::http::extract::query;
use crate::http::prepared::Prepared;
use crate::http::problem::{Answer, Problem};
use actix_web::dev::Payload;
use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::{FromRequest, HttpRequest, HttpResponse};
use chrono::{DateTime, Utc};
use postbag_domain::Flaw;
use postbag_persistence as persistence;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize};
use std::future::{Ready, ready};
use url::form_urlencoded;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// How many items a page holds if the caller does not say.
const DEFAULT_LIMIT: u8 = 20;

/// How many items a page holds: 1 to 100.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Limit(u8);

impl Default for Limit {
    fn default() -> Self {
        Self(DEFAULT_LIMIT)
    }
}

impl<'de> Deserialize<'de> for Limit {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match u8::deserialize(deserializer) {
            Ok(limit @ 1..=100) => Ok(Self(limit)),
            _ => Err(coded(Flaw::new("limit_range", "must be a whole number from 1 to 100"))),
        }
    }
}

/// The two parameters that every list takes.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct PageQuery {
    /// How many items a page holds.
    #[serde(default)]
    #[param(value_type = Option<u8>, minimum = 1, maximum = 100)]
    limit: Limit,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

impl PageQuery {
    fn takes(parameter: &str) -> bool {
        matches!(parameter, "limit" | "cursor")
    }
}

/// A list as a request asks for it. `F` is a struct that should refuse unknown fields.
#[derive(Debug)]
pub(crate) struct List<F> {
    pub(crate) filter: F,
    pub(crate) paging: Paging,
}

/// The filter of a list that takes none.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NoFilter {}

impl<F: DeserializeOwned> FromRequest for List<F> {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Self::of(request))
    }
}

impl<F: DeserializeOwned> List<F> {
    fn of(request: &HttpRequest) -> Answer<Self> {
        let pairs = form_urlencoded::parse(request.query_string().as_bytes());
        let (page, mut filter): (Vec<_>, Vec<_>) = pairs.partition(|(name, _)| PageQuery::takes(name));
        filter.sort_unstable();
        let name =
            address(request.path(), &form_urlencoded::Serializer::new(String::new()).extend_pairs(&filter).finish());
        let filter = query::parse_pairs(filter)?;
        Ok(Self { filter, paging: Paging { request: request.clone(), name, asked: query::parse_pairs(page)? } })
    }
}

/// Which page of a list is asked for.
#[derive(Debug)]
pub(crate) struct Paging {
    request: HttpRequest,
    /// The address of the list with its filters in one order: a cursor fits no other.
    name: String,
    asked: PageQuery,
}

impl Paging {
    fn size(&self) -> usize {
        usize::from(self.asked.limit.0)
    }

    /// The position after which the page starts; nothing for the first page.
    fn after<P: DeserializeOwned>(&self) -> Answer<Option<P>> {
        let cursors = &App::of(&self.request).cursors;
        self.asked.cursor.as_deref().map(|cursor| cursors.read(&self.name, cursor)).transpose()
    }

    fn cursor(&self, position: &impl Serialize) -> String {
        App::of(&self.request).cursors.write(&self.name, position)
    }

    /// The page as the database is asked for it.
    pub(crate) fn stored(&self) -> Answer<persistence::PageRequest> {
        let after: Option<(DateTime<Utc>, Uuid)> = self.after()?;
        let after = after.map(|(created_at, id)| persistence::Cursor { created_at, id });
        Ok(persistence::PageRequest { limit: self.asked.limit.0.into(), after })
    }

    /// A page that the database has cut.
    pub(crate) fn page<T>(&self, stored: persistence::Page<T>) -> Page<T> {
        let next_cursor = stored.next.map(|next| self.cursor(&(next.created_at, next.id)));
        Page { items: stored.items, next_cursor }
    }

    /// The page out of a list in memory, in the order of its keys, which must be unique.
    pub(crate) fn cut<T, K>(&self, found: impl IntoIterator<Item = T>, key: impl Fn(&T) -> K) -> Answer<Page<T>>
    where
        K: Ord + Serialize + DeserializeOwned,
    {
        let after: Option<K> = self.after()?;
        let is_left = |item: &T| after.as_ref().is_none_or(|after| key(item) > *after);
        let mut items: Vec<T> = found.into_iter().filter(is_left).collect();
        items.sort_unstable_by_key(&key);
        let is_last = items.len() <= self.size();
        items.truncate(self.size());
        let next_cursor = items.last().filter(|_| !is_last).map(|last| self.cursor(&key(last)));
        Ok(Page { items, next_cursor })
    }

    /// Answers a page that caches may keep for a moment.
    pub(crate) fn public<T: Serialize>(&self, page: &Page<T>) -> HttpResponse {
        let mut response = Prepared::of(page).answer(&self.request);
        let (name, links) = self.links(page);
        response.headers_mut().insert(name, links);
        response
    }

    /// Answers a page that is for its caller alone.
    pub(crate) fn private<T: Serialize>(&self, page: &Page<T>) -> HttpResponse {
        HttpResponse::Ok().insert_header(self.links(page)).json(page)
    }

    /// The `Link` header (RFC 8288): `first`, and `next` unless this is the last page.
    fn links<T>(&self, page: &Page<T>) -> (HeaderName, HeaderValue) {
        let mut value = format!("<{}>; rel=\"first\"", self.address(None));
        if let Some(cursor) = &page.next_cursor {
            value = format!("<{}>; rel=\"next\", {value}", self.address(Some(cursor)));
        }
        (header::LINK, HeaderValue::try_from(value).unwrap_or(HeaderValue::from_static("")))
    }

    /// The request's address with another cursor.
    fn address(&self, cursor: Option<&str>) -> String {
        let others = form_urlencoded::parse(self.request.query_string().as_bytes());
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(others.filter(|(name, _)| name != "cursor")).extend_pairs(cursor.map(|at| ("cursor", at)));
        address(self.request.path(), &query.finish())
    }
}

fn address(path: &str, query: &str) -> String {
    if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") }
}

/// One page of a list.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Page<T> {
    /// The items, in the order of the list.
    pub items: Vec<T>,
    /// The `cursor` for the next page; `null` on the last.
    pub next_cursor: Option<String>,
}

impl<T> Page<T> {
    /// The same page with other items, such as views of rows.
    pub fn map<U>(self, view: impl FnMut(T) -> U) -> Page<U> {
        Page { items: self.items.into_iter().map(view).collect(), next_cursor: self.next_cursor }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::samples;
    use crate::clock::Clock;
    use crate::http::problem::ProblemType;
    use actix_web::test::TestRequest;
    use actix_web::web::Data;
    use std::sync::Arc;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Filter {
        #[expect(dead_code, reason = "only its name counts")]
        colour: Option<String>,
    }

    fn list(app: &Arc<App>, uri: &str) -> Answer<List<Filter>> {
        let request = TestRequest::with_uri(uri).app_data(Data::from(Arc::clone(app))).to_http_request();
        List::of(&request)
    }

    fn cut(app: &Arc<App>, uri: &str) -> Answer<Page<i32>> {
        list(app, uri)?.paging.cut([3, 1, 2], |number| *number)
    }

    #[tokio::test]
    async fn pages_follow_one_another_in_the_order_of_keys() {
        let (app, _folder) = samples::app(Clock::system());
        let page = cut(&app, "/list?limit=2").unwrap();
        assert_eq!(page.items, [1, 2]);
        let next = page.next_cursor.unwrap();
        let page = cut(&app, &format!("/list?limit=2&cursor={next}")).unwrap();
        assert_eq!((page.items, page.next_cursor), (vec![3], None));
        assert!(cut(&app, "/list?limit=3").unwrap().next_cursor.is_none());
    }

    #[tokio::test]
    async fn a_cursor_fits_its_list_and_its_filters() {
        let (app, _folder) = samples::app(Clock::system());
        let next = cut(&app, "/list?colour=red&limit=1").unwrap().next_cursor.unwrap();
        assert!(cut(&app, &format!("/list?limit=2&cursor={next}&colour=%72ed")).is_ok());
        for other in ["/list?limit=1", "/list?colour=blue&limit=1", "/others?colour=red&limit=1"] {
            let refused = cut(&app, &format!("{other}&cursor={next}")).unwrap_err();
            assert_eq!(refused.kind(), ProblemType::CursorInvalid, "{other}");
        }
    }

    #[tokio::test]
    async fn links_keep_the_filters_and_change_the_cursor() {
        let (app, _folder) = samples::app(Clock::system());
        let paging = list(&app, "/v1/campaigns?colour=red&cursor=old").unwrap().paging;
        let page = Page::<i32> { items: vec![], next_cursor: Some("new".to_owned()) };
        let (_, link) = paging.links(&page);
        let expected = "</v1/campaigns?colour=red&cursor=new>; rel=\"next\", </v1/campaigns?colour=red>; rel=\"first\"";
        assert_eq!(link, expected);
    }

    #[tokio::test]
    async fn both_halves_of_a_query_are_checked() {
        let (app, _folder) = samples::app(Clock::system());
        for wrong in ["limit=0", "limit=101", "limit=1&limit=2", "size=1", "colour=red&colour=blue"] {
            assert_eq!(list(&app, &format!("/list?{wrong}")).unwrap_err().kind(), ProblemType::QueryInvalid, "{wrong}");
        }
    }
}
