//! A whole internet message as a body, as mail systems hand it over.

use super::ADMIN_LIMIT;
use super::body::{WholeBody, admit};
use crate::app::App;
use crate::http::problem::Problem;
use actix_web::dev::Payload;
use actix_web::web::Bytes;
use actix_web::{FromRequest, HttpRequest};
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

/// The media type of an internet message.
pub(crate) const MESSAGE: &str = "message/rfc822";

/// A message of at most a mebibyte, unread.
pub(crate) struct RawMessage(pub(crate) Bytes);

impl FromRequest for RawMessage {
    type Error = Problem;
    type Future = ReadMessage;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let deadline = App::of(request).config.body_deadline();
        let admitted = admit(request.headers(), ADMIN_LIMIT, MESSAGE, |content_type| {
            content_type.split(';').next().is_some_and(|media| media.trim().eq_ignore_ascii_case(MESSAGE))
        });
        ReadMessage(admitted.map(|()| WholeBody::new(payload.take(), ADMIN_LIMIT, deadline)).map_err(Some))
    }
}

/// A message on its way.
pub(crate) struct ReadMessage(Result<WholeBody, Option<Problem>>);

impl Future for ReadMessage {
    type Output = Result<RawMessage, Problem>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        match &mut self.0 {
            Ok(body) => Pin::new(body).poll(context).map(|body| body.map(RawMessage)),
            // A future that has answered is not asked again.
            Err(refusal) => refusal.take().map_or(Poll::Pending, |problem| Poll::Ready(Err(problem))),
        }
    }
}
