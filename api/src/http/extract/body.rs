//! A body as a whole: within its size, and in time.

use crate::http::problem::{Problem, ProblemType};
use actix_web::body::{BodyStream, MessageBody};
use actix_web::dev::Payload;
use actix_web::http::header::{self, HeaderMap, HeaderValue};
use actix_web::web::{Bytes, BytesMut};
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::time::Sleep;

/// Refuses by its headers what need not be read.
pub(super) fn admit(
    headers: &HeaderMap,
    limit: usize,
    media_type: &str,
    fits: impl Fn(&str) -> bool,
) -> Result<(), Problem> {
    let encoded = headers.get_all(header::CONTENT_ENCODING).any(|value| value != "identity");
    if encoded {
        // actix inflates a chunk whole before any limit is applied (C20).
        return Err(ProblemType::ContentEncodingUnsupported.into());
    }
    if !headers.get(header::CONTENT_TYPE).is_some_and(|value| value.to_str().is_ok_and(fits)) {
        let wanted = format!("this call takes `Content-Type: {media_type}`");
        return Err(Problem::new(ProblemType::UnsupportedMediaType).detail(wanted));
    }
    let announced = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
    if announced.is_some_and(|length| length > limit) { Err(too_large(limit)) } else { Ok(()) }
}

/// Gathers a body of at most `limit` bytes within a deadline: actix times headers, not bodies (C18).
pub(super) struct WholeBody {
    chunks: BodyStream<Payload>,
    limit: usize,
    deadline: Duration,
    /// actix asks for a body before it hands over what came with the headers. Mostly that is all of it, so a body is asked for
    /// twice before a clock is started.
    was_asked: bool,
    clock: Option<Pin<Box<Sleep>>>,
    first: Bytes,
    /// Everything, the first chunk too, once there is a second.
    gathered: BytesMut,
}

impl WholeBody {
    pub(super) fn new(payload: Payload, limit: usize, deadline: Duration) -> Self {
        let chunks = BodyStream::new(payload);
        Self { chunks, limit, deadline, was_asked: false, clock: None, first: Bytes::new(), gathered: BytesMut::new() }
    }

    fn take(&mut self, chunk: Bytes) -> Result<(), Problem> {
        let so_far = self.first.len().max(self.gathered.len());
        if so_far + chunk.len() > self.limit {
            return Err(too_large(self.limit));
        }
        if self.first.is_empty() {
            self.first = chunk;
            return Ok(());
        }
        if self.gathered.is_empty() {
            self.gathered.extend_from_slice(&self.first);
        }
        self.gathered.extend_from_slice(&chunk);
        Ok(())
    }

    fn whole(&mut self) -> Bytes {
        if self.gathered.is_empty() { std::mem::take(&mut self.first) } else { self.gathered.split().freeze() }
    }

    /// Pending until there may be more of the body, or the problem that it did not come in time.
    fn wait(&mut self, context: &mut Context<'_>) -> Poll<Problem> {
        if !self.was_asked {
            self.was_asked = true;
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        let deadline = self.deadline;
        let clock = self.clock.get_or_insert_with(|| Box::pin(tokio::time::sleep(deadline)));
        clock.as_mut().poll(context).map(|()| late())
    }
}

impl Future for WholeBody {
    type Output = Result<Bytes, Problem>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        loop {
            match Pin::new(&mut self.chunks).poll_next(context) {
                Poll::Ready(Some(Ok(chunk))) => self.take(chunk)?,
                Poll::Ready(Some(Err(error))) => {
                    let cause = anyhow::anyhow!("{error}");
                    return Poll::Ready(Err(Problem::new(ProblemType::MalformedRequest).caused_by(cause)));
                }
                Poll::Ready(None) => return Poll::Ready(Ok(self.whole())),
                Poll::Pending => return self.wait(context).map(Err),
            }
        }
    }
}

fn too_large(limit: usize) -> Problem {
    Problem::new(ProblemType::ContentTooLarge).member("limit", limit)
}

/// What is left of the body will never be read, so the connection ends here.
fn late() -> Problem {
    Problem::new(ProblemType::RequestTimeout).header(header::CONNECTION, HeaderValue::from_static("close"))
}
