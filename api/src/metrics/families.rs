//! The kinds of metric, each with as many labels as its type says.

use prometheus::core::Collector;
use prometheus::{
    GaugeVec, Histogram, HistogramOpts, HistogramVec, IntCounter, IntCounterVec, IntGaugeVec, Opts, Registry,
};
use std::time::Duration;

/// The bounds of durations, in seconds.
const SECONDS: [f64; 13] = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0];

/// The bounds of sizes.
const SIZES: [f64; 11] = [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 512.0, 1024.0];

/// A metric with `N` labels.
pub(super) trait Family<const N: usize>: Sized {
    /// Its form in the registry.
    type Inner: Collector + Clone + 'static;

    fn new(inner: Self::Inner) -> Self;

    fn inner(name: &str, help: &str, labels: &[&str]) -> prometheus::Result<Self::Inner>;

    /// What has no label is there from the start, at zero.
    fn begin(&self);

    /// Makes it, and shows it with the others.
    fn add_to(registry: &Registry, name: &str, help: &str, labels: [&str; N]) -> prometheus::Result<Self> {
        let inner = Self::inner(name, help, &labels)?;
        registry.register(Box::new(inner.clone()))?;
        let family = Self::new(inner);
        if N == 0 {
            family.begin();
        }
        Ok(family)
    }
}

/// Declares a kind over a kind of the crate.
macro_rules! kind {
    ($(#[doc = $about:literal])+ $kind:ident, $inner:ty, $make:expr) => {
        $(#[doc = $about])+
        #[derive(Clone, Debug)]
        pub(crate) struct $kind<const N: usize>($inner);

        impl<const N: usize> Family<N> for $kind<N> {
            type Inner = $inner;

            fn new(inner: $inner) -> Self {
                Self(inner)
            }

            fn inner(name: &str, help: &str, labels: &[&str]) -> prometheus::Result<$inner> {
                $make(name, help, labels)
            }

            fn begin(&self) {
                drop(self.0.with_label_values(&[""; N]));
            }
        }
    };
}

kind!(
    /// Counts that only grow.
    Counters, IntCounterVec, |name, help, labels| IntCounterVec::new(Opts::new(name, help), labels)
);
kind!(
    /// Whole numbers as they are now.
    Gauges, IntGaugeVec, |name, help, labels| IntGaugeVec::new(Opts::new(name, help), labels)
);
kind!(
    /// Times as they are now.
    SecondsGauges, GaugeVec, |name, help, labels| GaugeVec::new(Opts::new(name, help), labels)
);
kind!(
    /// How long things took.
    Durations, HistogramVec, |name, help, labels| histogram(name, help, labels, &SECONDS)
);
kind!(
    /// How many things came together.
    Sizes, HistogramVec, |name, help, labels| histogram(name, help, labels, &SIZES)
);

fn histogram(name: &str, help: &str, labels: &[&str], bounds: &[f64]) -> prometheus::Result<HistogramVec> {
    HistogramVec::new(HistogramOpts::new(name, help).buckets(bounds.to_vec()), labels)
}

impl<const N: usize> Counters<N> {
    /// Counts one.
    pub(crate) fn count(&self, labels: [&str; N]) {
        self.of(labels).inc();
    }

    /// The counter of these labels, to be kept where it is counted often.
    pub(crate) fn of(&self, labels: [&str; N]) -> IntCounter {
        self.0.with_label_values(&labels)
    }

    /// Follows a count that is kept elsewhere.
    pub(crate) fn follow(&self, labels: [&str; N], count: u64) {
        let counter = self.of(labels);
        counter.inc_by(count.saturating_sub(counter.get()));
    }
}

impl<const N: usize> Gauges<N> {
    /// Tells a number.
    pub(crate) fn set(&self, labels: [&str; N], number: impl TryInto<i64>) {
        self.0.with_label_values(&labels).set(number.try_into().unwrap_or(i64::MAX));
    }

    /// Tells nothing any more.
    pub(crate) fn forget(&self) {
        self.0.reset();
    }
}

impl<const N: usize> SecondsGauges<N> {
    /// Tells a time.
    pub(crate) fn set(&self, labels: [&str; N], seconds: f64) {
        self.0.with_label_values(&labels).set(seconds);
    }

    /// Tells nothing any more.
    pub(crate) fn forget(&self) {
        self.0.reset();
    }
}

impl<const N: usize> Durations<N> {
    /// The histogram of these labels, to be kept where it is fed often.
    pub(crate) fn of(&self, labels: [&str; N]) -> Histogram {
        self.0.with_label_values(&labels)
    }

    /// Takes in how long one took.
    pub(crate) fn observe(&self, labels: [&str; N], took: Duration) {
        self.of(labels).observe(took.as_secs_f64());
    }
}

impl<const N: usize> Sizes<N> {
    /// Takes in one size.
    pub(crate) fn observe(&self, labels: [&str; N], size: usize) {
        self.0.with_label_values(&labels).observe(u32::try_from(size).map_or(f64::INFINITY, f64::from));
    }
}
