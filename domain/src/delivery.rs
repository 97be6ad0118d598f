//! The rules for one message to one representative: its states, who receives it, how fast messages leave, when it is tried
//! again, and when the relay or a domain is left in peace.

mod back_off;
mod command;
mod decision;
mod hours;
mod pace;
mod plan;
mod recipient;
mod retry;
mod state;
mod stop;

pub use back_off::{BackOff, Lesson, Pauses};
pub use command::DeliveryCommand;
pub use decision::{Decision, goes_to_successor};
pub use hours::SendingHours;
pub use pace::{Cap, Caps, Jitter, PACE_WINDOW, Pace, PaceKey, PaceScope};
pub use plan::{Forecast, Queue, QueueForecast};
pub use recipient::{Addressed, Recipient};
pub use retry::{ATTEMPTS_IN_DOUBT, Attempts, BOUNCE_PERIOD, Outlook, RETRY_PERIOD, retry_after};
pub use state::{DeliveryEvent, DeliveryState, ForbiddenTransition, HeldFor};
pub use stop::{Stop, StopScope, Stopped, StoppedWork, Stops, Submitted};
