//! Lists a page at a time, by an opaque cursor (A6).

use crate::app::App;
use crate::http::extract::calendar::coded;
use crate::http::prepared::Prepared;
use crate::http::problem::{Answer, Problem, ProblemType};
use crate::secrets::Seal;
use actix_web::HttpRequest;
use actix_web::http::header::{self, HeaderName, HeaderValue};
use chrono::{DateTime, Utc};
use postbag_domain::Flaw;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// How many items a page holds if the caller does not say.
const DEFAULT_LIMIT: u8 = 20;

/// How many items a page holds: 1 to 100.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit(u8);

impl Limit {
    /// As a number for a query. Ask for one more than this to learn whether there is a next page.
    pub const fn get(self) -> u8 {
        self.0
    }
}

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

/// One page of a list.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Page<T> {
    /// The items, in the order of the list.
    pub items: Vec<T>,
    /// What to send as `cursor` for the next page; `null` on the last.
    pub next_cursor: Option<String>,
}

impl<T> Page<T> {
    /// A page out of up to one item more than `limit`: the extra one only shows that there is a next page.
    ///
    /// `position` gives the key of an item, after which the next page starts.
    pub fn cut<P: Serialize>(
        mut items: Vec<T>,
        limit: Limit,
        cursors: &Cursors,
        list: &str,
        position: impl Fn(&T) -> P,
    ) -> Self {
        let size = usize::from(limit.get());
        let more = items.len() > size;
        items.truncate(size);
        let end = if more { items.last() } else { None };
        let next_cursor = end.map(|item| cursors.write(list, &position(item)));
        Self { items, next_cursor }
    }

    /// A page that the store has cut.
    pub(crate) fn stored(page: postbag_persistence::Page<T>, cursors: &Cursors, list: &str) -> Self {
        let next_cursor = page.next.map(|next| cursors.write(list, &(next.created_at, next.id)));
        Self { items: page.items, next_cursor }
    }

    /// The same page with other items, such as views of rows.
    pub fn map<U>(self, view: impl FnMut(T) -> U) -> Page<U> {
        Page { items: self.items.into_iter().map(view).collect(), next_cursor: self.next_cursor }
    }

    /// The `Link` header (RFC 8288): `first`, and `next` unless this is the last page.
    pub fn links(&self, request: &HttpRequest) -> (HeaderName, HeaderValue) {
        let first = address(request, None);
        let next = self.next_cursor.as_ref().map(|cursor| address(request, Some(cursor)));
        let value = match next {
            Some(next) => format!("<{next}>; rel=\"next\", <{first}>; rel=\"first\""),
            None => format!("<{first}>; rel=\"first\""),
        };
        (header::LINK, HeaderValue::try_from(value).unwrap_or(HeaderValue::from_static("")))
    }
}

/// This request's address with another cursor.
fn address(request: &HttpRequest, cursor: Option<&str>) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    let others = url::form_urlencoded::parse(request.query_string().as_bytes()).filter(|(name, _)| name != "cursor");
    query.extend_pairs(others);
    if let Some(cursor) = cursor {
        query.append_pair("cursor", cursor);
    }
    match query.finish() {
        query if query.is_empty() => request.path().to_owned(),
        query => format!("{}?{query}", request.path()),
    }
}

/// One page of a list in memory, in the order of its keys.
pub(crate) fn of_memory<T, K, V>(
    request: &HttpRequest,
    list: &str,
    (limit, cursor): (Limit, Option<&str>),
    found: impl Iterator<Item = T>,
    key: impl Fn(&T) -> K,
    view: impl FnMut(T) -> V,
) -> Answer
where
    K: Ord + Serialize + DeserializeOwned,
    V: Serialize,
{
    let cursors: &Cursors = &App::of(request).cursors;
    let after: Option<K> = cursors.read_optional(list, cursor)?;
    let mut rest: Vec<T> = found.filter(|item| after.as_ref().is_none_or(|after| key(item) > *after)).collect();
    rest.sort_unstable_by_key(&key);
    rest.truncate(usize::from(limit.get()) + 1);
    Ok(Prepared::page(&Page::cut(rest, limit, cursors, list, &key).map(view), request))
}

/// Which page of a stored list is wanted.
pub(crate) fn request(
    limit: Limit,
    cursors: &Cursors,
    list: &str,
    cursor: Option<&str>,
) -> Result<postbag_persistence::PageRequest, Problem> {
    let after: Option<(DateTime<Utc>, Uuid)> = cursors.read_optional(list, cursor)?;
    let after = after.map(|(created_at, id)| postbag_persistence::Cursor { created_at, id });
    Ok(postbag_persistence::PageRequest { limit: limit.get().into(), after })
}

/// Writes and reads cursors: a position in a list that only this server can have written.
#[derive(Clone, Debug)]
pub struct Cursors(Seal);

impl Cursors {
    /// Cursors under the server's secrets, the newest first.
    pub fn new<'s>(secrets: impl IntoIterator<Item = &'s [u8]>) -> Self {
        Self(Seal::new(secrets, "cursor"))
    }

    /// A cursor at `position` of `list`. The list's name should hold its filters, so that a cursor fits no other list.
    pub fn write(&self, list: &str, position: &impl Serialize) -> String {
        self.0.close(list, &serde_json::to_vec(position).unwrap_or_default())
    }

    /// The position in `list`, or the problem `cursor-invalid` for anything this server did not write for it.
    pub fn read<P: DeserializeOwned>(&self, list: &str, cursor: &str) -> Result<P, Problem> {
        let payload = self.0.open(list, cursor);
        let position = payload.and_then(|payload| serde_json::from_slice(&payload).ok());
        position.ok_or_else(|| ProblemType::CursorInvalid.into())
    }

    /// [`Cursors::read`] for a cursor that need not be there.
    pub fn read_optional<P: DeserializeOwned>(&self, list: &str, cursor: Option<&str>) -> Result<Option<P>, Problem> {
        cursor.map(|cursor| self.read(list, cursor)).transpose()
    }
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn cursors() -> Cursors {
        Cursors::new([b"0123456789abcdef0123456789abcdef".as_slice()])
    }

    #[test]
    fn a_cursor_comes_back_as_it_was_written_and_only_for_its_list() {
        let cursor = cursors().write("campaigns", &(17, "x"));
        assert_eq!(cursors().read::<(i64, String)>("campaigns", &cursor).unwrap(), (17, "x".to_owned()));
        let refused = cursors().read::<(i64, String)>("actions", &cursor).unwrap_err();
        assert_eq!(refused.kind(), ProblemType::CursorInvalid);
    }

    #[test]
    fn only_a_full_page_with_more_behind_it_has_a_next() {
        let limit = Limit(2);
        let page = Page::cut(vec![1, 2, 3], limit, &cursors(), "l", |n| *n);
        assert_eq!(page.items, [1, 2]);
        assert_eq!(cursors().read::<i32>("l", page.next_cursor.as_deref().unwrap()).unwrap(), 2);
        assert!(Page::cut(vec![1, 2], limit, &cursors(), "l", |n| *n).next_cursor.is_none());
    }

    #[test]
    fn links_keep_the_filters_and_change_the_cursor() {
        let request = TestRequest::with_uri("/v1/campaigns?nation=wales&cursor=old").to_http_request();
        let page = Page::<i32> { items: vec![], next_cursor: Some("new".to_owned()) };
        let (_, link) = page.links(&request);
        let expected =
            "</v1/campaigns?nation=wales&cursor=new>; rel=\"next\", </v1/campaigns?nation=wales>; rel=\"first\"";
        assert_eq!(link, expected);
    }
}
