//! Answers made once and given many times.

use crate::http::etag::ETag;
use crate::http::problem::{Answer, Problem};
use actix_web::http::header::{self, HeaderValue};
use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse};
use serde::Serialize;

/// What caches may do with public answers: keep them for a moment, then ask again with the tag (A22).
const SHORTLY: HeaderValue = HeaderValue::from_static("public, max-age=1");

/// A file for a spreadsheet.
const CSV: HeaderValue = HeaderValue::from_static("text/csv; charset=utf-8");

/// A public answer with its strong tag.
#[derive(Clone, Debug)]
pub(crate) struct Prepared {
    content_type: HeaderValue,
    bytes: Bytes,
    etag: ETag,
    tag: HeaderValue,
}

impl Prepared {
    /// Renders a JSON answer.
    pub(crate) fn of(view: &impl Serialize) -> Self {
        let bytes = serde_json::to_vec(view).unwrap_or_default();
        Self::new(HeaderValue::from_static("application/json"), bytes)
    }

    fn new(content_type: HeaderValue, bytes: Vec<u8>) -> Self {
        let bytes = Bytes::from(bytes);
        let etag = ETag::of_content(&bytes);
        let tag = etag.value();
        Self { content_type, bytes, etag, tag }
    }

    /// A whole list as a file for a spreadsheet: a row of names, then one row for each item.
    pub(crate) fn csv<T: Serialize>(file: &str, rows: impl IntoIterator<Item = T>, request: &HttpRequest) -> Answer {
        let mut response = Self::new(CSV, table(rows)?).answer(request);
        response.headers_mut().insert(header::CONTENT_DISPOSITION, named(file)?);
        Ok(response)
    }

    /// The same for its caller alone.
    pub(crate) fn private_csv<T: Serialize>(file: &str, rows: impl IntoIterator<Item = T>) -> Answer {
        let mut response = HttpResponse::Ok();
        response.insert_header((header::CONTENT_TYPE, CSV)).insert_header((header::CONTENT_DISPOSITION, named(file)?));
        Ok(response.body(table(rows)?))
    }

    /// The answer, or 304 for a caller that has it already.
    pub(crate) fn answer(&self, request: &HttpRequest) -> HttpResponse {
        let known = request.headers().contains_key(header::IF_NONE_MATCH) && self.etag.is_known_to(request);
        let mut response = if known { HttpResponse::NotModified() } else { HttpResponse::Ok() };
        response.insert_header((header::ETAG, self.tag.clone())).insert_header((header::CACHE_CONTROL, SHORTLY));
        if known {
            return response.finish();
        }
        response.insert_header((header::CONTENT_TYPE, self.content_type.clone()));
        response.body(self.bytes.clone())
    }
}

fn table<T: Serialize>(rows: impl IntoIterator<Item = T>) -> Answer<Vec<u8>> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    rows.into_iter().try_for_each(|row| writer.serialize(row)).map_err(Problem::internal)?;
    writer.into_inner().map_err(Problem::internal)
}

fn named(file: &str) -> Answer<HeaderValue> {
    HeaderValue::try_from(format!("attachment; filename=\"{file}.csv\"")).map_err(Problem::internal)
}
