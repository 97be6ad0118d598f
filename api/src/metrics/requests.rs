//! The requests that one thread answers, counted without a lock: each series is looked up once.

use super::Metrics;
use actix_web::http::{Method, StatusCode};
use prometheus::{Histogram, IntCounter};
use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

/// The route of what no route answered.
const UNMATCHED: &str = "unmatched";

/// Counts the requests of one thread of a listener.
#[derive(Debug)]
pub(crate) struct RequestCounts {
    metrics: Arc<Metrics>,
    listener: &'static str,
    /// By route: few, since they are templates.
    known: RefCell<HashMap<String, Vec<Series>>>,
}

/// What is counted of one route under one method and status.
#[derive(Debug)]
struct Series {
    method: &'static str,
    status: StatusCode,
    requests: IntCounter,
    seconds: Histogram,
}

impl Series {
    fn count(&self, took: Duration) {
        self.requests.inc();
        self.seconds.observe(took.as_secs_f64());
    }
}

impl RequestCounts {
    pub(crate) fn new(metrics: Arc<Metrics>, listener: &'static str) -> Self {
        Self { metrics, listener, known: RefCell::default() }
    }

    /// Counts an answer. The route is a template, and nothing for a path that is not known.
    pub(crate) fn count(&self, route: Option<&str>, method: &Method, status: StatusCode, took: Duration) {
        let (route, method) = (route.unwrap_or(UNMATCHED), method_word(method));
        let is_it = |series: &&Series| series.method == method && series.status == status;
        if let Some(series) = self.known.borrow().get(route).and_then(|series| series.iter().find(is_it)) {
            return series.count(took);
        }
        let series = self.series(route, method, status);
        series.count(took);
        self.known.borrow_mut().entry(route.to_owned()).or_default().push(series);
    }

    /// Counts a problem.
    pub(crate) fn count_problem(&self, route: Option<&str>, method: &Method, slug: &'static str) {
        self.metrics.problems.count([route.unwrap_or(UNMATCHED), method_word(method), slug]);
    }

    fn series(&self, route: &str, method: &'static str, status: StatusCode) -> Series {
        let requests = self.metrics.requests.of([self.listener, route, method, status.as_str()]);
        let seconds = self.metrics.request_seconds.of([self.listener, route, method]);
        Series { method, status, requests, seconds }
    }
}

/// The method, where it is one of HTTP's own: others are the client's invention.
pub(crate) fn method_word(method: &Method) -> &'static str {
    let known = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
    known.into_iter().find(|word| method.as_str() == *word).unwrap_or("other")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_clients_invent_makes_no_series() {
        let metrics = Arc::new(Metrics::new().unwrap());
        let threads = [0, 1].map(|_| RequestCounts::new(Arc::clone(&metrics), "public"));
        for number in 0..50 {
            let method = Method::from_bytes(format!("X{number}").as_bytes()).unwrap();
            threads[number % 2].count(None, &method, StatusCode::NOT_FOUND, Duration::from_millis(1));
        }
        threads[0].count(Some("/livez"), &Method::GET, StatusCode::OK, Duration::from_millis(1));
        let text = metrics.text().unwrap();
        let counts: Vec<_> = text.lines().filter(|line| line.starts_with("postbag_http_requests_total{")).collect();
        assert_eq!(
            counts,
            [
                "postbag_http_requests_total{listener=\"public\",method=\"GET\",route=\"/livez\",status=\"200\"} 1",
                "postbag_http_requests_total{listener=\"public\",method=\"other\",route=\"unmatched\",status=\"404\"} 50",
            ]
        );
    }
}
